"""Lotteries, checks, commitments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("one_per_household", sa.Boolean(), nullable=False),
        sa.Column("inputs", sa.String(length=64), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_checks_assembly_id_assemblies")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_checks_job_id_jobs")),
        sa.ForeignKeyConstraint(["started_by_id"], ["users.id"], name=op.f("fk_checks_started_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checks")),
    )
    with op.batch_alter_table("checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checks_assembly_id"), ["assembly_id"], unique=False)

    op.create_table(
        "lotteries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "computing",
                "solved",
                "not_proven",
                "failed",
                "committed",
                "voided",
                "drawn",
                name="lotterystate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_rehearsal", sa.Boolean(), nullable=False),
        sa.Column("one_per_household", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("inputs", sa.String(length=64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "NOT (is_rehearsal AND state IN ('committed', 'voided', 'drawn'))", name=op.f("ck_lotteries_rehearsal")
        ),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_lotteries_assembly_id_assemblies")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_lotteries_job_id_jobs")),
        sa.ForeignKeyConstraint(["started_by_id"], ["users.id"], name=op.f("fk_lotteries_started_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lotteries")),
    )
    with op.batch_alter_table("lotteries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lotteries_assembly_id"), ["assembly_id"], unique=False)
        batch_op.create_index(
            "uq_lotteries_computing",
            ["assembly_id"],
            unique=True,
            sqlite_where=sa.text("state = 'computing'"),
            postgresql_where=sa.text("state = 'computing'"),
        )
        batch_op.create_index(
            "uq_lotteries_standing",
            ["assembly_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('committed', 'drawn')"),
            postgresql_where=sa.text("state IN ('committed', 'drawn')"),
        )

    op.create_table(
        "commitments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("lottery_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("committed_by_id", sa.Integer(), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("make_up", sa.JSON(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket", sa.Integer(), nullable=True),
        sa.Column("drawn_value", sa.Text(), nullable=False),
        sa.Column("public_document", sa.LargeBinary(), nullable=True),
        sa.Column("audit_document", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason = '')", name=op.f("ck_commitments_voided")),
        sa.CheckConstraint("voided_at IS NULL OR drawn_at IS NULL", name=op.f("ck_commitments_drawn_or_voided")),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_commitments_assembly_id_assemblies")),
        sa.ForeignKeyConstraint(["committed_by_id"], ["users.id"], name=op.f("fk_commitments_committed_by_id_users")),
        sa.ForeignKeyConstraint(["lottery_id"], ["lotteries.id"], name=op.f("fk_commitments_lottery_id_lotteries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitments")),
        sa.UniqueConstraint("hash", name=op.f("uq_commitments_hash")),
        sa.UniqueConstraint("lottery_id", name=op.f("uq_commitments_lottery_id")),
    )
    with op.batch_alter_table("commitments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commitments_assembly_id"), ["assembly_id"], unique=False)

    op.create_table(
        "ticket_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("is_void", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitments.id"], name=op.f("fk_ticket_entries_commitment_id_commitments")
        ),
        sa.ForeignKeyConstraint(["entered_by_id"], ["users.id"], name=op.f("fk_ticket_entries_entered_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_entries")),
    )
    with op.batch_alter_table("ticket_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_entries_commitment_id"), ["commitment_id"], unique=False)
        batch_op.create_index(
            "uq_ticket_entries_current",
            ["commitment_id", "entered_by_id"],
            unique=True,
            sqlite_where=sa.text("is_void = 0"),
            postgresql_where=sa.text("NOT is_void"),
        )


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("ticket_entries", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ticket_entries_current", sqlite_where=sa.text("is_void = 0"), postgresql_where=sa.text("NOT is_void")
        )
        batch_op.drop_index(batch_op.f("ix_ticket_entries_commitment_id"))

    op.drop_table("ticket_entries")
    with op.batch_alter_table("commitments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commitments_assembly_id"))

    op.drop_table("commitments")
    with op.batch_alter_table("lotteries", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_lotteries_standing",
            sqlite_where=sa.text("state IN ('committed', 'drawn')"),
            postgresql_where=sa.text("state IN ('committed', 'drawn')"),
        )
        batch_op.drop_index(
            "uq_lotteries_computing",
            sqlite_where=sa.text("state = 'computing'"),
            postgresql_where=sa.text("state = 'computing'"),
        )
        batch_op.drop_index(batch_op.f("ix_lotteries_assembly_id"))

    op.drop_table("lotteries")
    with op.batch_alter_table("checks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_checks_assembly_id"))

    op.drop_table("checks")
