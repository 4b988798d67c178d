"""The public register for other programs: as JSON with its schema, as CSV, and as a feed (Atom, RFC 4287)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app, json, render_template, url_for
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.models import Assembly
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import news, open_data, register
from assembly.services.follow_up.agenda_items import AgendaItem
from assembly.services.follow_up.cases import cases_of
from assembly.services.follow_up.open_data_schema import schema_of
from assembly.views import case_texts, keeping, recommendations_texts
from assembly.views.cases import asked_args, asked_for
from assembly.views.downloads import MEDIA_TYPES
from assembly.views.guard import load_public_assembly, public
from assembly.views.public import blueprint


@blueprint.get("/a/<slug>/follow-up.json")
@public
def register_data(slug: str) -> ResponseReturnValue:
    """Hand out the register with every step, and with what it takes to check it against the log."""
    assembly = _load(slug)
    return keeping.document(assembly, lambda: _json(_document(assembly)), "application/json")


@blueprint.get("/a/<slug>/follow-up.csv")
@public
def register_rows(slug: str) -> ResponseReturnValue:
    """Hand out the register as a table."""
    assembly = _load(slug)
    answer = keeping.document(assembly, lambda: _rows(assembly), "text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}-follow-up.csv"'
    answer.headers["Link"] = f'<{_licence()}>; rel="license"'
    return answer


@blueprint.get("/a/<slug>/follow-up.atom")
@public
def register_feed(slug: str) -> ResponseReturnValue:
    """Hand out what happened last, and what became overdue, as a feed: of all, or of what is asked for."""
    assembly = _load(slug)
    return keeping.document(
        assembly, lambda: _feed(assembly), "application/atom+xml", tuple(sorted(asked_args().items()))
    )


@blueprint.get("/a/<slug>/follow-up.schema.json")
@public
def register_schema(slug: str) -> ResponseReturnValue:
    """Hand out the JSON Schema of the register."""
    assembly = _load(slug)
    schema = schema_of(_address("public.register_schema", slug=slug))
    return keeping.document(assembly, lambda: _json(schema), "application/schema+json")


def _load(slug: str) -> Assembly:
    """Return a public assembly. Raises NotFoundError before anything is handed over."""
    assembly = load_public_assembly(slug)
    if not register.has_cases(db.session, assembly):
        raise NotFoundError
    return assembly


def _document(assembly: Assembly) -> dict[str, Any]:
    return open_data.document_of(
        assembly,
        cases_of(db.session, assembly),
        schema=_address("public.register_schema", slug=assembly.slug),
        licence=_licence(),
        page=_address("public.case_register", slug=assembly.slug),
        page_of=_page_of(assembly.slug),
    )


def _rows(assembly: Assembly) -> bytes:
    return open_data.rows_of(cases_of(db.session, assembly), page_of=_page_of(assembly.slug)).encode()


def _feed(assembly: Assembly) -> bytes:
    return render_template(
        "public/follow_up.atom.xml",
        assembly=assembly,
        page=_address("public.case_register", slug=assembly.slug, **asked_args()),
        address=_address("public.register_feed", slug=assembly.slug, **asked_args()),
        page_of=_page_of(assembly.slug),
        news=news.news_of(db.session, assembly, asked_for()),
        agenda_of=_agenda_of(assembly.slug),
        agenda_kinds={kind: MEDIA_TYPES[f".{kind}"] for kind in ("pdf", "docx")},
        case_texts=case_texts,
        redaction_grounds=recommendations_texts.REDACTION_GROUNDS,
    ).encode()


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _licence() -> str:
    return str(current_app.extensions["assembly.config"].licence)


def _page_of(slug: str) -> open_data.PageOf:
    return lambda number: _address("public.recommendation", slug=slug, recommendation_number=number)


def _agenda_of(slug: str) -> Callable[[AgendaItem, str], str]:
    return lambda item, kind: _address(
        "public.agenda_item",
        slug=slug,
        recommendation_number=item.case.recommendation.number,
        notice_id=item.number,
        kind=kind,
    )


def _address(endpoint: str, **values: Any) -> str:
    return str(current_app.extensions["assembly.config"].public_url) + url_for(endpoint, **values)
