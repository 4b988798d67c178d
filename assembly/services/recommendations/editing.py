"""Editorial changes after the adoption: shown to the members, who may object, and taken back if they do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    EditorialObjection,
    Member,
    Recommendation,
    RecommendationState,
    RecommendationVersion,
    User,
)
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.members import access
from assembly.services.programme import times
from assembly.services.recommendations.texts import (
    FIELDS,
    checked,
    keep_version,
    lock,
    log,
    require_version,
    rules_of,
    said_by,
)

LONGEST = 2000
ADOPTED = RecommendationState.ADOPTED


def change(
    session: Session, recommendation: Recommendation, values: Mapping[str, Any], *, version: int, by: User
) -> RecommendationVersion:
    """Change the wording of an adopted recommendation; members may object to it for the time that the rules give.

    Raises ConflictError if somebody saved another version meanwhile, or another change is still open, RuleError for
    what cannot be kept or changes nothing.
    """
    assembly = lock(session, recommendation, ADOPTED)
    require_version(recommendation, version)
    if pending(recommendation) is not None:
        raise ConflictError(marked("Members can still object to the last change. Take it back first, or wait."))
    said = checked(values)
    if said == said_by(recommendation):
        raise RuleError(marked("Nothing is changed."), field="text")
    until = rules_of(session, assembly).objection.after(times.day_of(now()))
    made = _new_version(session, recommendation, said, until, by=by)
    log(session, assembly, recommendation, "recommendation_edited", by=by, objections_until=until.isoformat())
    return made


def pending(recommendation: Recommendation) -> RecommendationVersion | None:
    """Return the last editorial change if members can still object to it, or an objection to it stands."""
    last = recommendation.versions[-1] if recommendation.versions else None
    if last is None or last.objections_until is None:
        return None
    return last if last.objections or can_object(last) else None


def can_object(version: RecommendationVersion) -> bool:
    """Whether the time to object to a change runs."""
    return version.objections_until is not None and times.day_of(now()) <= version.objections_until


def version_of(
    recommendation: Recommendation, number: int
) -> tuple[RecommendationVersion, RecommendationVersion | None]:
    """Return a version of a text, and the one before it if there is one. Raises NotFoundError."""
    found = {one.number: one for one in recommendation.versions}
    if number not in found:
        raise NotFoundError
    return found[number], found.get(number - 1)


def before(recommendation: Recommendation, version: RecommendationVersion) -> RecommendationVersion:
    """Return the version that a change changed."""
    return next(one for one in recommendation.versions if one.number == version.number - 1)


def take_back(session: Session, recommendation: Recommendation, *, version: int, by: User) -> None:
    """Take the open change back: the text before it returns as a new version.

    Raises ConflictError if somebody saved another version meanwhile, or no change is open.
    """
    assembly = lock(session, recommendation, ADOPTED)
    require_version(recommendation, version)
    changed = pending(recommendation)
    if changed is None:
        raise ConflictError(marked("No change is open: there is nothing to take back."))
    changed.withdrawn_at = now()
    _new_version(session, recommendation, said_by(before(recommendation, changed)), None, by=by)
    log(session, assembly, recommendation, "edit_taken_back", by=by)


def raise_objection(session: Session, recommendation: Recommendation, member: Member, text: str) -> EditorialObjection:
    """Let a member object to the open change.

    Raises ConflictError if it is not open any more or they object already, RuleError for a blank or too long text.
    """
    assembly = lock(session, recommendation, ADOPTED)
    access.require_seat(session, member)
    changed = pending(recommendation)
    if changed is None or not can_object(changed):
        raise ConflictError(marked("The time to object is over."))
    if not text.strip():
        raise RuleError(marked("Please write what you want to be different."), field="text")
    if len(text) > LONGEST:
        raise RuleError(marked("This has at most %(most)s characters."), field="text", most=LONGEST)
    if own_objection(session, changed, member) is not None:
        raise ConflictError(marked("You have objected already."))
    made = EditorialObjection(
        recommendation_id=recommendation.id,
        version=changed.number,
        respondent_id=member.respondent_id,
        raised_at=now(),
        text=text.strip(),
    )
    session.add(made)
    log(session, assembly, recommendation, "objection_raised", by=None)
    session.expire(changed, ["objections"])
    return made


def withdraw_objection(session: Session, recommendation: Recommendation, member: Member) -> None:
    """Let a member take their objection to the open change back; nothing of it is kept. Raises NotFoundError."""
    assembly = lock(session, recommendation, ADOPTED)
    changed = pending(recommendation)
    own = own_objection(session, changed, member) if changed is not None else None
    if changed is None or own is None:
        raise NotFoundError
    session.delete(own)
    log(session, assembly, recommendation, "objection_withdrawn", by=None)
    session.expire(changed, ["objections"])


def own_objection(session: Session, version: RecommendationVersion, member: Member) -> EditorialObjection | None:
    """Return a member's objection to a change, if there is one."""
    found = sa.select(EditorialObjection).where(
        EditorialObjection.recommendation_id == version.recommendation_id,
        EditorialObjection.version == version.number,
        EditorialObjection.respondent_id == member.respondent_id,
    )
    return session.scalar(found)


def changes_of(recommendation: Recommendation) -> Sequence[RecommendationVersion]:
    """Return the editorial changes, oldest first; what only brought a text back is none."""
    return [one for one in recommendation.versions if one.objections_until is not None]


def _new_version(
    session: Session, recommendation: Recommendation, said: Mapping[str, str], until: dt.date | None, *, by: User
) -> RecommendationVersion:
    for field in FIELDS:
        setattr(recommendation, field, said[field])
    recommendation.version += 1
    return keep_version(session, recommendation, by=by, is_editorial=True, objections_until=until)
