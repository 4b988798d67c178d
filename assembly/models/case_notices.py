"""Who is told about what is owed in the follow-up, and of what they were told."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, enumeration
from assembly.models.cases import Case, Duty

EVERY_ADDRESSEE = 0
"""Stands for all addressees, where one of them has its number."""


class ContactRole(enum.StrEnum):
    """As what somebody is written to."""

    OFFICE = "office"
    MAYOR = "mayor"
    CHAIR = "chair"


class NoticeKind(enum.StrEnum):
    """What is said of a duty, in the order in which it comes: reminders by days before, the rest by days after."""

    BEFORE_30 = "before_30"
    BEFORE_14 = "before_14"
    BEFORE_3 = "before_3"
    OVERDUE_14 = "overdue_14"
    """Mayor and committee chair are written to."""
    OVERDUE_30 = "overdue_30"
    """All are written to, so that it gets on the council’s agenda."""


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


class CaseNotice(Base):
    """That notice of a duty was given on a day, and as what those were written to who were; nobody if none was known.

    What is unique keeps two workers from giving it twice. A duty that is due on another day gets notices for that day.
    """

    __tablename__ = "case_notices"
    __table_args__ = (sa.UniqueConstraint("case_id", "duty", "due_on", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    duty: Mapped[Duty] = mapped_column(enumeration(Duty))
    due_on: Mapped[dt.date]
    kind: Mapped[NoticeKind] = mapped_column(enumeration(NoticeKind))
    noted_on: Mapped[dt.date]
    told: Mapped[list[str]] = mapped_column(default=list)
    """Values of ContactRole."""

    case: Mapped[Case] = relationship()


case_notice_mails = sa.Table(
    "case_notice_mails",
    Base.metadata,
    sa.Column("mail_id", sa.ForeignKey("mails.id"), primary_key=True),
    sa.Column("notice_id", sa.ForeignKey("case_notices.id"), primary_key=True),
)
"""Which notices stand in a mail."""
