"""The citizens' report: its words as stored, the same in DOCX and PDF, and nobody's name in it."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

import docx
import pytest

from assembly.models import EventKind, EventState, Expert, ExpertInput, ExpertRole, ExpertState, Openness
from assembly.models.programme import Event
from assembly.services.chapters import Table
from assembly.services.errors import NotFoundError
from assembly.services.recommendations import handing_over, minority, report
from assembly.services.recommendations.report_content import report_of
from tests.assembly.services.recommendations.conftest import Hall
from tests.assembly.services.written import approve, text_of

MARKUP = '#panic("no") $x$ *bold* <w:t> =cmd|x {page} @label \\u{41} \x1b'
"""What typst, Word, a spreadsheet or a careless template would take for a command."""


def add_work(hall: Hall) -> None:
    """Let the assembly have met in public and in private, and have heard somebody."""
    starts_at = dt.datetime(2035, 3, 10, 17, 30, tzinfo=dt.UTC)
    events = [
        Event(
            assembly_id=hall.assembly.id,
            kind=EventKind.PLENARY,
            state=EventState.PUBLISHED,
            openness=openness,
            title=title,
            starts_at=starts_at,
            ends_at=starts_at + dt.timedelta(hours=3),
        )
        for title, openness in (("Auftakt", Openness.PUBLIC), ("Unter uns", Openness.MEMBERS))
    ]
    hall.session.add_all(events)
    hall.session.flush()
    for name, state in (("Dr. Ada Baum", ExpertState.ACCEPTED), ("Prof. Nie Da", ExpertState.INVITED)):
        one = Expert(assembly_id=hall.assembly.id, name=name, role=ExpertRole.SCIENCE, state=state)
        one.affiliation, one.interests = "Universität Auenfurt", "Keine."
        one.inputs = [ExpertInput(event_id=events[0].id, minutes=20)]
        hall.session.add(one)
    hall.session.flush()


def hand_over(hall: Hall) -> None:
    """Hand over one recommendation with a minority view and a plain version; another one is only adopted."""
    one = hall.adopted(1, 2, plain="Die Stadt pflanzt Bäume.")
    minority.attach(hall.session, one, "Bäume brauchen Wasser.\nDas fehlt.", supporters=3, **hall.by)
    hall.adopted(1, title="Mehr Bänke", text="Noch nicht übergeben.")
    add_work(hall)
    hall.pass_days(1)
    handing_over.hand_over(
        hall.session,
        hall.assembly,
        [one],
        handed_over_on=dt.date(2035, 3, 11),
        received_by="Oberbürgermeisterin Richter",
        **hall.by,
    )


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_the_report_says(hall: Hall, language: str) -> None:
    """Written anew with UPDATE_SNAPSHOTS=1; read what changed before you commit it."""
    hall.assembly.languages = ["tr", language]
    hand_over(hall)
    text = text_of(report_of(hall.session, hall.assembly, is_public=True))
    assert text == approve(f"citizens_report.{language}.txt", text)


def test_everyone_gets_it_once_something_was_handed_over(hall: Hall) -> None:
    hall.adopted(1)
    with pytest.raises(NotFoundError):
        report.public_report(hall.session, hall.assembly, "pdf")
    draft = report_of(hall.session, hall.assembly, is_public=False)
    assert draft.warning == "Entwurf: Noch ist nicht alles übergeben, was darin steht."


def test_staff_see_what_is_only_adopted_and_everyone_does_not(hall: Hall) -> None:
    hand_over(hall)
    made = {is_public: report_of(hall.session, hall.assembly, is_public=is_public) for is_public in (True, False)}
    titles = {key: [one.title for one in found.chapters if one.level == 2] for key, found in made.items()}
    assert titles == {True: ["1. Mehr Bäume"], False: ["1. Mehr Bäume", "2. Mehr Bänke"]}
    assert [bool(made[key].warning) for key in (True, False)] == [False, True]


def test_without_recommendations_there_is_a_draft_that_says_so(hall: Hall) -> None:
    made = report_of(hall.session, hall.assembly, is_public=False)
    assert [one.level for one in made.chapters] == [1, 1, 1, 1]
    assert report.staff_report(hall.session, hall.assembly, "pdf").startswith(b"%PDF-")
    assert report.staff_report(hall.session, hall.assembly, "docx").startswith(b"PK")


def test_no_member_is_named(hall: Hall) -> None:
    hand_over(hall)
    text = text_of(report_of(hall.session, hall.assembly, is_public=False))
    people = [one.respondent for one in hall.members]
    names = [
        part for one in people if one.contact for part in (one.contact.first_name, one.contact.last_name, one.code)
    ]
    assert names
    assert [name for name in names if name and re.search(rf"\b{re.escape(name)}\b", text)] == []


def test_what_people_wrote_is_no_command(hall: Hall) -> None:
    """Markup of typst, XML and fields stands in the report as it was typed; what XML cannot hold is left out."""
    one = hall.adopted(1, title=MARKUP, text=MARKUP, reasons=MARKUP, theme=MARKUP, plain=MARKUP)
    minority.attach(hall.session, one, MARKUP, supporters=3, **hall.by)
    hall.assembly.title = hall.assembly.question = hall.assembly.commissioning_body = MARKUP
    shown = MARKUP.removesuffix("\x1b").strip()
    found = docx.Document(io.BytesIO(report.staff_report(hall.session, hall.assembly, "docx")))
    texts = [paragraph.text.strip() for paragraph in found.paragraphs]
    assert texts.count(shown) == 7  # three on the title page; text, reasons, plain version, minority view
    assert report.staff_report(hall.session, hall.assembly, "pdf").startswith(b"%PDF-")


def test_the_pdf_is_tagged_and_always_the_same(hall: Hall) -> None:
    hand_over(hall)
    pdf = report.public_report(hall.session, hall.assembly, "pdf")
    assert b"pdfuaid:part" in pdf
    assert re.search(rb"/Lang\s*\(de", pdf)
    assert pdf == report.public_report(hall.session, hall.assembly, "pdf")


def test_the_docx_can_be_read_by_ear(hall: Hall) -> None:
    """Headings are real and in order, tables have header rows and descriptions, and the language is stated."""
    hand_over(hall)
    content = report.public_report(hall.session, hall.assembly, "docx")
    found = docx.Document(io.BytesIO(content))
    made = report_of(hall.session, hall.assembly, is_public=True)
    headings = [
        (int(one.style.name[-1]), one.text)
        for one in found.paragraphs
        if one.style and one.style.name and re.fullmatch(r"Heading \d", one.style.name)
    ]
    assert headings == [(one.level, one.title) for one in made.chapters]
    tables = [block for chapter in made.chapters for block in chapter.blocks if isinstance(block, Table)]
    assert [[[cell.text for cell in row.cells] for row in one.rows] for one in found.tables] == [
        [list(row) for row in (one.columns, *one.rows)] for one in tables
    ]
    about = found.core_properties
    assert (about.title, about.language) == (f"Bürgergutachten: {hall.assembly.title}", "de-DE")
    assert about.author == hall.assembly.commissioning_body
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body, styles, footer = (archive.read(f"word/{name}.xml").decode() for name in ("document", "styles", "footer1"))
    assert body.count("<w:tblHeader ") == body.count("<w:tblDescription ") == len(tables)
    assert set(re.findall(r'<w:lang [^>]*w:val="([^"]+)"', styles)) == {"de-DE"}
    anchors = re.findall(r'w:anchor="([^"]+)"', body)
    assert set(anchors) <= set(re.findall(r'w:bookmarkStart [^>]*w:name="([^"]+)"', body))
    assert len(anchors) == sum(one.level < 3 for one in made.chapters)
    assert re.findall(r"<w:instrText[^>]*>([^<]+)<", footer) == [" PAGE ", " NUMPAGES "]
