"""Replacements: the instance that fills vacated seats from the remaining pool, within the quotas of the whole panel.

The new instance keeps the panel's size and quotas. Members who stay are required, those who left are no longer in
the pool; so quotas and households of the whole panel hold by construction, and the chances of everybody else are
conditional on this stage. The lottery over it is solved, committed, drawn and verified like the first one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence

from sortition.errors import InputError
from sortition.feasibility.relaxations import Relaxation, find_relaxations, relaxed
from sortition.lottery import Lottery
from sortition.model import Entry, Instance, Quota
from sortition.monitor import Monitor
from sortition.polytope import Polytope
from sortition.protocol.documents import AuditDocument, DrawnDocument, Row, commitment_of
from sortition.protocol.draw_rule import DrawRule
from sortition.solve import DEFAULT_TICKETS, solve_lottery


@dataclasses.dataclass(frozen=True, slots=True)
class Replacement:
    """The lottery that fills the vacated seats, and how the quotas were relaxed for it, if they were."""

    lottery: Lottery
    relaxation: Relaxation | None = None


def replacement_instance(audit: AuditDocument, drawn: DrawnDocument, out: Collection[str]) -> Instance:
    """Return the instance that fills the seats of the members in `out`, and of members erased since the draw.

    Ids in `out` that are not members leave the pool. People excluded before stay excluded, erased people are gone.
    Raises InputError if the draw is of another lottery, an id is unknown, or no seat is vacated.
    """
    _require_same_lottery(audit, drawn)
    remaining = {entry["row"]["id"]: entry for entry in audit["entries"] if entry["row"] is not None}
    if unknown := sorted(set(out) - remaining.keys() - set(drawn["members"])):
        raise InputError(f"“{unknown[0][:50]}” is neither a member nor in the pool; check the ids after --out.")
    staying = frozenset(drawn["members"]) & remaining.keys() - set(out)
    if len(staying) == audit["public"]["size"]:
        raise InputError("None of the ids after --out is a member, so no seat is vacated.")
    entries = {entry_id: entry for entry_id, entry in remaining.items() if entry_id not in out}
    return Instance(
        entries=_entries([entry["row"] for entry in entries.values() if entry["row"] is not None]),
        quotas=_quotas(audit),
        size=audit["public"]["size"],
        required=staying,
        excluded=frozenset(i for i, entry in entries.items() if entry["settled"] == "excluded"),
    )


def solve_replacement(
    audit: AuditDocument,
    drawn: DrawnDocument,
    instance: Instance,
    *,
    relax: bool = False,
    monitor: Monitor | None = None,
) -> Replacement:
    """Solve the instance of a replacement by the objective and with the tolerance of the lottery before it.

    It has as many tickets as the digits number that the rule fixed for replacements, also where chances are small:
    another number could not be drawn. The lottery names the commitment before it as its parent; after a rehearsal it
    is one, too. With `relax`, if no panel meets the quotas, the smallest relaxation in the order of the rule is made.
    Raises InfeasibleQuotasError if no panel meets the quotas and none may or can be relaxed so that one does.
    """
    claim = audit["public"]["certificate"]
    rule = DrawRule.from_document(audit["public"]["draw_rule"], name="draw_rule")
    digits = rule.replacements.draw.digits if rule.replacements else None
    relaxation: Relaxation | None = None
    if relax and (found := replacement_relaxations(audit, instance, monitor=monitor, limit=1)):
        relaxation = found[0] if found[0].changes else None
        instance = relaxed(instance, found[0])
    lottery = solve_lottery(
        instance,
        objective=claim["objective"],
        tickets=DEFAULT_TICKETS if digits is None else 10**digits,
        may_grow=digits is None,
        tolerance=float(claim["tolerance"]),
        monitor=monitor,
    )
    rehearsal = drawn["rehearsal"] or audit["public"]["rehearsal"]
    parent = commitment_of(audit["public"])
    return Replacement(dataclasses.replace(lottery, parent=parent, rehearsal=rehearsal), relaxation)


def replacement_relaxations(
    audit: AuditDocument, instance: Instance, *, limit: int = 3, monitor: Monitor | None = None
) -> tuple[Relaxation, ...]:
    """Return the smallest relaxations that let a panel exist, in the order that the rule fixed."""
    planned = DrawRule.from_document(audit["public"]["draw_rule"], name="draw_rule").replacements
    spared: Sequence[str] = planned.relaxation_order[::-1] if planned else ()
    return find_relaxations(Polytope.of(instance), limit=limit, priority=spared, monitor=monitor)


def _require_same_lottery(audit: AuditDocument, drawn: DrawnDocument) -> None:
    ticket = drawn["ticket"]
    if drawn["commitment"] != commitment_of(audit["public"]) or ticket >= len(audit["tickets"]):
        raise InputError("The result of the draw belongs to another commitment than the audit document.")
    rows = [audit["entries"][position]["row"] for position in audit["tickets"][ticket]]
    if not {row["id"] for row in rows if row is not None} <= set(drawn["members"]):
        raise InputError("The members in the result of the draw are not those on its ticket.")


def _entries(rows: Sequence[Row]) -> tuple[Entry, ...]:
    """Return the entries, households named by their first id: random numbers would make the solver's seed random."""
    first: dict[int | None, str] = {}
    for row in sorted(rows, key=lambda row: row["id"]):
        first.setdefault(row["household"], row["id"])
    return tuple(
        Entry(row["id"], row["values"], None if row["household"] is None else first[row["household"]]) for row in rows
    )


def _quotas(audit: AuditDocument) -> dict[str, dict[str, Quota]]:
    flex = audit["flex"]
    return {
        feature: {
            value: Quota(bounds["lower"], bounds["upper"], **flex.get(feature, {}).get(value, {}))
            for value, bounds in values.items()
        }
        for feature, values in audit["public"]["quotas"].items()
    }
