"""Measures how fast members see their page and their calendar: 20 assemblies of 160 members and 60 events each.

python -m tests.benchmarks.members [--engines sqlite postgresql] [--users 100] [--seconds 30]

An open loop as in web.py: 100 members, one request each per second, by turns for the page and for the calendar. The
reminders that are due have been written before, as on any day; how long that takes is what reminders.py measures.
"""

from __future__ import annotations

import argparse
import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.extensions import db
from assembly.models import (
    Assembly,
    Attendance,
    AttendanceState,
    Channel,
    Commitment,
    Contact,
    Event,
    EventKind,
    EventState,
    Lottery,
    LotteryState,
    Member,
    NeedKind,
    Respondent,
    Source,
    Status,
    SupportNeed,
    User,
)
from assembly.services import accounts, assemblies
from assembly.services.members import access
from assembly.services.messages import reminders
from assembly.services.programme import places
from tests.assembly.conftest import WORDS
from tests.benchmarks.web import HEAD, Site, application, end, measure, say, sites

ASSEMBLIES, MEMBERS, EVENTS = 20, 160, 60
DAY = dt.timedelta(days=1)
WITH_NEEDS = 4
"""Every fourth member needs something."""


def fill(site: Site, users: int) -> None:
    """Make the assemblies, and give as many members of all of them a page and a calendar."""
    with application(site) as app:
        organiser = accounts.create_account(db.session, email="a@example.org", name="A")
        members = [one for number in range(ASSEMBLIES) for one in _assembly(db.session, number, organiser)]
        db.session.commit()
        for assembly in db.session.scalars(sa.select(Assembly)).all():
            reminders.write_due(db.session, assembly, page="https://buergerrat.example.org/m/", has_gateway=False)
            db.session.commit()
        chosen = members[:: len(members) // users][:users]
        links, feeds = [], []
        for member in chosen:
            links.append(access.renew(db.session, member, by=organiser).link)
            access.renew_calendar(db.session, member, by=organiser)
            feeds.append((f"/m/calendar/{access.calendar_token(db.session, member)}.ics", ""))
        db.session.commit()
        visits = [app.test_client(use_cookies=False).get(f"/m/{link}", base_url="http://127.0.0.1") for link in links]
        pages = [("/m/", f"Cookie: {visit.headers['Set-Cookie'].partition(';')[0]}") for visit in visits]
        site.pages = {"member’s page": pages, "calendar": feeds}


def _assembly(session: Session, number: int, organiser: User) -> list[Member]:
    """Make an assembly in the middle of its programme; return its members."""
    assembly = assemblies.create_assembly(session, WORDS | {"title": f"Bürgerrat {number}"}, by=organiser)
    assembly.panel_size = MEMBERS
    place = places.add_place(session, assembly, {"name": "Rathaus", "street": "Marktplatz 1"}, by=organiser)
    room = places.add_room(session, assembly, place, {"name": "Saal", "capacity": 200}, by=organiser)
    people = [
        Respondent(
            assembly_id=assembly.id,
            code=f"R{one:03}",
            registered_at=now(),
            source=Source.BY_HAND,
            status=Status.CONFIRMED,
            contact=Contact(first_name="Vera", last_name=f"Person {one}", email=f"p{number}-{one}@example.org"),
        )
        for one in range(MEMBERS)
    ]
    lottery = Lottery(
        assembly_id=assembly.id,
        state=LotteryState.DRAWN,
        is_rehearsal=False,
        one_per_household=False,
        started_at=now(),
        started_by_id=organiser.id,
        inputs="",
    )
    session.add_all([*people, lottery])
    session.flush()
    commitment = _commitment(session, assembly, lottery, organiser)
    members = [_member(assembly, commitment, one) for one in people]
    events = [_event(assembly, room.id, day) for day in range(EVENTS)]
    session.add_all([*members, *events])
    session.flush()
    past = [event for event in events if event.ends_at < now()]
    session.add_all(
        Attendance(event_id=event.id, respondent_id=one.id, state=AttendanceState.PRESENT, noted_at=now())
        for event in past
        for one in people
    )
    session.add_all(
        SupportNeed(respondent_id=one.id, kind=NeedKind.MOBILITY, recorded_at=now(), text="")
        for one in people[::WITH_NEEDS]
    )
    session.flush()
    return members


def _commitment(session: Session, assembly: Assembly, lottery: Lottery, organiser: User) -> Commitment:
    commitment = Commitment(
        assembly_id=assembly.id,
        lottery_id=lottery.id,
        committed_at=now() - 90 * DAY,
        committed_by_id=organiser.id,
        moment=now() - 80 * DAY,
        drawn_at=now() - 80 * DAY,
        hash=f"{assembly.id:064}",
        public_document=b"{}",
        rule={},
        place="",
    )
    session.add(commitment)
    session.flush()
    return commitment


def _member(assembly: Assembly, commitment: Commitment, one: Respondent) -> Member:
    drawn = {"commitment_id": commitment.id, "drawn_at": now() - 80 * DAY}
    return Member(respondent=one, assembly_id=assembly.id, channel=Channel.MAIL, language="de", **drawn)


def _event(assembly: Assembly, room_id: int, day: int) -> Event:
    starts_at = now().replace(microsecond=0) + (day - EVENTS // 2) * DAY
    return Event(
        assembly_id=assembly.id,
        kind=EventKind.PLENARY,
        state=EventState.PUBLISHED,
        title=f"Treffen {day}",
        description="Wir sprechen miteinander.",
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(hours=3),
        room_id=room_id,
        published_at=now() - 79 * DAY,
    )


def main() -> None:
    """Measure, and end with code 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description="Measure members' pages under load.")
    parser.add_argument("--engines", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=30)
    arguments = parser.parse_args()
    say(HEAD)
    missed: list[str] = []
    for engines in arguments.engines:
        with sites(engines) as site:
            fill(site, arguments.users)
            missed += measure(site, engines, arguments.users, arguments.seconds)
    end(missed)


if __name__ == "__main__":
    main()
