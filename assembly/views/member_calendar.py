"""A member's schedule as a calendar to subscribe to, by an address of its own that can be renewed."""

from __future__ import annotations

import datetime as dt
import hashlib
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.models import Event
from assembly.security.links import outside
from assembly.services.members import access
from assembly.services.members.writing import recipient_for
from assembly.services.programme import calendars, schedule
from assembly.services.site_visits import visits
from assembly.views import member_access
from assembly.views.guard import public
from assembly.views.member import blueprint

ALARMS = (dt.timedelta(days=7), dt.timedelta(days=1))
CACHING = "private, no-cache"
"""Calendars may keep it for their owner, and ask each time whether it is still right."""


@blueprint.get("/calendar")
def calendar() -> ResponseReturnValue:
    """Show the address of the member's calendar, and what it is for."""
    member = member_access.own_member()
    token = access.calendar_token(db.session, member)
    address = outside(url_for("member.calendar_file", token=token)) if token else None
    subscribe = f"webcal://{address.partition('://')[2]}" if address else None
    return render_template("member/calendar.html", member=member, address=address, subscribe=subscribe)


@blueprint.post("/calendar")
def renew_calendar() -> ResponseReturnValue:
    """Make an address for the member's calendar; the one before ends."""
    access.renew_calendar(db.session, member_access.own_member(), by=None)
    db.session.commit()
    flash(gettext("Your calendar has a new address."), "success")
    return redirect(url_for("member.calendar"))


@blueprint.get("/calendar/<token>.ics")
@public
def calendar_file(token: str) -> ResponseReturnValue:
    """Hand out a member's calendar to whoever has its address; whoever has the newest one is told so."""
    member = access.calendar_member(db.session, token)
    if member is None:
        abort(HTTPStatus.NOT_FOUND)
    events = schedule.events_of(db.session, member)
    content = calendars.calendar_of(
        member.respondent.assembly,
        events,
        host=urlsplit(current_app.extensions["assembly.config"].public_url).hostname or "localhost",
        language=recipient_for(member).language,
        meeting_points=visits.meeting_points_of(db.session, events),
        alarms=ALARMS,
        page_of=_page_of,
    )
    answer = Response(content, mimetype="text/calendar")
    answer.set_etag(hashlib.sha256(content).hexdigest())
    answer.headers["Cache-Control"] = CACHING
    answer.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return answer.make_conditional(request)


def _page_of(event: Event) -> str:
    return outside(url_for("member.event", event_id=event.id))
