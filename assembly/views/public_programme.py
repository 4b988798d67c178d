"""The programme for everyone: what is open or has a public agenda."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from assembly.clock import now
from assembly.extensions import db
from assembly.services.attendance import people
from assembly.services.experts import asking, inviting
from assembly.services.materials import reading
from assembly.services.programme import changed, events, feedback, timeline, times, timetables
from assembly.services.site_visits import observations, photos, visits
from assembly.views import experts_texts, programme_texts, site_visit_texts
from assembly.views.downloads import material_file, photo_file
from assembly.views.feedback import feedback_picture
from assembly.views.forms import LANGUAGE_NAMES
from assembly.views.guard import load_public_assembly, public
from assembly.views.public import blueprint


@blueprint.get("/a/<slug>/programme")
@public
def programme(slug: str) -> ResponseReturnValue:
    """Show the public events with the public part of their agendas: those to come, then those that were."""
    assembly = load_public_assembly(slug)
    found = events.public_events_of(db.session, assembly)
    experts = inviting.public_experts_of(db.session, assembly)
    titles = {event.id: event.title for event in found}
    return render_template(
        "public/programme.html",
        assembly=assembly,
        to_come=[event for event in found if event.ends_at > now()],
        past=[event for event in reversed(found) if event.ends_at <= now()],
        told=changed.told_of(db.session, found, in_public=True),
        timetables={event.id: [one for one in timetables.timetable(event) if one.item.is_public] for event in found},
        ratings={
            event_id: feedback_picture(f"feedback-{event_id}", results)
            for event_id, results in feedback.results_of_all(db.session, found).items()
            if results.is_public
        },
        months=timeline.timeline_of(db.session, assembly, found),
        today=times.day_of(now()),
        present=people.present_at(db.session, [event for event in found if event.ends_at <= now()]),
        visits=visits.visits_of(db.session, found),
        sheets=observations.published_of(db.session, found),
        shown_photos=observations.shown_photos,
        visit_texts=site_visit_texts,
        texts=programme_texts,
        experts=experts,
        event_titles={
            expert.id: list(dict.fromkeys(titles[one.event_id] for one in expert.inputs if one.event_id in titles))
            for expert in experts
        },
        materials=reading.public_materials_of(db.session, assembly),
        answers=asking.published_answers_of(db.session, assembly),
        knowledge_texts=experts_texts,
        languages={one.value: one.label for one in LANGUAGE_NAMES},
    )


@blueprint.get("/a/<slug>/programme/<int:event_id>")
@public
def agenda_of(slug: str, event_id: int) -> ResponseReturnValue:
    """Show an event with the public part of its agenda, to print."""
    event = events.get_public_event(db.session, load_public_assembly(slug), event_id)
    return render_template(
        "public/agenda.html",
        assembly=event.assembly,
        event=event,
        timetable=[one for one in timetables.timetable(event) if one.item.is_public],
        is_over=events.is_over(event),
        told=changed.told_of(db.session, [event], in_public=True).get(event.id),
        texts=programme_texts,
    )


@blueprint.get("/a/<slug>/materials/<int:version_id>")
@public
def material(slug: str, version_id: int) -> ResponseReturnValue:
    """Give the file of a public material to anyone, of whichever version."""
    return material_file(reading.get_public_file(db.session, load_public_assembly(slug), version_id))


@blueprint.get("/a/<slug>/photos/<int:photo_id>/<any(small, large):size>")
@public
def photo(slug: str, photo_id: int, size: str) -> ResponseReturnValue:
    """Give a photo of a site visit to anyone, once it is published."""
    assembly = load_public_assembly(slug)
    return photo_file(photos.public_picture(db.session, assembly, photo_id, photos.Size(size)))
