"""A document of chapters as DOCX: real headings, contents, tables with header rows and descriptions, page numbers."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from assembly.services.chapters import Block, Changes, Chapter, Facts, Kind, Paragraph, Table, pdf_of
from assembly.services.chapters import Document as Content

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph as DocxParagraph

LOCALES = {"de": "de-DE", "en": "en-GB"}
LONGEST_PROPERTY = 255
"""Characters of a property of a document."""
CONTENTS_DEPTH = 2
STYLES = {"text": "Normal", "quote": "Quote"}
LINK_COLOUR = RGBColor(0x1A, 0x4A, 0x8A)
_ADDRESS = re.compile(r"https?://\S+")


def file_of(content: Content, kind: Kind) -> bytes:
    """Return a document of chapters as a file of a kind."""
    return docx_of(content) if kind == "docx" else pdf_of(content)


def docx_of(content: Content) -> bytes:
    """Return a document of chapters as DOCX."""
    document = docx.Document()
    _describe(document, content)
    _opening(document, content)
    if content.contents:
        _contents(document, content)
    for number, chapter in enumerate(content.chapters):
        heading = document.add_heading(chapter.title, level=chapter.level)
        if content.contents:
            heading.paragraph_format.page_break_before = number == 0
            _bookmark(heading, number)
        for block in chapter.blocks:
            _add(document, block)
    _page_numbers(document, content.page)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _describe(document: Document, content: Content) -> None:
    """Say what the document is, in which language, and how its page looks."""
    about, made_at = document.core_properties, content.made_at.astimezone(dt.UTC).replace(tzinfo=None, microsecond=0)
    about.title = f"{content.kind}: {content.title}"[:LONGEST_PROPERTY]
    about.author = about.last_modified_by = content.author[:LONGEST_PROPERTY]
    about.subject = content.subtitle[:LONGEST_PROPERTY]
    about.language, about.comments, about.keywords = LOCALES[content.language], "", ""
    about.created = about.modified = made_at
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), LOCALES[content.language])
    document.styles["Normal"].font.size = Pt(11)
    page = document.sections[0]
    page.page_width, page.page_height = (Cm(29.7), Cm(21)) if content.is_landscape else (Cm(21), Cm(29.7))
    page.orientation = WD_ORIENT.LANDSCAPE if content.is_landscape else WD_ORIENT.PORTRAIT
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Cm(2.2)


def _opening(document: Document, content: Content) -> None:
    document.add_paragraph(content.author)
    document.add_paragraph(content.kind, style="Subtitle")
    document.add_paragraph(content.title, style="Title")
    if content.subtitle:
        document.add_paragraph(content.subtitle, style="Subtitle")
    _add_facts(document, content.facts)
    if content.warning:
        document.add_paragraph().add_run(content.warning).bold = True


def _contents(document: Document, content: Content) -> None:
    """Add a table of contents: a field that Word can update, filled already, so that it never has to."""
    document.add_paragraph(content.contents, style="TOC Heading").paragraph_format.page_break_before = True
    listed = [(number, one) for number, one in enumerate(content.chapters) if one.level <= CONTENTS_DEPTH]
    for position, (number, chapter) in enumerate(listed):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.left_indent = Cm(0.6 * (chapter.level - 1))
        paragraph.paragraph_format.space_after = Pt(2)
        if position == 0:
            _field_part(paragraph, "begin")
            _instruction(paragraph, f'TOC \\o "1-{CONTENTS_DEPTH}" \\h \\z')
            _field_part(paragraph, "separate")
        _link(paragraph, chapter, number)
        if position == len(listed) - 1:
            _field_part(paragraph, "end")


def _link(paragraph: DocxParagraph, chapter: Chapter, number: int) -> None:
    link = _element("w:hyperlink", {"w:anchor": _anchor(number), "w:history": "1"})
    paragraph._p.append(link)  # noqa: SLF001  # python-docx makes no links within a document
    link.append(paragraph.add_run(chapter.title)._r)  # noqa: SLF001  # the same


def _anchor(number: int) -> str:
    return f"_Toc{number:06}"


def _bookmark(heading: DocxParagraph, number: int) -> None:
    """Let the contents lead to a heading."""
    start = _element("w:bookmarkStart", {"w:id": str(number), "w:name": _anchor(number)})
    end = _element("w:bookmarkEnd", {"w:id": str(number)})
    heading.runs[0]._r.addprevious(start)  # noqa: SLF001  # python-docx makes no bookmarks
    heading._p.append(end)  # noqa: SLF001  # the same


def _add(document: Document, block: Block) -> None:
    match block:
        case Paragraph(style="label"):
            paragraph = document.add_paragraph()
            paragraph.paragraph_format.keep_with_next = True
            paragraph.add_run(block.text).bold = True
        case Paragraph():
            document.add_paragraph(block.text, style=STYLES[block.style])
        case Changes():
            _add_changes(document, block)
        case Facts():
            _add_facts(document, block.rows)
        case Table():
            _add_table(document, block)


def _add_facts(document: Document, rows: Sequence[tuple[str, str]]) -> None:
    for name, value in rows:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(2)
        paragraph.add_run(f"{name}: ").bold = True
        if _ADDRESS.fullmatch(value):
            _add_address(paragraph, value)
        else:
            paragraph.add_run(value)


def _add_address(paragraph: DocxParagraph, address: str) -> None:
    """Add an address on the web as a link."""
    target = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = _element("w:hyperlink", {"r:id": target, "w:history": "1"})
    paragraph._p.append(link)  # noqa: SLF001  # python-docx makes no links
    run = paragraph.add_run(address)
    run.underline, run.font.color.rgb = True, LINK_COLOUR
    link.append(run._r)  # noqa: SLF001  # the same


def _add_changes(document: Document, block: Changes) -> None:
    """Add a text with what was removed and added, in brackets with words as well as by lines."""
    paragraph = document.add_paragraph()
    for kind, text in block.parts:
        if kind == "same":
            paragraph.add_run(text)
            continue
        paragraph.add_run(f"[{block.removed if kind == 'removed' else block.added} ")
        run = paragraph.add_run(text)
        run.font.strike, run.underline = (True, None) if kind == "removed" else (None, True)
        paragraph.add_run("]")


def _add_table(document: Document, block: Table) -> None:
    """Add a table whose first row is its header on every page, and which says to screen readers what it shows."""
    caption = document.add_paragraph(block.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    table = document.add_table(rows=0, cols=len(block.columns), style="Table Grid")
    width = document._block_width / sum(block.widths)  # noqa: SLF001  # python-docx tells nobody else
    for row in (block.columns, *block.rows):
        cells = table.add_row().cells
        for position, text in enumerate(row):
            cells[position].width = int(width * block.widths[position])
            run = cells[position].paragraphs[0].add_run(text)
            run.bold, run.font.size = (True if row is block.columns else None), Pt(10)
            if position in block.numeric:
                cells[position].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    properties = table.rows[0]._tr.get_or_add_trPr()  # noqa: SLF001  # python-docx knows no header rows
    properties.append(_element("w:tblHeader", {"w:val": "true"}))
    for name in ("w:tblCaption", "w:tblDescription"):
        table._tblPr.append(_element(name, {"w:val": block.caption}))  # noqa: SLF001  # nor alternative texts
    document.add_paragraph()


def _page_numbers(document: Document, words: str) -> None:
    """Write “Page 1 of 9” below each page, from words with {page} and {pages}."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    before, _, rest = words.partition("{page}")
    between, _, after = rest.partition("{pages}")
    for text, field in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
        if text:
            paragraph.add_run(text)
        if field:
            _field_part(paragraph, "begin")
            _instruction(paragraph, field)
            _field_part(paragraph, "separate")
            paragraph.add_run("1")
            _field_part(paragraph, "end")


def _field_part(paragraph: DocxParagraph, kind: str) -> None:
    part = _element("w:fldChar", {"w:fldCharType": kind})
    paragraph.add_run()._r.append(part)  # noqa: SLF001  # python-docx makes no fields


def _instruction(paragraph: DocxParagraph, text: str) -> None:
    part = _element("w:instrText", {"xml:space": "preserve"})
    part.text = f" {text} "
    paragraph.add_run()._r.append(part)  # noqa: SLF001  # the same


def _element(name: str, attributes: dict[str, str]) -> Any:
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(key), value)
    return made
