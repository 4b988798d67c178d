"""Allowances: rates, claims with receipts, payment lists, bank data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def _rates() -> list[sa.Column[int] | sa.Column[str]]:
    amounts = ("whole_day", "half_day", "per_km", "childcare_hour", "care_hour")
    return [
        *(sa.Column(name, sa.Integer(), nullable=False) for name in amounts),
        sa.Column("cost_centre", sa.String(length=40), nullable=False),
    ]


def _enumeration(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "assembly_rates",
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        *_rates(),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_assembly_rates_assembly_id_assemblies")
        ),
        sa.PrimaryKeyConstraint("assembly_id", name=op.f("pk_assembly_rates")),
    )
    op.create_table(
        "event_rates",
        sa.Column("event_id", sa.Integer(), nullable=False),
        *_rates(),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_rates_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event_rates")),
    )
    op.create_table(
        "payment_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_payment_lists_assembly_id_assemblies")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_payment_lists_made_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_lists")),
    )
    op.create_index(op.f("ix_payment_lists_assembly_id"), "payment_lists", ["assembly_id"], unique=False)
    op.create_table(
        "bank_accounts",
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["members.respondent_id"],
            name=op.f("fk_bank_accounts_respondent_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("respondent_id", name=op.f("pk_bank_accounts")),
    )
    op.create_table(
        "allowance_claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            _enumeration("claimstate", "draft", "submitted", "checked", "approved", "listed", "paid", "rejected"),
            nullable=False,
        ),
        sa.Column("presence", _enumeration("presence", "none", "half_day", "whole_day"), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("kilometres", "childcare_minutes", "care_minutes")
        ),
        sa.Column("has_paper_receipts", sa.Boolean(), nullable=False),
        sa.Column("paper_received_at", UtcDateTime(), nullable=True),
        *(
            sa.Column(f"{name}_cents", sa.Integer(), nullable=False)
            for name in ("attendance", "travel", "ticket", "childcare", "care")
        ),
        sa.Column("cost_centre", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kilometres >= 0 AND childcare_minutes >= 0 AND care_minutes >= 0",
            name=op.f("ck_allowance_claims_quantities"),
        ),
        sa.CheckConstraint(
            "attendance_cents >= 0 AND travel_cents >= 0 AND ticket_cents >= 0 "
            "AND childcare_cents >= 0 AND care_cents >= 0",
            name=op.f("ck_allowance_claims_amounts"),
        ),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> checked_by_id", name=op.f("ck_allowance_claims_two_people")
        ),
        sa.CheckConstraint(
            "entered_by_id IS NULL OR ((checked_by_id IS NULL OR checked_by_id <> entered_by_id) "
            "AND (approved_by_id IS NULL OR approved_by_id <> entered_by_id))",
            name=op.f("ck_allowance_claims_not_own_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["members.respondent_id"],
            name=op.f("fk_allowance_claims_respondent_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_allowance_claims_event_id_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["payment_lists.id"], name=op.f("fk_allowance_claims_list_id_payment_lists")
        ),
        sa.ForeignKeyConstraint(["entered_by_id"], ["users.id"], name=op.f("fk_allowance_claims_entered_by_id_users")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["users.id"], name=op.f("fk_allowance_claims_checked_by_id_users")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["users.id"], name=op.f("fk_allowance_claims_approved_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowance_claims")),
        sa.UniqueConstraint("respondent_id", "event_id", name=op.f("uq_allowance_claims_respondent_id_event_id")),
    )
    op.create_index(op.f("ix_allowance_claims_event_id"), "allowance_claims", ["event_id"], unique=False)
    op.create_index(op.f("ix_allowance_claims_list_id"), "allowance_claims", ["list_id"], unique=False)
    op.create_table(
        "claim_receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("suffix", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"],
            ["allowance_claims.id"],
            name=op.f("fk_claim_receipts_claim_id_allowance_claims"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_receipts")),
    )
    op.create_index(op.f("ix_claim_receipts_claim_id"), "claim_receipts", ["claim_id"], unique=False)


def downgrade() -> None:
    """Take it back to the one before."""
    for table in (
        *("claim_receipts", "allowance_claims", "bank_accounts"),
        *("payment_lists", "event_rates", "assembly_rates"),
    ):
        op.drop_table(table)
