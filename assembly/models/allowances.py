"""Allowances: rates, what members claim for an event, payment lists, and bank data, which stand apart from the rest."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.accounts import User
from assembly.models.base import Base, LongText, enumeration
from assembly.models.panel import Member
from assembly.models.programme import Event


class Presence(enum.StrEnum):
    """How long a member was at an event, as far as it is paid."""

    NONE = "none"
    HALF_DAY = "half_day"
    WHOLE_DAY = "whole_day"


class ClaimState(enum.StrEnum):
    """Where a claim stands. CHECKED: what it says is right; APPROVED: another person found its amounts right, too."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    APPROVED = "approved"
    LISTED = "listed"
    PAID = "paid"
    REJECTED = "rejected"


class Rates:
    """What is paid, in cents, and the cost centre that pays it."""

    whole_day: Mapped[int] = mapped_column(default=0)
    half_day: Mapped[int] = mapped_column(default=0)
    per_km: Mapped[int] = mapped_column(default=0)
    childcare_hour: Mapped[int] = mapped_column(default=0)
    care_hour: Mapped[int] = mapped_column(default=0)
    cost_centre: Mapped[str] = mapped_column(sa.String(40), default="")


class AssemblyRates(Rates, Base):
    """The rates of an assembly."""

    __tablename__ = "assembly_rates"

    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), primary_key=True)


class EventRates(Rates, Base):
    """The rates of one event, instead of the assembly's."""

    __tablename__ = "event_rates"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)


class PaymentList(Base):
    """Claims that are paid together, by the cash office or against a signature."""

    __tablename__ = "payment_lists"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    made_at: Mapped[dt.datetime]
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    paid_at: Mapped[dt.datetime | None]
    claims: Mapped[int]
    cents: Mapped[int]


class Claim(Base):
    """What a member claims for an event. Only `assembly.services.allowances.claims` changes its state.

    Quantities are what the member says; the amounts in cents are computed when it is saved, and stay from then on.
    `entered_by_id` is the account that last entered something for the member, and so does not check it.
    """

    __tablename__ = "allowance_claims"
    __table_args__ = (
        sa.UniqueConstraint("respondent_id", "event_id"),
        sa.CheckConstraint("kilometres >= 0 AND childcare_minutes >= 0 AND care_minutes >= 0", name="quantities"),
        sa.CheckConstraint(
            "attendance_cents >= 0 AND travel_cents >= 0 AND ticket_cents >= 0 "
            "AND childcare_cents >= 0 AND care_cents >= 0",
            name="amounts",
        ),
        sa.CheckConstraint("approved_by_id IS NULL OR approved_by_id <> checked_by_id", name="two_people"),
        sa.CheckConstraint(
            "entered_by_id IS NULL OR ((checked_by_id IS NULL OR checked_by_id <> entered_by_id) "
            "AND (approved_by_id IS NULL OR approved_by_id <> entered_by_id))",
            name="not_own_entry",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("members.respondent_id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), index=True)
    list_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payment_lists.id"), index=True)
    state: Mapped[ClaimState] = mapped_column(enumeration(ClaimState), default=ClaimState.DRAFT)
    presence: Mapped[Presence] = mapped_column(enumeration(Presence), default=Presence.NONE)
    kilometres: Mapped[int] = mapped_column(default=0)
    childcare_minutes: Mapped[int] = mapped_column(default=0)
    care_minutes: Mapped[int] = mapped_column(default=0)
    has_paper_receipts: Mapped[bool] = mapped_column(default=False)
    paper_received_at: Mapped[dt.datetime | None]
    attendance_cents: Mapped[int] = mapped_column(default=0)
    travel_cents: Mapped[int] = mapped_column(default=0)
    ticket_cents: Mapped[int] = mapped_column(default=0)
    childcare_cents: Mapped[int] = mapped_column(default=0)
    care_cents: Mapped[int] = mapped_column(default=0)
    cost_centre: Mapped[str] = mapped_column(sa.String(40), default="")
    reason: Mapped[LongText] = mapped_column(default="")
    changed_at: Mapped[dt.datetime]
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    member: Mapped[Member] = relationship()
    event: Mapped[Event] = relationship()
    entered_by: Mapped[User | None] = relationship(foreign_keys=[entered_by_id])
    checked_by: Mapped[User | None] = relationship(foreign_keys=[checked_by_id])
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])

    @property
    def cents(self) -> int:
        """All of it."""
        return self.attendance_cents + self.travel_cents + self.ticket_cents + self.childcare_cents + self.care_cents


class ClaimReceipt(Base):
    """A receipt of a claim, uploaded: its content is sealed, see `assembly.services.sealing`; `size` is that before."""

    __tablename__ = "claim_receipts"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey("allowance_claims.id", ondelete="CASCADE"), index=True)
    suffix: Mapped[str] = mapped_column(sa.String(8))
    size: Mapped[int]
    added_at: Mapped[dt.datetime]
    sealed: Mapped[bytes] = mapped_column(deferred=True)


class BankAccount(Base):
    """Where a member's money goes: holder and IBAN as one encrypted text; see `assembly.services.allowances.bank`."""

    __tablename__ = "bank_accounts"

    respondent_id: Mapped[int] = mapped_column(
        sa.ForeignKey("members.respondent_id", ondelete="CASCADE"), primary_key=True
    )
    sealed: Mapped[LongText]
    changed_at: Mapped[dt.datetime]
