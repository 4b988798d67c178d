"""The command `verify`: what the documents prove, line by line."""

from __future__ import annotations

from pathlib import Path

import click

from sortition.cli.commit import FILE
from sortition.cli.outputs import read_bytes
from sortition.errors import VerificationError
from sortition.protocol.documents import parse_document, parse_receipt
from sortition.protocol.report import Outcome
from sortition.protocol.verify import Report
from sortition.protocol.verify import verify as verify_documents

MARKS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.NOTE: "!",
    Outcome.NEEDS_MORE: "…",
    Outcome.BEYOND: "–",
}


@click.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("--commitment", multiple=True, metavar="HASH", help="The commitment as you know it from outside.")
@click.option("--ticket", metavar="DIGITS", help="The ticket that was drawn, all digits.")
@click.option("--receipt", type=FILE, help="Your own receipt, which you received before the draw.")
def verify(*, files: tuple[Path, ...], commitment: tuple[str, ...], ticket: str | None, receipt: Path | None) -> None:
    """Check FILES of any kind: public and audit documents, results of draws, receipts, lottery.json.

    ✓ checked, ✗ failed, … needs another document or your knowledge, – no document can show, ! to know. What failed
    names its file. Ends with 0 only if nothing failed and the commitment is known from outside (--commitment, or
    your own --receipt).
    """
    report = verify_documents(
        [parse_document(read_bytes(path), name=str(path)) for path in files],
        commitments=commitment,
        ticket=ticket,
        receipt=None if receipt is None else parse_receipt(read_bytes(receipt), name=str(receipt)),
        receipt_file=None if receipt is None else str(receipt),
    )
    for line in report.lines:
        blamed = f"{', '.join(line.files)}: " if line.files and line.outcome is Outcome.FAILED else ""
        click.echo(f"{MARKS[line.outcome]} {blamed}{line.message}")
    click.echo(_verdict(report))
    if not report.verified:
        raise VerificationError("Not verified.")


def _verdict(report: Report) -> str:
    if not report.consistent:
        failed = sum(line.outcome is Outcome.FAILED for line in report.lines)
        return f"NOT VERIFIED: {failed} checks failed."
    if not report.anchored:
        return (
            "CONSISTENT, BUT NOT VERIFIED: nothing contradicts itself, but no commitment from outside was given. "
            "Rewritten documents would look the same."
        )
    if any(line.key in {"rehearsal", "drawn_rehearsal"} for line in report.lines):
        return "VERIFIED AS A REHEARSAL: the documents are those committed to, but the draw decides nothing."
    return "VERIFIED: the documents are those committed to, and nothing contradicts them."


COMMAND = verify
