"""Barriers that somebody has reported: what hinders them on the site, and what they were answered."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from assembly.models.base import Base, LongText, enumeration


class BarrierState(enum.StrEnum):
    """Where a reported barrier stands. That it is overdue follows from the day, and is no state."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class AnswerWay(enum.StrEnum):
    """How somebody was answered."""

    MAIL = "mail"
    PHONE = "phone"
    LETTER = "letter"
    NOBODY = "nobody"
    """There is no address that works: what was done about it is noted alone."""


class Barrier(Base):
    """A barrier that was reported, and by when it has to be answered; the public knows it by its number.

    Page, text, address and answer are emptied at `erased_at`, some time after it was closed.
    """

    __tablename__ = "barriers"

    id: Mapped[int] = mapped_column(primary_key=True)
    reported_at: Mapped[dt.datetime]
    page: Mapped[str] = mapped_column(sa.String(500), default="")
    text: Mapped[LongText]
    email: Mapped[str | None] = mapped_column(sa.String(255))
    language: Mapped[str] = mapped_column(sa.String(8))
    due_on: Mapped[dt.date]
    state: Mapped[BarrierState] = mapped_column(enumeration(BarrierState), default=BarrierState.OPEN, index=True)
    answer: Mapped[LongText] = mapped_column(default="")
    answer_way: Mapped[AnswerWay | None] = mapped_column(enumeration(AnswerWay))
    answered_on: Mapped[dt.date | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    closed_at: Mapped[dt.datetime | None]
    erased_at: Mapped[dt.datetime | None]
