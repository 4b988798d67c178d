"""The cookie of a member's visit: signed, of its own, and no sign-in of an account."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response as FlaskResponse
from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug import Response

COOKIE = "assembly_member"
PATH = "/m"
LIFETIME = dt.timedelta(hours=12)
"""An evening with the page; after that, the link or the code is used again."""


def visit() -> dict[str, Any]:
    """Return what is noted of the visit in this browser; nothing if there is none, or it has ended."""
    try:
        found = _signer().loads(request.cookies.get(COOKIE, ""), max_age=int(LIFETIME.total_seconds()))
    except BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def visiting() -> str:
    """Return the number of the link or code that this visit began with, for limits."""
    return str(visit().get("access", ""))


def keep(answer: Response | FlaskResponse, noted: dict[str, Any]) -> None:
    """Note something of the visit in the browser."""
    answer.set_cookie(
        COOKIE,
        str(_signer().dumps(noted)),
        path=PATH,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def forget(answer: Response | FlaskResponse) -> None:
    """End the visit."""
    answer.delete_cookie(COOKIE, path=PATH)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="member visit")
