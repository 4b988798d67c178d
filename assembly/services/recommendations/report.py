"""The citizens' report (Bürgergutachten) as a file: DOCX to work with, tagged PDF (A4, PDF/UA-1) to read and keep."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from sqlalchemy.orm import Session

from assembly.models import Assembly
from assembly.services.pdfs import compiled
from assembly.services.recommendations.report_content import Block, Facts, Paragraph, Report, report_of
from assembly.services.recommendations.report_docx import docx_of

TEMPLATE = "letter/citizens_report.typ"
Kind = Literal["docx", "pdf"]


def staff_report(session: Session, assembly: Assembly, kind: Kind) -> bytes:
    """Return the report with all that is adopted; until everything is handed over it says that it is a draft."""
    return _file(report_of(session, assembly, is_public=False), kind)


def public_report(session: Session, assembly: Assembly, kind: Kind) -> bytes:
    """Return the report with what was handed over. Raises NotFoundError if nothing was."""
    return _file(report_of(session, assembly, is_public=True), kind)


def data_of(report: Report) -> dict[str, Any]:
    """Return a report as JSON types, which its template reads: so no word of it can be taken for a command."""
    chapters = [
        {"level": one.level, "title": one.title, "blocks": [_block(block) for block in one.blocks]}
        for one in report.chapters
    ]
    plain = dataclasses.asdict(dataclasses.replace(report, chapters=()))
    return plain | {"chapters": chapters, "made_at": report.made_at.isoformat()}


def _block(block: Block) -> dict[str, Any]:
    kind = "paragraph" if isinstance(block, Paragraph) else "facts" if isinstance(block, Facts) else "table"
    return dataclasses.asdict(block) | {"kind": kind}


def _file(report: Report, kind: Kind) -> bytes:
    return docx_of(report) if kind == "docx" else compiled(TEMPLATE, data_of(report), made_at=report.made_at)
