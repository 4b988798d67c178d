"""What a solved lottery is like, recomputed from its tickets: rules met, fairness, who is held down by what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from scipy import sparse

from sortition.arrays import BoolArray, FloatArray
from sortition.lottery import Level, Lottery
from sortition.message import Message, marked
from sortition.model import Instance
from sortition.polytope import Polytope, RowLabel

FAR_BELOW = 0.5
"""A chance below this share of the mean one is shown together with the quotas that hold it down."""
NEGLIGIBLE = 1e-3
"""A multiplier below this share of its level's largest one is not worth a sentence."""
SUM_TOLERANCE = 1e-9
"""Rounding of a sum of probabilities, relative to the panel's size."""

Pair: TypeAlias = tuple[str, str, str, str]
"""Feature and value, and another feature and value."""


@dataclass(frozen=True, slots=True)
class Fairness:
    """Figures of the chances of all who can be drawn but are not settled beforehand."""

    smallest: float
    largest: float
    mean: float
    geometric_mean: float
    gini: float

    @classmethod
    def of(cls, chances: FloatArray) -> Fairness:
        """Compute the figures of chances (E,), which are all 0 if there are none."""
        if not chances.size:
            return cls(0.0, 0.0, 0.0, 0.0, 0.0)
        count, total = len(chances), float(chances.sum())
        ranks = 2 * np.arange(1, count + 1) - count - 1
        gini = float(ranks @ np.sort(chances)) / (count * total) if total else 0.0
        with np.errstate(divide="ignore"):
            geometric = float(np.exp(np.log(chances).mean()))
        return cls(float(chances.min()), float(chances.max()), total / count, geometric, gini)


@dataclass(frozen=True, slots=True)
class Reason:
    """A quota, household rule or cut that a proof's multiplier names, how much it weighs, and a sentence about it."""

    label: RowLabel | None
    multiplier: float
    message: Message


@dataclass(frozen=True, slots=True)
class HeldDown:
    """How many persons have far less than the mean chance for the same reasons, and the smallest of their chances.

    `entries` are positions in `instance.entries`. `reasons` are empty if the certificate has no multipliers for them.
    """

    entries: tuple[int, ...]
    probability: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PairShare:
    """The share of two values together: in the pool, expected on the panel, in the population if known."""

    pair: Pair
    pool: float
    panel: float
    population: float | None


@dataclass(frozen=True, slots=True)
class Properties:
    """What a lottery is like. All but `ideal` is recomputed from the tickets, not read off the lottery.

    `equals_within_one_ticket`: no two entries of a class differ by more than one ticket. `bad_tickets` counts the
    tickets that break any rule; with `chances_match_tickets` the stated chances are those of the tickets.
    `without_ticket` counts the persons to whom the portfolio gives a chance, but who stand on no ticket: it was too
    small for so few tickets.
    """

    tickets: int
    seats_filled: bool
    quotas_met: bool
    households_met: bool
    settled_seats_met: bool
    bad_tickets: int
    chances_match_tickets: bool
    chances_sum_to_size: bool
    equals_within_one_ticket: bool
    without_ticket: int
    ideal: Fairness
    drawn: Fairness
    held_down: tuple[HeldDown, ...]
    pairs: tuple[PairShare, ...]

    @property
    def all_rules_met(self) -> bool:
        """Whether every ticket is a panel and every stated chance is that of the tickets."""
        return not self.bad_tickets and self.chances_match_tickets and self.chances_sum_to_size

    def to_json(self) -> dict[str, Any]:
        """Return plain dictionaries, lists, numbers and English sentences; entries only as their number."""
        held = [
            {
                "entries": len(group.entries),
                "probability": group.probability,
                "reasons": [
                    {
                        "kind": "cut" if reason.label is None else reason.label.kind,
                        "key": [] if reason.label is None else list(reason.label.key),
                        "multiplier": reason.multiplier,
                        "text": str(reason.message),
                    }
                    for reason in group.reasons
                ],
            }
            for group in self.held_down
        ]
        plain = {name: getattr(self, name) for name in _RULES}
        pairs = [asdict(pair) | {"pair": list(pair.pair)} for pair in self.pairs]
        return plain | {
            "tickets": self.tickets,
            "bad_tickets": self.bad_tickets,
            "without_ticket": self.without_ticket,
            "ideal": asdict(self.ideal),
            "drawn": asdict(self.drawn),
            "held_down": held,
            "pairs": pairs,
        }


_RULES = {
    "seats_filled": "Every ticket fills every seat",
    "quotas_met": "Every ticket meets every quota",
    "households_met": "At most one member per household on every ticket",
    "settled_seats_met": "Seats settled beforehand are kept on every ticket",
    "chances_match_tickets": "The stated chances are those of the tickets",
    "chances_sum_to_size": "The chances sum to the number of seats",
    "equals_within_one_ticket": "Equals are within one ticket of each other",
}


def properties(lottery: Lottery, *, population: Mapping[Pair, float] | None = None) -> Properties:
    """Recompute a lottery's properties from its tickets.

    `population` {(feature, value, feature, value): share in [0, 1]} is shown next to the shares of pool and panel,
    features in the order of the quotas.
    """
    instance, entries = lottery.instance, len(lottery.instance.entries)
    tickets = lottery.tickets
    seats = np.ones(tickets.size)
    sits = sparse.csr_matrix(
        (seats, tickets.ravel(), np.arange(0, tickets.size + 1, tickets.shape[1])), shape=(len(tickets), entries)
    )
    times = np.bincount(tickets.ravel(), minlength=entries)
    chances = times / len(tickets)
    checks = {
        "seats_filled": (np.diff(np.sort(tickets, axis=1), axis=1) > 0).all(axis=1)
        & (tickets.shape[1] == instance.size),
        "quotas_met": _quotas_met(instance, sits),
        "households_met": _households_met(instance, sits),
        "settled_seats_met": _settled_seats_met(instance, sits),
    }
    drawable = _drawable(lottery)
    return Properties(
        tickets=len(tickets),
        **{name: bool(check.all()) for name, check in checks.items()},
        bad_tickets=int((~np.logical_and.reduce(list(checks.values()))).sum()),
        chances_match_tickets=bool(np.allclose(chances, lottery.selection_probability, rtol=0, atol=SUM_TOLERANCE)),
        chances_sum_to_size=bool(
            abs(lottery.selection_probability.sum() - instance.size) <= SUM_TOLERANCE * instance.size
        ),
        equals_within_one_ticket=_equals_within_one(lottery, times),
        without_ticket=int(np.count_nonzero(drawable & (lottery.ideal_probability > 0) & (times == 0))),
        ideal=Fairness.of(lottery.ideal_probability[drawable]),
        drawn=Fairness.of(chances[drawable]),
        held_down=_held_down(lottery, drawable),
        pairs=_pairs(instance, chances, population or {}),
    )


def _drawable(lottery: Lottery) -> BoolArray:
    settled = lottery.instance.required | lottery.instance.excluded
    return np.array(
        [e.id not in settled and i not in lottery.unreachable for i, e in enumerate(lottery.instance.entries)]
    )


def _holds(instance: Instance, feature: str, value: str) -> FloatArray:
    return np.array([float(entry.values[feature] == value) for entry in instance.entries])


def _quotas_met(instance: Instance, sits: sparse.csr_matrix) -> BoolArray:
    met = np.ones(sits.shape[0], dtype=bool)
    for feature, quotas in instance.quotas.items():
        for value, quota in quotas.items():
            members = sits @ _holds(instance, feature, value)
            met &= (members >= quota.lower) & (members <= quota.upper)
    return met


def _households_met(instance: Instance, sits: sparse.csr_matrix) -> BoolArray:
    numbers: dict[str, int] = {}
    rows = [
        (i, numbers.setdefault(e.household, len(numbers)))
        for i, e in enumerate(instance.entries)
        if e.household is not None
    ]
    if not rows:
        return np.ones(sits.shape[0], dtype=bool)
    positions, homes = np.array(rows).T
    lives = sparse.csr_matrix((np.ones(len(rows)), (positions, homes)), shape=(len(instance.entries), len(numbers)))
    together = sparse.csr_matrix(sits @ lives)
    crowded = np.zeros(sits.shape[0], dtype=bool)
    crowded[np.repeat(np.arange(sits.shape[0]), np.diff(together.indptr))[together.data > 1]] = True
    return ~crowded


def _settled_seats_met(instance: Instance, sits: sparse.csr_matrix) -> BoolArray:
    required = np.array([float(e.id in instance.required) for e in instance.entries])
    excluded = np.array([float(e.id in instance.excluded) for e in instance.entries])
    met: BoolArray = (sits @ required >= required.sum()) & (sits @ excluded == 0)
    return met


def _equals_within_one(lottery: Lottery, times: Any) -> bool:
    classes = int(lottery.class_of.max(initial=-1)) + 1
    most, least = np.zeros(classes, dtype=np.int64), np.full(classes, len(lottery.tickets))
    np.maximum.at(most, lottery.class_of, times)
    np.minimum.at(least, lottery.class_of, times)
    return bool((most - least <= 1).all())


def _held_down(lottery: Lottery, drawable: BoolArray) -> tuple[HeldDown, ...]:
    """Group the entries far below the mean by the rows that the certificate's levels name for their class."""
    ideal = lottery.ideal_probability
    mean = ideal[drawable].mean() if drawable.any() else 0.0
    low = np.flatnonzero(drawable & (ideal < FAR_BELOW * mean))
    if not low.size:
        return ()
    polytope = Polytope.of(lottery.instance)
    level_of: dict[int, Level] = {}
    for level in reversed(lottery.certificate.levels):
        level_of.update(dict.fromkeys(level.classes, level))
    groups: dict[tuple[tuple[int, float], ...], list[int]] = {}
    for number in np.unique(lottery.class_of[low]):
        members = low[lottery.class_of[low] == number]
        rows = _rows_against(lottery, polytope, level_of[number], int(number)) if number in level_of else ()
        groups.setdefault(rows, []).extend(int(position) for position in members)
    found = [
        HeldDown(tuple(group), float(ideal[group].min()), tuple(_reason(polytope, row, y) for row, y in rows))
        for rows, group in groups.items()
    ]
    return tuple(sorted(found, key=lambda group: (group.probability, group.entries)))


def _rows_against(lottery: Lottery, polytope: Polytope, level: Level, number: int) -> tuple[tuple[int, float], ...]:
    """Read off a level's multipliers which rows limit a class, and how much they weigh, the heaviest first.

    A positive multiplier on a row the class is in says that the row's upper bound keeps it down; a negative one on a
    row it is not in, that the seats which that row's lower bound keeps for others do.
    """
    largest = max((abs(y) for y in level.row_multipliers.values()), default=0.0)
    against = []
    for row, multiplier in level.row_multipliers.items():
        if row < len(polytope.labels):
            counts, inside = polytope.labels[row].kind != "size", polytope.rows[row, number] > 0
        else:
            counts, inside = True, lottery.certificate.cuts[row - len(polytope.labels)].coefficients.get(number, 0) > 0
        if counts and (multiplier > 0) == inside and abs(multiplier) >= NEGLIGIBLE * largest:
            against.append((row, multiplier))
    return tuple(sorted(against, key=lambda pair: (-abs(pair[1]), pair[0])))


def _reason(polytope: Polytope, row: int, multiplier: float) -> Reason:
    if row >= len(polytope.labels):
        text = marked("Several quotas together leave no more room, although none does alone.")
        return Reason(None, multiplier, Message(text))
    label = polytope.labels[row]
    if label.kind == "household":
        return Reason(label, multiplier, Message("Only one member of a household may sit on the panel."))
    feature, value = label.key
    quota = polytope.instance.quotas[feature][value]
    facts = {
        "feature": feature,
        "value": value,
        "lower": quota.lower,
        "upper": quota.upper,
        "size": polytope.instance.size,
        "count": int(_holds(polytope.instance, feature, value).sum()),
    }
    upper = marked("At most {upper} of {size} seats may go to {feature} “{value}”, of whom {count} are in the pool.")
    lower = marked(
        "At least {lower} of {size} seats are kept for {feature} “{value}”, of whom {count} are in the pool."
    )
    return Reason(label, multiplier, Message(upper if multiplier > 0 else lower, facts))


def _pairs(instance: Instance, chances: FloatArray, population: Mapping[Pair, float]) -> tuple[PairShare, ...]:
    """Every two values of different features that somebody in the pool has both, or whose population share is known."""
    holds = {(f, v): _holds(instance, f, v) for f, quotas in instance.quotas.items() for v in quotas}
    shares = []
    for (first, one), (second, other) in combinations(holds, 2):
        both = holds[first, one] * holds[second, other]
        pair = (first, one, second, other)
        if first != second and (both.any() or pair in population):
            panel = float(both @ chances) / instance.size
            shares.append(PairShare(pair, float(both.mean()), panel, population.get(pair)))
    return tuple(shares)


def tables(found: Properties, *, pairs: int = 10) -> Group:
    """Render the properties for a terminal; of the pairs, those whose panel share is furthest from the other share.

    The other share is that of the population, or where it is not known, that of the pool.
    """
    checks = Table("Rule", "Met", title=f"{found.tickets} tickets")
    for name, text in _RULES.items():
        checks.add_row(text, "yes" if getattr(found, name) else "no")
    figures = Table("Chance", "ideal", "drawn", title="Fairness")
    for title, name in _FIGURES.items():
        figures.add_row(title, *(f"{getattr(side, name):.6f}" for side in (found.ideal, found.drawn)))
    parts: list[RenderableType] = [checks, figures]
    if found.without_ticket:
        parts.append(
            f"{found.without_ticket} persons have a chance in the portfolio, but stand on no ticket: it is too small "
            f"for {found.tickets} tickets. Solve again with more (--tickets) to give them one."
        )
    if found.held_down:
        held = Table("Persons", "Smallest chance", "What holds them down", title="Far below the mean")
        for group in found.held_down:
            texts = [str(reason.message) for reason in group.reasons] or ["The certificate does not say."]
            held.add_row(str(len(group.entries)), f"{group.probability:.6f}", escape("\n".join(texts)))
        parts.append(held)
    furthest = sorted(found.pairs, key=lambda p: -abs(p.panel - (p.pool if p.population is None else p.population)))
    if furthest and pairs:
        shares = Table("Values together", "Pool", "Panel", "Population", title="Shares of pairs of values")
        for share in furthest[:pairs]:
            first, one, second, other = share.pair
            known = "" if share.population is None else f"{share.population:.1%}"
            shares.add_row(
                escape(f"{first} “{one}”, {second} “{other}”"), f"{share.pool:.1%}", f"{share.panel:.1%}", known
            )
        parts.append(shares)
    return Group(*parts)


_FIGURES = {
    "smallest": "smallest",
    "largest": "largest",
    "mean": "mean",
    "geometric mean": "geometric_mean",
    "Gini coefficient": "gini",
}
