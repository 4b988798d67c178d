"""Which rules contradict each other, when no tables keep them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from sortition.errors import SortitionError
from sortition.monitor import Monitor
from sortition.tables.problem import arranged
from sortition.tables.task import Facilitator, Rules, Task

IDS_SHOWN = 6
"""Ids of a set that a sentence repeats."""


@dataclass(frozen=True, slots=True, repr=False)
class NamedRule:
    """A rule that is part of a contradiction: its kind, its number among those of the kind (from 1), and whose it is.

    `ids` are the people of a set, or the facilitator; none for a restriction to certain tables, which may stand for
    what somebody needs. An application says it in its own words, `str` in those of the rules file.
    """

    kind: Literal["together", "apart", "only", "tables", "speaks", "not_with"]
    number: int
    ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = ", ".join(f"“{who}”" for who in self.ids[:IDS_SHOWN]) + (" …" if len(self.ids) > IDS_SHOWN else "")
        return {
            "together": f"together {self.number} ({named})",
            "apart": f"apart {self.number} ({named})",
            "only": f"only {self.number} (a restriction to certain tables)",
            "tables": f"the tables that facilitator {named} may lead",
            "speaks": f"what facilitator {named} speaks",
            "not_with": f"whom facilitator {named} must not lead",
        }[self.kind]


class InfeasibleRulesError(SortitionError):
    """No tables keep all rules; the message and `rules` name a smallest set of them that contradicts itself."""

    def __init__(self, rules: Sequence[NamedRule]) -> None:
        self.rules = tuple(rules)
        names = "; ".join(map(str, self.rules))
        if len(self.rules) == 1:
            super().__init__(f"No tables of these sizes keep this rule: {names}. Change it, or the sizes.")
        else:
            super().__init__(
                f"These rules contradict each other at tables of these sizes: {names}. Change or leave out one of them."
            )

    def __reduce__(self) -> tuple[type[InfeasibleRulesError], tuple[tuple[NamedRule, ...]]]:
        return (InfeasibleRulesError, (self.rules,))


_Rule: TypeAlias = tuple[NamedRule, Callable[[Rules], Rules]]
"""A rule by its name, and how to leave it out."""


def contradiction(task: Task, *, monitor: Monitor) -> InfeasibleRulesError:
    """Return the error that names a smallest set of rules that cannot all be kept, for a task without any seating.

    Rules are left out one after the other; one that is not needed for the contradiction stays out. What remains
    contradicts itself, and would not without any one of its rules.
    """
    rules, needed = task.rules, list[NamedRule]()
    for name, leave_out in _all_rules(task.rules):
        fewer = leave_out(rules)
        if arranged(replace(task, rules=fewer), stages=(), monitor=monitor) is None:
            rules = fewer
        else:
            needed.append(name)
    return InfeasibleRulesError(needed)


def _all_rules(rules: Rules) -> Iterator[_Rule]:
    """Yield the rules, those first that an organiser would rather keep: what is left out first is seldom named."""
    for position, facilitator in enumerate(rules.facilitators):
        who = (facilitator.id,)
        if facilitator.tables is not None:
            yield NamedRule("tables", position + 1, who), _facilitators(position, tables=None)
        if facilitator.speaks is not None:
            yield NamedRule("speaks", position + 1, who), _facilitators(position, speaks=None)
        if facilitator.not_with:
            yield NamedRule("not_with", position + 1, who), _facilitators(position, not_with=frozenset())
    for number, group in enumerate(rules.apart, start=1):
        yield NamedRule("apart", number, tuple(sorted(group))), _without("apart", group)
    for number, group in enumerate(rules.together, start=1):
        yield NamedRule("together", number, tuple(sorted(group))), _without("together", group)
    for number, restriction in enumerate(rules.only, start=1):
        yield NamedRule("only", number), _without("only", restriction)


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
