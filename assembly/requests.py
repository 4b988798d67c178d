"""What visitors send, without the character NUL: no text has it, and PostgreSQL refuses every row that does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Request, abort, request
from werkzeug.datastructures import FileStorage, ImmutableMultiDict

NUL = "\0"


class CleanFields(ImmutableMultiDict[str, Any]):
    """Fields of a form or of an address, and the names of files that were sent along."""

    def __init__(self, sent: Iterable[tuple[str, Any]] | None = None) -> None:
        """Take the fields that were sent."""
        pairs = sent.items(multi=True) if isinstance(sent, ImmutableMultiDict) else sent or ()
        super().__init__([(name.replace(NUL, ""), _clean(value)) for name, value in pairs])


class CleanRequest(Request):
    """A request whose fields are clean, whichever form or page reads them."""

    parameter_storage_class = CleanFields


def refuse_addresses_with_nul() -> None:
    """Answer that there is no such page: no address of ours has the character."""
    if NUL in request.path:
        abort(404)


def _clean(value: Any) -> Any:
    if isinstance(value, FileStorage) and value.filename:
        value.filename = value.filename.replace(NUL, "")
    return value.replace(NUL, "") if isinstance(value, str) else value
