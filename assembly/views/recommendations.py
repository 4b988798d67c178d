"""Recommendations in the making: listed, drafted, merged, addressed, and shown with all that became of them."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import HiddenInput

from assembly.extensions import db
from assembly.models import Assembly, Recommendation, RecommendationState
from assembly.services import accounts
from assembly.services.authorisation import can_keep_cases, can_lead, can_manage, can_see, can_see_members
from assembly.services.errors import ConflictError, ServiceError
from assembly.services.follow_up import rules
from assembly.services.recommendations import drafting, editing, handing_over, minority, reading, telling
from assembly.services.recommendations.texts import MOST, WRONG_STATE
from assembly.services.result_sheets import names
from assembly.views import recommendations_texts
from assembly.views.forms import BaseForm, ChecksField, choice, committing, stripped, values_of
from assembly.views.guard import account, allows, load_assembly

blueprint = Blueprint("recommendations", __name__, url_prefix="/assemblies/<int:assembly_id>/recommendations")
LONGEST_CHOICE = 160


class TextForm(BaseForm):
    """What a recommendation says."""

    version = IntegerField(widget=HiddenInput(), default=0)
    title = StringField(
        recommendations_texts.FIELDS["title"], [InputRequired(), Length(max=MOST["title"])], filters=[stripped]
    )
    theme = StringField(
        recommendations_texts.FIELDS["theme"],
        [Length(max=MOST["theme"])],
        filters=[stripped],
        description=_l("Lists show it beside the title."),
    )
    text = TextAreaField(
        recommendations_texts.FIELDS["text"],
        [InputRequired(), Length(max=MOST["text"])],
        filters=[stripped],
        description=_l("What shall be done, by whom, and until when."),
        render_kw={"rows": 6},
    )
    reasons = TextAreaField(
        recommendations_texts.FIELDS["reasons"],
        [Length(max=MOST["reasons"])],
        filters=[stripped],
        render_kw={"rows": 6},
    )
    plain = TextAreaField(
        recommendations_texts.FIELDS["plain"],
        [Length(max=MOST["plain"])],
        filters=[stripped],
        description=_l("In short sentences and everyday words."),
        render_kw={"rows": 4},
    )
    submit = SubmitField(_l("Save"))


class DraftForm(TextForm):
    """A draft, with where it comes from."""

    sources = ChecksField(_l("Comes from these drafts on result sheets"), coerce=int)

    def offer(self, entries: Sequence[Any]) -> None:
        """Let entries of result sheets be chosen; without any, there is nothing to choose."""
        self.sources.choices = [choice(str(entry.id), _shortened(entry.text)) for entry in entries]
        if not entries:
            del self.sources

    def chosen_sources(self) -> Sequence[int]:
        """Return the numbers of the chosen entries."""
        return (self.sources.data or ()) if self.sources else ()


class AddresseesForm(BaseForm):
    """Who owes an answer."""

    addressees = ChecksField(_l("Who has to answer"), coerce=int)
    submit = SubmitField(_l("Save the addressees"))


class MinorityForm(BaseForm):
    """What some members think otherwise."""

    text = TextAreaField(
        _l("What they think otherwise"),
        [InputRequired(), Length(max=minority.LONGEST)],
        filters=[stripped],
        description=_l("Without names."),
        render_kw={"rows": 4},
    )
    supporters = IntegerField(_l("How many members think so"), [InputRequired(), NumberRange(1, 10_000)])
    submit = SubmitField(_l("Attach the minority view"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """List all recommendations, and what still waits on result sheets."""
    assembly = load_assembly(assembly_id, may=can_see)
    found = reading.recommendations_of(db.session, assembly)
    published = rules.published_rules(db.session, assembly)
    return render_template(
        "recommendations/index.html",
        assembly=assembly,
        recommendations=found,
        states={one.state for one in found},
        addressee_names={one.number: one.name for one in published.addressees} if published else {},
        open_entries=drafting.open_entries(db.session, assembly),
        may_lead=allows(assembly, can_lead),
        may_manage=allows(assembly, can_manage),
        texts=recommendations_texts,
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new(assembly_id: int) -> ResponseReturnValue:
    """Begin a draft, from an entry of a result sheet if one is named."""
    assembly = load_assembly(assembly_id, may=can_lead)
    entry_id = request.args.get("entry", type=int)
    values: dict[str, Any] = {}
    if entry_id is not None:
        values = drafting.from_entry(db.session, assembly, entry_id) | {"sources": [entry_id]}
    form = DraftForm(data=values)
    form.offer(drafting.proposed_entries(db.session, assembly, *([] if entry_id is None else [entry_id])))
    if form.validate_on_submit():
        with committing(form):
            made = drafting.draft(db.session, assembly, values_of(form), sources=form.chosen_sources(), by=account())
        if not form.errors:
            flash(gettext("Drafted."), "success")
            return redirect(_page_of(assembly_id, made.number))
    return _writing(assembly_id, form, gettext("New draft"))


@blueprint.route("/merge", methods=["GET", "POST"])
def merge(assembly_id: int) -> ResponseReturnValue:
    """Choose drafts, and make one of them."""
    assembly = load_assembly(assembly_id, may=can_lead)
    found = reading.recommendations_of(db.session, assembly)
    drafts = [one for one in found if one.state is RecommendationState.DRAFT]
    wanted = set(request.args.getlist("chosen", type=int))
    originals = [one for one in drafts if one.number in wanted]
    is_too_few = bool(wanted) and len(originals) < drafting.FEWEST_MERGED
    if is_too_few or not originals:
        page = render_template(
            "recommendations/merge.html", assembly=assembly, drafts=drafts, wanted=wanted, is_too_few=is_too_few
        )
        return page, HTTPStatus.UNPROCESSABLE_ENTITY if is_too_few or request.method == "POST" else HTTPStatus.OK
    form = TextForm(data=drafting.from_originals(originals))
    if form.validate_on_submit():
        with committing(form):
            made = drafting.merge(db.session, assembly, originals, values_of(form), by=account())
        if not form.errors:
            flash(gettext("Merged: the originals are kept with it."), "success")
            return redirect(_page_of(assembly_id, made.number))
        originals = []
    return _writing(assembly_id, form, gettext("Merge drafts"), originals=originals)


@blueprint.get("/<int:number>")
def show(assembly_id: int, number: int) -> ResponseReturnValue:
    """Show a recommendation with its origin, its votes, and what changed."""
    return page_of(assembly_id, number)


@blueprint.get("/<int:number>/versions/<int:version_number>")
def version(assembly_id: int, number: int, version_number: int) -> ResponseReturnValue:
    """Show a version of the text, and what it changed."""
    assembly = load_assembly(assembly_id, may=can_see)
    one = reading.get_recommendation(db.session, assembly, number)
    found, earlier = editing.version_of(one, version_number)
    return render_template(
        "recommendations/version.html",
        assembly=assembly,
        one=one,
        version=found,
        earlier=earlier,
        writer=accounts.names_of(db.session, {found.saved_by_id}).get(found.saved_by_id),
        texts=recommendations_texts,
    )


@blueprint.route("/<int:number>/edit", methods=["GET", "POST"])
def edit(assembly_id: int, number: int) -> ResponseReturnValue:
    """Write on a draft, or change the wording of what is adopted; if two write at once, nothing is lost."""
    assembly = load_assembly(assembly_id, may=can_lead)
    one = reading.get_recommendation(db.session, assembly, number)
    if one.state not in {RecommendationState.DRAFT, RecommendationState.ADOPTED}:
        raise ConflictError(WRONG_STATE)
    is_draft = one.state is RecommendationState.DRAFT
    form = _draft_form(assembly, one) if is_draft else TextForm(obj=one)
    if form.validate_on_submit():
        try:
            saved = _save_draft(one, form) if isinstance(form, DraftForm) else _change_wording(one, form)
            db.session.commit()
        except ServiceError as error:
            return _refused(assembly_id, number, form, error)
        flash(saved, "success")
        return redirect(_page_of(assembly_id, number))
    return _writing(assembly_id, form, _title_of(one), one=one)


def _draft_form(assembly: Assembly, one: Recommendation) -> DraftForm:
    linked = [entry.id for entry in one.sources]
    form = DraftForm(obj=one, data={"sources": linked})
    form.offer(drafting.proposed_entries(db.session, assembly, *linked))
    return form


def _save_draft(one: Recommendation, form: DraftForm) -> str:
    version = form.version.data or 0
    drafting.save(db.session, one, values_of(form), version=version, sources=form.chosen_sources(), by=account())
    return str(gettext("Saved."))


def _change_wording(one: Recommendation, form: TextForm) -> str:
    editing.change(db.session, one, values_of(form), version=form.version.data or 0, by=account())
    telling.tell_members(db.session, one, config=current_app.extensions["assembly.config"], by=account())
    return str(gettext("Saved. Members see the change on their pages, are written to, and can object to it."))


def _title_of(one: Recommendation) -> str:
    is_adopted = one.state is RecommendationState.ADOPTED
    return str(gettext("Change the wording") if is_adopted else gettext("Write on the draft"))


@blueprint.post("/<int:number>/discard")
def discard(assembly_id: int, number: int) -> ResponseReturnValue:
    """Give up a draft."""
    assembly = load_assembly(assembly_id, may=can_lead)
    drafting.discard(db.session, reading.get_recommendation(db.session, assembly, number), by=account())
    db.session.commit()
    flash(gettext("The draft is given up; its text is kept."), "success")
    return redirect(url_for("recommendations.index", assembly_id=assembly_id))


@blueprint.post("/<int:number>/addressees")
def address(assembly_id: int, number: int) -> ResponseReturnValue:
    """Choose who owes an answer."""
    assembly = load_assembly(assembly_id, may=can_lead)
    one = reading.get_recommendation(db.session, assembly, number)
    form = _addressees_form(assembly)
    if form.validate_on_submit():
        with committing(form):
            drafting.address(db.session, one, form.addressees.data or [], by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(_page_of(assembly_id, number))
    return page_of(assembly_id, number, addressees_form=form)


def page_of(assembly_id: int, number: int, **forms: BaseForm) -> ResponseReturnValue:
    """Return the page of a recommendation, with forms that were sent and have mistakes."""
    assembly = load_assembly(assembly_id, may=can_see)
    one, may_lead = reading.get_recommendation(db.session, assembly, number), allows(assembly, can_lead)
    words = (one.title, one.text, one.reasons, one.plain, *(view.text for view in one.minority_views))
    page = render_template(
        "recommendations/show.html",
        assembly=assembly,
        one=one,
        originals=reading.originals_of(db.session, assembly, one),
        rules=one.handover.rules if one.handover else rules.published_rules(db.session, assembly),
        pending=editing.pending(one),
        changes=[(change, editing.before(one, change)) for change in editing.changes_of(one)],
        obstacle=handing_over.obstacle(one),
        names=names.names_in(db.session, assembly, words) if may_lead else (),
        writers=accounts.names_of(db.session, {one.saved_by_id for one in one.versions}),
        may_lead=may_lead,
        may_manage=allows(assembly, can_manage),
        may_redact=one.handover is not None and allows(assembly, can_keep_cases),
        may_see_members=allows(assembly, can_see_members),
        texts=recommendations_texts,
        **_fresh_forms(assembly, one) | forms,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if forms else HTTPStatus.OK


def _fresh_forms(assembly: Assembly, one: Recommendation) -> dict[str, BaseForm]:
    addressees = _addressees_form(assembly, is_fresh=True, data={"addressees": one.addressee_numbers})
    return {"addressees_form": addressees, "minority_form": MinorityForm(formdata=None)}


def _addressees_form(assembly: Assembly, *, is_fresh: bool = False, **more: Any) -> AddresseesForm:
    form = AddresseesForm(formdata=None, **more) if is_fresh else AddresseesForm(**more)
    published = rules.published_rules(db.session, assembly)
    form.addressees.choices = [choice(str(one.number), one.name) for one in (published.addressees if published else ())]
    return form


def _refused(assembly_id: int, number: int, form: TextForm, error: ServiceError) -> ResponseReturnValue:
    """Return the form with what was typed; after a conflict it holds the version of now, which is shown beside."""
    db.session.rollback()
    form.add(error)
    assembly = load_assembly(assembly_id, may=can_lead)
    one = reading.get_recommendation(db.session, assembly, number)
    is_stale = isinstance(error, ConflictError) and form.version.data != one.version
    form.version.data, form.version.raw_data = one.version, None
    return _writing(assembly_id, form, _title_of(one), one=one, theirs=one if is_stale else None)


def _writing(assembly_id: int, form: TextForm, title: str, **more: Any) -> ResponseReturnValue:
    assembly = load_assembly(assembly_id, may=can_lead)
    page = render_template(
        "recommendations/form.html", assembly=assembly, form=form, title=title, texts=recommendations_texts, **more
    )
    status = HTTPStatus.CONFLICT if more.get("theirs") else HTTPStatus.UNPROCESSABLE_ENTITY
    return page, status if form.errors else HTTPStatus.OK


def _page_of(assembly_id: int, number: int) -> str:
    return url_for("recommendations.show", assembly_id=assembly_id, number=number)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_CHOICE else text[:LONGEST_CHOICE].rsplit(" ", 1)[0] + " …"
