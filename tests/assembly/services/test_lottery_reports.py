"""The report of a lottery: its words as stored, for organisers with everything, for everyone without small counts."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from assembly.config import Config
from assembly.services import lotteries
from assembly.services.errors import NotFoundError
from assembly.services.lottery_reports import organisers_report, public_report, report_of
from tests.assembly import drawn

SNAPSHOTS = Path(__file__).parent / "reports"


def text_of(data: dict[str, Any]) -> str:
    """Return the words of a report, a line each; fingerprints differ each time, since secrets are drawn."""
    lines = [data["author"], f"# {data['title']}", data["warning"]]
    for section in data["sections"]:
        lines += ["", f"## {section['title']}", *section["paragraphs"]]
        lines += [f"{name}: {value}" for name, value in section["facts"]]
        for table in section["tables"]:
            lines += [" | ".join(column["label"] for column in table["columns"])]
            lines += [" | ".join(row) for row in table["rows"]]
        lines += [f"- {point}" for point in section["points"]]
    return re.sub("[0-9a-f]{64}", "FINGERPRINT", "\n".join(lines)) + "\n"


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_the_reports_say(session: Session, config: Config, language: str) -> None:
    """Written anew with UPDATE_SNAPSHOTS=1; read what changed before you commit it."""
    stage = drawn.drawn(session, config)
    assembly, _ = stage.load(session)
    commitment = stage.commitment(session)
    for kind, about in (("organisers", None), ("public", commitment)):
        text = text_of(report_of(session, assembly, commitment.lottery, about, language=language))
        stored = SNAPSHOTS / f"{kind}.{language}.txt"
        if "UPDATE_SNAPSHOTS" in os.environ:
            stored.write_text(text, encoding="utf-8")
        assert text == stored.read_text(encoding="utf-8")


def test_everyone_sees_no_code_and_no_count_below_three(session: Session, config: Config) -> None:
    """The only person of a gender stands with the most frequent one; no chance of a single value is given."""
    stage = drawn.drawn(session, config)
    assembly, _ = stage.load(session)
    commitment = stage.commitment(session)
    data = report_of(session, assembly, commitment.lottery, commitment, language="de")
    tables = [table for section in data["sections"] for table in section["tables"]]
    people = [row for table in tables for row in table["rows"]]
    assert "divers" not in [row[0] for row in people]
    assert any(row[0].endswith("+ divers") for row in people)
    assert min(int(row[1]) for row in people) >= 3
    assert not re.search(r"\bK\d\d\b", text_of(data))


def test_the_reports_are_tagged_pdf_and_always_the_same(session: Session, config: Config) -> None:
    stage = drawn.drawn(session, config)
    assembly, _ = stage.load(session)
    commitment = stage.commitment(session)
    for language in ("de", "en"):
        pdf = organisers_report(session, assembly, commitment.lottery, language=language)
        assert pdf.startswith(b"%PDF-")
        assert b"pdfuaid:part" in pdf
        assert re.search(rb"/Lang\s*\(%s" % language.encode(), pdf)
        assert pdf == organisers_report(session, assembly, commitment.lottery, language=language)
    assert public_report(session, assembly, commitment, language="de").startswith(b"%PDF-")


def test_a_rehearsals_report_says_so(session: Session, config: Config) -> None:
    stage = drawn.collecting(session)
    drawn.solve(session, config, stage, is_rehearsal=True)
    assembly, _ = stage.load(session)
    data = report_of(session, assembly, stage.lottery(session), None, language="en")
    assert data["warning"] == "This is a rehearsal. Nothing that follows from it counts."


def test_without_result_there_is_no_report(session: Session) -> None:
    stage = drawn.collecting(session)
    assembly, organiser = stage.load(session)
    lottery = lotteries.start_lottery(session, assembly, is_rehearsal=True, by=organiser)
    with pytest.raises(NotFoundError):
        report_of(session, assembly, lottery, None, language="de")
