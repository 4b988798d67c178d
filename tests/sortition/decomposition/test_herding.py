"""Faces, exchanges, weights, and the herd that uses them."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sortition.decomposition.face import Face, PanelFinder
from sortition.decomposition.herding import Herd, PanelStore
from sortition.decomposition.weights import nearest_weights
from sortition.errors import CancelledError
from sortition.monitor import Monitor
from sortition.objectives.leximin import leximin
from sortition.polytope import Polytope
from tests.sortition.oracle import class_panels, pool, tight_pool


def polytope_of(seed: int) -> Polytope:
    return Polytope.of(tight_pool(seed, people=16, features=4, size=6))


def face_of(seed: int) -> Face:
    polytope = polytope_of(seed)
    x = leximin(polytope).probabilities * polytope.multiplicity
    return Face.at(polytope, x, np.random.default_rng(seed))


@settings(max_examples=25)
@given(st.integers(0, 60))
def test_a_face_holds_the_panels_that_meet_its_tight_rows(seed: int) -> None:
    face = face_of(seed)
    panels = class_panels(face.polytope)
    x, totals = face.target, face.polytope.rows @ face.target
    low, high = face.polytope.row_lower, face.polytope.row_upper
    at_low, at_high = np.abs(totals - low) < 1e-8, np.abs(totals - high) < 1e-8
    for panel in panels:
        counted = face.polytope.rows @ panel
        kept = (counted[at_low] == low[at_low]).all() and (counted[at_high] == high[at_high]).all()
        beside = (panel < np.floor(x)).any() or (panel > np.ceil(x)).any()
        if face.contains(panel):
            assert kept
            assert not beside
        else:  # what is nearly tight or nearly whole counts as tight and whole
            nearly = (np.abs(totals - low) < 1e-6) & (counted != low) | (np.abs(totals - high) < 1e-6) & (
                counted != high
            )
            assert nearly.any() or (panel < np.floor(x + 1e-6)).any() or (panel > np.ceil(x - 1e-6)).any()


@settings(max_examples=25)
@given(st.integers(0, 60), st.integers(0, 1000))
def test_exchanges_stay_on_the_face_and_never_lose(seed: int, noise: int) -> None:
    """All quotas are exact here, so that every exchange has to keep every row."""
    face = face_of(seed)
    panels = class_panels(face.polytope)
    wanted = face.target + np.random.default_rng(noise).normal(size=face.classes)
    herd = Herd(face, rng=np.random.default_rng(noise), monitor=Monitor())
    for start in [panel for panel in panels if face.contains(panel)][:5]:
        better = herd.climb(start, wanted)
        assert face.contains(better)
        assert np.square(wanted - better).sum() <= np.square(wanted - start).sum()


def test_a_pair_is_exchanged_for_a_pair() -> None:
    """From {00, 11} to {01, 10}: no single exchange keeps both features, one of pairs does."""
    polytope = Polytope.of(pool(["00", "01", "10", "11"], [{"0": (1, 1), "1": (1, 1)}] * 2, 2))
    herd = Herd(
        Face.at(polytope, np.full(4, 0.5), np.random.default_rng(0)), rng=np.random.default_rng(0), monitor=Monitor()
    )
    assert herd.climb(np.array([1, 0, 0, 1]), np.array([0.0, 1, 1, 0])).tolist() == [0, 1, 1, 0]
    assert herd.climb(np.array([0, 1, 1, 0]), np.array([0.0, 1, 1, 0])).tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("seed", range(6))
def test_the_herd_finds_distinct_panels_on_its_face(seed: int) -> None:
    face = face_of(seed)
    herd = Herd(face, rng=np.random.default_rng(1), monitor=Monitor())
    assert herd.start()
    for _ in range(100):
        assert face.contains(herd.step())
    found = herd.store.panels
    assert len(np.unique(found, axis=0)) == len(herd.store)


def test_the_mean_of_the_herd_follows_the_target() -> None:
    polytope = Polytope.of(pool(list("abcdefgh"), [dict.fromkeys("abcdefgh", (0, 1))], 4))
    target = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9])
    face = Face.at(polytope, target.copy(), np.random.default_rng(0))
    herd = Herd(face, rng=np.random.default_rng(1), monitor=Monitor())
    assert herd.start()
    mean = np.mean([herd.step() for _ in range(300)], axis=0)
    assert np.abs(mean - target).max() < 0.03


def test_a_herd_runs_until_it_has_the_panels_or_no_new_ones_come() -> None:
    polytope = Polytope.of(pool(list("abcdefgh"), [dict.fromkeys("abcdefgh", (0, 1))], 4))
    face = Face.at(polytope, np.full(8, 0.5), np.random.default_rng(0))
    phases: list[str] = []
    herd = Herd(face, rng=np.random.default_rng(0), monitor=Monitor(lambda progress: phases.append(progress.phase)))
    herd.start()
    herd.run(40)
    assert len(herd.store) >= 40
    herd.run(500)
    assert 40 <= len(herd.store) <= 70
    assert set(phases) == {"panels"}


def test_a_cancelled_herd_stops() -> None:
    cancelled = threading.Event()
    herd = Herd(face_of(1), rng=np.random.default_rng(0), monitor=Monitor(cancelled=cancelled))
    herd.start()
    cancelled.set()
    with pytest.raises(CancelledError):
        herd.run(10)


def test_a_finder_gives_the_class_it_is_told_to_a_seat_or_says_that_it_cannot() -> None:
    polytope = Polytope.of(pool(list("abcd"), [{"a": (0, 1), "b": (0, 1), "c": (0, 1), "d": (0, 1)}], 2))
    finder = PanelFinder(Face.at(polytope, np.full(4, 0.5), np.random.default_rng(0)), Monitor())
    panel = finder.find(np.array([0.0, 1, 1, 1]), 0)
    assert panel is not None
    assert panel[0] == 1
    best = finder.find(np.array([0.0, 1, 1, 0]))
    assert best is not None
    assert best.tolist() == [0, 1, 1, 0]
    halves = pool(["011000", "101000", "110000", "000011", "000101", "000110"], [{"0": (0, 3), "1": (0, 1)}] * 6, 3)
    face = Face.at(Polytope.of(halves), np.full(6, 0.5), np.random.default_rng(0))
    assert PanelFinder(face, Monitor()).find(np.ones(6)) is None
    assert not Herd(face, rng=np.random.default_rng(0), monitor=Monitor()).start()


def test_a_store_keeps_each_panel_once_and_grows() -> None:
    store = PanelStore(2)
    for number in range(600):
        assert store.add(np.array([number, 1]))
    assert not store.add(np.array([5, 1]))
    assert (len(store), store.knows(np.array([599, 1])), store.knows(np.array([600, 1]))) == (600, True, False)
    assert store.best(np.array([1.0, 0.0])).tolist() == [599, 1]
    weight = np.ones(2)
    assert store.closest(np.array([7.2, 1.0]), weight).tolist() == [7, 1]


@settings(max_examples=50)
@given(st.integers(2, 12), st.integers(1, 6), st.integers(0, 2**32))
def test_weights_that_exist_are_found_and_are_the_closest_to_uniform(panels: int, classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 3, (panels, classes)).astype(float)
    inner = rng.dirichlet(np.full(panels, 3.0))
    weights, residual = nearest_weights(matrix, inner @ matrix)
    assert residual <= 1e-8
    assert weights.min() >= 0
    assert weights @ matrix == pytest.approx(inner @ matrix, abs=1e-8)
    assert weights.sum() == pytest.approx(1, abs=1e-8)
    assert np.square(weights - 1 / panels).sum() <= np.square(inner - 1 / panels).sum() + 1e-7


def test_a_target_outside_leaves_a_residual() -> None:
    assert nearest_weights(np.eye(2), np.array([1.5, -0.5]))[1] > 0.1
