"""The public programme for other programs: as a calendar (RFC 5545), as a feed (Atom, RFC 4287), and as JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Response, current_app, json, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, get_locale, gettext

from assembly.extensions import db
from assembly.models import Assembly, Event, Openness
from assembly.services.experts import asking, inviting
from assembly.services.materials import reading
from assembly.services.materials.publication import knowledge_document
from assembly.services.programme import calendars, changed, events, feedback, publication, times
from assembly.services.site_visits import observations, visits
from assembly.services.site_visits.publication import visits_document
from assembly.views import programme_texts
from assembly.views.feedback import STATEMENTS
from assembly.views.guard import load_public_assembly, public
from assembly.views.public import blueprint


@blueprint.get("/a/<slug>/programme.ics")
@public
def programme_calendar(slug: str) -> ResponseReturnValue:
    """Hand out the public events as a calendar."""
    assembly, found = _load(slug)
    host = urlsplit(_public_url()).hostname or "localhost"
    content = calendars.calendar_of(
        assembly, found, host=host, language=str(get_locale()), meeting_points=_meeting_points(found)
    )
    answer = conditional(content, "text/calendar")
    answer.headers["Content-Disposition"] = f'inline; filename="{assembly.slug}.ics"'
    return answer


@blueprint.get("/a/<slug>/programme.atom")
@public
def programme_feed(slug: str) -> ResponseReturnValue:
    """Hand out the public events as a feed, with what was changed last first, then what was published beside them."""
    assembly, found = _load(slug)
    changes = [(event.changed_at or event.published_at or event.starts_at, event) for event in found]
    news = _news(assembly, found)
    content = render_template(
        "public/programme.atom.xml",
        assembly=assembly,
        page=_page(assembly),
        address=_public_url() + url_for("public.programme_feed", slug=slug),
        told=changed.told_of(db.session, found, in_public=True),
        changed=sorted(changes, key=lambda one: (one[0], one[1].id), reverse=True),
        news=news,
        newest=max(
            [*(moment for moment, _event in changes), *(one.updated for one in news)], default=assembly.created_at
        ),
        meeting_points=_meeting_points(found),
        is_over=events.is_over,
        texts=programme_texts,
    )
    return conditional(content.encode(), "application/atom+xml")


@blueprint.get("/a/<slug>/programme.json")
@public
def programme_data(slug: str) -> ResponseReturnValue:
    """Hand out the public events as JSON, with site visits, experts, materials and answers."""
    assembly, found = _load(slug)
    seen = visits_document(
        found,
        visits.visits_of(db.session, found),
        observations.published_of(db.session, found),
        photo_address=lambda number: _public_url() + url_for("public.photo", slug=slug, photo_id=number, size="large"),
    )
    document = (
        publication.document_of(assembly, found, page=_page(assembly))
        | seen
        | knowledge_document(
            inviting.public_experts_of(db.session, assembly),
            reading.public_materials_of(db.session, assembly),
            asking.published_answers_of(db.session, assembly),
            events=found,
            file_address=lambda version_id: (
                _public_url() + url_for("public.material", slug=slug, version_id=version_id)
            ),
        )
    )
    return conditional(json.dumps(document, ensure_ascii=False, indent=2).encode(), "application/json")


@dataclasses.dataclass(frozen=True, slots=True)
class News:
    """An entry of the feed beside the events: `anchor` names it for good, and is where it stands on the page."""

    anchor: str
    title: str
    updated: dt.datetime
    text: str


def _news(assembly: Assembly, found: Sequence[Event]) -> list[News]:
    """Return what was published beside the events, newest first: materials, answers, numbers of feedback."""
    news = [
        News(
            f"material-{one.id}",
            gettext("New to read: %(title)s", title=one.title),
            max(filter(None, (one.published_at, one.shown[0].added_at))),
            one.plain_text or one.source,
        )
        for one in reading.public_materials_of(db.session, assembly)
        if one.shown
    ]
    news += [
        News(
            f"answer-{one.id}",
            gettext("Answered: %(question)s", question=one.wording),
            one.published_at or times.moment(one.answered_on, dt.time()),
            one.answer,
        )
        for one in asking.published_answers_of(db.session, assembly)
    ]
    moments = feedback.published_at(db.session, found)
    results = feedback.results_of_all(db.session, found)
    news += [
        News(
            f"feedback-{event.id}",
            gettext("What members said about: %(event)s", event=event.title),
            moments.get(event.id) or event.ends_at,
            _ratings(results[event.id]),
        )
        for event in found
        if event.id in results and results[event.id].is_public
    ]
    return sorted(news, key=lambda one: (one.updated, one.anchor), reverse=True)


def _ratings(results: feedback.Results) -> str:
    return "\n".join(
        f"{STATEMENTS[one.statement]} {gettext('%(mean)s of 5', mean=format_decimal(round(one.mean, 1)))}"
        for one in results.rated
        if one.mean is not None
    )


def _load(slug: str) -> tuple[Assembly, Sequence[Event]]:
    assembly = load_public_assembly(slug)
    return assembly, events.public_events_of(db.session, assembly)


def _meeting_points(found: Sequence[Event]) -> dict[int, str]:
    """Return where site visits begin that anyone may come to."""
    return visits.meeting_points_of(db.session, [event for event in found if event.openness is Openness.PUBLIC])


def _public_url() -> str:
    return str(current_app.extensions["assembly.config"].public_url)


def _page(assembly: Assembly) -> str:
    return _public_url() + url_for("public.programme", slug=assembly.slug)


def conditional(content: bytes, mimetype: str) -> Response:
    """Return the content; whoever has it already is told so."""
    answer = Response(content, mimetype=mimetype)
    answer.set_etag(hashlib.sha256(content).hexdigest())
    answer.make_conditional(request)
    return answer
