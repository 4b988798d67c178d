"""Small files to read, and the shared data sets."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from sortition.files import LoadedInput, ProblemsError, load_instance

SHARED = Path(__file__).parents[4] / "shared" / "data"

TARGETS = (
    ("feature", "value", "min", "max"),
    ("gender", "female", "1", "2"),
    ("gender", "male", "1", "2"),
    ("age", "18-30", "0", "3"),
    ("age", "31-60", "0", "3"),
)
RESPONDENTS = (
    ("id", "gender", "age", "name"),
    ("a", "female", "18-30", "Ada"),
    ("b", "male", "31-60", "Bo"),
    ("c", "female", "31-60", "Cy"),
    ("d", "male", "18-30", "Di"),
)
Rows = Sequence[Sequence[object]]


def shared(name: str) -> Path:
    """Return a shared data set's folder; skip the test where it is absent, but not in CI."""
    folder = SHARED / name
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the shared data set {name} is missing")
        pytest.skip(f"the shared data set {name} is not beside this checkout")
    return folder


def csv_text(rows: Rows, delimiter: str = ",") -> str:
    """Return rows as CSV."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()


def write_csv(path: Path, rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """Write rows as CSV."""
    path.write_bytes(csv_text(rows, delimiter).encode(encoding))
    return path


def write_xlsx(path: Path, rows: Rows, *, sheet: str = "Sheet") -> Path:
    """Write rows as a workbook with one sheet."""
    workbook = openpyxl.Workbook()
    workbook.active.title = sheet
    for row in rows:
        workbook.active.append(list(row))
    workbook.save(path)
    return path


class Case:
    """A folder with a targets and a respondents file, and the options to load them with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, targets: Rows = TARGETS, respondents: Rows = RESPONDENTS, **options: object) -> LoadedInput:
        """Write both as CSV and load them, for a panel of 3 unless told otherwise."""
        return load_instance(
            write_csv(self.folder / "targets.csv", targets),
            write_csv(self.folder / "respondents.csv", respondents),
            **{"size": 3, **options},  # type: ignore[arg-type]  # tests pass any option
        )

    def problems(self, targets: Rows = TARGETS, respondents: Rows = RESPONDENTS, **options: object) -> list[str]:
        """Return what is wrong as “row: column: what”, in the order of the report."""
        with pytest.raises(ProblemsError) as caught:
            self.load(targets, respondents, **options)
        return [line(problem.rows, problem.column, str(problem.what)) for problem in caught.value.problems]


def line(rows: Sequence[int], column: str | None, what: str) -> str:
    """Return a problem in one line."""
    return ": ".join(part for part in (",".join(map(str, rows)), column, what) if part)


def values_of(loaded: LoadedInput, entry_id: str) -> dict[str, str]:
    """Return an entry's values."""
    return dict(loaded.instance.entries[loaded.instance.index_of(entry_id)].values)


def texts(messages: Sequence[object]) -> list[str]:
    """Return messages as English."""
    return [str(message) for message in messages]
