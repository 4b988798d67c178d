"""Documents of chapters, made from the same words as DOCX to work with and as tagged PDF (A4, PDF/UA-1) to keep."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from assembly.services.errors import marked
from assembly.services.pdfs import Words, compiled
from assembly.services.recommendations.differences import Kind as PartKind
from assembly.services.recommendations.differences import Part

TEMPLATE = "letter/chapters.typ"
Kind = Literal["docx", "pdf"]
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot hold."""


@dataclasses.dataclass(frozen=True, slots=True)
class Paragraph:
    """Some words; `style` says how they are set."""

    text: str
    style: Literal["text", "quote", "label"] = "text"


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values; a value that is an address on the web is a link."""

    rows: Sequence[tuple[str, str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Changes:
    """A text with what was removed and added; the words `removed` and `added` say so to those who hear it."""

    parts: Sequence[tuple[PartKind, str]]
    removed: str
    added: str


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """Rows below a row of headers. `widths` are shares of the page, `numeric` columns stand to the right."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    numeric: Sequence[int] = ()


Block = Paragraph | Facts | Changes | Table
KINDS: dict[type[Block], str] = {Paragraph: "paragraph", Facts: "facts", Changes: "changes", Table: "table"}
"""What the template calls them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Chapter:
    """A heading, of level 1 to 3, and what stands below it up to the next one."""

    level: int
    title: str
    blocks: Sequence[Block] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """A document; `facts` stand below its title, and `warning`, if there is one.

    `contents` is the heading of the table of contents; without it there is none, and no title page.
    """

    language: str
    kind: str
    title: str
    subtitle: str
    author: str
    facts: Sequence[tuple[str, str]]
    warning: str
    contents: str
    page: str
    made_at: dt.datetime
    chapters: Sequence[Chapter]
    is_landscape: bool = False


def plain(text: str) -> str:
    r"""Return a text without characters that no document can hold.

    >>> plain("Mehr\x00 Bäume")
    'Mehr Bäume'
    """
    return _UNPRINTABLE.sub("", text)


def paragraphs(text: str, style: Literal["text", "quote"] = "text") -> list[Paragraph]:
    """Return what people wrote, a paragraph for each line."""
    return [Paragraph(line.strip(), style) for line in plain(text).splitlines() if line.strip()]


def changes_of(parts: Iterable[Part], words: Words) -> Changes:
    """Return a difference of two texts; what was removed and what was added stand a space apart, and none within."""
    found: list[tuple[PartKind, str]] = []
    for part in parts:
        text = plain(part.text)
        core = text.strip()
        if part.kind == "same" or not core:
            found.append(("same", text))
            continue
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        follows = bool(found) and found[-1][0] != "same"
        pieces: list[tuple[PartKind, str]] = [("same", before or " " * follows), (part.kind, core), ("same", after)]
        found += [piece for piece in pieces if piece[1]]
    return Changes(found, words.say(marked("removed:")), words.say(marked("new:")))


def pdf_of(document: Document) -> bytes:
    """Return a document as tagged PDF; the same words give the same bytes."""
    return compiled(TEMPLATE, data_of(document), made_at=document.made_at)


def data_of(document: Document) -> dict[str, Any]:
    """Return a document as JSON types, which its template reads: so no word of it can be taken for a command."""
    chapters = [
        {"level": one.level, "title": one.title, "blocks": [_block(block) for block in one.blocks]}
        for one in document.chapters
    ]
    plain_data = dataclasses.asdict(dataclasses.replace(document, chapters=()))
    return plain_data | {"chapters": chapters, "made_at": document.made_at.isoformat()}


def _block(block: Block) -> dict[str, Any]:
    return dataclasses.asdict(block) | {"kind": KINDS[type(block)]}
