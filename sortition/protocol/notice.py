"""The notice: one page (PDF, tagged, PDF/UA-1) with title, commitment, rule and QR code, in German or English."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal

import segno
import typst

from sortition.errors import InputError
from sortition.protocol.documents import PublicDocument, commitment_of, ticket_width
from sortition.protocol.draw_rule import DrawRule, Source

FONT_SIZES = (11.0, 10.0, 9.0, 8.0)
"""In points; the largest at which everything fits on one page is taken. Smaller is hard to read on a wall."""
_PAGE = re.compile(rb"/Type\s*/Page\b")

_WORDS: dict[Literal["de", "en"], Mapping[str, str]] = {
    "de": {
        "introduction": "Aus {entries} Personen werden {seats} ausgelost. Es gibt {tickets} Losnummern, von {first} "
        "bis {last}, alle gleich wahrscheinlich; jede steht für eine Zusammensetzung, die alle Quoten erfüllt. "
        "Die Losnummern und diese Regel stehen fest und sind durch den Fingerabdruck unten versiegelt.",
        "when": "Wann gezogen wird",
        "moment": "{date}, {time} Uhr (UTC{offset})",
        "how": "Was das Los entscheidet",
        "digits": "Die {digits} gezogenen Ziffern sind die Losnummer.",
        "public_value": "Die Losnummer wird aus diesem Wert und dem Fingerabdruck berechnet (SHA-256).",
        "format": "Genaue Form: {text}",
        "fallback": "Wenn das ausfällt: {text}",
        "replacements": "Nachbesetzungen",
        "moments": "Termine: {text}",
        "voided": "Frühere Festlegungen, die nicht mehr gelten",
        "commitment": "Fingerabdruck (SHA-256 des öffentlichen Dokuments)",
        "qr": "QR-Code mit dem Fingerabdruck {commitment}",
        "check": "Schreiben Sie den Fingerabdruck ab oder fotografieren Sie diesen Aushang. Nach der Ziehung kann "
        "damit jede Person prüfen, dass nichts geändert wurde.",
        "where": "Öffentliches Dokument: {text}",
        "receipt": "Wer sich angemeldet hat, bekommt vor der Ziehung eine Quittung und findet damit die eigenen "
        "Losnummern.",
        "rehearsal": "PROBE. Diese Festlegung gilt nicht.",
    },
    "en": {
        "introduction": "{seats} of {entries} people are drawn by lot. There are {tickets} tickets, numbered {first} "
        "to {last}, all equally likely; each stands for a panel that meets every quota. The tickets and this rule "
        "are fixed and sealed by the fingerprint below.",
        "when": "When the draw is",
        "moment": "{date}, {time} (UTC{offset})",
        "how": "What decides",
        "digits": "The {digits} digits drawn are the number of the ticket.",
        "public_value": "The number of the ticket is computed from this value and the fingerprint (SHA-256).",
        "format": "Exact form: {text}",
        "fallback": "If that does not come: {text}",
        "replacements": "Replacements",
        "moments": "Dates: {text}",
        "voided": "Earlier commitments that no longer hold",
        "commitment": "Fingerprint (SHA-256 of the public document)",
        "qr": "QR code with the fingerprint {commitment}",
        "check": "Copy the fingerprint or photograph this notice. After the draw, anybody can check with it that "
        "nothing was changed.",
        "where": "Public document: {text}",
        "receipt": "Everyone who registered gets a receipt before the draw and finds their own tickets with it.",
        "rehearsal": "REHEARSAL. This commitment is not in force.",
    },
}


def notice_pdf(public: PublicDocument) -> bytes:
    """Return the notice of a public document as PDF/UA-1 of one page, in the language of its draw rule.

    The same document gives the same bytes. Raises InputError if the rule's texts do not fit on one page.
    """
    rule = DrawRule.from_document(public["draw_rule"], name="draw_rule")
    data = _data(public, rule)
    template = files("sortition.protocol").joinpath("notice.typ").read_bytes()
    compiler = typst.Compiler(ignore_system_fonts=True)
    for size in FONT_SIZES:
        pdf = compiler.compile(
            template,
            format="pdf",
            sys_inputs={"data": json.dumps(data | {"size": size})},
            pdf_standards=["ua-1"],
            timestamp=rule.moment,
        )
        if isinstance(pdf, bytes) and len(_PAGE.findall(pdf)) == 1:
            return pdf
    raise InputError("The texts of the draw rule do not fit on the one-page notice; shorten them.")


def _data(public: PublicDocument, rule: DrawRule) -> dict[str, Any]:
    words, commitment, width = _WORDS[rule.language], commitment_of(public), ticket_width(public)
    count = len(public["tickets"])
    introduction = words["introduction"].format(
        entries=public["pool"]["entries"],
        seats=public["size"] - public["pool"]["required"],
        tickets=count,
        first="0" * width,
        last=f"{count - 1:0{width}d}",
    )
    where = [words["where"].format(text=rule.publication)] if rule.publication else []
    return {
        "language": rule.language,
        "assembly": rule.assembly,
        "title": rule.title,
        "introduction": f"{words['rehearsal']} {introduction}" if public["rehearsal"] else introduction,
        "sections": list(_sections(public, rule, words)),
        "commitment_title": words["commitment"],
        # In groups of eight, so that people can compare and copy it.
        "commitment_lines": [
            " ".join(commitment[start : start + 8] for start in range(line, line + 32, 8)) for line in (0, 32)
        ],
        "qr": _qr(commitment, rule.publication),
        "qr_description": words["qr"].format(commitment=commitment),
        "checking": [words["check"], *where, words["receipt"]],
    }


def _sections(public: PublicDocument, rule: DrawRule, words: Mapping[str, str]) -> list[dict[str, Any]]:
    sections = [
        {"title": words["when"], "lines": [_moment(rule.moment, rule.language)]},
        {"title": words["how"], "lines": _source_lines(rule.draw, words)},
    ]
    if rule.replacements is not None:
        moments = "; ".join(_moment(moment, rule.language) for moment in rule.replacements.moments)
        lines = [words["moments"].format(text=moments), *_source_lines(rule.replacements.draw, words)]
        sections.append({"title": words["replacements"], "lines": lines})
    if public["voided"]:
        lines = [f"{entry['commitment'][:16]}…: {entry['reason']}" for entry in public["voided"]]
        sections.append({"title": words["voided"], "lines": lines})
    return sections


def _source_lines(source: Source, words: Mapping[str, str]) -> list[str]:
    return [
        f"{source.source} {words[source.kind].format(digits=source.digits)}",
        words["format"].format(text=source.format),
        words["fallback"].format(text=source.fallback),
    ]


def _moment(moment: datetime, language: Literal["de", "en"]) -> str:
    date = f"{moment:%d.%m.%Y}" if language == "de" else f"{moment:%Y-%m-%d}"
    offset = moment.isoformat()[-6:].replace("-", "−")
    return _WORDS[language]["moment"].format(date=date, time=f"{moment:%H:%M}", offset=offset)


def _qr(commitment: str, publication: str | None) -> str:
    """Return an SVG of the commitment, with the address of the public document before it where one is known."""
    content = f"{publication}#{commitment}" if publication else commitment
    picture = io.BytesIO()
    segno.make(content, error="m", micro=False).save(picture, kind="svg", border=4, scale=4)
    return picture.getvalue().decode()
