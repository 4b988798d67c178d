"""Who is told about what is owed in the follow-up, and of what they were told."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from assembly.models.base import Base, enumeration

EVERY_ADDRESSEE = 0
"""Stands for all addressees, where one of them has its number."""


class ContactRole(enum.StrEnum):
    """As what somebody is written to."""

    OFFICE = "office"
    MAYOR = "mayor"
    CHAIR = "chair"


class FollowUpContact(Base):
    """An address to which notices about what is owed go.

    `addressee` is the number of the one whose cases it is about, as in every version of the rules, or EVERY_ADDRESSEE.
    """

    __tablename__ = "follow_up_contacts"
    __table_args__ = (sa.UniqueConstraint("assembly_id", "role", "addressee", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"))
    role: Mapped[ContactRole] = mapped_column(enumeration(ContactRole))
    addressee: Mapped[int] = mapped_column(default=EVERY_ADDRESSEE)
    email: Mapped[str] = mapped_column(sa.String(255))
