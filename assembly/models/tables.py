"""Who sits at which table at an event: what was asked for, pairs that sit together or apart, and the seats."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, enumeration
from assembly.models.programme import Event


class Seated(enum.StrEnum):
    """Who gets a seat: all but those excused or absent, those who said they come, or those who were seen there."""

    EXPECTED = "expected"
    CONFIRMED = "confirmed"
    PRESENT = "present"


class PairKind(enum.StrEnum):
    """Whether two people have to sit together or apart."""

    TOGETHER = "together"
    APART = "apart"


class TablePlan(Base):
    """What the tables of an event are to be like.

    `diverse` and `together` are numbers of features, `near` those of tables that everybody can reach, `leads` the names
    of those who lead table 1, 2, … `figures` say how good the draft is; they count, and name nobody.
    """

    __tablename__ = "table_plans"
    __table_args__ = (
        sa.CheckConstraint("tables BETWEEN 1 AND 100", name="tables"),
        sa.CheckConstraint("rounds BETWEEN 1 AND 20", name="rounds"),
    )

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    seated: Mapped[Seated] = mapped_column(enumeration(Seated), default=Seated.EXPECTED)
    tables: Mapped[int]
    rounds: Mapped[int] = mapped_column(default=1)
    diverse: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    together: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    near: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    leads: Mapped[list[str]] = mapped_column(default=list)
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    published_at: Mapped[dt.datetime | None]

    event: Mapped[Event] = relationship()


class TablePair(Base):
    """Two people who have to sit together, or must not."""

    __tablename__ = "table_pairs"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "one_id", "other_id"),
        sa.CheckConstraint("one_id < other_id", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"))
    kind: Mapped[PairKind] = mapped_column(enumeration(PairKind))
    one_id: Mapped[int] = mapped_column(sa.ForeignKey("members.respondent_id", ondelete="CASCADE"), index=True)
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("members.respondent_id", ondelete="CASCADE"), index=True)


class TableSeat(Base):
    """A member's table in one round: of the draft, which staff see, or of the plan that members see."""

    __tablename__ = "table_seats"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    is_draft: Mapped[bool] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    respondent_id: Mapped[int] = mapped_column(
        sa.ForeignKey("members.respondent_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    number: Mapped[int]
