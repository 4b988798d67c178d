"""Solve an instance: ideal chances, portfolio, tickets, certificate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from sortition.arrays import BoolArray, IntArray
from sortition.certificate import PROOF_TOLERANCE, deviation, level_gap, level_shortfall
from sortition.decomposition.decompose import decompose
from sortition.decomposition.mix import Mix
from sortition.decomposition.rays import Pricer, Separation
from sortition.decomposition.states import PanelStates
from sortition.errors import InfeasibleQuotasError, InputError
from sortition.hull import leximin_over_panels
from sortition.lottery import Certificate, Cut, Deviation, Lottery, PortfolioPanel
from sortition.marginals import Marginals
from sortition.model import Instance
from sortition.monitor import Monitor
from sortition.objectives.goldilocks import goldilocks
from sortition.objectives.legacy import legacy
from sortition.objectives.leximin import leximin
from sortition.objectives.maximin import maximin
from sortition.objectives.nash import nash
from sortition.polytope import Polytope
from sortition.reachable import reachable_classes
from sortition.tickets import class_tickets, deal, ticket_count

Proof = Literal["relaxation", "cuts", "pricing", "none"]
Objective = Callable[..., Marginals]

LEXIMIN, LEGACY = "leximin", "legacy"
RELAXED_OBJECTIVES: dict[str, Objective] = {
    LEXIMIN: leximin,
    "maximin": maximin,
    "nash": nash,
    "goldilocks": goldilocks,
}
OBJECTIVES = (*RELAXED_OBJECTIVES, LEGACY)
DEFAULT_TICKETS = 1000
DEFAULT_TOLERANCE = 1e-6
CUTS_BEFORE_LEVELS = 40
"""For leximin: so many cuts are tried before column generation level by level takes over; none by states."""
MOST_CUTS = 300
"""For the other objectives, which have no other way out."""


def solve_lottery(
    instance: Instance,
    *,
    objective: str = LEXIMIN,
    tickets: int = DEFAULT_TICKETS,
    may_grow: bool = True,
    tolerance: float = DEFAULT_TOLERANCE,
    seed: int | None = None,
    monitor: Monitor | None = None,
) -> Lottery:
    """Return the lottery of an instance: as fair as the quotas allow, with its certificate.

    1. Group entries into classes; find those that some panel contains.
    2. Compute the ideal marginals over the relaxation Q, and write them as a mix of panels.
    3. If no mix makes them, Q is not tight: generate panels level by level where exact pricing is cheap, else add the
       cut that it proved and go to 2, else, after many cuts, generate panels level by level all the same.
    4. Round the portfolio to `tickets` equally likely panels; to 10,000 where somebody would stand on fewer than 20,
       unless the number must not grow because a draw rule has fixed it.
    5. Certify: check the multipliers, and measure the deviations on integer panels.

    `objective` is one of OBJECTIVES, `tolerance` the largest deviation per person with which the certificate says
    proven. The random choices follow the seed derived from the instance; another `seed` is for rehearsals only.

    Raises InfeasibleQuotasError if no panel meets the quotas, InputError for an unknown objective or a number of
    tickets below 1, CancelledError when the monitor asks to stop. Whether it is proven, the certificate says.
    """
    monitor = monitor or Monitor()
    if objective not in OBJECTIVES:
        raise InputError(f"“{objective}” is not an objective; choose one of {', '.join(OBJECTIVES)}.")
    if tickets < 1:
        raise InputError(f"A lottery needs at least one ticket, not {tickets}.")
    rng = np.random.default_rng(instance.seed() if seed is None else seed)
    polytope = Polytope.of(instance)
    if objective == LEGACY:
        lottery = _greedy(polytope, tickets=tickets, tolerance=tolerance, rng=rng, monitor=monitor)
        return replace(lottery, rehearsal=seed is not None)
    monitor.report("reachable")
    reachable = reachable_classes(polytope, monitor=monitor)
    if not reachable.any():
        raise InfeasibleQuotasError("No panel meets the quotas with this pool; `check` says why and what would help.")
    solved = _Search(polytope.without(~reachable), objective, rng, monitor).run()
    ideal = solved.mix.point / polytope.multiplicity
    count = ticket_count(float(ideal[reachable].min()), tickets) if may_grow else tickets
    panels = class_tickets(solved.polytope, solved.mix, count, rng=rng, monitor=monitor)
    lottery = _lottery(solved, objective, panels, reachable, tolerance=tolerance, rng=rng)
    monitor.check()  # who asks to stop at the last moment gets no lottery either
    return replace(lottery, rehearsal=seed is not None)


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """The polytope with its cuts, what is best over it, and the mix that comes closest to that."""

    polytope: Polytope
    marginals: Marginals
    mix: Mix
    proof: Proof
    gap: float = 0.0


class _Search:
    """Steps 2 and 3: the best marginals that a mix of panels makes."""

    def __init__(self, polytope: Polytope, objective: str, rng: np.random.Generator, monitor: Monitor) -> None:
        self._polytope = polytope
        self._objective = objective
        self._rng = rng
        self._monitor = monitor
        self._pricer: Pricer | PanelStates = PanelStates.of(polytope, monitor) or Pricer.of(polytope, monitor)
        self._known: IntArray = np.empty((0, len(polytope.members)), dtype=np.int64)

    def run(self) -> _Solved:
        """Return the first proven outcome, or the closest one without proof."""
        while True:
            marginals = RELAXED_OBJECTIVES[self._objective](self._polytope, monitor=self._monitor)
            outcome = self._decompose(marginals)
            if isinstance(outcome, Mix):
                return _Solved(self._polytope, marginals, outcome, "cuts" if len(self._polytope.cuts) else "relaxation")
            self._known = np.unique(np.concatenate([self._known, outcome.nearest.panels]), axis=0)
            if len(self._polytope.cuts) == self._cuts_allowed():
                return self._without_more_cuts(marginals, outcome)
            self._polytope = self._polytope.with_cut(outcome.coefficients, outcome.upper)
            self._monitor.report("cuts", panels=len(self._known), total=len(self._polytope.cuts))

    def _cuts_allowed(self) -> int:
        if self._objective != LEXIMIN:
            return MOST_CUTS
        return 0 if isinstance(self._pricer, PanelStates) else CUTS_BEFORE_LEVELS

    def _without_more_cuts(self, marginals: Marginals, outcome: Separation) -> _Solved:
        """Return leximin level by level over generated panels; for other objectives the closest mix, unproven."""
        if self._objective == LEXIMIN:
            levels = leximin_over_panels(self._polytope, self._known, self._pricer.best, monitor=self._monitor)
            return _Solved(self._polytope, levels.marginals, levels.mix, "pricing")
        nearest = outcome.nearest
        gap = deviation(marginals.probabilities, nearest.point / self._polytope.multiplicity).largest
        return _Solved(self._polytope, marginals, nearest, "none", gap)

    def _decompose(self, marginals: Marginals) -> Mix | Separation:
        target = marginals.probabilities * self._polytope.multiplicity
        return decompose(self._polytope, target, self._known, pricer=self._pricer, rng=self._rng, monitor=self._monitor)


def _lottery(
    solved: _Solved,
    objective: str,
    panels: IntArray,
    reachable: BoolArray,
    *,
    tolerance: float,
    rng: np.random.Generator,
) -> Lottery:
    polytope, mix, marginals = solved.polytope, solved.mix, solved.marginals
    dealt = deal(polytope, panels, rng=rng)
    chances = mix.point / polytope.multiplicity
    ideal = chances[polytope.class_of]
    actual = np.bincount(dealt.ravel(), minlength=len(ideal)) / len(dealt)
    portfolio = deviation(marginals.probabilities[polytope.class_of], ideal)
    gap, missed = solved.gap, portfolio.largest
    if objective == LEXIMIN:
        gap = max(gap, level_gap(polytope, marginals.levels))
        missed = max(missed, level_shortfall(marginals.levels, chances))
    proven = solved.proof != "none" and missed <= tolerance and gap <= max(PROOF_TOLERANCE, tolerance)
    certificate = Certificate(
        proven=proven,
        proof=solved.proof if proven else "none",
        tolerance=tolerance,
        gap=0.0 if proven else gap,
        portfolio=portfolio,
        tickets=deviation(marginals.probabilities[polytope.class_of], actual),
        levels=marginals.levels,
        cuts=tuple(
            Cut({int(c): float(row[c]) for c in np.flatnonzero(row)}, float(upper))
            for row, upper in zip(polytope.cuts, polytope.cut_upper, strict=True)
        ),
    )
    return Lottery(
        instance=polytope.instance,
        objective=objective,
        class_of=polytope.class_of,
        ideal_probability=ideal,
        selection_probability=actual,
        portfolio=_portfolio(mix),
        tickets=dealt,
        certificate=certificate,
        unreachable=frozenset(int(i) for i in np.flatnonzero(~reachable[polytope.class_of])),
    )


def _portfolio(mix: Mix) -> tuple[PortfolioPanel, ...]:
    return tuple(
        PortfolioPanel(float(weight), {int(c): int(panel[c]) for c in np.flatnonzero(panel)})
        for panel, weight in zip(mix.panels, mix.weights, strict=True)
    )


def _greedy(
    polytope: Polytope, *, tickets: int, tolerance: float, rng: np.random.Generator, monitor: Monitor
) -> Lottery:
    """Draw by the Sortition Foundation's greedy rule, for comparison: nothing is proven."""
    dealt = legacy(polytope.instance, tickets=tickets, rng=rng, monitor=monitor)
    chances = np.bincount(dealt.ravel(), minlength=len(polytope.instance.entries)) / tickets
    counts = np.zeros((tickets, len(polytope.members)), dtype=np.int64)
    for number, ticket in enumerate(polytope.class_of[dealt]):
        np.add.at(counts[number], ticket, 1)
    panels, copies = np.unique(counts, axis=0, return_counts=True)
    mix = Mix(panels, copies / tickets)
    none = Deviation(0.0, 0.0)
    return Lottery(
        instance=polytope.instance,
        objective=LEGACY,
        class_of=polytope.class_of,
        ideal_probability=(mix.point / polytope.multiplicity)[polytope.class_of],
        selection_probability=chances,
        portfolio=_portfolio(mix),
        tickets=dealt,
        certificate=Certificate(proven=False, proof="none", tolerance=tolerance, gap=1.0, portfolio=none, tickets=none),
    )
