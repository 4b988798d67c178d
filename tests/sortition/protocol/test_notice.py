"""The notice is one accessible page in the rule's language, and always the same for the same document."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sortition.errors import InputError
from sortition.protocol.commit import Commitment, Voided, commit
from sortition.protocol.draw_rule import DrawRule
from sortition.protocol.notice import _data, _qr, notice_pdf

from .factory import NOW, PUBLIC_VALUE, lottery_of, pool, rule


def made(draw_rule: DrawRule, *, rehearsal: bool = False, voids: Voided | None = None) -> Commitment:
    return commit(replace(lottery_of(pool()), rehearsal=rehearsal), draw_rule, now=NOW, voids=voids)


def texts(commitment: Commitment) -> dict[str, object]:
    public = commitment.public
    return _data(public, DrawRule.from_document(public["draw_rule"], name="x"))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("source", [None, PUBLIC_VALUE])
def test_the_notice_is_one_tagged_page(language: str, source: object) -> None:
    draw_rule = replace(rule(source=source, replacements=True), language=language)  # type: ignore[arg-type]  # tests handle documents loosely
    first = made(draw_rule)
    commitment = made(draw_rule, voids=Voided(first.public, "A registration was overlooked."))
    pdf = notice_pdf(commitment.public)
    assert pdf.startswith(b"%PDF-1.7")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert re.search(rb"/Lang\s*\(%s" % language.encode(), pdf)
    assert pdf == notice_pdf(commitment.public)


def test_what_the_notice_says_in_german() -> None:
    commitment = made(replace(rule(replacements=True), language="de"))
    data = texts(commitment)
    assert str(data["introduction"]).startswith("Aus 12 Personen werden 4 ausgelost. Es gibt 10 Losnummern, von 0")
    assert data["sections"] == [
        {"title": "Wann gezogen wird", "lines": ["14.03.2031, 18:00 Uhr (UTC+00:00)"]},
        {
            "title": "Was das Los entscheidet",
            "lines": [
                "An urn with ten balls in the council's hall. Die 1 gezogenen Ziffern sind die Losnummer.",
                "Genaue Form: The digits in the order drawn.",
                "Wenn das ausfällt: The next public session.",
            ],
        },
        {
            "title": "Nachbesetzungen",
            "lines": [
                f"Termine: {'; '.join(f'09.0{month}.2031, 12:00 Uhr (UTC+00:00)' for month in (4, 5, 6))}",
                f"{PUBLIC_VALUE.source} Die Losnummer wird aus diesem Wert und dem Fingerabdruck berechnet (SHA-256).",
                "Genaue Form: 32 characters 0–9 and a–f.",
                "Wenn das ausfällt: The next round.",
            ],
        },
    ]


def test_the_commitment_can_be_copied_and_scanned() -> None:
    commitment = made(rule())
    data = texts(commitment)
    lines = data["commitment_lines"]
    assert isinstance(lines, list)
    assert "".join(lines).replace(" ", "") == commitment.hash
    assert data["qr"] == _qr(commitment.hash, "https://city.example/lottery")
    assert data["qr"] != texts(made(replace(rule(), publication=None)))["qr"]
    assert "Öffentliches Dokument: https://city.example/lottery" in data["checking"]  # type: ignore[operator]  # tests handle documents loosely


def test_rehearsals_and_voided_commitments_are_on_the_notice() -> None:
    first = made(rule())
    data = texts(made(rule(), rehearsal=True, voids=Voided(first.public, "Too early.")))
    assert str(data["introduction"]).startswith("PROBE. Diese Festlegung gilt nicht.")
    assert {"title": "Frühere Festlegungen, die nicht mehr gelten", "lines": [f"{first.hash[:16]}…: Too early."]} in (
        data["sections"]  # type: ignore[operator]  # tests handle documents loosely
    )


def test_long_texts_get_smaller_and_too_long_ones_are_refused() -> None:
    source = replace(PUBLIC_VALUE, source="Wort " * 119, format="Wort " * 79, fallback="Wort " * 119)
    long = replace(rule(source=source), title="Titel " * 30)
    assert len(re.findall(rb"/Type\s*/Page\b", notice_pdf(made(long).public))) == 1
    planned = rule(replacements=True).replacements
    assert planned is not None
    commitment = made(replace(long, replacements=replace(planned, draw=source)))
    for number in range(12):
        commitment = made(
            replace(long, replacements=replace(planned, draw=source)),
            voids=Voided(commitment.public, f"Reason {number} " * 30),
        )
    with pytest.raises(InputError, match="do not fit on the one-page notice"):
        notice_pdf(commitment.public)
