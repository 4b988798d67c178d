"""Recommendations out of a Word document: each has a heading, below it its text, then its reasons if there are any."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import docx

from assembly.services.chapters import plain
from assembly.services.recommendations.sources import (
    HEADERS,
    MOST_ROWS,
    Source,
    SourceRow,
    problem,
    require_small,
)
from sortition.files.folding import fold_loosely
from sortition.message import Message

MOST_UNPACKED = 60 * 2**20
"""Bytes of a document when unpacked; unpacking stops at the sizes that are stated."""
MOST_PARTS = 2_000
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:(?:Empfehlung|Recommendation)\s*)?([0-9]{1,3})\s*[.:)–-]\s+(\S.*)", re.IGNORECASE)
_TITLES = (1, 2)
"""Levels of headings that are titles of recommendations."""
_DEEPEST = 20
"""How many styles are asked for the style they stand on; a damaged file may have them in a circle."""
_PARTS = ("reasons", "plain")


def read_document(content: bytes, *, name: str) -> Source:
    """Read a DOCX. A heading of level 1 with headings of level 2 right below it is the theme of these.

    If all titles begin with numbers, these are the numbers. Raises FileProblemsError if it cannot be read, is too
    large, or has no headings.
    """
    require_small(content, name)
    _require_sensible_archive(content, name)
    try:
        document = docx.Document(io.BytesIO(content))
        paragraphs = list(_paragraphs(document))
        skipped = bool(document.tables)
    except Exception as error:  # of damaged files, the reader raises whatever it meets, and documents none of it
        raise _damaged(name) from error
    rows, before = _rows(paragraphs)
    if not rows:
        what = Message("The document has no headings, so no recommendation can be told from the others.")
        advice = Message("Give each title the style “Heading 1” or “Heading 2”, or use the template for tables.")
        raise problem(name, what, advice)
    if len(rows) > MOST_ROWS:
        limit = Message("The file has more than {limit} recommendations.", {"limit": MOST_ROWS})
        raise problem(name, limit, Message("Upload it in parts."))
    return Source({}, _numbered(rows), is_document=True, skipped=skipped or before)


def _require_sensible_archive(content: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _damaged(name) from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        what = Message("The document is too large when unpacked.")
        raise problem(name, what, Message("Take out pictures, and save it again as .docx."))


def _damaged(name: str) -> Exception:
    what = Message("The file is damaged, protected by a password, or no Word document (.docx).")
    return problem(name, what, Message("Open it in Word or LibreOffice, and save it again as .docx."))


def _paragraphs(document: docx.document.Document) -> Iterator[tuple[int, int, str]]:
    """Yield number, level of heading (0 for none) and text of each paragraph that is not blank."""
    for number, paragraph in enumerate(document.paragraphs, 1):
        text = plain(paragraph.text).strip()
        if text:
            yield number, _level(paragraph.style), text


def _level(style: docx.styles.style.BaseStyle | None) -> int:
    for _ in range(_DEEPEST):
        if style is None:
            return 0
        if match := _HEADING.fullmatch(style.name or ""):
            return int(match[1])
        style = getattr(style, "base_style", None)
    return 0


def _rows(paragraphs: list[tuple[int, int, str]]) -> tuple[list[SourceRow], bool]:
    """Return the recommendations of a document, and whether words stand before the first one."""
    rows: list[SourceRow] = []
    theme, part, before = "", "text", False
    for position, (number, level, text) in enumerate(paragraphs):
        opened = _part(text)
        if level in _TITLES and opened is None:
            following = paragraphs[position + 1][1] if position + 1 < len(paragraphs) else 0
            part = "text"
            if level == 1:
                theme = text if following == _TITLES[1] else ""
                if theme:
                    continue
            rows.append(SourceRow(number, {"title": text, "theme": theme}))
        elif not rows:
            before = True
        elif opened is not None:
            part = opened
        else:
            said = dict(rows[-1].said)
            said[part] = f"{said[part]}\n{text}" if part in said else text
            rows[-1] = SourceRow(rows[-1].place, said)
    return rows, before


def _part(text: str) -> str | None:
    """Return which part a paragraph opens, such as “Begründung:”; None if it is words like others."""
    folded = fold_loosely(text)
    return next((part for part in _PARTS if folded in HEADERS[part]), None)


def _numbered(rows: list[SourceRow]) -> list[SourceRow]:
    """Take numbers out of titles, if all titles begin with one."""
    matches = [_NUMBERED.fullmatch(row.said["title"]) for row in rows]
    if not all(matches):
        return rows
    return [
        SourceRow(row.place, {**row.said, "number": match[1], "title": match[2]})
        for row, match in zip(rows, matches, strict=True)
        if match is not None
    ]
