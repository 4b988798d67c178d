"""Small lotteries by brute force, rules, and documents to test the protocol with; no solver needed."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from sortition.lottery import Certificate, Cut, Deviation, Level, Lottery, PortfolioPanel
from sortition.model import Entry, Instance, Quota
from sortition.polytope import Polytope
from sortition.protocol.canonical import canonical_bytes
from sortition.protocol.commit import Commitment, commit
from sortition.protocol.documents import LoadedDocument
from sortition.protocol.draw_rule import DrawRule, ReplacementRule, Source

NOW = datetime(2031, 1, 1, 12, tzinfo=UTC)
MOMENT = datetime(2031, 3, 14, 18, tzinfo=UTC)
AFTER = MOMENT + timedelta(minutes=5)
LATER = [datetime(2031, month, 9, 12, tzinfo=UTC) for month in (4, 5, 6)]

PUBLIC_VALUE = Source(
    kind="public_value",
    source="The beacon's first round after the moment.",
    format="32 characters 0–9 and a–f.",
    fallback="The next round.",
    pattern="[0-9a-f]{32}",
    entropy_bits=128,
)


def pool() -> Instance:
    """Twelve people; Diversa is the only one of her gender, two households have two registrants each."""
    rows = [
        ("01", "female", "north", None),
        ("02", "female", "north", "Meier, Am Markt 1"),
        ("03", "female", "south", None),
        ("04", "female", "south", None),
        ("05", "female", "south", "Schulz, Südweg 2"),
        ("06", "male", "north", "Meier, Am Markt 1"),
        ("07", "male", "north", None),
        ("08", "male", "north", None),
        ("09", "male", "south", None),
        ("10", "male", "south", "Schulz, Südweg 2"),
        ("11", "male", "south", "Alone, Südweg 3"),
        ("12", "diverse", "north", None),
    ]
    return Instance(
        entries=tuple(Entry(i, {"gender": g, "area": a}, h) for i, g, a, h in rows),
        quotas={
            "gender": {"female": Quota(1, 2), "male": Quota(1, 2, 0, 3), "diverse": Quota(0, 1)},
            "area": {"north": Quota(2, 2), "south": Quota(2, 2)},
        },
        size=4,
    )


def lottery_of(instance: Instance, *, tickets: int = 10, parent: str | None = None, seed: int = 0) -> Lottery:
    """Return a lottery over some class panels of a small instance, dealt so that equals differ by one ticket."""
    polytope = Polytope.of(instance)
    bounds = [range(int(low), int(high) + 1) for low, high in zip(polytope.lower, polytope.upper, strict=True)]
    feasible = (np.array(counts) for counts in itertools.product(*bounds) if sum(counts) == instance.size)
    panels = [counts for counts in feasible if polytope.contains_panel(counts)]
    rng = np.random.default_rng(seed)
    chosen = [panels[i] for i in rng.permutation(len(panels))[: min(tickets, len(panels))]]
    drawn = [chosen[number % len(chosen)] for number in range(tickets)]
    ideal_counts = sum(chosen[i] * drawn_times(i, len(chosen), tickets) for i in range(len(chosen))) / tickets
    turns = [itertools.cycle(rng.permutation(members)) for members in polytope.members]
    lists = [sorted(int(next(turns[c])) for c, seats in enumerate(counts) for _ in range(seats)) for counts in drawn]
    times = np.bincount(np.ravel(lists), minlength=len(instance.entries))
    ideal = (ideal_counts / polytope.multiplicity)[polytope.class_of]
    difference = ideal - times / tickets
    deviation = Deviation(float(max(difference.max(), 0)), float(max(-difference.min(), 0)))
    return Lottery(
        instance=instance,
        objective="leximin",
        class_of=polytope.class_of,
        ideal_probability=ideal,
        selection_probability=times / tickets,
        portfolio=tuple(
            PortfolioPanel(
                drawn_times(i, len(chosen), tickets) / tickets, {c: int(n) for c, n in enumerate(counts) if n}
            )
            for i, counts in enumerate(chosen)
        ),
        tickets=np.array(lists),
        certificate=Certificate(
            proven=False,  # the levels and cuts below are there to be stored and hashed; they prove nothing
            proof="none",
            tolerance=1e-6,
            gap=0.25,
            portfolio=Deviation(0.0, 1e-9),
            tickets=deviation,
            levels=(Level(0.25, (0, 1), {0: 0.5, 1: 0.5}, {0: -0.125, 3: 1 / 3}), Level(0.5, (2,), {2: 1.0}, {}, 0.75)),
            cuts=(Cut({0: 1.0, 2: 0.5}, 1.5),),
        ),
        unreachable=frozenset(np.flatnonzero(ideal == 0).tolist()),
        parent=parent,
    )


def drawn_times(panel: int, panels: int, tickets: int) -> int:
    """Return how often a panel comes up when `tickets` are filled with `panels` in turn."""
    return tickets // panels + (panel < tickets % panels)


def rule(*, tickets: int = 10, replacements: bool = False, source: Source | None = None) -> DrawRule:
    """Return a rule that draws as many digits as fit, unless another source is given."""
    digits = Source(
        kind="digits",
        digits=len(str(tickets - 1)),
        source="An urn with ten balls in the council's hall.",
        format="The digits in the order drawn.",
        fallback="The next public session.",
    )
    return DrawRule(
        assembly="Citizens' assembly on “heat”",
        title="Draw of the members",
        language="de",
        moment=MOMENT,
        draw=source or digits,
        publication="https://city.example/lottery",
        replacements=ReplacementRule(PUBLIC_VALUE, tuple(LATER), ("area", "gender")) if replacements else None,
    )


def fixed_bytes(seed: str = "vector") -> Callable[[int], bytes]:
    """Return a source of bytes that are always the same: SHAKE-256 of the seed and a counter."""
    counter = itertools.count()
    return lambda size: hashlib.shake_256(f"{seed}/{next(counter)}".encode()).digest(size)


def committed(
    instance: Instance | None = None, *, tickets: int = 10, source: Source | None = None, replacements: bool = False
) -> Commitment:
    """Return the commitment of a small lottery."""
    lottery = lottery_of(instance or pool(), tickets=tickets)
    return commit(lottery, rule(tickets=tickets, source=source, replacements=replacements), now=NOW)


def loaded(*documents: object) -> list[LoadedDocument]:
    """Return documents as if read from files, names by their format."""
    return [
        LoadedDocument(d["format"] if isinstance(d, dict) else "lottery.json", d)  # type: ignore[arg-type]  # tests handle documents loosely
        for d in documents
    ]


def content(document: object) -> bytes:
    """Return the canonical bytes of a document."""
    return canonical_bytes(document)  # type: ignore[arg-type]  # tests handle documents loosely
