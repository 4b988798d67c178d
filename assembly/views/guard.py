"""Deny by default: a page is public because it says so, or it loaded what it shows through an authorising function."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from assembly.extensions import db
from assembly.models import Assembly, Respondent, User
from assembly.services import accounts, authorisation, respondents
from assembly.services import public as public_pages
from assembly.services.authorisation import Permission

View = TypeVar("View", bound=Callable[..., Any])
MEMBERS = "member"
"""The pages of members, who have no account: these authorise by `member_access.own_member`."""
LIBRARY_ENDPOINTS = ("static", "security.")
"""Files for everyone, and the pages of Flask-Security, which guard themselves."""


def public(view: View) -> View:
    """Mark a page as open to everyone."""
    view.is_public = True  # type: ignore[attr-defined]  # functions take attributes
    return view


def without_second_factor(view: View) -> View:
    """Mark a page of the own account, which shows no other person's data: it leads to the second factor."""
    view.is_without_second_factor = True  # type: ignore[attr-defined]  # the same
    return view


def is_public(endpoint: str) -> bool:
    """Whether an endpoint is open to everyone."""
    return bool(getattr(current_app.view_functions[endpoint], "is_public", False))


def load_assembly(assembly_id: int, *, may: Permission, may_read: Permission | None = None) -> Assembly:
    """Return an assembly with which the signed-in account may do this; see `authorisation.get_assembly`.

    Who `may_read` alone sees the page as it is, with its forms switched off and without buttons (`g.read_only`).
    """
    is_reading = may_read is not None and request.method in {"GET", "HEAD"}
    permission = may_read if is_reading and may_read is not None else may
    assembly = authorisation.get_assembly(db.session, assembly_id, user=account(), may=permission)
    g.authorised = True
    g.read_only = is_reading and not allows(assembly, may)
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
    """Ask for a sign-in, and for a second factor, before every page that is not public.

    Let none out that authorised nothing.
    """
    app.before_request(_ask_for_sign_in)
    app.before_request(_ask_for_second_factor)
    app.after_request(_hold_back)


def _is_for_accounts(endpoint: str | None) -> bool:
    return _is_ours(endpoint) and request.blueprint != MEMBERS and not is_public(endpoint or "")


def _is_ours(endpoint: str | None) -> bool:
    return endpoint is not None and not endpoint.startswith(LIBRARY_ENDPOINTS)


def _ask_for_sign_in() -> ResponseReturnValue | None:
    if not _is_for_accounts(request.endpoint) or current_user.is_authenticated:
        return None
    g.asked_to_sign_in = True
    answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]  # Flask-Login's
    return answer


def _ask_for_second_factor() -> ResponseReturnValue | None:
    """Lead whoever sees many people's data, and has no second factor yet, to the page about it."""
    if not current_app.extensions["assembly.config"].require_totp or not _is_for_accounts(request.endpoint):
        return None
    if getattr(current_app.view_functions[request.endpoint or ""], "is_without_second_factor", False):
        return None
    user = account()
    if accounts.has_second_factor(user) or not accounts.needs_second_factor(user):
        return None
    g.asked_to_sign_in = True
    return redirect(url_for("accounts.second_factor"))


def _hold_back(response: Response) -> Response:
    """Fail closed: a page that forgot to authorise is an error of ours, and shows nothing."""
    shows = response.status_code < HTTPStatus.BAD_REQUEST and _is_ours(request.endpoint)
    if shows and not (is_public(request.endpoint or "") or g.get("authorised") or g.get("asked_to_sign_in")):
        raise RuntimeError(f"{request.endpoint} answered without authorising anything.")
    return response
