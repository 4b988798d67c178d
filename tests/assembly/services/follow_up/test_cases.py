"""Cases in the database: each step through one door, kept for ever, in the log with its hash, found by its state."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session, sessionmaker

from assembly import worker
from assembly.config import Config
from assembly.models import Assembly, Case, CaseState, CaseStep, Duty, LogEntry, Move, User
from assembly.services import daily, logbook
from assembly.services.daily import today
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.follow_up import cases, reading, resuming
from assembly.services.follow_up.courses import Taken
from assembly.services.follow_up.facts import without
from assembly.services.follow_up.transitions import TABLE, Actor
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import any_values, said
from tests.assembly.services.panels import perform

HANDED_OVER = dt.date(2035, 3, 1)
NOON = dt.datetime(2035, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock() -> Any:
    """All begins on the day of the handover."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def case(session: Session, assembly: Assembly, organiser: User) -> Case:
    """A recommendation that was handed over."""
    return hand_over(session, assembly, by=organiser, on=HANDED_OVER)[0]


def step(session: Session, case: Case, kind: Move, by: User, **values: Any) -> CaseStep:
    """Take a step as whoever may."""
    return cases.move(session, case, kind, said(kind, today(), **values), actor=min(TABLE[kind].actors), by=by)


def answered(session: Session, case: Case, by: User, **values: Any) -> CaseStep:
    """Bring a case to its answer."""
    step(session, case, Move.ASSIGN, by, unit="Tiefbauamt")
    step(session, case, Move.BEGIN_REVIEW, by)
    return step(session, case, Move.ANSWER, by, **values)


def kept(case: Case) -> tuple[Any, ...]:
    """Return what a case is found by."""
    return (
        *(case.state, case.unit, case.answered, case.decided, case.result),
        *(case.answered_on, case.decided_on, case.closed_on, case.duty, case.due_on, case.in_time, case.late),
        case.open_days,
    )


def computed(case: Case) -> tuple[Any, ...]:
    """Return the same, as its steps say."""
    course = cases.course_of_case(case)
    first = next(((one.duty, one.due) for one in course.open), (None, None))
    return (
        *(course.state, course.unit, course.answered, course.decided, course.result),
        *(course.answered_on, course.decided_on, course.closed_on, *first),
        sum(one.is_kept and not one.is_overdue(today()) for one in course.owed),
        sum(one.ended_on is not None and one.is_overdue(today()) for one in course.owed),
        [one.due.isoformat() for one in course.open],
    )


def test_a_case_owes_from_the_handover_what_the_rules_say(case: Case) -> None:
    assert (case.state, case.duty, case.due_on) == (CaseState.HANDED_OVER, Duty.ASSIGN, dt.date(2035, 3, 15))


def test_a_step_is_in_the_log_with_the_hash_of_what_it_says_and_nothing_of_it(
    session: Session, assembly: Assembly, case: Case, organiser: User
) -> None:
    row = answered(session, case, organiser, reasons="Die Brücke trägt es nicht.", signed_by="Dr. Eva Unverwechselbar")
    entry = list(logbook.entries_of(session, assembly))[-1]
    digest = cases.digest_of(case, Taken(row.number, row.move, row.taken_on, row.facts), row.salt)
    assert (entry.action, entry.subject) == ("case_step", f"case:{case.id}")
    assert entry.details == {"step": 3, "move": "answer", "on": "2035-03-01", "digest": digest}
    assert logbook.first_fault(logbook.entries_of(session, assembly)) is None


def test_a_step_that_lacks_something_leaves_no_trace(
    session: Session, assembly: Assembly, case: Case, organiser: User
) -> None:
    step(session, case, Move.ASSIGN, organiser)
    step(session, case, Move.BEGIN_REVIEW, organiser)
    head = logbook.head_of(session, assembly)
    with pytest.raises(RuleError) as raised:
        step(session, case, Move.ANSWER, organiser, legal=" ")
    assert raised.value.field == "legal"
    with pytest.raises(ConflictError, match="not possible now"):
        step(session, case, Move.DEBATE, organiser)
    with pytest.raises(ConflictError, match="somebody else"):
        cases.move(session, case, Move.ANSWER, {}, actor=Actor.GROUP, by=organiser)
    assert (len(case.steps), case.state) == (2, CaseState.UNDER_REVIEW)
    assert logbook.head_of(session, assembly) == head


def test_a_case_of_another_assembly_does_not_exist(session: Session, assembly: Assembly, case: Case) -> None:
    assert cases.get_case(session, assembly, case.id) is case
    with pytest.raises(NotFoundError):
        cases.get_case(session, assembly, case.id + 1)


def test_a_correction_is_a_new_version_and_the_old_one_stays(session: Session, case: Case, organiser: User) -> None:
    row = answered(session, case, organiser, reasons="Falsch.")
    values = {"step": row.number, "fact": "reasons", "text": "Richtig.", "reason": "Ein Versehen"}
    cases.move(session, case, Move.CORRECT, values, actor=Actor.OFFICE, by=organiser)
    assert [one.facts.get("reasons", one.facts.get("text")) for one in case.steps[2:]] == ["Falsch.", "Richtig."]
    with pytest.raises(RuleError, match="Only texts"):
        cases.move(session, case, Move.CORRECT, values | {"fact": "outcome"}, actor=Actor.OFFICE, by=organiser)
    with pytest.raises(RuleError, match="somebody else"):
        cases.move(session, case, Move.CORRECT, values, actor=Actor.GROUP, by=organiser)


def test_a_corrected_link_is_a_link(session: Session, case: Case, organiser: User) -> None:
    row = answered(session, case, organiser, outcome="already_done")
    values = {"step": row.number, "fact": "done_link", "text": "javascript:alert(1)", "reason": "Ein Versehen"}
    with pytest.raises(RuleError, match="A link begins with https") as refused:
        cases.move(session, case, Move.CORRECT, values, actor=Actor.OFFICE, by=organiser)
    assert refused.value.field == "text"


def test_a_redacted_name_does_not_stay_in_what_cases_are_found_by(
    session: Session, case: Case, organiser: User
) -> None:
    step(session, case, Move.ASSIGN, organiser, unit="Eva Unverwechselbar")
    order = {"step": 1, "facts": ["unit"], "ground": "Art. 17 DSGVO", "ordered_on": dt.date(2035, 3, 1)}
    cases.move(session, case, Move.REDACT, order, actor=Actor.OFFICE, by=organiser)
    session.flush()
    session.expire_all()
    assert (case.unit, case.state) == ("", CaseState.ASSIGNED)


def test_which_text_was_corrected_is_not_redacted(session: Session, case: Case, organiser: User) -> None:
    """Nobody wrote it, and later redactions need it to find the corrections."""
    row = answered(session, case, organiser)
    values = {"step": row.number, "fact": "reasons", "text": "Richtig.", "reason": "Ein Versehen"}
    cases.move(session, case, Move.CORRECT, values, actor=Actor.OFFICE, by=organiser)
    order = {"step": row.number + 1, "facts": ["fact"], "ground": "Urteil", "ordered_on": dt.date(2035, 3, 1)}
    with pytest.raises(RuleError, match="Only texts are redacted"):
        cases.move(session, case, Move.REDACT, order, actor=Actor.OFFICE, by=organiser)


def test_a_redaction_takes_a_name_away_everywhere_and_leaves_its_mark(
    session: Session, assembly: Assembly, case: Case, organiser: User
) -> None:
    row = answered(session, case, organiser, signed_by="Dr. Eva Unverwechselbar")
    correction = {"step": row.number, "fact": "signed_by", "text": "Eva Unverwechselbar", "reason": "ohne Titel"}
    cases.move(session, case, Move.CORRECT, correction, actor=Actor.OFFICE, by=organiser)
    digest = row.digest
    order = {"step": row.number, "facts": ["signed_by"], "ground": "Art. 17 DSGVO", "ordered_on": dt.date(2035, 3, 1)}
    cases.move(session, case, Move.REDACT, order, actor=Actor.OFFICE, by=organiser)
    session.flush()
    session.expire_all()
    rows = session.scalars(sa.select(CaseStep).order_by(CaseStep.number)).all()
    assert "Unverwechselbar" not in "".join(str(one.facts) for one in rows)
    assert [(one.move, one.redacted, bool(one.salt)) for one in rows[2:]] == [
        (Move.ANSWER, ["signed_by"], False),
        (Move.CORRECT, ["reason", "text"], False),
        (Move.REDACT, [], True),
    ]
    assert rows[2].digest == digest
    assert kept(case) == computed(case)
    assert case.state is CaseState.ANSWERED


def test_the_application_takes_up_what_was_postponed_on_its_day_and_once(
    session: Session, assembly: Assembly, case: Case, organiser: User, clock: time_machine.Traveller
) -> None:
    until = dt.date(2035, 6, 1)
    answered(session, case, organiser, outcome="postponed", postponed_until=until)
    step(session, case, Move.DEBATE, organiser)  # its minutes are still owed on that day
    step(session, case, Move.DECIDE, organiser, outcome="postponed", postponed_until=until)
    clock.move_to(dt.datetime(2035, 5, 31, 12, tzinfo=dt.UTC))
    assert cases.resume_due(session, assembly) == 0
    clock.move_to(dt.datetime(2035, 6, 1, 12, tzinfo=dt.UTC))
    assert [cases.resume_due(session, assembly) for _ in range(2)] == [1, 0]
    assert (case.state, case.steps[-1].recorded_by_id) == (CaseState.UNDER_REVIEW, None)
    assert Duty.ANSWER in {one.duty for one in cases.course_of_case(case).open}


def test_the_worker_takes_up_once_a_day_what_was_postponed(
    session: Session, case: Case, organiser: User, tmp_path: Path, clock: Any
) -> None:
    assert resuming.__name__ in worker.HANDLER_MODULES
    until = dt.date(2035, 6, 1)
    answered(session, case, organiser, outcome="postponed", postponed_until=until)
    step(session, case, Move.DEBATE, organiser)
    step(session, case, Move.DECIDE, organiser, outcome="postponed", postponed_until=until)
    session.commit()
    clock.move_to(dt.datetime(2035, 6, 1, 12, tzinfo=dt.UTC))
    daily.ask_if_due(session)
    session.commit()
    perform(sessionmaker(session.get_bind()), Config.from_environment({"ASSEMBLY_DATA": str(tmp_path)}))
    session.expire_all()
    assert case.state is CaseState.UNDER_REVIEW


def test_a_corrected_department_is_found_and_a_redacted_correction_does_not_bring_the_old_one_back(
    session: Session, case: Case, organiser: User
) -> None:
    row = step(session, case, Move.ASSIGN, organiser, unit="Tiefbauamt")
    values = {"step": row.number, "fact": "unit", "text": "Amt von Eva Unverwechselbar", "reason": "Umbenannt"}
    correction = cases.move(session, case, Move.CORRECT, values, actor=Actor.OFFICE, by=organiser)
    assert (case.unit, reading.read(case)[0].said[0].value) == ("Amt von Eva Unverwechselbar",) * 2
    order = {"step": correction.number, "facts": ["text"], "ground": "Name", "ordered_on": today()}
    cases.move(session, case, Move.REDACT, order, actor=Actor.OFFICE, by=organiser)
    [unit] = reading.read(case)[0].said
    assert (case.unit, unit.value, unit.is_redacted) == ("", None, True)


def test_what_fell_away_once_it_was_overdue_stays_late(
    session: Session, case: Case, organiser: User, clock: time_machine.Traveller
) -> None:
    answered(session, case, organiser, outcome="accepted")
    for kind in (Move.DEBATE, Move.MINUTES, Move.DECIDE, Move.IMPLEMENT):
        step(session, case, kind, organiser)
    assert (case.in_time, case.late, len(case.open_days)) == (5, 0, 2)
    clock.shift(dt.timedelta(days=150))
    step(session, case, Move.SEND_BACK, organiser)
    assert (case.in_time, case.late) == (5, 1)


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_in_a_year_of_random_steps_nothing_is_lost_and_the_log_is_whole(
    session: Session, assembly: Assembly, organiser: User, clock: time_machine.Traveller, data: st.DataObject
) -> None:
    for one in set(session) - {assembly, organiser}:  # what an example before has loaded is no longer there
        session.expunge(one)
    with session.begin_nested() as nested:
        clock.move_to(NOON)
        opened = hand_over(session, assembly, by=organiser, on=HANDED_OVER, count=2)
        seen: dict[tuple[int, int], dict[str, Any]] = {}
        for _ in range(25):
            clock.shift(dt.timedelta(days=data.draw(st.integers(0, 28))))
            case = data.draw(st.sampled_from(opened))
            cases.resume_due(session, assembly)
            actor = data.draw(st.sampled_from([Actor.OFFICE, Actor.UNIT, Actor.GROUP]))
            course = cases.course_of_case(case)
            kind = data.draw(st.sampled_from(cases.possible_moves(course, actor) or list(Move)))
            values = data.draw(any_values(course, kind, today()))
            try:
                cases.move(session, case, kind, values, actor=actor, by=organiser, taken_on=today())
            except (RuleError, ConflictError):
                assert session.is_active
            session.flush()
            for one in opened:
                assert kept(one) == computed(one)
            rows = {(row.case_id, row.number): row for row in session.scalars(sa.select(CaseStep)).all()}
            assert seen.keys() <= rows.keys()
            for key, facts in seen.items():
                gone = set(rows[key].redacted)
                assert without(facts, gone) == rows[key].facts
            seen = {key: dict(row.facts) for key, row in rows.items()}
        logged = {
            (entry.subject, entry.details["step"]): entry.details["digest"]
            for entry in session.scalars(sa.select(LogEntry).where(LogEntry.action == "case_step"))
        }
        assert logged == {(f"case:{one}", number): row.digest for (one, number), row in rows.items()}
        assert logbook.first_fault(logbook.entries_of(session, assembly)) is None
        nested.rollback()
