"""The pages of the site and what holds for all of them: pages of site administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from assembly.extensions import db
from assembly.models import PageKind, SitePage
from assembly.services.authorisation import can_administer
from assembly.services.errors import RuleError
from assembly.services.site import pages, requirements, settings
from assembly.services.site.starting_texts import starting_texts
from assembly.views import site_texts
from assembly.views.errors import message_of
from assembly.views.forms import EditForm, SelectField, choice, committing, stripped, values_of
from assembly.views.guard import account, require
from assembly.views.programme_texts import GERMAN_STATES

blueprint = Blueprint("site_pages", __name__, url_prefix="/administration/site")
MOST = 50_000
"""Characters of a page."""


def _settled(value: Any) -> bool | None:
    """Return what was chosen, or is stored; None: as the law of the state says."""
    return {"yes": True, "True": True, "no": False, "False": False}.get(str(value))


class SiteForm(EditForm):
    """What holds for the whole site."""

    state = SelectField(
        _l("State whose law binds the city"),
        choices=[choice("", _l("not settled yet")), *(choice(*one) for one in GERMAN_STATES.items())],
        description=_l(
            "It decides which pages are required, as far as nothing else is settled for a page. Its holidays hold for "
            "every assembly for which no state was chosen."
        ),
    )
    enforcement = TextAreaField(
        _l("Enforcement body"),
        [Length(max=2000)],
        filters=[stripped],
        description=_l(
            "To whom people turn if a barrier remains: name, address, telephone, e-mail. Your state has named one "
            "(Durchsetzungsstelle, Schlichtungsstelle or Ombudsstelle). It stands in the declaration on accessibility."
        ),
    )
    answer_period = SelectField(
        _l("Time for an answer to a reported barrier"),
        choices=[choice(*one) for one in site_texts.PERIODS.items()],
        description=_l(
            "Federal bodies have a month (§ 12b BGG); most states say “within reasonable time”. It holds for what is "
            "reported from now on."
        ),
    )
    remind_days = IntegerField(
        _l("Days before its end from which administrators are reminded daily"), [InputRequired(), NumberRange(0, 30)]
    )
    submit = SubmitField(_l("Save"))


class SignLanguageForm(EditForm):
    """What a page says, and whether it is required; the one in sign language has all fields."""

    text_de = TextAreaField(
        _l("Text in German"),
        [Length(max=MOST)],
        filters=[stripped],
        render_kw={"lang": "de", "rows": 20},
        description=_l(
            "“# ” begins a heading, “## ” one below it, “- ” an item of a list; empty lines divide paragraphs. What "
            "stands in [square brackets] is still to be filled in."
        ),
    )
    text_en = TextAreaField(
        _l("Text in English"), [Length(max=MOST)], filters=[stripped], render_kw={"lang": "en", "rows": 20}
    )
    video = StringField(
        _l("Address of the video"),
        [Optional(), Length(max=500), Regexp(r"https://|/(?!/)", message=_l("It begins with https:// or with /."))],
        filters=[stripped],
        description=_l("Where it is to be watched, such as a public material on this site; best with subtitles."),
    )
    is_required = SelectField(_l("Is this page required?"), coerce=_settled)
    source = TextAreaField(
        _l("What this follows from"),
        [Length(max=1000)],
        filters=[stripped],
        description=_l("Law or advice, if you have settled it; who told you, and when."),
    )
    submit = SubmitField(_l("Save"))


class PageForm(SignLanguageForm):
    """Of a page in words."""

    video = None  # type: ignore[assignment]  # how WTForms leaves a field out


class EasyLanguageForm(PageForm):
    """Of the page that there is in German alone."""

    text_en = None  # type: ignore[assignment]  # the same


FORMS = {PageKind.EASY_LANGUAGE: EasyLanguageForm, PageKind.SIGN_LANGUAGE: SignLanguageForm}


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Show which pages there are, which are required, and what is still to be done."""
    require(can_administer)
    standings = pages.standings(db.session, site_texts.elsewhere())
    site = settings.current(db.session)
    return render_template("site/index.html", standings=standings, site=site, texts=site_texts, states=GERMAN_STATES)


@blueprint.route("/settings", methods=["GET", "POST"])
def edit_settings() -> ResponseReturnValue:
    """Settle what holds for the whole site."""
    require(can_administer)
    stored = settings.stored(db.session)
    form = SiteForm.of(stored, **({} if stored else {"data": settings.DEFAULTS}))
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(None, stored)
            settings.save(db.session, values_of(form), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("site_pages.index"))
    return render_template("site/settings.html", form=form), 422 if form.errors else 200


@blueprint.route("/pages/<name>", methods=["GET", "POST"])
def edit(name: str) -> ResponseReturnValue:
    """Write a page; with `start` in the address, its form begins with a text that is not saved yet."""
    require(can_administer)
    kind = site_texts.kind_of(name)
    page = pages.find(db.session, kind)
    form = _page_form(kind, page)
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(None, page)
            pages.save(db.session, kind, {"text_en": "", "video": ""} | values_of(form), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("site_pages.edit", name=kind.value))
    [standing] = [one for one in pages.standings(db.session, site_texts.elsewhere()) if one.kind is kind]
    shown = render_template(
        "site/edit.html", form=form, standing=standing, texts=site_texts, missing=_missing(standing)
    )
    return shown, 422 if form.errors else 200


@blueprint.post("/pages/<name>/publish")
def publish(name: str) -> ResponseReturnValue:
    """Let everyone read a page."""
    require(can_administer)
    pages.publish(db.session, site_texts.kind_of(name), by=account())
    db.session.commit()
    flash(gettext("The page is public, and the footers lead to it."), "success")
    return redirect(url_for("site_pages.edit", name=name))


@blueprint.post("/pages/<name>/withdraw")
def withdraw(name: str) -> ResponseReturnValue:
    """Take a page back."""
    require(can_administer)
    pages.withdraw(db.session, site_texts.kind_of(name), by=account())
    db.session.commit()
    flash(gettext("The page is not public any more."), "success")
    return redirect(url_for("site_pages.edit", name=name))


def _page_form(kind: PageKind, page: SitePage | None) -> SignLanguageForm:
    form = FORMS.get(kind, PageForm).of(page)
    by_law = requirements.default_for(kind, settings.current(db.session).state)
    said = gettext(
        "As the law says: %(demand)s (%(source)s)", demand=site_texts.DEMANDS[by_law.demand], source=by_law.source
    )
    form.is_required.choices = [choice("", said), choice("yes", gettext("Yes")), choice("no", gettext("No"))]
    if request.method == "GET" and "start" in request.args:
        config = current_app.extensions["assembly.config"]
        texts = starting_texts(kind, city=config.city, address=config.public_url)
        for language, text in texts.items():
            form[f"text_{language}"].data = form[f"text_{language}"].data or text
    return form


def _missing(standing: pages.Standing) -> str | None:
    """Return what keeps a page that is written from being published, in words."""
    if standing.page is None or standing.is_published:
        return None
    try:
        pages.require_complete(standing.page, settings.current(db.session))
    except RuleError as error:
        return message_of(error)
    return None
