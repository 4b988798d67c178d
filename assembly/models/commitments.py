"""Commitments and the public draw."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from assembly.models.base import Base, LongText
from assembly.models.lotteries import Lottery


class Commitment(Base):
    """A lottery and its draw rule, fixed before the draw. The documents are exactly the bytes that were hashed.

    `audit_document` holds rows and secrets; it goes when the pool's data go. `result` is the engine's result of the
    draw, with the members' codes. `place` may be amended publicly; the rule never. `rule` and, once drawn, `make_up`
    {feature: {value: members}} are copies out of the public document, which has megabytes. `registrations` counts those
    who had registered when the pool was committed, see `services.public.counts_of`; unknown of older commitments, and
    none of replacements, which have the pool of the first draw.
    """

    __tablename__ = "commitments"
    __table_args__ = (
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason = '')", name="voided"),
        sa.CheckConstraint("voided_at IS NULL OR drawn_at IS NULL", name="drawn_or_voided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    lottery_id: Mapped[int] = mapped_column(sa.ForeignKey("lotteries.id"), unique=True)
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    committed_at: Mapped[dt.datetime]
    committed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    moment: Mapped[dt.datetime]
    place: Mapped[LongText] = mapped_column(default="")
    rule: Mapped[dict[str, Any]]
    make_up: Mapped[dict[str, dict[str, int]]] = mapped_column(sa.JSON, default=dict)
    registrations: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    voided_at: Mapped[dt.datetime | None]
    void_reason: Mapped[LongText] = mapped_column(default="")
    drawn_at: Mapped[dt.datetime | None]
    ticket: Mapped[int | None]
    drawn_value: Mapped[LongText] = mapped_column(default="")
    public_document: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary))
    audit_document: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary))
    result: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary))

    lottery: Mapped[Lottery] = relationship()
    entries: Mapped[list[TicketEntry]] = relationship(back_populates="commitment", order_by="TicketEntry.id")


class TicketEntry(Base):
    """The drawn value as one account entered it, blind. Two equal ones draw; two unequal ones are both void."""

    __tablename__ = "ticket_entries"
    __table_args__ = (
        sa.Index(
            "uq_ticket_entries_current",
            "commitment_id",
            "entered_by_id",
            unique=True,
            sqlite_where=sa.text("is_void = 0"),
            postgresql_where=sa.text("NOT is_void"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(sa.ForeignKey("commitments.id"), index=True)
    value: Mapped[LongText]
    entered_at: Mapped[dt.datetime]
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    is_void: Mapped[bool] = mapped_column(default=False)

    commitment: Mapped[Commitment] = relationship(back_populates="entries")
