"""Council information systems, with their papers and meetings as they are mirrored by OParl."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "council_sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.String(length=10), nullable=False),
        sa.Column("bodies", sa.JSON(), nullable=False),
        sa.Column("body", sa.String(length=500), nullable=False),
        sa.Column("organizations", sa.JSON(), nullable=False),
        sa.Column("asks_since", sa.Boolean(), nullable=False),
        sa.Column("walk", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.JSON(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("full_at", UtcDateTime(), nullable=True),
        sa.Column("synchronised_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_council_sources_assembly_id_assemblies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_sources")),
        sa.UniqueConstraint("assembly_id", name=op.f("uq_council_sources_assembly_id")),
    )
    op.create_table(
        "council_meetings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("oparl_id", sa.String(length=500), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organizations", sa.JSON(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("web", sa.String(length=500), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("walk", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["council_sources.id"], name=op.f("fk_council_meetings_source_id_council_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_meetings")),
        sa.UniqueConstraint("source_id", "oparl_id", name=op.f("uq_council_meetings_source_id_oparl_id")),
    )
    op.create_index(
        "ix_council_meetings_source_id_starts_at", "council_meetings", ["source_id", "starts_at"], unique=False
    )
    op.create_table(
        "council_papers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("oparl_id", sa.String(length=500), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("paper_type", sa.String(length=200), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("web", sa.String(length=500), nullable=False),
        sa.Column("main_file", sa.String(length=500), nullable=False),
        sa.Column("modified_at", UtcDateTime(), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("walk", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["council_sources.id"], name=op.f("fk_council_papers_source_id_council_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_papers")),
        sa.UniqueConstraint("source_id", "oparl_id", name=op.f("uq_council_papers_source_id_oparl_id")),
    )
    op.create_index("ix_council_papers_source_id_dated_on", "council_papers", ["source_id", "dated_on"], unique=False)
    op.create_table(
        "council_agenda_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("oparl_id", sa.String(length=500), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("result", sa.String(length=200), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("web", sa.String(length=500), nullable=False),
        sa.Column("consultation", sa.String(length=500), nullable=False),
        sa.Column("paper", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["council_meetings.id"], name=op.f("fk_council_agenda_items_meeting_id_council_meetings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_agenda_items")),
        sa.UniqueConstraint("meeting_id", "oparl_id", name=op.f("uq_council_agenda_items_meeting_id_oparl_id")),
    )
    op.create_table(
        "council_consultations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("oparl_id", sa.String(length=500), nullable=False),
        sa.Column("agenda_item", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["council_papers.id"], name=op.f("fk_council_consultations_paper_id_council_papers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_consultations")),
    )
    op.create_index(
        op.f("ix_council_consultations_agenda_item"), "council_consultations", ["agenda_item"], unique=False
    )
    op.create_index(op.f("ix_council_consultations_oparl_id"), "council_consultations", ["oparl_id"], unique=False)
    op.create_index(op.f("ix_council_consultations_paper_id"), "council_consultations", ["paper_id"], unique=False)


def downgrade() -> None:
    """Take it back to the one before."""
    op.drop_table("council_consultations")
    op.drop_table("council_agenda_items")
    op.drop_table("council_papers")
    op.drop_table("council_meetings")
    op.drop_table("council_sources")
