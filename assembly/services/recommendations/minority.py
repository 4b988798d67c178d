"""Minority views: what some members think otherwise, and how many they are; never who."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import MinorityView, Recommendation, RecommendationState, User
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.recommendations.texts import lock, log, rules_of

LONGEST = 5000


def attach(session: Session, recommendation: Recommendation, text: str, supporters: int, *, by: User) -> MinorityView:
    """Attach what some members think otherwise to an adopted recommendation.

    Raises RuleError for fewer members than the rules ask for, or more than the panel has, and for a blank or too long
    text; ConflictError before the adoption and after the handover.
    """
    assembly = lock(session, recommendation, RecommendationState.ADOPTED)
    if recommendation.count is None:
        raise ConflictError(marked("Only what was adopted by a count has minority views."))
    rules = rules_of(session, assembly)
    if not text.strip():
        raise RuleError(marked("This cannot be left blank."), field="text")
    if len(text) > LONGEST:
        raise RuleError(marked("This has at most %(most)s characters."), field="text", most=LONGEST)
    if supporters < rules.minority_size:
        raise RuleError(
            marked("The rules ask for at least %(size)s members."), field="supporters", size=rules.minority_size
        )
    if supporters > recommendation.count.panel_size:
        raise RuleError(
            marked("The panel has %(size)s members."), field="supporters", size=recommendation.count.panel_size
        )
    view = MinorityView(
        recommendation_id=recommendation.id,
        text=text.strip(),
        supporters=supporters,
        added_at=now(),
        added_by_id=by.id,
    )
    session.add(view)
    log(session, assembly, recommendation, "minority_view_attached", by=by, supporters=supporters)
    session.expire(recommendation, ["minority_views"])
    return view


def remove(session: Session, recommendation: Recommendation, view_id: int, *, by: User) -> None:
    """Take a minority view back, as its members want it, until the handover. Raises NotFoundError, ConflictError."""
    view = session.get(MinorityView, view_id)
    if view is None or view.recommendation_id != recommendation.id:
        raise NotFoundError
    assembly = lock(session, recommendation, RecommendationState.ADOPTED)
    log(session, assembly, recommendation, "minority_view_removed", by=by, supporters=view.supporters)
    session.delete(view)
    session.flush()
    session.expire(recommendation, ["minority_views"])
