"""Recommendations, their handover, and the cases of the follow-up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.models.base import UtcDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("rules_id", sa.Integer(), nullable=False),
        sa.Column("handed_over_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("received_by", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_handovers_assembly_id_assemblies")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["users.id"], name=op.f("fk_handovers_recorded_by_id_users")),
        sa.ForeignKeyConstraint(
            ["rules_id"], ["follow_up_rules.id"], name=op.f("fk_handovers_rules_id_follow_up_rules")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handovers_assembly_id"), ["assembly_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handovers_recorded_by_id"), ["recorded_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handovers_rules_id"), ["rules_id"], unique=False)

    op.create_table(
        "recommendations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "merged",
                "discarded",
                "adopted",
                "handed_over",
                name="recommendationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("theme", sa.String(length=200), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("addressee_numbers", sa.JSON(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("adopted_at", UtcDateTime(), nullable=True),
        sa.Column("handover_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "(state = 'handed_over') = (digest IS NOT NULL)", name=op.f("ck_recommendations_handed_over")
        ),
        sa.CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_recommendations_merged")),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_recommendations_merged_into_another")),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assemblies.id"], name=op.f("fk_recommendations_assembly_id_assemblies")
        ),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("fk_recommendations_handover_id_handovers")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["recommendations.id"], name=op.f("fk_recommendations_merged_into_id_recommendations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendations")),
        sa.UniqueConstraint("assembly_id", "number", name=op.f("uq_recommendations_assembly_id_number")),
    )
    with op.batch_alter_table("recommendations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recommendations_handover_id"), ["handover_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recommendations_merged_into_id"), ["merged_into_id"], unique=False)

    op.create_table(
        "adoption_counts",
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("counted_by_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("yes", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("abstained", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("panel_size", sa.Integer(), nullable=False),
        sa.Column("is_adopted", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "yes + no + abstained <= present AND present <= panel_size", name=op.f("ck_adoption_counts_present")
        ),
        sa.CheckConstraint("yes >= 0 AND no >= 0 AND abstained >= 0", name=op.f("ck_adoption_counts_votes")),
        sa.ForeignKeyConstraint(["counted_by_id"], ["users.id"], name=op.f("fk_adoption_counts_counted_by_id_users")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_adoption_counts_event_id_events"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_id"],
            ["recommendations.id"],
            name=op.f("fk_adoption_counts_recommendation_id_recommendations"),
        ),
        sa.PrimaryKeyConstraint("recommendation_id", name=op.f("pk_adoption_counts")),
    )
    with op.batch_alter_table("adoption_counts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adoption_counts_counted_by_id"), ["counted_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_adoption_counts_event_id"), ["event_id"], unique=False)

    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("addressee_id", sa.Integer(), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "handed_over",
                "assigned",
                "under_review",
                "answered",
                "debated",
                "decided",
                "forwarded",
                "in_implementation",
                "reviewed",
                "closed",
                name="casestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column(
            "answered",
            sa.Enum(
                "accepted",
                "with_changes",
                "rejected",
                "not_competent",
                "postponed",
                "to_be_examined",
                "already_done",
                name="answered",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "decided",
            sa.Enum(
                "accepted",
                "with_changes",
                "rejected",
                "not_competent",
                "postponed",
                "to_be_examined",
                "already_done",
                name="decided",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "result",
            sa.Enum(
                "carried_out",
                "partly",
                "not",
                "overtaken",
                name="result",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column(
            "duty",
            sa.Enum(
                "assign",
                "answer",
                "debate",
                "decide",
                "first_report",
                "review",
                "minutes",
                "report",
                "forward",
                "forwarded_reply",
                "resume",
                "agenda",
                name="duty",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("in_time", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("open_days", sa.JSON(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_cases_closed")),
        sa.CheckConstraint("(duty IS NULL) = (due_on IS NULL)", name=op.f("ck_cases_due")),
        sa.ForeignKeyConstraint(["addressee_id"], ["addressees.id"], name=op.f("fk_cases_addressee_id_addressees")),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_cases_assembly_id_assemblies")),
        sa.ForeignKeyConstraint(["handover_id"], ["handovers.id"], name=op.f("fk_cases_handover_id_handovers")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_cases_recommendation_id_recommendations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("recommendation_id", "addressee_id", name=op.f("uq_cases_recommendation_id_addressee_id")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_addressee_id"), ["addressee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_assembly_id_due_on"), ["assembly_id", "due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_handover_id"), ["handover_id"], unique=False)

    op.create_table(
        "minority_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("supporters", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("supporters >= 1", name=op.f("ck_minority_views_supporters")),
        sa.ForeignKeyConstraint(["added_by_id"], ["users.id"], name=op.f("fk_minority_views_added_by_id_users")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"],
            ["recommendations.id"],
            name=op.f("fk_minority_views_recommendation_id_recommendations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minority_views")),
    )
    with op.batch_alter_table("minority_views", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minority_views_added_by_id"), ["added_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_minority_views_recommendation_id"), ["recommendation_id"], unique=False)

    op.create_table(
        "recommendation_versions",
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("theme", sa.String(length=200), nullable=False),
        sa.Column("plain", sa.Text(), nullable=False),
        sa.Column("is_editorial", sa.Boolean(), nullable=False),
        sa.Column("objections_until", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recommendation_id"],
            ["recommendations.id"],
            name=op.f("fk_recommendation_versions_recommendation_id_recommendations"),
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["users.id"], name=op.f("fk_recommendation_versions_saved_by_id_users")
        ),
        sa.PrimaryKeyConstraint("recommendation_id", "number", name=op.f("pk_recommendation_versions")),
    )
    with op.batch_alter_table("recommendation_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recommendation_versions_saved_by_id"), ["saved_by_id"], unique=False)

    op.create_table(
        "case_steps",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "move",
            sa.Enum(
                "assign",
                "begin_review",
                "extend",
                "answer",
                "ask_better",
                "reply",
                "debate",
                "minutes",
                "decide",
                "implement",
                "report",
                "review",
                "send_back",
                "forward",
                "forwarded_reply",
                "resume",
                "new_term",
                "on_agenda",
                "close",
                "correct",
                "redact",
                name="move",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("redacted", sa.JSON(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_steps_case_id_cases")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["users.id"], name=op.f("fk_case_steps_recorded_by_id_users")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_case_steps")),
    )
    with op.batch_alter_table("case_steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_steps_recorded_by_id"), ["recorded_by_id"], unique=False)

    op.create_table(
        "editorial_objections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=True),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recommendation_id", "version"],
            ["recommendation_versions.recommendation_id", "recommendation_versions.number"],
            name=op.f("fk_editorial_objections_recommendation_id_version_recommendation_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["respondents.id"],
            name=op.f("fk_editorial_objections_respondent_id_respondents"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editorial_objections")),
    )
    with op.batch_alter_table("editorial_objections", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_editorial_objections_recommendation_id_version"),
            ["recommendation_id", "version"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_editorial_objections_respondent_id"), ["respondent_id"], unique=False)

    op.create_table(
        "recommendation_sources",
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["sheet_entries.id"],
            name=op.f("fk_recommendation_sources_entry_id_sheet_entries"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_id"],
            ["recommendations.id"],
            name=op.f("fk_recommendation_sources_recommendation_id_recommendations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recommendation_id", "entry_id", name=op.f("pk_recommendation_sources")),
    )
    with op.batch_alter_table("recommendation_sources", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recommendation_sources_entry_id"), ["entry_id"], unique=False)


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("recommendation_sources", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recommendation_sources_entry_id"))

    op.drop_table("recommendation_sources")
    with op.batch_alter_table("editorial_objections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_editorial_objections_respondent_id"))
        batch_op.drop_index(batch_op.f("ix_editorial_objections_recommendation_id_version"))

    op.drop_table("editorial_objections")
    with op.batch_alter_table("case_steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_steps_recorded_by_id"))

    op.drop_table("case_steps")
    with op.batch_alter_table("recommendation_versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recommendation_versions_saved_by_id"))

    op.drop_table("recommendation_versions")
    with op.batch_alter_table("minority_views", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_minority_views_recommendation_id"))
        batch_op.drop_index(batch_op.f("ix_minority_views_added_by_id"))

    op.drop_table("minority_views")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_handover_id"))
        batch_op.drop_index(batch_op.f("ix_cases_assembly_id_due_on"))
        batch_op.drop_index(batch_op.f("ix_cases_addressee_id"))

    op.drop_table("cases")
    with op.batch_alter_table("adoption_counts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_adoption_counts_event_id"))
        batch_op.drop_index(batch_op.f("ix_adoption_counts_counted_by_id"))

    op.drop_table("adoption_counts")
    with op.batch_alter_table("recommendations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recommendations_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_recommendations_handover_id"))

    op.drop_table("recommendations")
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handovers_rules_id"))
        batch_op.drop_index(batch_op.f("ix_handovers_recorded_by_id"))
        batch_op.drop_index(batch_op.f("ix_handovers_assembly_id"))

    op.drop_table("handovers")
