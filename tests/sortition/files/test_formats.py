"""Files are read whatever encoding, delimiter and format they have, or refused with one clear problem."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sortition.files import ProblemsError, load_instance, workbooks
from sortition.files import tables as tables_module
from sortition.files.delimited import find_delimiter, find_encoding
from sortition.files.tables import open_table
from tests.sortition.files.support import (
    RESPONDENTS,
    TARGETS,
    Case,
    csv_text,
    texts,
    values_of,
    write_csv,
    write_xlsx,
)

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
GERMAN = (
    ("Merkmal", "Ausprägung", "min", "max"),
    ("Geschlecht", "weiblich", "1", "2,0"),
    ("Geschlecht", "männlich", "1", "2"),
)
HEADERS = {
    "modern": ("feature", "value", "min", "max"),
    "old": ("category", "name", "min", "max"),
    "replication": ("category", "feature", "min", "max"),
    "german": ("Merkmal", "Ausprägung", "min", "max"),
    "shouted": (" MERKMAL ", "AUSPRÄGUNG", "Minimum", "Maximum"),
    "decomposed": ("Merkmal", "Auspra\u0308gung", "Min.", "Max."),
}
PEOPLE = (
    ("Kennung", "Geschlecht", "Anmerkung"),
    ("1", "weiblich", "wohnt in der\nHauptstraße; „hinten“, 2. Stock"),
    ("2", "männlich", "–"),
    ("3", "Männlich ", 'sagt "ja"'),
)


def read(path: Path, *, sheet: str | None = None) -> tuple[tuple[str, ...], list[tuple[int, tuple[str, ...]]]]:
    """Return the header and the rows with their numbers, without preferring any row as the header."""
    with open_table(path, score=lambda _: 0, sheet=sheet) as table:
        return table.header, [(row.number, tuple(row.cells)) for row in table]


def problem(path: Path, *, sheet: str | None = None) -> str:
    """Return the only problem of a file that cannot be read."""
    with pytest.raises(ProblemsError) as caught:
        read(path, sheet=sheet)
    (only,) = caught.value.problems
    return str(only.what)


@pytest.mark.parametrize(("encoding", "delimiter"), list(itertools.product(ENCODINGS, (",", ";", "\t"))))
@pytest.mark.parametrize("header", [name for name in HEADERS if name != "decomposed"])
def test_every_encoding_delimiter_and_header_gives_the_same_instance(
    tmp_path: Path, encoding: str, delimiter: str, header: str
) -> None:
    targets = write_csv(tmp_path / "t.csv", (HEADERS[header], *GERMAN[1:]), delimiter=delimiter, encoding=encoding)
    people = write_csv(tmp_path / "r.csv", PEOPLE, delimiter=delimiter, encoding=encoding)
    loaded = load_instance(targets, people, size=2)
    assert {f: list(values) for f, values in loaded.instance.quotas.items()} == {"Geschlecht": ["weiblich", "männlich"]}
    assert [dict(entry.values) for entry in loaded.instance.entries] == [
        {"Geschlecht": "weiblich"},
        {"Geschlecht": "männlich"},
        {"Geschlecht": "männlich"},
    ]
    assert bool([w for w in texts(loaded.warnings) if "cp1252" in w]) == (encoding == "cp1252")


def test_a_decomposed_header_is_the_same(tmp_path: Path) -> None:
    targets = write_csv(tmp_path / "t.csv", (HEADERS["decomposed"], *GERMAN[1:]))
    assert load_instance(targets, write_csv(tmp_path / "r.csv", PEOPLE), size=2).instance.size == 2


def test_workbooks_give_the_same_as_text(tmp_path: Path) -> None:
    targets, people = write_xlsx(tmp_path / "t.xlsx", GERMAN), write_xlsx(tmp_path / "r.xlsx", PEOPLE)
    loaded = load_instance(targets, people, size=2)
    assert values_of(loaded, "3") == {"Geschlecht": "männlich"}
    assert loaded.warnings == ()


cells = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"), exclude_characters="\ufeff"),
    max_size=8,
).map(str.strip)
tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(
        st.lists(cells | cells.map(lambda text: f'{text}\n"{text}'.strip()), min_size=width, max_size=width),
        min_size=2,
        max_size=6,
    )
)


@given(rows=tables, delimiter=st.sampled_from(",;\t"), encoding=st.sampled_from(("utf-8-sig", "utf-16")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_texts_come_back_as_written(tmp_path: Path, rows: list[list[str]], delimiter: str, encoding: str) -> None:
    header = [f"column {number}" for number in range(len(rows[0]))]
    rows = [[*row[:-1], "." + row[-1]] for row in rows]  # no row is blank
    path = write_csv(tmp_path / "x.csv", [header, *rows], delimiter=delimiter, encoding=encoding)
    assert read(path) == (tuple(header), [(n, tuple(row)) for n, row in enumerate(rows, start=2)])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_despite_others_in_quoted_cells(delimiter: str) -> None:
    rows = [("name", "note"), ("a", "x,y;z\tq\nnext;line,here"), ("b;c", "d,e"), ("f", "1,5")]
    assert find_delimiter(csv_text(rows, delimiter)) == delimiter


def test_a_column_alone_has_some_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("id\na\nb\n")
    assert read(path) == (("id",), [(2, ("a",)), (3, ("b",))])


def test_a_long_sample_is_cut_without_misleading(tmp_path: Path) -> None:
    rows = [("id", "note"), *((f"p{n}", "a;b;c;" * 40) for n in range(2000))]
    header, read_rows = read(write_csv(tmp_path / "x.csv", rows))
    assert header == ("id", "note")
    assert len(read_rows) == 2000


def test_a_declared_delimiter_is_taken_and_its_line_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("sep=;\nid;a,b,c\n1;x\n", encoding="utf-8-sig")
    assert read(path) == (("id", "a,b,c"), [(2, ("1", "x"))])


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Straße;Größe\nKöln;“gut” – 5 €\n"),
        ("cp1250", "miasto;nazwisko\nŁódź;Wałęsa\nKraków;Żółć\nGdańsk;Święcicki\nWrocław;Błaszczykowska\n" * 5),
        ("mac_roman", "Straße;Größe\nKöln;schön\nÄpfel;Übermut\n"),
        ("cp850", "Straße;Größe\nKöln;schön\nÄpfel;Müller\n"),
    ],
)
def test_text_that_is_not_unicode_is_told_by_how_it_reads(tmp_path: Path, encoding: str, text: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode(encoding))
    form = find_encoding(path)
    assert form.guessed
    assert path.read_bytes().decode(form.encoding) == text


def test_row_numbers_are_those_of_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('id,note\n\n1,"two\nlines"\n,\n2,x\n')
    assert [number for number, _ in read(path)[1]] == [3, 5]
    rows = [("id", "note"), (), ("1", "two\nlines"), (None, " "), ("2", "x")]
    assert [number for number, _ in read(write_xlsx(tmp_path / "x.xlsx", rows))[1]] == [3, 5]


def test_the_header_may_stand_below_a_title(case: Case) -> None:
    title = (("Bürgerrat 2026", "", "", ""), ("Stand: heute", "", "", ""), ())
    loaded = case.load((*title, *TARGETS), (*title, *RESPONDENTS))
    assert [entry.id for entry in loaded.instance.entries] == ["a", "b", "c", "d"]


def test_cells_of_a_workbook_become_texts_as_shown(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["plz", "count", "share", "born", "seen", "yes", "none"])
    sheet.append([1067, 3.0, 0.5, dt.date(1990, 2, 3), dt.datetime(2026, 1, 2, 3, 4), True, None])  # noqa: DTZ001  # a spreadsheet knows no zone
    sheet["A2"].number_format = "00000"
    workbook.save(tmp_path / "x.xlsx")
    assert read(tmp_path / "x.xlsx")[1] == [(2, ("01067", "3", "0.5", "1990-02-03", "2026-01-02 03:04:00", "TRUE", ""))]


def test_the_sheet_with_the_headers_is_found_and_named(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.title = "Info"
    workbook.active.append(["Guten Tag"])
    workbook.create_sheet("Leer")
    for name, rows in (("Leute", RESPONDENTS), ("Quoten", TARGETS)):
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "all.xlsx"
    workbook.save(path)
    loaded = load_instance(path, path, size=2)
    sheets = "all.xlsx has the sheets “Info”, “Leer”, “Leute”, “Quoten”; “{}” was read."
    notes = texts(loaded.notes)
    assert [note for note in notes if "sheets" in note] == [sheets.format("Quoten"), sheets.format("Leute")]
    assert load_instance(path, path, size=2, targets_sheet="quoten", respondents_sheet="LEUTE ").instance.size == 2
    assert problem(path, sheet="Leute2") == "There is no sheet “Leute2”."
    assert problem(path, sheet="zzzzzzz") == "There is no sheet “zzzzzzz”."
    assert problem(path, sheet="Leer") == "The table is empty."


def test_a_hidden_sheet_is_read_only_by_name(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["id"])
    hidden = workbook.create_sheet("old")
    hidden.append(["name"])
    hidden.sheet_state = "hidden"
    workbook.save(tmp_path / "x.xlsx")
    assert read(tmp_path / "x.xlsx")[0] == ("id",)
    assert read(tmp_path / "x.xlsx", sheet="old")[0] == ("name",)


def test_the_content_counts_not_the_name(tmp_path: Path) -> None:
    assert read(write_xlsx(tmp_path / "x.csv", RESPONDENTS))[0] == RESPONDENTS[0]
    path = write_csv(tmp_path / "x.xlsx", RESPONDENTS)
    with open_table(path, score=lambda _: 0) as table:
        assert table.header == RESPONDENTS[0]
        assert texts(table.notes) == ["x.xlsx is called a workbook but is text; it was read as CSV."]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "The table is empty."),
        (b"\n \n,,\n", "The table is empty."),
        (b"\xef\xbb\xbf", "The table is empty."),
        (bytes(range(256)) * 10, "The file is not a table: it holds bytes that no text has."),
        (b"a\x01b,c\n", "The file is not a table: it holds bytes that no text has."),
        (b"%PDF-1.7\n\x00\x01\x02", "The file is a document (PDF), not a table."),
        (b"%PDF-1.7\n1 0 obj\n", "The file is a document (PDF), not a table."),
        (b"{\\rtf1 id,a}", "The file is a document (RTF), not a table."),
        (b"<!DOCTYPE html><table>", "The file is a document (HTML), not a table."),
        (b"<HTML><table>", "The file is a document (HTML), not a table."),
        (OLE + b"Workbook", "The file is in the old Excel format (.xls)."),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "The workbook is protected by a password."),
        (b"PK\x03\x04 and nothing", "The workbook is damaged or not an Excel workbook."),
        (b'id,a\n1,"x', "A quotation mark in this row is not closed, or stands single inside a quoted cell."),
        (b'id,a\n1,"x"y', "A quotation mark in this row is not closed, or stands single inside a quoted cell."),
        (
            b'id\n"' + b"x" * 200_000,
            "A quotation mark in this row is not closed, or stands single inside a quoted cell.",
        ),
        (b"\xff\xfea\x00,\x00b", "The text cannot be read as utf-16 after row 0."),
    ],
)
def test_what_is_no_table_is_one_clear_problem(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    assert problem(path) == what


def test_folders_and_absent_and_locked_files_are_clear_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert problem(tmp_path) == "This is a folder, not a file."
    assert problem(tmp_path / "no.csv") == "There is no such file."

    def locked(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(tables_module, "_first_bytes", locked)
    assert problem(tmp_path / "x.csv") == "The file cannot be read: Permission denied."


def test_a_byte_that_cp1252_lacks_far_down_is_reported_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"id,ort\n" + "1,Köln\n".encode("cp1252") * 20_000 + b"2,\x81\n")
    with pytest.raises(ProblemsError, match="cannot be read as cp1252 after row"):
        read(path)


def zipped(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_other_archives_and_bombs_are_refused_before_they_are_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ods = zipped(
        tmp_path / "x.ods", {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b""}
    )
    assert problem(ods) == "The file is an OpenDocument spreadsheet."
    assert (
        problem(zipped(tmp_path / "x.docx", {"word.xml": b""})) == "The workbook is damaged or not an Excel workbook."
    )
    types = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    letter = zipped(tmp_path / "y.docx", {"[Content_Types].xml": types, "word/document.xml": b"<x/>"})
    assert problem(letter) == "The workbook is damaged or not an Excel workbook."
    monkeypatch.setattr(workbooks, "LARGEST_PART_IN_MEMORY", 1 << 20)
    bomb = zipped(tmp_path / "bomb.xlsx", {"xl/sharedStrings.xml": bytes(2 << 20)})
    assert problem(bomb) == "The workbook is too large when unpacked."
    many = zipped(tmp_path / "many.xlsx", {f"{n}": b"" for n in range(workbooks.MOST_PARTS + 1)})
    assert problem(many) == "The workbook is too large when unpacked."


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.xlsx", {"a": b"b"})
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 8] |= 1
    path.write_bytes(content)
    assert problem(path) == "The workbook is protected by a password."


def rewritten(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """Replace bytes in one part of a workbook."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    return zipped(path, parts)


SHEET = "xl/worksheets/sheet1.xml"


def test_absurd_dimensions_and_far_rows_do_no_harm(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "x.xlsx", RESPONDENTS)
    rewritten(path, SHEET, b'<dimension ref="A1:D5"', b'<dimension ref="A1:XFD1048576"')
    assert len(read(path)[1]) == 4
    rewritten(path, SHEET, b'<row r="5"', b'<row r="99999999"')
    rewritten(path, SHEET, b'r="A5"', b'r="A99999999"')
    assert len(read(path)[1]) == 3


def test_whole_numbers_written_with_decimals_have_none(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "x.xlsx", [("id", "n"), ("a", 7)])
    rewritten(path, SHEET, b"<v>7</v>", b"<v>7.0</v>")
    assert read(path)[1] == [(2, ("a", "7"))]


def test_a_damaged_sheet_is_a_problem_with_its_row(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "x.xlsx", RESPONDENTS)
    rewritten(path, SHEET, b"</sheetData>", b"</broken>")
    with pytest.raises(ProblemsError) as caught:
        read(path)
    (only,) = caught.value.problems
    assert str(only.what) == "The workbook is damaged or not an Excel workbook."
    assert only.sheet == "Sheet"


def test_a_damaged_sheet_beside_a_good_one_is_passed_over(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["x"])
    workbook.create_sheet("good").append(["id"])
    workbook.save(tmp_path / "x.xlsx")
    rewritten(tmp_path / "x.xlsx", SHEET, b"</sheetData>", b"</broken>")
    with open_table(tmp_path / "x.xlsx", score=lambda header: "id" in header) as table:
        assert table.sheet == "good"


def test_a_workbook_of_empty_sheets_is_empty(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.create_sheet("two")
    workbook.save(tmp_path / "x.xlsx")
    assert problem(tmp_path / "x.xlsx") == "The table is empty."


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables_module, "MOST_ROWS", 3)
    assert problem(write_csv(tmp_path / "x.csv", RESPONDENTS)) == "The table has more than 3 rows."
