"""What is kept of those who publish the rules of the follow-up; all else is about offices, not about people."""

from __future__ import annotations

from assembly.models import (
    Addressee,
    BodyMeeting,
    CouncilAgendaItem,
    CouncilConsultation,
    CouncilMeeting,
    CouncilPaper,
    CouncilSource,
    FollowUpRules,
)
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, table_of

FOLLOW_UP = (
    Declared(
        table_of(FollowUpRules),
        marked("Rules of the follow-up"),
        kept=(
            Kept(
                ("published_by_id",),
                marked("Number of the account that published the rules"),
                marked("Shows who made the promise public."),
                Basis.TASK,
                (Deadline.ACCOUNTS,),
            ),
        ),
        others=frozenset(column.name for column in table_of(FollowUpRules).columns) - {"published_by_id"},
    ),
    Declared(
        table_of(Addressee),
        marked("Addressees"),
        others=frozenset(
            {
                *("id", "rules_id", "number", "name", "body", "binding"),
                *("resolution", "resolution_link", "resolved_on"),
            }
        ),
    ),
    Declared(
        table_of(BodyMeeting),
        marked("Calendar of the bodies"),
        others=frozenset({"id", "assembly_id", "body", "held_on", "is_public", "link", "told_at", "cancelled_at"}),
    ),
    Declared(
        table_of(CouncilSource),
        marked("Council information system"),
        others=frozenset(
            {
                *("id", "assembly_id", "address", "name", "version", "bodies", "body", "organizations"),
                *("asks_since", "walk", "cursor", "skipped", "full_at", "synchronised_at"),
            }
        ),
    ),
    Declared(
        table_of(CouncilPaper),
        marked("Papers of the council, as it publishes them"),
        others=frozenset(
            {
                *("id", "source_id", "oparl_id", "reference", "name", "paper_type", "dated_on", "web", "main_file"),
                *("modified_at", "is_deleted", "search", "walk"),
            }
        ),
    ),
    Declared(
        table_of(CouncilConsultation),
        marked("Consultations of the council’s papers"),
        others=frozenset({"id", "paper_id", "oparl_id", "agenda_item"}),
    ),
    Declared(
        table_of(CouncilMeeting),
        marked("Meetings of the council, as it publishes them"),
        others=frozenset(
            {
                *("id", "source_id", "oparl_id", "name", "organizations", "starts_at", "ends_at", "location", "web"),
                *("is_cancelled", "modified_at", "is_deleted", "search", "walk"),
            }
        ),
    ),
    Declared(
        table_of(CouncilAgendaItem),
        marked("Agenda items of the council’s meetings, with resolutions"),
        others=frozenset(
            {
                *("id", "meeting_id", "oparl_id", "position", "number", "name", "is_public"),
                *("result", "resolution", "web", "consultation", "paper"),
            }
        ),
    ),
)
