"""Taking mirrored meetings over into the calendar of the bodies, which the rules of the follow-up count with."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from assembly.clock import now
from assembly.models import Assembly, CouncilMeeting, CouncilSource, User
from assembly.services.errors import RuleError, marked
from assembly.services.follow_up import meetings as calendar
from assembly.services.programme.times import day_of

MOST_UPCOMING = 500


@dataclasses.dataclass(frozen=True, slots=True)
class Upcoming:
    """A meeting to come of one committee; `is_entered` says that the body has one on that day in the calendar."""

    id: int
    held_on: dt.date
    name: str
    location: str
    is_public: bool
    is_entered: bool


def organizations_of(session: Session, source: CouncilSource) -> list[str]:
    """Return the names of the committees that meet from today on."""
    return sorted({name for one in _coming(session, source) for name in one.organizations}, key=str.casefold)


def upcoming(
    session: Session, assembly: Assembly, source: CouncilSource, *, organization: str, body: str
) -> list[Upcoming]:
    """Return the meetings of a committee from today on, as the calendar of a body would have them."""
    entered = {one.held_on for one in calendar.meetings_of(session, assembly) if one.body == body}
    return [
        Upcoming(
            one.id, held_on, one.name or organization, one.location, _is_public(one), is_entered=held_on in entered
        )
        for one in _coming(session, source)
        if organization in one.organizations and (held_on := _day(one))
    ]


def take_over(
    session: Session, assembly: Assembly, source: CouncilSource, *, chosen: Collection[int], body: str, by: User
) -> int:
    """Enter the chosen meetings into the calendar of a body; return how many are new to it.

    Raises RuleError if none is chosen, or one that is not to come any more.
    """
    coming = {one.id: one for one in _coming(session, source)}
    if not chosen or not set(chosen) <= coming.keys():
        raise RuleError(marked("Choose meetings from the list."), field="chosen")
    entered = {one.held_on for one in calendar.meetings_of(session, assembly) if one.body == body}
    count = 0
    for one in (coming[number] for number in sorted(chosen)):
        held_on = _day(one)
        if held_on in entered:
            continue
        values = {"body": body, "held_on": held_on, "is_public": _is_public(one), "link": one.web}
        calendar.add_meeting(session, assembly, values, by=by)
        entered.add(held_on)
        count += 1
    return count


def _coming(session: Session, source: CouncilSource) -> Sequence[CouncilMeeting]:
    found = (
        sa.select(CouncilMeeting)
        .where(
            CouncilMeeting.source_id == source.id,
            CouncilMeeting.is_deleted.is_(False),
            CouncilMeeting.is_cancelled.is_(False),
            CouncilMeeting.starts_at >= now(),
        )
        .options(selectinload(CouncilMeeting.items))
        .order_by(CouncilMeeting.starts_at, CouncilMeeting.id)
        .limit(MOST_UPCOMING)
    )
    return session.scalars(found).all()


def _day(meeting: CouncilMeeting) -> dt.date:
    return day_of(meeting.starts_at or now())


def _is_public(meeting: CouncilMeeting) -> bool:
    """Whether anything of it is public; OParl says it of items alone."""
    return not meeting.items or any(one.is_public for one in meeting.items)
