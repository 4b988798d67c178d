"""QR codes, for letters as a drawing and for mails as a picture."""

from __future__ import annotations

import io

import segno

from assembly.services.errors import marked

CONTENT_ID = "qr-code"
"""The address of the picture in the HTML of a mail is this, with “cid:” before it."""
DESCRIPTION = marked("QR code: opens the page for checking your receipt, with your code filled in")

OF_MEMBERS = marked("QR code: opens your own page")


def described(template: str) -> str:
    """Return what the QR code of a mail does, as a sentence to be translated."""
    return OF_MEMBERS if template == "member_access" else DESCRIPTION


def as_svg(text: str) -> str:
    """Return a QR code as SVG."""
    return _saved(text, kind="svg").decode()


def inline(text: str) -> str:
    """Return a QR code as SVG to stand within a page: dark on light, also where the page is dark."""
    return segno.make(text, error="m", micro=False).svg_inline(border=4, scale=5, light="#fff", dark="#000")


def as_png(text: str) -> bytes:
    """Return a QR code as PNG, since mail programs show no SVG."""
    return _saved(text, kind="png")


def _saved(text: str, *, kind: str) -> bytes:
    picture = io.BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind=kind, border=4, scale=4)
    return picture.getvalue()
