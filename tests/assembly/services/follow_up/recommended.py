"""Recommendations that were handed over, for tests of what becomes of them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Case, Handover, Recommendation, RecommendationState, User
from assembly.services.follow_up import cases, rules


def hand_over(
    session: Session, assembly: Assembly, *, by: User, on: dt.date, count: int = 1, first: int = 1
) -> list[Case]:
    """Hand over so many recommendations, numbered from `first` on, to all addressees of the rules; return the cases."""
    published = rules.publish_first(session, assembly, by=by)
    handover = Handover(
        assembly_id=assembly.id,
        rules_id=published.id,
        handed_over_on=on,
        recorded_at=now(),
        recorded_by_id=by.id,
        received_by="Oberbürgermeisterin",
        digest="0" * 64,
    )
    session.add(handover)
    session.flush()
    opened = []
    for number in range(first, first + count):
        recommendation = Recommendation(
            assembly_id=assembly.id,
            number=number,
            state=RecommendationState.HANDED_OVER,
            title=f"Radweg {number}",
            text="Am Ufer.",
            handover_id=handover.id,
            digest=f"{number:064}",
        )
        session.add(recommendation)
        session.flush()
        opened += [cases.open_case(session, recommendation, one, handover, by=by) for one in published.addressees]
    return opened
