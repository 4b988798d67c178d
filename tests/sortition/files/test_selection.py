"""The files of selected and remaining people are those of sortition-algorithms, safe, and whole or absent."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sortition.errors import InputError
from sortition.files import FileSettings, ProblemsError, neutralise, write_selected_and_remaining, write_tables, writing
from tests.sortition.files.support import RESPONDENTS, Rows, write_csv, write_xlsx

PEOPLE = (
    ("id", "gender", "Name", "mail", "Addr", "plz"),
    ("b", "M", "Lee, A", "=1+1", "Weg 1", "01"),
    ("a", "w", "Ö", "x", "Weg 2", "02"),
    ("c", "w", " sp ", "x", 'We"g 2', "02"),
    ("d", "m", "two\nlines", "x", "Weg 4", "02"),
)
SETTINGS = FileSettings(id_column="ID", household_columns=("addr", "Plz"), columns_to_keep=("NAME", "mail"))
# What sortition-algorithms 0.12.15 wrote for PEOPLE, these settings and a feature “Gender”, b and a being drawn;
# but for the apostrophe that we put before a formula.
THEIR_SELECTED = 'ID,NAME,mail,addr,Plz,Gender\r\nb,"Lee, A",\'=1+1,Weg 1,01,M\r\na,Ö,x,Weg 2,02,w\r\n'
THEIR_REMAINING = 'ID,NAME,mail,addr,Plz,Gender\r\nc,sp,x,"We""g 2",02,w\r\nd,"two\nlines",x,Weg 4,02,m\r\n'


def write(tmp_path: Path, people: Rows = PEOPLE, suffix: str = ".csv", **options: object) -> tuple[Path, Path]:
    selected, remaining = tmp_path / f"selected{suffix}", tmp_path / f"remaining{suffix}"
    write_selected_and_remaining(
        write_csv(tmp_path / "people.csv", people),
        selected_path=selected,
        remaining_path=remaining,
        **{"selected_ids": {"a", "b"}, "features": ["Gender"], **options},  # type: ignore[arg-type]  # tests pass any option
    )
    return selected, remaining


def test_the_files_are_those_of_the_other_program(tmp_path: Path) -> None:
    selected, remaining = write(tmp_path, settings=SETTINGS)
    assert selected.read_bytes().decode() == THEIR_SELECTED
    assert remaining.read_bytes().decode() == THEIR_REMAINING
    assert selected.stat().st_mode & 0o077 == 0


def test_without_settings_every_column_is_kept_after_the_id(tmp_path: Path) -> None:
    selected, _ = write(tmp_path, [(row[1], row[0], *row[2:]) for row in PEOPLE])
    assert selected.read_text().splitlines()[0] == "id,gender,Name,mail,Addr,plz"


def test_the_id_column_may_be_named_or_absent(tmp_path: Path) -> None:
    selected, _ = write(tmp_path, id_column="NAME", selected_ids={"Ö"})
    assert selected.read_text().splitlines()[:2] == ["NAME,id,gender,mail,Addr,plz", "Ö,a,w,x,Weg 2,02"]
    selected, remaining = write(tmp_path, [row[1:] for row in PEOPLE], selected_ids={"3"})
    assert selected.read_text().splitlines() == ["row,gender,Name,mail,Addr,plz", "3,w,Ö,x,Weg 2,02"]
    assert remaining.read_text().splitlines()[1] == '2,M,"Lee, A",\'=1+1,Weg 1,01'


def test_the_counts_are_returned_and_rows_without_id_left_out(tmp_path: Path) -> None:
    people = write_csv(tmp_path / "p.csv", (*RESPONDENTS, ("", "", "", "x")))
    counts = write_selected_and_remaining(
        people,
        selected_path=tmp_path / "s.csv",
        remaining_path=tmp_path / "r.csv",
        selected_ids=["a"],
        features=["gender"],
    )
    assert counts == (1, 3)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"selected_ids": {"a", "z"}}, "1 of those drawn are not in the file: “z”."),
        ({"settings": FileSettings(columns_to_keep=("phone",))}, "There is no column “phone”."),
        ({"id_column": "nr"}, "There is no column “nr”."),
    ],
)
def test_nothing_is_written_if_something_is_missing(tmp_path: Path, options: dict[str, object], what: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        write(tmp_path, **options)
    assert [str(problem.what) for problem in caught.value.problems] == [what]
    assert [path.name for path in tmp_path.iterdir()] == ["people.csv"]


def test_no_file_is_written_over_its_own_source(tmp_path: Path) -> None:
    people = write_csv(tmp_path / "p.csv", PEOPLE)
    before = people.read_bytes()
    for selected, remaining in (("p.csv", "r.csv"), ("s.csv", "s.csv"), ("s.csv", "x/../p.csv")):
        with pytest.raises(InputError, match="three different"):
            write_selected_and_remaining(
                people,
                selected_path=tmp_path / selected,
                remaining_path=tmp_path / remaining,
                selected_ids=["a"],
                features=[],
            )
    assert people.read_bytes() == before


def test_workbooks_are_written_as_texts_that_stay_texts(tmp_path: Path) -> None:
    people = ((*PEOPLE[0], "note"), *((*row, "\x0b-1") for row in PEOPLE[1:]))
    selected, _ = write(tmp_path, people, ".xlsx", settings=SETTINGS)
    sheet = openpyxl.load_workbook(selected).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["ID", "NAME", "mail", "addr", "Plz", "Gender"],
        ["b", "Lee, A", "=1+1", "Weg 1", "01", "M"],
        ["a", "Ö", "x", "Weg 2", "02", "w"],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    assert [cell.quotePrefix for cell in sheet[2]] == [False, False, True, False, False, False]
    with zipfile.ZipFile(selected) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_workbook_replaces_characters_it_cannot_hold(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with write_tables(path) as (writer,):
        writer.write(["a\x00b"])
    assert openpyxl.load_workbook(path).active["A1"].value == "a\ufffdb"


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_cells_that_a_spreadsheet_would_calculate_are_quoted(start: str) -> None:
    assert neutralise(f"{start}1") == f"'{start}1"
    if not start.isspace():
        assert neutralise(f"  {start}1") == f"'  {start}1"
    assert neutralise(f"a;{start}1") == f"a;'{start}1"
    assert neutralise(f"a\r\n{start}1") == f"a\r\n'{start}1"
    assert neutralise(f"a{start}1") == f"a{start}1"


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=6), min_size=1, max_size=4), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_program_reads_a_formula_and_texts_come_back(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "x.csv"
    with write_tables(path) as (writer,):
        for row in rows:
            writer.write(row)
    with path.open(newline="", encoding="utf-8") as stream:
        read = list(csv.reader(stream))
    assert read == [[neutralise(cell) for cell in row] for row in rows]
    for row in read:
        for cell in row:
            for part in cell.replace("\t", ";").replace("\r", ";").replace("\n", ";").split(";"):
                assert not part.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


def test_a_lone_surrogate_is_replaced(tmp_path: Path) -> None:
    with write_tables(tmp_path / "x.csv") as (writer,):
        writer.write(["\ud800"])
    assert (tmp_path / "x.csv").read_bytes() == b"?\r\n"


def test_an_interruption_leaves_the_old_files_and_nothing_else(tmp_path: Path) -> None:
    old = tmp_path / "a.csv"
    old.write_text("old")
    with pytest.raises(KeyboardInterrupt), write_tables(old, tmp_path / "b.xlsx") as writers:  # noqa: PT012  # the block under test is the whole block
        for writer in writers:
            writer.write(["new"])
        raise KeyboardInterrupt
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.csv": "old"}


def test_what_cannot_be_written_is_said_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="is a folder"), write_tables(tmp_path):
        pass
    with (
        pytest.raises(InputError, match=r"cannot be written: No such file or directory\. Choose another"),
        write_tables(tmp_path / "a.csv", tmp_path / "no" / "b.csv"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(writing, "_flush_to_disk", full)
    with pytest.raises(InputError, match="No space left"), write_tables(tmp_path / "a.csv") as (writer,):
        writer.write(["x"])
    assert list(tmp_path.iterdir()) == []


def test_workbooks_are_sources_too(tmp_path: Path) -> None:
    people = [[cell.replace("=1+1", "'=1+1") for cell in row] for row in PEOPLE]
    counts = write_selected_and_remaining(
        write_xlsx(tmp_path / "p.xlsx", people, sheet="Leute"),
        selected_path=tmp_path / "s.csv",
        remaining_path=tmp_path / "r.csv",
        selected_ids={"a", "b"},
        features=["Gender"],
        settings=SETTINGS,
        sheet="Leute",
    )
    assert counts == (2, 2)
    assert (tmp_path / "s.csv").read_bytes().decode() == THEIR_SELECTED
