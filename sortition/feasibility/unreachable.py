"""Who can never be selected although a panel exists, why, and what would let them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sortition.arrays import BoolArray
from sortition.feasibility.conflicts import Conflict, explain
from sortition.feasibility.relaxations import Change, Relaxation, find_relaxations
from sortition.feasibility.rules import Rule, RuleBook, minimal_conflict, quota_of
from sortition.feasibility.wording import counted, label
from sortition.message import Message, listed
from sortition.model import Instance
from sortition.monitor import Monitor
from sortition.polytope import Polytope

GROUP_LIMIT = 12
"""Groups explained at most; the rest is counted."""


@dataclass(frozen=True, slots=True)
class UnreachableGroup:
    """People no panel contains: all who have the values `profile`, or one person, where `profile` is empty.

    `count` of them are registered. `conflict` is minimal given that one of them sits. `changes` are the single
    changes of a quota of which each lets one of them in; `relaxation`, where there are none, the smallest of several
    together (None if no change of quotas helps).
    """

    profile: Mapping[str, str]
    count: int
    conflict: Conflict
    changes: tuple[Change, ...]
    relaxation: Relaxation | None

    @property
    def message(self) -> Message:
        """Who they are."""
        people = counted(self.count, "1 person is registered", "{count} people are registered")
        if not self.profile:
            return Message("One person who shares a household can never be selected.", {})
        names = listed([label(feature, value) for feature, value in self.profile.items()])
        return Message("Nobody with {values} can be selected ({people}).", {"values": names, "people": people})


def explain_unreachable(
    polytope: Polytope, reachable: BoolArray, *, monitor: Monitor | None = None
) -> tuple[tuple[UnreachableGroup, ...], int]:
    """Explain the classes that `reachable` (C,) does not mark; also return how many people are left unexplained.

    People excluded on purpose are not explained. Values that make no difference are dropped from the profile, one
    after the other, as long as nobody with the others can be selected; so one group covers many classes, and says no
    more about anyone than needed.
    """
    excluded = polytope.upper == 0
    remaining = ~reachable & ~excluded
    groups: list[UnreachableGroup] = []
    while remaining.any() and len(groups) < GROUP_LIMIT:
        if monitor is not None:
            monitor.report("unreachable", panels=len(groups), total=GROUP_LIMIT)
        number = int(np.flatnonzero(remaining)[0])
        profile = _profile(polytope, number, reachable)
        present = _holders(polytope, profile) if profile else np.arange(len(remaining)) == number
        groups.append(_explain(polytope, profile, present & ~excluded, monitor))
        remaining &= ~present
    return tuple(groups), int(polytope.multiplicity[remaining].sum())


def _profile(polytope: Polytope, number: int, reachable: BoolArray) -> dict[str, str]:
    """Return as few of the values of a class as possible such that nobody with them can be selected; {} if none.

    One value, if one is enough; otherwise values are left out one after the other.
    """
    values = polytope.instance.entries[polytope.members[number][0]].values
    profile = {feature: values[feature] for feature in polytope.instance.quotas}
    if (_holders(polytope, profile) & reachable).any():
        return {}
    for feature, value in profile.items():
        if not (_holders(polytope, {feature: value}) & reachable).any():
            return {feature: value}
    for feature in list(profile):
        rest = {name: value for name, value in profile.items() if name != feature}
        if not (_holders(polytope, rest) & reachable).any():
            profile = rest
    return profile


def _holders(polytope: Polytope, profile: Mapping[str, str]) -> BoolArray:
    """Return which classes have all these values, shape (C,)."""
    first = [polytope.instance.entries[positions[0]].values for positions in polytope.members]
    return np.array([all(values[f] == value for f, value in profile.items()) for values in first], dtype=bool)


def _explain(
    polytope: Polytope, profile: Mapping[str, str], present: BoolArray, monitor: Monitor | None
) -> UnreachableGroup:
    book = RuleBook(polytope, present=present, monitor=monitor)
    # Rules that come first are dropped first; that a value may have no member at all is the plainest reason, so last.
    candidates = sorted(
        book.rules, key=lambda rule: rule.kind == "upper" and quota_of(polytope.instance, rule).upper == 0
    )
    rules = minimal_conflict(book, candidates) or ()
    changes = [change for rule in rules if rule.is_quota and (change := _single_change(book, rule)) is not None]
    found = () if changes else find_relaxations(polytope, limit=1, present=present, monitor=monitor)
    sits = Message("One of these people is on the panel.") if profile else Message("This person is on the panel.")
    return UnreachableGroup(
        profile=dict(profile),
        count=int(polytope.multiplicity[present].sum()),
        conflict=explain(book, rules, given=[sits]),
        changes=tuple(changes),
        relaxation=found[0] if found else None,
    )


def _single_change(book: RuleBook, rule: Rule) -> Change | None:
    """Return the smallest change of this one quota that lets them in while all other rules hold; None if none does.

    Only a quota of the conflict can do it: without changing one of these, the conflict stays.
    """
    others = [other for other in book.rules if other != rule]
    if not book.is_feasible(others):
        return None
    return _to(book.polytope.instance, rule, book.nearest(rule, others))


def _to(instance: Instance, rule: Rule, new: int) -> Change:
    quota = quota_of(instance, rule)
    if rule.kind == "lower":
        flex = quota.lower_flex or 0
        return Change(rule.feature, rule.value, "lower", quota.lower, new, beyond_flex=new < flex)
    flex = instance.size if quota.upper_flex is None else quota.upper_flex
    return Change(rule.feature, rule.value, "upper", quota.upper, new, beyond_flex=new > flex)
