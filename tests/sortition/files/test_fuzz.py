"""No damage to a file, however odd, raises anything but the input errors; SORTITION_FUZZ sets how many are tried."""

from __future__ import annotations

import io
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from sortition.files import ProblemsError, load_instance
from tests.sortition.files.support import RESPONDENTS, TARGETS, csv_text, write_csv, write_xlsx

INSERTED = (b"\x00", b"\xff", b'"', b"\xff\xfe", b"\r", b"\n", b";", b" ", b"\xe4", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
TRIES = int(os.environ.get("SORTITION_FUZZ", "500"))
"""Damaged files in all, over the four kinds."""

SETTINGS = b"""
id_column = "id"
check_same_address = true
check_same_address_columns = ["name"]
random_number_seed = 0
"""
Table = list[list[str]]
ODD = (
    *("", " ", "\x00", "\n", '"', "'", ";", ",", "\t", "=1+1", "-1", "1e400", "nan", "½", "٣", "1.000", "9" * 14),
    *("k. A.", "not_stated", "\ufeff", "\u202e", "İ", "ß", "ﬁ", "{", "{0}", "{x!r}", "%s", "\ud7ff", "x" * 5000),
    *("sep=;", "0,5", "feature", "id", "female", "a"),
)


def damage_bytes(content: bytes, rng: random.Random) -> bytes:
    """Flip, cut, repeat or insert bytes."""
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(len(damaged) + 1)
        length = rng.choice((1, 1, 1, 4, 40))
        match rng.randrange(4):
            case 0:
                damaged[at : at + length] = rng.randbytes(len(damaged[at : at + length]))
            case 1:
                del damaged[at : at + length]
            case 2:
                damaged[at:at] = damaged[at : at + length]
            case _:
                damaged[at:at] = rng.choice(INSERTED)
    return bytes(damaged)


def damage_table(rows: Table, rng: random.Random) -> Table:
    """Change, move, copy or delete cells, rows and columns."""
    rows = [list(row) for row in rows]
    for _ in range(rng.randint(1, 6)):
        if not rows or not rows[0]:
            return rows
        row = rng.choice(rows)
        match rng.randrange(7):
            case 0 | 1:
                if row:
                    row[rng.randrange(len(row))] = rng.choice(ODD)
            case 2:
                rows.remove(row)
            case 3:
                rows.insert(rng.randrange(len(rows) + 1), list(row))
            case 4:
                column = rng.randrange(len(rows[0]))
                for other in rows:
                    del other[column : column + 1]
            case 5:
                rng.shuffle(row)
            case _:
                row.append(rng.choice(ODD))
    return rows


def as_csv(rows: Table, rng: random.Random) -> bytes:
    """Write a table as text of some kind."""
    encoding = rng.choice(("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"))
    return csv_text(rows, rng.choice((",", ";", "\t"))).encode(encoding, errors="replace")


def as_xlsx(rows: Table, _: random.Random) -> bytes:
    """Write a table as a workbook, without the characters that it cannot hold."""
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append([cell.replace("\x00", "x") for cell in row])
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def damage_part(content: bytes, rng: random.Random) -> bytes:
    """Damage one unpacked part of a workbook, so that the damage gets past the checksums."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(sorted(parts))
    parts[name] = damage_bytes(parts[name], rng)
    if rng.random() < 0.1:
        del parts[rng.choice(sorted(parts))]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for part, damaged in parts.items():
            archive.writestr(part, damaged)
    return stream.getvalue()


def csv_bytes(rows: Table, rng: random.Random) -> bytes:
    return damage_bytes(as_csv(rows, rng), rng)


def csv_cells(rows: Table, rng: random.Random) -> bytes:
    return as_csv(damage_table(rows, rng), rng)


def xlsx_bytes(rows: Table, rng: random.Random) -> bytes:
    return (damage_bytes if rng.random() < 0.3 else damage_part)(as_xlsx(rows, rng), rng)


def xlsx_cells(rows: Table, rng: random.Random) -> bytes:
    return as_xlsx(damage_table(rows, rng), rng)


@pytest.mark.parametrize("damage", [csv_bytes, csv_cells, xlsx_bytes, xlsx_cells])
def test_damaged_files_give_an_instance_or_an_input_error(
    tmp_path: Path, damage: Callable[[Table, random.Random], bytes]
) -> None:
    rng = random.Random(damage.__name__)  # noqa: S311 - repeatable on purpose
    targets, people = [list(row) for row in TARGETS], [list(row) for row in RESPONDENTS]
    good = write_csv(tmp_path / "targets.csv", targets), write_xlsx(tmp_path / "people.xlsx", people)
    damaged = tmp_path / "damaged"
    settings_path = tmp_path / "settings.toml"
    outcomes = {True: 0, False: 0}
    for number in range(TRIES // 4):
        settings_path.write_bytes(damage_bytes(SETTINGS, rng) if number % 5 == 0 else SETTINGS)
        of_targets = rng.random() < 0.5
        damaged.write_bytes(damage(targets if of_targets else people, rng))
        try:
            load_instance(
                damaged if of_targets else good[0],
                good[1] if of_targets else damaged,
                size=rng.choice((1, 2, 3, 4, 5)),
                settings_path=settings_path if rng.random() < 0.5 else None,
                household_columns=rng.choice(((), ("name",), ("age", "name"))),
                address_only=rng.random() < 0.2,
                voluntary=rng.choice(((), ("gender",), ("age", "gender"))),
                required=rng.choice(((), ("a",), ("a", "b", "zz"))),
            )
            outcomes[True] += 1
        except ProblemsError as error:
            outcomes[not error.to_json()["problems"]] += 1
    if TRIES >= 100:  # the damage must be neither harmless nor always fatal
        assert min(outcomes.values()) > 0
