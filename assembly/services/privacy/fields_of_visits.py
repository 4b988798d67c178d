"""What is kept of those who write down what was seen on site visits, and of those who may be in the photos."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from assembly.models import ObservationSheet, SiteVisit, VisitPhoto, VisitStop
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, by_column, table_of


def _photos_by(respondent_ids: Collection[int]) -> sa.ColumnElement[bool]:
    sheets = sa.select(ObservationSheet.id).where(ObservationSheet.respondent_id.in_(respondent_ids))
    return table_of(VisitPhoto).c.sheet_id.in_(sheets)


VISITS = (
    Declared(
        table_of(SiteVisit),
        marked("Site visits"),
        kept=(
            Kept(
                ("safety_contact", "safety_phone"),
                marked("Who is called in an emergency on a site visit"),
                marked("So that help comes; staff see it, and members from the day before."),
                Basis.TASK,
                (Deadline.VISITS,),
            ),
        ),
        others=frozenset(
            {
                *("event_id", "meeting_point", "step_free_way", "no_step_free_reason", "benches", "toilets"),
                *("group_size", "transport", "transport_seats", "weather_plan", "remote_text", "remote_link"),
                *("remote_material_id", "plain_text"),
            }
        ),
    ),
    Declared(
        table_of(VisitStop),
        marked("Stops of site visits"),
        others=frozenset({"id", "event_id", "position", "name", "metres", "surface", "about"}),
    ),
    Declared(  # before the sheets: whose a photo is stands there
        table_of(VisitPhoto),
        marked("Photos from site visits"),
        kept=(
            Kept(
                ("content", "thumbnail", "alt_text", "width", "height", "added_at", "agreed_at"),
                marked("Photos, what they show in words, and when the people in them agreed"),
                marked("To show what was seen. Place, time and camera are not kept. Shown once all in them agreed."),
                Basis.CONSENT,
                (Deadline.VISITS,),
            ),
        ),
        others=frozenset({"id", "sheet_id"}),
        rows=_photos_by,
        own=True,
    ),
    Declared(
        table_of(ObservationSheet),
        marked("What was seen on site visits"),
        kept=(
            Kept(
                ("respondent_id",),
                marked("Which member wrote down what was seen"),
                marked("So that the member can change it; nobody else reads who it was."),
                Basis.CONSENT,
                (Deadline.MEMBERS, Deadline.NOT_DRAWN),
            ),
            Kept(
                ("seen", "heard", "questions", "written_at"),
                marked("What was seen, heard and asked, without names"),
                marked("It is a part of what the assembly knows. What was never published is deleted earlier."),
                Basis.TASK,
                (Deadline.PROOFS,),
            ),
        ),
        others=frozenset({"id", "event_id", "stop_id", "is_published"}),
        rows=by_column(ObservationSheet),
        emptied=("respondent_id",),
    ),
)
