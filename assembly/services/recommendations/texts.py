"""What all doors of a recommendation share: the lock, the versions of its text, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    FollowUpRules,
    Recommendation,
    RecommendationState,
    RecommendationVersion,
    User,
)
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.follow_up import rules
from assembly.services.programme import times

FIELDS = ("title", "text", "reasons", "theme", "plain")
"""What a version says."""
MOST = {"title": 200, "text": 10_000, "reasons": 10_000, "theme": 100, "plain": 10_000}
"""Characters."""
STALE = marked("Somebody else saved this text while you wrote. Nothing is lost: look at both texts, then save again.")
NOT_PUBLISHED = marked("The rules of the follow-up are not published yet: the first letters do that.")
WRONG_STATE = marked("This is no longer possible: the recommendation has moved on. Load the page again.")


def lock(session: Session, recommendation: Recommendation, *states: RecommendationState) -> Assembly:
    """Let nobody else change the recommendations of the assembly, and return it.

    Raises ConflictError unless the recommendation is in one of the states.
    """
    freezing.lock_pool(session, recommendation.assembly_id)
    session.refresh(recommendation)
    if recommendation.state not in states:
        raise ConflictError(WRONG_STATE)
    return session.get_one(Assembly, recommendation.assembly_id)


def require_version(recommendation: Recommendation, version: int) -> None:
    """Raise ConflictError if somebody saved another version than this meanwhile."""
    if version != recommendation.version:
        raise ConflictError(STALE)


def rules_of(session: Session, assembly: Assembly) -> FollowUpRules:
    """Return the published rules. Raises ConflictError if there are none."""
    found = rules.published_rules(session, assembly)
    if found is None:
        raise ConflictError(NOT_PUBLISHED)
    return found


def rules_on(session: Session, assembly: Assembly, day: dt.date, field: str) -> FollowUpRules:
    """Return the rules that held on a day. Raises RuleError with the field if none were published by then."""
    for version in rules.versions_of(session, assembly):
        if version.published_at is not None and times.day_of(version.published_at) <= day:
            return version
    raise RuleError(marked("No rules of the follow-up were published by this day."), field=field)


def checked(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of a text as they are kept. Raises RuleError for what is missing or too long."""
    said = {field: _as_kept(values.get(field) or "") for field in FIELDS}
    for field in ("title", "text"):
        if not said[field]:
            raise RuleError(marked("This cannot be left blank."), field=field)
    for field, most in MOST.items():
        if len(said[field]) > most:
            raise RuleError(marked("This has at most %(most)s characters."), field=field, most=most)
    return said


def said_by(text: Recommendation | RecommendationVersion) -> dict[str, str]:
    """Return what a recommendation, or one of its versions, says."""
    return {field: getattr(text, field) for field in FIELDS}


def keep_version(
    session: Session,
    recommendation: Recommendation,
    *,
    by: User,
    is_editorial: bool = False,
    objections_until: dt.date | None = None,
) -> RecommendationVersion:
    """Keep the text as it stands as the version that the recommendation counts."""
    version = RecommendationVersion(
        recommendation_id=recommendation.id,
        number=recommendation.version,
        saved_at=now(),
        saved_by_id=by.id,
        is_editorial=is_editorial,
        objections_until=objections_until,
        **said_by(recommendation),
    )
    session.add(version)
    session.flush()
    session.expire(recommendation, ["versions"])
    return version


def log(
    session: Session, assembly: Assembly, recommendation: Recommendation, action: str, *, by: User | None, **more: Any
) -> None:
    """Write what was done into the log: numbers and hashes, never the text."""
    session.flush()
    details = {"number": recommendation.number, "version": recommendation.version} | more
    logbook.record(session, assembly, action, by=by, subject=f"recommendation:{recommendation.id}", details=details)


def _as_kept(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
