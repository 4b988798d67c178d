"""How people were invited: the letters, and what was done besides."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, LongText, ShortText, enumeration


class InvitationRecord(Base):
    """The letters of an assembly. Once `invited_on` is set, the rules that people were invited under are fixed."""

    __tablename__ = "invitation_records"
    __table_args__ = (
        sa.CheckConstraint("letters_sent >= 0 AND undeliverable >= 0 AND reminders >= 0", name="counts"),
        sa.CheckConstraint("undeliverable <= letters_sent AND reminders <= letters_sent", name="of_the_letters"),
    )

    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), primary_key=True)
    register_office: Mapped[ShortText] = mapped_column(default="")
    legal_basis: Mapped[LongText] = mapped_column(default="")
    sampling_method: Mapped[LongText] = mapped_column(default="")
    invited_on: Mapped[dt.date | None]
    registration_until: Mapped[dt.date | None]
    letters_sent: Mapped[int] = mapped_column(default=0)
    undeliverable: Mapped[int] = mapped_column(default=0)
    reminders: Mapped[int] = mapped_column(default=0)

    outreach: Mapped[list[Outreach]] = relationship(
        back_populates="record", order_by="Outreach.held_on, Outreach.id", cascade="all, delete-orphan"
    )


class OutreachKind(enum.StrEnum):
    """A way to reach people whom a letter alone does not reach."""

    DOOR_VISITS = "door_visits"
    MULTIPLIERS = "multipliers"
    INFORMATION_STAND = "information_stand"
    PHONE_CALLS = "phone_calls"
    OTHER = "other"


class Outreach(Base):
    """One thing done besides the letters, in which languages, and the registrations it brought."""

    __tablename__ = "outreach"
    __table_args__ = (sa.CheckConstraint("people_reached >= 0 AND registrations >= 0", name="counts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("invitation_records.assembly_id"), index=True)
    kind: Mapped[OutreachKind] = mapped_column(enumeration(OutreachKind))
    held_on: Mapped[dt.date]
    languages: Mapped[list[str]]
    people_reached: Mapped[int] = mapped_column(default=0)
    registrations: Mapped[int] = mapped_column(default=0)
    note: Mapped[LongText] = mapped_column(default="")

    record: Mapped[InvitationRecord] = relationship(back_populates="outreach")
