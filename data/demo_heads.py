"""The heads of the demo's logs, day by day: seeding jumps between the days of several assemblies, a city does not."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import ZONE
from assembly.models import Assembly, PublishedHead
from assembly.services import daily, logbook

EARLY = dt.time(0, 5)
"""When the first worker of a day publishes."""


def publish_day_by_day(session: Session) -> None:
    """Replace the heads that were published while the city was seeded by those of an installation that ran daily."""
    session.execute(sa.delete(PublishedHead))
    for assembly in session.scalars(sa.select(Assembly)):
        entries = list(logbook.entries_of(session, assembly))
        day = entries[0].at.astimezone(ZONE).date() + dt.timedelta(days=1)
        while day <= daily.today():
            moment = dt.datetime.combine(day, EARLY, ZONE)
            last = max((entry for entry in entries if entry.at < moment), key=lambda entry: entry.number)
            session.add(
                PublishedHead(
                    assembly_id=assembly.id, day=day, published_at=moment, entries=last.number, head=last.digest
                )
            )
            day += dt.timedelta(days=1)
    session.commit()
