"""Who wants to be written to when something happens in the public follow-up: anybody who confirms their address."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.assemblies import Assembly
from assembly.models.base import Base, ShortText


class Subscription(Base):
    """What somebody subscribes to, of an assembly or of the city: all, a recommendation, a theme, what is overdue.

    `key` tells it from a later one that gets the same number. Until `confirmed_at` nothing is sent but the question
    whether they meant it. `told_at` is up to when they know.
    """

    __tablename__ = "subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(16))
    assembly_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assemblies.id", ondelete="CASCADE"), index=True)
    recommendation: Mapped[int | None]
    theme: Mapped[ShortText] = mapped_column(default="")
    is_overdue: Mapped[bool] = mapped_column(default=False)
    email: Mapped[str] = mapped_column(sa.String(255), index=True)
    language: Mapped[str] = mapped_column(sa.String(8))
    asked_at: Mapped[dt.datetime]
    confirmed_at: Mapped[dt.datetime | None]
    told_at: Mapped[dt.datetime]

    assembly: Mapped[Assembly | None] = relationship()
