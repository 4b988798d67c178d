"""Drawn people: their seats, the attempts to reach them, and what was recorded when they confirmed."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, LongText, ShortText, enumeration
from assembly.models.respondents import Respondent


class Channel(enum.StrEnum):
    """How somebody is reached."""

    PHONE = "phone"
    MAIL = "mail"
    SMS = "sms"
    LETTER = "letter"
    VISIT = "visit"

    @property
    def is_written(self) -> bool:
        """Whether something stays that can be read later."""
        return self in {Channel.MAIL, Channel.SMS, Channel.LETTER}


class AttemptOutcome(enum.StrEnum):
    """What an attempt to reach somebody led to."""

    REACHED = "reached"
    CALL_BACK = "call_back"
    NO_ANSWER = "no_answer"
    LEFT_MESSAGE = "left_message"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"


class Panel(Base):
    """The drawn panel of an assembly. When replacements end was fixed in the draw rule of its commitment.

    From then on nobody else can be drawn: the deletion clock of those who were not drawn starts.
    """

    __tablename__ = "panels"

    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), primary_key=True)
    drawn_at: Mapped[dt.datetime]
    replacements_end_at: Mapped[dt.datetime]


class Member(Base):
    """A seat that somebody was drawn for; `replaced_at` once another person was drawn for it.

    The row stays when the person's data are erased: `channel` and `language` are emptied then.
    """

    __tablename__ = "members"

    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("respondents.id"), primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    commitment_id: Mapped[int] = mapped_column(sa.ForeignKey("commitments.id"), index=True)
    drawn_at: Mapped[dt.datetime]
    replaced_at: Mapped[dt.datetime | None]
    channel: Mapped[Channel | None] = mapped_column(enumeration(Channel))
    language: Mapped[str | None] = mapped_column(sa.String(8))

    respondent: Mapped[Respondent] = relationship()


class ContactAttempt(Base):
    """An attempt to reach a drawn person."""

    __tablename__ = "contact_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("respondents.id", ondelete="CASCADE"), index=True)
    at: Mapped[dt.datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    channel: Mapped[Channel] = mapped_column(enumeration(Channel))
    outcome: Mapped[AttemptOutcome] = mapped_column(enumeration(AttemptOutcome))
    callback_on: Mapped[dt.date | None]
    note: Mapped[LongText] = mapped_column(default="")


class GuardianConsent(Base):
    """That a guardian of somebody under 18 agreed, and how that is known."""

    __tablename__ = "guardian_consents"

    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("respondents.id", ondelete="CASCADE"), primary_key=True)
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    guardian: Mapped[ShortText]
    channel: Mapped[Channel] = mapped_column(enumeration(Channel))
