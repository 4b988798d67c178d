"""A lottery's files as the command line wants them, in one archive, so that every step can be checked without us."""

from __future__ import annotations

import io
import json
import shlex
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Commitment, Lottery, User
from assembly.services import logbook
from assembly.services.errors import NotFoundError
from sortition import NOT_STATED, Instance, Quota
from sortition.files import neutralise, write_tables
from sortition.lottery_file import parse_lottery
from sortition.protocol.documents import parse_audit

TARGET_COLUMNS = ("feature", "value", "min", "max", "min_flex", "max_flex", "voluntary")
HOUSEHOLD = "household"
BEFORE = "before-"
"""Starts the names of the documents of the draw that a replacement follows."""
WARNING = "# These files hold personal data and secrets: keep them as you keep the registrations."
AGAIN = "# The same lottery once more; on another machine its numbers may differ in the last digits."
_MOMENTS = frozenset({"moment", "moments"})
_FIRST = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive, so that the same files give the same bytes."""


def engine_files(session: Session, assembly: Assembly, lottery: Lottery, *, by: User) -> bytes:
    """Return a ZIP of targets, respondents, lottery.json and, once committed, the rule and the documents; log it.

    COMMANDS.txt in it says what to type. Raises NotFoundError if the lottery has no result.
    """
    if lottery.document is None:
        raise NotFoundError
    instance = parse_lottery(json.loads(lottery.document), name="lottery.json").instance
    commitment, before = (_commitment_of(session, number) for number in (lottery.id, lottery.replaces_id))
    files = {"lottery.json": lottery.document} | _documents(commitment)
    if before is None:
        files |= _tables(instance)
        commands = _solving(files, instance, lottery)
    else:
        files |= {f"{BEFORE}{name}": content for name, content in _documents(before).items()}
        commands = _replacing(files, instance, lottery)
    if commitment is not None:
        commands += _verifying(files, commitment, before)
    files["COMMANDS.txt"] = "\n".join([WARNING, *commands]).encode() + b"\n"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _FIRST), files[name], zipfile.ZIP_DEFLATED)
    details = {"files": sorted(files), "people": len(instance.entries)}
    logbook.record(session, assembly, "engine_files_exported", by=by, subject=f"lottery:{lottery.id}", details=details)
    return content.getvalue()


def _tables(instance: Instance) -> dict[str, bytes]:
    """Return targets and respondents: as CSV, or as XLSX if a spreadsheet would take a cell of CSV for a formula.

    CSV must then change the cell, and another id or value makes another lottery; in XLSX it stays as it is.
    """
    features = list(instance.quotas)
    targets = [list(TARGET_COLUMNS), *_target_rows(instance)]
    columns = ["id", *features, *([HOUSEHOLD] if any(entry.household for entry in instance.entries) else [])]
    respondents = [columns]
    for entry in instance.entries:
        cells = [entry.id, *(entry.values[feature] for feature in features), entry.household or ""]
        respondents.append(cells[: len(columns)])
    is_safe = all(neutralise(cell) == cell for rows in (targets, respondents) for row in rows for cell in row)
    ending = "csv" if is_safe else "xlsx"
    return {
        f"{name}.{ending}": _table(rows, ending) for name, rows in (("targets", targets), ("respondents", respondents))
    }


def _target_rows(instance: Instance) -> Iterator[list[str]]:
    for feature, values in instance.quotas.items():
        is_voluntary = NOT_STATED in values
        for value, quota in values.items():
            if value == NOT_STATED and quota == Quota(0, instance.size):
                continue  # follows from the feature being voluntary
            bounds = (quota.lower, quota.upper, quota.lower_flex, quota.upper_flex)
            cells = ["" if bound is None else str(bound) for bound in bounds]
            yield [feature, value, *cells, "yes" if is_voluntary else "no"]


def _table(rows: Sequence[Sequence[str]], ending: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="assembly-") as folder:
        path = Path(folder) / f"table.{ending}"
        with write_tables(path) as (writer,):
            for row in rows:
                writer.write(row)
        return path.read_bytes()


def _documents(commitment: Commitment | None) -> dict[str, bytes]:
    if commitment is None:
        return {}
    found = {
        "RULE.toml": "\n".join(_toml(commitment.rule)).encode() + b"\n",
        "public.json": commitment.public_document,
        "audit.json": commitment.audit_document,
        "drawn.json": commitment.result,
    }
    return {name: content for name, content in found.items() if content is not None}


def _toml(rule: Mapping[str, Any], section: str = "") -> Iterator[str]:
    """Yield the lines of a draw rule; TOML says nothing where the document says null."""
    for name, value in rule.items():
        if value is not None and not isinstance(value, Mapping):
            yield f"{name} = {_toml_value(name, value)}"
    for name, value in rule.items():
        if isinstance(value, Mapping):
            own = f"{section}{name}"
            yield f"\n[{own}]"
            yield from _toml(value, f"{own}.")


def _toml_value(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(name, one) for one in value) + "]"
    return str(value) if name in _MOMENTS else json.dumps(value, ensure_ascii=False)


def _solving(files: Mapping[str, bytes], instance: Instance, lottery: Lottery) -> list[str]:
    """Return how to check the quotas and solve again."""
    targets, respondents = (next(n for n in files if n.startswith(start)) for start in ("targets", "respondents"))
    inputs = f"--targets {targets} --respondents {respondents} --size {instance.size}"
    if any(entry.household for entry in instance.entries):
        inputs += f" --household {HOUSEHOLD}"
    checking = ["# Can the quotas be met?", f"sortition check {inputs}"]
    if lottery.is_rehearsal:
        return [*checking, "# This lottery was a rehearsal with random numbers of its own: solving again gives others."]
    return [*checking, AGAIN, f"sortition solve {inputs} --output solved-again.json"]


def _replacing(files: Mapping[str, bytes], instance: Instance, lottery: Lottery) -> list[str]:
    """Return how to solve a replacement again, if the documents of the draw before are still there."""
    audit, drawn = f"{BEFORE}audit.json", f"{BEFORE}drawn.json"
    if audit not in files or drawn not in files:
        return []
    rows = (entry["row"] for entry in parse_audit(files[audit], name=audit)["entries"])
    out = sorted({row["id"] for row in rows if row is not None} - {entry.id for entry in instance.entries})
    relax = " --relax" if lottery.summary.get("relaxed") else ""
    names = shlex.quote(",".join(out))
    return [
        AGAIN,
        f"sortition replace --audit {audit} --drawn {drawn} --out {names} --output solved-again.json{relax}",
    ]


def _verifying(files: Mapping[str, bytes], commitment: Commitment, before: Commitment | None) -> list[str]:
    """Return how to verify, and to draw again."""
    kinds = ("public.json", "audit.json", "drawn.json", "lottery.json")
    documents = [name for name in (*(f"{BEFORE}{kind}" for kind in kinds), *kinds) if name in files]
    earlier = "" if before is None else f" --commitment {before.hash}"
    lines = [
        "# Is everything as it was committed?",
        f"sortition verify {' '.join(documents)} --commitment {commitment.hash}{earlier}",
    ]
    if "audit.json" in files and commitment.drawn_at is not None:
        option = "ticket" if commitment.rule["draw"]["kind"] == "digits" else "public-value"
        value = shlex.quote(commitment.drawn_value)
        lines += ["# The draw once more", f"sortition draw audit.json --{option} {value} --output drawn-again.json"]
    return lines


def _commitment_of(session: Session, lottery_id: int | None) -> Commitment | None:
    return session.scalar(sa.select(Commitment).where(Commitment.lottery_id == lottery_id))
