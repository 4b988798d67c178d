"""The rules a panel obeys, each of which can be switched off: the ground of every answer to “why not?”."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from sortition.arrays import BoolArray, FloatArray
from sortition.errors import SolverError
from sortition.highs import INFINITY, Program, Status
from sortition.model import Instance, Quota
from sortition.monitor import Monitor
from sortition.polytope import Polytope

Side = Literal["lower", "upper"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One side of a quota (`feature` and `value` name it), or one of the rules that hold for all persons at once.

    "household": at most one member per household. "required": the seats already given. "excluded": persons who must
    not be drawn. The panel's size and the pool itself are not rules: they always hold.
    """

    kind: Literal["lower", "upper", "household", "required", "excluded"]
    feature: str = ""
    value: str = ""

    @property
    def is_quota(self) -> bool:
        """Whether this is one side of a quota."""
        return self.kind in ("lower", "upper")


def rules_of(polytope: Polytope) -> tuple[Rule, ...]:
    """Return all rules of an instance that can bind, those for all persons first, then quotas as in the file."""
    instance = polytope.instance
    rules = []
    if any(label.kind == "household" for label in polytope.labels):
        rules.append(Rule("household"))
    if instance.required:
        rules.append(Rule("required"))
    if instance.excluded:
        rules.append(Rule("excluded"))
    for feature, values in instance.quotas.items():
        for value, quota in values.items():
            if quota.lower > 0:
                rules.append(Rule("lower", feature, value))
            if quota.upper < instance.size:
                rules.append(Rule("upper", feature, value))
    return tuple(rules)


def quota_of(instance: Instance, rule: Rule) -> Quota:
    """Return the quota a rule is one side of."""
    return instance.quotas[rule.feature][rule.value]


def with_presence(polytope: Polytope, present: BoolArray | None) -> tuple[sparse.csr_matrix, FloatArray, FloatArray]:
    """Return rows and row bounds of a polytope, followed by “one of the classes `present` (C,) sits” where given."""
    if present is None:
        return polytope.rows, polytope.row_lower, polytope.row_upper
    rows = sparse.csr_matrix(sparse.vstack([polytope.rows, sparse.csr_matrix(present.astype(float))]))
    return rows, np.append(polytope.row_lower, 1.0), np.append(polytope.row_upper, INFINITY)


class RuleBook:
    """Decides whether a panel exists that obeys a chosen part of the rules.

    `present` (C,), where given, marks classes of which at least one person has to be on the panel.
    """

    def __init__(self, polytope: Polytope, *, present: BoolArray | None = None, monitor: Monitor | None = None) -> None:
        self.polytope = polytope
        self.rules = rules_of(polytope)
        rows, lower, upper = with_presence(polytope, present)
        self._linear, self._exact = (
            Program(rows, lower, upper, polytope.lower, polytope.upper, integer=integer, monitor=monitor)
            for integer in (False, True)
        )
        self._active = frozenset(self.rules)
        self._row_of = {label.key: row for row, label in enumerate(polytope.labels) if label.kind == "quota"}
        self._household_rows = [row for row, label in enumerate(polytope.labels) if label.kind == "household"]

    def is_feasible_relaxed(self, active: Iterable[Rule]) -> bool:
        """Whether the relaxation allows these rules together; if not, no panel does."""
        self._activate(frozenset(active))
        return self._linear.solve().status is not Status.INFEASIBLE

    def is_feasible(self, active: Iterable[Rule]) -> bool:
        """Whether some panel obeys these rules together."""
        if not self.is_feasible_relaxed(active):
            return False
        self._exact.set_cost(np.zeros(len(self.polytope.members)))
        return self._exact.solve().status is not Status.INFEASIBLE

    def nearest(self, rule: Rule, active: Iterable[Rule]) -> int:
        """Return how close a panel that obeys `active` can come to a quota rule that is not among them.

        The largest possible number of members for a minimum, the smallest for a maximum.
        Raises SolverError if no panel obeys `active`.
        """
        self._activate(frozenset(active) - {rule})
        row = self.polytope.rows[self._row_of[rule.feature, rule.value]].toarray().ravel()
        self._exact.set_cost(row if rule.kind == "lower" else -row)
        solution = self._exact.solve()
        if not solution.has_point:
            raise SolverError("Rules that were found to be feasible no longer are.")
        return abs(round(solution.objective))

    def _activate(self, active: frozenset[Rule]) -> None:
        changed = active ^ self._active
        self._active = active
        for rule in changed:
            if rule.is_quota:
                row = self._row_of[rule.feature, rule.value]
                quota = quota_of(self.polytope.instance, rule)
                lower = quota.lower if Rule("lower", rule.feature, rule.value) in active else 0
                upper = quota.upper if Rule("upper", rule.feature, rule.value) in active else INFINITY
                self._set_row_bounds(row, lower, upper)
            elif rule.kind == "household":
                for row in self._household_rows:
                    self._set_row_bounds(row, 0, 1 if rule in active else INFINITY)
        if any(rule.kind in ("required", "excluded") for rule in changed):
            polytope = self.polytope
            lower_bounds = polytope.lower if Rule("required") in active else np.zeros_like(polytope.lower)
            upper_bounds = polytope.upper if Rule("excluded") in active else polytope.multiplicity.astype(float)
            for program in (self._linear, self._exact):
                program.set_column_bounds(np.arange(len(upper_bounds)), lower_bounds, upper_bounds)

    def _set_row_bounds(self, row: int, lower: float, upper: float) -> None:
        for program in (self._linear, self._exact):
            program.set_row_bounds(row, lower, upper)


def minimal_conflict(book: RuleBook, candidates: Sequence[Rule]) -> tuple[Rule, ...] | None:
    """Return rules that no panel obeys together, while some panel obeys any part of them; None if all can be obeyed.

    1. Where the relaxation already shows the conflict, thin it out there, which is cheap.
    2. Thin out what is left by the exact program: drop a whole feature, then single rules, whenever the rest still
       conflicts.

    Rules that come first in `candidates` are dropped first. Empty if not even the pool without any rule fills the
    seats.
    """
    if book.is_feasible(candidates):
        return None
    core = list(candidates)
    if not book.is_feasible_relaxed(core):
        core = _thin_out(core, book.is_feasible_relaxed)
    return tuple(_thin_out(core, book.is_feasible))


def _thin_out(core: list[Rule], is_feasible: Callable[[list[Rule]], bool]) -> list[Rule]:
    features = list(dict.fromkeys(rule.feature for rule in core if rule.is_quota))
    groups = [[rule for rule in core if rule.is_quota and rule.feature == feature] for feature in features]
    for group in [*groups, *([rule] for rule in core)]:
        rest = [rule for rule in core if rule not in group]
        if len(rest) < len(core) and not is_feasible(rest):
            core = rest
    return core
