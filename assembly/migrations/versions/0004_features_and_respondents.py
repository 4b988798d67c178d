"""Features and respondents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up to this revision."""
    op.create_table(
        "features",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("is_voluntary", sa.Boolean(), nullable=False),
        sa.Column("is_special_category", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column(
            "derived_from",
            sa.Enum(
                "birth_date",
                "postcode",
                "street",
                name="derivation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_features_assembly_id_assemblies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_features")),
        sa.UniqueConstraint("assembly_id", "name", name=op.f("uq_features_assembly_id_name")),
    )
    with op.batch_alter_table("features", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_features_assembly_id"), ["assembly_id"], unique=False)

    op.create_table(
        "households",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_households_assembly_id_assemblies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
    )
    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_households_assembly_id"), ["assembly_id"], unique=False)

    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "uploaded",
                "applying",
                "applied",
                "undone",
                "discarded",
                name="importstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_imports_assembly_id_assemblies")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["users.id"], name=op.f("fk_imports_uploaded_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imports_assembly_id"), ["assembly_id"], unique=False)

    op.create_table(
        "feature_values",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feature_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("share", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("lower", sa.Integer(), nullable=False),
        sa.Column("upper", sa.Integer(), nullable=False),
        sa.Column("lower_flex", sa.Integer(), nullable=True),
        sa.Column("upper_flex", sa.Integer(), nullable=True),
        sa.Column("spellings", sa.JSON(), nullable=False),
        sa.CheckConstraint("0 <= lower AND lower <= upper", name=op.f("ck_feature_values_quota")),
        sa.CheckConstraint(
            "lower_flex IS NULL OR (0 <= lower_flex AND lower_flex <= lower)", name=op.f("ck_feature_values_lower_flex")
        ),
        sa.CheckConstraint("upper_flex IS NULL OR upper <= upper_flex", name=op.f("ck_feature_values_upper_flex")),
        sa.ForeignKeyConstraint(["feature_id"], ["features.id"], name=op.f("fk_feature_values_feature_id_features")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feature_values")),
        sa.UniqueConstraint("feature_id", "name", name=op.f("uq_feature_values_feature_id_name")),
    )
    with op.batch_alter_table("feature_values", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feature_values_feature_id"), ["feature_id"], unique=False)

    op.create_table(
        "respondents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assembly_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "registered",
                "excluded",
                "drawn",
                "confirmed",
                "declined",
                "not_reached",
                "withdrawn",
                "replaced",
                "erased",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "exclusion",
            sa.Enum(
                "duplicate",
                "too_young",
                "not_resident",
                "no_invitation",
                "office_holder",
                "own_wish",
                name="exclusion",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "source",
            sa.Enum("file", "by_hand", name="source", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(status = 'excluded') = (exclusion IS NOT NULL)", name=op.f("ck_respondents_exclusion_reason")
        ),
        sa.ForeignKeyConstraint(["assembly_id"], ["assemblies.id"], name=op.f("fk_respondents_assembly_id_assemblies")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_respondents_household_id_households")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_respondents")),
        sa.UniqueConstraint("assembly_id", "code", name=op.f("uq_respondents_assembly_id_code")),
    )
    with op.batch_alter_table("respondents", schema=None) as batch_op:
        batch_op.create_index("ix_respondents_assembly_id_status", ["assembly_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_respondents_household_id"), ["household_id"], unique=False)

    op.create_table(
        "contacts",
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=200), nullable=False),
        sa.Column("last_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=200), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("house_number", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["respondents.id"],
            name=op.f("fk_contacts_respondent_id_respondents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("respondent_id", name=op.f("pk_contacts")),
    )
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_contacts_last_name"), ["last_name"], unique=False)

    op.create_table(
        "import_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_changes_import_id_imports")),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["respondents.id"],
            name=op.f("fk_import_changes_respondent_id_respondents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_changes")),
        sa.UniqueConstraint("import_id", "respondent_id", name=op.f("uq_import_changes_import_id_respondent_id")),
    )
    with op.batch_alter_table("import_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_changes_respondent_id"), ["respondent_id"], unique=False)

    op.create_table(
        "respondent_values",
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("feature_id", sa.Integer(), nullable=False),
        sa.Column("value_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["feature_id"], ["features.id"], name=op.f("fk_respondent_values_feature_id_features")),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["respondents.id"],
            name=op.f("fk_respondent_values_respondent_id_respondents"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["value_id"], ["feature_values.id"], name=op.f("fk_respondent_values_value_id_feature_values")
        ),
        sa.PrimaryKeyConstraint("respondent_id", "feature_id", name=op.f("pk_respondent_values")),
    )
    with op.batch_alter_table("respondent_values", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_respondent_values_value_id"), ["value_id"], unique=False)


def downgrade() -> None:
    """Take it back to the one before."""
    with op.batch_alter_table("respondent_values", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_respondent_values_value_id"))

    op.drop_table("respondent_values")
    with op.batch_alter_table("import_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_changes_respondent_id"))

    op.drop_table("import_changes")
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_last_name"))
        batch_op.drop_index(batch_op.f("ix_contacts_email"))

    op.drop_table("contacts")
    with op.batch_alter_table("respondents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_respondents_household_id"))
        batch_op.drop_index("ix_respondents_assembly_id_status")

    op.drop_table("respondents")
    with op.batch_alter_table("feature_values", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feature_values_feature_id"))

    op.drop_table("feature_values")
    with op.batch_alter_table("imports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imports_assembly_id"))

    op.drop_table("imports")
    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_households_assembly_id"))

    op.drop_table("households")
    with op.batch_alter_table("features", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_features_assembly_id"))

    op.drop_table("features")
