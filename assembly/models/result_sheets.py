"""Result sheets: what a table wrote down in a round of an agenda's item, without any name."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.assemblies import Assembly
from assembly.models.base import Base, LongText, enumeration
from assembly.models.experts import AssemblyQuestion
from assembly.models.programme import AgendaItem, Event


class EntryKind(enum.StrEnum):
    """What an entry of a result sheet is, in the order in which sheets show them."""

    ARGUMENT_FOR = "argument_for"
    ARGUMENT_AGAINST = "argument_against"
    OPEN_QUESTION = "open_question"
    DISAGREEMENT = "disagreement"
    DRAFT_RECOMMENDATION = "draft_recommendation"


class ResultSheet(Base):
    """The sheet of a table in a round. Only `assembly.services.result_sheets.writing` changes it.

    `version` grows with each save. What is not `is_public` is for members alone, once it is published.
    """

    __tablename__ = "result_sheets"
    __table_args__ = (
        sa.CheckConstraint("round BETWEEN 1 AND 50", name="round"),
        sa.CheckConstraint("table_number BETWEEN 1 AND 200", name="table_number"),
        sa.UniqueConstraint("item_id", "round", "table_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agenda_items.id", ondelete="SET NULL"))
    question_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("assembly_questions.id", ondelete="SET NULL"), index=True
    )
    round: Mapped[int] = mapped_column(default=1)
    table_number: Mapped[int]
    version: Mapped[int] = mapped_column(default=0)
    is_public: Mapped[bool] = mapped_column(default=False)
    is_published: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[dt.datetime]

    assembly: Mapped[Assembly] = relationship()
    event: Mapped[Event] = relationship()
    item: Mapped[AgendaItem | None] = relationship()
    question: Mapped[AssemblyQuestion | None] = relationship()
    entries: Mapped[list[SheetEntry]] = relationship(
        back_populates="sheet", order_by="SheetEntry.id", cascade="all, delete-orphan"
    )

    def of_kind(self, kind: EntryKind) -> list[SheetEntry]:
        """Return the entries of one kind, in the order in which they were written."""
        return [entry for entry in self.entries if entry.kind is kind]


class SheetEntry(Base):
    """One argument, question, disagreement or draft: it keeps its number, so that recommendations can refer to it."""

    __tablename__ = "sheet_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(sa.ForeignKey("result_sheets.id", ondelete="CASCADE"), index=True)
    kind: Mapped[EntryKind] = mapped_column(enumeration(EntryKind))
    text: Mapped[LongText]

    sheet: Mapped[ResultSheet] = relationship(back_populates="entries")


class ResultSheetVersion(Base):
    """What stood on a sheet after a save; `entries` are mappings of `id`, `kind` and `text`."""

    __tablename__ = "result_sheet_versions"

    sheet_id: Mapped[int] = mapped_column(sa.ForeignKey("result_sheets.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    saved_at: Mapped[dt.datetime]
    saved_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    entries: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
