"""The one table of the follow-up: which step may be taken when and by whom, what it says, and where it leads.

What a step starts and ends is in `assembly.services.follow_up.courses`; what else must be so before it, in
`assembly.services.follow_up.conditions`. Nothing outside this table is possible.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

from assembly.models import CaseState, Move, Outcome
from assembly.services.follow_up import facts
from assembly.services.follow_up.facts import Fact, line, link, number, text


class Actor(enum.StrEnum):
    """Who takes a step."""

    OFFICE = "office"
    """The council office, which keeps the register for administration and council."""
    UNIT = "unit"
    """A department."""
    GROUP = "group"
    """The members' follow-up group."""
    APPLICATION = "application"
    """Nobody: what follows from the rules on its day."""


OPEN = frozenset(CaseState) - {CaseState.CLOSED}
BEFORE_DECISION = frozenset(
    {CaseState.HANDED_OVER, CaseState.ASSIGNED, CaseState.UNDER_REVIEW, CaseState.ANSWERED, CaseState.DEBATED}
)
STAYS: tuple[CaseState, ...] = ()
"""The state does not change."""


@dataclasses.dataclass(frozen=True, slots=True)
class Transition:
    """A step: in which states it may be taken, by whom, and what it says.

    `after` is the state it leads to, first; any further ones are where it leads if it says so: a decision to examine
    leads back to the review, a review without result lets the implementation go on. `is_dated` if the step
    happened on a day that is told, such as that of a meeting; all others happen when they are recorded, since then they
    become public: no deadline is met by writing an earlier day.
    """

    before: frozenset[CaseState]
    after: tuple[CaseState, ...]
    actors: frozenset[Actor]
    facts: tuple[Fact, ...] = ()
    is_dated: bool = False


def _step(
    before: CaseState | frozenset[CaseState],
    after: CaseState | tuple[CaseState, ...],
    *actors: Actor,
    says: tuple[Fact, ...] = (),
    dated: bool = False,
) -> Transition:
    states = frozenset({before}) if isinstance(before, CaseState) else before
    return Transition(states, (after,) if isinstance(after, CaseState) else after, frozenset(actors), says, dated)


_OFFICE, _UNIT, _GROUP = Actor.OFFICE, Actor.UNIT, Actor.GROUP
_S = CaseState
TABLE: Mapping[Move, Transition] = {
    Move.ASSIGN: _step(_S.HANDED_OVER, _S.ASSIGNED, _OFFICE, says=(line("unit"),)),
    Move.BEGIN_REVIEW: _step(_S.ASSIGNED, _S.UNDER_REVIEW, _UNIT, _OFFICE),
    Move.EXTEND: _step(BEFORE_DECISION, STAYS, _OFFICE, says=facts.EXTENSION),
    Move.ANSWER: _step(_S.UNDER_REVIEW, _S.ANSWERED, _UNIT, _OFFICE, says=facts.ANSWER),
    Move.ASK_BETTER: _step(_S.ANSWERED, _S.UNDER_REVIEW, _GROUP, says=(text("reasons"),)),
    Move.REPLY: _step(OPEN - {_S.HANDED_OVER, _S.ASSIGNED}, STAYS, _GROUP, says=(number("step"), text("reply"))),
    Move.DEBATE: _step(_S.ANSWERED, _S.DEBATED, _OFFICE, says=facts.MEETING, dated=True),
    Move.MINUTES: _step(OPEN, STAYS, _OFFICE, says=facts.MINUTES),
    Move.DECIDE: _step(_S.DEBATED, (_S.DECIDED, _S.UNDER_REVIEW), _OFFICE, says=facts.DECISION, dated=True),
    Move.IMPLEMENT: _step(_S.DECIDED, _S.IN_IMPLEMENTATION, _UNIT, _OFFICE, says=facts.PLAN),
    Move.REPORT: _step(_S.IN_IMPLEMENTATION, STAYS, _UNIT, _OFFICE, says=facts.REPORT),
    Move.REVIEW: _step(
        _S.IN_IMPLEMENTATION, (_S.REVIEWED, _S.IN_IMPLEMENTATION), _OFFICE, says=facts.REVIEW, dated=True
    ),
    Move.SEND_BACK: _step(_S.IN_IMPLEMENTATION, _S.DEBATED, _GROUP, says=(text("reasons"),)),
    Move.FORWARD: _step(
        _S.DECIDED,
        _S.FORWARDED,
        _OFFICE,
        says=(line("receiver"), line("letter"), link("link", required=False)),
        dated=True,
    ),
    Move.FORWARDED_REPLY: _step(
        _S.FORWARDED, STAYS, _OFFICE, says=(text("reply"), line("letter", required=False)), dated=True
    ),
    Move.RESUME: _step(_S.DECIDED, _S.UNDER_REVIEW, Actor.APPLICATION),
    Move.NEW_TERM: _step(OPEN, STAYS, _OFFICE, says=(line("term"),), dated=True),
    Move.ON_AGENDA: _step(OPEN, STAYS, _OFFICE, says=facts.MEETING, dated=True),
    Move.CLOSE: _step(
        frozenset({_S.DECIDED, _S.FORWARDED, _S.REVIEWED}), _S.CLOSED, _OFFICE, says=facts.MEETING, dated=True
    ),
    Move.CORRECT: _step(frozenset(CaseState), STAYS, _OFFICE, _UNIT, _GROUP, says=facts.CORRECTION),
    Move.REDACT: _step(frozenset(CaseState), STAYS, _OFFICE, says=facts.REDACTION),
}


def facts_of(move: Move, values: Mapping[str, Any]) -> tuple[Fact, ...]:
    """Return what a step has to say, given its outcome if it has one."""
    said = TABLE[move].facts
    outcome = values.get("outcome")
    further = {Move.ANSWER: facts.ANSWER_OF, Move.DECIDE: facts.DECISION_OF}.get(move, {})
    return (*said, *further.get(Outcome(outcome), ())) if outcome in frozenset(Outcome) else said
