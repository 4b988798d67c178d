"""An insider with all secrets who changes anything and recomputes every hash and every figure afterwards."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np

from sortition.protocol.documents import AuditDocument, ReceiptDocument
from sortition.protocol.figures import chance_histogram, counts_per_ticket, deviation, merged_counts, value_counts
from sortition.protocol.hashes import leaf, token

Change = Callable[[AuditDocument], None]


def tampered(audit: AuditDocument, change: Change) -> AuditDocument:
    """Return a changed copy; the public document inside it is what the tamperer publishes."""
    forged = copy.deepcopy(audit)
    change(forged)
    return forged


def recompute(audit: AuditDocument) -> None:
    """Make everything in the documents follow from rows, secrets and ticket lists again."""
    for entry in audit["entries"]:
        assert entry["secret"] is not None
        assert entry["row"] is not None
        entry["leaf"] = leaf(bytes.fromhex(entry["secret"]), entry["row"])
    order = sorted(range(len(audit["entries"])), key=lambda index: audit["entries"][index]["leaf"])
    audit["entries"] = [audit["entries"][index] for index in order]
    audit["tickets"] = [sorted(order.index(position) for position in row) for row in audit["tickets"]]
    public, tickets = audit["public"], np.array(audit["tickets"])
    keys = [bytes.fromhex(entry["secret"]) for entry in audit["entries"] if entry["secret"]]
    rows = [entry["row"]["values"] for entry in audit["entries"] if entry["row"]]
    times = np.bincount(tickets.ravel(), minlength=len(keys))
    counts = counts_per_ticket(rows, tickets, public["quotas"])
    ideal = [entry["ideal_probability"] for entry in audit["entries"]]
    public["leaves"] = [entry["leaf"] for entry in audit["entries"]]
    public["tickets"] = [sorted(token(keys[p], t) for p in row) for t, row in enumerate(audit["tickets"])]
    public["ticket_counts"] = {f: {v: c.tolist() for v, c in vs.items()} for f, vs in counts.items()}
    public["pool"]["entries"] = len(keys)
    public["pool"]["counts"] = {f: merged_counts(c) for f, c in value_counts(rows, public["quotas"]).items()}
    public["chances"] = chance_histogram(times)
    public["certificate"]["tickets"] = deviation(ideal, times, len(tickets))


def position_of(audit: AuditDocument, entry_id: str) -> int:
    """Return where an entry stands in the audit document."""
    return next(i for i, entry in enumerate(audit["entries"]) if entry["row"] and entry["row"]["id"] == entry_id)


def move_the_moment(audit: AuditDocument) -> None:
    audit["public"]["draw_rule"]["moment"] = "2031-03-15T18:00:00+00:00"


def change_the_source(audit: AuditDocument) -> None:
    audit["public"]["draw_rule"]["draw"]["source"] = "The mayor thinks of a number."


def rename_the_assembly(audit: AuditDocument) -> None:
    audit["public"]["draw_rule"]["assembly"] = "Another assembly"


def hide_a_voided_commitment(audit: AuditDocument) -> None:
    audit["public"]["voided"].clear()


def invent_a_parent(audit: AuditDocument) -> None:
    audit["public"]["parent"] = "ab" * 32


def name_other_software(audit: AuditDocument) -> None:
    audit["public"]["software"] = "none"


def widen_a_quota(audit: AuditDocument) -> None:
    audit["public"]["quotas"]["gender"]["male"]["upper"] = 4


def claim_a_proof(audit: AuditDocument) -> None:
    audit["public"]["certificate"]["tolerance"] = "0.000000000001"


def claim_a_smaller_deviation(audit: AuditDocument) -> None:
    audit["public"]["certificate"]["tickets"] = {"shortfall": "0.000000000000", "excess": "0.000000000000"}


def forge_the_pool_counts(audit: AuditDocument) -> None:
    groups = audit["public"]["pool"]["counts"]["area"]
    groups[0]["count"] += 1
    groups[1]["count"] -= 1


def forge_the_ticket_counts(audit: AuditDocument) -> None:
    counts = audit["public"]["ticket_counts"]
    assert counts is not None
    female, male = counts["gender"]["female"], counts["gender"]["male"]
    ticket = next(t for t in range(10) if (female[t], male[t]) == (1, 2))
    female[ticket], male[ticket] = 2, 1


def forge_the_histogram(audit: AuditDocument) -> None:
    """Two people with 3 and 4 tickets become two with 2 and 5: sums stay."""
    bars = {bar["tickets"]: bar["entries"] for bar in audit["public"]["chances"]}
    for tickets, step in ((3, -1), (4, -1), (2, 1), (5, 1)):
        bars[tickets] = bars.get(tickets, 0) + step
    audit["public"]["chances"] = [{"tickets": k, "entries": n} for k, n in sorted(bars.items()) if n]


def replace_a_token(audit: AuditDocument) -> None:
    """Nobody stands behind the new token; the victim's chance is one ticket smaller."""
    tokens = audit["public"]["tickets"][4]
    tokens[:] = sorted(["ab" * 16, *tokens[1:]])


def replace_a_leaf(audit: AuditDocument) -> None:
    victim = audit["entries"][position_of(audit, "03")]["leaf"]
    audit["public"]["leaves"] = sorted([leaf for leaf in audit["public"]["leaves"] if leaf != victim] + ["ab" * 32])


def claim_an_exclusion(audit: AuditDocument) -> None:
    """Somebody with two tickets is said to be excluded, with none, and two others to have one more each."""
    assert audit["public"]["chances"][0] == {"tickets": 2, "entries": 1}
    audit["public"]["pool"]["excluded"] = 1
    audit["public"]["chances"] = [
        {"tickets": 0, "entries": 1},
        {"tickets": 3, "entries": 4},
        {"tickets": 4, "entries": 7},
    ]


def renumber_the_tickets(audit: AuditDocument) -> None:
    """So that the number drawn seats the panel that the insider likes."""
    audit["tickets"][7], audit["tickets"][2] = audit["tickets"][2], audit["tickets"][7]
    recompute(audit)


def seat_a_friend(audit: AuditDocument) -> None:
    """Of the equals 07 and 08 one has a ticket more and gives it to the other, on whatever ticket suits them."""
    victim, friend = position_of(audit, "07"), position_of(audit, "08")
    times = np.bincount(np.ravel(audit["tickets"]), minlength=12)
    if times[victim] < times[friend]:
        victim, friend = friend, victim
    assert times[victim] == times[friend] + 1
    row = next(row for row in audit["tickets"] if victim in row and friend not in row)
    row[row.index(victim)] = friend
    recompute(audit)


def change_a_row(audit: AuditDocument) -> None:
    """03 becomes a man, and a man of the same area, 09, a woman: every count stays as it was."""
    first, second = position_of(audit, "03"), position_of(audit, "09")
    rows = [audit["entries"][index]["row"] for index in (first, second)]
    for row in rows:
        assert row is not None
        row["id"] = {"03": "09", "09": "03"}[row["id"]]
    recompute(audit)


def leave_somebody_out(audit: AuditDocument) -> None:
    """A friend takes the place of 03 under 03's values: an invented row with a new secret."""
    entry = audit["entries"][position_of(audit, "03")]
    assert entry["row"] is not None
    entry["row"]["id"] = "friend"
    entry["secret"] = "cd" * 32
    recompute(audit)


def give_everyone_new_secrets(audit: AuditDocument) -> None:
    for number, entry in enumerate(audit["entries"]):
        entry["secret"] = f"{number:064x}"
    recompute(audit)


def repointed(receipt: ReceiptDocument, commitment: str) -> ReceiptDocument:
    """Return a receipt of which only row and secret are still known, not the commitment."""
    return {**receipt, "commitment": commitment}
