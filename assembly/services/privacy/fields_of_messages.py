"""What is kept of messages to members about events; the mails themselves are declared with the outbox."""

from __future__ import annotations

from assembly.models import Announcement, EventCall, EventChange, MeetingTold, MemberMessage
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, by_column, table_of
from assembly.services.privacy.fields_of_panel import POOL_AND_PANEL

MESSAGES = (
    Declared(
        table_of(EventChange),
        marked("Changes of events that members are told"),
        others=frozenset({"id", "event_id", "kind", "at", "before_starts_at", "fields", "told_at"}),
    ),
    Declared(
        table_of(Announcement),
        marked("Messages of the organisers"),
        kept=(
            Kept(
                ("written_by_id", "written_at", "queued_at"),
                marked("Who wrote a message to members, and when it was sent"),
                marked("So that it stays clear what members were told, and by whom."),
                Basis.ACCOUNTABILITY,
                (Deadline.ACCOUNTS,),
            ),
        ),
        others=frozenset(
            {
                *("id", "assembly_id", "audience", "event_id", "table_number"),
                *("subject", "text", "plain_text", "english_subject", "english_text"),
            }
        ),
    ),
    Declared(
        table_of(MemberMessage),
        marked("What mails to members are about"),
        others=frozenset(
            {
                *("mail_id", "kind", "event_id", "starts_at", "sequence"),
                *("change_id", "announcement_id", "is_copy"),
            }
        ),
    ),
    Declared(
        table_of(MeetingTold),
        marked("Public meetings that mails to members are about"),
        others=frozenset({"mail_id", "meeting_id", "takes_place"}),
    ),
    Declared(
        table_of(EventCall),
        marked("Members to be called before an event"),
        kept=(
            Kept(
                ("kind", "starts_at", "made_at", "outcome", "note", "noted_at", "noted_by_id"),
                marked("What a member was to be told on the phone, when somebody tried, and what came of it"),
                marked("So that members who read letters learn in time what has changed."),
                Basis.TASK,
                POOL_AND_PANEL,
            ),
        ),
        others=frozenset({"id", "deed", "respondent_id", "event_id", "change_id"}),
        rows=by_column(EventCall),
        own=True,
    ),
)
