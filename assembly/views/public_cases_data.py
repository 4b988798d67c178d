"""The public register for other programs: as JSON with its schema, as CSV, and as a feed (Atom, RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, json, render_template, url_for
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.models import Assembly, Case
from assembly.services.errors import NotFoundError
from assembly.services.follow_up import news, open_data
from assembly.services.follow_up.cases import cases_of
from assembly.services.follow_up.open_data_schema import schema_of
from assembly.views import case_texts
from assembly.views.guard import load_public_assembly, public
from assembly.views.public import blueprint
from assembly.views.public_feeds import conditional


@blueprint.get("/a/<slug>/follow-up.json")
@public
def register_data(slug: str) -> ResponseReturnValue:
    """Hand out the register with every step, and with what it takes to check it against the log."""
    assembly, cases = _load(slug)
    document = open_data.document_of(
        assembly,
        cases,
        schema=_address("public.register_schema", slug=slug),
        page=_address("public.case_register", slug=slug),
        page_of=_page_of(slug),
    )
    return conditional(json.dumps(document, ensure_ascii=False, indent=2).encode(), "application/json")


@blueprint.get("/a/<slug>/follow-up.csv")
@public
def register_rows(slug: str) -> ResponseReturnValue:
    """Hand out the register as a table."""
    _assembly, cases = _load(slug)
    answer = conditional(open_data.rows_of(cases, page_of=_page_of(slug)).encode(), "text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}-follow-up.csv"'
    return answer


@blueprint.get("/a/<slug>/follow-up.atom")
@public
def register_feed(slug: str) -> ResponseReturnValue:
    """Hand out what happened last, and what became overdue, as a feed."""
    assembly, cases = _load(slug)
    content = render_template(
        "public/follow_up.atom.xml",
        assembly=assembly,
        page=_address("public.case_register", slug=slug),
        address=_address("public.register_feed", slug=slug),
        page_of=_page_of(slug),
        news=news.news_of(cases),
        case_texts=case_texts,
    )
    return conditional(content.encode(), "application/atom+xml")


@blueprint.get("/a/<slug>/follow-up.schema.json")
@public
def register_schema(slug: str) -> ResponseReturnValue:
    """Hand out the JSON Schema of the register."""
    _load(slug)
    schema = schema_of(_address("public.register_schema", slug=slug))
    return conditional(json.dumps(schema, ensure_ascii=False, indent=2).encode(), "application/schema+json")


def _load(slug: str) -> tuple[Assembly, Sequence[Case]]:
    """Return a public assembly with its cases. Raises NotFoundError before anything is handed over."""
    assembly = load_public_assembly(slug)
    cases = cases_of(db.session, assembly)
    if not cases:
        raise NotFoundError
    return assembly, cases


def _page_of(slug: str) -> open_data.PageOf:
    return lambda number: _address("public.recommendation", slug=slug, recommendation_number=number)


def _address(endpoint: str, **values: Any) -> str:
    return str(current_app.extensions["assembly.config"].public_url) + url_for(endpoint, **values)
