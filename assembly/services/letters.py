"""Every mail is also a letter: for people without mail, tagged so that screen readers can read the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from babel.dates import format_date

from assembly.clock import ZONE
from assembly.models import Mail
from assembly.services import codes
from assembly.services.errors import ConflictError
from assembly.services.pdfs import PAGE, compiled
from assembly.services.texts import MOMENTS, catalogue, locale_of

TEMPLATE = "letter/letter.typ"
_ADDRESS = re.compile(r"https?://\S+")


def letter_pdf(mails: Sequence[Mail]) -> bytes:
    """Return one PDF (A4, PDF/UA-1) with a letter per mail, the address where windowed envelopes show it (DIN 5008 B).

    The same mails give the same bytes. Raises ConflictError if the content of one was deleted after it was sent, or
    there is none.
    """
    if not mails:
        raise ConflictError("There is no letter to print.")
    if not all(mail.text for mail in mails):
        raise ConflictError("The content of this mail was deleted after it was sent, so there is no letter of it.")
    return compiled(TEMPLATE, {"letters": [_letter(mail) for mail in mails]}, made_at=mails[0].created_at)


def _letter(mail: Mail) -> dict[str, Any]:
    texts, assembly = catalogue(mail.language), mail.assembly
    sender = [assembly.commissioning_body, *assembly.contact.splitlines()] if assembly else []
    return {
        "language": locale_of(mail.language),
        "sender": [line.strip() for line in sender if line.strip()],
        "address": mail.address or ([mail.recipient] if mail.recipient else []),
        "date": format_date(
            mail.created_at.astimezone(ZONE),
            MOMENTS[mail.language]["date.medium"],
            locale=locale_of(mail.language),
        ),
        "subject": mail.subject,
        "qr": codes.as_svg(mail.qr) if mail.qr else None,
        "qr_description": texts.ugettext(codes.described(mail.template)),
        "paragraphs": [_pieces(paragraph) for paragraph in re.split(r"\n\s*\n", mail.text.strip())],
        "page": texts.ugettext(PAGE) % {"page": "{page}", "pages": "{pages}"},
    }


def _pieces(paragraph: str) -> list[dict[str, str]]:
    """Return a paragraph as texts, line ends and web addresses, which become links."""
    pieces: list[dict[str, str]] = []
    for number, line in enumerate(paragraph.splitlines()):
        if number:
            pieces.append({"kind": "end", "text": ""})
        start = 0
        for match in _ADDRESS.finditer(line):
            pieces.append({"kind": "text", "text": line[start : match.start()]})
            pieces.append({"kind": "link", "text": match.group()})
            start = match.end()
        pieces.append({"kind": "text", "text": line[start:]})
    return [piece for piece in pieces if piece["text"] or piece["kind"] == "end"]
