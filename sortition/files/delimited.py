"""Rows of a CSV file: its encoding and delimiter are found out, its rows are streamed."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Generator
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from sortition.files.folding import shown
from sortition.files.problems import ProblemsError, single_problem
from sortition.message import Message

DELIMITERS = (",", ";", "\t")
CHUNK = 1 << 16
"""Bytes read at a time."""

SAMPLE_ROWS = 200
"""Rows from which the delimiter is told."""

_PLAUSIBLE = 0.9
"""Share of the characters beyond ASCII that must look like western European text to take a file for cp1252."""

_WESTERN_LETTERS = frozenset("äöüÄÖÜßàáâãåæçèéêëìíîïðñòóôõøùúûýþÿœšžÀÁÂÃÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕØÙÚÛÝÞŒŠŽŸ’´")
_COMMON_LETTERS = frozenset("äöüÄÖÜßéèêáàâçñóíúøåæ")
_WESTERN_SIGNS = frozenset("§°€–—„“”‚‘’«»…·²³½¼¾´©®™±µ\u00a0\u00ad×ªº")
_LOOKALIKES = ["cp1252", "cp1254", "cp1258", "latin_1", "iso8859_9", "iso8859_15", "mac_roman", "cp850"]
"""Encodings ruled out already, and those that differ from them in a few letters only."""

_CONTROL_BYTES = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A})


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text file is written: its encoding, and whether that was told from its words instead of its bytes."""

    encoding: str
    guessed: bool


def find_encoding(path: Path) -> TextForm:
    """Return the encoding of a text file: byte order mark, then UTF-16, strict UTF-8, cp1252, and what is likely.

    Raises ProblemsError if the file is not text, OSError if it cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(CHUNK)
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if start.startswith(mark):
            return TextForm(encoding, guessed=False)
    if b"\0" in start:
        return TextForm(_utf16_without_mark(path, start), guessed=False)
    if start.translate(None, _CONTROL_BYTES) != start:
        raise _not_a_table(path)
    if _is_utf8(path):
        return TextForm("utf-8", guessed=False)
    return TextForm(_single_byte_encoding(path), guessed=True)


def _utf16_without_mark(path: Path, start: bytes) -> str:
    """Tell the byte order by where the zero bytes of ASCII characters stand."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    enough = len(start) // 4
    if odd > enough and even == 0:
        return "utf-16-le"
    if even > enough and odd == 0:
        return "utf-16-be"
    raise _not_a_table(path)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _single_byte_encoding(path: Path) -> str:
    """Take the western encoding under which the text reads like one: cp1252 first, the one offices use.

    Only if none does, ask charset-normalizer, and not for those: its statistics fail on the few short words that a
    targets file holds.
    """
    sample = _lines_beyond_ascii(path)
    if _western_share(sample, "cp1252", _WESTERN_LETTERS) >= _PLAUSIBLE:
        return "cp1252"
    shares = {encoding: _western_share(sample, encoding, _COMMON_LETTERS) for encoding in ("mac_roman", "cp850")}
    best = max(shares, key=lambda encoding: shares[encoding])
    if shares[best] >= _PLAUSIBLE:
        return best
    likely = from_bytes(sample, cp_exclusion=_LOOKALIKES).best()
    return "cp1252" if likely is None else likely.encoding


def _lines_beyond_ascii(path: Path) -> bytes:
    """Return up to CHUNK bytes of the lines that are not plain ASCII: only they tell one encoding from another."""
    lines: list[bytes] = []
    size = 0
    with path.open("rb") as stream:
        while size < CHUNK and (line := stream.readline(CHUNK)):
            if not line.isascii():
                lines.append(line)
                size += len(line)
    return b"".join(lines)


def _western_share(sample: bytes, encoding: str, letters: Collection[str]) -> float:
    """Return the share of the non-ASCII characters that stand where western text has them.

    Letters stand in words, signs do not stand inside words; 0 if the bytes are not of this encoding.
    """
    try:
        text = f" {sample.decode(encoding)} "
    except UnicodeDecodeError:
        return 0.0
    total = plausible = 0
    for position, character in enumerate(text):
        if not character.isascii():
            before, after = text[position - 1].isalpha(), text[position + 1].isalpha()
            total += 1
            plausible += (character in letters and (before or after)) or (
                character in _WESTERN_SIGNS and not (before and after)
            )
    return plausible / total


def find_delimiter(sample: str) -> str:
    """Return the delimiter with which the rows have most alike as many cells as the header, and more than one."""

    def score(delimiter: str) -> tuple[float, int]:
        rows = _sample_rows(sample, delimiter)
        if not rows or len(rows[0]) < 2:
            return (0.0, 0)
        return (sum(len(row) == len(rows[0]) for row in rows) / len(rows), len(rows[0]))

    return max(DELIMITERS, key=score)


def _sample_rows(sample: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
        if any(row):
            rows.append(row)
        if len(rows) == SAMPLE_ROWS:
            return rows
    return rows[:-1] if len(sample) >= CHUNK else rows  # the last row of a cut sample is incomplete


def read_delimited(path: Path, form: TextForm) -> Generator[tuple[int, list[str]], None, None]:
    """Yield the rows of a CSV file with their numbers as a spreadsheet shows them: a quoted newline starts no row.

    Raises ProblemsError where the file cannot be read on.
    """
    number = 0
    try:
        with path.open(encoding=form.encoding, newline="") as stream:
            sample = stream.read(CHUNK)
            delimiter, lines_to_skip = _declared_delimiter(sample)
            stream.seek(0)
            for _ in range(lines_to_skip):
                stream.readline()
            reader = csv.reader(stream, delimiter=delimiter or find_delimiter(sample), strict=True)
            for number, row in enumerate(reader, start=1):
                yield number, row
    except UnicodeError as error:
        raise single_problem(
            Message(
                "The text cannot be read as {encoding} after row {row}.", {"encoding": form.encoding, "row": number}
            ),
            Message("Save the file again as “CSV UTF-8” or as an Excel workbook (.xlsx)."),
            file=path.name,
        ) from error
    except csv.Error as error:
        raise single_problem(
            Message("A quotation mark in this row is not closed, or stands single inside a quoted cell."),
            Message("Close the quotation mark, or write it twice inside the quoted cell, or save the file as .xlsx."),
            file=path.name,
            row=number + 1,
        ) from error


def _declared_delimiter(sample: str) -> tuple[str | None, int]:
    """Return the delimiter that a first line such as `sep=;` declares (Excel hides that line), and lines to skip."""
    first = sample.lstrip("\ufeff").split("\n", 1)[0].strip('"\r ')
    if first.lower().startswith("sep=") and first[4:] in DELIMITERS:
        return first[4:], 1
    return None, 0


def encoding_warning(path: Path, form: TextForm) -> Message:
    """Return the remark that the encoding was guessed."""
    return Message(
        "{file} is not Unicode and was read as {encoding}; look whether umlauts are right.",
        {"file": shown(path.name), "encoding": form.encoding},
    )


def _not_a_table(path: Path) -> ProblemsError:
    return single_problem(
        Message("The file is not a table: it holds bytes that no text has."),
        Message("Export the table as CSV (UTF-8) or as an Excel workbook (.xlsx)."),
        file=path.name,
    )
