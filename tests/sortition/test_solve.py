"""Whole solves against brute force: every panel of persons tried, and the objectives over all of them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog, minimize_scalar

from sortition import solve
from sortition.certificate import level_gap
from sortition.decomposition import states
from sortition.errors import CancelledError, InfeasibleQuotasError, InputError
from sortition.lottery import Lottery
from sortition.lottery_file import lottery_document
from sortition.model import Instance
from sortition.monitor import Monitor, Progress
from sortition.polytope import Polytope
from sortition.solve import OBJECTIVES, RELAXED_OBJECTIVES, solve_lottery
from tests.sortition import oracle
from tests.sortition.feasibility.small_pools import instances
from tests.sortition.objectives.random_pools import pools
from tests.sortition.oracle import pool, tight_pool

SMALLEST = pool(["000", "011", "101", "110"], [{"0": (0, 2), "1": (0, 1)}] * 3, 2)
"""The design's smallest pool whose relaxation is not tight: ½ each there, but 000 is on every panel."""
ONE_PANEL = pool(["000", "001", "010", "100", "111"], [{"0": (1, 1), "1": (1, 1)}] * 3, 2)
"""Every value exactly once: the relaxation seats everybody, the only panel is {000, 111}."""
NOT_TIGHT = [0, 7, 10, 32, 33]
SEVERAL_CUTS = [17, 179]
"""Seeds of `wide_pool` whose relaxation promises more than any lottery holds; found by search."""
FORGOTTEN_DRIFT = pool(
    ["01", "11", "00", "02", "00", "10", "11", "00"],
    [{"0": (1, 3), "1": (1, 2)}, {"0": (1, 3), "1": (0, 1), "2": (0, 1)}],
    3,
    {2: "h0", 3: "h1", 6: "h1", 7: "h2"},
)
"""Leximin's slack of 1e-8 puts the target that much outside the face, on which the exact way once found no ray."""


def wide_pool(seed: int) -> Instance:
    return tight_pool(seed, people=20, features=5, size=6)


@pytest.fixture(params=["states", "cuts", "pricing"])
def route(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One way out of a relaxation that is not tight, and its proof; the others are closed."""
    if request.param != "states":
        monkeypatch.setattr(states, "MOST_STEPS", -1)
    if request.param == "pricing":
        monkeypatch.setattr(solve, "CUTS_BEFORE_LEVELS", 0)
    return "cuts" if request.param == "cuts" else "pricing"


@pytest.fixture
def solver_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pools this small are solved as large ones are: by herding, and with exact pricing by the solver."""
    monkeypatch.setattr(states, "MOST_STEPS", -1)


def assert_sound(lottery: Lottery, *, move: float = 2.0) -> None:
    """Every promise about tickets that holds whatever the objective is."""
    instance, count = lottery.instance, len(lottery.tickets)
    for ticket in np.unique(lottery.tickets, axis=0):
        assert oracle.is_panel(instance, ticket.tolist())
    times = np.bincount(lottery.tickets.ravel(), minlength=len(instance.entries))
    assert lottery.selection_probability == pytest.approx(times / count, abs=1e-12)
    assert lottery.ideal_probability.sum() == pytest.approx(instance.size, abs=1e-9)
    for equals in (times[lottery.class_of == c] for c in np.unique(lottery.class_of)):
        assert equals.max() - equals.min() <= 1
    assert np.abs(times / count - lottery.ideal_probability).max() <= move / count
    reachable = np.array([i not in lottery.unreachable for i in range(len(instance.entries))])
    assert ((times > 0) == reachable).all()
    assert ((lottery.ideal_probability > 0) == reachable).all()


def assert_portfolio_makes_the_chances(lottery: Lottery, panels: np.ndarray) -> None:
    """The portfolio's panels are panels of persons by class, and mix into the ideal chances."""
    classes = np.eye(lottery.class_of.max() + 1, dtype=int)[lottery.class_of]
    real = {tuple(row) for row in (panels @ classes).tolist()}
    seats = np.zeros(classes.shape[1])
    for panel in lottery.portfolio:
        counts = [panel.counts.get(c, 0) for c in range(classes.shape[1])]
        assert tuple(counts) in real
        seats += panel.probability * np.array(counts)
    assert (seats / classes.sum(axis=0))[lottery.class_of] == pytest.approx(lottery.ideal_probability, abs=1e-12)
    assert sum(panel.probability for panel in lottery.portfolio) == pytest.approx(1)


def assert_as_brute_force(instance: Instance) -> Lottery | None:
    panels = oracle.all_panels(instance)
    if not len(panels):
        with pytest.raises(InfeasibleQuotasError):
            solve_lottery(instance)
        return None
    lottery = solve_lottery(instance)
    assert lottery.ideal_probability == pytest.approx(oracle.leximin(panels), abs=1e-6)
    assert lottery.unreachable == set(np.flatnonzero(~panels.any(axis=0)))
    certificate = lottery.certificate
    assert certificate.proven
    assert (certificate.gap, certificate.proof != "none") == (0.0, True)
    assert certificate.portfolio.largest <= 1e-6
    assert_sound(lottery)
    assert_portfolio_makes_the_chances(lottery, panels)
    return lottery


WAYS = pytest.mark.parametrize("most_steps", [pytest.param(-1, id="solver"), pytest.param(3_000_000, id="states")])


@WAYS
@settings(max_examples=50)
@given(instance=instances())
def test_leximin_equals_brute_force_or_says_that_there_is_no_panel(instance: Instance, most_steps: int) -> None:
    with mock.patch.object(states, "MOST_STEPS", most_steps):
        assert_as_brute_force(instance)


@WAYS
@settings(max_examples=35)
@given(instance=pools(largest=9))
def test_leximin_equals_brute_force_around_a_known_panel(instance: Instance, most_steps: int) -> None:
    with mock.patch.object(states, "MOST_STEPS", most_steps):
        assert assert_as_brute_force(instance) is not None


def test_smallest_pool_whose_relaxation_is_not_tight(route: str) -> None:
    lottery = assert_as_brute_force(SMALLEST)
    assert lottery is not None
    assert lottery.ideal_probability == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3], abs=1e-6)
    assert lottery.certificate.proof == route


def test_the_only_panel_of_a_pool_whose_relaxation_seats_everybody() -> None:
    lottery = assert_as_brute_force(ONE_PANEL)
    assert lottery is not None
    assert lottery.ideal_probability.tolist() == [1, 0, 0, 0, 1]
    assert lottery.unreachable == {1, 2, 3}


@pytest.mark.parametrize("seed", NOT_TIGHT + SEVERAL_CUTS)
def test_every_way_out_of_a_relaxation_that_is_not_tight_ends_at_brute_force(seed: int, route: str) -> None:
    lottery = assert_as_brute_force(wide_pool(seed))
    assert lottery is not None
    assert lottery.certificate.proof == route
    cuts = len(lottery.certificate.cuts)
    assert cuts == 0 if route != "cuts" else cuts >= (2 if seed in SEVERAL_CUTS else 1)


@pytest.mark.parametrize("seed", NOT_TIGHT + SEVERAL_CUTS)
@pytest.mark.usefixtures("solver_only")
def test_cuts_hold_for_every_panel(seed: int) -> None:
    instance = wide_pool(seed)
    panels = oracle.all_panels(instance)
    lottery = solve_lottery(instance)
    for cut in lottery.certificate.cuts:
        coefficients = np.array([cut.coefficients.get(int(c), 0.0) for c in lottery.class_of])
        assert (panels @ coefficients <= cut.upper).all()


@pytest.mark.usefixtures("solver_only")
def test_four_cuts_and_noise_on_them() -> None:
    """One of the cuts once got a multiplier of −1e-17, which made a bound infinite and left the truth unproven."""
    lottery = assert_as_brute_force(tight_pool(189, people=22, features=6, size=6))
    assert lottery is not None
    assert len(lottery.certificate.cuts) >= 3


def test_a_target_that_drifted_off_its_face_is_still_decomposed(route: str) -> None:
    assert assert_as_brute_force(FORGOTTEN_DRIFT) is not None


@pytest.mark.parametrize("seed", NOT_TIGHT)
def test_nash_and_maximin_and_goldilocks_equal_brute_force_where_cuts_are_needed(seed: int) -> None:
    assert_objectives_as_brute_force(wide_pool(seed))


@settings(max_examples=15)
@given(pools(largest=9))
def test_nash_and_maximin_and_goldilocks_equal_brute_force(instance: Instance) -> None:
    assert_objectives_as_brute_force(instance)


def test_other_objectives_on_the_smallest_pool_that_is_not_tight() -> None:
    for objective in ("maximin", "nash", "goldilocks"):
        lottery = solve_lottery(SMALLEST, objective=objective)
        assert lottery.ideal_probability == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3], abs=1e-6)
        assert (lottery.certificate.proven, lottery.certificate.proof) == (True, "cuts")


def assert_objectives_as_brute_force(instance: Instance) -> None:
    panels = oracle.all_panels(instance)
    reachable = panels.any(axis=0)
    chances = {}
    for objective in ("maximin", "nash", "goldilocks"):
        lottery = solve_lottery(instance, objective=objective)
        assert lottery.certificate.proven, objective
        assert_sound(lottery)
        assert_portfolio_makes_the_chances(lottery, panels)
        chances[objective] = lottery.ideal_probability[reachable]
    panels = panels[:, reachable]
    everyone = np.ones(panels.shape[1], dtype=bool)
    floor = oracle.largest_floor(panels, np.zeros(panels.shape[1]), everyone)
    assert chances["maximin"].min() == pytest.approx(floor, abs=1e-6)
    # Σ log π is concave: it is largest where no panel raises it to first order
    assert (panels / chances["nash"]).sum(axis=1).max() <= len(chances["nash"]) + 1e-4
    reached = _goldilocks(chances["goldilocks"].max(), chances["goldilocks"].min(), instance.size, len(everyone))
    assert reached == pytest.approx(_best_goldilocks(panels, floor, instance.size), rel=1e-5)


def _goldilocks(largest: float, smallest: float, size: int, people: int) -> float:
    return largest * people / size + size / people / smallest


def _best_goldilocks(panels: np.ndarray, highest_floor: float, size: int) -> float:
    """The least ceiling for each floor, and the best of all floors."""
    count, people = panels.shape
    column = np.ones((people, 1))
    rows = np.vstack([np.hstack([panels.T, -column]), np.hstack([-panels.T, 0 * column])])

    def best(floor: float) -> float:
        bound = np.append(np.zeros(people), np.full(people, -floor))
        cost, total = np.append(np.zeros(count), 1.0), np.append(np.ones(count), 0.0)[None]
        ceiling = linprog(cost, A_ub=rows, b_ub=bound, A_eq=total, b_eq=[1.0])
        return _goldilocks(ceiling.fun, floor, size, people) if ceiling.status == 0 else 1e9 * (1 + floor)

    inside = minimize_scalar(best, bounds=(1e-3, highest_floor), method="bounded", options={"xatol": 1e-9})
    return float(min(inside.fun, best(highest_floor - 1e-9)))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_two_runs_give_the_same_document(objective: str) -> None:
    instance = wide_pool(NOT_TIGHT[0])
    first, again = (lottery_document(solve_lottery(instance, objective=objective)) for _ in range(2))
    assert first == again


def test_the_order_of_the_input_does_not_matter() -> None:
    instance = wide_pool(1)
    shuffled = Instance(tuple(reversed(instance.entries)), instance.quotas, instance.size)
    assert lottery_document(solve_lottery(shuffled)) == lottery_document(solve_lottery(instance))


def test_another_seed_gives_other_tickets_for_the_same_chances_and_is_a_rehearsal() -> None:
    instance = wide_pool(1)
    real, rehearsal = solve_lottery(instance), solve_lottery(instance, seed=5)
    assert (real.rehearsal, rehearsal.rehearsal) == (False, True)
    assert rehearsal.ideal_probability == pytest.approx(real.ideal_probability, abs=1e-7)
    assert not np.array_equal(real.tickets, rehearsal.tickets)
    assert solve_lottery(instance, objective="legacy", seed=5).rehearsal


def test_what_cannot_be_asked_for_is_said() -> None:
    with pytest.raises(InputError, match="“fairest” is not an objective; choose one of leximin, maximin"):
        solve_lottery(SMALLEST, objective="fairest")
    with pytest.raises(InputError, match="at least one ticket, not 0"):
        solve_lottery(SMALLEST, tickets=0)


@pytest.mark.parametrize("tickets", [1, 10, 100])
def test_few_tickets_become_ten_thousand_so_that_nobody_stands_on_none(tickets: int) -> None:
    instance = pool(["a"] * 50, [{"a": (0, 9)}], 5)
    lottery = solve_lottery(instance, tickets=tickets)
    assert len(lottery.tickets) == 10_000
    assert lottery.selection_probability == pytest.approx([0.1] * 50, abs=1e-12)


def test_all_seats_settled() -> None:
    instance = replace(SMALLEST, required=frozenset({"p00", "p01"}))
    lottery = solve_lottery(instance, tickets=20)
    assert lottery.tickets.tolist() == [[0, 1]] * 20
    assert lottery.certificate.proven


def test_the_greedy_rule_proves_nothing_and_still_meets_the_quotas() -> None:
    lottery = solve_lottery(wide_pool(0), objective="legacy", tickets=50)
    certificate = lottery.certificate
    assert (certificate.proven, certificate.proof, certificate.gap, len(lottery.tickets)) == (False, "none", 1.0, 50)
    for ticket in lottery.tickets.tolist():
        assert oracle.is_panel(lottery.instance, ticket)
    assert_portfolio_makes_the_chances(lottery, oracle.all_panels(lottery.instance))


@pytest.mark.parametrize("objective", ["maximin", "nash", "goldilocks"])
def test_without_cuts_enough_the_closest_lottery_comes_unproven_with_its_gap(
    objective: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solve, "MOST_CUTS", 0)
    lottery = solve_lottery(SMALLEST, objective=objective)
    certificate = lottery.certificate
    assert (certificate.proven, certificate.proof) == (False, "none")
    assert certificate.gap == pytest.approx(certificate.portfolio.largest)
    assert certificate.gap > 0.1  # ½ was promised to all, and nobody can have it
    for ticket in lottery.tickets.tolist():
        assert oracle.is_panel(SMALLEST, ticket)


def test_a_tolerance_that_is_not_reached_is_not_proven() -> None:
    lottery = solve_lottery(pool(["a"] * 3, [{"a": (0, 9)}], 1), tolerance=1e-300)
    if lottery.certificate.portfolio.largest > 0:
        assert (lottery.certificate.proven, lottery.certificate.proof) == (False, "none")


def test_a_raised_claim_is_not_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the objective returned less than the best, its own multipliers would not close."""

    def lower(polytope: Polytope, **options: object) -> object:
        marginals = solve.leximin(polytope, monitor=None)
        first = replace(marginals.levels[0], value=marginals.levels[0].value - 0.01)
        return replace(marginals, levels=(first, *marginals.levels[1:]))

    monkeypatch.setitem(RELAXED_OBJECTIVES, "leximin", lower)
    certificate = solve_lottery(pool(["a"] * 5, [{"a": (0, 9)}], 2)).certificate
    assert (certificate.proven, certificate.proof) == (False, "none")
    assert certificate.gap == pytest.approx(0.01)


def cancel_at(instance: Instance, phase: str, objective: str = "leximin") -> float:
    """Cancel from the callback at a phase; the seconds until the solve has stopped."""
    cancelled, moment = threading.Event(), [0.0]

    def listen(progress: Progress) -> None:
        if progress.phase == phase and not cancelled.is_set():
            moment[0] = time.monotonic()
            cancelled.set()

    with pytest.raises(CancelledError):
        solve_lottery(instance, objective=objective, monitor=Monitor(listen, cancelled))
    assert cancelled.is_set()
    return time.monotonic() - moment[0]


@pytest.mark.parametrize("phase", ["reachable", "leximin", "weights", "exact panels", "tickets"])
@pytest.mark.usefixtures("solver_only")
def test_cancelled_in_any_phase_it_stops_within_a_second(phase: str) -> None:
    assert cancel_at(wide_pool(1), phase) < 1.0


@pytest.mark.parametrize("objective", ["maximin", "nash", "goldilocks", "legacy"])
def test_other_objectives_are_cancelled_too(objective: str) -> None:
    assert cancel_at(wide_pool(1), objective, objective) < 1.0


def test_the_ways_out_are_cancelled_too(route: str) -> None:
    phases = {"cuts": ["cuts"], "pricing": ["exact panels", "levels"]}
    for phase in phases[route]:
        assert cancel_at(wide_pool(NOT_TIGHT[0]), phase) < 1.0


@pytest.mark.usefixtures("solver_only")
def test_progress_names_every_phase_in_order() -> None:
    seen: list[str] = []
    solve_lottery(wide_pool(1), monitor=Monitor(lambda progress: seen.append(progress.phase)))
    assert list(Counter(seen)) == ["reachable", "leximin", "weights", "exact panels", "tickets"]


@pytest.mark.parametrize("seed", [1, *NOT_TIGHT, *SEVERAL_CUTS])
def test_the_proof_can_be_checked_from_what_the_lottery_holds(seed: int, route: str) -> None:
    lottery = solve_lottery(wide_pool(seed))
    assert level_gap(claimed_polytope(lottery), lottery.certificate.levels) <= 1e-7


def claimed_polytope(lottery: Lottery) -> Polytope:
    """The polytope that the levels of a lottery speak about: its own, without the unreachable, with the cuts."""
    polytope = Polytope.of(lottery.instance)
    unreachable = np.zeros(len(polytope.members), dtype=bool)
    unreachable[lottery.class_of[sorted(lottery.unreachable)]] = True
    polytope = polytope.without(unreachable)
    for cut in lottery.certificate.cuts:
        coefficients = np.array([cut.coefficients.get(c, 0.0) for c in range(len(polytope.members))])
        polytope = polytope.with_cut(coefficients, cut.upper)
    return polytope
