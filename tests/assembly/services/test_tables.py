"""Tables of events: computed as a job, needs kept to and never told, mended, moved by hand, published, printed."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    AttendanceState,
    ConsentKind,
    Event,
    EventKind,
    Feature,
    ItemKind,
    Job,
    JobState,
    LogEntry,
    Member,
    NeedKind,
    PairKind,
    Respondent,
    Seated,
    Status,
    SupportNeed,
    TablePair,
    TablePlan,
    TableSeat,
)
from assembly.services import handlers, jobs, respondents
from assembly.services.attendance import noting
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.handlers import Run
from assembly.services.members import consents
from assembly.services.needs.people import Wish, add_need
from assembly.services.privacy import erasing, person
from assembly.services.programme import agenda, events, schedule
from assembly.services.tables import computing, moving, plans, seating, sheets
from assembly.services.tables.sheets import Sheet
from sortition.tables import Only, Rules, make_tables
from tests.assembly.services.panels import DrawnPanel, members_in, perform

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TWO = {"seated": Seated.EXPECTED, "tables": 2, "rounds": 1}
NAMES: Mapping[int, str] = {}
"""What people are called: these tests read no name."""


@pytest.fixture
def session(drawn: DrawnPanel) -> Iterator[Session]:
    """A transaction after the draw."""
    with drawn.sessions() as opened:
        yield opened


def meet(drawn: DrawnPanel, session: Session, days: float = 7, *, groups: int = 1) -> Event:
    """Publish an event so many days from now, with small groups on its agenda; those drawn have confirmed."""
    assembly, organiser = drawn.load(session)
    for one in members_in(session, Status.DRAWN):
        respondents.move(session, one, Status.CONFIRMED, by=organiser)
    start = now() + days * DAY
    values = {"kind": EventKind.SMALL_GROUPS, "title": "Treffen", "starts_at": start, "ends_at": start + 3 * HOUR}
    event = events.add_event(session, assembly, values, by=organiser)
    for number in range(groups):
        item = {"kind": ItemKind.SMALL_GROUPS, "title": f"Gespräch {number + 1}", "minutes": 30}
        agenda.add_item(session, event, item, by=organiser)
    events.publish(session, event, by=organiser)
    return event


def four(session: Session) -> list[Member]:
    """Return the members, by code."""
    return [session.get_one(Member, one.id) for one in members_in(session, Status.CONFIRMED)]


def computed(drawn: DrawnPanel, session: Session, event: Event, **values: Any) -> TablePlan:
    """Describe the tables, and let a worker compute them."""
    _, organiser = drawn.load(session)
    plans.describe(session, event, TWO | values, by=organiser)
    computing.start(session, event, by=organiser)
    session.commit()
    perform(drawn.sessions, drawn.config)
    session.expire_all()
    return session.get_one(TablePlan, event.id)


def at_tables(session: Session, event: Event, *, is_draft: bool = True, number: int = 1) -> dict[int, set[int]]:
    """Return who sits at each table in a round."""
    found: dict[int, set[int]] = {}
    for who, table in seating.places_of(session, event, is_draft=is_draft).get(number, {}).items():
        found.setdefault(table, set()).add(who)
    return found


def log_of(session: Session) -> str:
    """Return all that the log says of tables."""
    entries = session.scalars(sa.select(LogEntry).where(LogEntry.action.like("tables%")))
    return json.dumps([[entry.action, entry.subject, entry.details] for entry in entries])


def need(session: Session, member: Member, kind: NeedKind, language: str = "") -> SupportNeed:
    """Record what a member needs."""
    return add_need(session, member.respondent, Wish(kind, language=language), by=None)


def test_tables_are_computed_published_and_seen(drawn: DrawnPanel, session: Session) -> None:
    assembly, organiser = drawn.load(session)
    event = meet(drawn, session, groups=2)
    feature = session.scalars(sa.select(Feature).where(Feature.assembly_id == assembly.id)).one()
    first, *_ = four(session)
    assert plans.usual(event, 20) == {"seated": Seated.EXPECTED, "tables": 3, "rounds": 2}
    with pytest.raises(ConflictError, match="how many tables"):
        computing.start(session, event, by=organiser)
    plan = computed(drawn, session, event, rounds=2, diverse=[feature.id], leads=["Tilda", "Tom"])
    assert [Counter(places.values()) for places in seating.places_of(session, event, is_draft=True).values()] == [
        {1: 2, 2: 2}
    ] * 2
    assert plan.figures["optimal"]
    [own] = schedule.own_events(session, first)
    assert (own.tables, own.table) == ({}, None)
    plans.publish(session, event, by=organiser)
    [own] = schedule.own_events(session, first)
    assert list(own.tables) == [1, 2]
    assert own.table is not None
    table = own.tables[1]
    assert first in session.scalars(sa.select(Member).where(seating.sits_at(event.id, table))).all()
    assert session.scalars(sa.select(Member).where(seating.sits_at(event.id, 99))).all() == []
    assert {"tables_described", "tables_started", "tables_computed", "tables_published"} <= {
        entry[0] for entry in json.loads(log_of(session))
    }


def test_earlier_events_count_so_that_others_meet(drawn: DrawnPanel, session: Session) -> None:
    _, organiser = drawn.load(session)
    met: Counter[frozenset[int]] = Counter()
    for days in (1, 2, 3):
        event = meet(drawn, session, days)
        computed(drawn, session, event)
        plans.publish(session, event, by=organiser)
        session.commit()
        met.update(frozenset(pair) for pair in at_tables(session, event, is_draft=False).values())
    assert len(met) == 6  # of four people at tables of two, all pairs in three evenings
    assert session.get_one(TablePlan, event.id).figures["earlier"] == 4


def test_needs_are_kept_to_and_told_nowhere(
    drawn: DrawnPanel, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    """Two share an interpreter, one needs a table that is easily reached; plan, files and logs say nothing."""
    _, organiser = drawn.load(session)
    event = meet(drawn, session, groups=2)
    first, second, third, _ = four(session)
    for member in (first, second):
        need(session, member, NeedKind.SPOKEN_LANGUAGE, "Rumänisch")
    need(session, third, NeedKind.MOBILITY)
    plan = computed(drawn, session, event, rounds=2, near=[2])
    for number in (1, 2):
        tables = at_tables(session, event, number=number)
        assert tables[1] == {first.respondent_id, second.respondent_id}
        assert third.respondent_id in tables[2]
    plans.publish(session, event, by=organiser)
    for one, two in ((first, 2), (third, 1)):
        broken = moving.move(
            session,
            event,
            one.respondent_id,
            number=1,
            table=two,
            names=NAMES,
            may_see_needs=True,
            by=organiser,
            is_sure=False,
        )
        assert moving.HIDDEN in [found.template for found in broken]
        assert all("Rumänisch" not in str(found.values) for found in broken)
    by_trying = {"number": 1, "table": 2, "names": NAMES, "may_see_needs": False, "by": organiser, "is_sure": False}
    found = moving.move(session, event, first.respondent_id, **by_trying)
    assert moving.HIDDEN not in [one.template for one in found]  # nor says trying
    told = [log_of(session), caplog.text, json.dumps(plan.figures), repr(plan), repr(broken)]
    told += [json.dumps([job.payload, job.progress, job.error_values]) for job in session.scalars(sa.select(Job))]
    told += [
        json.dumps(sheets.sheet_data(session, event, plan, sheet, may_see_members=True, language="de"))
        for sheet in Sheet
    ]
    content = sheets.export_xlsx(session, event, plan, language="de", by=organiser)
    told += [str(row) for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)]
    for word in ("rumän", "romanian", "spoken", "mobility", "support", "interpreter", "near"):
        assert [text for text in told if word in text.casefold()] == [], word


def test_a_contradiction_says_the_same_whatever_the_reason(drawn: DrawnPanel, session: Session) -> None:
    """Whom a pair keeps apart shares an interpreter: naming the pair would tell that."""
    _, organiser = drawn.load(session)
    event = meet(drawn, session)
    first, second, *_ = four(session)
    for member in (first, second):
        need(session, member, NeedKind.SIGN_LANGUAGE)
    plans.add_pair(session, event, PairKind.APART, first.respondent_id, second.respondent_id, by=organiser)
    plans.describe(session, event, TWO, by=organiser)
    job_id = computing.start(session, event, by=organiser).id
    session.commit()
    run(drawn, job_id)
    session.expire_all()
    job = session.get_one(Job, job_id)
    assert (job.state, job.error, job.error_values) == (JobState.FAILED, computing.CONTRADICTION, {})
    assert seating.places_of(session, event, is_draft=True) == {}


def run(drawn: DrawnPanel, job_id: int, *, is_cancelled: bool = False) -> None:
    """Do one job, whatever becomes of it."""
    with drawn.sessions.begin() as session:
        job = session.get_one(Job, job_id)
        job.state, job.attempts, job.cancel_requested = JobState.RUNNING, job.attempts + 1, is_cancelled
        made = Run(drawn.sessions, drawn.config, job.id, job.attempts, job.payload)
    handlers.perform(made, "tables")


def test_a_job_that_was_cancelled_or_died_is_seen_and_changes_nothing(drawn: DrawnPanel, session: Session) -> None:
    _, organiser = drawn.load(session)
    event = meet(drawn, session)
    plans.describe(session, event, TWO, by=organiser)
    job = computing.start(session, event, by=organiser)
    assert job.payload == {"event": event.id, "change": False, "from_round": 1}
    with pytest.raises(ConflictError, match="being computed"):
        plans.describe(session, event, TWO, by=organiser)
    job_id = job.id
    session.commit()
    run(drawn, job_id, is_cancelled=True)
    session.expire_all()
    failure = jobs.failure_of(plans.last_job(session, event))
    assert (job.state, failure and failure.message) == (JobState.CANCELLED, "Cancelled.")
    assert seating.places_of(session, event, is_draft=True) == {}
    job = computing.start(session, event, by=organiser)
    job.state, job.attempts, job.heartbeat_at = JobState.RUNNING, jobs.MOST_ATTEMPTS, now() - DAY
    session.flush()
    assert jobs.sweep(session, handlers.repeatable_kinds()) == 1
    session.expire_all()
    failure = jobs.failure_of(plans.last_job(session, event))
    assert failure is not None
    assert failure.message == jobs.DIED


def test_late_changes_move_nobody_who_can_stay(drawn: DrawnPanel, session: Session) -> None:
    _, organiser = drawn.load(session)
    event = meet(drawn, session, groups=2)
    first, *others = four(session)
    noting.say(session, event, first, AttendanceState.EXCUSED)
    plan = computed(drawn, session, event, rounds=2)
    plans.publish(session, event, by=organiser)
    published = seating.places_of(session, event, is_draft=False)
    assert {who for of in published.values() for who in of} == {one.respondent_id for one in others}
    alone = next(who for who in published[1] if Counter(published[1].values())[published[1][who]] == 1)
    noting.note(session, event, first.respondent_id, AttendanceState.CONFIRMED, by=organiser)
    leaves = next(one for one in others if one.respondent_id != alone)
    noting.say(session, event, leaves, AttendanceState.EXCUSED)
    listed = seating.people_at(session, event)
    late = moving.late_changes(listed, {}, plan, published)
    assert [one.member for one in late.gone] == [leaves]
    assert [one.member for one in late.new] == [first]
    with pytest.raises(RuleError, match="round of the plan"):
        computing.start_change(session, event, from_round=3, by=organiser)
    computing.start_change(session, event, from_round=2, by=organiser)
    session.commit()
    perform(drawn.sessions, drawn.config)
    session.expire_all()
    draft = seating.places_of(session, event, is_draft=True)
    assert draft[1] == published[1]  # that round is over
    assert draft[2].keys() == {one.respondent_id for one in (first, *others) if one is not leaves}
    assert [one.member for one in moving.late_changes(listed, {}, plan, draft).gone] == [leaves]
    drawn.traveller.move_to(event.starts_at + HOUR)
    assert not moving.late_changes(listed, {}, plan, draft)  # the round that is over is not held against it
    stayed = [who for who in draft[2] if published[2].get(who) == draft[2][who]]
    assert len(stayed) == 2
    assert seating.places_of(session, event, is_draft=False) == published  # until it is published
    moves = seating.moves_between(list(seating.people_at(session, event).values()), published, draft)
    assert {move.person.member.respondent_id for move in moves} == {first.respondent_id, leaves.respondent_id}


@pytest.mark.parametrize("said", [None, AttendanceState.CONFIRMED])
def test_who_left_the_panel_is_named_and_loses_the_seat_when_the_plan_is_mended(
    drawn: DrawnPanel, session: Session, said: AttendanceState | None
) -> None:
    """Also whoever had said before that they come."""
    _, organiser = drawn.load(session)
    event = meet(drawn, session)
    leaves, *others = four(session)
    if said is not None:
        noting.say(session, event, leaves, said)
    plan = computed(drawn, session, event)
    plans.publish(session, event, by=organiser)
    draft = seating.places_of(session, event, is_draft=True)
    listed = seating.people_at(session, event)
    assert seating.left_of(session, event, listed, draft) == {}
    assert not moving.late_changes(listed, {}, plan, draft)
    respondents.move(session, leaves.respondent, Status.WITHDRAWN, by=organiser)
    listed = seating.people_at(session, event)
    left = seating.left_of(session, event, listed, draft)
    late = moving.late_changes(listed, left, plan, draft)
    assert ([one.member for one in late.left], late.gone, late.new) == ([leaves], [], [])
    computing.start_change(session, event, from_round=1, by=organiser)
    session.commit()
    perform(drawn.sessions, drawn.config)
    session.expire_all()
    mended = seating.places_of(session, event, is_draft=True)
    assert mended[1].keys() == {one.respondent_id for one in others}
    assert not moving.late_changes(listed, seating.left_of(session, event, listed, mended), plan, mended)


def test_who_was_drawn_but_has_not_confirmed_sits_nowhere_until_they_come(drawn: DrawnPanel, session: Session) -> None:
    _, organiser = drawn.load(session)
    event = meet(drawn, session, 0.01)
    waiting = four(session)[0]
    waiting.respondent.status = Status.DRAWN
    session.flush()
    listed = seating.people_at(session, event)
    assert len(seating.taken_of(listed.values(), Seated.EXPECTED)) == 3
    noting.note(session, event, waiting.respondent_id, AttendanceState.PRESENT, by=organiser)
    listed = seating.people_at(session, event)
    assert len(seating.taken_of(listed.values(), Seated.EXPECTED)) == 4


def test_moving_by_hand_says_what_it_breaks_before(drawn: DrawnPanel, session: Session) -> None:
    _, organiser = drawn.load(session)
    event = meet(drawn, session)
    first, second, *_ = four(session)
    pair = (first.respondent_id, second.respondent_id)
    plans.add_pair(session, event, PairKind.APART, *pair, by=organiser)
    plans.add_pair(session, event, PairKind.TOGETHER, *reversed(pair), by=organiser)  # instead of the first
    plan = computed(drawn, session, event)
    places = seating.places_of(session, event, is_draft=True)[1]
    assert places[pair[0]] == places[pair[1]]
    there = 3 - places[pair[0]]

    def move(*, is_sure: bool) -> list[str]:
        broken = moving.move(
            session,
            event,
            pair[0],
            number=1,
            table=there,
            names=NAMES,
            may_see_needs=True,
            by=organiser,
            is_sure=is_sure,
        )
        return [found.template for found in broken]

    assert move(is_sure=False) == [
        "%(one)s and %(other)s are to sit together.",
        "%(most)s people would sit at table %(largest)s, but %(fewest)s at table %(smallest)s.",
    ]
    assert seating.places_of(session, event, is_draft=True)[1] == places
    assert move(is_sure=True) == []
    assert seating.places_of(session, event, is_draft=True)[1] == places | {pair[0]: there}
    assert plan.figures == {}
    for wrong in ({"number": 2, "table": 1}, {"number": 1, "table": 3}):
        with pytest.raises(RuleError, match="of the plan"):
            moving.move(session, event, pair[0], **wrong, names=NAMES, may_see_needs=True, by=organiser, is_sure=True)
    with pytest.raises(NotFoundError):
        moving.move(session, event, 0, number=1, table=1, names=NAMES, may_see_needs=True, by=organiser, is_sure=True)
    for one, other, error in ((pair[0], pair[0], RuleError), (pair[0], 0, NotFoundError)):
        with pytest.raises(error):
            plans.add_pair(session, event, PairKind.APART, one, other, by=organiser)
    [kept] = plans.pairs_of(session, event)
    plans.remove_pair(session, event, kept.id, by=organiser)
    with pytest.raises(NotFoundError):
        plans.remove_pair(session, event, kept.id, by=organiser)


def test_what_cannot_be_is_refused(drawn: DrawnPanel, session: Session) -> None:
    assembly, organiser = drawn.load(session)
    event = meet(drawn, session)
    feature = session.scalars(sa.select(Feature.id).where(Feature.assembly_id == assembly.id)).one()
    wrong: tuple[tuple[Mapping[str, Any], str], ...] = (
        ({"tables": 0}, "tables"),
        ({"rounds": 21}, "rounds"),
        ({"near": [3]}, "near"),
        ({"leads": ["A", "B", "C"]}, "leads"),
        ({"leads": ["A" * 101]}, "leads"),
        ({"diverse": [feature], "together": [feature]}, "together"),
    )
    for values, field in wrong:
        with pytest.raises(RuleError) as refused:
            plans.describe(session, event, TWO | values, by=organiser)
        assert refused.value.field == field
    with pytest.raises(NotFoundError):
        plans.describe(session, event, TWO | {"diverse": [0]}, by=organiser)
    plans.describe(session, event, TWO | {"tables": 5}, by=organiser)
    with pytest.raises(RuleError, match="5 tables for 4 people"):
        computing.start(session, event, by=organiser)
    with pytest.raises(ConflictError, match="no plan yet"):
        plans.publish(session, event, by=organiser)
    events.cancel(session, event, reason="Sturm", by=organiser)
    with pytest.raises(ConflictError, match="cancelled"):
        plans.describe(session, event, TWO, by=organiser)


def test_an_erased_member_leaves_plans_and_pairs_and_the_file_of_another_names_nobody(
    drawn: DrawnPanel, session: Session
) -> None:
    _, organiser = drawn.load(session)
    event = meet(drawn, session)
    first, second, *_ = four(session)
    plans.add_pair(session, event, PairKind.TOGETHER, first.respondent_id, second.respondent_id, by=organiser)
    computed(drawn, session, event)
    plans.publish(session, event, by=organiser)
    data = person.person_data(session, second.respondent)
    parts = {part["table"]: part["rows"] for part in data["parts"]}
    assert parts["table_pairs"] == [{"event_id": event.id, "kind": "together"}]
    assert len(parts["table_seats"]) == 2
    respondents.move(session, first.respondent, Status.WITHDRAWN, by=organiser)
    erasing.erase_person(session, session.get_one(Respondent, first.respondent_id))
    session.flush()
    gone = TableSeat.respondent_id == first.respondent_id
    assert session.scalars(sa.select(TableSeat).where(gone)).all() == []
    assert session.scalars(sa.select(TablePair)).all() == []
    assert len(seating.places_of(session, event, is_draft=False)[1]) == 3


def test_badges_show_what_the_member_wants(drawn: DrawnPanel, session: Session) -> None:
    """The words of all sheets; names in full only of whoever agreed that theirs is published."""
    _, organiser = drawn.load(session)
    event = meet(drawn, session, groups=2)
    members = four(session)
    for number, member in enumerate(members):
        contact = member.respondent.contact
        assert contact is not None
        contact.first_name, contact.last_name = f"Vor{number}", f"=Nachname{number}"
    consents.give(session, members[0], ConsentKind.NAME, by=organiser)
    plan = computed(drawn, session, event, rounds=2, leads=["Tilda Tisch"])
    badges = sheets.sheet_data(session, event, plan, Sheet.BADGES, may_see_members=True, language="de")["badges"]
    assert [(one["first"], one["last"]) for one in badges] == [
        ("Vor0", "=Nachname0"),
        *[(f"Vor{number}", "") for number in (1, 2, 3)],
    ]
    rows = sheets.sheet_data(session, event, plan, Sheet.BY_NAME, may_see_members=True, language="de")["rows"]
    assert [row[0] for row in rows] == ["Vor0 =Nachname0", "Vor1 =.", "Vor2 =.", "Vor3 =."]
    tables = sheets.sheet_data(session, event, plan, Sheet.BY_TABLE, may_see_members=True, language="de")["rounds"]
    assert [len(one["tables"]) for one in tables] == [2, 2]
    signs = sheets.sheet_data(session, event, plan, Sheet.SIGNS, may_see_members=True, language="de")["signs"]
    assert [(one["title"], one["lead"]) for one in signs] == [("Tisch 1", "Geleitet von Tilda Tisch"), ("Tisch 2", "")]
    for sheet in Sheet:
        pdf = sheets.sheet_pdf(session, event, plan, sheet, may_see_members=True, language="de")
        assert (pdf[:5], b"pdfuaid:part" in pdf) == (b"%PDF-", True)
        assert pdf == sheets.sheet_pdf(session, event, plan, sheet, may_see_members=True, language="de")
    content = sheets.export_xlsx(session, event, plan, language="de", by=organiser)
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "Nachname" not in log_of(session)
    for sheet in Sheet:  # for those who do not see the members, even who agreed has no last name
        short = json.dumps(sheets.sheet_data(session, event, plan, sheet, may_see_members=False, language="de"))
        assert ("Nachname" in short, "=." in short, "Vor0" in short) == (False, False, sheet is not Sheet.SIGNS)


IDS = st.integers(1, 8)


@given(
    places=st.dictionaries(IDS, st.integers(1, 3), min_size=2),
    groups=st.lists(st.frozensets(IDS.map(str), min_size=2), max_size=3),
    near=st.frozensets(IDS.map(str)),
    tables=st.frozensets(st.integers(1, 3), min_size=1),
)
def test_a_rule_is_broken_exactly_if_somebody_sits_otherwise(
    places: dict[int, int], groups: list[frozenset[str]], near: frozenset[str], tables: frozenset[int]
) -> None:
    broken = moving.broken_by(Rules(together=tuple(groups), only=(Only(near, tables),)), places)
    seated = {str(who): table for who, table in places.items()}
    for position, group in enumerate(groups):
        apart = any(seated[a] != seated[b] for a in group & seated.keys() for b in group & seated.keys())
        assert (("together", position) in broken) is apart
    for who in near:
        assert (("only", int(who)) in broken) is (who in seated and seated[who] not in tables)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(st.sampled_from([(0, 1), (2, 3), (1, 0)]), max_size=2), seated=st.sampled_from(Seated))
def test_the_task_holds_whoever_is_taken_and_what_was_said(
    drawn: DrawnPanel, pairs: list[tuple[int, int]], seated: Seated
) -> None:
    with drawn.sessions() as session:
        _, organiser = drawn.load(session)
        event, members = meet(drawn, session), four(session)
        for member in members[1:]:
            noting.note(session, event, member.respondent_id, AttendanceState.CONFIRMED, by=organiser)
        for one, other in pairs:
            ids = members[one].respondent_id, members[other].respondent_id
            plans.add_pair(session, event, PairKind.TOGETHER, *ids, by=organiser)
        plan = plans.describe(session, event, TWO | {"seated": seated}, by=organiser)
        if seated is Seated.PRESENT:
            with pytest.raises(RuleError, match="2 tables for 0 people"):
                computing.task_of(session, event, plan)
            return
        task = computing.task_of(session, event, plan)
        expected = members if seated is Seated.EXPECTED else members[1:]
        assert {person.id for person in task.people} == {str(one.respondent_id) for one in expected}
        [tables] = make_tables(task, seconds=0.1).seating.rounds
        for group in task.rules.together:
            assert any(group <= set(table.people) for table in tables)
