"""Every mail as a letter: tagged, A4, in its language, in batches."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from assembly.models import Assembly, Mail
from assembly.services.errors import ConflictError
from assembly.services.letters import _letter, _pieces, letter_pdf
from assembly.services.mail import render, write_mail
from tests.assembly.services.test_mail import CONTEXTS, invite

A4 = re.compile(rb"/MediaBox\s*\[\s*0 0 595\.27\d* 841\.8\d*\s*\]")
SNAPSHOTS = Path(__file__).parent / "letters"
EVERY_LANGUAGE = {
    "member_reminder",
    "member_change_moved",
    "member_change_cancelled",
    "member_message",
    "member_meetings",
}
TO_RESPONDENTS = [name for name in CONTEXTS if name.startswith(("acknowledgement", "receipt"))]
CODE = "https://buergerrat.example.org/a/mobilitaet/receipt#0123-4567-89AB-CDEF"
PAGE = re.compile(rb"/Type\s*/Page\b")


def letter(session: Session, assembly: Assembly | None = None, *, language: str = "de", text: str = "Text") -> Mail:
    lines = ["Eva Muster", "Hauptstraße 1", "12345 Auenfurt"]
    mail = Mail(template="x", language=language, address=lines, subject="Betreff", text=text, html="")
    if assembly is not None:
        mail.assembly = assembly
    return write_mail(session, mail)


def test_letters_are_tagged_pdf_of_a4_one_page_each(session: Session, assembly: Assembly) -> None:
    mails = [letter(session, assembly), letter(session, assembly, language="en"), letter(session)]
    pdf = letter_pdf(mails)
    assert pdf.startswith(b"%PDF-")
    assert len(PAGE.findall(pdf)) == 3
    assert len(A4.findall(pdf)) == 3
    assert b"/MarkInfo" in pdf
    assert b"/StructTreeRoot" in pdf
    assert b"pdfuaid:part" in pdf
    assert set(re.findall(rb"/Lang ?\((\w\w)\)", pdf)) == {b"de", b"en"}


def test_the_same_letters_give_the_same_bytes(session: Session, assembly: Assembly) -> None:
    mails = [letter(session, assembly)]
    assert letter_pdf(mails) == letter_pdf(mails)


def test_a_long_letter_takes_more_pages_and_the_next_one_begins_its_own(session: Session) -> None:
    long = "\n\n".join("So many words that they fill a line and then some more. " * 6 for _ in range(15))
    assert len(PAGE.findall(letter_pdf([letter(session, text=long), letter(session)]))) == 3


def test_nothing_that_somebody_wrote_is_typesetting(session: Session) -> None:
    """Marks that mean something to the typesetter stand as they are."""
    text = "#let x = 1 *not bold* _not slanted_ $x$ <label> @reference \\ // no comment"
    assert len(PAGE.findall(letter_pdf([letter(session, text=text)]))) == 1


def test_sender_date_and_page_words_are_in_the_letters_language(session: Session, assembly: Assembly) -> None:
    assembly.contact = "Rathausplatz 1\n\n12345 Auenfurt "
    german, english = (letter(session, assembly, language=language) for language in ("de", "en"))
    session.flush()
    german.created_at = english.created_at = german.created_at.replace(year=2026, month=5, day=3, hour=23, minute=30)
    words = _letter(german)
    assert words["sender"] == ["Stadtrat Auenfurt", "Rathausplatz 1", "12345 Auenfurt"]
    assert (words["date"], words["page"]) == ("4. Mai 2026", "Seite {page} von {pages}")
    words = _letter(english)
    assert (words["date"], words["page"]) == ("4 May 2026", "Page {page} of {pages}")


def test_web_addresses_become_links_and_line_ends_stay() -> None:
    assert _pieces("See https://example.org/a?b=1 now\nor never") == [
        {"kind": "text", "text": "See "},
        {"kind": "link", "text": "https://example.org/a?b=1"},
        {"kind": "text", "text": " now"},
        {"kind": "end", "text": ""},
        {"kind": "text", "text": "or never"},
    ]


def test_every_mail_is_also_a_letter(session: Session) -> None:
    assert letter_pdf([invite(session)]).startswith(b"%PDF-")


def test_no_letter_and_a_letter_without_content_are_refused(session: Session) -> None:
    with pytest.raises(ConflictError):
        letter_pdf([])
    with pytest.raises(ConflictError):
        letter_pdf([letter(session, text="")])


def to_respondent(session: Session, assembly: Assembly, name: str, language: str) -> Mail:
    template, context = CONTEXTS[name]
    subject, text, html = render(template, language, context)
    mail = letter(session, assembly, language=language, text=text)
    mail.subject, mail.html, mail.qr = subject, html, CODE if template == "receipt" else None
    session.flush()
    mail.created_at = mail.created_at.replace(year=2027, month=2, day=1, hour=12)
    return mail


APPROVED = [
    *((name, language) for name in TO_RESPONDENTS for language in ("de", "en")),
    *((name, language) for name in sorted(EVERY_LANGUAGE) for language in ("de", "en", "de-plain")),
]


@pytest.mark.parametrize(("name", "language"), APPROVED)
def test_letters_read_as_they_were_last_approved(
    session: Session, assembly: Assembly, name: str, language: str
) -> None:
    """After a change that is meant: run once with SNAPSHOTS=write, and read the difference in git."""
    words = _letter(to_respondent(session, assembly, name, language))
    words["qr"] = words["qr"] and "drawn"
    path, text = SNAPSHOTS / f"{name}.{language}.json", json.dumps(words, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("SNAPSHOTS") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "language"), APPROVED)
def test_a_letter_to_a_respondent_takes_one_page(
    session: Session, assembly: Assembly, name: str, language: str
) -> None:
    """Twenty thousand second pages would be forests, and postage."""
    assembly.contact = "Büro des Bürgerrats\nRathausplatz 1\n12345 Auenfurt\nTelefon 0123 456\nwww.auenfurt.example"
    pdf = letter_pdf([to_respondent(session, assembly, name, language)])
    assert len(PAGE.findall(pdf)) == 1


def test_the_code_of_a_receipt_is_drawn_with_words_for_who_cannot_see_it(session: Session, assembly: Assembly) -> None:
    mail = to_respondent(session, assembly, "receipt", "de")
    words = _letter(mail)
    assert words["qr"].startswith("<?xml")
    assert words["qr_description"].startswith("QR-Code: ")
    pdf = letter_pdf([mail])
    assert b"/Figure" in pdf
    mail.qr = None
    assert b"/Figure" not in letter_pdf([mail])
