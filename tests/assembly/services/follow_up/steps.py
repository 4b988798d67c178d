"""Steps of cases for tests: what they say if they say just enough, and any that hypothesis can think of."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from assembly.models import FollowUpRules, Move, Outcome
from assembly.services.follow_up import facts
from assembly.services.follow_up.conditions import STATEMENTS, Obstacle, obstacle, texts_of, unavailable
from assembly.services.follow_up.courses import Course, Taken, course_of, take
from assembly.services.follow_up.facts import Fact, Kind
from assembly.services.follow_up.transitions import TABLE, Actor, facts_of
from tests.assembly.services.follow_up.test_dates import rules

HANDED_OVER = dt.date(2035, 3, 1)
ENOUGH: dict[Kind, Any] = {
    Kind.LINE: "Eine Zeile",
    Kind.TEXT: "Ein Absatz.",
    Kind.LINK: "https://example.org/vorlage",
    Kind.NUMBER: 1,
    Kind.YES: True,
    Kind.NAME: "reasons",
    Kind.NAMES: ["reasons"],
    Kind.EUROS: 1000,
    Kind.NUMBERS: [],
}


def said(move: Move, today: dt.date, **values: Any) -> dict[str, Any]:
    """Return values for a step that say all it has to say, and these."""
    if "outcome" in {fact.name for fact in TABLE[move].facts}:
        values.setdefault("outcome", "accepted")
    needed = {fact.name: _value(fact, today) for fact in facts_of(move, values) if fact.is_required}
    if move is Move.DECIDE and "resolution" not in values:
        needed |= {"resolution": "35/112", "yes": 20, "no": 9, "abstained": 1}
    return {name: value for name, value in (needed | values).items() if value is not None}


def _value(fact: Fact, today: dt.date) -> Any:
    match fact.kind:
        case Kind.DAY:
            return today + dt.timedelta(days=30)
        case Kind.CHOICE:
            return fact.choices[0]
    return ENOUGH[fact.kind]


class Walk:
    """A case without a database, which the tests lead from day to day."""

    def __init__(
        self, handed_over: dt.date = HANDED_OVER, land: str = "NW", terms: FollowUpRules | None = None
    ) -> None:
        self.course: Course = course_of(terms or rules(), handed_over, land, [])
        self.today = handed_over

    def after(self, days: int) -> Walk:
        """Let days pass."""
        self.today += dt.timedelta(days=days)
        return self

    def until(self, day: dt.date) -> Walk:
        """Let days pass until one."""
        self.today = day
        return self

    def take(self, move: Move, actor: Actor | None = None, on: dt.date | None = None, **values: Any) -> Walk:
        """Take a step that has to be possible, by whoever may."""
        found = self.refused(move, actor, on, **values)
        assert found is None, found
        take(self.course, self._step(move, on, values))
        return self

    def refused(
        self, move: Move, actor: Actor | None = None, on: dt.date | None = None, **values: Any
    ) -> Obstacle | None:
        """Return why a step is not possible, if it is not."""
        actor = actor or min(TABLE[move].actors)
        if closed := unavailable(self.course, move, actor, self.today):
            return closed
        return obstacle(self.course, self._step(move, on, values), actor, self.today)

    def _step(self, move: Move, on: dt.date | None, values: dict[str, Any]) -> Taken:
        values = said(move, self.today, **values)
        return Taken(len(self.course.steps) + 1, move, on or self.today, facts.checked(facts_of(move, values), values))


@st.composite
def any_values(draw: st.DrawFn, course: Course, move: Move, today: dt.date) -> dict[str, Any]:
    """Return values for a step, mostly such that it is possible."""
    values: dict[str, Any] = {}
    if "outcome" in {fact.name for fact in TABLE[move].facts}:
        values["outcome"] = draw(st.sampled_from(Outcome))
    for fact in facts_of(move, values):
        if fact.name != "outcome" and (fact.is_required or draw(st.booleans())):
            values[fact.name] = draw(_any_value(fact, course, move, today))
    return values


def _any_value(fact: Fact, course: Course, move: Move, today: dt.date) -> st.SearchStrategy[Any]:
    statements = [one for one in course.steps if one.move in STATEMENTS]
    if fact.name == "step":
        numbers = [one.number for one in (statements if move is Move.REPLY else course.steps)]
        return st.sampled_from(numbers or [1])
    if fact.name == "fact":
        return st.sampled_from(sorted({name for one in course.steps for name in texts_of(one)}) or ["reasons"])
    kinds = {
        Kind.LIST: st.lists(
            st.fixed_dictionaries({part.name: _any_value(part, course, move, today) for part in fact.parts}), max_size=3
        ),
        Kind.NUMBERS: st.lists(st.integers(1, 4), max_size=3),
        Kind.NAMES: st.lists(st.sampled_from(["reasons", "signed_by", "unit", "reply"]), min_size=1, max_size=2),
        Kind.DAY: st.integers(-5, 500).map(lambda days: today + dt.timedelta(days=days)),
        Kind.NUMBER: st.integers(0, 120),
        Kind.CHOICE: st.sampled_from(fact.choices or ("",)),
    }
    return kinds[fact.kind] if fact.kind in kinds else st.just(ENOUGH[fact.kind])
