"""Checks of the quotas against the pool, and lotteries: what was computed, from what, and how far each is."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from assembly.models.base import Base, LongText, enumeration
from assembly.models.jobs import Job


class LotteryState(enum.StrEnum):
    """Where a lottery stands; `assembly.services.lotteries` has the transitions."""

    COMPUTING = "computing"
    SOLVED = "solved"
    NOT_PROVEN = "not_proven"
    FAILED = "failed"
    COMMITTED = "committed"
    VOIDED = "voided"
    DRAWN = "drawn"


class Lottery(Base):
    """A lottery over the pool as it was. `document` is the engine's lottery.json, `summary` what its pages show of it.

    `inputs` is the fingerprint of pool, quotas and size: if it is another one today, the lottery is out of date.
    A rehearsal is never committed and leaves no trace on anybody. A replacement lottery names the drawn one before it
    (`replaces_id`) and the codes of the members whose seats it fills (`vacated`).
    """

    __tablename__ = "lotteries"
    __table_args__ = (
        sa.Index(
            "uq_lotteries_computing",
            "assembly_id",
            unique=True,
            sqlite_where=sa.text("state = 'computing'"),
            postgresql_where=sa.text("state = 'computing'"),
        ),
        sa.Index(
            "uq_lotteries_standing",
            "assembly_id",
            unique=True,
            sqlite_where=sa.text("state IN ('committed', 'drawn') AND replaces_id IS NULL"),
            postgresql_where=sa.text("state IN ('committed', 'drawn') AND replaces_id IS NULL"),
        ),
        sa.Index(
            "uq_lotteries_replacing",
            "replaces_id",
            unique=True,
            sqlite_where=sa.text("state IN ('committed', 'drawn')"),
            postgresql_where=sa.text("state IN ('committed', 'drawn')"),
        ),
        sa.CheckConstraint("NOT (is_rehearsal AND state IN ('committed', 'voided', 'drawn'))", name="rehearsal"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lotteries.id"))
    vacated: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))
    job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("jobs.id"))
    state: Mapped[LotteryState] = mapped_column(enumeration(LotteryState), default=LotteryState.COMPUTING)
    is_rehearsal: Mapped[bool]
    one_per_household: Mapped[bool]
    started_at: Mapped[dt.datetime]
    started_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    solved_at: Mapped[dt.datetime | None]
    inputs: Mapped[str] = mapped_column(sa.String(64))
    document: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary))
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[LongText] = mapped_column(default="")

    job: Mapped[Job | None] = relationship()

    @property
    def is_replacement(self) -> bool:
        """Whether it fills seats that became free after the draw of the panel."""
        return self.replaces_id is not None


class Check(Base):
    """The engine's answer to whether the quotas can be met, why not, and what would help; by the pool as it was."""

    __tablename__ = "checks"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("jobs.id"))
    started_at: Mapped[dt.datetime]
    started_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    one_per_household: Mapped[bool]
    inputs: Mapped[str] = mapped_column(sa.String(64))
    report: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)

    job: Mapped[Job | None] = relationship()
