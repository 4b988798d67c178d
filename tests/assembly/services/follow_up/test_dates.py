"""When each step of the follow-up is due."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from assembly.models import Duty, FollowUpRules
from assembly.periods import days, months
from assembly.services.follow_up import dates
from assembly.services.follow_up.dates import BEFORE_DECISION, Extension
from assembly.services.follow_up.rule_templates import TEMPLATES
from assembly.services.working_days import STATES, is_working_day, working_day_from

HANDOVERS = st.dates(dt.date(2026, 1, 1), dt.date(2036, 12, 31))
ANY_STATE = st.sampled_from(["", *STATES])


def rules(**terms: Any) -> FollowUpRules:
    """Return unsaved rules with the defaults of the table."""
    defaults = {
        column.key: column.default.arg
        for column in sa.inspect(FollowUpRules).columns
        if isinstance(column.default, sa.ColumnDefault)
    }
    return FollowUpRules(**defaults | terms)


def test_what_is_due_on_a_day_off_is_due_on_the_next_working_day() -> None:
    assert working_day_from(dt.date(2026, 4, 3), "BY") == dt.date(2026, 4, 7)  # from Good Friday over Easter
    assert working_day_from(dt.date(2026, 1, 6), "BY") == dt.date(2026, 1, 7)
    assert working_day_from(dt.date(2026, 1, 6), "BE") == dt.date(2026, 1, 6)  # no holiday there
    assert working_day_from(dt.date(2026, 12, 31), "") == dt.date(2026, 12, 31)


def test_the_defaults_run_from_the_handover() -> None:
    due = dates.due_from_handover(rules(), dt.date(2026, 3, 2), "NW")
    assert due == {
        Duty.ASSIGN: dt.date(2026, 3, 16),
        Duty.ANSWER: dt.date(2026, 6, 1),  # 90 days later is a Sunday
        Duty.DEBATE: dt.date(2026, 7, 13),  # a Sunday too
        Duty.DECIDE: dt.date(2026, 8, 31),  # a Saturday
    }
    after = dates.due_from_decision(rules(), dt.date(2026, 8, 31), "NW")
    assert after == {Duty.FIRST_REPORT: dt.date(2026, 11, 30), Duty.REVIEW: dt.date(2027, 8, 31)}


@given(HANDOVERS, ANY_STATE, st.sampled_from(BEFORE_DECISION), st.integers(0, 60))
def test_an_extension_moves_a_duty_and_what_comes_after_it_and_nothing_else(
    handed_over: dt.date, state: str, moved: Duty, number: int
) -> None:
    plain = dates.due_from_handover(rules(), handed_over, state)
    extended = dates.due_from_handover(rules(), handed_over, state, Extension(moved, number))
    at = BEFORE_DECISION.index(moved)
    for duty in BEFORE_DECISION[:at]:
        assert extended[duty] == plain[duty]
    for duty in BEFORE_DECISION[at:]:
        assert extended[duty] >= plain[duty]
        assert is_working_day(extended[duty], state)
    assert extended == plain or number > 0


@pytest.mark.parametrize("key", TEMPLATES)
@pytest.mark.parametrize("state", ["", *STATES])
def test_the_latest_dates_of_every_template_stay_in_order_on_every_day_of_four_years(key: str, state: str) -> None:
    assert dates.disorder(rules(**TEMPLATES[key].terms), state, dt.date(2027, 1, 1), 4 * 366) is None


@given(HANDOVERS, ANY_STATE, st.sampled_from(list(TEMPLATES)), st.sampled_from(BEFORE_DECISION))
def test_the_latest_dates_stay_in_order_for_any_handover(
    handed_over: dt.date, state: str, key: str, moved: Duty
) -> None:
    latest = dates.course(rules(**TEMPLATES[key].terms), handed_over, state, Extension(moved, 60))
    assert all(earlier <= later for earlier, later in itertools.pairwise(latest.values()))


@pytest.mark.parametrize(
    ("terms", "pair"),
    [
        ({"answered": days(7)}, (Duty.ASSIGN, Duty.ANSWER)),
        ({"debated": days(89)}, (Duty.ANSWER, Duty.DEBATE)),
        ({"decided": months(4)}, (Duty.DEBATE, Duty.DECIDE)),
        ({"first_report": months(13)}, (Duty.FIRST_REPORT, Duty.REVIEW)),
    ],
)
def test_rules_that_would_get_out_of_order_are_found(terms: dict[str, Any], pair: tuple[Duty, Duty]) -> None:
    assert dates.disorder(rules(**terms), "BY", dt.date(2027, 1, 1), 366) == pair
