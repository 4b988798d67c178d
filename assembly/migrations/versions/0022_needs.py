"""Needs have kinds and stand for each event; providers, bookings, lead times. What was recorded is of kind “other”."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KINDS = (
    *("sign_language", "speech_to_text", "spoken_language", "plain_language", "childcare", "care_cover", "mobility"),
    *("diet", "device", "travel", "other"),
)


def kinds() -> sa.Enum:
    """Return the type of a kind."""
    return sa.Enum(*KINDS, name="needkind", native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Bring the schema up to this revision."""
    with op.batch_alter_table("support_needs") as batch_op:
        batch_op.alter_column("recorded_by_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("kind", kinds(), nullable=False, server_default="other"))
        batch_op.add_column(sa.Column("language", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("children", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("ages", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("for_all_events", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.create_check_constraint(op.f("ck_support_needs_children"), "children BETWEEN 1 AND 20")
    with op.batch_alter_table("support_needs") as batch_op:
        for name, kind in (("kind", kinds()), ("language", sa.String(200)), ("ages", sa.String(200))):
            batch_op.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)
        batch_op.alter_column(
            "for_all_events", existing_type=sa.Boolean(), existing_nullable=False, server_default=None
        )
    _create_event_needs()
    _create_bookings()


def _create_event_needs() -> None:
    states = sa.Enum(
        *("requested", "arranged", "declined"), name="needstate", native_enum=False, create_constraint=True, length=40
    )
    op.create_table(
        "event_needs",
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("is_needed", sa.Boolean(), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_needs_event_id_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["support_needs.id"], name=op.f("fk_event_needs_need_id_support_needs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("need_id", "event_id", name=op.f("pk_event_needs")),
    )
    op.create_index(op.f("ix_event_needs_event_id"), "event_needs", ["event_id"], unique=False)


def _create_bookings() -> None:
    op.create_table(
        "lead_times",
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("kind", kinds(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("days BETWEEN 0 AND 365", name=op.f("ck_lead_times_days")),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_lead_times_assembly_id_assemblies")),
        sa.PrimaryKeyConstraint("assembly_id", "kind", name=op.f("pk_lead_times")),
    )
    op.create_table(
        "providers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("is_one_person", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_providers_assembly_id_assemblies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providers")),
    )
    op.create_index(op.f("ix_providers_assembly_id"), "providers", ["assembly_id"], unique=False)
    states = sa.Enum(
        *("to_book", "asked", "booked", "cancelled"),
        name="bookingstate",
        native_enum=False,
        create_constraint=True,
        length=40,
    )
    op.create_table(
        "bookings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", kinds(), nullable=False),
        sa.Column("language", sa.String(length=200), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("is_to_be_told", sa.Boolean(), nullable=False),
        sa.CheckConstraint("people BETWEEN 1 AND 1000", name=op.f("ck_bookings_people")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_bookings_event_id_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_bookings_provider_id_providers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
    )
    op.create_index(op.f("ix_bookings_event_id"), "bookings", ["event_id"], unique=False)
    op.create_index(op.f("ix_bookings_provider_id"), "bookings", ["provider_id"], unique=False)


def downgrade() -> None:
    """Take this revision back: of each need its kind and details stay, as text; what members said themselves goes."""
    op.drop_table("bookings")
    op.drop_table("providers")
    op.drop_table("lead_times")
    op.drop_table("event_needs")
    op.execute("DELETE FROM support_needs WHERE recorded_by_id IS NULL")
    op.execute(
        "UPDATE support_needs SET text = kind || ' ' || language || ' ' || ages || ' ' || text WHERE kind <> 'other'"
    )
    with op.batch_alter_table("support_needs") as batch_op:
        batch_op.drop_constraint(op.f("ck_support_needs_children"), type_="check")
        batch_op.drop_constraint(op.f("ck_support_needs_needkind"), type_="check")
        for name in ("for_all_events", "ages", "children", "language", "kind"):
            batch_op.drop_column(name)
        batch_op.alter_column("recorded_by_id", existing_type=sa.Integer(), nullable=False)
