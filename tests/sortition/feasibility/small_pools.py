"""Small pools whose panels can all be enumerated: the oracle the feasibility package is held against."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator

from hypothesis import strategies as st

from sortition.feasibility import Rule
from sortition.model import Entry, Instance, Quota

Panel = tuple[Entry, ...]


def all_panels(instance: Instance, rules: Collection[Rule] | None = None) -> Iterator[Panel]:
    """Every set of `size` entries that obeys the given rules (None: all of them)."""
    for panel in itertools.combinations(instance.entries, instance.size):
        if obeys(instance, panel, rules):
            yield panel


def obeys(instance: Instance, panel: Panel, rules: Collection[Rule] | None = None) -> bool:
    """Plainly, person by person."""

    def on(kind: str, feature: str = "", value: str = "") -> bool:
        return rules is None or Rule(kind, feature, value) in rules  # type: ignore[arg-type]  # any text serves as a kind here

    homes = [entry.household for entry in panel if entry.household is not None]
    ids = {entry.id for entry in panel}
    if on("household") and len(homes) != len(set(homes)):
        return False
    if on("required") and not instance.required <= ids:
        return False
    if on("excluded") and instance.excluded & ids:
        return False
    for feature, values in instance.quotas.items():
        for value, quota in values.items():
            count = sum(entry.values[feature] == value for entry in panel)
            if on("lower", feature, value) and count < quota.lower:
                return False
            if on("upper", feature, value) and count > quota.upper:
                return False
    return True


@st.composite
def instances(draw: st.DrawFn, *, flex: bool = False) -> Instance:
    """Pools of up to nine people with two or three features, narrow quotas, households and settled seats."""
    features = {f"f{n}": [f"v{m}" for m in range(draw(st.integers(2, 3)))] for n in range(draw(st.integers(2, 3)))}
    count = draw(st.integers(3, 9))
    size = draw(st.integers(1, min(4, count)))
    homes = st.one_of(st.none(), st.sampled_from(["a", "b"])) if draw(st.booleans()) else st.none()
    entries = tuple(
        Entry(str(n), {f: draw(st.sampled_from(values)) for f, values in features.items()}, draw(homes))
        for n in range(count)
    )
    quotas = {
        feature: {value: draw(_quotas(size, len(values), flex=flex)) for value in values}
        for feature, values in features.items()
    }
    settled = draw(st.lists(st.sampled_from([entry.id for entry in entries]), unique=True, max_size=2))
    required = frozenset(settled[:1]) if draw(st.booleans()) else frozenset()
    return Instance(entries, quotas, size, required=required, excluded=frozenset(settled[1:]))


@st.composite
def _quotas(draw: st.DrawFn, size: int, values: int, *, flex: bool) -> Quota:
    lower = draw(st.integers(0, -(-size // values)))
    upper = draw(st.integers(max(lower, size // values), size))
    if not flex:
        return Quota(lower, upper)
    lower_flex = draw(st.one_of(st.none(), st.integers(0, lower)))
    upper_flex = draw(st.one_of(st.none(), st.integers(upper, size)))
    return Quota(lower, upper, lower_flex, upper_flex)
