"""The public programme for other programs: as a calendar (RFC 5545), as a feed (Atom, RFC 4287), and as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Response, current_app, json, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from assembly.extensions import db
from assembly.models import Assembly, Event
from assembly.services.experts import asking, inviting
from assembly.services.materials import reading
from assembly.services.materials.publication import knowledge_document
from assembly.services.programme import calendars, events, publication
from assembly.views import programme_texts
from assembly.views.guard import load_public_assembly, public
from assembly.views.public import blueprint


@blueprint.get("/a/<slug>/programme.ics")
@public
def programme_calendar(slug: str) -> ResponseReturnValue:
    """Hand out the public events as a calendar."""
    assembly, found = _load(slug)
    host = urlsplit(_public_url()).hostname or "localhost"
    content = calendars.calendar_of(assembly, found, host=host, language=str(get_locale()))
    answer = _conditional(content, "text/calendar")
    answer.headers["Content-Disposition"] = f'inline; filename="{assembly.slug}.ics"'
    return answer


@blueprint.get("/a/<slug>/programme.atom")
@public
def programme_feed(slug: str) -> ResponseReturnValue:
    """Hand out the public events as a feed, with what was changed last first."""
    assembly, found = _load(slug)
    changed = [(event.changed_at or event.published_at or event.starts_at, event) for event in found]
    content = render_template(
        "public/programme.atom.xml",
        assembly=assembly,
        page=_page(assembly),
        address=_public_url() + url_for("public.programme_feed", slug=slug),
        changed=sorted(changed, key=lambda one: (one[0], one[1].id), reverse=True),
        newest=max((moment for moment, _event in changed), default=assembly.created_at),
        texts=programme_texts,
    )
    return _conditional(content.encode(), "application/atom+xml")


@blueprint.get("/a/<slug>/programme.json")
@public
def programme_data(slug: str) -> ResponseReturnValue:
    """Hand out the public events as JSON, with experts, materials and answers."""
    assembly, found = _load(slug)
    document = publication.document_of(assembly, found, page=_page(assembly)) | knowledge_document(
        inviting.public_experts_of(db.session, assembly),
        reading.public_materials_of(db.session, assembly),
        asking.published_answers_of(db.session, assembly),
        events=found,
        file_address=lambda version_id: _public_url() + url_for("public.material", slug=slug, version_id=version_id),
    )
    return _conditional(json.dumps(document, ensure_ascii=False, indent=2).encode(), "application/json")


def _load(slug: str) -> tuple[Assembly, Sequence[Event]]:
    assembly = load_public_assembly(slug)
    return assembly, events.public_events_of(db.session, assembly)


def _public_url() -> str:
    return str(current_app.extensions["assembly.config"].public_url)


def _page(assembly: Assembly) -> str:
    return _public_url() + url_for("public.programme", slug=assembly.slug)


def _conditional(content: bytes, mimetype: str) -> Response:
    """Return the content; whoever has it already is told so."""
    answer = Response(content, mimetype=mimetype)
    answer.set_etag(hashlib.sha256(content).hexdigest())
    answer.make_conditional(request)
    return answer
