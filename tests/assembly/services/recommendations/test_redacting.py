"""Redaction by order: the words are nowhere any more, the mark stays, and nobody else's words go."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from assembly.clock import now
from assembly.models import (
    Base,
    Case,
    Draft,
    DraftDeed,
    DraftNote,
    DraftVersion,
    LogEntry,
    Mail,
    MailState,
    Move,
    Recommendation,
    RecommendationRedaction,
    RedactionGround,
)
from assembly.services import logbook
from assembly.services.chapters import Document
from assembly.services.daily import today
from assembly.services.errors import ConflictError, RuleError
from assembly.services.follow_up import cases, open_data, recommendation_papers, register
from assembly.services.follow_up.recommendation_papers import Addresses
from assembly.services.follow_up.register import Filter
from assembly.services.follow_up.transitions import Actor
from assembly.services.recommendations import drafting, editing, handing_over, minority, reading, redacting
from assembly.services.recommendations.redacting import Redacted
from assembly.services.recommendations.report_content import report_of
from assembly.views.case_papers import TEXTS
from tests.assembly.services.follow_up.steps import said
from tests.assembly.services.recommendations.conftest import Hall
from tests.assembly.services.written import speaking, text_of

NAME = "Erika Beispiel"
ORDER: dict[str, Any] = {
    "ground": RedactionGround.PERSONAL_DATA,
    "reference": "Landesdatenschutz, Az. 12/2035",
    "ordered_on": dt.date(2035, 3, 10),
}


def handed_over(hall: Hall) -> Recommendation:
    """Return a recommendation that says a name wherever it can be said."""
    everywhere = dict.fromkeys(("title", "text", "reasons", "plain", "theme"), f"Das will {NAME} so.")
    originals = [hall.draft(**everywhere), hall.draft(title="Entwurf", text="Ohne Namen.")]
    one = drafting.merge(hall.session, hall.assembly, originals, everywhere, **hall.by)
    drafting.address(hall.session, one, (1,), **hall.by)
    hall.adopt(one)
    minority.attach(hall.session, one, f"Anders als {NAME.upper()}.", supporters=3, **hall.by)
    edited = everywhere | {"text": "Das will Erika\n Beispiel so, bis 2030."}
    editing.change(hall.session, one, edited, version=one.version, **hall.by)
    hall.pass_days(10)
    to = {"handed_over_on": today(), "received_by": "Oberbürgermeisterin Richter"}
    handing_over.hand_over(hall.session, hall.assembly, [one], **to, **hall.by)
    return one


def redact(hall: Hall, one: Recommendation, words: str = NAME, **order: Any) -> Redacted:
    """Take words away."""
    return redacting.redact(hall.session, one, words, **(ORDER | order), **hall.by)


def case_of(hall: Hall, one: Recommendation) -> Case:
    """Return the case of a recommendation."""
    return cases.cases_about(hall.session, hall.assembly, one.number)[0]


def rows_with(hall: Hall, word: str) -> list[str]:
    """Return the tables in which a word stands in any column."""
    hall.session.flush()
    rows = (
        (table.name, row) for table in Base.metadata.sorted_tables for row in hall.session.execute(sa.select(table))
    )
    return sorted({name for name, row in rows if any(word.casefold() in str(value).casefold() for value in row)})


def paper(hall: Hall, one: Recommendation) -> Document:
    """Return the recommendation as a document."""
    with speaking("de"):
        return recommendation_papers.document_of(
            hall.session, hall.assembly, one.number, language="de", texts=TEXTS, addresses=Addresses("", "", {})
        )


def test_the_words_are_in_no_table_any_more(hall: Hall) -> None:
    """However they are spaced, in capitals, in former versions, drafts, minority views, and in what is searched."""
    one = handed_over(hall)
    assert rows_with(hall, "Beispiel") == ["cases", "minority_views", "recommendation_versions", "recommendations"]
    redact(hall, one)
    assert rows_with(hall, "Beispiel") == []


def test_what_departments_draft_and_mails_that_wait_say_the_words_no_more(hall: Hall) -> None:
    """What was sent or published before stays as it was read."""
    one = handed_over(hall)
    quoted = f"Empfehlung {one.number}: {one.title}"
    draft = Draft(case_id=case_of(hall, one).id, move=Move.ANSWER)
    said_in_it = {"reasons": f"{NAME} hat recht.", "milestones": [{"milestone": f"Mit {NAME} sprechen"}]}
    draft.versions.append(DraftVersion(number=1, facts=said_in_it, saved_at=now(), saved_by_id=hall.by["by"].id))
    comment = {"deed": DraftDeed.COMMENTED, "version": 1, "written_at": now(), "written_by_id": hall.by["by"].id}
    draft.notes.append(DraftNote(text=f"Wer ist {NAME}?", **comment))
    hall.session.add(draft)
    for state in (MailState.QUEUED, MailState.SENT):
        mail = Mail(template="subscription_news", language="de", recipient="eva@example.org", subject=quoted)
        mail.text, mail.html, mail.state = quoted, f"<p>{quoted}</p>", state
        mail.created_at = mail.due_at = now()
        hall.session.add(mail)
    hall.session.flush()
    redact(hall, one)
    assert rows_with(hall, "Beispiel") == ["mails"]
    waiting = hall.session.scalars(sa.select(Mail).where(Mail.state == MailState.QUEUED)).one()
    assert (waiting.subject, waiting.html) == (f"Empfehlung {one.number}: {one.title}", f"<p>{waiting.text}</p>")


def test_the_mark_stays_with_ground_and_day_and_says_why_the_hash_no_longer_matches(hall: Hall) -> None:
    one = handed_over(hall)
    digest = one.digest
    assert redact(hall, one).elsewhere == []
    assert (one.digest, one.text) == (digest, "Das will [auf Anordnung geschwärzt] so, bis 2030.")
    assert [(made.ground, made.reference, made.ordered_on) for made in one.redactions] == [tuple(ORDER.values())]
    mark = (
        "Auf Anordnung vom 10. März 2035 wurden Wörter geschwärzt. Grund: Namen oder andere personenbezogene Daten. "
        "Anordnung: Landesdatenschutz, Az. 12/2035. Deshalb passt der Fingerabdruck der Übergabe nicht mehr zum Inhalt."
    )
    for made in (paper(hall, one), report_of(hall.session, hall.assembly, is_public=True)):
        text = text_of(made)
        assert (text.count(mark), "Beispiel" in text) == (1, False)


def test_open_data_and_search_say_so_too(hall: Hall) -> None:
    one = handed_over(hall)
    redact(hall, one)
    found = open_data.document_of(
        hall.assembly, [case_of(hall, one)], schema="", licence="", page="", page_of=lambda _number: ""
    )
    said_of_it = found["cases"][0]["recommendation"]
    assert said_of_it["redactions"] == [
        {"ground": "personal_data", "reference": ORDER["reference"], "ordered_on": "2035-03-10"}
    ]
    hall.assembly.is_public = True
    totals = [
        register.page_of(hall.session, Filter(search=word), 1, assembly=hall.assembly).total
        for word in ("Beispiel", "geschwärzt")
    ]
    assert totals == [0, 1]


def test_the_log_has_ground_and_day_and_never_the_words(hall: Hall) -> None:
    redact(hall, handed_over(hall))
    entries = list(logbook.entries_of(hall.session, hall.assembly))
    assert logbook.first_fault(entries) is None
    (entry,) = [one for one in entries if one.action == "recommendation_redacted"]
    assert entry.details == {"number": 3, "version": 2, "ground": "personal_data", "ordered_on": "2035-03-10"}
    assert (
        hall.session.scalars(sa.select(LogEntry).where(sa.cast(LogEntry.details, sa.Text).contains("Erika"))).all()
        == []
    )


def test_whole_words_alone_are_taken(hall: Hall) -> None:
    one = hall.adopted(1, text="Frau Ott wohnt in Ottersberg.")
    to = {"handed_over_on": today(), "received_by": "Oberbürgermeisterin Richter"}
    handing_over.hand_over(hall.session, hall.assembly, [one], **to, **hall.by)
    redact(hall, one, "Ott")
    assert one.text == "Frau [auf Anordnung geschwärzt] wohnt in Ottersberg."


def test_steps_that_say_the_words_are_named(hall: Hall) -> None:
    """They have redactions of their own."""
    one = handed_over(hall)
    case = case_of(hall, one)
    values = said(Move.ASSIGN, today(), unit=f"Amt {NAME}")
    cases.move(hall.session, case, Move.ASSIGN, values, actor=Actor.OFFICE, **hall.by)
    assert [step.number for step in redact(hall, one).elsewhere] == [1]


@pytest.mark.parametrize(
    ("words", "order", "field"),
    [
        ("", {}, "words"),
        ("E", {}, "words"),
        ("Niemand", {}, "words"),
        ("Erika " * 1000, {}, "words"),
        (NAME, {"reference": " "}, "reference"),
        (NAME, {"reference": f"Antrag von {NAME}"}, "reference"),
        (NAME, {"ordered_on": dt.date(2036, 1, 1)}, "ordered_on"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    hall: Hall, words: str, order: dict[str, Any], field: str
) -> None:
    one = handed_over(hall)
    with pytest.raises(RuleError) as refused:
        redact(hall, one, words, **order)
    assert refused.value.field == field
    assert hall.session.scalars(sa.select(RecommendationRedaction)).all() == []
    assert NAME in one.title


def test_before_the_handover_the_wording_is_edited_instead(hall: Hall) -> None:
    with pytest.raises(ConflictError):
        redact(hall, hall.adopted(1), "Bäume")


def test_what_is_hashed_is_as_it_stands_now(hall: Hall) -> None:
    one = handed_over(hall)
    redact(hall, one)
    assert NAME.encode() not in reading.canonical_of(hall.session, hall.assembly, one.number)
