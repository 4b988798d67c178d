"""Quotas, entries, instances, the polytope of classes, and the monitor."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from sortition.errors import CancelledError, InputError, SortitionError
from sortition.model import Entry, Instance, Quota
from sortition.monitor import Monitor, Progress
from sortition.polytope import Polytope, RowLabel
from tests.sortition.oracle import pool

PEOPLE = [("d", "y", None), ("a", "x", "h"), ("c", "x", None), ("b", "x", "h"), ("e", "x", "alone")]
INSTANCE = Instance(
    tuple(Entry(name, {"f": value}, home) for name, value, home in PEOPLE),
    {"f": {"x": Quota(1, 2), "y": Quota(0, 9)}},
    3,
)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ((2, 1), "lower 2, upper 1"),
        ((-1, 1), "lower -1, upper 1"),
        ((1, 2, 2, 2), "min_flex 2 must be between 0 and its min 1"),
        ((1, 2, -1, 2), "min_flex -1"),
        ((1, 2, 1, 1), "max_flex 1 must be at least its max 2"),
    ],
)
def test_quotas_that_contradict_themselves(bounds: tuple[int, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Quota(*bounds)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 0}, "at least one seat, not 0"),
        ({"entries": (*INSTANCE.entries, INSTANCE.entries[0])}, "same id"),
        ({"entries": (Entry("secret-name", {}),)}, "no value for the feature “f”"),
        ({"entries": (Entry("secret-name", {"f": "z"}),)}, "value of “f” for which there is no quota"),
        ({"required": frozenset({"secret-name"})}, "1 required or excluded ids are not in the pool"),
        ({"excluded": frozenset({"q", "r"})}, "2 required or excluded ids"),
        ({"required": frozenset("a"), "excluded": frozenset("a")}, "both required and excluded"),
        ({"required": frozenset("abcd")}, "4 required members do not fit into 3 seats"),
    ],
)
def test_instances_that_contradict_themselves_name_nobody(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        replace(INSTANCE, **changes)
    assert isinstance(caught.value, SortitionError)
    assert "secret-name" not in str(caught.value)


def test_an_instance_is_sorted_and_shows_nobody() -> None:
    assert [entry.id for entry in INSTANCE.entries] == list("abcde")
    assert INSTANCE.index_of("c") == 2
    assert repr(INSTANCE) == "Instance(5 entries, 1 features, size 3)"
    assert repr(INSTANCE.entries[0]) == "Entry(…)"


def test_the_seed_follows_from_everything_that_matters_and_nothing_else() -> None:
    seed = INSTANCE.seed()
    assert 0 <= seed < 2**256
    assert replace(INSTANCE, entries=tuple(reversed(INSTANCE.entries))).seed() == seed
    others = [
        replace(INSTANCE, size=2),
        replace(INSTANCE, required=frozenset("a")),
        replace(INSTANCE, excluded=frozenset("a")),
        replace(INSTANCE, quotas={"f": {"x": Quota(1, 3), "y": Quota(0, 9)}}),
        replace(INSTANCE, entries=INSTANCE.entries[1:]),
        replace(INSTANCE, entries=(*INSTANCE.entries[1:], Entry("a", {"f": "x"}))),
        replace(INSTANCE, entries=(*INSTANCE.entries[1:], Entry("a", {"f": "y"}, "h"))),
    ]
    assert len({seed, *(other.seed() for other in others)}) == len(others) + 1


def test_classes_of_equals_households_and_settled_seats() -> None:
    polytope = Polytope.of(replace(INSTANCE, required=frozenset("d")))
    assert [members.tolist() for members in polytope.members] == [[0], [1], [2, 4], [3]]
    assert polytope.class_of.tolist() == [0, 1, 2, 3, 2]
    assert polytope.labels == (
        RowLabel("size"), RowLabel("quota", ("f", "x")), RowLabel("quota", ("f", "y")), RowLabel("household", ("0",))
    )  # fmt: skip
    assert polytope.rows.toarray().tolist() == [[1, 1, 1, 1], [1, 1, 1, 0], [0, 0, 0, 1], [1, 1, 0, 0]]
    assert (polytope.row_lower.tolist(), polytope.row_upper.tolist()) == ([3, 1, 0, 0], [3, 2, 3, 1])
    assert (polytope.lower.tolist(), polytope.upper.tolist()) == ([0, 0, 0, 1], [1, 1, 2, 1])
    excluded = Polytope.of(replace(INSTANCE, excluded=frozenset("c")))
    assert excluded.upper.tolist() == [1, 1, 0, 1, 1]
    assert repr(polytope) == "Polytope(4 classes, 4 rows, 0 cuts)"


def test_a_pool_of_nobody_has_no_class() -> None:
    assert len(Polytope.of(replace(INSTANCE, entries=())).members) == 0


def test_panels_are_counted_exactly() -> None:
    polytope = Polytope.of(INSTANCE)
    assert polytope.contains_panel(np.array([0, 1, 1, 1]))
    for wrong in ([1, 1, 0, 1], [0, 0, 2, 0], [0, 0, 3, 1], [0, 2, 0, 1], [0, -1, 3, 1]):
        assert not polytope.contains_panel(np.array(wrong))


def test_cuts_hold_in_the_relaxation_and_are_left_out_of_integer_programs() -> None:
    polytope = Polytope.of(pool(list("ab"), [{"a": (0, 1), "b": (0, 1)}], 1))
    cut = polytope.with_cut(np.array([1.0, 0.0]), 0.25)
    cost = np.array([1.0, 0.0])
    assert cut.program(cost=cost).solve().objective == pytest.approx(0.25)
    assert cut.program(cost=cost, integer=True).solve().objective == pytest.approx(1)
    assert polytope.without(np.array([True, False])).program(cost=cost).solve().objective == pytest.approx(0)
    assert repr(cut).endswith("1 cuts)")


def test_a_monitor_reports_until_it_is_told_to_stop() -> None:
    seen: list[Progress] = []
    cancelled = threading.Event()
    monitor = Monitor(seen.append, cancelled)
    monitor.report("tickets", bound=0.5, deviation=0.25, panels=3, total=9)
    assert seen == [Progress("tickets", 0.5, 0.25, 3, 9)]
    monitor.check()
    assert not monitor.is_cancelled
    cancelled.set()
    assert monitor.is_cancelled
    with pytest.raises(CancelledError, match="nothing was written"):
        monitor.report("tickets")
    assert len(seen) == 1
    Monitor().report("anything")
