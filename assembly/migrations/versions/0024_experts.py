"""Experts with the perspectives that should be heard, what members ask for, and materials in versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    _create_experts()
    _create_requests()
    _create_materials()


def _create_experts() -> None:
    op.create_table(
        "assembly_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_assembly_questions_assembly_id_assemblies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assembly_questions")),
    )
    op.create_index(op.f("ix_assembly_questions_assembly_id"), "assembly_questions", ["assembly_id"], unique=False)
    op.create_table(
        "experts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "science",
                "administration",
                "interest_group",
                "affected",
                name="expertrole",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("affiliation", sa.String(length=200), nullable=False),
        sa.Column(
            "gender",
            sa.Enum("female", "male", "diverse", name="gender", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("interests", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("chosen_by", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "invited",
                "accepted",
                "declined",
                "withdrawn",
                name="expertstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("fee", sa.Integer(), nullable=True),
        sa.CheckConstraint("fee BETWEEN 0 AND 1000000", name=op.f("ck_experts_fee")),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_experts_assembly_id_assemblies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experts")),
    )
    op.create_index(op.f("ix_experts_assembly_id"), "experts", ["assembly_id"], unique=False)
    op.create_table(
        "perspectives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["assembly_questions.id"],
            name=op.f("fk_perspectives_question_id_assembly_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_perspectives")),
        sa.UniqueConstraint("question_id", "name", name=op.f("uq_perspectives_question_id_name")),
    )
    op.create_table(
        "expert_perspectives",
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("perspective_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["experts.id"], name=op.f("fk_expert_perspectives_expert_id_experts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["perspective_id"],
            ["perspectives.id"],
            name=op.f("fk_expert_perspectives_perspective_id_perspectives"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("expert_id", "perspective_id", name=op.f("pk_expert_perspectives")),
    )
    op.create_index(
        op.f("ix_expert_perspectives_perspective_id"), "expert_perspectives", ["perspective_id"], unique=False
    )
    op.create_table(
        "expert_inputs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_expert_inputs_minutes")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_expert_inputs_event_id_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["experts.id"], name=op.f("fk_expert_inputs_expert_id_experts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_items.id"], name=op.f("fk_expert_inputs_item_id_agenda_items"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_inputs")),
    )
    op.create_index(op.f("ix_expert_inputs_event_id"), "expert_inputs", ["event_id"], unique=False)
    op.create_index(op.f("ix_expert_inputs_expert_id"), "expert_inputs", ["expert_id"], unique=False)
    op.create_index(op.f("ix_expert_inputs_item_id"), "expert_inputs", ["item_id"], unique=False)


def _create_requests() -> None:
    op.create_table(
        "member_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("expert", "question", name="requestkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_member_requests_assembly_id_assemblies")
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["respondents.id"],
            name=op.f("fk_member_requests_respondent_id_respondents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_requests")),
    )
    op.create_index(op.f("ix_member_requests_assembly_id"), "member_requests", ["assembly_id"], unique=False)
    op.create_index(op.f("ix_member_requests_respondent_id"), "member_requests", ["respondent_id"], unique=False)
    op.create_table(
        "request_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("expert", "question", name="requestkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_request_answers_assembly_id_assemblies")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["member_requests.id"],
            name=op.f("fk_request_answers_request_id_member_requests"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_answers")),
        sa.UniqueConstraint("request_id", name=op.f("uq_request_answers_request_id")),
    )
    op.create_index(op.f("ix_request_answers_assembly_id"), "request_answers", ["assembly_id"], unique=False)


def _create_materials() -> None:
    op.create_table(
        "materials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("expert_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "document", "link", "video", name="materialkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("licence", sa.String(length=200), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("plain_text", sa.Text(), nullable=False),
        sa.Column("is_to_read_before", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_materials_assembly_id_assemblies")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_materials_event_id_events"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["experts.id"], name=op.f("fk_materials_expert_id_experts"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_items.id"], name=op.f("fk_materials_item_id_agenda_items"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_materials")),
    )
    op.create_index(op.f("ix_materials_assembly_id"), "materials", ["assembly_id"], unique=False)
    op.create_index(op.f("ix_materials_event_id"), "materials", ["event_id"], unique=False)
    op.create_index(op.f("ix_materials_expert_id"), "materials", ["expert_id"], unique=False)
    op.create_index(op.f("ix_materials_item_id"), "materials", ["item_id"], unique=False)
    op.create_table(
        "material_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("material_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("has_captions", sa.Boolean(), nullable=False),
        sa.Column("transcript", sa.Text(), nullable=False),
        sa.Column("suffix", sa.String(length=10), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["material_id"],
            ["materials.id"],
            name=op.f("fk_material_versions_material_id_materials"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_versions")),
        sa.UniqueConstraint("material_id", "number", name=op.f("uq_material_versions_material_id_number")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("material_versions")
    op.drop_table("materials")
    op.drop_table("request_answers")
    op.drop_table("member_requests")
    op.drop_table("expert_inputs")
    op.drop_table("expert_perspectives")
    op.drop_table("perspectives")
    op.drop_table("experts")
    op.drop_table("assembly_questions")
