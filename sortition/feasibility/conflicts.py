"""Why no panel exists: minimal sets of rules that conflict, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sortition.feasibility.counts import Problem
from sortition.feasibility.rules import Rule, RuleBook, minimal_conflict, quota_of
from sortition.feasibility.wording import describe, label, members
from sortition.message import Message, marked
from sortition.model import Instance

CONFLICT_LIMIT = 10
"""Conflicts reported at most; with that many the targets need a fresh look, not a longer list."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that no panel obeys together, while every part of them can be obeyed.

    `headline` says what cannot be reached, `reasons` each rule that stands against it.
    """

    rules: tuple[Rule, ...]
    headline: Message
    reasons: tuple[Message, ...]


def find_conflicts(book: RuleBook, problems: Iterable[Problem] = ()) -> tuple[Conflict, ...]:
    """Return minimal conflicts that share no rule, in a fixed order; () if the rules can be obeyed together.

    Rules that `problems` already explain are left out, so that nothing is said twice.
    """
    explained = {rule for problem in problems for rule in problem.rules}
    return tuple(_disjoint_conflicts(book, [rule for rule in book.rules if rule not in explained]))


def _disjoint_conflicts(book: RuleBook, candidates: list[Rule]) -> Iterator[Conflict]:
    for _ in range(CONFLICT_LIMIT):
        rules = minimal_conflict(book, candidates)
        if not rules:
            return
        yield explain(book, rules)
        candidates = [rule for rule in candidates if rule not in rules]


def explain(book: RuleBook, rules: Sequence[Rule], *, given: Sequence[Message] = ()) -> Conflict:
    """Put a minimal conflict into words: how far one of its quotas can be met while the others hold.

    `given` are further reasons, for what the rule book presupposes.
    """
    instance = book.polytope.instance
    quotas = [rule for rule in rules if rule.is_quota]
    if not quotas:
        headline = Message("These rules together leave too few people for the panel:")
        return Conflict(tuple(rules), headline, (*(describe(instance, rule) for rule in rules), *given))
    victim = next((rule for rule in quotas if rule.kind == "lower"), quotas[0])
    others = [rule for rule in rules if rule != victim]
    headline = _headline(instance, victim, book.nearest(victim, others), alone=not others and not given)
    return Conflict(tuple(rules), headline, (*(describe(instance, rule) for rule in others), *given))


_HEADLINES = {
    ("lower", True): marked("{label} needs at least {members}, but at most {possible} can be drawn."),
    ("lower", False): marked(
        "{label} needs at least {members}, but at most {possible} can be drawn while the following holds:"
    ),
    ("upper", True): marked("{label} may have at most {members}, but at least {possible} must be drawn."),
    ("upper", False): marked(
        "{label} may have at most {members}, but at least {possible} must be drawn while the following holds:"
    ),
}


def _headline(instance: Instance, victim: Rule, possible: int, *, alone: bool) -> Message:
    quota = quota_of(instance, victim)
    bound = quota.lower if victim.kind == "lower" else quota.upper
    facts = {"label": label(victim.feature, victim.value), "members": members(bound), "possible": possible}
    return Message(_HEADLINES[victim.kind, alone], facts)
