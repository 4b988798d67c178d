"""The sentences about rules, in words an organiser uses; feature and value names and counts only, never a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sortition.feasibility.rules import Rule, quota_of
from sortition.message import Message
from sortition.model import Instance


def label(feature: str, value: str) -> Message:
    """Name a value together with its feature."""
    return Message("{feature} “{value}”", {"feature": feature, "value": value})


def counted(count: int, one: str, many: str) -> Message:
    """Return `one` for 1 and `many`, with the placeholder {count}, otherwise, so that both can be translated."""
    return Message(one if count == 1 else many, {"count": count})


def seats(count: int) -> Message:
    """Name a number of seats."""
    return counted(count, "1 seat", "{count} seats")


def members(count: int) -> Message:
    """Name a number of members."""
    return counted(count, "1 member", "{count} members")


def registered(count: int) -> Message:
    """Say how many people are registered."""
    return counted(count, "1 person is registered", "{count} people are registered")


def households(count: int) -> Message:
    """Name a number of households."""
    return counted(count, "1 household", "{count} households")


def describe(instance: Instance, rule: Rule) -> Message:
    """Say one rule as a sentence, with the counts that matter for it."""
    return _DESCRIPTIONS[rule.kind](instance, rule)


def _lower(instance: Instance, rule: Rule) -> Message:
    count = sum(
        entry.values[rule.feature] == rule.value for entry in instance.entries if entry.id not in instance.excluded
    )
    return Message(
        "{label} needs at least {members}; {registered}.",
        {
            "label": label(rule.feature, rule.value),
            "members": members(quota_of(instance, rule).lower),
            "registered": registered(count),
        },
    )


def _upper(instance: Instance, rule: Rule) -> Message:
    return Message(
        "{label} may have at most {members}.",
        {"label": label(rule.feature, rule.value), "members": members(quota_of(instance, rule).upper)},
    )


def _household(instance: Instance, _: Rule) -> Message:
    sizes = Counter(entry.household for entry in instance.entries if entry.household is not None)
    shared = [size for size in sizes.values() if size > 1]
    return Message(
        "A household may have at most one member; {people} share {households}.",
        {"people": counted(sum(shared), "1 person", "{count} people"), "households": households(len(shared))},
    )


def _required(instance: Instance, _: Rule) -> Message:
    return counted(len(instance.required), "1 seat is already given.", "{count} seats are already given.")


def _excluded(instance: Instance, _: Rule) -> Message:
    return counted(
        len(instance.excluded),
        "1 registered person must not be drawn.",
        "{count} registered people must not be drawn.",
    )


_DESCRIPTIONS: dict[str, Callable[[Instance, Rule], Message]] = {
    "lower": _lower,
    "upper": _upper,
    "household": _household,
    "required": _required,
    "excluded": _excluded,
}
