"""Measures: milestones that each report ticks, money, evidence without which nothing is done to 100 %."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, CaseStep, Draft, DraftVersion, Move, User
from assembly.services import logbook
from assembly.services.daily import today
from assembly.services.errors import RuleError
from assembly.services.follow_up import cases, drafts, facts, reading, searching
from assembly.services.follow_up.conditions import texts_of
from assembly.services.follow_up.reading import Measure
from assembly.services.follow_up.transitions import TABLE, Actor
from tests.assembly.services.follow_up.offices import clerk, unit
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import Walk, said
from tests.assembly.services.follow_up.test_open_data import check, document, rows

BEFORE: tuple[tuple[Move, dict[str, Any]], ...] = (
    *((Move.ASSIGN, {}), (Move.BEGIN_REVIEW, {}), (Move.ANSWER, {}), (Move.DEBATE, {}), (Move.MINUTES, {})),
    (Move.DECIDE, {}),
)
MILESTONES = [
    {"milestone": "Planung fertig", "until": dt.date(2035, 5, 1)},
    {"milestone": "Markiert von Eva Unverwechselbar", "until": dt.date(2035, 9, 1)},
]
PHOTO = "https://example.org/foto"


@pytest.fixture(autouse=True)
def clock() -> Any:
    """All begins on the day of the handover."""
    with time_machine.travel(dt.datetime(2035, 3, 1, 12, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def case(session: Session, assembly: Assembly, organiser: User) -> Case:
    """A recommendation that is carried out, with two milestones."""
    found = hand_over(session, assembly, by=organiser, on=dt.date(2035, 3, 1))[0]
    for kind, values in (*BEFORE, (Move.IMPLEMENT, {"milestones": MILESTONES, "planned": 1_900_000})):
        step(session, found, kind, organiser, **values)
    return found


def step(session: Session, case: Case, kind: Move, by: User, **values: Any) -> CaseStep:
    """Take a step as the council office."""
    actor = Actor.OFFICE if Actor.OFFICE in TABLE[kind].actors else min(TABLE[kind].actors)
    return cases.move(session, case, kind, said(kind, today(), **values), actor=actor, by=by)


def measure(case: Case) -> Measure:
    """Return what is done, as readers see it."""
    found = reading.measure_of(case, cases.course_of_case(case), today())
    assert found is not None
    return found


def reached(case: Case) -> list[dt.date | None]:
    """Return when the milestones were reached."""
    return [one.reached_on for one in measure(case).milestones]


def test_milestones_are_kept_with_their_days_and_without_blank_rows(case: Case) -> None:
    blank = {"milestone": " ", "until": None}
    values = said(Move.IMPLEMENT, today(), milestones=[*MILESTONES, blank | {"milestone": None}])
    assert facts.checked(facts.PLAN, values)["milestones"] == [
        {"milestone": "Planung fertig", "until": "2035-05-01"},
        {"milestone": "Markiert von Eva Unverwechselbar", "until": "2035-09-01"},
    ]
    assert case.steps[-1].facts["planned"] == 1_900_000


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ([MILESTONES[0], {"milestone": "Ohne Tag", "until": None}], "Row 2: Enter a day."),
        ([{"milestone": "", "until": dt.date(2035, 5, 1)}], "Row 1: Fill this in."),
        ([{"milestone": "x" * 501, "until": dt.date(2035, 5, 1)}], "Row 1: This text is too long."),
        (MILESTONES * 11, "These are too many entries."),
    ],
)
def test_what_is_wrong_in_a_row_is_said_with_the_row(wrong: list[dict[str, Any]], problem: str) -> None:
    with pytest.raises(RuleError) as raised:
        facts.checked(facts.PLAN, said(Move.IMPLEMENT, today(), milestones=wrong))
    assert (raised.value.field, str(raised.value)) == ("milestones", problem)


@pytest.mark.parametrize("amount", [-1, 10**12 + 1])
def test_an_amount_that_cannot_be_is_refused(amount: int) -> None:
    with pytest.raises(RuleError, match="whole euros"):
        facts.checked(facts.PLAN, said(Move.IMPLEMENT, today(), planned=amount))


def test_what_costs_nothing_has_no_planned_cost() -> None:
    walk = Walk().take(Move.ASSIGN).take(Move.BEGIN_REVIEW).take(Move.ANSWER).take(Move.DEBATE).take(Move.DECIDE)
    found = walk.refused(Move.IMPLEMENT, budget="without_cost", planned=5)
    assert found is not None
    assert found.field == "planned"
    walk.take(Move.IMPLEMENT, budget="without_cost", planned=0)


def test_each_report_says_which_milestones_are_reached(
    session: Session, case: Case, organiser: User, clock: time_machine.Traveller
) -> None:
    """What is reached keeps its day, a report that says nothing changes nothing, and a tick can be taken away."""
    assert [(one.is_overdue, one.until) for one in measure(case).milestones] == [
        (False, dt.date(2035, 5, 1)),
        (False, dt.date(2035, 9, 1)),
    ]
    clock.move_to(dt.datetime(2035, 5, 2, 12, tzinfo=dt.UTC))
    assert [one.is_overdue for one in measure(case).milestones] == [True, False]
    step(session, case, Move.REPORT, organiser, percent=30, reached=[1], spent=500_000)
    step(session, case, Move.REPORT, organiser, percent=40)
    assert reached(case) == [dt.date(2035, 5, 2), None]
    clock.move_to(dt.datetime(2035, 8, 1, 12, tzinfo=dt.UTC))
    further = [{"milestone": "Abgenommen", "until": dt.date(2035, 10, 1)}]
    step(session, case, Move.REPORT, organiser, percent=80, reached=[1, 2], more_milestones=further)
    assert reached(case) == [dt.date(2035, 5, 2), dt.date(2035, 8, 1), None]
    assert (measure(case).planned, measure(case).spent) == (1_900_000, 500_000)
    step(session, case, Move.REPORT, organiser, percent=70, reached=[])
    assert reached(case) == [None, None, None]


def test_a_milestone_that_there_is_not_is_not_reached(session: Session, case: Case, organiser: User) -> None:
    for number in (0, 3):
        with pytest.raises(RuleError) as raised:
            step(session, case, Move.REPORT, organiser, reached=[number])
        assert raised.value.field == "reached"


def test_nothing_is_done_to_100_percent_without_evidence(session: Session, case: Case, organiser: User) -> None:
    with pytest.raises(RuleError) as raised:
        step(session, case, Move.REPORT, organiser, percent=100, reached=[1, 2], more_evidence=[])
    assert raised.value.field == "evidence"
    photos = [{"shows": f"Foto {number}", "link": f"{PHOTO}/{number}"} for number in (1, 2)]
    row = step(session, case, Move.REPORT, organiser, percent=100, more_evidence=photos)
    assert row.facts["more_evidence"] == photos
    with pytest.raises(RuleError, match="Row 1: A link begins with https") as raised:
        step(session, case, Move.REPORT, organiser, more_evidence=[{"shows": "x", "link": "javascript:alert(1)"}])
    assert raised.value.field == "more_evidence"


def test_a_measure_that_is_sent_back_and_begun_again_has_its_own_milestones() -> None:
    walk = Walk().take(Move.ASSIGN).take(Move.BEGIN_REVIEW).take(Move.ANSWER).take(Move.DEBATE).take(Move.DECIDE)
    walk.take(Move.IMPLEMENT, milestones=MILESTONES, planned=5).after(400).take(Move.SEND_BACK, Actor.GROUP)
    walk.take(Move.DECIDE).take(Move.IMPLEMENT, milestones=MILESTONES[:1])
    assert [(one.step, one.fact, one.entry) for one in walk.course.milestones] == [
        (len(walk.course.steps), "milestones", 1)
    ]
    assert (walk.course.planned, walk.course.spent, walk.course.percent) == (None, None, None)


def test_the_text_of_a_milestone_is_corrected_by_itself(session: Session, case: Case, organiser: User) -> None:
    number = case.steps[-1].number
    assert {"milestones-1-milestone", "milestones-2-milestone", "measure"} <= texts_of(case.steps[-1])  # type: ignore[arg-type]  # a row says what a step says
    fixed = {"step": number, "fact": "milestones-1-milestone", "text": "Entwurf fertig", "reason": "Genauer"}
    step(session, case, Move.CORRECT, organiser, **fixed)
    first, second = measure(case).milestones
    assert (first.text.value, first.text.earlier, second.text.earlier) == ("Entwurf fertig", ("Planung fertig",), ())
    for wrong in ("milestones", "milestones-1-until", "milestones-3-milestone"):
        with pytest.raises(RuleError, match="Only texts"):
            step(session, case, Move.CORRECT, organiser, **(fixed | {"fact": wrong}))
    with pytest.raises(RuleError, match="too long"):
        step(session, case, Move.CORRECT, organiser, **(fixed | {"text": "x" * 501}))


def test_a_link_among_the_evidence_stays_a_link(session: Session, case: Case, organiser: User) -> None:
    row = step(session, case, Move.REPORT, organiser, more_evidence=[{"shows": "Foto", "link": PHOTO}])
    values = {"step": row.number, "fact": "more_evidence-1-link", "text": "javascript:alert(1)", "reason": "Umzug"}
    with pytest.raises(RuleError, match="A link begins with https"):
        step(session, case, Move.CORRECT, organiser, **values)


def test_a_redacted_milestone_is_gone_everywhere_and_keeps_day_and_place(
    session: Session, assembly: Assembly, case: Case, organiser: User
) -> None:
    row = case.steps[-1]
    correction = {"step": row.number, "fact": "milestones-2-milestone", "text": "Eva Unverwechselbar", "reason": "x"}
    step(session, case, Move.CORRECT, organiser, **correction)
    order = {"facts": ["milestones-2-milestone"], "ground": "Art. 17 DSGVO", "ordered_on": today()}
    step(session, case, Move.REDACT, organiser, step=row.number, **order)
    session.flush()
    session.expire_all()
    assert row.facts["milestones"][1] == {"until": "2035-09-01"}
    first, second = measure(case).milestones
    assert (first.text.value, second.text.is_redacted, second.until) == ("Planung fertig", True, dt.date(2035, 9, 1))
    content = document(session, assembly)
    check(content)
    assert "Unverwechselbar" not in json.dumps(content) + str(rows(session, assembly)) + case.search
    assert logbook.first_fault(logbook.entries_of(session, assembly)) is None


def test_a_redaction_reaches_the_draft_whatever_order_its_rows_had(
    session: Session, assembly: Assembly, case: Case, organiser: User
) -> None:
    author = clerk(session, "Dora", unit(session, "Tiefbauamt", organiser))
    approver = clerk(session, "Paul", unit(session, "Oberbürgermeisterin", organiser, approves=True))
    secret = {"shows": "Eva Unverwechselbar", "link": PHOTO}
    plain = {"shows": "Plan", "link": f"{PHOTO}/plan"}
    values = said(Move.REPORT, today(), more_evidence=[secret, {"shows": "ohne Link", "link": None}])
    draft = drafts.save(session, case, Move.REPORT, values, base=0, by=author)
    assert "link" not in drafts.said_in(draft)["more_evidence"][1], "things may still be missing"
    drafts.save(session, case, Move.REPORT, values | {"more_evidence": [plain, secret]}, base=1, by=author)
    drafts.submit(session, draft, by=author)
    drafts.approve(session, draft, by=approver)
    order = {"facts": ["more_evidence-2-shows"], "ground": "Art. 17 DSGVO", "ordered_on": today()}
    step(session, case, Move.REDACT, organiser, step=case.steps[-1].number, **order)
    session.flush()
    kept = session.scalars(sa.select(DraftVersion).join(Draft).where(Draft.case_id == case.id)).all()
    assert ("Unverwechselbar" in str([one.facts for one in kept]), len(kept)) == (False, 2)
    assert case.steps[-2].facts["more_evidence"] == [plain, {"link": PHOTO}]


def test_a_draft_of_a_report_comes_back_as_it_was_written(session: Session, case: Case, organiser: User) -> None:
    author = clerk(session, "Dora", unit(session, "Tiefbauamt", organiser))
    values = said(Move.REPORT, today(), more_milestones=MILESTONES[:1], reached=[])
    draft = drafts.save(session, case, Move.REPORT, values, base=0, by=author)
    assert drafts.said_in(draft) == values
    shown = reading.drafted(Move.REPORT, drafts.facts_in(draft, 1))
    assert [part.value for part in shown["more_milestones"].value[0]] == ["Planung fertig", dt.date(2035, 5, 1)]


def test_everyone_can_read_the_measure_as_data(
    session: Session, assembly: Assembly, case: Case, organiser: User
) -> None:
    step(session, case, Move.REPORT, organiser, percent=30, reached=[1], spent=0)
    content = document(session, assembly)
    check(content)
    assert content["cases"][0]["measure"] == {
        "percent": 30,
        "planned": 1_900_000,
        "spent": 0,
        "milestones": [
            {
                "number": 1,
                "text": "Planung fertig",
                "until": "2035-05-01",
                "reached_on": "2035-03-01",
                "is_overdue": False,
            },
            {
                "number": 2,
                "text": "Markiert von Eva Unverwechselbar",
                "until": "2035-09-01",
                "reached_on": None,
                "is_overdue": False,
            },
        ],
    }
    [row] = rows(session, assembly)
    columns = ("percent", "planned_euros", "spent_euros", "milestones", "milestones_reached")
    assert [row[name] for name in columns] == ["30", "1900000", "0", "2", "1"]


def test_a_case_is_found_by_its_milestones(session: Session, assembly: Assembly, case: Case) -> None:
    for words, found in (("Planungen fertig", [case]), ("Brücke", [])):
        assert list(cases.cases_of(session, assembly, searching.finds(words))) == found


def test_a_step_from_before_there_were_milestones_is_read_as_it_was(
    session: Session, case: Case, organiser: User
) -> None:
    """A measure without milestones, a report with one link."""
    plain = Walk().take(Move.ASSIGN).take(Move.BEGIN_REVIEW).take(Move.ANSWER).take(Move.DEBATE).take(Move.DECIDE)
    plain.take(Move.IMPLEMENT).take(Move.REPORT, percent=100, evidence=PHOTO)
    assert (plain.course.milestones, plain.course.percent) == ([], 100)
    step(session, case, Move.REPORT, organiser, percent=100, evidence=PHOTO)
    said_last = measure(case).reports[-1].says("evidence")
    assert said_last is not None
    assert said_last.value == PHOTO
