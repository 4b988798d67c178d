"""What is done once a day: asked for by whichever worker sees the new day first, and again until it succeeds."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assembly.clock import ZONE, now
from assembly.models import Assembly, DailyRun, JobState, LogEntry, PublishedHead
from assembly.services import jobs
from assembly.services.council.background import MIRRORS
from assembly.services.handlers import Run, handler
from assembly.services.logbook import NOTHING_BEFORE
from assembly.services.privacy.retention import RETENTION

PUBLISH = "publish_heads"
"""The kind of the job that publishes the heads of the logs."""
TAKE_UP = "take_up_cases"
"""The kind of the job that takes up postponed recommendations; see `assembly.services.follow_up.resuming`."""
GROUP = "follow_up_group"
"""The kind of the job that writes to follow-up groups; see `assembly.services.follow_up.group_mail`."""
MEETINGS = "follow_up_meetings"
"""The kind of the job that invites members to public meetings; see `assembly.services.follow_up.meeting_mail`."""
SUBSCRIPTIONS = "follow_up_subscriptions"
"""The kind of the job that writes to subscribers; see `assembly.services.follow_up.subscribing`."""
DIGESTS = "weekly_digests"
"""The kind of the job that writes to departments on Mondays; see `assembly.services.follow_up.digests`."""
NOTICES = "case_notices"
"""The kind of the job that tells of what is owed; see `assembly.services.follow_up.noticing`."""
BARRIERS = "barrier_reminders"
"""The kind of the job that reminds of reported barriers; see `assembly.services.barriers.reminding`."""
KINDS = (PUBLISH, RETENTION, MIRRORS, TAKE_UP, NOTICES, GROUP, MEETINGS, SUBSCRIPTIONS, DIGESTS, BARRIERS)
AGAIN_AFTER = dt.timedelta(hours=1)
"""When what has failed is tried again on the same day."""


def today() -> dt.date:
    """Return the day it is here."""
    return now().astimezone(ZONE).date()


def ask_if_due(session: Session) -> None:
    """Ask for the daily jobs, once a day however many workers ask: the row of the day is unique.

    Those that failed are asked for again, hour by hour, until they succeed.
    """
    day = today()
    if session.get(DailyRun, day) is not None:
        _ask_again(session)
        return
    try:
        with session.begin_nested():
            session.add(DailyRun(day=day, asked_at=now()))
    except IntegrityError:  # another worker was faster
        return
    for kind in KINDS:
        jobs.enqueue(session, kind, {}, unique_key=kind)


def _ask_again(session: Session) -> None:
    for kind in KINDS:
        last = jobs.last_job(session, kind)
        if last is None or last.state is not JobState.FAILED or last.finished_at is None:
            continue
        if last.finished_at <= now() - AGAIN_AFTER:
            jobs.enqueue(session, kind, {}, unique_key=kind)


@handler(PUBLISH, repeatable=True)
def publish_heads(run: Run) -> None:
    """Publish the head of every log for today; what is published already stays as it is."""
    with run.sessions.begin() as session:
        publish(session)
        run.finish(session)


def publish(session: Session) -> None:
    """Write down today's heads of all logs that have none yet."""
    day = today()
    last = sa.select(LogEntry.assembly_id, sa.func.max(LogEntry.number).label("number")).group_by(LogEntry.assembly_id)
    newest = last.subquery()
    known = sa.exists().where(PublishedHead.assembly_id == Assembly.id, PublishedHead.day == day)
    found = session.execute(
        sa.select(Assembly.id, LogEntry.number, LogEntry.digest)
        .outerjoin(newest, newest.c.assembly_id == Assembly.id)
        .outerjoin(LogEntry, sa.and_(LogEntry.assembly_id == Assembly.id, LogEntry.number == newest.c.number))
        .where(~known)
    ).all()
    session.add_all(
        PublishedHead(
            assembly_id=assembly_id, day=day, published_at=now(), entries=number or 0, head=digest or NOTHING_BEFORE
        )
        for assembly_id, number, digest in found
    )
    session.flush()


def published_heads(session: Session, assembly: Assembly, *, most: int | None = None) -> list[PublishedHead]:
    """Return the published heads of an assembly's log, newest first."""
    statement = sa.select(PublishedHead).where(PublishedHead.assembly_id == assembly.id)
    return list(session.scalars(statement.order_by(PublishedHead.day.desc()).limit(most)))
