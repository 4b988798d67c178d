"""Drafts of steps in cases of the follow-up: private until they are published, with who signed them off."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, LongText, enumeration
from assembly.models.cases import Case, Move


class DraftState(enum.StrEnum):
    """Where a draft is on its way to the public."""

    DRAFTING = "drafting"
    SUBMITTED = "submitted"
    PUBLISHED = "published"


class DraftDeed(enum.StrEnum):
    """What was done about a draft."""

    COMMENTED = "commented"
    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    APPROVED = "approved"


class Draft(Base):
    """What a department wants to publish as a step. Only `assembly.services.follow_up.drafts` changes its state."""

    __tablename__ = "drafts"
    __table_args__ = (
        sa.CheckConstraint("(state = 'published') = (step IS NOT NULL)", name="published"),
        sa.Index(
            "uq_drafts_open",
            "case_id",
            "move",
            unique=True,
            sqlite_where=sa.text("state <> 'published'"),
            postgresql_where=sa.text("state <> 'published'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    move: Mapped[Move] = mapped_column(enumeration(Move))
    state: Mapped[DraftState] = mapped_column(enumeration(DraftState), default=DraftState.DRAFTING)
    submitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    """Who submitted it last: somebody else approves it."""
    step: Mapped[int | None]
    """The number of the step as which it was published."""

    case: Mapped[Case] = relationship()
    versions: Mapped[list[DraftVersion]] = relationship(order_by="DraftVersion.number")
    notes: Mapped[list[DraftNote]] = relationship(order_by="DraftNote.id")


class DraftVersion(Base):
    """What a draft said once; things may still be missing."""

    __tablename__ = "draft_versions"

    draft_id: Mapped[int] = mapped_column(sa.ForeignKey("drafts.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    facts: Mapped[dict[str, Any]]
    saved_at: Mapped[dt.datetime]
    saved_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)


class DraftNote(Base):
    """A comment on a draft, or a step on its way to the public, perhaps with words to it."""

    __tablename__ = "draft_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(sa.ForeignKey("drafts.id"), index=True)
    deed: Mapped[DraftDeed] = mapped_column(enumeration(DraftDeed))
    version: Mapped[int]
    text: Mapped[LongText]
    written_at: Mapped[dt.datetime]
    written_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
