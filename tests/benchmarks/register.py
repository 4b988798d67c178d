"""Measures how fast everyone reads the register and its open data: 48 recommendations × 16 addressees, and 1,000 × 1.

python -m tests.benchmarks.register [--engines sqlite postgresql] [--users 100] [--seconds 30]

An open loop as in web.py: 100 visitors, one request each per second. By turns they ask for a page of each register
(some with a filter, some with words), for a recommendation, for the feed as a reader does that has it already, and for
the whole open data as JSON, compressed as programs take it; goal: 95 % within 200 ms. Every case has been assigned,
reviewed, answered and debated, with minutes.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence

import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.extensions import db
from assembly.models import Assembly, Binding, Case, Move, User
from assembly.services import accounts, assemblies
from assembly.services.daily import today
from assembly.services.follow_up import cases, rules
from assembly.services.follow_up.transitions import Actor
from tests.assembly.conftest import WORDS
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said
from tests.benchmarks.web import HEAD, Site, application, end, measure, say, sites

WIDE, LONG = (48, 16), (1000, 1)
"""Recommendations and addressees."""
GOAL_SECONDS = 0.200
DONE = {Move.ASSIGN: 7, Move.BEGIN_REVIEW: 7, Move.ANSWER: 60, Move.DEBATE: 40, Move.MINUTES: 20}
"""Steps, each so many days after the one before: all in time."""
DAYS = 160
PARAGRAPH = (
    "Die Verwaltung hat den Vorschlag mit den Fachämtern geprüft und die Kosten der nächsten Jahre ermittelt. " * 4
)
QUERIES = ("", "?page=2", "?state=debated", "?search=Radweg+Kosten", "?overdue=1", "?addressee=1&page=3")


def fill(site: Site, users: int) -> None:
    """Make both assemblies, and choose what the visitors ask for."""
    with application(site) as app:
        organiser = accounts.create_account(db.session, email="a@example.org", name="A")
        wide, long = (_assembly(db.session, shape, organiser) for shape in (WIDE, LONG))
        site.pages = {
            f"register, {_name(shape)}": [(f"/a/{one.slug}/follow-up/register{query}", "") for query in QUERIES]
            for shape, one in ((WIDE, wide), (LONG, long))
        }
        numbers = range(1, WIDE[0] + 1)
        site.pages["recommendation"] = [(f"/a/{wide.slug}/recommendations/{number}", "") for number in numbers]
        site.pages["feed, known"] = [_known(app, f"/a/{one.slug}/follow-up.atom") for one in (wide, long)]
        site.pages["open data"] = [(f"/a/{one.slug}/follow-up.json", "Accept-Encoding: gzip") for one in (wide, long)]


def _assembly(session: Session, shape: tuple[int, int], organiser: User) -> Assembly:
    """Make an assembly whose recommendations were handed over some months ago."""
    words = WORDS | {"title": f"Bürgerrat {_name(shape)}", "is_public": True}
    with time_machine.travel(now() - dt.timedelta(days=180), tick=True) as traveller:
        assembly = assemblies.create_assembly(session, words, by=organiser)
        draft = rules.begin(session, assembly, "council", by=organiser)
        for number in range(1, shape[1]):
            asked = {"name": f"Amt {number}", "body": "Stadtrat", "binding": Binding.ASKED}
            rules.add_addressee(session, assembly, draft, asked, by=organiser)
        opened = hand_over(session, assembly, by=organiser, on=today(), count=shape[0])
        for move, later in DONE.items():
            traveller.shift(dt.timedelta(days=later))
            _take(session, opened, move, organiser)
            session.commit()
    return assembly


def _take(session: Session, opened: Sequence[Case], move: Move, by: User) -> None:
    values = said(move, today())
    values |= dict.fromkeys({"summary", "reasons", "legal", "financial"} & values.keys(), PARAGRAPH)
    for case in opened:
        cases.move(session, case, move, values, actor=Actor.OFFICE, by=by, taken_on=today())


def _known(app: Flask, address: str) -> tuple[str, str]:
    """Return an address with the header of somebody who has its content already."""
    answer = app.test_client(use_cookies=False).get(address, base_url="http://127.0.0.1")
    return address, f"If-None-Match: {answer.headers['ETag']}"


def _name(shape: tuple[int, int]) -> str:
    return f"{shape[0]:,} × {shape[1]}"


def main() -> None:
    """Measure, and end with code 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description="Measure the register under load.")
    parser.add_argument("--engines", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=30)
    arguments = parser.parse_args()
    say(HEAD)
    missed: list[str] = []
    for engines in arguments.engines:
        with sites(engines) as site:
            fill(site, arguments.users)
            missed += measure(site, engines, arguments.users, arguments.seconds, goal=GOAL_SECONDS)
    end(missed)


if __name__ == "__main__":
    main()
