"""The whole check: feasible or not, why, what to change, who is missing, and who can never be selected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sortition.feasibility.additions import Additions, find_additions
from sortition.feasibility.conflicts import Conflict, find_conflicts
from sortition.feasibility.counts import Problem, count_problems
from sortition.feasibility.relaxations import Change, Relaxation, find_relaxations
from sortition.feasibility.rules import RuleBook
from sortition.feasibility.unreachable import UnreachableGroup, explain_unreachable
from sortition.message import Message
from sortition.model import Instance
from sortition.monitor import Monitor
from sortition.polytope import Polytope
from sortition.reachable import reachable_classes


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The outcome of `check`.

    Feasible: `unreachable` groups, and `unexplained`, the number of further people no panel contains.
    Not feasible: `problems` that counting shows, minimal `conflicts` besides them, `relaxations` (the smallest first;
    empty if no change of the quotas helps), and `additions` (None if no number of registrations helps).
    """

    entries: int
    size: int
    feasible: bool
    problems: tuple[Problem, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    additions: Additions | None = None
    unreachable: tuple[UnreachableGroup, ...] = ()
    unexplained: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data: the sentences, and beside them what they are made of."""
        return {
            "feasible": self.feasible,
            "entries": self.entries,
            "size": self.size,
            "problems": [str(problem.message) for problem in self.problems],
            "conflicts": [_conflict_json(conflict) for conflict in self.conflicts],
            "relaxations": [_relaxation_json(found) for found in self.relaxations],
            "additions": None if self.additions is None else _additions_json(self.additions),
            "unreachable": [_group_json(group) for group in self.unreachable],
            "unexplained": self.unexplained,
        }


def check(instance: Instance, *, monitor: Monitor | None = None) -> CheckReport:
    """Find out whether any panel meets the quotas, and if not, why and what would help.

    Raises CancelledError when the monitor asks to stop.
    """
    monitor = monitor or Monitor()
    monitor.report("check")
    polytope = Polytope.of(instance)
    book = RuleBook(polytope, monitor=monitor)
    if book.is_feasible(book.rules):
        groups, unexplained = explain_unreachable(
            polytope, reachable_classes(polytope, monitor=monitor), monitor=monitor
        )
        return CheckReport(
            len(instance.entries), instance.size, feasible=True, unreachable=groups, unexplained=unexplained
        )
    problems = count_problems(instance)
    monitor.report("conflicts")
    conflicts = find_conflicts(book, problems)
    monitor.report("relaxations")
    relaxations = find_relaxations(polytope, monitor=monitor)
    monitor.report("additions")
    additions = find_additions(polytope, monitor=monitor)
    return CheckReport(
        len(instance.entries),
        instance.size,
        feasible=False,
        problems=problems,
        conflicts=conflicts,
        relaxations=relaxations,
        additions=additions,
    )


def _texts(messages: Iterable[Message]) -> list[str]:
    return [str(message) for message in messages]


def _conflict_json(conflict: Conflict) -> dict[str, Any]:
    rules = [
        {"kind": rule.kind} | ({"feature": rule.feature, "value": rule.value} if rule.is_quota else {})
        for rule in conflict.rules
    ]
    return {"text": str(conflict.headline), "reasons": _texts(conflict.reasons), "rules": rules}


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "text": str(change.message),
        "feature": change.feature,
        "value": change.value,
        "side": change.side,
        "old": change.old,
        "new": change.new,
        "beyond_flex": change.beyond_flex,
    }


def _relaxation_json(found: Relaxation) -> dict[str, Any]:
    changes = [_change_json(change) for change in found.changes]
    return {"cost": found.cost, "within_flex": found.within_flex, "changes": changes}


def _additions_json(additions: Additions) -> dict[str, Any]:
    kinds = [
        {"count": len(kind.examples), "values": dict(kind.matters), "examples": [dict(row) for row in kind.examples]}
        for kind in additions.kinds
    ]
    return {"text": str(additions.message), "count": additions.count, "kinds": kinds}


def _group_json(group: UnreachableGroup) -> dict[str, Any]:
    found: Mapping[str, Any] | None = None if group.relaxation is None else _relaxation_json(group.relaxation)
    return {
        "text": str(group.message),
        "values": dict(group.profile),
        "count": group.count,
        "conflict": _conflict_json(group.conflict),
        "single_changes": [_change_json(change) for change in group.changes],
        "relaxation": found,
    }
