"""What everyone may see: which assemblies, and the numbers from the letters to the panel. Never names or codes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Commitment, Exclusion, InvitationRecord, Status
from assembly.services import features, pool
from assembly.services.invitation_records import Funnel, funnel_of
from sortition.protocol.figures import merged_counts


def public_assemblies(session: Session) -> list[Assembly]:
    """Return the assemblies whose public page is open, newest first."""
    return list(session.scalars(sa.select(Assembly).where(Assembly.is_public).order_by(Assembly.id.desc())))


def public_assembly(session: Session, slug: str) -> Assembly | None:
    """Return an assembly by the name in its address if its public page is open."""
    return session.scalar(sa.select(Assembly).where(Assembly.slug == slug, Assembly.is_public))


@dataclasses.dataclass(frozen=True, slots=True)
class Numbers:
    """From the letters to the panel. `pool` is the committed one, or today's before a commitment; `drawn` seats.

    `excluded` are reasons with their number of people; reasons with fewer than three are merged.
    """

    funnel: Funnel
    excluded: Sequence[tuple[Sequence[Exclusion], int]]
    pool: int
    drawn: int | None

    @property
    def left(self) -> int:
        """How many withdrew or were erased before the pool was committed."""
        return max(0, self.funnel.registrations - self.pool - sum(people for _, people in self.excluded))


def numbers_of(session: Session, assembly: Assembly, record: InvitationRecord, standing: Commitment | None) -> Numbers:
    """Return the numbers of an assembly; `standing` is its commitment that was not voided."""
    by_status, by_reason = pool.status_counts(session, assembly)
    groups = merged_counts({reason.value: count for reason, count in by_reason.items()})
    in_pool = standing.lottery.summary["people"] if standing else by_status.get(Status.REGISTERED, 0)
    return Numbers(
        funnel_of(record, sum(by_status.values())),
        [([Exclusion(reason) for reason in group["values"]], group["count"]) for group in groups],
        in_pool,
        assembly.panel_size if standing and standing.drawn_at else None,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Seats:
    """How many members have one of some values, beside their share of the population in percent."""

    values: Sequence[str]
    members: int
    share: Decimal | None


def make_up_of(
    session: Session, assembly: Assembly, commitment: Commitment, *, merged: bool = True
) -> dict[str, list[Seats]]:
    """Return what a drawn panel is made of, feature by feature, in one query.

    For everyone, values with fewer than three members are merged with each other and with the most frequent one, as
    the engine does with the pool; not `merged`, each stands for itself.
    """
    found = {}
    for feature in features.features_of(session, assembly):
        if (counts := commitment.make_up.get(feature.name)) is None:
            continue
        shares = {value.name: value.share for value in feature.values}
        groups = [group["values"] for group in merged_counts(counts)] if merged else [[value] for value in counts]
        found[feature.name] = [
            Seats(group, sum(counts[value] for value in group), _sum([shares.get(value) for value in group]))
            for group in in_order(groups, list(shares))
        ]
    return found


def in_order(groups: Sequence[Sequence[str]], values: Sequence[str]) -> list[list[str]]:
    """Return merged groups of a feature's values, and each within itself, in the order of the values.

    What the feature does not know, such as that somebody stated nothing, comes last.
    """
    position = {value: number for number, value in enumerate(values)}

    def place(value: str) -> int:
        return position.get(value, len(position))

    return sorted((sorted(group, key=place) for group in groups), key=lambda group: place(group[0]))


def _sum(shares: Sequence[Decimal | None]) -> Decimal | None:
    return None if None in shares else sum((share for share in shares if share is not None), Decimal(0))
