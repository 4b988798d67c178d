"""Site visits as data: the stops, and what was seen there, for other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from assembly.models import Event, ObservationSheet, Openness, SiteVisit
from assembly.services.site_visits.observations import shown_photos

PhotoAddress = Callable[[int], str]


def visits_document(
    planned: Iterable[Event],
    visits: Mapping[int, SiteVisit],
    sheets: Mapping[int, Sequence[ObservationSheet]],
    *,
    photo_address: PhotoAddress,
) -> dict[str, Any]:
    """Return for JSON what the programme's page shows of site visits; `planned` are public events.

    Where to meet stands there only for visits that are open to everyone. Neither the number for emergencies nor who
    wrote a sheet is in it. `photo_address` gives the address of a photo.
    """
    return {
        "site_visits": [
            _visit(event, visits.get(event.id), sheets.get(event.id, ()), photo_address)
            for event in planned
            if event.id in visits or event.id in sheets
        ]
    }


def _visit(
    event: Event, visit: SiteVisit | None, sheets: Sequence[ObservationSheet], photo_address: PhotoAddress
) -> dict[str, Any]:
    is_open = event.openness is Openness.PUBLIC and visit is not None
    return {
        "event": event.uid,
        "meeting_point": visit.meeting_point if is_open and visit else None,
        "step_free_way": visit.step_free_way if is_open and visit else None,
        "stops": [
            {"name": stop.name, "metres": stop.metres, "surface": stop.surface.value, "about": stop.about}
            for stop in (visit.stops if visit else ())
        ],
        "observations": [
            {
                "stop": sheet.stop.name if sheet.stop else None,
                "seen": sheet.seen,
                "heard": sheet.heard,
                "questions": sheet.questions,
                "photos": [
                    {"address": photo_address(photo.id), "alt_text": photo.alt_text} for photo in shown_photos(sheet)
                ],
            }
            for sheet in sheets
        ],
    }
