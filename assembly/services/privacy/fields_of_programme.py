"""What is kept of those who lead events and of those who say how these were; all else is about nobody."""

from __future__ import annotations

from assembly.models import (
    AgendaItem,
    Event,
    Facilitation,
    Feedback,
    FeedbackGiven,
    FeedbackPublication,
    Place,
    Programme,
    Room,
)
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, by_column, table_of

PROGRAMME = (
    Declared(table_of(Programme), marked("Holidays that are avoided"), others=frozenset({"assembly_id", "state"})),
    Declared(
        table_of(Place),
        marked("Places"),
        others=frozenset(
            {
                *("id", "assembly_id", "name", "street", "postcode", "city", "map_link", "transit_stop", "directions"),
                *("is_step_free", "has_accessible_toilet", "has_quiet_room"),
            }
        ),
    ),
    Declared(
        table_of(Room),
        marked("Rooms"),
        others=frozenset({"id", "place_id", "name", "capacity", "is_step_free", "has_induction_loop"}),
    ),
    Declared(
        table_of(Event),
        marked("Events"),
        others=frozenset(
            {
                *("id", "assembly_id", "uid", "sequence", "kind", "state", "mode", "openness", "title", "description"),
                *("plain_description", "to_bring", "starts_at", "ends_at", "room_id", "online_link", "change_note"),
                *("published_at", "changed_at"),
            }
        ),
    ),
    Declared(
        table_of(Facilitation),
        marked("Who leads an event"),
        kept=(
            Kept(
                ("user_id",),
                marked("Number of the account that leads the event"),
                marked("Shows facilitators their events, and keeps them from leading two at once."),
                Basis.TASK,
                (Deadline.ACCOUNTS,),
            ),
        ),
        others=frozenset({"event_id"}),
    ),
    Declared(
        table_of(AgendaItem),
        marked("Agenda items"),
        kept=(
            Kept(
                ("in_charge",),
                marked("Who is in charge of an item: experts, facilitators, staff"),
                marked("To plan the event, and to say publicly who spoke."),
                Basis.TASK,
                (Deadline.PROOFS,),
            ),
        ),
        others=frozenset(
            {"id", "event_id", "position", "kind", "title", "minutes", "room_id", "goal", "materials", "is_public"}
        ),
    ),
    Declared(
        table_of(Feedback),
        marked("Feedback about events"),
        kept=(
            Kept(
                ("good", "better"),
                marked("What members wrote about an event, without their names"),
                marked("To make the next events better; texts may still tell who wrote them."),
                Basis.CONSENT,
                (Deadline.MEMBERS,),
            ),
        ),
        others=frozenset({"id", "event_id", "ratings"}),
    ),
    Declared(
        table_of(FeedbackGiven),
        marked("Who gave feedback"),
        kept=(
            Kept(
                ("event_id", "respondent_id"),
                marked("That a member gave feedback about an event, not what it was"),
                marked("So that nobody answers twice."),
                Basis.TASK,
                (Deadline.MEMBERS, Deadline.NOT_DRAWN),
            ),
        ),
        rows=by_column(FeedbackGiven),
        own=True,
    ),
    Declared(
        table_of(FeedbackPublication),
        marked("Feedback that was published"),
        others=frozenset({"event_id", "published_at"}),
    ),
)
