"""Files to be saved, never shown in the page."""

from __future__ import annotations

from pathlib import PurePath

from flask import Response

MEDIA_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}


def download(content: bytes, name: str) -> Response:
    """Return a file with a name of ours, whose ending says what it is."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=MEDIA_TYPES[PurePath(name).suffix], headers=headers)
