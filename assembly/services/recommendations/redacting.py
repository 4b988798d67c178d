"""Redaction by order of a recommendation that was handed over: words go everywhere, and a public mark stays.

They are replaced by a mark in the recommendation, its versions, minority views, objections and in the drafts that went
into it, so that everything that is made of these (pages, reports, feeds, open data, search) has them no more; in what
departments draft about it, and in mails that wait and quote its title. The hash of the handover stays, and everyone
reads why it no longer matches. The log has ground and day, never the words.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    Base,
    Case,
    CaseStep,
    Draft,
    DraftState,
    Mail,
    MailState,
    Recommendation,
    RecommendationRedaction,
    RecommendationState,
    RedactionGround,
    User,
)
from assembly.services.daily import today
from assembly.services.errors import RuleError, marked
from assembly.services.follow_up import searching
from assembly.services.follow_up.cases import cases_about
from assembly.services.follow_up.facts import strings_in
from assembly.services.recommendations import reading
from assembly.services.recommendations.texts import FIELDS, lock, log

MARKS = {"de": "[auf Anordnung geschwärzt]", "en": "[redacted by order]"}
"""What stands where words were, in the first language of the assembly that there is one in."""
SHORTEST, LONGEST, LONGEST_REFERENCE = 2, 2000, 200


@dataclasses.dataclass(frozen=True, slots=True)
class Redacted:
    """What was done: in how many texts words were replaced, and which steps of cases still say them."""

    texts: int
    elsewhere: Sequence[CaseStep]


def redact(
    session: Session,
    recommendation: Recommendation,
    words: str,
    *,
    ground: RedactionGround,
    reference: str,
    ordered_on: dt.date,
    by: User,
) -> Redacted:
    """Take words away wherever they stand, however they are spaced and whatever their case.

    Raises ConflictError before the handover, RuleError, with the field, for words that stand nowhere, an order without
    reference, or one of a day to come.
    """
    assembly = lock(session, recommendation, RecommendationState.HANDED_OVER)
    wanted, mark = _pattern(words), _mark(assembly)
    if not reference.strip() or len(reference) > LONGEST_REFERENCE:
        raise RuleError(marked("Name the order, in at most 200 characters."), field="reference")
    if wanted.search(reference):
        raise RuleError(marked("The order must not be named by the words that it takes away."), field="reference")
    if ordered_on > today():
        raise RuleError(marked("This day is in the future."), field="ordered_on")
    title = recommendation.title
    count = sum(_replace(row, name, wanted, mark) for row, name in _texts(session, assembly, recommendation))
    if not count:
        raise RuleError(marked("These words stand nowhere in the recommendation."), field="words")
    made = RecommendationRedaction(
        recommendation_id=recommendation.id,
        ground=ground,
        reference=reference.strip(),
        ordered_on=ordered_on,
        redacted_at=now(),
        redacted_by_id=by.id,
    )
    session.add(made)
    session.flush()
    session.expire(recommendation, ["redactions"])
    cases = cases_about(session, assembly, recommendation.number)
    for case in cases:
        case.search = searching.index_of(case)
        _redact_drafts(session, case, wanted, mark)
    _redact_mails(session, title, recommendation.title)
    details = {"ground": ground.value, "ordered_on": ordered_on.isoformat()}
    log(session, assembly, recommendation, "recommendation_redacted", by=by, **details)
    return Redacted(count, list(_still_saying(cases, wanted)))


def _pattern(words: str) -> re.Pattern[str]:
    """Return what finds words: whole ones, so that a short name does not take parts of longer words away."""
    pieces = words.split()
    if len("".join(pieces)) < SHORTEST or len(words) > LONGEST:
        raise RuleError(marked("Enter the words, in 2 to 2,000 characters."), field="words")
    spaced = r"\s+".join(map(re.escape, pieces))
    return re.compile(rf"(?<!\w){spaced}(?!\w)", re.IGNORECASE)


def _mark(assembly: Assembly) -> str:
    return next((MARKS[language] for language in assembly.languages if language in MARKS), MARKS["de"])


def _texts(session: Session, assembly: Assembly, recommendation: Recommendation) -> Iterator[tuple[Base, str]]:
    """Yield all that people wrote about a recommendation and the drafts in it, as rows with their columns."""
    for one in (recommendation, *reading.originals_of(session, assembly, recommendation)):
        for row in (one, *one.versions):
            yield from ((row, field) for field in FIELDS)
        yield from ((view, "text") for view in one.minority_views)
        yield from ((objection, "text") for version in one.versions for objection in version.objections)


def _replace(row: Base, name: str, wanted: re.Pattern[str], mark: str) -> bool:
    before: str = getattr(row, name)
    after = wanted.sub(mark, before)
    if after != before:
        setattr(row, name, after)
    return after != before


def _redact_drafts(session: Session, case: Case, wanted: re.Pattern[str], mark: str) -> None:
    """Take the words out of what departments draft about a case; what was published is a step, see `_still_saying`."""
    open_ = sa.select(Draft).where(Draft.case_id == case.id, Draft.state != DraftState.PUBLISHED)
    for draft in session.scalars(open_):
        for version in draft.versions:
            version.facts = _without(version.facts, wanted, mark)
        for note in draft.notes:
            note.text = wanted.sub(mark, note.text)


def _without(value: Any, wanted: re.Pattern[str], mark: str) -> Any:
    """Return what a step says without the words."""
    if isinstance(value, str):
        return wanted.sub(mark, value)
    if isinstance(value, dict):
        return {name: _without(one, wanted, mark) for name, one in value.items()}
    return [_without(one, wanted, mark) for one in value] if isinstance(value, list) else value


def _redact_mails(session: Session, before: str, after: str) -> None:
    """Let mails that wait name a recommendation as it is called now."""
    if before == after:
        return
    waiting = sa.select(Mail).where(
        Mail.state.in_((MailState.QUEUED, MailState.TO_PRINT)),
        sa.or_(Mail.subject.contains(before, autoescape=True), Mail.text.contains(before, autoescape=True)),
    )
    for mail in session.scalars(waiting):
        mail.subject, mail.text = mail.subject.replace(before, after), mail.text.replace(before, after)
        mail.html = mail.html.replace(escape(before), escape(after))


def _still_saying(cases: Sequence[Case], wanted: re.Pattern[str]) -> Iterator[CaseStep]:
    """Yield the steps that say the words: each is redacted by a step of its own."""
    for case in cases:
        for step in case.steps:
            if any(wanted.search(text) for text in strings_in(step.facts)):
                yield step
