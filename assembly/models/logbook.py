"""The append-only log of an assembly, one hash chain each."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from assembly.models.base import Base


class LogEntry(Base):
    """Who did what, when: never changed and never deleted.

    `details` hold before and after for states and quotas; of personal fields only the names. `digest` is the hash of
    everything else in the row and of the digest before it.
    """

    __tablename__ = "log_entries"
    __table_args__ = (
        sa.UniqueConstraint("assembly_id", "number"),
        sa.Index("ix_log_entries_assembly_id_action", "assembly_id", "action"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"))
    number: Mapped[int]
    at: Mapped[dt.datetime]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    action: Mapped[str] = mapped_column(sa.String(80))
    subject: Mapped[str] = mapped_column(sa.String(80))
    details: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))
