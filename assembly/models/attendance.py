"""Who comes to which event: what was said before, and what was noted there."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, LongText, enumeration
from assembly.models.panel import Member
from assembly.models.programme import Event


class AttendanceState(enum.StrEnum):
    """How a member stands to an event; whoever has no row is invited."""

    INVITED = "invited"
    CONFIRMED = "confirmed"
    EXCUSED = "excused"
    PRESENT = "present"
    PRESENT_HALF = "present_half"
    ABSENT = "absent"


class Attendance(Base):
    """A member at an event. Only `assembly.services.attendance.noting` changes its state.

    The row stays when the person's data are erased, so that the number of those who were there stays right.
    """

    __tablename__ = "attendances"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    respondent_id: Mapped[int] = mapped_column(
        sa.ForeignKey("members.respondent_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    state: Mapped[AttendanceState] = mapped_column(enumeration(AttendanceState))
    reason: Mapped[LongText | None]
    noted_at: Mapped[dt.datetime]

    event: Mapped[Event] = relationship()
    member: Mapped[Member] = relationship()


class AttendanceRule(Base):
    """When somebody is absent too often: who missed so many of the last events."""

    __tablename__ = "attendance_rules"
    __table_args__ = (sa.CheckConstraint("missed BETWEEN 1 AND last AND last <= 20", name="missed"),)

    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), primary_key=True)
    missed: Mapped[int] = mapped_column(default=2)
    last: Mapped[int] = mapped_column(default=3)
