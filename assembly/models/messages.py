"""What members are written about events: reminders, changes, messages of the organisers, and who is to be called."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.assemblies import Assembly
from assembly.models.base import Base, LongText, ShortText, enumeration
from assembly.models.mail import Mail
from assembly.models.panel import AttemptOutcome, Member
from assembly.models.programme import Event


class MessageKind(enum.StrEnum):
    """What a member is written: a reminder by mail a week and a day before, by letter earlier; a change; a message."""

    REMINDER_WEEK = "reminder_week"
    REMINDER_DAY = "reminder_day"
    REMINDER_LETTER = "reminder_letter"
    CHANGE = "change"
    FROM_STAFF = "from_staff"
    FOLLOW_UP = "follow_up"
    """To the follow-up group: what waits for them."""
    MEETINGS = "meetings"
    """To those who agreed to the follow-up: which public meetings take place, and which do not after all."""


class ChangeKind(enum.StrEnum):
    """What of an event members have to know at once."""

    MOVED = "moved"
    PLACE = "place"
    CANCELLED = "cancelled"


class Audience(enum.StrEnum):
    """Whom an organiser's message goes to."""

    ALL = "all"
    UNANSWERED = "unanswered"
    EXCUSED = "excused"
    TABLE = "table"
    FOLLOW_UP = "follow_up"


class EventChange(Base):
    """That an event which members could see was moved or cancelled; `told_at` once those who read it were written to.

    Of several, only the newest is told. `fields`: those of the event's time and place that changed, each with its
    value before and after, so that what is taken back is seen; of what cannot be taken back, none.
    """

    __tablename__ = "event_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ChangeKind] = mapped_column(enumeration(ChangeKind))
    at: Mapped[dt.datetime]
    before_starts_at: Mapped[dt.datetime]
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    told_at: Mapped[dt.datetime | None]

    event: Mapped[Event] = relationship()


class Announcement(Base):
    """A message of the organisers to members; a draft until `queued_at`, and then never written twice.

    `table_number`: of the event's tables, the one whose members it is for.
    """

    __tablename__ = "announcements"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    audience: Mapped[Audience] = mapped_column(enumeration(Audience))
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("events.id", ondelete="SET NULL"), index=True)
    table_number: Mapped[int | None]
    subject: Mapped[ShortText]
    text: Mapped[LongText]
    plain_text: Mapped[LongText] = mapped_column(default="")
    english_subject: Mapped[ShortText] = mapped_column(default="")
    english_text: Mapped[LongText] = mapped_column(default="")
    written_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    written_at: Mapped[dt.datetime]
    queued_at: Mapped[dt.datetime | None]

    assembly: Mapped[Assembly] = relationship()
    event: Mapped[Event | None] = relationship()


class MemberMessage(Base):
    """What a mail, SMS or letter to a member is about, so that it goes out only as long as it is true.

    `starts_at` and `sequence` are those of the event as the text says them. `is_copy`: it is to a minor's guardian.
    """

    __tablename__ = "member_messages"

    mail_id: Mapped[int] = mapped_column(sa.ForeignKey("mails.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[MessageKind] = mapped_column(enumeration(MessageKind))
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[dt.datetime | None]
    sequence: Mapped[int | None]
    change_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_changes.id", ondelete="CASCADE"), index=True)
    announcement_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("announcements.id", ondelete="CASCADE"), index=True
    )
    is_copy: Mapped[bool] = mapped_column(default=False)

    mail: Mapped[Mail] = relationship()
    event: Mapped[Event | None] = relationship()


class MeetingTold(Base):
    """What a message says of a meeting of a body: that it takes place, or that it does not after all."""

    __tablename__ = "meetings_told"

    mail_id: Mapped[int] = mapped_column(sa.ForeignKey("member_messages.mail_id", ondelete="CASCADE"), primary_key=True)
    meeting_id: Mapped[int] = mapped_column(
        sa.ForeignKey("body_meetings.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    takes_place: Mapped[bool]


class EventCall(Base):
    """A member who is to be told about an event on the phone, since nothing written would come in time.

    `deed` names what about, so that nobody stands twice on the list for the same. The last outcome stands here, all of
    them stand in the log.
    """

    __tablename__ = "event_calls"

    id: Mapped[int] = mapped_column(primary_key=True)
    deed: Mapped[str] = mapped_column(sa.String(120), unique=True)
    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("members.respondent_id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), index=True)
    kind: Mapped[MessageKind] = mapped_column(enumeration(MessageKind))
    starts_at: Mapped[dt.datetime]
    change_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_changes.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[dt.datetime]
    outcome: Mapped[AttemptOutcome | None] = mapped_column(enumeration(AttemptOutcome))
    note: Mapped[LongText] = mapped_column(default="")
    noted_at: Mapped[dt.datetime | None]
    noted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    member: Mapped[Member] = relationship()
    event: Mapped[Event] = relationship()
    change: Mapped[EventChange | None] = relationship()
