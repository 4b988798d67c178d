"""A recommendation as a document: all that its page says, in both languages, and nothing that was taken away."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from assembly.models import Case, Move
from assembly.services.chapters import Document
from assembly.services.chapters_docx import file_of
from assembly.services.daily import today
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import agenda_items, cases, notices, recommendation_papers
from assembly.services.follow_up.notice_mails import Pages
from assembly.services.follow_up.recommendation_papers import Addresses
from assembly.services.follow_up.transitions import Actor
from assembly.services.recommendations import drafting, editing, handing_over, minority
from assembly.views.case_papers import TEXTS
from tests.assembly.services.follow_up.steps import said
from tests.assembly.services.recommendations.conftest import Hall
from tests.assembly.services.written import approve, speaking, text_of

PAGE = "https://buergerrat.example.org/a/mobilitaet/recommendations/3"
SECRET = "Frau Erika Beispiel"
"""A name that an answer should not have had."""


def take(hall: Hall, case: Case, move: Move, actor: Actor = Actor.OFFICE, **values: object) -> None:
    """Take a step on the next day."""
    hall.pass_days(1)
    cases.move(hall.session, case, move, said(move, today(), **values), actor=actor, taken_on=today(), **hall.by)


def followed(hall: Hall) -> Case:
    """Return the case of a recommendation that was merged, edited, handed over, answered, and is late since."""
    originals = [hall.draft(title=f"Entwurf {number}", text=f"Entwurf {number}.") for number in (1, 2)]
    merged = {
        "title": "Mehr Bäume",
        "text": "Bis 2030 pflanzt die Stadt 500 Bäume.",
        "reasons": "Schatten.",
        "theme": "Grün",
    }
    one = drafting.merge(hall.session, hall.assembly, originals, merged, **hall.by)
    drafting.address(hall.session, one, (1,), **hall.by)
    hall.adopt(one)
    minority.attach(hall.session, one, "Bäume brauchen Wasser.\nDas fehlt.", supporters=3, **hall.by)
    edited = merged | {"text": "Bis Ende 2030 pflanzt die Stadt 500 Bäume.", "plain": "Die Stadt pflanzt Bäume."}
    editing.change(hall.session, one, edited, version=one.version, **hall.by)
    hall.pass_days(10)
    receiver = {"handed_over_on": today(), "received_by": "Oberbürgermeisterin Richter"}
    handing_over.hand_over(hall.session, hall.assembly, [one], **receiver, **hall.by)
    case = cases.cases_about(hall.session, hall.assembly, one.number)[0]
    take(hall, case, Move.ASSIGN, unit="Grünflächenamt")
    take(hall, case, Move.BEGIN_REVIEW)
    changed = "Bis Ende 2031 pflanzt die Stadt 400 Bäume."
    answer = {"changed_text": changed, "changed_why": "Es fehlt an Fläche.", "reasons": "Wie gewünscht."}
    measure = {"legal": f"Laut {SECRET}.", "starts_on": dt.date(2035, 9, 1), "ends_on": dt.date(2036, 9, 1)}
    take(hall, case, Move.ANSWER, outcome="with_changes", **measure, **answer)
    take(hall, case, Move.CORRECT, step=3, fact="reasons", text="Weitgehend wie gewünscht.", reason="Genauer.")
    take(hall, case, Move.REDACT, step=3, facts=["legal"], ground="Name einer Person", ordered_on=today())
    take(hall, case, Move.REPLY, Actor.GROUP, step=3, reply="Wir bleiben bei 500.")
    hall.pass_days(200)
    notices.give_due(hall.session, hall.assembly, pages=Pages("https://buergerrat.example.org"))
    return case


def document(hall: Hall, case: Case, language: str = "de") -> Document:
    """Return a recommendation as a document."""
    items = agenda_items.items_of(hall.session, [case])
    agenda = {number: [(one, f"{PAGE}/agenda-item-7.pdf") for one in found] for number, found in items.items()}
    addresses = Addresses(PAGE, "https://www.govdata.de/dl-de/by-2-0", agenda)
    with speaking(language):
        return recommendation_papers.document_of(
            hall.session,
            hall.assembly,
            case.recommendation.number,
            language=language,
            texts=TEXTS,
            addresses=addresses,
        )


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_the_document_says(hall: Hall, language: str) -> None:
    """Written anew with UPDATE_SNAPSHOTS=1; read what changed before you commit it."""
    text = text_of(document(hall, followed(hall), language))
    assert text == approve(f"recommendation.{language}.txt", text)


def test_it_is_tagged_and_the_same_all_day(hall: Hall) -> None:
    case = followed(hall)
    made = [file_of(document(hall, case), "pdf") for _ in range(2)]
    assert made[0] == made[1]
    assert b"pdfuaid:part" in made[0]


def test_redacted_words_and_members_never_appear(hall: Hall) -> None:
    text = text_of(document(hall, followed(hall)))
    people = [one.respondent.contact for one in hall.members]
    names = [name for one in people if one for name in (one.first_name, one.last_name) if name]
    assert names
    assert [name for name in (SECRET, *names) if re.search(rf"\b{re.escape(name)}\b", text)] == []


def test_what_is_not_adopted_has_none(hall: Hall) -> None:
    draft = hall.draft()
    with speaking("de"), pytest.raises(NotFoundError):
        recommendation_papers.document_of(
            hall.session,
            hall.assembly,
            draft.number,
            language="de",
            texts=TEXTS,
            addresses=Addresses(PAGE, "", {}),
        )
