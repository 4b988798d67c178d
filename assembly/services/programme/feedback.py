"""Feedback about an event: given without names, shown once there is enough of it, published if organisers choose."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Event, EventState, Feedback, FeedbackGiven, FeedbackPublication, User
from assembly.services import logbook
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.programme.events import subject_of

OPEN_FOR = dt.timedelta(days=14)
"""How long after an event members can say how it was."""
FEWEST = 3
"""Fewer answers are not shown to anybody: one could guess whose they are."""
RATINGS = range(1, 6)
LONGEST_TEXT = 2000


class Statement(enum.StrEnum):
    """What members agree with, from 1 (not at all) to 5 (fully)."""

    SPEAK = "speak"
    HEARD = "heard"
    INFORMED = "informed"
    FAIR = "fair"
    WELCOME = "welcome"


@dataclasses.dataclass(frozen=True, slots=True)
class Rated:
    """How often a statement got each of RATINGS, and the mean; None if nobody rated it."""

    statement: Statement
    counts: Sequence[int]
    mean: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class Results:
    """What was said about an event: by how many, the ratings, and the texts in the order of the alphabet."""

    answers: int
    rated: Sequence[Rated]
    good: Sequence[str]
    better: Sequence[str]
    is_public: bool


def is_open(event: Event) -> bool:
    """Whether members can say now how an event was."""
    return (
        event.state in {EventState.PUBLISHED, EventState.CHANGED} and event.ends_at <= now() < event.ends_at + OPEN_FOR
    )


def given_by(session: Session, respondent_id: int, events: Iterable[Event]) -> frozenset[int]:
    """Return the numbers of those events about which a member has given feedback, in one query."""
    wanted = FeedbackGiven.event_id.in_([event.id for event in events])
    own = FeedbackGiven.respondent_id == respondent_id
    return frozenset(session.scalars(sa.select(FeedbackGiven.event_id).where(own, wanted)))


def give(
    session: Session,
    event: Event,
    respondent_id: int,
    *,
    ratings: Mapping[Statement, int],
    good: str = "",
    better: str = "",
) -> None:
    """Take a member's answers; nothing of them says whose they are, nor does the log.

    Raises ConflictError if it is too early, too late or the second time, RuleError if nothing was answered.
    """
    if not is_open(event):
        raise ConflictError(marked("Feedback about this event can no longer be given, or not yet."))
    if not ratings and not good.strip() and not better.strip():
        raise RuleError(marked("Rate at least one statement, or write something."))
    try:
        with session.begin_nested():
            session.add(FeedbackGiven(event_id=event.id, respondent_id=respondent_id))
    except IntegrityError:
        raise ConflictError(marked("You have given feedback about this event already. Thank you!")) from None
    kept = {statement.value: rating for statement, rating in ratings.items() if rating in RATINGS}
    session.add(Feedback(event_id=event.id, ratings=kept, good=good.strip(), better=better.strip()))
    session.flush()


def count_of(session: Session, event: Event) -> int:
    """Return how many members gave feedback about an event."""
    return session.scalar(sa.select(sa.func.count(Feedback.id)).where(Feedback.event_id == event.id)) or 0


def results_of(session: Session, event: Event) -> Results | None:
    """Return what was said about an event; None while fewer than FEWEST members said anything."""
    return results_of_all(session, [event]).get(event.id)


def results_of_all(session: Session, events: Sequence[Event]) -> Mapping[int, Results]:
    """Return the number of each event → what was said about it, without those about which too few did."""
    ids = [event.id for event in events]
    public = set(session.scalars(sa.select(FeedbackPublication.event_id).where(FeedbackPublication.event_id.in_(ids))))
    by_event: dict[int, list[Feedback]] = {}
    for one in session.scalars(sa.select(Feedback).where(Feedback.event_id.in_(ids))):
        by_event.setdefault(one.event_id, []).append(one)
    return {
        event_id: Results(
            answers=len(answers),
            rated=[_rated(statement, answers) for statement in Statement],
            good=sorted(one.good for one in answers if one.good),
            better=sorted(one.better for one in answers if one.better),
            is_public=event_id in public,
        )
        for event_id, answers in by_event.items()
        if len(answers) >= FEWEST
    }


def published_at(session: Session, events: Sequence[Event]) -> Mapping[int, dt.datetime | None]:
    """Return when the numbers about these events were published, by the event's number."""
    wanted = FeedbackPublication.event_id.in_([event.id for event in events])
    return {one.event_id: one.published_at for one in session.scalars(sa.select(FeedbackPublication).where(wanted))}


def publish(session: Session, event: Event, *, by: User) -> None:
    """Show the numbers, not the texts, on the public page. Raises ConflictError while there are too few answers."""
    if results_of(session, event) is None:
        raise ConflictError(marked("Fewer than three answers are shown to nobody."))
    if session.get(FeedbackPublication, event.id) is None:
        session.add(FeedbackPublication(event_id=event.id, published_at=now()))
        logbook.record(session, event.assembly, "feedback_published", by=by, subject=subject_of(event))


def withhold(session: Session, event: Event, *, by: User) -> None:
    """Take the numbers from the public page again."""
    if (published := session.get(FeedbackPublication, event.id)) is not None:
        session.delete(published)
        logbook.record(session, event.assembly, "feedback_withheld", by=by, subject=subject_of(event))


def _rated(statement: Statement, answers: Iterable[Feedback]) -> Rated:
    found = Counter(one.ratings[statement] for one in answers if statement in one.ratings)
    total = found.total()
    mean = sum(rating * count for rating, count in found.items()) / total if total else None
    return Rated(statement, [found[rating] for rating in RATINGS], mean)
