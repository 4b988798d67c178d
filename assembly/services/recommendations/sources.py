"""Recommendations as a file has them: rows of a table, or headings of a document; and in a compact form for keeping."""

from __future__ import annotations

import json
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from assembly.services.imports.reading import no_room
from assembly.services.target_files import FileProblemsError, require_name_of_table
from sortition.files import Problem, ProblemsError
from sortition.files.folding import fold_loosely
from sortition.files.tables import open_table
from sortition.message import Message, marked

MOST_BYTES = 5 * 2**20
MOST_ROWS = 500
MOST_COLUMNS = 100
HEADERS: Mapping[str, frozenset[str]] = {
    "number": frozenset(
        {"nummer", "nr", "number", "no", "lfdnr", "empfehlungnr", "nummerderempfehlung", "numberoftherecommendation"}
    ),
    "title": frozenset({"titel", "ueberschrift", "title", "heading", "name", "kurztitel"}),
    "text": frozenset(
        {"text", "empfehlung", "empfehlungstext", "wortlaut", "recommendation", "wording", "recommendationtext"}
    ),
    "reasons": frozenset({"begruendung", "begruendungen", "gruende", "reasons", "reason", "rationale", "why"}),
    "theme": frozenset({"thema", "themenfeld", "themengebiet", "theme", "topic", "handlungsfeld"}),
    "plain": frozenset(
        {
            *("einfachesprache", "ineinfachersprache", "leichtesprache", "einfachesdeutsch"),
            *("plain", "plainlanguage", "inplainlanguage", "plainversion"),
        }
    ),
    "addressees": frozenset(
        {"adressat", "adressaten", "adressierte", "angesprochen", "werantwortet", "zustaendig", "zustaendigestellen"}
        | {"addressee", "addressees", "whoanswers", "whohastoanswer"}
    ),
    "counted_on": frozenset(
        {"abgestimmtam", "tagderabstimmung", "abstimmungam", "countedon", "votedon", "dayofthevote"}
    ),
    "yes": frozenset({"ja", "jastimmen", "dafuer", "zustimmung", "yes", "infavour", "for"}),
    "no": frozenset({"nein", "neinstimmen", "dagegen", "ablehnung", "nostimmen", "novotes", "against"}),
    "abstained": frozenset({"enthaltung", "enthaltungen", "enthalten", "abstained", "abstentions", "abstention"}),
    "present": frozenset({"anwesend", "anwesende", "present"}),
    "panel_size": frozenset(
        {"mitglieder", "mitgliederdesbuergerrats", "groessedesgremiums", "panelsize", "members", "membersofthepanel"}
    ),
}
"""What a column means → its headers, folded loosely. “No” alone can be a number or votes: see `columns_of`."""
_AMBIGUOUS = "no"
_VOTES = ("yes", "abstained", "present")
_ZIP_MARK = b"PK\x03\x04"
_FORMULA_STARTS = ("'=", "'+", "'-", "'@")
"""What our own exports put before a text that a spreadsheet would take for a formula."""


@dataclass(frozen=True, slots=True, repr=False)
class SourceRow:
    """What a file says of one recommendation: its row or paragraph, counted from 1, and texts by their meanings."""

    place: int
    said: Mapping[str, str]

    def __repr__(self) -> str:
        return f"SourceRow({self.place})"


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """A file as it was read. `columns` are the headers by their meanings; a document has none.

    `unused` are headers that mean nothing here; `skipped` tells that a document holds more than headings with texts.
    """

    columns: Mapping[str, str]
    rows: Sequence[SourceRow]
    unused: Sequence[str] = ()
    is_document: bool = False
    skipped: bool = False

    def __repr__(self) -> str:
        return f"Source({len(self.rows)} rows)"


def problem(name: str, what: Message, advice: Message) -> FileProblemsError:
    """Return the error for a file that cannot be taken in as a whole."""
    return FileProblemsError([Problem(what, advice, file=name)])


def require_small(content: bytes, name: str) -> None:
    """Raise FileProblemsError if a file is larger than any list of recommendations."""
    if len(content) > MOST_BYTES:
        advice = Message("Take out pictures, or save the recommendations as CSV (UTF-8).")
        raise problem(name, Message("The file is larger than {limit} MB.", {"limit": MOST_BYTES // 2**20}), advice)


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Return the position of each meaning in a header; of several columns with the same meaning, the first.

    >>> columns_of(["No", "Title", "Text"]), columns_of(["Title", "Yes", "No"])
    ({'number': 0, 'title': 1, 'text': 2}, {'title': 0, 'yes': 1, 'no': 2})
    """
    found: dict[str, int] = {}
    folded = [fold_loosely(text) for text in header]
    for position, text in enumerate(folded):
        if text == _AMBIGUOUS:
            continue
        meaning = next((name for name, names in HEADERS.items() if text in names), None)
        if meaning is not None:
            found.setdefault(meaning, position)
    for position in (position for position, text in enumerate(folded) if text == _AMBIGUOUS):
        comes_after_votes = any(found.get(name, position) < position for name in _VOTES)
        found.setdefault("no" if comes_after_votes else "number", position)
    return dict(sorted(found.items(), key=lambda one: one[1]))


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is read: `columns_of` gives the position of each meaning in a header.

    Without at least one of the meanings `needed`, `missing` says what is wrong and what to do; `too_many` says what
    is wrong with more than `most_rows`, as {limit}. What is not `kept` is not read.
    """

    columns_of: Callable[[Sequence[str]], Mapping[str, int]]
    needed: frozenset[str]
    missing: tuple[Message, Message]
    most_rows: int
    too_many: str
    kept: frozenset[str] | None = None


RECOMMENDATIONS = Layout(
    columns_of,
    frozenset({"title", "text"}),
    (
        Message("No column for titles and none for texts was found."),
        Message("Name the columns in the first row, as in the template."),
    ),
    MOST_ROWS,
    marked("The file has more than {limit} recommendations."),
)


def read_rows(content: bytes, *, name: str, layout: Layout = RECOMMENDATIONS) -> Source:
    """Read CSV or XLSX; of formulas the stored results are taken, nothing is computed.

    The engine reads files, so the bytes lie in a private temporary one meanwhile, which is always deleted; it refuses
    workbooks that are too large when unpacked. Raises FileProblemsError, or StorageError if the disk is full.
    """
    require_small(content, name)
    require_name_of_table(name)
    suffix = ".xlsx" if content.startswith(_ZIP_MARK) else ".csv"
    try:
        with tempfile.TemporaryDirectory(prefix="assembly-") as folder:
            path = Path(folder) / f"upload{suffix}"
            path.write_bytes(content)
            return _read(path, name, layout)
    except OSError as error:
        raise no_room() from error
    except ProblemsError as error:
        raise FileProblemsError(error.problems) from None


def _read(path: Path, name: str, layout: Layout) -> Source:
    with open_table(path, score=lambda header: len(layout.columns_of(header))) as table:
        columns = layout.columns_of(table.header)
        if not layout.needed & columns.keys():
            raise problem(name, *layout.missing)
        if len(table.header) > MOST_COLUMNS:
            limit = Message("The table has more than {limit} columns.", {"limit": MOST_COLUMNS})
            raise problem(name, limit, Message("Take out the columns that are not needed."))
        rows: list[SourceRow] = []
        for row in table:
            said = {
                meaning: _tidy(row.cells[position])
                for meaning, position in columns.items()
                if layout.kept is None or meaning in layout.kept
            }
            if not any(said.values()):
                continue
            if len(rows) == layout.most_rows:
                limit = Message(layout.too_many, {"limit": layout.most_rows})
                raise problem(name, limit, Message("Upload it in parts."))
            rows.append(SourceRow(row.number, said))
        headers = {meaning: table.header[position] for meaning, position in columns.items()}
        unused = [text for position, text in enumerate(table.header) if text and position not in columns.values()]
        return Source(headers, rows, unused)


def _tidy(text: str) -> str:
    """Return a cell without the apostrophe by which our exports disarm formulas; its lines stay lines."""
    return text[1:] if text.startswith(_FORMULA_STARTS) else text


def pack(source: Source) -> bytes:
    """Return a file as it is kept between upload and import."""
    return zlib.compress(json.dumps(asdict(source)).encode())


def unpack(content: bytes) -> Source:
    """Return a file that was kept."""
    kept = json.loads(zlib.decompress(content))
    return Source(**kept | {"rows": [SourceRow(**row) for row in kept["rows"]]})
