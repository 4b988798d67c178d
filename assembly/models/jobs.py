"""Work that takes longer than a page may, and who does it. The queue only wakes workers: the truth stands here."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.assemblies import Assembly
from assembly.models.base import Base, enumeration


class JobState(enum.StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_active(self) -> bool:
        """Whether something is still to come."""
        return self in {JobState.QUEUED, JobState.RUNNING}


class Job(Base):
    """A job. Only `assembly.services.jobs` changes its state.

    `payload` holds ids, never personal data. `attempts` counts the claims, so that a worker that was given up for dead
    cannot speak for the one that took over. `error` is a translatable sentence for people, `error_values` what stands
    in it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        sa.Index(
            "uq_jobs_active",
            "unique_key",
            unique=True,
            sqlite_where=sa.text("state IN ('queued', 'running')"),
            postgresql_where=sa.text("state IN ('queued', 'running')"),
        ),
        sa.Index("ix_jobs_state_created_at", "state", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(80))
    assembly_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    payload: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(enumeration(JobState), default=JobState.QUEUED)
    unique_key: Mapped[str | None] = mapped_column(sa.String(120))
    created_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    heartbeat_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(sa.Text)
    error_values: Mapped[dict[str, Any]] = mapped_column(default=dict)

    assembly: Mapped[Assembly | None] = relationship()


class Worker(Base):
    """A process that does jobs and sends mail; it is alive as long as its heartbeat is young."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    started_at: Mapped[dt.datetime]
    heartbeat_at: Mapped[dt.datetime]
