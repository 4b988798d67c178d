"""The command `commit`: fix a solved lottery and its draw rule before the draw."""

from __future__ import annotations

from pathlib import Path

import click

from sortition.cli import clock
from sortition.cli.outputs import NewFile, NewFolder, read_bytes, require_new, write_new
from sortition.errors import InputError
from sortition.lottery_file import read_lottery
from sortition.protocol.commit import Commitment, Voided
from sortition.protocol.commit import commit as commit_lottery
from sortition.protocol.documents import parse_public
from sortition.protocol.draw_rule import DrawRule
from sortition.protocol.notice import notice_pdf
from sortition.protocol.receipts import file_names, receipt_bytes

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("lottery", type=FILE)
@click.option("--draw-rule", required=True, type=FILE, help="TOML file that says what decides the ticket, and when.")
@click.option("--public", required=True, type=FILE, help="Where the public document goes; everybody may have it.")
@click.option("--audit", required=True, type=FILE, help="Where the audit document goes, with all secrets.")
@click.option("--receipts", type=click.Path(file_okay=False, path_type=Path), help="Folder for one receipt each.")
@click.option("--notice", type=FILE, help="Where the one-page notice goes (PDF).")
@click.option("--voids", type=FILE, help="Public document of an earlier commitment that this one replaces.")
@click.option("--reason", help="Why the earlier commitment is voided; published.")
def commit(
    *,
    lottery: Path,
    draw_rule: Path,
    public: Path,
    audit: Path,
    receipts: Path | None,
    notice: Path | None,
    voids: Path | None,
    reason: str | None,
) -> None:
    """Fix the LOTTERY and the draw rule before the draw; prints the commitment, which is to be published."""
    require_new([path for path in (public, audit, receipts, notice) if path is not None])
    solved = read_lottery(lottery)
    if solved.rehearsal:
        echo_rehearsal(f"{lottery} was solved with a seed, or after the rehearsal of a draw.")
    made = commit_lottery(
        solved,
        DrawRule.from_toml(read_bytes(draw_rule), name=draw_rule.name),
        now=clock.now(),
        voids=_voided(voids, reason),
    )
    # The audit document first: a public document whose secrets are lost could never be drawn.
    outputs: list[NewFile | NewFolder] = [NewFile(audit, made.audit_bytes())]
    if receipts is not None:
        outputs.append(NewFolder(receipts, _receipt_files(made)))
    if notice is not None:
        outputs.append(NewFile(notice, notice_pdf(made.public), published=True))
    outputs.append(NewFile(public, made.public_bytes(), published=True))
    write_new(outputs)
    click.echo(made.hash)
    click.echo(
        f"This is the commitment. Publish it with {public} before {made.public['draw_rule']['moment']}; from now on "
        "the pool is frozen. Send each receipt to its person, and give the audit document to a notary or auditor.",
        err=True,
    )


def echo_rehearsal(reason: str) -> None:
    """Say on stderr, before any work, that what is made decides nothing, and neither does what is made of it."""
    click.echo(f"This is a REHEARSAL: {reason} Everything that follows is one, too, and decides nothing.", err=True)


def _voided(voids: Path | None, reason: str | None) -> Voided | None:
    if voids is None and reason is None:
        return None
    if voids is None or reason is None:
        raise InputError("--voids and --reason belong together: which commitment is voided, and why.")
    return Voided(parse_public(read_bytes(voids), name=voids.name), reason)


def _receipt_files(made: Commitment) -> dict[str, bytes]:
    receipts = made.receipts()
    names = file_names(receipt["row"]["id"] for receipt in receipts)
    return {names[receipt["row"]["id"]]: receipt_bytes(receipt) for receipt in receipts}


COMMAND = commit
