"""Verify by upload: what strangers send is checked by the engine in a child process, bounded in memory and time."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import itertools
import re
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from assembly.services.children import ChildError, run_in_child
from assembly.services.errors import ConflictError, RuleError, marked
from sortition import InputError
from sortition.message import Message
from sortition.protocol.canonical import parse_json
from sortition.protocol.documents import (
    PUBLIC_FORMAT,
    LoadedDocument,
    PublicDocument,
    commitment_of,
    parse_document,
)
from sortition.protocol.draw import padded, ticket_of
from sortition.protocol.report import Line, Outcome
from sortition.protocol.verify import Report, verify

__all__ = ["Outcome", "Report", "Upload", "fingerprint_in", "verify_uploads"]

SECONDS = 60
MEMORY_BYTES = 3 * 2**30
"""Address space of the engine's process; the largest document that can be uploaded needs about 1 GB."""
PLACES = ("verifying-1.lock", "verifying-2.lock")
"""Files of the checks at a time, of all processes together: more would slow down everybody else's pages."""
MOST_DOCUMENTS = 12
MOST_LINES = 200
"""Of a report; a genuine chain of twelve commitments has fewer."""
LONGEST_LINE = 2000

LONGEST_NOTICE = 2**20
MOST_STREAMS = 200
"""A genuine notice has a dozen; whoever uploads something else must not keep this process busy."""
_INFLATED = 4 * 2**20
"""Bytes of a notice's streams that are looked into, all together; a genuine notice has 100 kB."""
_STREAM = re.compile(rb"stream\r?\n")
_DESCRIPTIONS = re.compile(rb"/Alt\s*(?:<(?:feff)?([0-9a-f\s]{64,2000})>|\(([^()]{64,1000})\))", re.IGNORECASE)
_FINGERPRINT = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Upload:
    """A file as it was uploaded."""

    name: str
    content: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing could be verified: a sentence with what stands in it, and what the engine says, in English."""

    message: str
    detail: str = ""
    name: str = ""
    field: str = "documents"


def verify_uploads(
    documents: Sequence[Upload], *, folder: Path, notice: bytes | None = None, commitment: str = "", drawn: str = ""
) -> Report:
    """Verify public documents against each other and against what is known from outside of them.

    `folder` is the data folder, in which the processes of a machine agree on who checks. `notice` is the notice as PDF,
    which names the fingerprint; `commitment` the fingerprint as somebody typed it; `drawn` the number or value that was
    drawn. Raises RuleError for files that are none of this, ConflictError if too much is being verified at this moment.
    """
    if not 1 <= len(documents) <= MOST_DOCUMENTS:
        raise RuleError(
            marked("Choose the public document; of a panel with replacements, at most %(most)s documents."),
            field="documents",
            most=MOST_DOCUMENTS,
        )
    known = [*_named_by(notice), *([commitment] if commitment else [])]
    try:
        with _place(folder):
            found = run_in_child(
                _verify_in_child, (documents, known, drawn), cancelled=_deadline(), memory_bytes=MEMORY_BYTES
            )
    except ChildError:
        raise RuleError(
            marked("Checking this takes more time or memory than this website can spend. Use the command line."),
            field="documents",
        ) from None
    if isinstance(found, Refusal):
        raise RuleError(found.message, field=found.field, name=found.name, detail=found.detail)
    return cast("Report", found)


@contextlib.contextmanager
def _place(folder: Path) -> Iterator[None]:
    """Hold one of the places for checks. The system frees that of a process that died. Raises ConflictError."""
    for name in PLACES:
        with (folder / name).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield
            return
    raise ConflictError(marked("Other documents are being checked at this moment. Please try again in a minute."))


def fingerprint_in(notice: bytes) -> str | None:
    """Return the fingerprint that a notice names in the description of its QR code; None if it is no such PDF."""
    if not notice.startswith(b"%PDF-") or len(notice) > LONGEST_NOTICE:
        return None
    found: set[str] = set()
    for part in (notice, *_streams(notice)):
        for hexadecimal, plain in _DESCRIPTIONS.findall(part):
            text = plain.decode("latin-1") if plain else _utf16(hexadecimal)
            found.update(_FINGERPRINT.findall(text))
    return found.pop() if len(found) == 1 else None


def _named_by(notice: bytes | None) -> list[str]:
    if notice is None:
        return []
    fingerprint = fingerprint_in(notice)
    if fingerprint is None:
        raise RuleError(
            marked(
                "No fingerprint can be read from this notice. Choose the PDF as it was published, or type the "
                "fingerprint."
            ),
            field="notice",
        )
    return [fingerprint]


def _streams(pdf: bytes) -> Iterator[bytes]:
    """Yield what the PDF's compressed streams hold, together no more than is worth looking into."""
    left, view = _INFLATED, memoryview(pdf)
    for start in itertools.islice(_STREAM.finditer(pdf), MOST_STREAMS):
        try:
            content = zlib.decompressobj().decompress(view[start.end() :], left)
        except zlib.error:
            continue
        yield content
        left -= len(content)
        if left <= 0:
            return


def _utf16(hexadecimal: bytes) -> str:
    digits = b"".join(hexadecimal.split())
    return bytes.fromhex(digits[: len(digits) // 4 * 4].decode()).decode("utf-16-be", errors="replace")


def _deadline() -> Callable[[], bool]:
    end = time.monotonic() + SECONDS
    return lambda: time.monotonic() > end


def _verify_in_child(
    documents: Sequence[Upload], known: Sequence[str], drawn: str, _report: Callable[[Any], None]
) -> Report | Refusal:
    """Return the report, or why there is none: errors lose their sentences on the way between processes."""
    loaded: list[LoadedDocument] = []
    for upload in documents:
        found = _loaded(upload)
        if isinstance(found, Refusal):
            return found
        loaded.append(found)
    try:
        ticket = _ticket(loaded, drawn) if drawn else None
    except InputError as error:
        message = marked("This is not a number that the rule of this lottery can draw. %(detail)s")
        return Refusal(message, str(error), field="drawn")
    try:
        report = verify(loaded, commitments=known, ticket=ticket)
    except InputError as error:
        return Refusal(marked("These documents cannot be checked together. %(detail)s"), str(error))
    return Report(tuple(_cut(line) for line in report.lines[:MOST_LINES]), report.anchored)


def _loaded(upload: Upload) -> LoadedDocument | Refusal:
    try:
        stated = parse_json(upload.content, name=upload.name, floats=True).get("format")
    except InputError as error:
        return Refusal(marked("“%(name)s” is not a public document: it is no JSON file."), str(error), upload.name)
    if stated != PUBLIC_FORMAT:
        message = marked(
            "“%(name)s” is another kind of file. Only public documents are checked here; audit documents and receipts "
            "hold secrets and are not for everyone."
        )
        return Refusal(message, name=upload.name)
    try:
        return parse_document(upload.content, name=upload.name)
    except InputError as error:
        message = marked(
            "“%(name)s” is damaged, or was changed or saved again by another program. Use the file exactly as it was "
            "published. %(detail)s"
        )
        return Refusal(message, str(error), upload.name)


def _ticket(loaded: Sequence[LoadedDocument], drawn: str) -> str:
    """Return the digits of the ticket that a value draws by the rule of the last of the lotteries."""
    publics = [cast("PublicDocument", one.content) for one in loaded]
    parents = {public["parent"] for public in publics}
    last = [public for public in publics if commitment_of(public) not in parents]
    if len(last) != 1:
        raise InputError("Several documents were given, and none is the last one.")
    kind = last[0]["draw_rule"]["draw"]["kind"]
    return padded(ticket_of(last[0], how=kind, value=drawn), last[0])


def _cut(line: Line) -> Line:
    """Return a line whose texts are no longer than a reader can bear; strangers may have written them."""
    values = {
        name: value[:LONGEST_LINE] if isinstance(value, str) else value for name, value in line.message.values.items()
    }
    return dataclasses.replace(line, message=Message(line.message.template, values))
