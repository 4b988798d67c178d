"""The programme for everyone: what is open or has a public agenda, as a page and as a calendar to subscribe to."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from assembly.clock import now
from assembly.extensions import db
from assembly.services.attendance import people
from assembly.services.programme import agenda, calendars, events
from assembly.views import programme_texts
from assembly.views.guard import load_public_assembly, public
from assembly.views.public import blueprint


@blueprint.get("/a/<slug>/programme")
@public
def programme(slug: str) -> ResponseReturnValue:
    """Show the public events with the public part of their agendas: those to come, then those that were."""
    assembly = load_public_assembly(slug)
    found = events.public_events_of(db.session, assembly)
    return render_template(
        "public/programme.html",
        assembly=assembly,
        to_come=[event for event in found if event.ends_at > now()],
        past=[event for event in reversed(found) if event.ends_at <= now()],
        timetables={event.id: [one for one in agenda.timetable(event) if one.item.is_public] for event in found},
        present=people.present_at(db.session, [event for event in found if event.ends_at <= now()]),
        texts=programme_texts,
    )


@blueprint.get("/a/<slug>/programme.ics")
@public
def programme_calendar(slug: str) -> ResponseReturnValue:
    """Hand out the public events as a calendar; whoever has the newest one is told so."""
    assembly = load_public_assembly(slug)
    host = urlsplit(current_app.extensions["assembly.config"].public_url).hostname or "localhost"
    content = calendars.calendar_of(
        assembly, events.public_events_of(db.session, assembly), host=host, language=str(get_locale())
    )
    answer = Response(content, mimetype="text/calendar")
    answer.set_etag(hashlib.sha256(content).hexdigest())
    answer.headers["Content-Disposition"] = f'inline; filename="{assembly.slug}.ics"'
    return answer.make_conditional(request)
