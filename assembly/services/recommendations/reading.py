"""Who reads which recommendations: staff all, members and everyone those that are adopted, with what they came from."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from assembly.models import (
    Addressee,
    Assembly,
    FollowUpRules,
    Handover,
    Recommendation,
    RecommendationState,
    RecommendationVersion,
)
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import rules as follow_up_rules
from assembly.services.recommendations import digests
from assembly.services.recommendations.handing_over import addressees_of

PUBLIC = (RecommendationState.ADOPTED, RecommendationState.HANDED_OVER)
"""What everyone reads."""


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """A recommendation that everyone reads, who answers it, and the drafts that went into it, in order."""

    recommendation: Recommendation
    addressees: Sequence[Addressee]
    originals: Sequence[Recommendation]

    @property
    def voted_on(self) -> RecommendationVersion | None:
        """The text that was voted on, if it was edited afterwards."""
        one = self.recommendation
        if one.count is None or one.count.version == one.version:
            return None
        return next(version for version in one.versions if version.number == one.count.version)


def recommendations_of(session: Session, assembly: Assembly) -> Sequence[Recommendation]:
    """Return all recommendations of an assembly by number, whatever their state, with all that pages show."""
    found = sa.select(Recommendation).where(Recommendation.assembly_id == assembly.id)
    return session.scalars(found.options(*_with_everything()).order_by(Recommendation.number)).all()


def get_recommendation(session: Session, assembly: Assembly, number: int) -> Recommendation:
    """Return a recommendation by its number. Raises NotFoundError."""
    found = sa.select(Recommendation).where(Recommendation.assembly_id == assembly.id, Recommendation.number == number)
    one = session.scalars(found.options(*_with_everything())).one_or_none()
    if one is None:
        raise NotFoundError
    return one


def shown_of(session: Session, assembly: Assembly) -> list[Shown]:
    """Return the recommendations that everyone reads, by number, in as many queries for more."""
    found = sa.select(Recommendation).where(Recommendation.assembly_id == assembly.id, Recommendation.state.in_(PUBLIC))
    adopted = session.scalars(found.options(*_with_everything()).order_by(Recommendation.number)).all()
    merged, rules = _merged_into(session, assembly), follow_up_rules.published_rules(session, assembly)
    return [_shown(one, merged, rules) for one in adopted]


def get_shown(session: Session, assembly: Assembly, number: int) -> Shown:
    """Return a recommendation that everyone reads. Raises NotFoundError, also for what is not adopted."""
    one = get_recommendation(session, assembly, number)
    if one.state not in PUBLIC:
        raise NotFoundError
    rules = follow_up_rules.published_rules(session, assembly)
    return _shown(one, _merged_into(session, assembly), rules)


def title_of(session: Session, assembly: Assembly, number: int) -> str:
    """Return the title of a recommendation that everyone reads. Raises NotFoundError, also for what is not adopted."""
    found = sa.select(Recommendation.title).where(
        Recommendation.assembly_id == assembly.id,
        Recommendation.number == number,
        Recommendation.state.in_(PUBLIC),
    )
    title = session.scalar(found)
    if title is None:
        raise NotFoundError
    return title


def count_public(session: Session, assembly: Assembly) -> int:
    """Return how many recommendations everyone reads."""
    found = sa.select(sa.func.count()).where(
        Recommendation.assembly_id == assembly.id, Recommendation.state.in_(PUBLIC)
    )
    return session.scalar(found) or 0


def originals_of(session: Session, assembly: Assembly, recommendation: Recommendation) -> list[Recommendation]:
    """Return the drafts that went into a recommendation, and into these, by number."""
    return _originals(recommendation, _merged_into(session, assembly))


def canonical_of(session: Session, assembly: Assembly, number: int) -> bytes:
    """Return what is hashed of a recommendation that was handed over. Raises NotFoundError if it was not."""
    shown = get_shown(session, assembly, number)
    if shown.recommendation.handover is None:
        raise NotFoundError
    return digests.canonical(assembly, shown.recommendation, shown.addressees)


def _shown(
    one: Recommendation, merged: Mapping[int, Sequence[Recommendation]], published: FollowUpRules | None
) -> Shown:
    rules = one.handover.rules if one.handover else published
    return Shown(one, addressees_of(rules, one) if rules else [], _originals(one, merged))


def _merged_into(session: Session, assembly: Assembly) -> Mapping[int, Sequence[Recommendation]]:
    merged: dict[int, list[Recommendation]] = defaultdict(list)
    found = sa.select(Recommendation).where(
        Recommendation.assembly_id == assembly.id, Recommendation.state == RecommendationState.MERGED
    )
    for one in session.scalars(found.order_by(Recommendation.number)):
        merged[one.merged_into_id or 0].append(one)
    return merged


def _originals(one: Recommendation, merged: Mapping[int, Sequence[Recommendation]]) -> list[Recommendation]:
    found = [inner for original in merged.get(one.id, ()) for inner in (original, *_originals(original, merged))]
    return sorted(found, key=lambda original: original.number)


def _with_everything() -> tuple[sa.sql.base.ExecutableOption, ...]:
    return (
        selectinload(Recommendation.versions).selectinload(RecommendationVersion.objections),
        selectinload(Recommendation.minority_views),
        selectinload(Recommendation.redactions),
        selectinload(Recommendation.sources),
        joinedload(Recommendation.count),
        joinedload(Recommendation.merged_into),
        joinedload(Recommendation.handover).joinedload(Handover.rules).selectinload(FollowUpRules.addressees),
    )
