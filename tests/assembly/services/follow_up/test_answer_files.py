"""Answers as files: made, filled in as in an office, looked at, and taken over as a whole or not at all."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import docx
import openpyxl
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from assembly.models import AnswerFile, Assembly, Case, CaseState, Draft, DraftVersion, LogEntry, Move, Role, Unit, User
from assembly.services import accounts
from assembly.services.chapters_docx import file_of
from assembly.services.errors import ConflictError, ForbiddenError, NotFoundError
from assembly.services.follow_up import (
    answer_import,
    answer_papers,
    answer_rows,
    answer_sheets,
    assigning,
    cases,
    desks,
    drafts,
)
from assembly.services.follow_up.answer_import import Preview
from assembly.services.follow_up.transitions import Actor
from assembly.services.privacy import retention
from assembly.services.target_files import FileProblemsError
from assembly.views import answer_texts, case_papers
from sortition.files import Problem
from sortition.files.folding import fold_loosely
from tests.assembly.services.follow_up.offices import clerk, unit
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said

SECRET = "Geheim: der Kämmerer zögert"
REJECTED = {
    "Ergebnis": "Abgelehnt",
    "Zusammenfassung in einfacher Sprache": "Nein, weil der Platz fehlt.",
    "Begründung": "=Der Weg\nist zu schmal.",
    "Rechtliche Bewertung": "Zulässig.",
    "Finanzielle Bewertung": "Keine Kosten.",
    "Unterzeichnet von": "Amtsleitung",
    "Grund": "Erreicht das Ziel nicht",
    "Der Grund in Worten": "Zu schmal.",
    "Geprüfte Alternativen": "Keine.",
}


@pytest.fixture(autouse=True)
def in_german(app: Flask) -> Iterator[None]:
    """All happens in German, from the day of the handover on."""
    begun = time_machine.travel(dt.datetime(2035, 3, 1, 12, tzinfo=dt.UTC), tick=False)
    with begun, app.test_request_context(), force_locale("de"):
        yield


@pytest.fixture
def roads(session: Session, organiser: User) -> Unit:
    """A department."""
    return unit(session, "Tiefbauamt", organiser)


@pytest.fixture
def office(session: Session, organiser: User) -> User:
    """An account of the council office."""
    return organiser


@pytest.fixture
def opened(session: Session, assembly: Assembly, organiser: User, roads: Unit) -> list[Case]:
    """Three cases under review by the department, and one that is not assigned."""
    found = hand_over(session, assembly, by=organiser, on=dt.date(2035, 3, 1), count=4)
    for case in found[:3]:
        cases.move(session, case, Move.ASSIGN, {"unit": roads.name}, actor=Actor.OFFICE, by=organiser)
        cases.move(session, case, Move.BEGIN_REVIEW, {}, actor=Actor.OFFICE, by=organiser)
    session.commit()
    return found


def made(session: Session, assembly: Assembly, user: User) -> openpyxl.Workbook:
    """Return the workbook as an account takes it along."""
    rows = answer_rows.rows_of(session, answer_rows.open_to(session, assembly, user))
    return openpyxl.load_workbook(io.BytesIO(answer_sheets.workbook_of(rows, answer_texts.words())))


def fill_in(book: openpyxl.Workbook, row: int, values: dict[str, Any]) -> None:
    """Write into the cells below some headers."""
    sheet = book.worksheets[0]
    columns = {str(cell.value): cell.column for cell in sheet[1]}
    for header, value in values.items():
        sheet.cell(row, columns[header]).value = value
        if isinstance(value, str):
            sheet.cell(row, columns[header]).data_type = "s"


def saved(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def take_in(
    session: Session, assembly: Assembly, book: openpyxl.Workbook, user: User, *, publishes: bool = False
) -> tuple[AnswerFile, Preview]:
    """Upload a workbook and look at it."""
    headings = answer_texts.headings()
    kept = answer_import.upload(
        session, assembly, saved(book), name="synopse.xlsx", publishes=publishes, headings=headings, by=user
    )
    return kept, answer_import.preview(session, assembly, kept, headings=headings, user=user)


def confirm(session: Session, assembly: Assembly, kept: AnswerFile, found: Preview, user: User) -> int:
    headings = answer_texts.headings()
    return answer_import.apply(session, assembly, kept, headings=headings, seen=found.digest, by=user)


def told(problems: Sequence[Problem]) -> list[tuple[tuple[int, ...], str | None, str]]:
    return [(one.rows, one.column, one.what.template) for one in problems]


def test_a_department_fills_in_its_cases_and_gets_drafts_of_them(
    session: Session, assembly: Assembly, opened: list[Case], roads: Unit, organiser: User
) -> None:
    paula = clerk(session, "Paula", roads)
    drafts.save(session, opened[1], Move.ANSWER, {"outcome": "accepted", "measure": "Rampe"}, base=0, by=paula)
    book = made(session, assembly, paula)
    sheet = book.worksheets[0]
    assert [sheet.cell(row, 2).value for row in range(2, sheet.max_row + 1)] == [1, 2, 3]
    assert "Rampe" in [cell.value for cell in sheet[3]]
    fill_in(book, 2, REJECTED)
    fill_in(book, 3, {"Geplanter Beginn": dt.date(2035, 9, 1), "Geplantes Ende": "31.12.2036", "Maßnahme": None})
    kept, found = take_in(session, assembly, book, paula)
    assert (found.problems, found.unchanged, [one.row.case.id for one in found.changes]) == (
        (),
        1,
        [opened[0].id, opened[1].id],
    )
    assert found.changes[1].new == ["measure", "starts_on", "ends_on"]
    assert session.scalar(sa.select(sa.func.count()).select_from(DraftVersion)) == 1, "nothing is written yet"
    assert confirm(session, assembly, kept, found, paula) == 2
    first, second = (drafts.get(session, case, Move.ANSWER) for case in opened[:2])
    assert drafts.said_in(first)["reasons"] == "=Der Weg\nist zu schmal."
    assert (drafts.said_in(first)["outcome"], drafts.said_in(first)["ground"]) == ("rejected", "not_effective")
    assert drafts.said_in(second) == {
        "outcome": "accepted",
        "starts_on": dt.date(2035, 9, 1),
        "ends_on": dt.date(2036, 12, 31),
    }
    assert (len(second.versions), opened[0].state) == (2, CaseState.UNDER_REVIEW)
    assert session.scalars(sa.select(AnswerFile)).all() == []
    [entry] = session.scalars(sa.select(LogEntry).where(LogEntry.action == "answers_taken_over"))
    assert entry.details == {"cases": 2, "publishes": False}
    assert all("schmal" not in json.dumps(one.details) for one in session.scalars(sa.select(LogEntry)))


def test_the_office_publishes_what_a_file_says_all_of_it_or_nothing(
    session: Session, assembly: Assembly, opened: list[Case], office: User
) -> None:
    book = made(session, assembly, office)
    for row in (2, 3):
        fill_in(book, row, REJECTED)
    fill_in(book, 4, REJECTED | {"Begründung": None})
    fill_in(book, 5, REJECTED)
    kept, found = take_in(session, assembly, book, office, publishes=True)
    assert told(found.problems) == [
        ((4,), "Begründung", "Fill this in."),
        (
            (5,),
            "Schlüssel der Zeile (nicht ändern)",
            "This step is not possible now. Load the page again to see where the recommendation stands.",
        ),
    ]
    with pytest.raises(ConflictError, match="problems"):
        confirm(session, assembly, kept, found, office)
    assert {case.state for case in opened} == {CaseState.UNDER_REVIEW, CaseState.HANDED_OVER}
    answer_import.discard(session, kept)
    book.worksheets[0].delete_rows(4, 2)
    kept, found = take_in(session, assembly, book, office, publishes=True)
    assert confirm(session, assembly, kept, found, office) == 2
    assert [case.state for case in opened[:3]] == [CaseState.ANSWERED, CaseState.ANSWERED, CaseState.UNDER_REVIEW]
    _, found = take_in(session, assembly, made(session, assembly, office), office, publishes=True)
    assert (found.changes, found.unchanged, found.problems, found.is_ready) == ([], 4, (), False)


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(
    "case",
    [
        ({"Ergebnis": "Vielleicht"}, ("Ergebnis", "“{text}” is not understood here.")),
        ({"Geplanter Beginn": "bald"}, ("Geplanter Beginn", "“{text}” is not understood here.")),
        ({"Maßnahme": "Eine Rampe"}, ("Maßnahme", "This is not asked for with this outcome.")),
        ({"Schlüssel der Zeile (nicht ändern)": "999-2-0"}, (None, "This is no key of a case on which you work.")),
        ({"Schlüssel der Zeile (nicht ändern)": "kaputt"}, (None, "This is no key of a case on which you work.")),
        ({"Unterzeichnet von": "x" * 501}, ("Unterzeichnet von", "This text is too long.")),
    ],
)
def test_what_is_wrong_is_said_with_row_and_column(
    session: Session, assembly: Assembly, office: User, case: tuple[dict[str, str], tuple[str | None, str]]
) -> None:
    spoil, expected = case
    book = made(session, assembly, office)
    fill_in(book, 3, REJECTED | spoil)
    _, found = take_in(session, assembly, book, office)
    column = expected[0] or "Schlüssel der Zeile (nicht ändern)"
    assert told(found.problems) == [((3,), column, expected[1])]
    assert not found.is_ready


def test_a_row_that_has_moved_on_or_stands_twice_is_refused(
    session: Session, assembly: Assembly, opened: list[Case], roads: Unit, office: User
) -> None:
    paula = clerk(session, "Paula", roads)
    book = made(session, assembly, office)
    for row in (2, 3, 4):
        fill_in(book, row, REJECTED)
    drafts.save(session, opened[0], Move.ANSWER, {"reasons": SECRET}, base=0, by=paula)
    sheet = book.worksheets[0]
    sheet.cell(4, 1).value = sheet.cell(3, 1).value
    _, found = take_in(session, assembly, book, office)
    assert [(one.rows, one.what.template) for one in found.problems] == [
        ((2,), "Something has happened in this case, or with its draft, since the file was made."),
        ((4,), "The same case stands above in the file."),
    ]


def test_what_happens_between_look_and_confirmation_is_not_overwritten(
    session: Session, assembly: Assembly, opened: list[Case], roads: Unit, office: User
) -> None:
    paula = clerk(session, "Paula", roads)
    book = made(session, assembly, office)
    fill_in(book, 2, REJECTED)
    fill_in(book, 3, REJECTED)
    kept, found = take_in(session, assembly, book, office)
    cases.move(session, opened[1], Move.ANSWER, said(Move.ANSWER, dt.date(2035, 3, 1)), actor=Actor.OFFICE, by=office)
    with pytest.raises(ConflictError, match="problems"):
        confirm(session, assembly, kept, found, office)
    drafted = sa.select(sa.func.count()).select_from(Draft)
    assert session.scalar(drafted) == 0
    with pytest.raises(NotFoundError):
        answer_import.get_file(session, assembly, kept.id, paula)


def test_nobody_reads_or_fills_in_what_is_on_another_desk(
    session: Session, assembly: Assembly, opened: list[Case], roads: Unit, organiser: User
) -> None:
    """Neither drafts nor cases of others are in a department's files; keys typed in by hand open nothing."""
    parks = unit(session, "Grünflächenamt", organiser)
    gerd, paula = clerk(session, "Gerd", parks), clerk(session, "Paula", roads)
    assigning.assign(session, opened[2], roads, [parks], days_before=5, reason="", by=organiser)
    drafts.save(session, opened[0], Move.ANSWER, {"reasons": SECRET}, base=0, by=paula)
    session.commit()
    assert answer_rows.open_to(session, assembly, gerd) == [task.case for task in desks.tasks_of(session, gerd)]
    book = made(session, assembly, gerd)
    assert SECRET not in [cell.value for row in book.worksheets[0] for cell in row]
    rows = answer_rows.rows_of(session, answer_rows.open_to(session, assembly, gerd))
    paper = answer_papers.paper_of(rows, assembly, texts=case_papers.TEXTS, language="de")
    assert SECRET not in str(paper)
    whole = made(session, assembly, paula)
    fill_in(whole, 2, REJECTED)
    _, found = take_in(session, assembly, whole, gerd)
    assert {one.what.template for one in found.problems} == {"This is no key of a case on which you work."}


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("language", ["de", "en"])
def test_files_are_understood_in_both_languages_and_as_csv(
    session: Session, assembly: Assembly, office: User, language: str
) -> None:
    with force_locale(language):
        book = made(session, assembly, office)
        words = answer_texts.words()
    fill_in(
        book,
        2,
        {words.headers["outcome"]: words.choices["outcome"]["rejected"], words.headers["reasons"]: "Weil; „so“"},
    )
    sheet = book.worksheets[0]
    lines = [["" if cell.value is None else str(cell.value) for cell in row] for row in sheet]
    quoted = ["\t".join('"' + text.replace('"', '""') + '"' for text in line) for line in lines]
    headings = answer_texts.headings()
    for content, name in ((saved(book), "a.xlsx"), ("\n".join(quoted).encode(), "a.csv")):
        kept = answer_import.upload(
            session, assembly, content, name=name, publishes=False, headings=headings, by=office
        )
        found = answer_import.preview(session, assembly, kept, headings=headings, user=office)
        assert found.problems == ()
        assert [dict(one.said) for one in found.changes] == [{"outcome": "rejected", "reasons": "Weil; „so“"}]


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04kaputt", b"Name;Ergebnis\nx;Abgelehnt\n", b"%PDF-1.7 nothing", b"\x00\x01\x02"]
)
def test_other_files_are_refused_and_nothing_is_kept(
    session: Session, assembly: Assembly, office: User, content: bytes
) -> None:
    with pytest.raises(FileProblemsError):
        answer_import.upload(
            session, assembly, content, name="x.xlsx", publishes=False, headings=answer_texts.headings(), by=office
        )
    assert session.scalars(sa.select(AnswerFile)).all() == []


@pytest.mark.usefixtures("opened")
def test_a_file_that_nobody_takes_over_is_deleted_on_time(session: Session, assembly: Assembly, office: User) -> None:
    take_in(session, assembly, made(session, assembly, office), office)
    with time_machine.travel(dt.datetime(2035, 3, 30, tzinfo=dt.UTC), tick=False):
        assert retention.delete_files(session, assembly) == {}
    with time_machine.travel(dt.datetime(2035, 4, 2, tzinfo=dt.UTC), tick=False):
        assert retention.delete_files(session, assembly) == {"files": 1}


def test_texts_stay_texts_and_what_no_cell_holds_is_not_cut(
    session: Session, assembly: Assembly, opened: list[Case], roads: Unit, office: User
) -> None:
    """No cell is a formula; a text too long for a workbook stays where it is, and its row is not read."""
    paula = clerk(session, "Paula", roads)
    drafts.save(session, opened[0], Move.ANSWER, {"reasons": "=1+1"}, base=0, by=paula)
    drafts.save(session, opened[1], Move.ANSWER, {"reasons": "x" * 40_000}, base=0, by=paula)
    opened[2].recommendation.title = '=HYPERLINK("https://example.org")'
    session.flush()
    book = made(session, assembly, office)
    assert {cell.data_type for row in book.worksheets[0] for cell in row} == {"s", "inlineStr", "n", "d"}
    fill_in(book, 3, {"Ergebnis": "Abgelehnt"})
    _, found = take_in(session, assembly, book, office)
    assert (found.problems, found.changes) == ((), [])
    assert answer_rows.rows_of(session, opened[1:2])[0].said["reasons"] == "x" * 40_000


@pytest.mark.parametrize(
    "asked",
    [(make, language) for make in (answer_papers.synopsis_of, answer_papers.paper_of) for language in ("de", "en")],
)
def test_documents_lay_answers_beside_recommendations(
    session: Session, assembly: Assembly, opened: list[Case], roads: Unit, asked: tuple[Callable[..., Any], str]
) -> None:
    (make, language), office = asked, session.scalars(sa.select(User).order_by(User.id)).first()
    assert office is not None
    paula = clerk(session, "Paula", roads)
    drafts.save(session, opened[0], Move.ANSWER, {"outcome": "rejected", "reasons": "Zu schmal."}, base=0, by=paula)
    cases.move(session, opened[1], Move.ANSWER, said(Move.ANSWER, dt.date(2035, 3, 1)), actor=Actor.OFFICE, by=office)
    rows = answer_rows.rows_of(session, answer_rows.open_to(session, assembly, office))
    with force_locale(language):
        document = make(rows, assembly, texts=case_papers.TEXTS, language=language)
    made_as_docx = docx.Document(io.BytesIO(file_of(document, "docx")))
    cells = [cell.text for table in made_as_docx.tables for row in table.rows for cell in row.cells]
    text = "\n".join([one.text for one in made_as_docx.paragraphs] + cells)
    words = {"de": ("Zu schmal.", "Abgelehnt (Entwurf)", "Noch keine Antwort."), "en": ("Rejected (draft)",)}
    assert [word for word in words[language] if word not in text] == []
    assert [f"Radweg {number}" in text for number in range(1, 5)] == [True] * 4
    assert file_of(document, "pdf").startswith(b"%PDF")


def test_only_what_was_seen_is_taken_over(
    session: Session, assembly: Assembly, opened: list[Case], office: User
) -> None:
    book = made(session, assembly, office)
    fill_in(book, 2, REJECTED)
    kept, found = take_in(session, assembly, book, office)
    fill_in(book, 3, REJECTED)
    _, other = take_in(session, assembly, book, office)
    headings = answer_texts.headings()
    for seen in ("", other.digest):
        with pytest.raises(ConflictError, match="would do something else"):
            answer_import.apply(session, assembly, kept, headings=headings, seen=seen, by=office)
    assert session.scalars(sa.select(Draft)).all() == []
    assert found.digest != other.digest


def test_who_is_not_of_the_council_office_any_more_publishes_nothing(
    session: Session, assembly: Assembly, opened: list[Case], roads: Unit, office: User
) -> None:
    paula = clerk(session, "Paula", roads)
    accounts.grant(session, paula, Role.COUNCIL_OFFICE, by=None)
    book = made(session, assembly, paula)
    fill_in(book, 2, REJECTED)
    kept, found = take_in(session, assembly, book, paula, publishes=True)
    assert found.is_ready
    for held in accounts.roles_of(session, paula):
        if held.role is Role.COUNCIL_OFFICE:
            accounts.revoke(session, held, by=office)
    with pytest.raises(ForbiddenError):
        confirm(session, assembly, kept, found, paula)
    assert opened[0].state is CaseState.UNDER_REVIEW


def test_what_was_redacted_does_not_come_back_out_of_a_draft_or_a_file(
    session: Session, assembly: Assembly, opened: list[Case], office: User
) -> None:
    case = opened[0]
    answer = said(Move.ANSWER, dt.date(2035, 3, 1), reasons=SECRET)
    cases.move(session, case, Move.ANSWER, answer, actor=Actor.OFFICE, by=office)
    number = len(case.steps)
    cases.move(session, case, Move.ASK_BETTER, said(Move.ASK_BETTER, dt.date(2035, 3, 1)), actor=Actor.GROUP, by=office)
    book = made(session, assembly, office)
    fill_in(book, 2, {"Unterzeichnet von": "Neue Leitung"})
    kept, found = take_in(session, assembly, book, office)
    confirm(session, assembly, kept, found, office)
    assert drafts.said_in(drafts.get(session, case, Move.ANSWER))["reasons"] == SECRET
    take_in(session, assembly, made(session, assembly, office), office)
    redaction = {"step": number, "facts": ["reasons"], "ground": "Name", "ordered_on": dt.date(2035, 3, 1)}
    cases.move(session, case, Move.REDACT, redaction, actor=Actor.OFFICE, by=office)
    assert "reasons" not in drafts.said_in(drafts.get(session, case, Move.ANSWER))
    assert session.scalars(sa.select(AnswerFile)).all() == []


def test_as_many_cases_as_an_assembly_may_have_go_into_one_file_and_back(
    session: Session, assembly: Assembly, opened: list[Case], office: User
) -> None:
    """48 recommendations to 16 addressees each are 768 rows."""
    rows = answer_rows.rows_of(session, opened[:1]) * 768
    content = answer_sheets.workbook_of(rows, answer_texts.words())
    headings = answer_texts.headings()
    kept = answer_import.upload(
        session, assembly, content, name="x.xlsx", publishes=False, headings=headings, by=office
    )
    found = answer_import.preview(session, assembly, kept, headings=headings, user=office)
    assert (len(found.source.rows), set(found.source.rows[0].said) & {"title", "text"}) == (768, set())
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet.auto_filter.ref == sheet.dimensions
    assert {sheet.cell(2, column).number_format for column in (8, 9)} == {"@"}


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_two_columns_or_choices_are_called_the_same(language: str) -> None:
    with force_locale(language):
        words = answer_texts.words()
    for names in (words.headers, *words.choices.values()):
        folded = [fold_loosely(text) for text in names.values()]
        assert sorted(set(folded)) == sorted(folded)
