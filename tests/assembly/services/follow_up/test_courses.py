"""The follow-up keeps its promises: which step may follow which, what is owed when, and what never moves."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assembly.models import CaseState, Duty, Move, Outcome, Result
from assembly.services.errors import RuleError
from assembly.services.follow_up import dates, facts
from assembly.services.follow_up.conditions import obstacle, unavailable
from assembly.services.follow_up.courses import Course, Owed, Taken, course_of, take
from assembly.services.follow_up.rule_templates import TEMPLATES
from assembly.services.follow_up.transitions import TABLE, Actor, facts_of
from tests.assembly.services.follow_up.steps import HANDED_OVER, Walk, any_values, said
from tests.assembly.services.follow_up.test_dates import ANY_STATE, HANDOVERS, rules

S = CaseState
WAYS = {
    (S.HANDED_OVER, S.ASSIGNED),
    (S.ASSIGNED, S.UNDER_REVIEW),
    (S.UNDER_REVIEW, S.ANSWERED),
    (S.ANSWERED, S.UNDER_REVIEW),
    (S.ANSWERED, S.DEBATED),
    (S.DEBATED, S.DECIDED),
    (S.DEBATED, S.UNDER_REVIEW),
    (S.DECIDED, S.UNDER_REVIEW),
    (S.DECIDED, S.IN_IMPLEMENTATION),
    (S.DECIDED, S.FORWARDED),
    (S.DECIDED, S.CLOSED),
    (S.IN_IMPLEMENTATION, S.IN_IMPLEMENTATION),
    (S.IN_IMPLEMENTATION, S.REVIEWED),
    (S.IN_IMPLEMENTATION, S.DEBATED),
    (S.FORWARDED, S.CLOSED),
    (S.REVIEWED, S.CLOSED),
}
"""Every change of state there is, written down once more."""
ROUND = {Duty.ANSWER, Duty.DEBATE, Duty.DECIDE}
BEGINS_ROUND = {Move.ASK_BETTER, Move.RESUME, Move.DECIDE, Move.SEND_BACK}


def decided(outcome: Outcome, **values: Any) -> Walk:
    """Return a case that was answered after 30 days, debated after 100, and decided after 120."""
    walk = Walk().after(5).take(Move.ASSIGN).take(Move.BEGIN_REVIEW).after(25)
    walk.take(Move.ANSWER, outcome=outcome.value, **values).after(70).take(Move.DEBATE)
    walk.after(10).take(Move.MINUTES).after(10)
    return walk.take(Move.DECIDE, outcome=outcome.value, **values)


def open_duties(course: Course) -> list[Duty]:
    """Return what is owed, what is due first first."""
    return [one.duty for one in course.open]


def test_what_is_accepted_is_carried_out_reported_reviewed_and_closed_in_public() -> None:
    walk = decided(Outcome.ACCEPTED)
    decided_on = walk.today
    assert walk.course.state is S.DECIDED
    assert open_duties(walk.course) == [Duty.FIRST_REPORT, Duty.REVIEW]
    walk.after(5).take(Move.IMPLEMENT)
    assert walk.course.due(Duty.FIRST_REPORT) == dates.due_from_decision(rules(), decided_on, "NW")[Duty.FIRST_REPORT]
    walk.after(60).take(Move.REPORT, percent=30)
    assert open_duties(walk.course) == [Duty.REPORT, Duty.REVIEW]
    found = walk.refused(Move.REPORT, percent=100)
    assert found is not None
    assert found.field == "evidence"
    walk.take(Move.REPORT, percent=100, evidence="https://example.org/foto")
    assert walk.refused(Move.CLOSE) is not None
    walk.after(170).take(Move.REPORT, percent=100, evidence="https://example.org/foto")
    walk.until(walk.course.due(Duty.REVIEW) or walk.today).take(Move.REVIEW, result="carried_out")
    assert (walk.course.state, walk.course.result, walk.course.open) == (S.REVIEWED, Result.CARRIED_OUT, [])
    walk.after(1).take(Move.CLOSE)
    assert (walk.course.state, walk.course.closed_on) == (S.CLOSED, walk.today)
    assert [one.duty for one in walk.course.owed if not one.is_kept] == [Duty.REPORT]  # it fell away with the review
    assert [one for one in walk.course.owed if one.is_overdue(walk.today)] == []


def test_a_review_without_result_lets_the_implementation_go_on() -> None:
    walk = decided(Outcome.WITH_CHANGES).take(Move.IMPLEMENT).after(200)
    walk.take(Move.REVIEW)
    assert (walk.course.state, walk.course.result) == (S.IN_IMPLEMENTATION, None)
    assert walk.course.due(Duty.REVIEW) == dt.date(2036, 1, 15) + dt.timedelta(days=366)


def test_stalled_implementation_goes_back_to_the_decision() -> None:
    walk = decided(Outcome.ACCEPTED).take(Move.IMPLEMENT)
    assert walk.refused(Move.SEND_BACK) is not None, "nothing is overdue"
    walk.after(400)
    assert walk.course.open[0].is_overdue(walk.today)
    assert walk.refused(Move.SEND_BACK, Actor.OFFICE) is not None, "nobody clears what is overdue for themselves"
    walk.take(Move.SEND_BACK, Actor.GROUP)
    assert (walk.course.state, open_duties(walk.course)) == (S.DEBATED, [Duty.DECIDE])
    assert [one.duty for one in walk.course.owed if one.ended_on and not one.is_kept] == [
        Duty.FIRST_REPORT,
        Duty.REVIEW,
    ]
    assert [one.is_overdue(walk.today) for one in walk.course.owed if one.duty is Duty.REVIEW] == [True]
    walk.after(20)
    assert walk.refused(Move.EXTEND, duty="decide", days=10) is not None, "that was possible before the decision"
    walk.take(Move.DECIDE, outcome="rejected")
    assert (walk.course.state, walk.course.decided) == (S.DECIDED, Outcome.REJECTED)


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.ALREADY_DONE])
def test_what_is_rejected_or_done_already_is_closed_once_members_had_time_to_reply(outcome: Outcome) -> None:
    walk = decided(outcome).after(30)
    found = walk.refused(Move.CLOSE)
    assert found is not None
    assert "time to reply" in found.text
    answer = next(one.number for one in walk.course.steps if one.move is Move.ANSWER)
    walk.take(Move.REPLY, step=answer).after(1).take(Move.CLOSE)
    assert walk.course.state is S.CLOSED


def test_what_another_body_is_competent_for_is_forwarded_and_closed_with_its_reply() -> None:
    walk = decided(Outcome.NOT_COMPETENT)
    assert open_duties(walk.course) == [Duty.FORWARD]
    assert walk.refused(Move.CLOSE) is not None
    walk.after(7).take(Move.FORWARD)
    assert walk.course.due(Duty.FORWARDED_REPLY) == dt.date(2035, 10, 4)  # 90 days later, a Thursday
    assert walk.refused(Move.CLOSE) is not None
    walk.after(100)
    assert walk.course.open[0].is_overdue(walk.today)
    walk.take(Move.FORWARDED_REPLY).take(Move.CLOSE)
    assert walk.course.state is S.CLOSED


def test_what_is_postponed_comes_back_on_its_day_once() -> None:
    walk = decided(Outcome.POSTPONED, postponed_until=dt.date(2035, 12, 3))
    assert (open_duties(walk.course), walk.course.due(Duty.RESUME)) == ([Duty.RESUME], dt.date(2035, 12, 3))
    assert walk.until(dt.date(2035, 12, 2)).refused(Move.RESUME) is not None
    walk.until(dt.date(2035, 12, 9)).take(Move.RESUME)  # six days late: that moves nothing
    assert walk.course.state is S.UNDER_REVIEW
    assert walk.course.due(Duty.ANSWER) == dt.date(2036, 3, 3)
    assert open_duties(walk.course) == [Duty.ANSWER, Duty.DEBATE, Duty.DECIDE]
    found = walk.refused(Move.ANSWER, outcome="postponed")
    assert found is not None
    assert found.field == "outcome"


def test_nothing_is_postponed_to_a_day_that_has_passed_by_a_decision_that_is_recorded_late() -> None:
    walk = Walk().take(Move.ASSIGN).take(Move.BEGIN_REVIEW).take(Move.ANSWER).take(Move.DEBATE).after(50)
    on, until = walk.today - dt.timedelta(days=40), walk.today - dt.timedelta(days=10)
    found = walk.refused(Move.DECIDE, on=on, outcome="postponed", postponed_until=until)
    assert found is not None
    assert found.field == "postponed_until"


def test_nothing_is_postponed_longer_than_the_rules_say() -> None:
    walk = Walk().take(Move.ASSIGN).take(Move.BEGIN_REVIEW)
    for day, is_possible in ((dt.date(2036, 3, 1), True), (dt.date(2036, 3, 2), False), (HANDED_OVER, False)):
        assert (walk.refused(Move.ANSWER, outcome="postponed", postponed_until=day) is None) == is_possible


def test_what_is_to_be_examined_is_under_review_again_once_and_counts_as_open() -> None:
    walk = decided(Outcome.TO_BE_EXAMINED)
    assert (walk.course.state, walk.course.decided) == (S.UNDER_REVIEW, Outcome.TO_BE_EXAMINED)
    assert walk.course.due(Duty.ANSWER) == dt.date(2035, 12, 31)  # six months after 29 June are a Saturday
    found = walk.refused(Move.ANSWER, outcome="to_be_examined")
    assert found is not None
    assert found.field == "outcome"


def test_a_better_answer_is_asked_for_once_and_moves_nothing_else() -> None:
    walk = Walk().take(Move.ASSIGN).take(Move.BEGIN_REVIEW).after(10).take(Move.ANSWER)
    before = [one for one in walk.course.owed if one.duty in {Duty.DEBATE, Duty.DECIDE}]
    walk.after(5).take(Move.ASK_BETTER)
    assert walk.course.due(Duty.ANSWER) == walk.today + dt.timedelta(days=31)  # 30 days later is a Sunday
    assert [one for one in walk.course.owed if one.duty in {Duty.DEBATE, Duty.DECIDE}] == before
    walk.after(20).take(Move.ANSWER, outcome="rejected")
    assert walk.course.answered is Outcome.REJECTED
    assert walk.refused(Move.ASK_BETTER) is not None


def test_a_new_council_has_it_on_its_agenda_again() -> None:
    walk = decided(Outcome.ACCEPTED).take(Move.IMPLEMENT).after(3).take(Move.NEW_TERM)
    assert walk.course.due(Duty.AGENDA) == walk.today + dt.timedelta(days=42)
    walk.after(3).take(Move.NEW_TERM, on=walk.today)  # said twice, owed once
    assert [one.duty for one in walk.course.open].count(Duty.AGENDA) == 1
    walk.take(Move.ON_AGENDA)
    assert (walk.course.state, walk.course.due(Duty.AGENDA)) == (S.IN_IMPLEMENTATION, None)


def test_each_debate_owes_its_minutes() -> None:
    walk = Walk().take(Move.ASSIGN).take(Move.BEGIN_REVIEW).take(Move.ANSWER).after(3).take(Move.DEBATE)
    assert walk.course.due(Duty.MINUTES) == dt.date(2035, 4, 2)  # 28 days later is a Sunday
    walk.take(Move.DECIDE, outcome="to_be_examined").take(Move.ANSWER).take(Move.DEBATE).take(
        Move.DECIDE, outcome="rejected"
    )
    assert open_duties(walk.course) == [Duty.MINUTES, Duty.MINUTES]
    walk.after(40).take(Move.MINUTES)
    assert open_duties(walk.course) == [Duty.MINUTES]
    assert walk.refused(Move.CLOSE) is not None
    walk.take(Move.MINUTES).take(Move.CLOSE)


def test_without_the_council_only_a_matter_of_running_administration_is_decided_as_answered() -> None:
    walk = Walk().take(Move.ASSIGN).take(Move.BEGIN_REVIEW).take(Move.ANSWER).take(Move.DEBATE)
    found = walk.refused(Move.DECIDE, resolution=None)
    assert found is not None
    assert found.field == "resolution"
    walk = Walk().take(Move.ASSIGN).take(Move.BEGIN_REVIEW)
    walk.take(Move.ANSWER, outcome="accepted", running_matter="§ 41 Abs. 3 GO NRW").take(Move.DEBATE)
    found = walk.refused(Move.DECIDE, resolution=None, outcome="rejected")
    assert found is not None
    assert found.field == "outcome"
    walk.take(Move.DECIDE, resolution=None)
    assert walk.course.state is S.DECIDED


def test_a_decision_says_how_the_body_voted() -> None:
    walk = Walk().take(Move.ASSIGN).take(Move.BEGIN_REVIEW).take(Move.ANSWER).take(Move.DEBATE)
    found = walk.refused(Move.DECIDE, resolution="35/1", yes=4, no=3)
    assert found is not None
    assert found.field == "abstained"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"duty": "answer", "days": 61}, "days"), ({"duty": "answer", "days": 0}, "days"), ({"duty": "assign"}, "duty")],
)
def test_an_extension_is_within_the_rules_and_for_what_is_owed(values: dict[str, Any], field: str) -> None:
    walk = Walk().after(3).take(Move.ASSIGN)
    found = walk.refused(Move.EXTEND, **values)
    assert found is not None
    assert found.field == field


def test_nothing_is_extended_twice_or_once_it_is_overdue() -> None:
    walk = Walk().after(90).until(dt.date(2035, 5, 31))
    assert walk.refused(Move.EXTEND, duty="answer", days=10) is not None  # due on 30 May
    walk.take(Move.EXTEND, duty="debate", days=10)
    found = walk.refused(Move.EXTEND, duty="decide", days=10)
    assert found is not None
    assert "used up" in found.text


@given(
    HANDOVERS, ANY_STATE, st.sampled_from(dates.BEFORE_DECISION), st.integers(1, 60), st.sampled_from(sorted(TEMPLATES))
)
def test_what_is_due_is_what_the_rules_say_extended_or_not(
    handed_over: dt.date, land: str, moved: Duty, days: int, key: str
) -> None:
    terms = rules(**TEMPLATES[key].terms)
    walk = Walk(handed_over, land, terms)
    assert {one.duty: one.due for one in walk.course.open} == dates.due_from_handover(terms, handed_over, land)
    walk.take(Move.EXTEND, duty=moved.value, days=days)
    extended = dates.due_from_handover(terms, handed_over, land, dates.Extension(moved, days))
    assert {one.duty: one.due for one in walk.course.open} == extended


def test_no_deadline_is_met_by_writing_an_earlier_day() -> None:
    walk = Walk().after(20)
    assert walk.refused(Move.ASSIGN, on=HANDED_OVER) is not None
    walk.take(Move.ASSIGN)
    assert [one.is_overdue(walk.today) for one in walk.course.owed if one.duty is Duty.ASSIGN] == [True]
    walk.take(Move.BEGIN_REVIEW).take(Move.ANSWER).after(10)
    for day in (walk.today + dt.timedelta(days=1), walk.today - dt.timedelta(days=11)):
        found = walk.refused(Move.DEBATE, on=day)
        assert found is not None
        assert found.field == "taken_on"
    walk.take(Move.DEBATE, on=walk.today - dt.timedelta(days=3))


@pytest.mark.parametrize("move", list(Move))
def test_nobody_takes_a_step_that_is_anothers(move: Move) -> None:
    walk = Walk()
    for actor in set(Actor) - TABLE[move].actors:
        found = walk.refused(
            move, actor, **({"step": 1, "fact": "x", "facts": ["x"]} if move in {Move.CORRECT, Move.REDACT} else {})
        )
        assert found is not None


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("move", [Move.ANSWER, Move.DECIDE])
def test_an_answer_lacks_nothing_that_its_outcome_needs(move: Move, outcome: Outcome) -> None:
    """Every fact that has to be there is missed, by its name, if it is left out or blank."""
    whole = said(move, HANDED_OVER, outcome=outcome.value)
    for fact in facts_of(move, whole):
        if fact.is_required and fact.name != "outcome":
            for blank in (None, "  "):
                with pytest.raises(RuleError) as raised:
                    facts.checked(facts_of(move, whole), whole | {fact.name: blank})
                assert raised.value.field == fact.name


def test_what_is_not_asked_for_is_not_kept_and_days_are_plain() -> None:
    values = said(Move.IMPLEMENT, HANDED_OVER, measure="  Ein Radweg ", secret="x")
    assert facts.checked(facts.MEASURE, values) == {
        "measure": "Ein Radweg",
        "unit": "Eine Zeile",
        "budget": "in_budget",
        "starts_on": "2035-03-31",
        "ends_on": "2035-03-31",
    }
    with pytest.raises(RuleError, match="https://"):
        facts.checked(facts.MEETING, {"body": "Rat", "is_public": True, "link": "javascript:alert(1)"})
    with pytest.raises(RuleError, match="https://"):
        facts.checked(facts.MEETING, {"body": "Rat", "is_public": True, "link": "https://[x"})
    with pytest.raises(RuleError, match="public meeting"):
        facts.checked(facts.MEETING, {"body": "Rat", "is_public": False})


@settings(max_examples=150)
@given(st.data())
def test_whatever_is_tried_in_two_years_every_promise_is_kept(data: st.DataObject) -> None:
    walk = Walk(data.draw(HANDOVERS), data.draw(ANY_STATE))
    course, taken = walk.course, 0
    for _ in range(data.draw(st.integers(5, 40))):
        walk.after(data.draw(st.integers(0, 45)))
        actor, move = _any_step(data, course, walk.today)
        values = data.draw(any_values(course, move, walk.today))
        try:
            checked = facts.checked(facts_of(move, values), values)
        except RuleError:
            continue
        step = Taken(len(course.steps) + 1, move, walk.today, checked)
        if obstacle(course, step, actor, walk.today) is not None:
            continue
        before, owed = (
            course.state,
            [Owed(one.duty, one.since, one.counted, one.due, one.ended_on) for one in course.owed],
        )
        take(course, step)
        taken += 1
        _check(course, step, before, owed)
    again = course_of(course.rules, course.handed_over, course.land, course.steps)
    assert (again, len(course.steps)) == (course, taken)


def _any_step(data: st.DataObject, course: Course, today: dt.date) -> tuple[Actor, Move]:
    """Return a step that is possible, as far as is known before what it says; now and then any."""
    possible = [
        (actor, move)
        for move in TABLE
        for actor in sorted(TABLE[move].actors)
        if not unavailable(course, move, actor, today)
    ]
    if data.draw(st.integers(0, 9)) == 0:
        return data.draw(st.sampled_from(Actor)), data.draw(st.sampled_from(Move))
    return data.draw(st.sampled_from(possible))


def _check(course: Course, step: Taken, before: CaseState, owed: list[Owed]) -> None:
    moves = [one.move for one in course.steps]
    if course.state is not before or TABLE[step.move].after:
        assert (before, course.state) in WAYS
    assert before is not S.CLOSED or step.move in {Move.CORRECT, Move.REDACT}
    for once in (Move.EXTEND, Move.ASK_BETTER, Move.RESUME):
        assert moves.count(once) <= 1
    assert moves.count(Move.DEBATE) == sum(one.duty is Duty.MINUTES for one in course.owed)
    for old, new in zip(owed, course.owed, strict=False):
        if step.move is Move.EXTEND and new.counted != old.counted:
            assert new.duty in dates.BEFORE_DECISION
            assert old.counted < new.counted <= old.counted + dt.timedelta(days=60)
        else:
            assert (new.due, new.counted) == (old.due, old.counted)
        assert old.ended_on is None or new.ended_on == old.ended_on
    for one in course.owed[len(owed) :]:
        assert one.duty not in ROUND or step.move in BEGINS_ROUND
        assert one.since <= step.on <= max(one.due, step.on)
    if course.state is S.CLOSED and before is not S.CLOSED:
        assert course.open == []
        assert course.decided in {Outcome.REJECTED, Outcome.ALREADY_DONE, Outcome.NOT_COMPETENT} or course.result
        assert step.facts["is_public"] is True
    elif course.state is S.IN_IMPLEMENTATION:
        assert (course.decided in {Outcome.ACCEPTED, Outcome.WITH_CHANGES}, course.result) == (True, None)
