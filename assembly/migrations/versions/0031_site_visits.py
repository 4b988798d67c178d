"""Site visits: the way, what was seen there, and photos of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "site_visits",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("meeting_point", sa.Text(), nullable=False),
        sa.Column("step_free_way", sa.Text(), nullable=False),
        sa.Column("no_step_free_reason", sa.Text(), nullable=False),
        sa.Column("benches", sa.Text(), nullable=False),
        sa.Column("toilets", sa.Text(), nullable=False),
        sa.Column("group_size", sa.Integer(), nullable=True),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("transport_seats", sa.Integer(), nullable=True),
        sa.Column("weather_plan", sa.Text(), nullable=False),
        sa.Column("safety_contact", sa.String(length=200), nullable=False),
        sa.Column("safety_phone", sa.String(length=40), nullable=False),
        sa.Column("remote_text", sa.Text(), nullable=False),
        sa.Column("remote_link", sa.String(length=500), nullable=False),
        sa.Column("remote_material_id", sa.Integer(), nullable=True),
        sa.Column("plain_text", sa.Text(), nullable=False),
        sa.CheckConstraint("group_size BETWEEN 1 AND 1000", name=op.f("ck_site_visits_group_size")),
        sa.CheckConstraint("transport_seats BETWEEN 0 AND 10000", name=op.f("ck_site_visits_transport_seats")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_site_visits_event_id_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["remote_material_id"],
            ["materials.id"],
            name=op.f("fk_site_visits_remote_material_id_materials"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_site_visits")),
    )
    op.create_index(op.f("ix_site_visits_remote_material_id"), "site_visits", ["remote_material_id"])
    op.create_table(
        "visit_stops",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column(
            "surface",
            sa.Enum(
                *("smooth", "paving", "cobbles", "gravel", "grass", "steps"),
                name="surface",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("about", sa.Text(), nullable=False),
        sa.CheckConstraint("metres BETWEEN 0 AND 100000", name=op.f("ck_visit_stops_metres")),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["site_visits.event_id"],
            name=op.f("fk_visit_stops_event_id_site_visits"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_stops")),
        sa.UniqueConstraint("event_id", "position", name=op.f("uq_visit_stops_event_id_position")),
    )
    _create_sheets()


def _create_sheets() -> None:
    op.create_table(
        "observation_sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("stop_id", sa.Integer(), nullable=True),
        sa.Column("respondent_id", sa.Integer(), nullable=True),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("heard", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_observation_sheets_event_id_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["stop_id"], ["visit_stops.id"], name=op.f("fk_observation_sheets_stop_id_visit_stops"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["members.respondent_id"],
            name=op.f("fk_observation_sheets_respondent_id_members"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation_sheets")),
    )
    for column in ("event_id", "stop_id", "respondent_id"):
        op.create_index(op.f(f"ix_observation_sheets_{column}"), "observation_sheets", [column])
    op.create_table(
        "visit_photos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("alt_text", sa.String(length=500), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("agreed_at", UtcDateTime(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"],
            ["observation_sheets.id"],
            name=op.f("fk_visit_photos_sheet_id_observation_sheets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_photos")),
    )
    op.create_index(op.f("ix_visit_photos_sheet_id"), "visit_photos", ["sheet_id"])


def downgrade() -> None:
    """Take it back."""
    for table in ("visit_photos", "observation_sheets", "visit_stops", "site_visits"):
        op.drop_table(table)
