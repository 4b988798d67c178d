"""Counts of the registrations, as they were when a pool was committed; fingerprints of the codes of erased people.

Whoever was erased before loses their code now. Where the application's secret is not known, which every command of the
application has at hand, there is no fingerprint of it, and a file that still has them brings them back.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assembly.services.privacy.erased_codes import fingerprint_of, has_key

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

RESPONDENTS = sa.table(
    "respondents", *(sa.column(name) for name in ("id", "assembly_id", "code", "status", "erased_code"))
)
LOTTERIES = sa.table("lotteries", sa.column("id"), sa.column("assembly_id"), sa.column("vacated", sa.JSON()))


def upgrade() -> None:
    """Bring the schema up to this revision, and the people who were erased."""
    op.add_column("commitments", sa.Column("registrations", sa.JSON(), nullable=True))
    op.add_column("respondents", sa.Column("erased_code", sa.String(length=64), nullable=True))
    _rename_in_lotteries(_rename_erased())


def downgrade() -> None:
    """Take this revision back; nobody has their code back."""
    op.drop_column("respondents", "erased_code")
    op.drop_column("commitments", "registrations")


def _rename_erased() -> dict[tuple[int, str], str]:
    """Take the codes of erased people away; return the new code of each assembly's old ones."""
    connection = op.get_bind()
    erased = connection.execute(
        sa.select(RESPONDENTS.c.id, RESPONDENTS.c.assembly_id, RESPONDENTS.c.code).where(
            RESPONDENTS.c.status == "erased"
        )
    ).all()
    renamed = {}
    for respondent_id, assembly_id, code in erased:
        anonymous = f"erased-{respondent_id}"
        if code in {anonymous, f"cleared-{respondent_id}"}:
            continue  # it went when they were erased, or with the pool
        fingerprint = fingerprint_of(connection, assembly_id, code) if has_key(connection) else None
        connection.execute(
            sa.update(RESPONDENTS)
            .where(RESPONDENTS.c.id == respondent_id)
            .values(code=anonymous, erased_code=fingerprint)
        )
        renamed[assembly_id, code] = anonymous
    return renamed


def _rename_in_lotteries(renamed: dict[tuple[int, str], str]) -> None:
    """Rename people also where replacement lotteries name the members whose seats they fill."""
    connection = op.get_bind()
    replacements = connection.execute(
        sa.select(LOTTERIES.c.id, LOTTERIES.c.assembly_id, LOTTERIES.c.vacated).where(
            LOTTERIES.c.vacated.is_not(sa.null())
        )
    ).all()
    for lottery_id, assembly_id, vacated in replacements:
        now_named = [renamed.get((assembly_id, code), code) for code in vacated or ()]
        if now_named != vacated:
            connection.execute(sa.update(LOTTERIES).where(LOTTERIES.c.id == lottery_id).values(vacated=now_named))
