"""How members reach their own page: links, short codes, addresses of calendars, and one-time codes; all as hashes."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, enumeration
from assembly.models.panel import Member


class AccessKind(enum.StrEnum):
    """What a token opens, and how it is written: as a link, as a code to type, as the address of a calendar."""

    LINK = "link"
    CODE = "code"
    CALENDAR = "calendar"


class MemberAccess(Base):
    """A token that opens a member's page or calendar until it is revoked. Only its fingerprint is kept.

    Nothing is written when it is opened: what scans mails for links opens them, too.
    """

    __tablename__ = "member_accesses"

    id: Mapped[int] = mapped_column(primary_key=True)
    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("members.respondent_id", ondelete="CASCADE"), index=True)
    kind: Mapped[AccessKind] = mapped_column(enumeration(AccessKind))
    fingerprint: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_at: Mapped[dt.datetime]
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    revoked_at: Mapped[dt.datetime | None]

    member: Mapped[Member] = relationship()


class OneTimeCode(Base):
    """The one-time code that a member was told last, as a fingerprint: for what a link alone does not open."""

    __tablename__ = "one_time_codes"

    respondent_id: Mapped[int] = mapped_column(
        sa.ForeignKey("members.respondent_id", ondelete="CASCADE"), primary_key=True
    )
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    tries_left: Mapped[int]
