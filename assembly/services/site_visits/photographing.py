"""Who on a visit must not be photographed: whoever has not agreed to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy.orm import Session

from assembly.models import AttendanceState, ConsentKind, Event
from assembly.services.attendance import people
from assembly.services.attendance.people import Listed
from assembly.services.members import consents


@dataclasses.dataclass(frozen=True, slots=True)
class Photographing:
    """The people who are expected on a visit, by whether photos of them may be taken; by the number of their seat."""

    agreed: Sequence[Listed]
    not_agreed: Sequence[Listed]


def photographing_at(session: Session, event: Event) -> Photographing:
    """Return who may be photographed at an event, and who must not be."""
    agreed = consents.who_agreed(session, event.assembly, ConsentKind.PHOTO)
    expected = [one for one in people.people_of(session, event) if one.state is not AttendanceState.EXCUSED]
    ordered = sorted(expected, key=lambda one: one.number)
    return Photographing(
        [one for one in ordered if one.member.respondent_id in agreed],
        [one for one in ordered if one.member.respondent_id not in agreed],
    )
