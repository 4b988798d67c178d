"""Seeds the pages of the site, with texts that say of themselves that they are samples, and two reported barriers."""

from __future__ import annotations

from demo_days import STATE
from sqlalchemy.orm import Session

from assembly.models import AnswerWay, PageKind, User
from assembly.services.barriers import answering, reporting
from assembly.services.site import pages, prose, settings
from assembly.services.site.starting_texts import starting_texts

CITY = "Auenfurt"
SAMPLE = {"de": "Das ist ein Beispiel: Auenfurt gibt es nicht.", "en": "This is a sample: there is no Auenfurt."}
EXAMPLE = {"de": "Beispiel", "en": "sample"}
PUBLIC = (PageKind.IMPRINT, PageKind.PRIVACY, PageKind.ACCESSIBILITY, PageKind.EASY_LANGUAGE)
ENFORCEMENT = "(Beispiel) Durchsetzungsstelle des Landes\nMusterweg 1, 62101 Auenfurt\nTelefon 06201 555-99"


def publish_pages(session: Session, *, by: User) -> None:
    """Settle the state, and publish all pages but the one in sign language, for which there is no video."""
    settled = {"state": STATE, "enforcement": ENFORCEMENT, "answer_period": "P1M", "remind_days": 7}
    settings.save(session, settled, by=by)
    for kind in PUBLIC:
        texts = starting_texts(kind, city=CITY, address="http://127.0.0.1:8000")
        filled = {f"text_{language}": _filled(text, language) for language, text in texts.items()}
        nothing = {"text_en": "", "video": "", "is_required": None, "source": ""}
        pages.save(session, kind, nothing | filled, by=by)
        pages.publish(session, kind, by=by)


def _filled(text: str, language: str) -> str:
    """Return a text that says that it is a sample, with an example in place of each gap."""
    return f"{SAMPLE[language]}\n\n{prose.GAP.sub(lambda gap: f'({EXAMPLE[language]}: {gap[0][1:-1]})', text)}"


def report_barriers(session: Session, *, by: User) -> None:
    """Let one barrier be reported and answered, and another one wait."""
    first = reporting.report(
        session,
        page="/follow-up",
        text="Die Tabelle der Empfehlungen ist auf meinem Telefon schwer zu lesen.",
        email="leserin@example.org",
        language="de",
        city=CITY,
    )
    said = "Danke für den Hinweis. Auf schmalen Bildschirmen stehen die Zeilen jetzt untereinander."
    answering.answer(session, first, way=AnswerWay.MAIL, text=said, answered_on=None, city=CITY, by=by)
    reporting.report(
        session,
        page="/",
        text="Im Video zum Auftakt fehlen Untertitel. Ich bin gehörlos.",
        email="zuschauer@example.org",
        language="de",
        city=CITY,
    )
