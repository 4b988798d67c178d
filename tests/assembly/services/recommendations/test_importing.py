"""Recommendations from elsewhere: read from tables and documents, looked at, and imported as a whole or not at all."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from typing import Any

import docx
import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from assembly.models import LogEntry, Recommendation, RecommendationFile, RecommendationState
from assembly.services.daily import today
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.privacy import retention
from assembly.services.recommendations import importing, reading
from assembly.services.recommendations.documents import read_document
from assembly.services.recommendations.incoming import Known, interpret
from assembly.services.recommendations.sources import MOST_ROWS, Source, SourceRow, columns_of, pack, read_rows, unpack
from assembly.services.target_files import FileProblemsError
from assembly.services.texts import catalogue
from assembly.views.recommendation_import import HEADERS
from tests.assembly.services.recommendations.conftest import Hall

KNOWN = Known(frozenset({7}), [], 20, dt.date(2026, 3, 1))
TABLE = (
    "Nr.;Titel;Empfehlung;Begründung;Thema;Adressaten;Ja;Nein;Enthaltungen;Anwesend;Bemerkung\n"
    '5;Mehr Bäume;"Bis 2030 pflanzt die Stadt 500 Bäume.\nSie gießt sie auch.";Schatten;Grün;Stadtverwaltung;'
    "3;0;1;4;x\n"
    ";Mehr Bänke;Auf jedem Platz.;;;1, 2;;;;;\n"
)


def workbook(*rows: tuple[Any, ...]) -> bytes:
    """Return rows as XLSX."""
    made, content = openpyxl.Workbook(), io.BytesIO()
    assert made.active is not None
    for row in rows:
        made.active.append(row)
    made.save(content)
    return content.getvalue()


def document(*paragraphs: tuple[int, str]) -> bytes:
    """Return paragraphs as DOCX, each with the level of its heading, 0 for none."""
    made, content = docx.Document(), io.BytesIO()
    for level, text in paragraphs:
        made.add_heading(text, level) if level else made.add_paragraph(text)
    made.save(content)
    return content.getvalue()


def said(source: Source) -> list[Mapping[str, str]]:
    """Return what a file says, row by row, without what is blank."""
    return [{name: text for name, text in row.said.items() if text} for row in source.rows]


def problems_of(content: str, known: Known = KNOWN) -> list[tuple[int | None, str | None, str]]:
    """Return row, column and what is wrong."""
    found = interpret(read_rows(content.encode(), name="x.csv"), known).problems
    return [(one.row, one.column, str(one.what)) for one in found]


def whats(error: pytest.ExceptionInfo[FileProblemsError]) -> list[str]:
    return [str(one.what) for one in error.value.problems]


def test_a_table_is_adopted_where_it_has_votes_and_a_draft_elsewhere(hall: Hall) -> None:
    """Lines stay lines, names and numbers of addressees are understood, and numbers of a file hold."""
    kept = importing.upload(
        hall.session, hall.assembly, TABLE.encode(), name="C:\\Eigene\\räte.csv", counted_on=today(), **hall.by
    )
    assert kept.file_name == "räte.csv"
    seen = importing.preview(hall.session, hall.assembly, kept)
    assert (seen.is_ready, list(seen.source.unused)) == (True, ["Bemerkung"])
    assert importing.apply(hall.session, hall.assembly, kept, seen=seen.digest, **hall.by) == 2
    trees, benches = reading.recommendations_of(hall.session, hall.assembly)
    assert (trees.number, trees.state, trees.theme) == (5, RecommendationState.ADOPTED, "Grün")
    assert trees.text == "Bis 2030 pflanzt die Stadt 500 Bäume.\nSie gießt sie auch."
    count = trees.count
    assert count is not None
    assert (count.yes, count.no, count.abstained, count.present, count.panel_size) == (3, 0, 1, 4, 4)
    assert (count.counted_on, count.is_adopted, count.version) == (today(), True, 1)
    assert (benches.number, benches.state, benches.count) == (6, RecommendationState.DRAFT, None)
    assert [one.addressee_numbers for one in (trees, benches)] == [[1], [1, 2]]
    assert [len(one.versions) for one in (trees, benches)] == [1, 1]
    assert hall.session.scalars(sa.select(RecommendationFile)).all() == []
    logged = sa.select(LogEntry.action).order_by(LogEntry.number.desc()).limit(2)
    assert hall.session.scalars(logged).all() == ["recommendation_imported"] * 2


def test_nothing_is_imported_while_something_is_wrong(hall: Hall) -> None:
    kept = importing.upload(
        hall.session, hall.assembly, (TABLE + ";;ohne Titel;;;;;;;;\n").encode(), name="r.csv", **hall.by
    )
    seen = importing.preview(hall.session, hall.assembly, kept)
    with pytest.raises(ConflictError):
        importing.apply(hall.session, hall.assembly, kept, seen=seen.digest, **hall.by)
    assert reading.recommendations_of(hall.session, hall.assembly) == []


def test_what_has_changed_since_it_was_looked_at_is_not_imported(hall: Hall) -> None:
    """A number was taken meanwhile, so the file's rows would get others."""
    content = "Titel;Text\nMehr Bäume;Bis 2030.\n".encode()
    kept = importing.upload(hall.session, hall.assembly, content, name="r.csv", **hall.by)
    seen = importing.preview(hall.session, hall.assembly, kept)
    hall.draft()
    with pytest.raises(ConflictError):
        importing.apply(hall.session, hall.assembly, kept, seen=seen.digest, **hall.by)
    again = importing.preview(hall.session, hall.assembly, kept)
    importing.apply(hall.session, hall.assembly, kept, seen=again.digest, **hall.by)
    assert [one.number for one in reading.recommendations_of(hall.session, hall.assembly)] == [1, 2]
    with pytest.raises(NotFoundError):
        importing.apply(hall.session, hall.assembly, kept, seen=again.digest, **hall.by)


def test_files_that_nobody_imports_are_deleted_after_30_days(hall: Hall) -> None:
    importing.upload(hall.session, hall.assembly, TABLE.encode(), name="r.csv", **hall.by)
    hall.pass_days(29)
    assert retention.delete_files(hall.session, hall.assembly) == {}
    hall.pass_days(2)
    assert retention.delete_files(hall.session, hall.assembly) == {"files": 1}
    assert importing.files_of(hall.session, hall.assembly) == []


def test_a_file_can_be_discarded(hall: Hall) -> None:
    kept = importing.upload(hall.session, hall.assembly, TABLE.encode(), name="r.csv", **hall.by)
    importing.discard(hall.session, hall.assembly, kept, **hall.by)
    assert importing.files_of(hall.session, hall.assembly) == []
    assert hall.session.scalars(sa.select(Recommendation)).all() == []


def test_no_vote_is_in_the_future(hall: Hall) -> None:
    tomorrow = today() + dt.timedelta(days=1)
    with pytest.raises(RuleError) as error:
        importing.upload(hall.session, hall.assembly, TABLE.encode(), name="r.csv", counted_on=tomorrow, **hall.by)
    assert error.value.field == "counted_on"


@pytest.mark.parametrize(
    ("row", "column", "what"),
    [
        (";Text;;;;;;", "Titel", "The title is missing."),
        ("T;;;;;;;", "Text", "The text is missing."),
        (f"{'T' * 201};Text;;;;;;", "Titel", "This is longer than 200 characters."),
        ("T;Text;0;;;;;", "Nr", "This is no number from 1 to 9999."),
        ("T;Text;7;;;;;", "Nr", "Number 7 is there already, in this assembly or above in the file."),
        ("T;Text;;3;;;;", "Nein", "The votes are not complete."),
        ("T;Text;;3;2,5;0;5;", "Nein", "This is no number of people."),
        ("T;Text;;3;2;1;5;", "Anwesend", "There are more votes and abstentions than people who were present."),
        ("T;Text;;3;2;0;21;", "Anwesend", "More people were present than the panel has members (20)."),
        ("T;Text;;2;2;0;5;", "Ja", "With these votes it was not adopted."),
        ("T;Text;;;;;;Rathaus", "Adressat", "The rules of the follow-up do not know an addressee."),
    ],
)
def test_what_is_wrong_says_where(row: str, column: str, what: str) -> None:
    found = problems_of(f"Titel;Text;Nr;Ja;Nein;Enthaltungen;Anwesend;Adressat\n{row}\n")
    assert found[0] == (2, column, what)
    assert {one[0] for one in found} == {2}


def test_votes_need_a_day() -> None:
    known = Known(frozenset(), [], 20, None)
    table = "Titel;Text;Ja;Nein;Enthaltungen;Anwesend;Abgestimmt am\nT;U;3;1;0;4;{}\n"
    assert problems_of(table.format("31.12.2025"), known) == []
    assert problems_of(table.format(""), known) == [(2, "Abgestimmt am", "The day is missing.")]
    assert problems_of(table.format("4/5/2025"), known) == [
        (2, "Abgestimmt am", "This is no date, or it can be read in two ways.")
    ]
    assert problems_of(table.format("31.12.2099"), known) == [(2, "Abgestimmt am", "This day is still to come.")]


def test_the_template_is_understood_when_it_comes_back() -> None:
    """Its headers in both languages mean what they are for, in the file as in a list."""
    english = {name: label._args[0] for name, label in HEADERS.items()}
    german = {name: catalogue("de").ugettext(label) for name, label in english.items()}
    assert english["reasons"] != german["reasons"]
    for names in (english, german):
        found = openpyxl.load_workbook(io.BytesIO(importing.template(names))).active
        assert found is not None
        assert list(columns_of([str(cell.value) for cell in next(found.iter_rows())])) == list(importing.COLUMNS)


def test_formulas_are_never_computed() -> None:
    """A formula without a stored result is blank; what an export of ours disarmed is armed by nobody."""
    source = read_rows(workbook(("Titel", "Text"), ("'=1+1", "=1+1"), ("b", "c")), name="x.xlsx")
    assert said(source) == [{"title": "=1+1"}, {"title": "b", "text": "c"}]


def test_a_document_is_told_apart_by_its_headings() -> None:
    """A heading 1 with headings 2 right below it is their theme; numbers in front of all titles are the numbers."""
    content = document(
        (0, "Vorwort"),
        (1, "Grün"),
        (2, "Empfehlung 3: Mehr Bäume"),
        (0, "Bis 2030."),
        (0, "Jedes Jahr hundert."),
        (3, "Begründung:"),
        (0, "Schatten."),
        (0, "In einfacher Sprache"),
        (0, "Mehr Bäume."),
        (1, "4. Mehr Bänke"),
        (0, "Auf jedem Platz."),
    )
    source = read_document(content, name="x.docx")
    trees = {"number": "3", "title": "Mehr Bäume", "theme": "Grün", "text": "Bis 2030.\nJedes Jahr hundert."}
    assert said(source) == [
        trees | {"reasons": "Schatten.", "plain": "Mehr Bäume."},
        {"number": "4", "title": "Mehr Bänke", "text": "Auf jedem Platz."},
    ]
    assert (source.is_document, source.skipped, [row.place for row in source.rows]) == (True, True, [3, 10])
    assert interpret(source, KNOWN).problems == ()


def test_problems_of_documents_name_the_paragraph() -> None:
    found = interpret(read_document(document((1, "Nur ein Titel"), (1, "Zwei"), (0, "x")), name="x.docx"), KNOWN)
    assert [(one.rows, str(one.what)) for one in found.problems] == [((1,), "The text is missing.")]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (document((0, "Nur Text.")), "The document has no headings, so no recommendation can be told from the others."),
        (b"x", "The file is damaged, protected by a password, or no Word document (.docx)."),
        (workbook(("Titel",)), "The file is damaged, protected by a password, or no Word document (.docx)."),
        (b"0" * (5 * 2**20 + 1), "The file is larger than 5 MB."),
    ],
)
def test_what_is_no_document_of_recommendations_is_refused(content: bytes, what: str) -> None:
    with pytest.raises(FileProblemsError) as error:
        read_document(content, name="x.docx")
    assert whats(error) == [what]


def test_a_document_that_unpacks_to_gigabytes_is_refused_unopened() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (61 * 2**20))
    with pytest.raises(FileProblemsError) as error:
        read_document(content.getvalue(), name="x.docx")
    assert whats(error) == ["The document is too large when unpacked."]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"a;b\n1;2\n", "No column for titles and none for texts was found."),
        (b"", "The table is empty."),
        (b"Titel;Text\n" + b"a;b\n" * (MOST_ROWS + 1), "The file has more than 500 recommendations."),
        (b"0" * (5 * 2**20 + 1), "The file is larger than 5 MB."),
    ],
)
def test_what_is_no_table_of_recommendations_is_refused(content: bytes, what: str) -> None:
    with pytest.raises(FileProblemsError) as error:
        read_rows(content, name="x.csv")
    assert whats(error) == [what]


def test_what_is_kept_is_what_was_read() -> None:
    source = read_rows(TABLE.encode(), name="r.csv")
    assert unpack(pack(source)) == source


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["x.csv", "x.xlsx", "x.docx"]))
def test_no_bytes_are_too_much(content: bytes, name: str) -> None:
    """Whatever is uploaded is read, or refused in words."""
    for start in (b"", b"Titel;Text\n", b"PK\x03\x04"):
        try:
            source = (read_document if name == "x.docx" else read_rows)(start + content, name=name)
        except FileProblemsError:
            continue
        interpret(unpack(pack(source)), KNOWN)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[CELLS] * 9), min_size=1, max_size=4))
def test_whatever_is_in_the_cells_each_row_is_importable_or_named(rows: list[tuple[str, ...]]) -> None:
    """Without problems numbers are different and free, and each text is within its bounds."""
    names = ("title", "text", "number", "yes", "no", "abstained", "present", "addressees", "counted_on")
    source = Source(
        dict(zip(names, names, strict=True)),
        [SourceRow(place, dict(zip(names, row, strict=True))) for place, row in enumerate(rows, 2)],
    )
    found = interpret(source, KNOWN)
    if not found.problems:
        numbers = [one.number for one in found.incoming]
        assert len({*numbers, 7}) == len(rows) + 1
        assert all(one.said["title"] and one.said["text"] for one in found.incoming)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_document_is_read_or_refused(data: st.DataObject) -> None:
    """Bytes of a real document are changed, inside its parts, too."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(document((1, "Titel"), (0, "Text")))) as archive,
        zipfile.ZipFile(content, "w") as out,
    ):
        for name in archive.namelist():
            part = bytearray(archive.read(name))
            if data.draw(st.booleans(), label=name) and part:
                part[data.draw(st.integers(0, len(part) - 1))] = data.draw(st.integers(0, 255))
            out.writestr(name, bytes(part))
    with contextlib.suppress(FileProblemsError):
        read_document(content.getvalue(), name="x.docx")
