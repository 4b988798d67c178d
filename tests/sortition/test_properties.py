"""Properties are recomputed from the tickets: broken lotteries show, and figures equal their definitions."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sortition.lottery import Certificate, Cut, Deviation, Level, Lottery
from sortition.model import Entry, Instance, Quota
from sortition.objectives.maximin import maximin
from sortition.polytope import Polytope
from sortition.properties import Fairness, properties, tables

QUOTAS = {"district": {"[north]": Quota(1, 1), "south": Quota(1, 2)}, "gender": {"f": Quota(1, 2), "m": Quota(1, 2)}}
ROWS = ["[north] f", "south f", "south m", "south m", "south f", "south m", "[north] m"]
TICKETS = np.array([[0, 2], [0, 3], [0, 5], [1, 6], [4, 6], [4, 6]])


def instance(**settled: frozenset[str]) -> Instance:
    entries = tuple(
        Entry(f"p{i}", dict(zip(QUOTAS, row.split(), strict=True)), {0: "home", 1: "home"}.get(i))
        for i, row in enumerate(ROWS)
    )
    return Instance(entries, QUOTAS, 2, **settled)


def lottery(tickets: np.ndarray = TICKETS, *, pool: Instance | None = None, levels: tuple[Level, ...] = ()) -> Lottery:
    pool = pool or instance()
    chances = np.bincount(tickets.ravel(), minlength=len(pool.entries)) / len(tickets)
    nothing = Deviation(0.0, 0.0)
    return Lottery(
        instance=pool,
        objective="maximin",
        class_of=Polytope.of(pool).class_of,
        ideal_probability=chances,
        selection_probability=chances,
        portfolio=(),
        tickets=tickets,
        certificate=Certificate(True, "relaxation", 1e-6, 0.0, nothing, nothing, levels),
    )


def broken(ticket: list[int]) -> Lottery:
    """A lottery whose last ticket is another one."""
    return lottery(np.vstack([TICKETS[:-1], [ticket]]))


def test_a_good_lottery_meets_every_rule() -> None:
    found = properties(lottery())
    assert found.all_rules_met
    assert (found.tickets, found.bad_tickets) == (6, 0)
    assert found.seats_filled
    assert found.quotas_met
    assert found.households_met
    assert found.settled_seats_met
    assert found.chances_match_tickets
    assert found.chances_sum_to_size


def test_a_broken_quota_shows() -> None:
    found = properties(broken([4, 5]))
    assert (found.quotas_met, found.households_met, found.bad_tickets, found.all_rules_met) == (False, True, 1, False)


def test_a_household_on_one_ticket_shows() -> None:
    found = properties(broken([0, 1]))
    assert (found.households_met, found.bad_tickets) == (False, 1)


def test_a_person_in_two_seats_shows() -> None:
    found = properties(broken([6, 6]))
    assert (found.seats_filled, found.bad_tickets) == (False, 1)


def test_a_missing_seat_shows() -> None:
    found = properties(lottery(np.array([[0], [6]])))
    assert (found.seats_filled, found.chances_sum_to_size, found.bad_tickets) == (False, False, 2)


def test_settled_seats_that_are_not_kept_show() -> None:
    required = properties(lottery(pool=instance(required=frozenset({"p6"}))))
    excluded = properties(lottery(pool=instance(excluded=frozenset({"p6"}))))
    assert (required.settled_seats_met, required.bad_tickets) == (False, 3)
    assert (excluded.settled_seats_met, excluded.bad_tickets) == (False, 3)


def test_stated_chances_that_are_not_those_of_the_tickets_show() -> None:
    good = lottery()
    chances = good.selection_probability.copy()
    chances[:2] += [0.1, -0.1]
    found = properties(replace(good, selection_probability=chances))
    assert (found.chances_match_tickets, found.chances_sum_to_size, found.all_rules_met) == (False, True, False)
    assert found.drawn == properties(good).drawn


def test_equals_are_compared_within_their_class() -> None:
    """Entries 2, 3 and 5 are equals: one ticket each is fair, two for one of them and none for another is not."""
    assert properties(lottery()).equals_within_one_ticket
    assert not properties(lottery(np.array([[0, 2], [0, 2], [4, 6]]))).equals_within_one_ticket


def test_persons_with_a_chance_but_without_a_ticket_are_counted() -> None:
    """The portfolio gives all of them a chance; the unreachable and settled ones need no ticket."""
    made = replace(lottery(np.array([[0, 2], [0, 2], [4, 6]])), ideal_probability=np.full(7, 2 / 7))
    found = properties(made)
    assert (found.without_ticket, found.to_json()["without_ticket"]) == (3, 3)
    assert "3 persons have a chance in the portfolio, but stand on no ticket" in rendered(tables(found))
    assert properties(replace(made, unreachable=frozenset({1}))).without_ticket == 2
    assert properties(lottery()).without_ticket == 0
    assert "stand on no ticket" not in rendered(tables(properties(lottery())))
    nothing = replace(made, ideal_probability=made.selection_probability)
    assert properties(nothing).without_ticket == 0


def test_figures_are_about_those_who_can_be_drawn() -> None:
    whole, part = properties(lottery()), properties(replace(lottery(), unreachable=frozenset({1, 2, 3, 5})))
    assert whole.drawn.smallest == pytest.approx(1 / 6)
    assert (part.drawn.smallest, part.drawn.largest) == pytest.approx((1 / 3, 1 / 2))
    assert properties(replace(lottery(), unreachable=frozenset(range(7)))).drawn == Fairness(0, 0, 0, 0, 0)


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=20))
def test_fairness_figures_equal_their_definitions(values: list[float]) -> None:
    chances = np.array(values)
    found = Fairness.of(chances)
    differences = np.abs(chances[:, None] - chances).sum() / (2 * len(chances) ** 2 * chances.mean())
    assert found.gini == pytest.approx(differences, abs=1e-12)
    assert found.geometric_mean == pytest.approx(np.prod(chances ** (1 / len(chances))))
    assert (found.smallest, found.largest) == (min(values), max(values))
    assert found.mean == pytest.approx(chances.mean())


def test_no_chance_at_all_makes_the_geometric_mean_zero() -> None:
    assert Fairness.of(np.array([0.0, 1.0])).geometric_mean == 0
    assert Fairness.of(np.zeros(3)) == Fairness(0, 0, 0, 0, 0)


def crowded() -> Lottery:
    """Twelve of “many” compete for one seat, two of “few” have two; the chances are the ideal ones."""
    quotas = {"kind": {"few": Quota(2, 2), "many": Quota(0, 1)}}
    entries = tuple(Entry(f"p{i:02d}", {"kind": "few" if i < 2 else "many"}) for i in range(14))
    pool = Instance(entries, quotas, 3)
    marginals = maximin(Polytope.of(pool))
    made = lottery(np.array([[0, 1, 2 + i] for i in range(12)]), pool=pool, levels=marginals.levels)
    return replace(made, ideal_probability=marginals.probabilities[made.class_of])


def test_who_is_held_down_and_by_what() -> None:
    (group,) = properties(crowded()).held_down
    assert group.entries == tuple(range(2, 14))
    assert group.probability == pytest.approx(1 / 12)
    (reason,) = group.reasons
    assert str(reason.message) in {
        "At most 1 of 3 seats may go to kind “many”, of whom 12 are in the pool.",
        "At least 2 of 3 seats are kept for kind “few”, of whom 2 are in the pool.",
    }
    assert reason.label is not None
    assert reason.label.kind == "quota"


@pytest.mark.parametrize(
    ("row", "multiplier", "sentences"),
    [
        (1, -1.0, ["At least 2 of 3 seats are kept for kind “few”, of whom 2 are in the pool."]),
        (1, 1.0, []),
        (2, 1.0, ["At most 1 of 3 seats may go to kind “many”, of whom 12 are in the pool."]),
        (2, -1.0, []),
        (0, 1.0, []),
        (3, 1.0, ["Several quotas together leave no more room, although none does alone."]),
    ],
)
def test_sign_and_row_decide_what_is_a_reason(row: int, multiplier: float, sentences: list[str]) -> None:
    level = Level(1 / 12, (1,), {1: 1 / 12}, {row: multiplier})
    made = crowded()
    certificate = replace(made.certificate, levels=(level,), cuts=(Cut({1: 1.0}, 1.0),))
    (group,) = properties(replace(made, certificate=certificate)).held_down
    assert [str(reason.message) for reason in group.reasons] == sentences


def test_household_is_a_reason() -> None:
    made = lottery()
    number = int(made.class_of[1])
    polytope = Polytope.of(made.instance)
    row = next(r for r, label in enumerate(polytope.labels) if label.kind == "household")
    level = Level(0.05, (number,), {number: 1.0}, {row: 1.0})
    ideal = np.array([0.5, 0.05, 0.25, 0.25, 0.45, 0.25, 0.25])
    certificate = replace(made.certificate, levels=(level,))
    (group,) = properties(replace(made, ideal_probability=ideal, certificate=certificate)).held_down
    assert [str(reason.message) for reason in group.reasons] == ["Only one member of a household may sit on the panel."]


def test_without_a_proof_nobody_is_explained() -> None:
    made = crowded()
    (group,) = properties(replace(made, certificate=replace(made.certificate, levels=()))).held_down
    assert group.reasons == ()


def test_pairs_of_values() -> None:
    population = {("district", "south", "gender", "f"): 0.3, ("district", "[north]", "gender", "x"): 0.1}
    found = {share.pair: share for share in properties(lottery(), population=population).pairs}
    share = found["district", "south", "gender", "f"]
    assert (share.pool, share.panel, share.population) == pytest.approx((2 / 7, 3 / 12, 0.3))
    assert found["district", "[north]", "gender", "f"].population is None
    assert len(found) == 4
    assert sum(s.panel for s in found.values()) == pytest.approx(1)


def test_json_holds_numbers_and_sentences_but_no_entry() -> None:
    plain = properties(crowded()).to_json()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["quotas_met"] is True
    assert plain["held_down"][0]["entries"] == 12
    assert plain["held_down"][0]["reasons"][0]["kind"] == "quota"
    assert "p02" not in json.dumps(plain)


def rendered(found: object) -> str:
    console = Console(width=160)
    with console.capture() as capture:
        console.print(found)
    return capture.get()


def test_tables_show_rules_figures_reasons_and_pairs() -> None:
    text = rendered(tables(properties(lottery(), population={("district", "[north]", "gender", "f"): 0.6})))
    assert "Every ticket meets every quota" in text
    assert "0.166667" in text
    assert "district “[north]”, gender “f”" in text
    assert "60.0%" in text
    assert "Far below the mean" not in text
    assert "of whom" in rendered(tables(properties(crowded())))
    made = crowded()
    unexplained = replace(made, certificate=replace(made.certificate, levels=()))
    assert "The certificate does not say." in rendered(tables(properties(unexplained)))
    assert "no " in rendered(tables(properties(broken([4, 5]))))
