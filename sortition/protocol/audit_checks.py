"""What the audit document shows: that the public document says the truth about rows, tickets and chances.

Entries may be redacted: their leaf is kept, their row and secret are erased. Everything that can still be checked
is checked, and a line says what no longer can.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sortition.arrays import IntArray
from sortition.protocol.documents import AuditDocument, PublicDocument, Row
from sortition.protocol.figures import chance_histogram, counts_per_ticket, deviation, merged_counts, value_counts
from sortition.protocol.hashes import leaf, token
from sortition.protocol.report import Checklist

IDEAL_SUM_TOLERANCE = Fraction(1, 1_000_000)
"""How far the ideal chances may be from summing to the seats: twelve decimals each, and the solver's tolerance."""


@dataclass(frozen=True, slots=True, repr=False)
class _Opened:
    """An audit document whose structure is sound. `tickets` (m, size), `times` (E,) tickets per entry."""

    audit: AuditDocument
    tickets: IntArray
    times: IntArray

    @property
    def public(self) -> PublicDocument:
        return self.audit["public"]

    @property
    def rows(self) -> list[Row | None]:
        return [entry["row"] for entry in self.audit["entries"]]

    @property
    def erased(self) -> list[int]:
        return [index for index, row in enumerate(self.rows) if row is None]

    @property
    def values(self) -> list[dict[str, str] | None]:
        return [None if row is None else row["values"] for row in self.rows]


def check_audit(audit: AuditDocument, checklist: Checklist) -> None:
    """Add a line for each thing that the audit document shows; its shape has been checked before."""
    tickets = _ticket_array(audit)
    if tickets is None or not _rows_fit(audit):
        checklist.failed("audit_lists", "The audit document's lists of people do not fit its own public document.")
        return
    checklist.passed(
        "audit_lists", "The audit document lists the people on every ticket, and every row fits the quotas."
    )
    opened = _Opened(audit, tickets, np.bincount(tickets.ravel(), minlength=len(audit["entries"])))
    _check_leaves(opened, checklist)
    _check_tokens(opened, checklist)
    _check_pool_counts(opened, checklist)
    _check_ticket_counts(opened, checklist)
    _check_households(opened, checklist)
    _check_chances(opened, checklist)
    _check_settled(opened, checklist)
    _check_equals(opened, checklist)
    _check_deviation(opened, checklist)
    if opened.erased:
        checklist.needs_more(
            "erased",
            "{count} entries were erased from the audit document. That their rows fit their leaves, their tokens, and "
            "their share of the counts can no longer be checked; everything else can.",
            count=len(opened.erased),
        )


def _ticket_array(audit: AuditDocument) -> IntArray | None:
    public, lists = audit["public"], audit["tickets"]
    entries, size = len(audit["entries"]), public["size"]
    if len(lists) != len(public["tickets"]) or entries != len(public["leaves"]):
        return None
    if any(len(row) != size or row != sorted(set(row)) or row[-1] >= entries for row in lists):
        return None
    return np.array(lists, dtype=np.int64)


def _rows_fit(audit: AuditDocument) -> bool:
    quotas = audit["public"]["quotas"]
    ids = [entry["row"]["id"] for entry in audit["entries"] if entry["row"] is not None]
    return (
        len(set(ids)) == len(ids)
        and all((entry["row"] is None) == (entry["secret"] is None) for entry in audit["entries"])
        and all(
            entry["row"]["values"].keys() == quotas.keys()
            and all(value in quotas[feature] for feature, value in entry["row"]["values"].items())
            for entry in audit["entries"]
            if entry["row"] is not None
        )
    )


def _check_leaves(opened: _Opened, checklist: Checklist) -> None:
    entries = opened.audit["entries"]
    listed = [entry["leaf"] for entry in entries] == opened.public["leaves"]
    wrong = [
        entry
        for entry in entries
        if entry["row"] is not None
        and entry["secret"] is not None
        and leaf(bytes.fromhex(entry["secret"]), entry["row"]) != entry["leaf"]
    ]
    checklist.check(
        "audit_leaves",
        holds=listed and not wrong,
        passed="All {count} rows and secrets give the published leaves: the pool is the one committed to.",
        failed="The rows and secrets do not give the published leaves ({wrong} of {count} rows differ).",
        count=len(entries) - len(opened.erased),
        wrong=len(wrong),
    )


def _check_tokens(opened: _Opened, checklist: Checklist) -> None:
    keys = [None if entry["secret"] is None else bytes.fromhex(entry["secret"]) for entry in opened.audit["entries"]]
    wrong = 0
    for number, (row, published) in enumerate(zip(opened.tickets.tolist(), opened.public["tickets"], strict=True)):
        known = {token(key, number) for key in (keys[index] for index in row) if key is not None}
        unknown = sum(keys[index] is None for index in row)
        wrong += not (known <= set(published) and len(published) - len(known) == unknown)
    checklist.check(
        "audit_tokens",
        holds=not wrong,
        passed="The people listed on each ticket give exactly its published tokens.",
        failed="On {wrong} tickets the listed people do not give the published tokens.",
        wrong=wrong,
    )


def _check_pool_counts(opened: _Opened, checklist: Checklist) -> None:
    published = opened.public["pool"]["counts"]
    if published is None:
        return
    known = value_counts([values for values in opened.values if values is not None], opened.public["quotas"])
    missing = len(opened.erased)
    if missing:
        holds = published.keys() == known.keys() and all(
            sum(known[feature].get(value, 0) for value in group["values"]) <= group["count"]
            for feature, groups in published.items()
            for group in groups
        )
    else:
        holds = published == {feature: merged_counts(counts) for feature, counts in known.items()}
    checklist.check(
        "audit_pool_counts",
        holds=holds,
        passed="The pool's published counts per value are those of the rows.",
        failed="The pool's published counts per value are not those of the rows.",
    )


def _check_ticket_counts(opened: _Opened, checklist: Checklist) -> None:
    quotas, published = opened.public["quotas"], opened.public["ticket_counts"]
    counts = counts_per_ticket(opened.values, opened.tickets, quotas)
    unknown = np.isin(opened.tickets, opened.erased).sum(axis=1)
    if published is not None:
        checklist.check(
            "audit_ticket_counts",
            holds=all(_columns_fit(counts[feature], published.get(feature, {}), unknown) for feature in quotas),
            passed="The published counts per value of each ticket are those of its people.",
            failed="The published counts per value of some ticket are not those of its people.",
        )
    met = all(
        np.all(column + unknown >= quotas[feature][value]["lower"])
        and np.all(column <= quotas[feature][value]["upper"])
        for feature, by_value in counts.items()
        for value, column in by_value.items()
    )
    checklist.check(
        "audit_quotas",
        holds=met,
        passed="Counted again from the rows, every ticket meets every quota.",
        failed="Counted again from the rows, some ticket breaks a quota.",
    )


def _columns_fit(counted: dict[str, IntArray], published: dict[str, list[int]], unknown: IntArray) -> bool:
    """Whether the published counts of one feature are the counted ones plus, in sum, the erased people."""
    if published.keys() != counted.keys() or any(len(column) != len(unknown) for column in published.values()):
        return False
    rest = np.array([np.array(published[value]) - counted[value] for value in counted])
    return bool(np.all(rest >= 0) and np.all(rest.sum(axis=0) == unknown))


def _check_households(opened: _Opened, checklist: Checklist) -> None:
    households = {row["household"] for row in opened.rows if row is not None and row["household"] is not None}
    number = {household: index for index, household in enumerate(sorted(households))}
    of_entry = np.arange(len(opened.rows)) - len(opened.rows)  # below zero, each different: shares with nobody
    for index, row in enumerate(opened.rows):
        if row is not None and row["household"] is not None:
            of_entry[index] = number[row["household"]]
    ordered = np.sort(of_entry[opened.tickets], axis=1)
    repeated = int(np.any(ordered[:, 1:] == ordered[:, :-1], axis=1).sum())
    checklist.check(
        "audit_households",
        holds=not repeated,
        passed="No ticket has two members of one household ({count} households with several registrants).",
        failed="{repeated} tickets have two members of one household.",
        count=len(households),
        repeated=repeated,
    )


def _check_chances(opened: _Opened, checklist: Checklist) -> None:
    checklist.check(
        "audit_chances",
        holds=chance_histogram(opened.times) == opened.public["chances"],
        passed="The published histogram of chances is that of the ticket lists.",
        failed="The published histogram of chances is not that of the ticket lists.",
    )


def _check_settled(opened: _Opened, checklist: Checklist) -> None:
    settled = np.array([entry["settled"] or "" for entry in opened.audit["entries"]])
    pool, count = opened.public["pool"], len(opened.tickets)
    required, excluded = opened.times[settled == "required"], opened.times[settled == "excluded"]
    checklist.check(
        "audit_settled",
        holds=len(required) == pool["required"]
        and len(excluded) == pool["excluded"]
        and bool(np.all(required == count) and np.all(excluded == 0)),
        passed="Seats given beforehand ({required}) are on every ticket, people excluded ({excluded}) on none.",
        failed="Seats given beforehand ({required}) or people excluded ({excluded}) are not as published.",
        required=pool["required"],
        excluded=pool["excluded"],
    )


def _check_equals(opened: _Opened, checklist: Checklist) -> None:
    """People with the same values, no shared household and no settled seat are equals."""
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, entry in enumerate(opened.audit["entries"]):
        row = entry["row"]
        if row is not None and row["household"] is None and entry["settled"] is None:
            groups[tuple(row["values"][feature] for feature in sorted(row["values"]))].append(index)
    ideal = [entry["ideal_probability"] for entry in opened.audit["entries"]]
    apart = max((int(np.ptp(opened.times[members])) for members in groups.values()), default=0)
    unequal = sum(_spread([ideal[index] for index in members]) > 0 for members in groups.values())
    checklist.check(
        "audit_equals",
        holds=apart <= 1 and not unequal,
        passed="People with the same values have the same ideal chance, and numbers of tickets that differ by at most "
        "one ({groups} groups).",
        failed="People with the same values differ by {apart} tickets, or in their ideal chance ({unequal} groups).",
        groups=len(groups),
        apart=apart,
        unequal=unequal,
    )


def _spread(texts: Sequence[str]) -> Fraction:
    numbers = [Fraction(text) for text in texts]
    return max(numbers) - min(numbers)


def _check_deviation(opened: _Opened, checklist: Checklist) -> None:
    ideal = [entry["ideal_probability"] for entry in opened.audit["entries"]]
    computed = deviation(ideal, opened.times, len(opened.tickets))
    missing = abs(sum(map(Fraction, ideal), Fraction(0)) - opened.public["size"])
    checklist.check(
        "audit_deviation",
        holds=computed == opened.public["certificate"]["tickets"] and missing <= IDEAL_SUM_TOLERANCE,
        passed="The ideal chances sum to the seats, and the tickets deviate from them as published: at most "
        "{shortfall} below and {excess} above.",
        failed="The tickets deviate from the ideal chances by up to {shortfall} below and {excess} above, which is not "
        "what was published, or the ideal chances do not sum to the seats.",
        shortfall=computed["shortfall"],
        excess=computed["excess"],
    )
