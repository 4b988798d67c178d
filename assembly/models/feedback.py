"""What members say about an event: their answers without any trace of whose they are, and apart from them who gave any.

Answers have drawn keys and no moment, and SQLite keeps both tables without row numbers: neither order nor time joins
an answer to a member.
"""

from __future__ import annotations

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from assembly.models.base import Base, LongText


class Feedback(Base):
    """A member's answers about an event; `ratings` maps statements to 1 (not at all) … 5 (fully)."""

    __tablename__ = "feedback"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True, default=lambda: uuid.uuid4().hex)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), index=True)
    ratings: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    good: Mapped[LongText] = mapped_column(default="")
    better: Mapped[LongText] = mapped_column(default="")


class FeedbackGiven(Base):
    """That a member gave feedback about an event, so that nobody does it twice."""

    __tablename__ = "feedback_given"
    __table_args__ = ({"sqlite_with_rowid": False},)

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("respondents.id", ondelete="CASCADE"), primary_key=True)


class FeedbackPublication(Base):
    """That an organiser published the numbers of the feedback about an event; texts never are."""

    __tablename__ = "feedback_publications"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    published_at: Mapped[dt.datetime | None]
