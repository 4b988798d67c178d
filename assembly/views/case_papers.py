"""Documents about recommendations: one as it stands, and agenda items about what is 30 days overdue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from assembly.extensions import db, limiter
from assembly.models import Assembly
from assembly.services.authorisation import can_see
from assembly.services.chapters import Document, Kind
from assembly.services.chapters_docx import file_of
from assembly.services.follow_up import agenda_items, agenda_papers, cases, recommendation_papers
from assembly.services.follow_up.agenda_items import AgendaItem
from assembly.services.follow_up.agenda_papers import Addresses
from assembly.services.follow_up.case_chapters import Texts
from assembly.services.recommendations import reading
from assembly.views import case_texts, follow_up_texts, keeping, recommendations_texts
from assembly.views.cases import blueprint as cases_blueprint
from assembly.views.citizens_report import DOWNLOADS
from assembly.views.downloads import MEDIA_TYPES, download
from assembly.views.guard import load_assembly, load_public_assembly, public
from assembly.views.public import blueprint

TEXTS = Texts(
    states=case_texts.STATES,
    outcomes=case_texts.OUTCOMES,
    results=case_texts.RESULTS,
    duties=case_texts.DUTIES,
    moves=case_texts.MOVES,
    facts=case_texts.FACTS,
    fields=recommendations_texts.FIELDS,
    fact_words=case_texts.fact_words,
    fact_label=case_texts.fact_label,
    euros=case_texts.euros,
    terms=follow_up_texts.TERMS,
    period=follow_up_texts.period,
)
"""The words of documents about cases: the same as on pages."""


@blueprint.get(
    "/a/<slug>/recommendations/<int:recommendation_number>/agenda-item-<int:notice_id>.<any(docx, pdf):kind>"
)
@public
def agenda_item(slug: str, recommendation_number: int, notice_id: int, kind: Kind) -> ResponseReturnValue:
    """Hand out the draft of the agenda item that goes with a notice after 30 days; it stays, whatever is done later."""
    assembly = load_public_assembly(slug)
    item = agenda_items.get_item(db.session, assembly, recommendation_number, notice_id)
    return _kept_file(assembly, f"agenda-item-{notice_id}", kind, lambda: _document(assembly, item))


@cases_blueprint.get("/<int:case_id>/agenda-item-<int:notice_id>.<any(docx, pdf):kind>")
@limiter.limit(DOWNLOADS)
def case_agenda_item(assembly_id: int, case_id: int, notice_id: int, kind: Kind) -> ResponseReturnValue:
    """Hand it out to staff, also without a public page."""
    assembly = load_assembly(assembly_id, may=can_see)
    case = cases.get_case(db.session, assembly, case_id)
    item = agenda_items.get_item(db.session, assembly, case.recommendation.number, notice_id)
    return download(file_of(_document(assembly, item), kind), f"agenda-item-{notice_id}.{kind}")


@blueprint.get("/a/<slug>/recommendations/<int:recommendation_number>.<any(de, en):language>.pdf")
@public
def recommendation_paper(slug: str, recommendation_number: int, language: str) -> ResponseReturnValue:
    """Hand out a recommendation with all that became of it, in a language of ours."""
    assembly = load_public_assembly(slug)
    reading.title_of(db.session, assembly, recommendation_number)
    name = f"recommendation-{recommendation_number}.{language}"
    return _kept_file(assembly, name, "pdf", lambda: _paper(assembly, recommendation_number, language))


def _kept_file(assembly: Assembly, name: str, kind: Kind, make: Callable[[], Document]) -> Response:
    """Answer with a public document that is made once, to be saved under a name."""
    answer = keeping.document(assembly, lambda: file_of(make(), kind), MEDIA_TYPES[f".{kind}"])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def _paper(assembly: Assembly, number: int, language: str) -> Document:
    found = agenda_items.items_of(db.session, cases.cases_about(db.session, assembly, number))
    addresses = recommendation_papers.Addresses(
        page=address("public.recommendation", slug=assembly.slug, recommendation_number=number),
        licence=str(current_app.extensions["assembly.config"].licence),
        agenda={case_id: [(one, _address_of(assembly, one)) for one in items] for case_id, items in found.items()},
    )
    with force_locale(language):
        return recommendation_papers.document_of(
            db.session, assembly, number, language=language, texts=TEXTS, addresses=addresses
        )


def _address_of(assembly: Assembly, item: AgendaItem) -> str:
    number = item.case.recommendation.number
    return address(
        "public.agenda_item", slug=assembly.slug, recommendation_number=number, notice_id=item.number, kind="pdf"
    )


def _document(assembly: Assembly, item: AgendaItem) -> Document:
    """Return an item in the language of its assembly, whatever language the page is in."""
    with force_locale(agenda_papers.language_of(assembly)):
        return agenda_papers.document_of(item, assembly, texts=TEXTS, addresses=_addresses(assembly, item))


def _addresses(assembly: Assembly, item: AgendaItem) -> Addresses:
    if not assembly.is_public:
        return Addresses("", "")
    number = item.case.recommendation.number
    return Addresses(
        recommendation=address("public.recommendation", slug=assembly.slug, recommendation_number=number),
        rules=address("public.follow_up", slug=assembly.slug),
    )


def address(endpoint: str, **values: Any) -> str:
    """Return the whole address of a public page, as documents say it."""
    return str(current_app.extensions["assembly.config"].public_url) + url_for(endpoint, **values)
