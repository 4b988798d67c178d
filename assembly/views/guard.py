"""Deny by default: a page is public because it says so, or it loaded what it shows through an authorising function."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from assembly.extensions import db
from assembly.models import Assembly, Respondent, User
from assembly.services import authorisation, respondents
from assembly.services import public as public_pages
from assembly.services.authorisation import Permission

View = TypeVar("View", bound=Callable[..., Any])
LIBRARY_ENDPOINTS = ("static", "security.")
"""Files for everyone, and the pages of Flask-Security, which guard themselves."""


def public(view: View) -> View:
    """Mark a page as open to everyone."""
    view.is_public = True  # type: ignore[attr-defined]  # functions take attributes
    return view


def is_public(endpoint: str) -> bool:
    """Whether an endpoint is open to everyone."""
    return bool(getattr(current_app.view_functions[endpoint], "is_public", False))


def load_assembly(assembly_id: int, *, may: Permission) -> Assembly:
    """Return an assembly with which the signed-in account may do this; see `authorisation.get_assembly`."""
    assembly = authorisation.get_assembly(db.session, assembly_id, user=account(), may=may)
    g.authorised = True
    return assembly


def load_public_assembly(slug: str) -> Assembly:
    """Return an assembly whose public page is open."""
    assembly = public_pages.public_assembly(db.session, slug)
    if assembly is None:
        abort(404)
    return assembly


def load_respondent(assembly_id: int, respondent_id: int, *, may: Permission) -> Respondent:
    """Return a respondent of an assembly with which the signed-in account may do this."""
    load_assembly(assembly_id, may=may)
    return respondents.get_respondent(db.session, respondent_id, user=account(), may=may, assembly_id=assembly_id)


def allows(assembly: Assembly, permission: Permission) -> bool:
    """Tell whether the signed-in account may do this too; for what a page offers."""
    return permission(authorisation.standing_of(account(), assembly.id))


def require(may: Permission) -> None:
    """Refuse unless the signed-in account's city-wide roles allow this."""
    authorisation.require(account(), may)
    g.authorised = True


def signed_in() -> None:
    """Say that a page is for every signed-in account."""
    account()
    g.authorised = True


def account() -> User:
    """Return the signed-in account."""
    if not current_user.is_authenticated:
        abort(401)
    user: User = current_user._get_current_object()  # noqa: SLF001  # how werkzeug's proxies give the object
    return user


def init_app(app: Flask) -> None:
    """Ask for a sign-in before every page that is not public; let none out that authorised nothing."""
    app.before_request(_ask_for_sign_in)
    app.after_request(_hold_back)


def _is_ours(endpoint: str | None) -> bool:
    return endpoint is not None and not endpoint.startswith(LIBRARY_ENDPOINTS)


def _ask_for_sign_in() -> ResponseReturnValue | None:
    if not _is_ours(request.endpoint) or is_public(request.endpoint or "") or current_user.is_authenticated:
        return None
    g.asked_to_sign_in = True
    answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]  # Flask-Login's
    return answer


def _hold_back(response: Response) -> Response:
    """Fail closed: a page that forgot to authorise is an error of ours, and shows nothing."""
    shows = response.status_code < HTTPStatus.BAD_REQUEST and _is_ours(request.endpoint)
    if shows and not (is_public(request.endpoint or "") or g.get("authorised") or g.get("asked_to_sign_in")):
        raise RuntimeError(f"{request.endpoint} answered without authorising anything.")
    return response
