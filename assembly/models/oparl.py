"""What a council information system says by OParl: one body of it, with its papers and meetings, mirrored here."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, LongText, ShortText

Link = sa.String(500)
"""Addresses, also those by which OParl names its objects; a longer one is not kept."""


class CouncilSource(Base):
    """The council information system of an assembly: an OParl system or body, and what is mirrored of it.

    `bodies` are those found at the address, each with `id` and `name`, until one is chosen; `body` is the chosen one's
    id, empty before. `organizations` are the names of its committees by their ids. `asks_since` is false for a server
    that does not know `modified_since`. `cursor` is where an unfinished walk goes on (see
    `assembly.services.council.walking`), empty between walks; `walk` is the number of the last one. `skipped` counts
    what could not be read in it. `full_at` is when the last walk through everything began, `synchronised_at` when the
    last one of any kind did that came to its end.
    """

    __tablename__ = "council_sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), unique=True)
    address: Mapped[str] = mapped_column(Link)
    name: Mapped[ShortText] = mapped_column(default="")
    version: Mapped[str] = mapped_column(sa.String(10), default="")
    bodies: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    body: Mapped[str] = mapped_column(Link, default="")
    organizations: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asks_since: Mapped[bool] = mapped_column(default=True)
    walk: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    skipped: Mapped[int] = mapped_column(default=0)
    full_at: Mapped[dt.datetime | None]
    synchronised_at: Mapped[dt.datetime | None]


class CouncilPaper(Base):
    """A mirrored paper (Drucksache, Vorlage). `search` is what is searched, folded; `walk` the last that saw it."""

    __tablename__ = "council_papers"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "oparl_id"),
        sa.Index("ix_council_papers_source_id_dated_on", "source_id", "dated_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("council_sources.id"))
    oparl_id: Mapped[str] = mapped_column(Link)
    reference: Mapped[ShortText] = mapped_column(default="")
    name: Mapped[LongText] = mapped_column(default="")
    paper_type: Mapped[ShortText] = mapped_column(default="")
    dated_on: Mapped[dt.date | None]
    web: Mapped[str] = mapped_column(Link, default="")
    main_file: Mapped[str] = mapped_column(Link, default="")
    modified_at: Mapped[dt.datetime | None]
    is_deleted: Mapped[bool] = mapped_column(default=False)
    search: Mapped[LongText] = mapped_column(default="")
    walk: Mapped[int] = mapped_column(default=0)

    consultations: Mapped[list[CouncilConsultation]] = relationship(cascade="all, delete-orphan")


class CouncilConsultation(Base):
    """That a paper is consulted on: by its id, and by the agenda item if it names one."""

    __tablename__ = "council_consultations"

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(sa.ForeignKey("council_papers.id"), index=True)
    oparl_id: Mapped[str] = mapped_column(Link, index=True)
    agenda_item: Mapped[str] = mapped_column(Link, default="", index=True)


class CouncilMeeting(Base):
    """A mirrored meeting. `organizations` are the names of the committees that meet."""

    __tablename__ = "council_meetings"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "oparl_id"),
        sa.Index("ix_council_meetings_source_id_starts_at", "source_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("council_sources.id"))
    oparl_id: Mapped[str] = mapped_column(Link)
    name: Mapped[LongText] = mapped_column(default="")
    organizations: Mapped[list[str]]
    starts_at: Mapped[dt.datetime | None]
    ends_at: Mapped[dt.datetime | None]
    location: Mapped[ShortText] = mapped_column(default="")
    web: Mapped[str] = mapped_column(Link, default="")
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    modified_at: Mapped[dt.datetime | None]
    is_deleted: Mapped[bool] = mapped_column(default=False)
    search: Mapped[LongText] = mapped_column(default="")
    walk: Mapped[int] = mapped_column(default=0)

    items: Mapped[list[CouncilAgendaItem]] = relationship(
        back_populates="meeting", order_by="CouncilAgendaItem.position", cascade="all, delete-orphan"
    )


class CouncilAgendaItem(Base):
    """An item of a mirrored meeting, with what was resolved; `consultation` and `paper` are ids that it names."""

    __tablename__ = "council_agenda_items"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "oparl_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("council_meetings.id"))
    oparl_id: Mapped[str] = mapped_column(Link)
    position: Mapped[int]
    number: Mapped[ShortText] = mapped_column(default="")
    name: Mapped[LongText] = mapped_column(default="")
    is_public: Mapped[bool] = mapped_column(default=True)
    result: Mapped[ShortText] = mapped_column(default="")
    resolution: Mapped[LongText] = mapped_column(default="")
    web: Mapped[str] = mapped_column(Link, default="")
    consultation: Mapped[str] = mapped_column(Link, default="")
    paper: Mapped[str] = mapped_column(Link, default="")

    meeting: Mapped[CouncilMeeting] = relationship(back_populates="items")
