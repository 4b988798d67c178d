"""What is kept of those who publish the rules of the follow-up; all else is about offices, not about people."""

from __future__ import annotations

from assembly.models import Addressee, BodyMeeting, FollowUpRules
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
        others=frozenset({"id", "assembly_id", "body", "held_on", "is_public", "link"}),
    ),
)
