from __future__ import annotations

import csv
import itertools
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from sortition import reachable
from sortition.errors import CancelledError, SolverError
from sortition.highs import Program, Solution, Status
from sortition.model import Entry, Instance, Quota
from sortition.monitor import Monitor
from sortition.polytope import Polytope
from sortition.reachable import NARROW_WIDTH, reachable_classes
from tests.sortition.feasibility.small_pools import all_panels, instances

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(params=[1, NARROW_WIDTH], scope="module")
def narrow_width(request):
    """With one free class, the narrow program fails often and has to be widened."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reachable, "NARROW_WIDTH", request.param)
        yield


@pytest.mark.usefixtures("narrow_width")
@settings(max_examples=100, deadline=None)
@given(instances())
def test_reachable_classes_are_those_of_all_enumerated_panels(instance):
    polytope = Polytope.of(instance)
    expected = np.zeros(len(polytope.members), dtype=bool)
    for panel in all_panels(instance):
        for entry in panel:
            expected[polytope.class_of[instance.index_of(entry.id)]] = True
    assert reachable_classes(polytope).tolist() == expected.tolist()


@pytest.mark.usefixtures("narrow_width")
def test_what_only_the_exact_program_can_rule_out_is_unreachable():
    """Every value exactly once, panel of 2: the relaxation seats everyone, the only panel is {000, 111}."""
    rows = ["000", "001", "010", "100", "111"]
    entries = tuple(Entry(row, {f"f{n}": row[n] for n in range(3)}) for row in rows)
    quotas = {f"f{n}": {"0": Quota(1, 1), "1": Quota(1, 1)} for n in range(3)}
    polytope = Polytope.of(Instance(entries, quotas, 2))
    assert reachable_classes(polytope).tolist() == [True, False, False, False, True]


@pytest.mark.usefixtures("narrow_width")
def test_where_the_relaxation_is_fooled_someone_always_sits():
    """Entries 000, 011, 101, 110, at most one 1 in each feature, panel 2: 000 is on every panel, and all can sit."""
    entries = tuple(Entry(row, {f"f{n}": row[n] for n in range(3)}) for row in ["000", "011", "101", "110"])
    quotas = {f"f{n}": {"0": Quota(0, 2), "1": Quota(0, 1)} for n in range(3)}
    assert reachable_classes(Polytope.of(Instance(entries, quotas, 2))).all()


@pytest.mark.usefixtures("narrow_width")
def test_a_feasible_relaxation_without_any_panel_reaches_nobody():
    """Twice 011, 101, 110 with at most one 1 in each feature: 3 seats of halves each, but only 2 of whole persons."""
    rows = ["011000", "101000", "110000", "000011", "000101", "000110"]
    entries = tuple(Entry(row, {f"f{n}": row[n] for n in range(6)}) for row in rows)
    quotas = {f"f{n}": {"0": Quota(0, 3), "1": Quota(0, 1)} for n in range(6)}
    assert not reachable_classes(Polytope.of(Instance(entries, quotas, 3))).any()


@pytest.mark.usefixtures("narrow_width")
@pytest.mark.parametrize("seed", [4, 185, 212])
def test_tight_pools_where_narrow_programs_fail_or_find_nothing_new(seed):
    """Every value exactly as often as in one random panel; the seeds take every turn of the search."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 2, (20, 4))
    ones = values[rng.choice(20, 6, replace=False)].sum(axis=0)
    entries = tuple(Entry(f"{n:02}", {f"f{f}": str(values[n, f]) for f in range(4)}) for n in range(20))
    quotas = {
        f"f{f}": {"0": Quota(6 - int(one), 6 - int(one)), "1": Quota(int(one), int(one))} for f, one in enumerate(ones)
    }
    polytope = Polytope.of(Instance(entries, quotas, 6))
    panels = np.array(list(itertools.combinations(range(20), 6)))
    seated = np.unique(panels[(values[panels].sum(axis=1) == ones).all(axis=1)])
    expected = np.isin(np.arange(len(polytope.members)), polytope.class_of[seated])
    assert reachable_classes(polytope).tolist() == expected.tolist()


def test_more_classes_than_the_narrow_program_leaves_free():
    """An odd number of classes, none of which the narrow program needs twice, and one that can never sit."""
    count = NARROW_WIDTH * 3
    entries = [Entry(f"{n:03}", {"house": f"h{n}", "side": "left"}) for n in range(count)]
    entries.append(Entry("zzz", {"house": "h0", "side": "right"}))
    quotas = {
        "house": {f"h{n}": Quota(0, 1) for n in range(count)},
        "side": {"left": Quota(4, 4), "right": Quota(0, 1)},
    }
    polytope = Polytope.of(Instance(tuple(entries), quotas, 4))
    assert np.flatnonzero(~reachable_classes(polytope)).tolist() == [count]


def test_a_cancelled_search_stops():
    cancelled = threading.Event()
    cancelled.set()
    polytope = Polytope.of(Instance((Entry("1", {"f": "v"}),), {"f": {"v": Quota(1, 1)}}, 1))
    with pytest.raises(CancelledError):
        reachable_classes(polytope, monitor=Monitor(cancelled=cancelled))


def test_a_panel_that_breaks_a_quota_when_counted_is_an_error(monkeypatch):
    """A solver that lies must not clear anyone."""
    polytope = Polytope.of(Instance((Entry("1", {"f": "v"}),), {"f": {"v": Quota(1, 1)}}, 1))
    none = np.empty(0)
    lie = Solution(Status.OPTIMAL, 1.0, 1.0, np.array([2.0]), none, np.zeros(1))
    monkeypatch.setattr(Program, "solve", lambda self, **_: lie)
    with pytest.raises(SolverError):
        reachable_classes(polytope)


@pytest.mark.parametrize(
    ("folder", "size"), [("chile-survey-1000", 100), ("generated-321-30-8", 30), ("generated-1727-110-7", 110)]
)
def test_everyone_in_the_published_pools_is_reachable(folder, size):
    instance = shared_instance(folder, size)
    assert reachable_classes(Polytope.of(instance)).all()


def shared_instance(folder: str, size: int) -> Instance:
    if not (DATA / folder).is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{DATA / folder} is missing")
        pytest.skip("the shared pools are not beside this checkout")
    with (DATA / folder / "targets.csv").open(encoding="utf-8-sig") as file:
        quotas: dict[str, dict[str, Quota]] = {}
        for row in csv.DictReader(file):
            quotas.setdefault(row["feature"], {})[row["value"]] = Quota(int(row["min"]), int(row["max"]))
    with (DATA / folder / "respondents.csv").open(encoding="utf-8-sig") as file:
        entries = tuple(
            Entry(f"{n:05}", {feature: row[feature] for feature in quotas})
            for n, row in enumerate(csv.DictReader(file))
        )
    return Instance(entries, quotas, size)
