"""What lottery.json shows beside the audit document: that it is the one committed to, and that its proof holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from sortition.arrays import FloatArray
from sortition.certificate import PROOF_TOLERANCE, level_gap, level_shortfall
from sortition.lottery import Lottery
from sortition.lottery_file import ROUNDING, lottery_document
from sortition.polytope import Polytope
from sortition.protocol.canonical import canonical_bytes_with_floats
from sortition.protocol.documents import AuditDocument
from sortition.protocol.figures import bounds, certificate_claim, decimal_text, flex
from sortition.protocol.hashes import lottery_seal
from sortition.protocol.report import Checklist
from sortition.solve import LEXIMIN

SEARCH_TOLERANCE = 1e-6
"""By how much a panel may exceed, relatively, what exact search found to be the largest: the solver's tolerance."""


def check_lottery(audit: AuditDocument, lottery: Lottery, checklist: Checklist) -> None:
    """Add a line for each thing that lottery.json shows; the shapes of both documents have been checked before."""
    salt, sealed = bytes.fromhex(audit["lottery_salt"]), audit["public"]["lottery_seal"]
    checklist.check(
        "seal",
        holds=sealed == lottery_seal(salt, canonical_bytes_with_floats(lottery_document(lottery))),
        passed="lottery.json is the one that was committed to.",
        failed="lottery.json is not the one that was committed to.",
    )
    differing = _differing(audit, lottery)
    checklist.check(
        "lottery",
        holds=not differing,
        passed="lottery.json holds what the audit document holds, and claims what was published.",
        failed="lottery.json and the audit document differ in: {parts}.",
        parts=", ".join(differing),
    )
    _check_proof(lottery, checklist)


def _differing(audit: AuditDocument, lottery: Lottery) -> list[str]:
    """Return the parts in which the two differ; entries erased from the audit document cannot be compared."""
    public, instance, entries = audit["public"], lottery.instance, audit["entries"]
    settled = dict.fromkeys(instance.required, "required") | dict.fromkeys(instance.excluded, "excluded")
    people = {
        entry.id: (dict(entry.values), settled.get(entry.id), decimal_text(float(lottery.ideal_probability[position])))
        for position, entry in enumerate(instance.entries)
    }
    stated = {
        entry["row"]["id"]: (entry["row"]["values"], entry["settled"], entry["ideal_probability"])
        for entry in entries
        if entry["row"] is not None
    }
    at_home = {e["row"]["id"]: e["row"]["household"] for e in entries if e["row"] is not None}
    claim = certificate_claim(lottery.certificate, lottery.objective, public["certificate"]["tickets"])
    same = {
        "quotas": (public["size"], public["quotas"], audit["flex"])
        == (instance.size, bounds(instance.quotas), flex(instance.quotas)),
        "people": len(entries) == len(people) and all(people.get(i) == row for i, row in stated.items()),
        "households": _groups(at_home, at_home) == _groups(_shared_households(lottery), at_home),
        "tickets": _same_tickets(audit, lottery),
        "claims": (public["certificate"], public["rehearsal"]) == (claim, lottery.rehearsal),
    }
    return [part for part, holds in same.items() if not holds]


def _shared_households(lottery: Lottery) -> dict[str, str]:
    """Return {id: household} of those who do not live alone."""
    at_home = {entry.id: entry.household for entry in lottery.instance.entries if entry.household is not None}
    shared = {home for home, ids in _by_home(at_home).items() if len(ids) > 1}
    return {entry_id: home for entry_id, home in at_home.items() if home in shared}


def _groups(at_home: Mapping[str, object], ids: Iterable[str]) -> set[frozenset[str]]:
    """Return who of some people lives with whom, however the households are called."""
    known = {i: home for i in ids if (home := at_home.get(i)) is not None}
    return {frozenset(together) for together in _by_home(known).values()}


def _by_home(at_home: Mapping[str, object]) -> dict[object, list[str]]:
    homes: dict[object, list[str]] = defaultdict(list)
    for entry_id, home in at_home.items():
        homes[home].append(entry_id)
    return homes


def _same_tickets(audit: AuditDocument, lottery: Lottery) -> bool:
    """Whether the same people stand on every ticket, as far as they were not erased."""
    names = [None if entry["row"] is None else entry["row"]["id"] for entry in audit["entries"]]
    ids = [entry.id for entry in lottery.instance.entries]
    return len(audit["tickets"]) == len(lottery.tickets) and all(
        len(listed) == len(seated)
        and {names[p] for p in listed if p < len(names)} - {None} <= {ids[position] for position in seated}
        for listed, seated in zip(audit["tickets"], lottery.tickets.tolist(), strict=True)
    )


def _check_proof(lottery: Lottery, checklist: Checklist) -> None:
    """Recompute the proof from its multipliers; say what of it only solving again would show."""
    certificate = lottery.certificate
    if not certificate.proven:
        checklist.note("proof", "There is no proof to be checked: this lottery does not claim one.")
        return
    if lottery.objective != LEXIMIN:
        checklist.needs_more(
            "proof",
            "The proof cannot be checked, because only that of {checkable} can be, not that of {objective}: needs "
            "solving again.",
            checkable=LEXIMIN,
            objective=lottery.objective,
        )
        return
    polytope = _claimed_polytope(lottery)
    if polytope is None:
        checklist.failed("proof", "The proof does not hold: it speaks of classes or rows that there are not.")
        return
    chances, tolerance = _portfolio_chances(lottery, polytope), certificate.tolerance
    gap, shortfall = level_gap(polytope, certificate.levels), level_shortfall(certificate.levels, chances)
    faults = {
        "a chance might be raised by {gap}": gap > max(PROOF_TOLERANCE, tolerance),
        "a chance is {shortfall} below the one it claims": shortfall > tolerance,
        "the ideal chances are not those of the portfolio": bool(
            np.abs(chances[lottery.class_of] - lottery.ideal_probability).max() > ROUNDING
        ),
        "a panel breaks a quota, or what it says of every panel": not _panels_keep(polytope, lottery),
    }
    figures = {"gap": decimal_text(gap), "shortfall": decimal_text(shortfall)}
    holds = checklist.check(
        "proof",
        holds=not any(faults.values()),
        passed="The proof holds: added up again, it leaves no chance that could be raised by more than {gap} without "
        "lowering the chance of somebody who is worse off.",
        failed="The proof does not hold: added up again, {faults}.",
        faults="; ".join(fault.format_map(figures) for fault, found in faults.items() if found),
        **figures,
    )
    if holds:
        _say_what_was_searched(lottery, checklist)


def _say_what_was_searched(lottery: Lottery, checklist: Checklist) -> None:
    certificate, entries = lottery.certificate, lottery.instance.entries
    bounded = sum(level.bound is not None for level in certificate.levels)
    unreachable = sum(entries[position].id not in lottery.instance.excluded for position in lottery.unreachable)
    if certificate.cuts or bounded or unreachable:
        checklist.needs_more(
            "proof_search",
            "The proof relies on exact search: that no panel exceeds {cuts} inequalities and {bounds} bounds, and that "
            "{unreachable} people can be on none. No panel of this lottery contradicts that; more needs solving again.",
            cuts=len(certificate.cuts),
            bounds=bounded,
            unreachable=unreachable,
        )


def _claimed_polytope(lottery: Lottery) -> Polytope | None:
    """Return what the levels speak about: no seat for the unreachable, and the cuts; None if they do not fit it."""
    polytope, certificate = Polytope.of(lottery.instance), lottery.certificate
    classes, rows = len(polytope.members), len(polytope.labels) + len(certificate.cuts)
    named = [c for level in certificate.levels for c in (*level.classes, *level.class_multipliers)]
    named += [c for cut in certificate.cuts for c in cut.coefficients]
    used = [row for level in certificate.levels for row in level.row_multipliers]
    closed = np.zeros(classes, dtype=bool)
    if not np.array_equal(polytope.class_of, lottery.class_of):
        return None
    closed[lottery.class_of[sorted(lottery.unreachable)]] = True
    if (
        max(named, default=0) >= classes
        or max(used, default=0) >= rows
        or not all(level.classes for level in certificate.levels)
        or int(polytope.multiplicity[closed].sum()) != len(lottery.unreachable)
    ):
        return None
    polytope = polytope.without(closed)
    for cut in certificate.cuts:
        polytope = polytope.with_cut(_dense(cut.coefficients, classes), cut.upper)
    return polytope


def _portfolio_chances(lottery: Lottery, polytope: Polytope) -> FloatArray:
    seats = np.zeros(len(polytope.members))
    for panel in lottery.portfolio:
        seats += panel.probability * _dense(panel.counts, len(seats))
    return seats / polytope.multiplicity


def _panels_keep(polytope: Polytope, lottery: Lottery) -> bool:
    """Whether all panels of portfolio and tickets keep the quotas and what the proof says of every panel."""
    count = len(polytope.members)
    panels = [_dense(panel.counts, count) for panel in lottery.portfolio]
    limits = [
        *zip(polytope.cuts, polytope.cut_upper, strict=True),
        *((_dense(v.class_multipliers, count), v.bound) for v in lottery.certificate.levels if v.bound is not None),
    ]
    seated = lottery.class_of[lottery.tickets]
    return (
        all(polytope.contains_panel(panel.astype(np.int64)) for panel in panels)
        and bool(np.all(polytope.upper[seated] > 0))
        and all(
            max([float(weights[seated].sum(axis=1).max()), *(float(weights @ panel) for panel in panels)])
            <= upper + SEARCH_TOLERANCE * max(1.0, abs(upper))
            for weights, upper in limits
        )
    )


def _dense(numbers: Mapping[int, float], length: int) -> FloatArray:
    dense = np.zeros(length)
    dense[list(numbers)] = list(numbers.values())
    return dense
