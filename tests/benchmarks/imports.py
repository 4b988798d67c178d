"""Measures how long a file of 20,000 registrations takes: uploaded, looked at, imported, found, undone.

Run it with `python -m tests.benchmarks.imports [ROWS]`. The people are those of the sample, repeated with other codes,
streets and mail addresses, as a workbook of 18 columns.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable
from typing import TypeVar

import openpyxl

from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Role
from assembly.services import accounts, assemblies, duplicates, exports, households, imports, pool
from tests.assembly.conftest import WORDS
from tests.assembly.sample import DATA, add_features

ROWS = 20_000
_Result = TypeVar("_Result")


def workbook(rows: int) -> bytes:
    """Return a workbook with so many registrations."""
    source = openpyxl.load_workbook(DATA / "respondents.xlsx", read_only=True).worksheets[0]
    header, *people = [list(row) for row in source.iter_rows(values_only=True) if any(row)]
    people = [person for person in people if str(person[2] or "").strip()]
    target = openpyxl.Workbook(write_only=True)
    sheet = target.create_sheet()
    sheet.append(header)
    for number in range(rows):
        person = list(people[number % len(people)])
        turn = number // len(people)
        person[2], person[5], person[6] = f"B{number:06}", f"p{number}@example.org", f"{person[6]} {turn}"
        sheet.append(person)
    stream = io.BytesIO()
    target.save(stream)
    return stream.getvalue()


def timed(name: str, deed: Callable[[], _Result]) -> _Result:
    """Do something and say how long it took, and how much of that on the processor."""
    start, used = time.perf_counter(), time.process_time()
    result = deed()
    say(name, time.perf_counter() - start, time.process_time() - used)
    return result


def say(name: str, seconds: float, used: float) -> None:
    """Print one line."""
    print(f"{name:<36}{seconds:8.2f} s, of the processor {used:8.2f} s")  # noqa: T201  # the benchmark's output


def main() -> None:
    """Measure."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    content = workbook(rows)
    print(f"{rows} rows, {len(content) / 2**20:.1f} MB")  # noqa: T201  # the benchmark's output
    app = create_app(Config.from_environment({"ASSEMBLY_DATA": tempfile.mkdtemp(prefix="assembly-")}))
    with app.app_context():
        session = db.session
        user = accounts.create_account(session, email="a@example.org", name="A")
        accounts.grant(session, user, Role.COUNCIL_OFFICE, by=None)
        assembly = assemblies.create_assembly(session, WORDS, by=user)
        add_features(session, assembly)

        def apply() -> None:
            imports.apply_import(session, upload, by=user)
            session.commit()

        def undo() -> None:
            imports.undo_import(session, upload, by=user)
            session.commit()

        start, used = time.perf_counter(), time.process_time()
        upload = timed(
            "upload: read the workbook", lambda: imports.upload(session, assembly, content, name="b.xlsx", by=user)
        )
        timed("preview", lambda: imports.preview(session, assembly, upload))
        timed("import", apply)
        say("end to end", time.perf_counter() - start, time.process_time() - used)
        again = imports.upload(session, assembly, content, name="b.xlsx", by=user)
        timed("preview of the same file again", lambda: imports.preview(session, assembly, again))
        timed("pool page", lambda: pool.find(session, assembly, pool.Filter()))
        timed("pool page, search", lambda: pool.find(session, assembly, pool.Filter(search="krawczyk anton")))
        timed("pool page, suspected duplicates", lambda: pool.find(session, assembly, pool.Filter(is_suspected=True)))
        timed("page of suspected pairs", lambda: duplicates.suspicions(session, assembly, page=1, size=25))
        timed("composition", lambda: pool.composition(session, assembly))
        timed("pool rows for the lottery", lambda: pool.pool_rows(session, assembly))
        timed("households found anew", lambda: households.find_households(session, assembly))
        names, words = dict.fromkeys(exports.COLUMNS, "x"), {"registered": "x"}
        timed(
            "export as workbook",
            lambda: exports.export_pool(session, assembly, kind="xlsx", names=names, words=words, by=user),
        )
        timed("undo", undo)


if __name__ == "__main__":
    main()
