"""The language of the pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, request, session
from flask.typing import ResponseReturnValue

from assembly.i18n import LANGUAGES
from assembly.views.guard import public

blueprint = Blueprint("language", __name__, url_prefix="/language")


@blueprint.post("/<language>")
@public
def choose(language: str) -> ResponseReturnValue:
    """Remember the language, and return to the page where it was chosen."""
    if language not in LANGUAGES:
        abort(404)
    session["language"] = language
    return redirect(_local(request.form.get("next", "/")))


def _local(target: str) -> str:
    """Return an address of ours; anything that leads elsewhere becomes the start page."""
    parts = urlsplit(target)
    is_local = not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_local else "/"
