"""A member's visit, begun by a link or a code. `own_member` is the members' way of loading, and so of authorising."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus

from flask import abort, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from assembly import i18n
from assembly.clock import now
from assembly.extensions import db
from assembly.models import Member, MemberAccess
from assembly.security import visits
from assembly.services.members import access

CONFIRMED = dt.timedelta(minutes=30)
"""How long what asks for a one-time code stays open."""


def own_member(*, confirmed: bool = False, former: bool = False) -> Member:
    """Return the member whose link was opened in this browser; answer whoever opened none with what to do.

    `confirmed`: what is shown, or done, asks for a one-time code first. `former`: also for people who have left the
    panel; all other pages are closed to them.
    """
    member = current_member()
    if member is None:
        abort(make_response(render_template("member/closed.html", has_ended=True), HTTPStatus.FORBIDDEN))
    if access.has_left(member) and not former:
        abort(make_response(render_template("member/left.html", member=member), HTTPStatus.FORBIDDEN))
    g.authorised = True
    if confirmed and not is_confirmed():
        back = request.path if request.method in {"GET", "HEAD"} else url_for("member.start")
        abort(redirect(url_for("member.confirm", next=back)))
    return member


def current_member() -> Member | None:
    """Return the member of this visit, if there is one; the page speaks their language then."""
    if "member" not in g:
        number = visits.visit().get("access")
        g.member = access.member_of(db.session, number) if isinstance(number, int) else None
        if g.member is not None:
            i18n.speak(g.member.language)
    member: Member | None = g.member
    return member


def is_confirmed() -> bool:
    """Whether a one-time code was given on this visit, not long ago."""
    return float(visits.visit().get("confirmed", 0)) > (now() - CONFIRMED).timestamp()


def begin(opened: MemberAccess) -> Response:
    """Begin a visit, and lead to the page under an address without a token."""
    answer = redirect(url_for("member.start"))
    visits.keep(answer, {"access": opened.id})
    return answer


def note_confirmed(answer: Response) -> Response:
    """Note on this visit that the one-time code was right."""
    visits.keep(answer, visits.visit() | {"confirmed": now().timestamp()})
    return answer


def end() -> ResponseReturnValue:
    """End the visit in this browser."""
    answer = redirect(url_for("member.start"))
    visits.forget(answer)
    return answer


def has_gateway() -> bool:
    """Whether codes can go out as SMS."""
    return current_app.extensions["assembly.config"].sms_gateway is not None
