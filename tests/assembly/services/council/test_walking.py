"""The mirror follows the server, in both versions of OParl and on both databases, whatever goes wrong on the way."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.config import Config
from assembly.models import (
    Assembly,
    CouncilAgendaItem,
    CouncilConsultation,
    CouncilMeeting,
    CouncilPaper,
    CouncilSource,
    Job,
    User,
)
from assembly.services import accounts, assemblies, daily, handlers, jobs
from assembly.services.council import background, bodies, references, searching, sources, walking
from assembly.services.council.client import Client
from assembly.services.council.walking import GoneError, Walker
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.handlers import Run, StoppedError
from tests.assembly.conftest import WORDS
from tests.assembly.engines import Engines
from tests.assembly.services.council.server import Answer, OParl

START = dt.datetime(2034, 12, 1, 8, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@dataclasses.dataclass
class Town:
    """An assembly whose council is to be mirrored."""

    sessions: sessionmaker[Session]
    client: Client
    assembly_id: int
    user_id: int
    source_id: int = 0

    def load(self, session: Session) -> tuple[Assembly, User]:
        return session.get_one(Assembly, self.assembly_id), session.get_one(User, self.user_id)

    def connect(self, oparl: OParl) -> None:
        """Connect the first body that is found."""
        with self.sessions.begin() as session:
            assembly, user = self.load(session)
            source = sources.connect(session, assembly, oparl.url("/system"), by=user)
            found = bodies.find(self.client, source.address)
            source.version, source.bodies = found.version, [dict(one) for one in found.bodies]
            sources.choose(session, assembly, source.bodies[0]["id"], by=user)
            self.source_id = source.id

    def walk(self, **more: Any) -> None:
        Walker(self.sessions, self.client, self.source_id, **more).walk()

    def papers(self) -> dict[str, bool]:
        """Return the mirrored papers' references, and whether they are deleted."""
        with self.sessions() as session:
            rows = session.execute(sa.select(CouncilPaper.reference, CouncilPaper.is_deleted))
            return {reference: is_deleted for reference, is_deleted in rows.all()}  # noqa: C416  # rows are no pairs for the type checker

    def source(self) -> CouncilSource:
        with self.sessions() as session:
            return session.get_one(CouncilSource, self.source_id)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Everything begins on one day."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def town(sessions: sessionmaker[Session], client: Client, clock: time_machine.Traveller) -> Town:
    """A town on both databases."""
    with sessions.begin() as session:
        user = accounts.create_account(session, email="orga@example.org", name="Olga Organ")
        made = assemblies.create_assembly(session, WORDS, by=user)
        return Town(sessions, client, made.id, user.id)


@pytest.fixture
def connected(town: Town, one_oparl: OParl) -> Town:
    """A town with a mirror that is up to date."""
    town.connect(one_oparl)
    town.walk()
    one_oparl.asked.clear()
    return town


on_sqlite = pytest.mark.parametrize("engines", ["sqlite"], indirect=True)
"""Where the database makes no difference."""
ALL_THREE = {"2027/001": False, "2027/002": False, "2027/003": False}


def test_a_body_is_mirrored_page_by_page(town: Town, oparl: OParl) -> None:
    town.connect(oparl)
    pages: list[int] = []
    town.walk(between=lambda progress: pages.append(progress["pages"]))
    assert (town.papers(), pages) == (ALL_THREE, [1, 2, 3, 4])
    source = town.source()
    assert (source.name, source.version, source.synchronised_at, source.cursor, source.skipped) == (
        "Stadt Auenfurt",
        oparl.version,
        START,
        {},
        0,
    )
    with town.sessions() as session:
        assembly, _ = town.load(session)
        paper = session.scalars(sa.select(CouncilPaper).where(CouncilPaper.reference == "2027/001")).one()
        assert (paper.name, paper.paper_type, paper.dated_on, paper.main_file) == (
            "Rückbau der Ufermauer",
            "Beschlussvorlage",
            dt.date(2027, 3, 1),
            "https://ris.example.org/file/1.pdf",
        )
        meeting = session.scalars(sa.select(CouncilMeeting).where(CouncilMeeting.name == "Sitzung 1")).one()
        assert (meeting.organizations, meeting.location, meeting.starts_at) == (
            ["Stadtrat", "Verkehrsausschuss"],
            "Rathaus, Sitzungssaal",
            dt.datetime(2035, 1, 15, 17, tzinfo=dt.UTC),
        )
        item = meeting.items[0]
        assert references.papers_of(session, meeting.source_id, meeting.items) == {item.id: paper}
        assert references.get_reference(session, assembly, f"resolution:{item.id}") == references.Reference(
            references.ReferenceKind.RESOLUTION,
            "2027/001",
            "Beratung 1",
            "https://ris.example.org/meeting/1",
            dt.date(2035, 1, 15),
            key=f"resolution:{item.id}",
            text="Der Stadtrat beschließt den Antrag.",
            result="einstimmig beschlossen",
            body="Stadtrat, Verkehrsausschuss",
        )


def test_only_what_changed_is_asked_for_and_tombstones_are_obeyed(
    town: Town, oparl: OParl, clock: time_machine.Traveller
) -> None:
    town.connect(oparl)
    town.walk()
    clock.shift(DAY)
    later = START + dt.timedelta(hours=2)
    oparl.lists["/papers"][0] = oparl.paper(1, "Ufermauer bleibt", modified=later.isoformat())
    oparl.lists["/papers"][1] = oparl.tombstone("Paper", 2, later)
    oparl.lists["/papers"].append(oparl.paper(4, "Neu", modified=later.isoformat()))
    oparl.asked.clear()
    town.walk()
    assert [path for path in oparl.asked if path.startswith("/papers")] == [
        "/papers?modified_since=2034-11-30T08%3A00%3A00%2B00%3A00",
        "/papers?page=2&modified_since=2034-11-30T08:00:00%2B00:00",
    ]
    assert town.papers() == ALL_THREE | {"2027/002": True, "2027/004": False}
    with town.sessions() as session:
        source = session.get_one(CouncilSource, town.source_id)
        assert [one.name for one in searching.papers(session, source, "UFERMAUER").rows] == ["Ufermauer bleibt"]
        assert session.scalar(sa.select(sa.func.count()).select_from(CouncilConsultation)) == 4


@pytest.mark.parametrize("filters", ["ignores", "refuses"])
def test_a_server_without_modified_since_is_walked_through_and_what_is_gone_is_deleted(
    connected: Town, one_oparl: OParl, clock: time_machine.Traveller, filters: str
) -> None:
    one_oparl.filters = filters
    del one_oparl.lists["/papers"][1]
    del one_oparl.lists["/meetings"][0]
    clock.shift(DAY)
    connected.walk()
    assert connected.papers() == ALL_THREE | {"2027/002": True}
    assert (connected.source().asks_since, connected.source().synchronised_at) == (False, START + DAY)
    one_oparl.asked.clear()
    clock.shift(DAY)
    one_oparl.lists["/papers"].append(one_oparl.paper(2, "Radweg"))
    connected.walk()
    assert connected.papers() == ALL_THREE
    assert [path for path in one_oparl.asked if "modified_since" in path] == []
    with connected.sessions() as session:
        found = session.execute(sa.select(CouncilMeeting.name).where(CouncilMeeting.is_deleted))
        assert found.scalars().all() == ["Sitzung 1"]


@on_sqlite
def test_once_a_month_everything_is_read(connected: Town, one_oparl: OParl, clock: time_machine.Traveller) -> None:
    del one_oparl.lists["/papers"][1]
    for _ in range(30):
        clock.shift(DAY)
        connected.walk()
    assert connected.papers() == ALL_THREE | {"2027/002": True}
    assert connected.source().full_at == START + 30 * DAY
    assert [path for path in one_oparl.asked if path == "/papers"] == ["/papers"]


@on_sqlite
@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(body=b'{"data": ['), "no object in JSON"),
        (Answer(body=b'{"data": 1}'), "no list of OParl"),
    ],
)
def test_what_was_interrupted_goes_on_where_it_was(
    town: Town, one_oparl: OParl, clock: time_machine.Traveller, answer: Answer, text: str
) -> None:
    town.connect(one_oparl)
    one_oparl.instead["/meetings?page=2"] = [answer]
    with pytest.raises(RuleError, match=text):
        town.walk()
    assert (town.papers(), town.source().synchronised_at) == (ALL_THREE, None)
    one_oparl.asked.clear()
    clock.shift(DAY / 2)
    town.walk()
    assert (one_oparl.asked, town.source().synchronised_at) == (["/meetings?page=2"], START)


@on_sqlite
def test_what_was_interrupted_long_ago_begins_anew(town: Town, one_oparl: OParl, clock: time_machine.Traveller) -> None:
    town.connect(one_oparl)
    one_oparl.instead["/meetings"] = [Answer(404)]
    with pytest.raises(RuleError, match="404"):
        town.walk()
    assert town.source().cursor == {}  # going on from there would fail for ever
    one_oparl.instead["/meetings?page=2"] = [Answer(body=b"")]
    with pytest.raises(RuleError, match="no object"):
        town.walk()
    clock.shift(2 * DAY)
    one_oparl.asked.clear()
    town.walk()
    assert one_oparl.asked[0] == "/body/1"
    assert town.source().synchronised_at == START + 2 * DAY


@on_sqlite
@pytest.mark.parametrize("has_news", [False, True])
def test_a_list_without_an_end_is_given_up(
    town: Town, one_oparl: OParl, monkeypatch: pytest.MonkeyPatch, *, has_news: bool
) -> None:
    town.connect(one_oparl)
    monkeypatch.setattr(walking, "MOST_PAGES", 20)
    numbers = iter(range(10, 1000))

    def endless(path: str) -> Answer:
        data = [one_oparl.paper(next(numbers) if has_news else 1, "Noch eins")]
        links = {"next": f"/papers?page={next(numbers)}"}
        one_oparl.asked.append(path)
        return Answer(body=json.dumps({"data": data, "links": links}).encode())

    real = one_oparl.answer
    monkeypatch.setattr(one_oparl, "answer", lambda path: endless(path) if path.startswith("/papers") else real(path))
    with pytest.raises(RuleError, match="from page to page"):
        town.walk()
    assert len([path for path in one_oparl.asked if path.startswith("/papers")]) == (21 if has_news else 6)
    assert town.source().synchronised_at is None


def test_malformed_objects_are_left_out_and_counted(town: Town, one_oparl: OParl) -> None:
    ids = [one_oparl.url(f"/paper/{number}") for number in range(9)]
    one_oparl.lists["/papers"] = [
        None,
        7,
        ["x"],
        {"name": "Ohne Kennung"},
        {"id": "javascript:alert(1)", "name": "Keine Adresse"},
        {"id": ids[1]},
        {"id": ids[2], "name": ["x"], "reference": {}, "date": 5},
        one_oparl.url("/paper/nowhere"),
        "no address",
        {"id": ids[3], "name": "Null\x00 und \ud800", "date": "gestern", "modified": "0001-01-01T00:00:00+14:00"},
        {"id": ids[4], "reference": "R" * 300, "web": "javascript:alert(1)", "mainFile": 5, "consultation": {"a": 1}},
        {"id": ids[5] + "x" * 600, "name": "Zu lange Kennung"},
    ]
    one_oparl.lists["/meetings"] = [
        one_oparl.meeting(1, agendaItem=[None, {"name": "x"}, 5], organization="x", start=1)
    ]
    town.connect(one_oparl)
    town.walk()
    with town.sessions() as session:
        papers = session.scalars(sa.select(CouncilPaper).order_by(CouncilPaper.oparl_id)).all()
        assert [(one.name, one.reference[:3], len(one.reference), one.web, one.dated_on) for one in papers] == [
            ("Null und", "", 0, "", None),
            ("", "RRR", 200, "", None),
        ]
        meeting = session.scalars(sa.select(CouncilMeeting)).one()
        assert (meeting.name, meeting.items, meeting.organizations, meeting.starts_at) == ("Sitzung 1", [], [], None)
    assert town.source().skipped == 10


def test_rows_keep_their_numbers_when_a_meeting_changes(
    connected: Town, one_oparl: OParl, clock: time_machine.Traveller
) -> None:
    def items() -> list[Any]:
        with connected.sessions() as session:
            found = sa.select(CouncilAgendaItem.id, CouncilAgendaItem.position, CouncilAgendaItem.name)
            return [tuple(row) for row in session.execute(found.order_by(CouncilAgendaItem.id))]

    before = items()
    clock.shift(DAY)
    new = one_oparl.thing("AgendaItem", "new", name="Eröffnung")
    changed = one_oparl.meeting(1, modified=START.isoformat())
    changed["agendaItem"] = [new, changed["agendaItem"][0]]
    one_oparl.lists["/meetings"][0] = changed
    connected.walk()
    assert items() == [(before[0][0], 2, "Beratung 1"), *before[1:], (before[-1][0] + 1, 1, "Eröffnung")]


def test_who_walks_for_a_source_that_is_gone_stops(connected: Town, one_oparl: OParl) -> None:
    def disconnect(_progress: object) -> None:
        with connected.sessions.begin() as session:
            assembly, user = connected.load(session)
            sources.disconnect(session, assembly, by=user)

    with pytest.raises(GoneError):
        connected.walk(between=disconnect)
    with connected.sessions() as session:
        for model in (CouncilSource, CouncilPaper, CouncilMeeting, CouncilAgendaItem, CouncilConsultation):
            assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0
        assembly, _ = connected.load(session)
        assert references.find(session, assembly, "Ufer") == []


@on_sqlite
def test_of_two_who_walk_one_stops(connected: Town) -> None:
    def overtaken(_progress: object) -> None:
        with connected.sessions.begin() as session:
            session.get_one(CouncilSource, connected.source_id).walk += 1

    with pytest.raises(GoneError):
        connected.walk(between=overtaken)


def test_another_assembly_finds_nothing_of_it(connected: Town) -> None:
    with connected.sessions.begin() as session:
        assembly, user = connected.load(session)
        other = assemblies.create_assembly(session, WORDS | {"title": "Anderer Rat"}, by=user)
        found = references.find(session, assembly, "ufer")
        assert [(one.kind, one.reference, one.title) for one in found] == [
            (references.ReferenceKind.PAPER, "2027/001", "Rückbau der Ufermauer")
        ]
        assert references.get_reference(session, assembly, found[0].key) == found[0]
        resolved = references.find(session, assembly, "beschließt beratung 2")
        assert [(one.kind, one.title, one.reference) for one in resolved] == [
            (references.ReferenceKind.MEETING, "Sitzung 2", ""),
            (references.ReferenceKind.RESOLUTION, "Beratung 2", "2027/002"),
        ]
        assert [references.get_reference(session, assembly, one.key) for one in resolved] == resolved
        for key in (found[0].key, "meeting:1", "resolution:1", "paper:999", "paper:x", "x:1", "", "paper:²"):
            with pytest.raises(NotFoundError):
                references.get_reference(session, other, key)
        assert references.find(session, other, "ufer") == []


def test_papers_are_found_by_all_of_their_words(connected: Town) -> None:
    searches = {"": 3, "RÜCKBAU": 1, "ufermauer rückbau": 1, "2027/00": 3, "ufer bus": 0, "%": 0, "_": 0}
    with connected.sessions() as session:
        source = session.get_one(CouncilSource, connected.source_id)
        assert {one: searching.papers(session, source, one).total for one in searches} == searches
        page = searching.papers(session, source, "2027", page=99, size=2)
        assert (page.pages, page.number, [one.reference for one in page.rows]) == (2, 2, ["2027/001"])
        assert [one.name for one in searching.meetings(session, source, "verkehr beratung", size=2).rows] == [
            "Sitzung 3",
            "Sitzung 2",
        ]


@on_sqlite
def test_a_worker_does_it_and_says_what_went_wrong(town: Town, one_oparl: OParl, engines: Engines) -> None:
    config = Config.from_environment(engines.environment | {"COUNCIL_NETWORKS": "127.0.0.0/8"})
    with town.sessions.begin() as session:
        assembly, user = town.load(session)
        town.source_id = sources.connect(session, assembly, one_oparl.url("/nothing"), by=user).id
    assert work(town, config) == (sources.LOOK, "%(host)s refuses to answer (status %(status)s).")
    with town.sessions.begin() as session:
        assembly, user = town.load(session)
        sources.connect(session, assembly, one_oparl.url("/system"), by=user)
    assert work(town, config) == (sources.LOOK, None)
    with town.sessions.begin() as session:
        assembly, user = town.load(session)
        with pytest.raises(RuleError, match="from the list"):
            sources.choose(session, assembly, "https://elsewhere.example", by=user)
        sources.choose(session, assembly, one_oparl.url("/body/1"), by=user)
        with pytest.raises(ConflictError):
            sources.connect(session, assembly, "https://elsewhere.example", by=user)
        assert sources.synchronise(session, assembly, by=user).state is jobs.JobState.QUEUED
        assert session.scalar(sa.select(sa.func.count()).select_from(Job).where(Job.kind == sources.SYNCHRONISE)) == 1
    assert work(town, config) == (sources.SYNCHRONISE, None)
    assert town.papers() == ALL_THREE


@on_sqlite
def test_every_day_every_source_is_asked(connected: Town, engines: Engines, one_oparl: OParl) -> None:
    config = Config.from_environment(engines.environment | {"COUNCIL_NETWORKS": "127.0.0.0/8"})
    with connected.sessions.begin() as session:
        session.execute(sa.delete(Job))
        daily.ask_if_due(session)
        session.execute(sa.delete(Job).where(Job.kind != background.MIRRORS))
    assert work(connected, config) == (background.MIRRORS, None)
    one_oparl.instead["/papers"] = [Answer(body=b"<html>")]
    assert work(connected, config) == (sources.SYNCHRONISE, "What %(host)s says is not OParl: no object in JSON.")
    with connected.sessions() as session:
        failure = jobs.failure_of(sources.last_job(session, session.get_one(CouncilSource, connected.source_id)))
        assert str(failure) == "What 127.0.0.1 says is not OParl: no object in JSON."


def work(town: Town, config: Config) -> tuple[str, str | None]:
    """Do the job that waits, as a worker does; return its kind and what went wrong."""
    with town.sessions.begin() as session:
        job_id = session.scalars(sa.select(Job.id).where(Job.state == "queued")).one()
        job = jobs.claim(session, job_id, handlers.known_kinds())
        assert job is not None
        run, kind = Run(town.sessions, config, job.id, job.attempts, job.payload), job.kind
    handlers.perform(run, kind)
    with town.sessions() as session:
        return kind, session.get_one(Job, job_id).error


@on_sqlite
def test_a_job_that_is_to_stop_does_not_wait(town: Town, engines: Engines) -> None:
    run = Run(town.sessions, engines.config, 1, 1, {}, stopping=lambda: True)
    with pytest.raises(StoppedError):
        background.wait(run, 60)
