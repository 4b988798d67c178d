"""The command `draw`: one public number becomes a panel."""

from __future__ import annotations

from pathlib import Path

import click

from sortition.cli import clock
from sortition.cli.commit import FILE
from sortition.cli.outputs import NewFile, read_bytes, require_new, write_new
from sortition.errors import InputError
from sortition.files import ProblemReport, read_settings, write_selected_and_remaining
from sortition.protocol.canonical import canonical_bytes
from sortition.protocol.documents import AuditDocument, DrawnDocument, parse_audit
from sortition.protocol.draw import How, padded
from sortition.protocol.draw import draw as draw_ticket


@click.command()
@click.argument("audit", type=FILE)
@click.option("--ticket", metavar="DIGITS", help="The digits drawn in public, all of them: 007, not 7.")
@click.option("--public-value", metavar="TEXT", help="The public value that the rule names, in its exact format.")
@click.option("--system-randomness", is_flag=True, help="Rehearse with the computer's randomness; decides nothing.")
@click.option("--output", required=True, type=FILE, help="Where the result goes, with the members' ids.")
@click.option("--respondents", type=FILE, help="The respondents' file, unchanged, to write the tables from.")
@click.option("--selected", type=FILE, help="Where the rows of the members go.")
@click.option("--remaining", type=FILE, help="Where the rows of all others go.")
@click.option("--settings", type=FILE, help="The settings (TOML) the lottery was solved with, if any.")
@click.option("--id-column", metavar="COLUMN", help="The column of the ids, if the lottery was solved with one.")
@click.option("--respondents-sheet", metavar="SHEET", help="The sheet, if the lottery was solved with one.")
def draw(
    *,
    audit: Path,
    ticket: str | None,
    public_value: str | None,
    system_randomness: bool,
    output: Path,
    respondents: Path | None,
    selected: Path | None,
    remaining: Path | None,
    settings: Path | None,
    id_column: str | None,
    respondents_sheet: str | None,
) -> None:
    """Draw the panel of the AUDIT document; prints the ticket."""
    how, value = _source(ticket, public_value, system_randomness=system_randomness)
    tables = _tables(respondents, selected, remaining)
    require_new([output, *(() if tables is None else tables[1:])])
    document = parse_audit(read_bytes(audit), name=audit.name)
    drawn = draw_ticket(document, how=how, value=value, now=clock.now())
    write_new([NewFile(output, canonical_bytes(dict(drawn)))])
    if tables is not None:
        try:
            _write_tables(document, drawn, tables, settings=settings, id_column=id_column, sheet=respondents_sheet)
        except BaseException:
            output.unlink(missing_ok=True)  # all outputs or none
            raise
    click.echo(padded(drawn["ticket"], document["public"]))
    if drawn["rehearsal"]:
        click.echo("This is a REHEARSAL with system randomness. It decides nothing.", err=True)
    if drawn["erased"]:
        click.echo(f"{drawn['erased']} drawn people were erased: they count as drawn and withdrawn.", err=True)


def _source(ticket: str | None, public_value: str | None, *, system_randomness: bool) -> tuple[How, str]:
    if [ticket is not None, public_value is not None, system_randomness].count(True) != 1:
        raise InputError("Give exactly one of --ticket, --public-value and --system-randomness.")
    if ticket is not None:
        return "digits", ticket
    return ("public_value", public_value) if public_value is not None else ("system_randomness", "")


def _tables(respondents: Path | None, selected: Path | None, remaining: Path | None) -> tuple[Path, Path, Path] | None:
    if respondents is None and selected is None and remaining is None:
        return None
    if respondents is None or selected is None or remaining is None:
        raise InputError("--respondents, --selected and --remaining belong together.")
    return respondents, selected, remaining


def _write_tables(
    audit: AuditDocument,
    drawn: DrawnDocument,
    tables: tuple[Path, Path, Path],
    *,
    settings: Path | None,
    id_column: str | None,
    sheet: str | None,
) -> None:
    """Copy the members' rows and all others' from the respondents' file, which must be that of the audit document."""
    respondents, selected, remaining = tables
    report = ProblemReport()
    columns = None if settings is None else read_settings(settings, report=report)
    report.raise_if_any()
    write_selected_and_remaining(
        respondents,
        selected_path=selected,
        remaining_path=remaining,
        selected_ids=drawn["members"],
        features=list(audit["public"]["quotas"]),
        settings=columns,
        id_column=id_column,
        sheet=sheet,
        pool={entry["row"]["id"]: entry["row"]["values"] for entry in audit["entries"] if entry["row"] is not None},
        erased=sum(entry["row"] is None for entry in audit["entries"]),
    )


COMMAND = draw
