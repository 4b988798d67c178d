"""Which rules contradict each other, when no tables keep them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sortition.errors import SortitionError
from sortition.monitor import Monitor
from sortition.tables.problem import arranged
from sortition.tables.task import Facilitator, Rules, Task

IDS_SHOWN = 6
"""Ids of a set that a sentence repeats."""


class InfeasibleRulesError(SortitionError):
    """No tables keep all rules; the message names rules that contradict each other."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule: what to call it, and how to leave it out."""

    name: str
    without: Callable[[Rules], Rules]


def contradiction(task: Task, *, monitor: Monitor) -> InfeasibleRulesError:
    """Return the error that names a smallest set of rules that cannot all be kept, for a task without any seating.

    Rules are left out one after the other; one that is not needed for the contradiction stays out. What remains
    contradicts itself, and would not without any one of its rules. Restrictions to certain tables are named by
    their number only: they may stand for what somebody needs.
    """
    rules, needed = task.rules, list[_Rule]()
    for rule in _all_rules(task.rules):
        fewer = rule.without(rules)
        if arranged(replace(task, rules=fewer), stages=(), monitor=monitor) is None:
            rules = fewer
        else:
            needed.append(rule)
    names = "; ".join(rule.name for rule in needed)
    if len(needed) == 1:
        return InfeasibleRulesError(f"No tables of these sizes keep this rule: {names}. Change it, or the sizes.")
    return InfeasibleRulesError(
        f"These rules contradict each other at tables of these sizes: {names}. Change or leave out one of them."
    )


def _all_rules(rules: Rules) -> Iterator[_Rule]:
    """Yield the rules, those first that an organiser would rather keep: what is left out first is seldom named."""
    for position, facilitator in enumerate(rules.facilitators):
        quoted = f"facilitator “{facilitator.id}”"
        if facilitator.tables is not None:
            yield _Rule(f"the tables that {quoted} may lead", _facilitators(position, tables=None))
        if facilitator.speaks is not None:
            yield _Rule(f"what {quoted} speaks", _facilitators(position, speaks=None))
        if facilitator.not_with:
            yield _Rule(f"whom {quoted} must not lead", _facilitators(position, not_with=frozenset()))
    yield from _sets("apart", rules.apart)
    yield from _sets("together", rules.together)
    for position in range(len(rules.only)):
        yield _Rule(f"only {position + 1} (a restriction to certain tables)", _without("only", rules.only[position]))


def _sets(name: Literal["together", "apart"], groups: Sequence[frozenset[str]]) -> Iterator[_Rule]:
    for number, group in enumerate(groups, start=1):
        shown = ", ".join(f"“{who}”" for who in sorted(group)[:IDS_SHOWN]) + (" …" if len(group) > IDS_SHOWN else "")
        yield _Rule(f"{name} {number} ({shown})", _without(name, group))


def _without(name: Literal["together", "apart", "only"], part: object) -> Callable[[Rules], Rules]:
    def leave_out(rules: Rules) -> Rules:
        rest: dict[str, Any] = {name: tuple(other for other in getattr(rules, name) if other is not part)}
        return replace(rules, **rest)

    return leave_out


def _facilitators(position: int, **changes: frozenset[str] | None) -> Callable[[Rules], Rules]:
    def loosen(rules: Rules) -> Rules:
        changed: list[Facilitator] = list(rules.facilitators)
        loosened: dict[str, Any] = changes
        changed[position] = replace(changed[position], **loosened)
        return replace(rules, facilitators=tuple(changed))

    return loosen
