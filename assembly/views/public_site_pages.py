"""The pages of the site that the law wants, for everyone."""

from __future__ import annotations

from flask import render_template
from flask_babel import get_locale

from assembly.extensions import db
from assembly.models import PageKind
from assembly.services.site import pages, prose, settings
from assembly.views import site_texts
from assembly.views.guard import public
from assembly.views.public import blueprint


@blueprint.get("/pages/<name>")
@public
def site_page(name: str) -> str:
    """Show a page in the reader’s language if it is there, else in German."""
    page = pages.public_page(db.session, site_texts.kind_of(name))
    language = "en" if str(get_locale()) == "en" and page.text_en else "de"
    site = settings.current(db.session)
    return render_template(
        "public/site_page.html",
        page=page,
        title=site_texts.TITLES[page.kind],
        text=prose.html_of(page.text_en if language == "en" else page.text_de),
        language=language,
        is_declaration=page.kind is PageKind.ACCESSIBILITY,
        enforcement=prose.html_of(site.enforcement),
        period=site_texts.PERIODS[site.answer_period],
    )
