"""What members ask for: that somebody is heard, or that something is answered; organisers answer, and publish it.

Organisers never see who asked. What the public reads is the request in the organiser's words, so that nobody is named,
and the answer stays when the member's own words are erased.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Member, MemberRequest, RequestAnswer, RequestKind, User
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.programme import times

LONGEST_REQUEST = 1000
LONGEST_ANSWER = 5000
MOST_OPEN = 20
"""Requests of one member that nobody has answered yet."""
FIELDS = ("kind", "wording", "answer", "is_published")


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A request as its member or an organiser sees it: what was asked, and the answer if there is one."""

    request: MemberRequest
    answer: RequestAnswer | None


def ask(session: Session, member: Member, kind: RequestKind, text: str) -> MemberRequest:
    """Take what a member asks for. Raises RuleError for no or too long a text, ConflictError after too many."""
    text = text.strip()
    if not text:
        raise RuleError(marked("Write what you ask for."), field="text")
    if len(text) > LONGEST_REQUEST:
        raise RuleError(marked("Shorten it to %(characters)s characters."), field="text", characters=LONGEST_REQUEST)
    freezing.lock_pool(session, member.assembly_id)
    own = _asked(session, MemberRequest.respondent_id == member.respondent_id)
    if sum(one.answer is None for one in own) >= MOST_OPEN:
        raise ConflictError(marked("Many of your requests are still open. Please wait for the answers."))
    made = MemberRequest(
        assembly_id=member.assembly_id,
        respondent_id=member.respondent_id,
        kind=kind,
        text=text,
        asked_on=times.day_of(now()),
    )
    session.add(made)
    session.flush()
    logbook.record(session, member.respondent.assembly, "request_made", by=None, subject=f"request:{made.id}")
    return made


def own_requests(session: Session, member: Member) -> Sequence[Asked]:
    """Return what a member asked for, newest first."""
    return _asked(session, MemberRequest.respondent_id == member.respondent_id)


def requests_of(session: Session, assembly: Assembly) -> Sequence[Asked]:
    """Return what members asked for, without who they are: what is open first, then the newest."""
    found = _asked(session, MemberRequest.assembly_id == assembly.id)
    return sorted(found, key=lambda one: one.answer is not None)


def answers_of(session: Session, assembly: Assembly) -> Sequence[RequestAnswer]:
    """Return all answers, newest first."""
    return session.scalars(_answers(assembly)).all()


def published_answers_of(session: Session, assembly: Assembly) -> Sequence[RequestAnswer]:
    """Return the answers that everyone may read, newest first."""
    return session.scalars(_answers(assembly).where(RequestAnswer.is_published)).all()


def get_request(session: Session, assembly: Assembly, request_id: int) -> Asked:
    """Return what a member asked for, with its answer. Raises NotFoundError."""
    found = _asked(session, sa.and_(MemberRequest.assembly_id == assembly.id, MemberRequest.id == request_id))
    if not found:
        raise NotFoundError
    return found[0]


def get_answer(session: Session, assembly: Assembly, answer_id: int) -> RequestAnswer:
    """Return an answer. Raises NotFoundError."""
    answer = session.get(RequestAnswer, answer_id)
    if answer is None or answer.assembly_id != assembly.id:
        raise NotFoundError
    return answer


def add_answer(
    session: Session, assembly: Assembly, values: Mapping[str, Any], *, request: MemberRequest | None = None, by: User
) -> RequestAnswer:
    """Answer a request, or what was asked elsewhere. Raises ConflictError if it is answered already."""
    freezing.lock_pool(session, assembly.id)
    if request is not None and _is_answered(session, request):
        raise ConflictError(marked("Somebody has answered this meanwhile. Load the page again."))
    answer = RequestAnswer(
        assembly_id=assembly.id,
        request_id=request.id if request else None,
        answered_on=times.day_of(now()),
        **{field: values[field] for field in FIELDS if field in values},
    )
    answer.published_at = now() if answer.is_published else None
    session.add(answer)
    session.flush()
    _log(session, assembly, answer, "request_answered", {"published": answer.is_published}, by=by)
    return answer


def change_answer(
    session: Session, assembly: Assembly, answer: RequestAnswer, values: Mapping[str, Any], *, by: User
) -> None:
    """Word an answer anew, publish it, or take it back from the public page."""
    freezing.lock_pool(session, assembly.id)
    changed = logbook.assign(answer, values, FIELDS)
    if changed:
        answer.published_at = now() if answer.is_published else None
    session.flush()
    if changed:
        details = {"fields": sorted(changed), "published": answer.is_published}
        _log(session, assembly, answer, "request_answer_changed", details, by=by)


def _is_answered(session: Session, request: MemberRequest) -> bool:
    return bool(session.scalar(sa.select(sa.exists().where(RequestAnswer.request_id == request.id))))


def _answers(assembly: Assembly) -> sa.Select[RequestAnswer]:
    found = sa.select(RequestAnswer).where(RequestAnswer.assembly_id == assembly.id)
    return found.order_by(RequestAnswer.answered_on.desc(), RequestAnswer.id.desc())


def _asked(session: Session, which: sa.ColumnElement[bool]) -> Sequence[Asked]:
    found = (
        sa.select(MemberRequest, RequestAnswer)
        .outerjoin(RequestAnswer, RequestAnswer.request_id == MemberRequest.id)
        .where(which)
        .order_by(MemberRequest.id.desc())
    )
    return [Asked(request, answer) for request, answer in session.execute(found)]


def _log(
    session: Session, assembly: Assembly, answer: RequestAnswer, action: str, details: dict[str, Any], *, by: User
) -> None:
    logbook.record(session, assembly, action, by=by, subject=f"request_answer:{answer.id}", details=details)
