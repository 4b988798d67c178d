"""The follow-up of a recommendation by one addressee, as a file of steps that only grows."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, LongText, ShortText, enumeration
from assembly.models.follow_up import Addressee
from assembly.models.recommendations import Handover, Recommendation


class CaseState(enum.StrEnum):
    """Where a recommendation stands with an addressee."""

    HANDED_OVER = "handed_over"
    ASSIGNED = "assigned"
    UNDER_REVIEW = "under_review"
    ANSWERED = "answered"
    DEBATED = "debated"
    DECIDED = "decided"
    FORWARDED = "forwarded"
    IN_IMPLEMENTATION = "in_implementation"
    REVIEWED = "reviewed"
    CLOSED = "closed"


class Outcome(enum.StrEnum):
    """What an answer proposes, or a decision says."""

    ACCEPTED = "accepted"
    WITH_CHANGES = "with_changes"
    REJECTED = "rejected"
    NOT_COMPETENT = "not_competent"
    POSTPONED = "postponed"
    TO_BE_EXAMINED = "to_be_examined"
    ALREADY_DONE = "already_done"


class Result(enum.StrEnum):
    """What became of a measure."""

    CARRIED_OUT = "carried_out"
    PARTLY = "partly"
    NOT = "not"
    OVERTAKEN = "overtaken"


class Duty(enum.StrEnum):
    """What is owed. The first six in the order in which they are due."""

    ASSIGN = "assign"
    ANSWER = "answer"
    DEBATE = "debate"
    DECIDE = "decide"
    FIRST_REPORT = "first_report"
    REVIEW = "review"
    MINUTES = "minutes"
    """Of the debate."""
    REPORT = "report"
    """Of the progress, after the first one."""
    FORWARD = "forward"
    """A recommendation for which another body is competent, to that body."""
    FORWARDED_REPLY = "forwarded_reply"
    """Of that body."""
    RESUME = "resume"
    """Of a postponed recommendation, on its date."""
    AGENDA = "agenda"
    """Of the new council: to have the recommendation on its agenda."""


class Move(enum.StrEnum):
    """A step in a case. `assembly.services.follow_up.transitions` says what each may do."""

    ASSIGN = "assign"
    BEGIN_REVIEW = "begin_review"
    EXTEND = "extend"
    ANSWER = "answer"
    ASK_BETTER = "ask_better"
    REPLY = "reply"
    DEBATE = "debate"
    MINUTES = "minutes"
    DECIDE = "decide"
    IMPLEMENT = "implement"
    REPORT = "report"
    REVIEW = "review"
    SEND_BACK = "send_back"
    FORWARD = "forward"
    FORWARDED_REPLY = "forwarded_reply"
    RESUME = "resume"
    NEW_TERM = "new_term"
    ON_AGENDA = "on_agenda"
    CLOSE = "close"
    CORRECT = "correct"
    REDACT = "redact"


class Case(Base):
    """A recommendation × addressee. Only `assembly.services.follow_up.cases.move` changes it.

    All but the first five columns follow from the steps, and are kept to find and count cases by; a test holds them
    against the steps. `duty` is what is owed next and `due_on` until when, if anything is: what was due before today is
    overdue. `decided` is the outcome that statistics count, `answered` what the administration proposed.
    `in_time` and `late` are how many duties were done until their day, and how many ended after it; `open_days` are the
    days of all that is owed now.
    """

    __tablename__ = "cases"
    __table_args__ = (
        sa.UniqueConstraint("recommendation_id", "addressee_id"),
        sa.CheckConstraint("(duty IS NULL) = (due_on IS NULL)", name="due"),
        sa.CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name="closed"),
        sa.Index(None, "assembly_id", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"))
    recommendation_id: Mapped[int] = mapped_column(sa.ForeignKey("recommendations.id"))
    addressee_id: Mapped[int] = mapped_column(sa.ForeignKey("addressees.id"), index=True)
    handover_id: Mapped[int] = mapped_column(sa.ForeignKey("handovers.id"), index=True)

    state: Mapped[CaseState] = mapped_column(enumeration(CaseState), default=CaseState.HANDED_OVER)
    unit: Mapped[ShortText] = mapped_column(default="")
    answered: Mapped[Outcome | None] = mapped_column(enumeration(Outcome, name="answered"))
    decided: Mapped[Outcome | None] = mapped_column(enumeration(Outcome, name="decided"))
    result: Mapped[Result | None] = mapped_column(enumeration(Result))
    answered_on: Mapped[dt.date | None]
    decided_on: Mapped[dt.date | None]
    closed_on: Mapped[dt.date | None]
    duty: Mapped[Duty | None] = mapped_column(enumeration(Duty))
    due_on: Mapped[dt.date | None]
    in_time: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    open_days: Mapped[list[str]] = mapped_column(default=list)
    search: Mapped[LongText] = mapped_column(default="", deferred=True)
    """The stems of the words of all that is public about it; see `assembly.services.follow_up.searching`."""

    recommendation: Mapped[Recommendation] = relationship()
    addressee: Mapped[Addressee] = relationship()
    handover: Mapped[Handover] = relationship()
    steps: Mapped[list[CaseStep]] = relationship(back_populates="case", order_by="CaseStep.number")


class CaseStep(Base):
    """One step: public from the moment on which it is taken, and never removed.

    `taken_on` is the day from which what it starts is counted; `facts` is what it says, by the names in the table of
    transitions. `digest` is the hash of salt and facts, as the log has it, so that anyone can compare them. A redaction
    leaves its mark in `redacted`, and takes facts and salt (it is empty then) away without breaking the log's chain.
    """

    __tablename__ = "case_steps"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    move: Mapped[Move] = mapped_column(enumeration(Move))
    taken_on: Mapped[dt.date]
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    redacted: Mapped[list[str]] = mapped_column(default=list)
    """The names of the facts that were taken away by order."""
    salt: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))

    case: Mapped[Case] = relationship(back_populates="steps")
