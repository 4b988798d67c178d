"""Tables of events: what they are to be like, pairs, and who sits where."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _of(table: str, column: str, to: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.{key}"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete="CASCADE"
    )


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "table_plans",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("seated", _one_of("seated", "expected", "confirmed", "present"), nullable=False),
        sa.Column("tables", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("diverse", sa.JSON(), nullable=False),
        sa.Column("together", sa.JSON(), nullable=False),
        sa.Column("near", sa.JSON(), nullable=False),
        sa.Column("leads", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("tables BETWEEN 1 AND 100", name=op.f("ck_table_plans_tables")),
        sa.CheckConstraint("rounds BETWEEN 1 AND 20", name=op.f("ck_table_plans_rounds")),
        _of("table_plans", "event_id", "events", "id"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_table_plans")),
    )
    op.create_table(
        "table_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("pairkind", "together", "apart"), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_table_pairs_order")),
        _of("table_pairs", "event_id", "events", "id"),
        _of("table_pairs", "one_id", "members", "respondent_id"),
        _of("table_pairs", "other_id", "members", "respondent_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_pairs")),
        sa.UniqueConstraint("event_id", "one_id", "other_id", name=op.f("uq_table_pairs_event_id_one_id_other_id")),
    )
    op.create_index(op.f("ix_table_pairs_one_id"), "table_pairs", ["one_id"], unique=False)
    op.create_index(op.f("ix_table_pairs_other_id"), "table_pairs", ["other_id"], unique=False)
    op.create_table(
        "table_seats",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _of("table_seats", "event_id", "events", "id"),
        _of("table_seats", "respondent_id", "members", "respondent_id"),
        sa.PrimaryKeyConstraint("event_id", "is_draft", "round", "respondent_id", name=op.f("pk_table_seats")),
    )
    op.create_index(op.f("ix_table_seats_respondent_id"), "table_seats", ["respondent_id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("table_seats")
    op.drop_table("table_pairs")
    op.drop_table("table_plans")
