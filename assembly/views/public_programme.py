"""The programme for everyone: what is open or has a public agenda."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from assembly.clock import now
from assembly.extensions import db
from assembly.services.attendance import people
from assembly.services.programme import agenda, events, feedback, timeline, times
from assembly.views import programme_texts
from assembly.views.feedback import feedback_picture
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
        ratings={
            event_id: feedback_picture(f"feedback-{event_id}", results)
            for event_id, results in feedback.results_of_all(db.session, found).items()
            if results.is_public
        },
        months=timeline.timeline_of(db.session, assembly, found),
        today=times.day_of(now()),
        present=people.present_at(db.session, [event for event in found if event.ends_at <= now()]),
        texts=programme_texts,
    )
