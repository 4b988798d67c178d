"""Replacements: the instance that fills vacated seats from the remaining pool, within the quotas of the whole panel.

The new instance keeps the panel's size and quotas. Members who stay are required, those who left are no longer in
the pool; so quotas and households of the whole panel hold by construction, and the chances of everybody else are
conditional on this stage. The lottery over it is solved, committed, drawn and verified like the first one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sortition.errors import InputError
from sortition.model import Entry, Instance, Quota
from sortition.protocol.documents import AuditDocument, DrawnDocument, Row, commitment_of
from sortition.protocol.draw_rule import DrawRule


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
        entries=tuple(_entry(entry["row"]) for entry in entries.values() if entry["row"] is not None),
        quotas=_quotas(audit),
        size=audit["public"]["size"],
        required=staying,
        excluded=frozenset(i for i, entry in entries.items() if entry["settled"] == "excluded"),
    )


def protected_features(audit: AuditDocument) -> Sequence[str]:
    """Return the features in the order in which relaxations spare them: the reverse of what the rule fixed."""
    planned = DrawRule.from_document(audit["public"]["draw_rule"], name="draw_rule").replacements
    return () if planned is None else planned.relaxation_order[::-1]


def _require_same_lottery(audit: AuditDocument, drawn: DrawnDocument) -> None:
    ticket = drawn["ticket"]
    if drawn["commitment"] != commitment_of(audit["public"]) or ticket >= len(audit["tickets"]):
        raise InputError("The result of the draw belongs to another commitment than the audit document.")
    rows = [audit["entries"][position]["row"] for position in audit["tickets"][ticket]]
    if not {row["id"] for row in rows if row is not None} <= set(drawn["members"]):
        raise InputError("The members in the result of the draw are not those on its ticket.")


def _entry(row: Row) -> Entry:
    household = None if row["household"] is None else str(row["household"])
    return Entry(row["id"], row["values"], household)


def _quotas(audit: AuditDocument) -> dict[str, dict[str, Quota]]:
    flex = audit["flex"]
    return {
        feature: {
            value: Quota(bounds["lower"], bounds["upper"], **flex.get(feature, {}).get(value, {}))
            for value, bounds in values.items()
        }
        for feature, values in audit["public"]["quotas"].items()
    }
