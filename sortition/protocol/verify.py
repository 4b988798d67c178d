"""Verify: what the documents prove, what they don't, and what no document can show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from sortition.errors import InputError
from sortition.lottery import Lottery
from sortition.protocol.audit_checks import check_audit
from sortition.protocol.chain import Stage, check_link, ordered_chain, short
from sortition.protocol.documents import (
    AUDIT_FORMAT,
    DRAWN_FORMAT,
    PUBLIC_FORMAT,
    RECEIPT_FORMAT,
    AuditDocument,
    DrawnDocument,
    LoadedDocument,
    PublicDocument,
    ReceiptDocument,
    commitment_of,
)
from sortition.protocol.draw import padded, ticket_number, ticket_of
from sortition.protocol.lottery_checks import check_lottery
from sortition.protocol.public_checks import check_public
from sortition.protocol.receipts import leaf_of, tickets_of
from sortition.protocol.report import Checklist, Line, Outcome


@dataclass(frozen=True, slots=True)
class Report:
    """The lines of a verification. `anchored`: every commitment is known from outside the documents."""

    lines: tuple[Line, ...]
    anchored: bool

    @property
    def consistent(self) -> bool:
        """Whether nothing failed; a rewritten set of documents can be consistent too."""
        return all(line.outcome is not Outcome.FAILED for line in self.lines)

    @property
    def verified(self) -> bool:
        """Whether nothing failed and every commitment is known from outside."""
        return self.consistent and self.anchored


def verify(
    documents: Sequence[LoadedDocument],
    *,
    commitments: Sequence[str] = (),
    ticket: str | None = None,
    receipt: ReceiptDocument | None = None,
    receipt_file: str | None = None,
) -> Report:
    """Check documents of any kind against each other and against what is known from outside.

    1. Sort them by commitment into a chain: the first lottery, then its replacements.
    2. Anchor the chain: `commitments` (heard on the day, read on the notice) and `receipt` (one's own, received
       before the draw) come from outside. A commitment vouches for those before it, not for those after it.
    3. Check each stage: public document, audit document, result of the draw, receipts; then the links.
    4. Say what no document can show.

    Lines name the files that they are about, the own receipt as `receipt_file`. `ticket` are the digits drawn for
    the last stage. Receipts among `documents` are checked but anchor nothing: whoever rewrites documents can rewrite
    them as well.
    Raises InputError if there is no public or audit document to check, or a commitment or ticket is malformed.
    """
    checklist = Checklist()
    stages = _stages(documents, checklist)
    chain = ordered_chain(stages)
    broken = chain is None
    known = [*map(_copied, commitments), *([] if receipt is None else [receipt["commitment"]])]
    if chain is None:
        _name_what_breaks_the_chain(stages, known, checklist)
        chain = list(stages.values())
    anchored = _check_anchors(chain, known, checklist)
    for stage in chain:
        if len(chain) > 1:
            checklist.note("stage", "Commitment {commitment}:", commitment=stage.commitment)
        _check_stage(stage, documents, checklist)
    _check_strays(chain, documents, checklist)
    for before, after in pairwise(chain):
        if after.public["parent"] == before.commitment:
            with checklist.about(*after.files):
                check_link(before, after, checklist)
    if not broken and (parent := chain[0].public["parent"]) is not None:
        checklist.needs_more(
            "chain_start",
            "{after} is a replacement after {before}, whose documents were not given.",
            after=short(chain[0].commitment),
            before=parent,
        )
    _check_receipts(stages, _receipts(documents, receipt, receipt_file), checklist)
    if ticket is not None:
        _check_ticket(chain[-1], ticket, checklist)
    _say_what_no_document_shows(checklist)
    return Report(tuple(checklist.lines), anchored)


def _stages(documents: Sequence[LoadedDocument], checklist: Checklist) -> dict[str, Stage]:
    """Group public, audit and drawn documents by commitment."""
    stages: dict[str, Stage] = {}
    for document in documents:
        if document.format == PUBLIC_FORMAT:
            public = cast("PublicDocument", document.content)
            stages.setdefault(commitment_of(public), Stage(commitment_of(public), public, document.name))
    for document in documents:
        if document.format == AUDIT_FORMAT:
            audit = cast("AuditDocument", document.content)
            commitment = commitment_of(audit["public"])
            stage = stages.setdefault(commitment, Stage(commitment, audit["public"], document.name))
            if stage.audit is not None and stage.audit != audit:
                with checklist.about(document.name):
                    checklist.failed(
                        "audit",
                        "This contradicts another audit document of the same commitment, {other}; only that "
                        "one is checked below.",
                        other=stage.audit_file,
                    )
            else:
                stage.audit, stage.audit_file = audit, document.name
    if not stages:
        raise InputError("Give at least a public document or an audit document to verify.")
    for document in documents:
        if document.format == DRAWN_FORMAT:
            with checklist.about(document.name):
                _add_drawn(stages, document, checklist)
    return stages


def _add_drawn(stages: Mapping[str, Stage], document: LoadedDocument, checklist: Checklist) -> None:
    drawn = cast("DrawnDocument", document.content)
    stage = stages.get(drawn["commitment"])
    if stage is None:
        checklist.failed("drawn", "This is the result of a draw under another commitment.")
    elif stage.drawn is not None and stage.drawn != drawn:
        checklist.failed("drawn", "This contradicts another result of the same draw, {other}.", other=stage.drawn_file)
    else:
        stage.drawn, stage.drawn_file = drawn, document.name


def _name_what_breaks_the_chain(stages: Mapping[str, Stage], known: Sequence[str], checklist: Checklist) -> None:
    """Say that the commitments are no chain, and which are missing or, if none is, which are not those known."""
    checklist.failed(
        "chain",
        "The documents belong to {count} commitments that do not form one chain: {commitments}.",
        count=len(stages),
        commitments=", ".join(f"{short(stage.commitment)} ({', '.join(stage.files)})" for stage in stages.values()),
    )
    missing = [(stage, p) for stage in stages.values() if (p := stage.public["parent"]) is not None and p not in stages]
    for stage, parent in missing:
        checklist.needs_more(
            "chain_missing",
            "{after} is a replacement after the commitment {missing}, of which no document was given.",
            after=short(stage.commitment),
            missing=parent,
        )
    if missing or not stages.keys() & set(known):
        return
    vouched = {ancestor for commitment in known for ancestor in _ancestors(stages, commitment)}
    for stage in stages.values():
        if stage.commitment not in vouched:
            with checklist.about(*stage.files):
                checklist.failed(
                    "commitment",
                    "The commitment is {commitment}, which is neither one that you know from outside nor before one.",
                    commitment=stage.commitment,
                )


def _ancestors(stages: Mapping[str, Stage], commitment: str | None) -> Iterator[str]:
    """Yield a commitment and those before it, as far as documents were given."""
    while commitment is not None and commitment in stages:
        yield commitment
        commitment = stages[commitment].public["parent"]


def _check_anchors(chain: Sequence[Stage], known: Sequence[str], checklist: Checklist) -> bool:
    present = {stage.commitment for stage in chain}
    voided = {entry["commitment"]: entry["reason"] for stage in chain for entry in stage.public["voided"]}
    for commitment in dict.fromkeys(known):
        suspects = [file for stage in chain if stage.commitment not in known for file in stage.files]
        with checklist.about(*suspects):
            checklist.check(
                "commitment",
                holds=commitment in present,
                passed="The documents are those of the commitment {commitment}, which you know from outside.",
                failed="NO document has the commitment {commitment}, which you know from outside. {voided}",
                commitment=commitment,
                voided=f"It was voided, for the reason: {voided[commitment]}" if commitment in voided else "",
            )
    reached = max((index for index, stage in enumerate(chain) if stage.commitment in known), default=-1)
    for stage in chain[reached + 1 :]:
        checklist.needs_more(
            "outside",
            "{commitment} was computed from the documents themselves. A rewritten, self-consistent document would "
            "look the same: compare it with the notice, the press or your receipt, and give it as --commitment.",
            commitment=stage.commitment,
        )
    return reached == len(chain) - 1


def _copied(commitment: str) -> str:
    """Return a commitment as people copy it from the notice: with spaces, or in capitals."""
    copied = "".join(commitment.split()).lower()
    if len(copied) != 64 or set(copied) - set("0123456789abcdef"):
        raise InputError("A commitment has 64 hexadecimal digits (0–9, a–f); copy it whole.")
    return copied


def _check_stage(stage: Stage, documents: Sequence[LoadedDocument], checklist: Checklist) -> None:
    with checklist.about(*stage.files):
        check_public(stage.public, checklist)
    if stage.audit is None:
        checklist.needs_more(
            "audit",
            "That leaves and tokens stand for the people in the pool, that counts, chances and households are as "
            "stated, and that equals are treated equally: needs the audit document.",
        )
    else:
        with checklist.about(stage.audit_file):
            check_audit(stage.audit, checklist)
        _check_lotteries(stage.audit, documents, checklist)
    if stage.drawn is not None:
        with checklist.about(stage.drawn_file):
            _check_drawn(stage, stage.drawn, checklist)


def _check_lotteries(audit: AuditDocument, documents: Sequence[LoadedDocument], checklist: Checklist) -> None:
    """Check each lottery.json given for this stage, with its proof of fairness."""
    lotteries = [
        (file, lottery) for file, lottery in _lotteries(documents) if lottery.parent == audit["public"]["parent"]
    ]
    if not lotteries:
        checklist.needs_more(
            "seal", "The proof that no fairer lottery exists: needs lottery.json, which the commitment seals."
        )
    for file, lottery in lotteries:
        with checklist.about(file):
            check_lottery(audit, lottery, checklist)


def _lotteries(documents: Sequence[LoadedDocument]) -> list[tuple[str, Lottery]]:
    return [(document.name, document.content) for document in documents if isinstance(document.content, Lottery)]


def _check_strays(chain: Sequence[Stage], documents: Sequence[LoadedDocument], checklist: Checklist) -> None:
    """Fail if a lottery.json belongs to no stage: it would otherwise be passed over in silence."""
    parents = {stage.public["parent"] for stage in chain}
    for file, lottery in _lotteries(documents):
        if lottery.parent not in parents:
            with checklist.about(file):
                checklist.failed("seal", "This lottery.json belongs to none of the commitments.")


def _check_drawn(stage: Stage, drawn: DrawnDocument, checklist: Checklist) -> None:
    public = stage.public
    try:
        ticket = ticket_of(public, how=drawn["how"], value=drawn["value"])
    except InputError as error:
        checklist.failed("drawn", "The result of the draw does not follow the rule: {problem}", problem=str(error))
        return
    right = ticket == drawn["ticket"] and drawn["tokens"] == public["tickets"][ticket]
    right = right and drawn["rehearsal"] == (drawn["how"] == "system_randomness")
    checklist.check(
        "drawn",
        holds=right and len(drawn["members"]) + drawn["erased"] == public["size"],
        passed="The value “{value}” draws ticket {ticket} with {seats} seats.",
        failed="The value “{value}” draws ticket {ticket}, which is not what the result of the draw says.",
        value=drawn["value"],
        ticket=padded(ticket, public),
        seats=public["size"],
    )
    if drawn["rehearsal"]:
        checklist.note("drawn_rehearsal", "This draw was a REHEARSAL with system randomness. It decides nothing.")
    else:
        checklist.needs_more(
            "drawn_value",
            "That “{value}” is what really came of the source that the rule names: compare it with the source.",
            value=drawn["value"],
        )
    if stage.audit is None:
        return
    rows = [stage.audit["entries"][position]["row"] for position in _listed(stage.audit, ticket)]
    ids = {row["id"] for row in rows if row is not None}
    checklist.check(
        "drawn_members",
        holds=ids <= set(drawn["members"]) and drawn["members"] == sorted(set(drawn["members"])),
        passed="The members named by the result of the draw are those on the ticket.",
        failed="The members named by the result of the draw are not those on the ticket.",
    )


def _listed(audit: AuditDocument, ticket: int) -> list[int]:
    """Return the positions on a ticket of an audit document whose lists may be broken."""
    rows = audit["tickets"]
    return [position for position in rows[ticket] if position < len(audit["entries"])] if ticket < len(rows) else []


def _receipts(
    documents: Sequence[LoadedDocument], own: ReceiptDocument | None, own_file: str | None
) -> list[tuple[str | None, ReceiptDocument]]:
    receipts: list[tuple[str | None, ReceiptDocument]] = [] if own is None else [(own_file, own)]
    return receipts + [(d.name, cast("ReceiptDocument", d.content)) for d in documents if d.format == RECEIPT_FORMAT]


def _check_receipts(
    stages: dict[str, Stage], receipts: Sequence[tuple[str | None, ReceiptDocument]], checklist: Checklist
) -> None:
    for file, receipt in receipts:
        with checklist.about(file):
            _check_receipt(stages, receipt, checklist)


def _check_receipt(stages: dict[str, Stage], receipt: ReceiptDocument, checklist: Checklist) -> None:
    stage = stages.get(receipt["commitment"])
    if stage is None:
        # Held against the last document all the same: it says whether the row is in what was given.
        stage = list(stages.values())[-1]
        checklist.failed("receipt_commitment", "A receipt names another commitment than the documents given.")
    numbers = tickets_of(receipt, stage.public)
    checklist.check(
        "receipt",
        holds=leaf_of(receipt) in stage.public["leaves"]
        and receipt["assembly"] == stage.public["draw_rule"]["assembly"],
        passed="The receipt's row is in the pool, unchanged, and stands on {count} of {tickets} tickets: {numbers}",
        failed="The receipt's row is NOT in the pool, or it or the assembly was changed; its secret stands on "
        "{count} of {tickets} tickets: {numbers}",
        count=len(numbers),
        tickets=len(stage.public["tickets"]),
        numbers=", ".join(padded(number, stage.public) for number in numbers) or "–",
    )
    if stage.drawn is not None and leaf_of(receipt) in stage.public["leaves"]:
        selected = stage.drawn["ticket"] in numbers
        checklist.note(
            "receipt_drawn",
            "The person of this receipt was drawn." if selected else "The person of this receipt was not drawn.",
        )


def _check_ticket(stage: Stage, digits: str, checklist: Checklist) -> None:
    public = stage.public
    ticket = ticket_number(public, digits)
    counts = public["ticket_counts"] or {}
    shown = "; ".join(
        f"{feature}: " + ", ".join(f"{value} {column[ticket]}" for value, column in by_value.items())
        for feature, by_value in counts.items()
        if all(ticket < len(column) for column in by_value.values())
    )
    checklist.note(
        "ticket",
        "Ticket {ticket} seats {seats} people. {counts}",
        ticket=digits,
        seats=len(public["tickets"][ticket]),
        counts=shown,
    )
    if stage.drawn is not None:
        with checklist.about(stage.drawn_file):
            checklist.check(
                "ticket_drawn",
                holds=stage.drawn["ticket"] == ticket,
                passed="Ticket {ticket} is the one that the result of the draw names.",
                failed="Ticket {ticket} is not the one that the result of the draw names.",
                ticket=digits,
            )


def _say_what_no_document_shows(checklist: Checklist) -> None:
    checklist.beyond("real_people", "No document shows that the rows are real people with these values.")
    checklist.beyond(
        "left_out",
        "No document shows that nobody was left out: whoever registered compares their acknowledgement with their "
        "receipt.",
    )
    checklist.beyond(
        "in_time", "No document shows that the commitment was public before the draw: whoever saw it before, knows."
    )
