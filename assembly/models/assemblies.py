"""Assemblies and the political timeline that their result feeds."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, LongText, ShortText


class Assembly(Base):
    """A citizens' assembly: what it is about, for whom, and when its result is needed."""

    __tablename__ = "assemblies"
    __table_args__ = (
        sa.CheckConstraint("panel_size BETWEEN 1 AND 1000", name="panel_size"),
        sa.CheckConstraint("minimum_age BETWEEN 0 AND 99", name="minimum_age"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[dt.datetime]
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[ShortText]
    question: Mapped[LongText]
    mandate: Mapped[LongText] = mapped_column(default="")
    commissioning_body: Mapped[ShortText]
    panel_size: Mapped[int]
    minimum_age: Mapped[int] = mapped_column(default=16)
    reference_date: Mapped[dt.date | None]
    languages: Mapped[list[str]] = mapped_column(default=lambda: ["de"])
    contact: Mapped[LongText] = mapped_column(default="")
    is_public: Mapped[bool] = mapped_column(default=False)
    predecessor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assemblies.id"))

    political_process: Mapped[LongText] = mapped_column(default="")
    decider: Mapped[ShortText] = mapped_column(default="")
    open_points: Mapped[LongText] = mapped_column(default="")
    settled_points: Mapped[LongText] = mapped_column(default="")
    result_date: Mapped[dt.date | None]
    decision_date: Mapped[dt.date | None]
    budget_date: Mapped[dt.date | None]

    predecessor: Mapped[Assembly | None] = relationship(remote_side="Assembly.id")
