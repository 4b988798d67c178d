"""Measures how fast the reminders of an event are queued: 5,000 members, by mail, SMS and letter, in three languages.

python -m tests.benchmarks.reminders [--engines sqlite postgresql] [--members 5000]

One call of what the worker does once an hour; then the same again, which has to find that nothing is left to write.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import time
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.extensions import db
from assembly.models import (
    Assembly,
    Channel,
    Contact,
    Event,
    EventKind,
    EventState,
    Lottery,
    LotteryState,
    MemberMessage,
    Respondent,
    Source,
    Status,
)
from assembly.services import accounts, assemblies
from assembly.services.members.writing import WRITTEN
from assembly.services.messages import reminders
from assembly.services.programme import places
from tests.assembly.conftest import WORDS
from tests.benchmarks.members import DAY, _commitment, _member
from tests.benchmarks.web import Site, application, end, say, sites

GOAL = 5.0
"""Seconds in which 5,000 reminders are queued."""
WAYS = (Channel.MAIL, Channel.MAIL, Channel.SMS, Channel.LETTER)
HEAD = "| Engines | Reminders | Queued in, s | Own CPU, s | Again, s | Goal, s |\n| --- | --- | --- | --- | --- | --- |"


def fill(session: Session, members: int) -> Assembly:
    """Make an assembly of so many confirmed members, and an event in six and a half days."""
    organiser = accounts.create_account(session, email="a@example.org", name="A")
    assembly = assemblies.create_assembly(session, WORDS, by=organiser)
    place = places.add_place(session, assembly, {"name": "Rathaus", "street": "Marktplatz 1"}, by=organiser)
    room = places.add_room(session, assembly, place, {"name": "Saal", "capacity": 200}, by=organiser)
    people = list(_people(assembly, members))
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
    for number, one in enumerate(people):
        member = _member(assembly, commitment, one)
        member.channel, member.language = WAYS[number % len(WAYS)], WRITTEN[number % len(WRITTEN)]
        session.add(member)
    starts_at = now().replace(microsecond=0) + 6.5 * DAY
    event = Event(
        assembly_id=assembly.id,
        kind=EventKind.PLENARY,
        state=EventState.PUBLISHED,
        title="Auftakt",
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(hours=3),
        room_id=room.id,
        published_at=now() - 79 * DAY,
    )
    session.add(event)
    session.commit()
    return assembly


def _people(assembly: Assembly, count: int) -> Iterator[Respondent]:
    for one in range(count):
        contact = Contact(
            first_name="Vera",
            last_name=f"Person {one}",
            email=f"p{one}@example.org",
            phone="0151 12345678",
            street="Hauptstraße",
            house_number=str(one),
            postcode="12345",
            city="Auenfurt",
        )
        yield Respondent(
            assembly_id=assembly.id,
            code=f"R{one:05}",
            registered_at=now(),
            source=Source.BY_HAND,
            status=Status.CONFIRMED,
            contact=contact,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Measured:
    """How many reminders were queued, and how long that, its own part on a processor, and looking again took."""

    count: int
    seconds: float
    cpu: float
    again: float


def measure(site: Site, members: int) -> Measured:
    """Queue the reminders of one event, and look for more."""
    with application(site) as app, app.app_context():
        number = fill(db.session, members).id
        db.session.expunge_all()
        start = time.process_time()
        seconds = _queue(number)
        cpu = time.process_time() - start
        again = _queue(number)
        count = db.session.scalar(sa.select(sa.func.count()).select_from(MemberMessage)) or 0
        return Measured(count, seconds, cpu, again)


def _queue(assembly_id: int) -> float:
    start = time.perf_counter()
    assembly = db.session.get_one(Assembly, assembly_id)
    reminders.write_due(db.session, assembly, page="https://buergerrat.example.org/m/", has_gateway=True)
    db.session.commit()
    db.session.expunge_all()
    return time.perf_counter() - start


def main() -> None:
    """Measure, and end with code 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description="Measure how fast reminders are queued.")
    parser.add_argument("--engines", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--members", type=int, default=5000)
    arguments = parser.parse_args()
    say(HEAD)
    missed: list[str] = []
    for engines in arguments.engines:
        with sites(engines) as site:
            found = measure(site, arguments.members)
        say(f"| {engines} | {found.count} | {found.seconds:.2f} | {found.cpu:.2f} | {found.again:.2f} | {GOAL:.0f} |")
        if found.count != arguments.members or found.seconds >= GOAL:
            missed.append(f"{engines}: {found.count} reminders in {found.seconds:.2f} s")
    end(missed)


if __name__ == "__main__":
    main()
