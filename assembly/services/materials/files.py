"""What an uploaded file is, found from its content alone; what is on no list is not kept.

Nothing that a browser could run is on the list: no HTML, no SVG, no office file with macros.
"""

from __future__ import annotations

import dataclasses
import io
import zipfile

from assembly.services.errors import RuleError, marked

MOST_BYTES = 20 * 2**20
"""Bytes of one file: slides with pictures have 5 to 15 MB."""
PARTS_LOOKED_AT = 20_000
"""Parts of an office file; more are no document."""
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".txt": "text/plain; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}
"""The endings that files get, with how they are served."""
PICTURES = frozenset({".png", ".jpg"})
"""What is shown within a page's window; everything else is saved."""
_STARTS = {b"%PDF-": ".pdf", b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg"}
_ZIP_MARK = b"PK\x03\x04"
_OFFICE_FOLDERS = {"word/document.xml": ".docx", "ppt/presentation.xml": ".pptx", "xl/workbook.xml": ".xlsx"}
UNREADABLE = (
    *(zipfile.BadZipFile, EOFError, OSError, ValueError),  # broken or cut off
    *(RuntimeError, KeyError),  # locked with a password (an unknown packing is one, too); a part under another name
)
"""What a zip file raises that nobody can open as the office file it claims to be."""
_MACROS = ("vbaproject.bin", "basic/script-lc.xml")


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class UploadedFile:
    """A file that may be kept, with the ending that its content has."""

    content: bytes
    suffix: str

    def __repr__(self) -> str:
        return f"UploadedFile({self.suffix}, {len(self.content)} bytes)"


def recognised(content: bytes) -> UploadedFile:
    """Return a file with what it is. Raises RuleError if it is empty, too large, or of a kind that is not taken."""
    if not content:
        raise RuleError(marked("The file is empty."), field="file")
    if len(content) > MOST_BYTES:
        raise RuleError(
            marked("The file is larger than %(most)s MB. Make it smaller, for example with smaller pictures."),
            field="file",
            most=MOST_BYTES // 2**20,
        )
    suffix = next((suffix for start, suffix in _STARTS.items() if content.startswith(start)), None)
    if suffix is None and content.startswith(_ZIP_MARK):
        suffix = _office_suffix(content)
    suffix = suffix or _text_suffix(content)
    if suffix is None:
        raise RuleError(
            marked(
                "Files of this kind are not taken. Give a PDF, an office document, a picture (PNG, JPEG) or a text."
            ),
            field="file",
        )
    return UploadedFile(content, suffix)


def _office_suffix(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {name.lower() for name in archive.namelist()}
            if len(names) > PARTS_LOOKED_AT:
                return None
            if any(name.endswith(_MACROS) for name in names):
                raise RuleError(marked("The file holds macros. Save it without them, or as PDF."), field="file")
            if "mimetype" in names and archive.getinfo("mimetype").file_size <= max(map(len, MEDIA_TYPES.values())):
                said = archive.read("mimetype").decode("ascii", "replace")
                return next((suffix for suffix, media_type in MEDIA_TYPES.items() if media_type == said), None)
            return next((suffix for name, suffix in _OFFICE_FOLDERS.items() if name in names), None)
    except UNREADABLE:
        return None


def _text_suffix(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if text.lstrip().startswith("<") or any(ord(sign) < ord(" ") and sign not in "\t\n\r\f" for sign in text):
        return None
    return ".vtt" if text.startswith("WEBVTT") else ".txt"
