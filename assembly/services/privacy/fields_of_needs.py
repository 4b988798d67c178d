"""What is kept of what members need, and of those who provide it."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from assembly.models import Booking, EventNeed, LeadTime, Provider, SupportNeed
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, by_column, table_of

UNTIL = (Deadline.NEEDS, Deadline.NOT_DRAWN)


def _of_their_needs(respondent_ids: Collection[int]) -> sa.ColumnElement[bool]:
    theirs = sa.select(SupportNeed.id).where(SupportNeed.respondent_id.in_(respondent_ids))
    return EventNeed.need_id.in_(theirs)


NEEDS = (
    Declared(
        table_of(EventNeed),
        marked("Support needs at single events"),
        kept=(
            Kept(
                ("is_needed", "state", "answer"),
                marked("Whether a member needs support at an event, and what was arranged or why not"),
                marked("So that members know what they can rely on. Only those who support people read it."),
                Basis.CONSENT,
                UNTIL,
            ),
        ),
        others=frozenset({"need_id", "event_id"}),
        rows=_of_their_needs,
        own=True,
    ),
    Declared(
        table_of(SupportNeed),
        marked("Support needs"),
        kept=(
            Kept(
                (*("kind", "language", "children", "ages", "text", "for_all_events"), "recorded_at", "recorded_by_id"),
                marked("What a member needs in order to take part"),
                marked(
                    "To provide it: interpreters, childcare, accessible rooms. Only those who support people read it."
                ),
                Basis.CONSENT,
                UNTIL,
            ),
        ),
        others=frozenset({"id", "respondent_id"}),
        rows=by_column(SupportNeed),
        own=True,
    ),
    Declared(table_of(LeadTime), marked("Lead times of support"), others=frozenset({"assembly_id", "kind", "days"})),
    Declared(
        table_of(Provider),
        marked("Providers of support"),
        kept=(
            Kept(
                ("name", "contact"),
                marked("Name and contact of interpreters and others who provide support"),
                marked("To book them for events, and to tell members who will be there."),
                Basis.TASK,
                UNTIL,
            ),
        ),
        others=frozenset({"id", "assembly_id", "kinds", "is_one_person"}),
    ),
    Declared(
        table_of(Booking),
        marked("Bookings of support"),
        others=frozenset({*("id", "event_id", "kind", "language", "provider_id", "people", "state", "is_to_be_told")}),
    ),
)
