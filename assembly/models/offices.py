"""The departments of the city: who works in them, and which cases of the follow-up they work on."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.accounts import User
from assembly.models.base import Base, ShortText


class Unit(Base):
    """A department. The one in charge of a case is the one whose name the public step says: it never gets another.

    `approves` if it is the mayor’s office: its accounts release what departments have drafted.
    """

    __tablename__ = "units"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[ShortText] = mapped_column(unique=True)
    approves: Mapped[bool] = mapped_column(default=False)

    members: Mapped[list[User]] = relationship(secondary="unit_members", order_by=User.name)


class UnitMember(Base):
    """An account that works in a department."""

    __tablename__ = "unit_members"

    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True, index=True)


class ContributingUnit(Base):
    """A department that works on a case beside the one in charge."""

    __tablename__ = "contributing_units"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), primary_key=True, index=True)


class InternalDeadline(Base):
    """How many working days before the public date a department has to be done with a case; without a row, the default.

    The day itself is computed, like the public one.
    """

    __tablename__ = "internal_deadlines"
    __table_args__ = (sa.CheckConstraint("days_before BETWEEN 0 AND 60", name="days_before"),)

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), primary_key=True)
    days_before: Mapped[int]


class Deputy(Base):
    """Who does the work of an account in its departments, from a day until another."""

    __tablename__ = "deputies"
    __table_args__ = (
        sa.CheckConstraint("first_day <= last_day", name="days"),
        sa.CheckConstraint("user_id <> deputy_id", name="another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    first_day: Mapped[dt.date]
    last_day: Mapped[dt.date]

    deputy: Mapped[User] = relationship(foreign_keys=deputy_id)


class DigestStop(Base):
    """An account that does not want the weekly mail of what its departments owe."""

    __tablename__ = "digest_stops"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
