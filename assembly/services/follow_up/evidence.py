"""A document as evidence of a report: kept and published as a material in the same transaction, or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from assembly.models import Assembly, MaterialKind, MaterialVersion, User
from assembly.services.errors import RuleError, marked
from assembly.services.materials import publishing
from assembly.services.materials.files import PICTURES, UploadedFile
from assembly.services.materials.publishing import Content
from assembly.services.site_visits.pictures import scan_from

SUFFIXES = frozenset({".pdf", ".png", ".jpg"})
"""What every browser shows by itself."""


def looked_at(content: bytes, *, clamd: str | None) -> UploadedFile:
    """Return an uploaded file that may be evidence: of a kind that is taken, and clean. Raises RuleError, StorageError.

    A picture is drawn anew, so that nobody reads where, when and with what it was taken; PDFs stay as they are. It
    takes as long as the scanner does, so it comes before anything is locked.
    """
    file = publishing.looked_at(content, clamd=clamd)
    if file.suffix not in SUFFIXES:
        raise RuleError(marked("Evidence is a PDF or a picture (PNG, JPEG)."), field="file")
    return scan_from(file) if file.suffix in PICTURES else file


def publish(
    session: Session, assembly: Assembly, file: UploadedFile, said: Mapping[str, str], *, by: User
) -> MaterialVersion:
    """Publish a document with its title, source and licence. Raises RuleError, with the field, for what is missing."""
    if not said["title"]:
        raise RuleError(marked("Say what the document shows."), field="title")
    values = {**said, "language": assembly.languages[0], "is_public": True}
    material = publishing.add_material(session, assembly, MaterialKind.DOCUMENT, values, Content(file=file), by=by)
    publishing.publish(session, material, by=by)
    return material.versions[0]
