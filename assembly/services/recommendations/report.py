"""The citizens' report (Bürgergutachten) as a file: DOCX to work with, tagged PDF (A4, PDF/UA-1) to read and keep."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assembly.models import Assembly
from assembly.services.chapters import Kind
from assembly.services.chapters_docx import file_of
from assembly.services.recommendations.report_content import report_of


def staff_report(session: Session, assembly: Assembly, kind: Kind) -> bytes:
    """Return the report with all that is adopted; until everything is handed over it says that it is a draft."""
    return file_of(report_of(session, assembly, is_public=False), kind)


def public_report(session: Session, assembly: Assembly, kind: Kind) -> bytes:
    """Return the report with what was handed over. Raises NotFoundError if nothing was."""
    return file_of(report_of(session, assembly, is_public=True), kind)
