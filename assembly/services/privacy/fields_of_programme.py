"""What is kept of those who lead events; all else of the programme says nothing about anybody."""

from __future__ import annotations

from assembly.models import AgendaItem, Event, Facilitation, Place, Programme, Room
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, table_of

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
        others=frozenset({"id", "event_id", "position", "kind", "title", "minutes", "goal", "materials", "is_public"}),
    ),
)
