"""What the public document shows by itself: that it is consistent, and that every ticket meets every quota."""

from __future__ import annotations

from itertools import pairwise

from sortition.errors import InputError
from sortition.protocol.documents import PublicDocument
from sortition.protocol.draw_rule import DrawRule
from sortition.protocol.figures import SMALLEST_SHOWN_COUNT, require_fitting_order
from sortition.protocol.report import Checklist


def check_public(public: PublicDocument, checklist: Checklist) -> None:
    """Add a line for each thing that the public document alone shows; its shape has been checked before."""
    _check_rule(public, checklist)
    _check_leaves(public, checklist)
    _check_tickets(public, checklist)
    _check_pool_counts(public, checklist)
    _check_ticket_counts(public, checklist)
    _check_chances(public, checklist)
    _state_claims(public, checklist)


def _check_rule(public: PublicDocument, checklist: Checklist) -> None:
    try:
        rule = DrawRule.from_document(public["draw_rule"], name="draw_rule")
        if rule.replacements is not None:
            require_fitting_order(rule.replacements.relaxation_order, public["quotas"])
    except InputError as error:
        checklist.failed("rule", "The draw rule is not usable: {problem}", problem=str(error))
        return
    checklist.check(
        "rule",
        holds=rule.draw.digits is None or len(public["tickets"]) == 10**rule.draw.digits,
        passed="“{title}” ({assembly}) is drawn at {moment}. Source: {source}",
        failed="The draw rule's digits do not number the tickets exactly (drawn at {moment}).",
        title=rule.title,
        assembly=rule.assembly,
        moment=rule.moment.isoformat(),
        source=rule.draw.source,
    )


def _check_leaves(public: PublicDocument, checklist: Checklist) -> None:
    leaves = public["leaves"]
    checklist.check(
        "leaves",
        holds=len(leaves) == public["pool"]["entries"] and all(a < b for a, b in pairwise(leaves)),
        passed="{count} people are in the pool, one leaf each, in an order that says nothing.",
        failed="The leaves are not {count} different ones in ascending order.",
        count=public["pool"]["entries"],
    )


def _check_tickets(public: PublicDocument, checklist: Checklist) -> None:
    tickets, size = public["tickets"], public["size"]
    seated = all(len(tokens) == size and all(a < b for a, b in pairwise(tokens)) for tokens in tickets)
    different = len({token for tokens in tickets for token in tokens}) == size * len(tickets)
    checklist.check(
        "tickets",
        holds=seated and different,
        passed="{tickets} tickets, numbered from 0, have {size} seats each; no token stands twice.",
        failed="Not every one of the {tickets} tickets has {size} different tokens in ascending order.",
        tickets=len(tickets),
        size=size,
    )


def _check_pool_counts(public: PublicDocument, checklist: Checklist) -> None:
    counts, entries = public["pool"]["counts"], public["pool"]["entries"]
    if counts is None:
        checklist.note(
            "pool_counts",
            "How many people of the pool have each value is not published: set against the counts before, it would "
            "describe the people who left or joined.",
        )
        return
    complete = counts.keys() == public["quotas"].keys() and all(
        sorted(value for group in counts[feature] for value in group["values"]) == sorted(quotas)
        and sum(group["count"] for group in counts[feature]) == entries
        and all(group["count"] >= min(SMALLEST_SHOWN_COUNT, entries) for group in counts[feature])
        for feature, quotas in public["quotas"].items()
    )
    checklist.check(
        "pool_counts",
        holds=complete,
        passed="The pool's counts per value sum to the {entries} people, in every feature; none is below three.",
        failed="The pool's counts per value do not cover every value and sum to {entries} in every feature.",
        entries=entries,
    )


def _check_ticket_counts(public: PublicDocument, checklist: Checklist) -> None:
    counts, quotas, count = public["ticket_counts"], public["quotas"], len(public["tickets"])
    if counts is None:
        checklist.note(
            "quotas",
            "Counts per ticket and residual quotas are not published: so few seats are filled that they would "
            "describe the people who left or joined. The audit document shows that the quotas hold.",
        )
        return
    complete = counts.keys() == quotas.keys() and all(
        counts[feature].keys() == values.keys() and all(len(column) == count for column in counts[feature].values())
        for feature, values in quotas.items()
    )
    if not complete:
        checklist.failed("quotas", "The counts per ticket do not cover every value of every feature on every ticket.")
        return
    full = all(
        all(sum(members) == public["size"] for members in zip(*by_value.values(), strict=True))
        for by_value in counts.values()
    )
    broken = [
        f"{feature}: {value}"
        for feature, values in quotas.items()
        for value, quota in values.items()
        if not quota["lower"] <= min(counts[feature][value]) <= max(counts[feature][value]) <= quota["upper"]
    ]
    checklist.check(
        "quotas",
        holds=full and not broken,
        passed="Every ticket meets every quota, by its stated counts per value ({features} features).",
        failed="Stated counts of a ticket break a quota or do not sum to the seats. {broken}",
        features=len(quotas),
        broken="; ".join(broken),
    )


def _check_chances(public: PublicDocument, checklist: Checklist) -> None:
    chances, count, pool = public["chances"], len(public["tickets"]), public["pool"]
    seats = sum(bar["tickets"] * bar["entries"] for bar in chances)
    at = {bar["tickets"]: bar["entries"] for bar in chances}
    holds = (
        seats == count * public["size"]
        and sum(at.values()) == pool["entries"]
        and all(a["tickets"] < b["tickets"] for a, b in pairwise(chances))
        and chances[-1]["tickets"] <= count
        and at.get(count, 0) >= pool["required"]
        and at.get(0, 0) >= pool["excluded"]
    )
    positive = [bar["tickets"] for bar in chances if bar["tickets"]]
    checklist.check(
        "chances",
        holds=holds,
        passed="The chances of all {entries} people sum to the seats: from {least} to {most} of {tickets} tickets; "
        "{none} stand on no ticket ({excluded} of them excluded beforehand), {required} seats were given beforehand.",
        failed="The histogram of chances does not fit the pool, the tickets and the seats.",
        entries=pool["entries"],
        least=min(positive, default=0),
        most=max(positive, default=0),
        tickets=count,
        none=at.get(0, 0),
        excluded=pool["excluded"],
        required=pool["required"],
    )


def _state_claims(public: PublicDocument, checklist: Checklist) -> None:
    claim = public["certificate"]
    if claim["proven"]:
        checklist.note(
            "certificate",
            "Claimed: no lottery within these quotas is fairer ({objective}, tolerance {tolerance}); a chance on the "
            "tickets is at most {shortfall} below and {excess} above the ideal one.",
            objective=claim["objective"],
            tolerance=claim["tolerance"],
            shortfall=claim["tickets"]["shortfall"],
            excess=claim["tickets"]["excess"],
        )
    else:
        checklist.note(
            "certificate",
            "It is NOT claimed that this lottery is as fair as the quotas allow ({objective}, gap {gap}).",
            objective=claim["objective"],
            gap=claim["gap"],
        )
    if public["rehearsal"]:
        checklist.note(
            "rehearsal",
            "This lottery is a REHEARSAL: its random seed was chosen by hand, or it replaces members who were drawn in "
            "one. It must not be drawn.",
        )
    if "log_head" in public:
        checklist.note(
            "log",
            "When this was committed, the last entry of the organiser's log had the hash {head}. A log that was cut or "
            "rewritten since no longer has it.",
            head=public["log_head"],
        )
    for voided in public["voided"]:
        checklist.note(
            "voided",
            "The earlier commitment {commitment} was voided, for the reason: {reason}",
            commitment=voided["commitment"],
            reason=voided["reason"],
        )
