"""What is done every day for privacy and trust: data deleted on time, the heads of the logs published."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from assembly.models.base import Base


class DailyRun(Base):
    """A day whose daily jobs were asked for; the key lets only one of several workers ask.

    `deleted` counts what was deleted on it, {kind: rows}, over all assemblies.
    """

    __tablename__ = "daily_runs"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    asked_at: Mapped[dt.datetime]
    deleted: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)


class PublishedHead(Base):
    """The head of an assembly's log as it was published on a day: never changed, never deleted."""

    __tablename__ = "published_heads"

    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    published_at: Mapped[dt.datetime]
    entries: Mapped[int]
    head: Mapped[str] = mapped_column(sa.String(64))
