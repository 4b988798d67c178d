"""Inviting those who agreed to the follow-up to public meetings, and telling them of those that do not take place."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.config import Config
from assembly.models import Assembly, BodyMeeting, Mail, MeetingTold, MemberMessage, MessageKind
from assembly.services import freezing
from assembly.services.daily import MEETINGS, today
from assembly.services.follow_up import groups, meetings
from assembly.services.handlers import Run, handler
from assembly.services.messages import people, quiet, truth, writing
from assembly.services.messages.background import page_of
from assembly.services.messages.people import Reader
from assembly.services.messages.writing import About, Addressed, Texts
from assembly.services.programme import times
from assembly.services.site import settings

NOON = dt.time(12)
"""A meeting has a day and no time; templates write the day of a moment."""


@dataclasses.dataclass(slots=True)
class Known:
    """What one reader was told before: the last mail about it, and of which meetings that they take place, or not."""

    last: int = 0
    takes_place: dict[int, bool] = dataclasses.field(default_factory=dict)


@handler(MEETINGS, repeatable=True)
def write_of_meetings(run: Run) -> None:
    """Write to the members of all assemblies; what an interrupted run wrote is not written again."""
    with run.sessions() as session:
        coming = sa.select(BodyMeeting.assembly_id).where(BodyMeeting.held_on >= today())
        ids = list(session.scalars(coming.distinct().order_by(BodyMeeting.assembly_id)))
    run.each(ids, lambda session, number: tell(session, session.get_one(Assembly, number), config=run.config))
    with run.sessions.begin() as session:
        run.finish(session)


def tell(session: Session, assembly: Assembly, *, config: Config) -> int:
    """Write one message to each who agreed and does not know of all meetings what holds; return how many.

    Whoever agrees later is invited then. That a meeting does not take place is told to those whom an invitation to it
    has reached, or may have. Whoever can only be called is the organisers' to call.
    """
    freezing.lock_pool(session, assembly.id)
    truth.set_aside(session, assembly)
    due_at = quiet.next_moment(now(), starts_at=None, state=settings.state_of(session, assembly.id))
    day = times.day_of(due_at)
    invited = [one for one in meetings.public_meetings_to_come(session, assembly) if one.held_on >= day]
    known = _known(session, assembly)
    untrue = [one for one in meetings.calendar_of(session, assembly) if one.held_on >= day and not _holds(one)]
    gateway = config.sms_gateway is not None
    readers = people.readers_of(session, assembly, groups.agrees(), has_gateway=gateway)
    waiting: dict[tuple[tuple[BodyMeeting, ...], tuple[BodyMeeting, ...]], list[Addressed]] = defaultdict(list)
    for reader in (one for one in readers if one.way.is_written):
        before = known[reader.respondent_id, reader.is_copy]
        new = tuple(one for one in invited if not before.takes_place.get(one.id))
        gone = tuple(one for one in untrue if before.takes_place.get(one.id))
        if new or gone:
            waiting[new, gone].append(Addressed(reader, MessageKind.MEETINGS, _deed(reader, before), due_at))
    about = {"assembly": assembly.title, "contact": assembly.contact, "page": page_of(config)}
    count = 0
    for (new, gone), addressed in waiting.items():
        context = {**about, "meetings": _lines(new), "cancelled": _lines(gone)}
        count += writing.write(session, assembly, Texts(truth.MEETINGS, writing.alike(context)), addressed, About())
        _note(session, addressed, dict.fromkeys(new, True) | dict.fromkeys(gone, False))
    return count


def _known(session: Session, assembly: Assembly) -> Mapping[tuple[int | None, bool], Known]:
    """Return what each reader was told: of each meeting the newest holds, and what never goes out tells nothing."""
    found = session.execute(
        sa.select(Mail.respondent_id, MemberMessage.is_copy, Mail.id, Mail.deed, MeetingTold)
        .join(MemberMessage, MemberMessage.mail_id == Mail.id)
        .join(MeetingTold, MeetingTold.mail_id == Mail.id)
        .where(Mail.assembly_id == assembly.id)
        .order_by(Mail.id)
    )
    known: dict[tuple[int | None, bool], Known] = defaultdict(Known)
    for respondent_id, is_copy, mail_id, deed, told in found:
        reader = known[respondent_id, is_copy]
        reader.last = mail_id
        if deed is not None:  # what was set aside, and never goes out, has none any more
            reader.takes_place[told.meeting_id] = told.takes_place
    return known


def _holds(meeting: BodyMeeting) -> bool:
    """Whether it takes place as an invitation says."""
    return meeting.is_public and meeting.cancelled_at is None


def _lines(of: Iterable[BodyMeeting]) -> list[Mapping[str, Any]]:
    """Return what templates say of meetings."""
    return [{"body": one.body, "day": times.moment(one.held_on, NOON), "link": one.link} for one in of]


def _deed(reader: Reader, before: Known) -> str:
    """Return by which deed a reader is written to once after the message before."""
    copy = ":copy" if reader.is_copy else ""
    return f"{MessageKind.MEETINGS.value}:{reader.respondent_id}:{before.last}{copy}"


def _note(session: Session, addressed: Sequence[Addressed], said: Mapping[BodyMeeting, bool]) -> None:
    """Keep what was said of which meeting, and that somebody was told of it."""
    written = sa.select(Mail.id).where(Mail.deed.in_([one.deed for one in addressed])).order_by(Mail.id)
    session.execute(
        sa.insert(MeetingTold),
        [
            {"mail_id": mail_id, "meeting_id": meeting.id, "takes_place": takes_place}
            for mail_id in session.scalars(written).all()
            for meeting, takes_place in said.items()
        ],
    )
    for meeting in said:
        meeting.told_at = meeting.told_at or now()
    session.flush()
