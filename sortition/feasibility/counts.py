"""What simple counting already rules out, before any solver is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sortition.feasibility.rules import Rule
from sortition.feasibility.wording import households, label, members, registered, seats
from sortition.message import Message, listed, marked
from sortition.model import Entry, Instance


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason why no panel exists, in one sentence, and the rules it rests on (none: it holds without any)."""

    message: Message
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Supply:
    """How many of some people are registered, how many share a household, and how many can be drawn together."""

    registered: int
    sharing: int
    households: int

    @property
    def drawable(self) -> int:
        """At most one member per household."""
        return self.registered - self.sharing + self.households


def count_problems(instance: Instance) -> tuple[Problem, ...]:
    """Return everything that counting alone shows to be impossible, each with its own sentence.

    The pool (and its households) against the size; the sums of minimums and maximums of every feature against the
    size; registrations of every value against its minimum; seats already given against maximums and households.
    """
    return (*_pool(instance), *_sums(instance), *_minimums(instance), *_fillable(instance), *_settled(instance))


def supply(instance: Instance, feature: str | None = None, value: str | None = None) -> Supply:
    """Count those who may be drawn, all or with one value."""
    sizes = Counter(entry.household for entry in _drawable(instance) if entry.household is not None)
    people = [entry for entry in _drawable(instance) if feature is None or entry.values[feature] == value]
    sharing = [entry.household for entry in people if entry.household is not None and sizes[entry.household] > 1]
    return Supply(len(people), len(sharing), len(set(sharing)))


def _drawable(instance: Instance) -> Iterator[Entry]:
    return (entry for entry in instance.entries if entry.id not in instance.excluded)


def _shortage(count: Supply, need: Message, needed: int) -> Problem | None:
    """Return the sentence that fewer people can be drawn than `needed`; `need` says what needs them."""
    if count.drawable >= needed:
        return None
    rules = () if count.registered < needed else (Rule("household"),)
    if count.drawable == count.registered:
        sentence = marked("{need}, but only {registered}.")
        return Problem(Message(sentence, {"need": need, "registered": registered(count.registered)}), rules)
    sentence = marked("{need}; {registered}, {sharing} of them in {households}, so at most {drawable} can be drawn.")
    facts = {
        "need": need,
        "registered": registered(count.registered),
        "sharing": count.sharing,
        "households": households(count.households),
        "drawable": count.drawable,
    }
    return Problem(Message(sentence, facts), rules)


def _pool(instance: Instance) -> Iterator[Problem]:
    need = Message("The panel has {seats}", {"seats": seats(instance.size)})
    if problem := _shortage(supply(instance), need, instance.size):
        yield problem


def _sums(instance: Instance) -> Iterator[Problem]:
    size = instance.size
    for feature, values in instance.quotas.items():
        least = sum(quota.lower for quota in values.values())
        most = sum(quota.upper for quota in values.values())
        facts = {"feature": feature, "least": least, "most": most, "seats": seats(size)}
        if least > size:
            sentence = marked("{feature}: the minimums add up to {least}, but the panel has only {seats}.")
            rules = tuple(Rule("lower", feature, value) for value, quota in values.items() if quota.lower > 0)
            yield Problem(Message(sentence, facts), rules)
        if most < size:
            sentence = marked("{feature}: the maximums add up to {most}, but the panel has {seats}.")
            rules = tuple(Rule("upper", feature, value) for value in values)
            yield Problem(Message(sentence, facts), rules)


def _minimums(instance: Instance) -> Iterator[Problem]:
    for feature, values in instance.quotas.items():
        for value, quota in values.items():
            need = Message(
                "{label} needs at least {members}",
                {"label": label(feature, value), "members": members(quota.lower)},
            )
            if problem := _shortage(supply(instance, feature, value), need, quota.lower):
                yield Problem(problem.message, (*problem.rules, Rule("lower", feature, value)))


def _fillable(instance: Instance) -> Iterator[Problem]:
    """Maximums that add up to enough seats only on paper, because too few are registered for some of them."""
    for feature, values in instance.quotas.items():
        supplies = {value: supply(instance, feature, value).drawable for value in values}
        fillable = sum(min(quota.upper, supplies[value]) for value, quota in values.items())
        most = sum(quota.upper for quota in values.values())
        if fillable < instance.size <= min(most, sum(supplies.values())):
            scarce = [value for value, quota in values.items() if supplies[value] < quota.upper]
            sentence = marked(
                "{feature}: the maximums and the registrations together fill at most {fillable} of {seats}; "
                "too few people can be drawn for: {scarce}."
            )
            facts = {
                "feature": feature,
                "fillable": fillable,
                "seats": seats(instance.size),
                "scarce": listed([Message("“{value}”", {"value": value}) for value in scarce]),
            }
            rules = [Rule("upper", feature, value) for value in values if value not in scarce]
            yield Problem(Message(sentence, facts), tuple(rules))


def _settled(instance: Instance) -> Iterator[Problem]:
    given = [entry for entry in instance.entries if entry.id in instance.required]
    for feature, values in instance.quotas.items():
        counts = Counter(entry.values[feature] for entry in given)
        for value, quota in values.items():
            if counts[value] > quota.upper:
                sentence = marked("{label} may have at most {members}, but {given} are already given.")
                facts = {
                    "label": label(feature, value),
                    "members": members(quota.upper),
                    "given": seats(counts[value]),
                }
                yield Problem(Message(sentence, facts), (Rule("upper", feature, value), Rule("required")))
    shared = Counter(entry.household for entry in given if entry.household is not None)
    if clashes := sum(count > 1 for count in shared.values()):
        sentence = marked("The seats already given include several from the same household (in {households}).")
        facts = {"households": households(clashes)}
        yield Problem(Message(sentence, facts), (Rule("household"), Rule("required")))
