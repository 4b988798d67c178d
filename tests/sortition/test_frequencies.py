"""Who is drawn, over many public values, is who the stated chances say: a statistical test with fixed values."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from scipy.stats import chi2

from sortition.lottery import Lottery
from sortition.model import Entry, Instance, Quota
from sortition.monitor import Monitor
from sortition.protocol.hashes import ticket_of_value
from sortition.solve import solve_lottery

DRAWS = 20_000
SURPRISE = 1e-6
"""The values are fixed, so the test cannot fail by chance from run to run; a wrong draw is far beyond this."""


def unequal_pool() -> Instance:
    """Sixty entries of three districts and two genders, in unequal numbers and with two couples: unequal chances."""
    rng = np.random.default_rng(20)
    districts = rng.choice(["north", "east", "south"], size=60, p=[0.6, 0.3, 0.1])
    genders = rng.choice(["f", "m"], size=60, p=[0.35, 0.65])
    homes = {3: "one", 4: "one", 11: "two", 30: "two"}
    entries = tuple(
        Entry(f"p{i:02d}", {"district": str(d), "gender": str(g)}, homes.get(i))
        for i, (d, g) in enumerate(zip(districts, genders, strict=True))
    )
    quotas = {
        "district": {"north": Quota(3, 5), "east": Quota(3, 4), "south": Quota(2, 3)},
        "gender": {"f": Quota(5, 6), "m": Quota(4, 5)},
    }
    return Instance(entries, quotas, 10)


@pytest.fixture(scope="module")
def lottery() -> Lottery:
    return solve_lottery(unequal_pool(), objective="leximin", tickets=1000, tolerance=1e-6, monitor=Monitor())


@pytest.fixture(scope="module")
def drawn(lottery: Lottery) -> np.ndarray:
    """The tickets that many public values draw under one commitment, by the protocol's own rule."""
    commitment = hashlib.sha256(b"a commitment").hexdigest()
    values = (f"public value {number}" for number in range(DRAWS))
    return np.array([ticket_of_value(commitment, value, len(lottery.tickets)) for value in values])


def chi_square(observed: np.ndarray, expected: np.ndarray) -> float:
    return float(((observed - expected) ** 2 / expected).sum())


def test_every_ticket_is_drawn_equally_often(lottery: Lottery, drawn: np.ndarray) -> None:
    tickets = len(lottery.tickets)
    observed = np.bincount(drawn, minlength=tickets)
    assert chi_square(observed, np.full(tickets, DRAWS / tickets)) < chi2.ppf(1 - SURPRISE, tickets - 1)


def test_persons_are_drawn_as_often_as_their_chances_say(lottery: Lottery, drawn: np.ndarray) -> None:
    """Seats on one ticket depend on each other, so every person is tested alone, at a level shared by all."""
    chances = lottery.selection_probability
    seats = np.bincount(lottery.tickets[drawn].ravel(), minlength=len(chances))
    uncertain = (chances > 0) & (chances < 1)
    assert (seats[chances == 0] == 0).all()
    assert (seats[chances == 1] == DRAWS).all()
    stated = chances[uncertain]
    deviation = (seats[uncertain] - DRAWS * stated) / np.sqrt(DRAWS * stated * (1 - stated))
    assert (deviation**2).max() < chi2.ppf(1 - SURPRISE / uncertain.sum(), 1)


def test_chances_differ_so_that_the_test_can_fail(lottery: Lottery, drawn: np.ndarray) -> None:
    """The same counts held against equal chances are far off."""
    chances = lottery.selection_probability
    seats = np.bincount(lottery.tickets[drawn].ravel(), minlength=len(chances))
    equal = np.full(len(chances), DRAWS * lottery.instance.size / len(chances))
    assert chi_square(seats, equal) > 100 * chi2.ppf(1 - SURPRISE, len(chances) - 1)


def test_pairs_sit_together_as_often_as_the_tickets_say(lottery: Lottery, drawn: np.ndarray) -> None:
    """Who sits together is part of what is promised: households never do, and everyone else as on the tickets."""
    entries = len(lottery.instance.entries)
    sits = np.zeros((len(lottery.tickets), entries))
    np.put_along_axis(sits, lottery.tickets, 1.0, axis=1)
    stated = sits.T @ sits / len(lottery.tickets)
    seen = sits[drawn].T @ sits[drawn]
    possible = np.triu((stated > 0) & (stated < 1), 1)
    assert (seen[stated == 0] == 0).all()
    deviation = (seen - DRAWS * stated)[possible] / np.sqrt(DRAWS * (stated * (1 - stated))[possible])
    # A rare pair is Poisson, not normal: its tail is fatter, so the level is that of the square root of the surprise.
    assert (deviation**2).max() < 2 * chi2.ppf(1 - SURPRISE / possible.sum(), 1)
