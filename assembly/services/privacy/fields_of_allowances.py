"""What is kept of members who are paid for taking part; bank data stand apart, and go by their own clock."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from assembly.models import AssemblyRates, BankAccount, Claim, ClaimReceipt, EventRates, PaymentList
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, by_column, table_of
from assembly.services.privacy.fields_of_panel import POOL_AND_PANEL

_RATES = ("whole_day", "half_day", "per_km", "childcare_hour", "care_hour", "cost_centre")


def _of_receipts(respondent_ids: Collection[int]) -> sa.ColumnElement[bool]:
    theirs = sa.select(Claim.id).where(Claim.respondent_id.in_(respondent_ids))
    return table_of(ClaimReceipt).c.claim_id.in_(theirs)


ALLOWANCES = (
    Declared(table_of(AssemblyRates), marked("Rates of allowances"), others=frozenset({"assembly_id", *_RATES})),
    Declared(table_of(EventRates), marked("Rates of single events"), others=frozenset({"event_id", *_RATES})),
    Declared(
        table_of(PaymentList),
        marked("Payment lists"),
        kept=(
            Kept(
                ("made_by_id",),
                marked("Which account made a payment list"),
                marked("Shows who had money paid."),
                Basis.ACCOUNTABILITY,
                (Deadline.PROOFS,),
            ),
        ),
        others=frozenset({"id", "assembly_id", "made_at", "paid_at", "claims", "cents"}),
    ),
    Declared(
        table_of(ClaimReceipt),
        marked("Receipts of claims"),
        kept=(
            Kept(
                ("suffix", "size", "added_at", "sealed"),
                marked("What a member uploaded to show what they paid, encrypted"),
                marked("To check what is claimed."),
                Basis.TASK,
                (Deadline.RECEIPTS, *POOL_AND_PANEL),
            ),
        ),
        others=frozenset({"id", "claim_id"}),
        rows=_of_receipts,
        own=True,
    ),
    Declared(
        table_of(Claim),
        marked("Claims of allowances"),
        kept=(
            Kept(
                (
                    *("event_id", "list_id", "state", "presence", "kilometres", "childcare_minutes", "care_minutes"),
                    *(
                        "has_paper_receipts",
                        "paper_received_at",
                        "attendance_cents",
                        "travel_cents",
                        "ticket_cents",
                        "childcare_cents",
                    ),
                    *("care_cents", "cost_centre", "reason", "changed_at"),
                ),
                marked("What a member claims for an event, and what became of it"),
                marked("To pay allowances. The vouchers that the law wants to be kept lie with the cash office."),
                Basis.TASK,
                (Deadline.CLAIMS, *POOL_AND_PANEL),
            ),
            Kept(
                ("entered_by_id", "checked_by_id", "approved_by_id"),
                marked("Which accounts entered, checked and approved a claim"),
                marked("Shows that two people looked at each payment."),
                Basis.ACCOUNTABILITY,
                (Deadline.CLAIMS, *POOL_AND_PANEL),
            ),
        ),
        others=frozenset({"id", "respondent_id"}),
        rows=by_column(Claim),
        own=True,
    ),
    Declared(
        table_of(BankAccount),
        marked("Bank data"),
        kept=(
            Kept(
                ("sealed", "changed_at"),
                marked("Holder and number of the account, encrypted, and when they were entered"),
                marked("To pay allowances; nobody else but who makes payment lists reads them."),
                Basis.TASK,
                (Deadline.PAYMENTS, Deadline.MEMBERS, Deadline.NOT_DRAWN),
            ),
        ),
        others=frozenset({"respondent_id"}),
        rows=by_column(BankAccount),
        own=True,
    ),
)
