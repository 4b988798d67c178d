"""The solved lottery: ideal chances, portfolio, tickets and certificate, and its file format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sortition.arrays import FloatArray, IntArray
from sortition.model import Instance

FORMAT = "sortition-lottery/1"


@dataclass(frozen=True, slots=True)
class Deviation:
    """The largest amounts by which any person's chance falls short of, and exceeds, the ideal one."""

    shortfall: float
    excess: float

    @property
    def largest(self) -> float:
        """The larger of the two."""
        return max(self.shortfall, self.excess)


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the optimality proof.

    `value` is the smallest chance among `classes`, which are held there; nobody can raise it without lowering an
    earlier level. `class_multipliers` {class: λ ≥ 0} and `row_multipliers` {row: y} are the duals that prove it:
    every panel x has Σ λ_c x_c ≤ bound, either by weak duality over the rows of the polytope (cuts numbered after
    them), or, where `bound` is given, by exact pricing. See `sortition.certificate`.
    """

    value: float
    classes: tuple[int, ...]
    class_multipliers: Mapping[int, float]
    row_multipliers: Mapping[int, float]
    bound: float | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """An inequality Σ coefficients[c]·x_c ≤ upper that holds for every panel, proven by exact pricing."""

    coefficients: Mapping[int, float]
    upper: float


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was proven, by what, and how far portfolio and tickets are from the proven optimum.

    `proof` names the way: the relaxation was tight ("relaxation"), tight after cuts ("cuts"), exact
    pricing level by level ("pricing"), or nothing is proven ("none").
    `gap` is the amount by which the first unproven level could at most be raised; 0 when proven.
    """

    proven: bool
    proof: Literal["relaxation", "cuts", "pricing", "none"]
    tolerance: float
    gap: float
    portfolio: Deviation
    tickets: Deviation
    levels: tuple[Level, ...] = ()
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True, slots=True)
class PortfolioPanel:
    """A class panel, as seats per class, and its probability in the portfolio."""

    probability: float
    counts: Mapping[int, int]


@dataclass(frozen=True, slots=True, repr=False)
class Lottery:
    """A solved instance.

    Shapes, with E entries and m tickets: `class_of` (E,), `ideal_probability` (E,) what the portfolio gives,
    `selection_probability` (E,) what the tickets give; `tickets` (m, size) positions in `instance.entries`,
    ascending within a ticket. `unreachable` are the entries no panel contains. `parent` is the commitment of the
    lottery before this one, for replacements. `rehearsal` says that the solver's seed was chosen by hand instead of
    derived from the inputs, or that the lottery before it was one or was drawn as one; it must not be drawn in earnest.
    """

    instance: Instance
    objective: str
    class_of: IntArray
    ideal_probability: FloatArray
    selection_probability: FloatArray
    portfolio: tuple[PortfolioPanel, ...]
    tickets: IntArray
    certificate: Certificate
    unreachable: frozenset[int] = frozenset()
    parent: str | None = None
    rehearsal: bool = False

    def __repr__(self) -> str:
        return f"Lottery({self.instance!r}, {len(self.tickets)} tickets)"
