"""Files to be saved, or shown in a window of their own, never as a part of a page."""

from __future__ import annotations

from pathlib import PurePath

from flask import Response
from slugify import slugify

from assembly.models import ClaimReceipt, MaterialVersion
from assembly.services.materials.files import MEDIA_TYPES as MATERIAL_TYPES
from assembly.services.materials.files import PICTURES

LONGEST_NAME = 60
"""Characters of a title in a file's name."""
ALONE = "default-src 'none'; sandbox"
"""The content security policy of a file that people uploaded: it loads nothing, runs nothing, and is of no origin."""
MEDIA_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".docx": MATERIAL_TYPES[".docx"],
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}


def download(content: bytes, name: str) -> Response:
    """Return a file with a name of ours, whose ending says what it is."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=MEDIA_TYPES[PurePath(name).suffix], headers=headers)


def photo_file(content: bytes) -> Response:
    """Return a photo of a site visit, to be shown in a page or by itself; it was drawn anew as JPEG."""
    headers = {"Content-Security-Policy": ALONE, "Cross-Origin-Resource-Policy": "same-origin"}
    return Response(content, content_type=MATERIAL_TYPES[".jpg"], headers=headers)


def material_file(version: MaterialVersion) -> Response:
    """Return a version of a material under the type that its content has: pictures to look at, all else to be saved."""
    title = slugify(version.material.title, max_length=LONGEST_NAME) or "material"
    return _uploaded(version.content, f"{title}-v{version.number}", version.suffix)


def receipt_file(receipt: ClaimReceipt, content: bytes) -> Response:
    """Return a receipt of a claim, in the same way."""
    return _uploaded(content, f"receipt-{receipt.id}", receipt.suffix)


def _uploaded(content: bytes | None, name: str, suffix: str) -> Response:
    way = "inline" if suffix in PICTURES else "attachment"
    headers = {
        "Content-Disposition": f'{way}; filename="{name}{suffix}"',
        "Content-Security-Policy": ALONE,
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(content, content_type=MATERIAL_TYPES[suffix], headers=headers)
