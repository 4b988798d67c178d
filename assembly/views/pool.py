"""The pool: the list of respondents, what it is made of, and the page of each person."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField, SubmitField
from wtforms.validators import InputRequired, Length, Optional

from assembly.extensions import db
from assembly.models import Assembly, Exclusion, Feature, Respondent, Status
from assembly.services import exports, features, households, pool, registrations, respondents
from assembly.services.authorisation import can_manage, can_see_pool
from assembly.services.derived import is_too_young
from assembly.services.errors import ServiceError
from assembly.services.pool import Filter, Sort
from assembly.views import respondent_texts
from assembly.views.downloads import download
from assembly.views.errors import message_of
from assembly.views.forms import BaseForm, SelectField, choice, committing, stripped, values_of
from assembly.views.guard import account, allows, load_assembly, load_respondent
from assembly.views.pictures import pool_picture
from assembly.views.registration_form import registration_form

blueprint = Blueprint("pool", __name__, url_prefix="/assemblies/<int:assembly_id>/pool")

KEPT_FILTER = "pool_filter"
"""Where the session keeps what is searched for: names must not stand in addresses, which end in logs."""


class FilterForm(BaseForm):
    """Which respondents are shown."""

    search = StringField(
        _l("Search"),
        [Length(max=pool.LONGEST_SEARCH)],
        filters=[stripped],
        description=_l("Name, code, e-mail address or street; parts of words suffice."),
    )
    status = SelectField(_l("Status"), [Optional()])
    exclusion = SelectField(_l("Reason for exclusion"), [Optional()])
    value = SelectField(_l("Feature"), [Optional()])
    shares_household = BooleanField(_l("Only people who share a household"))
    is_suspected = BooleanField(_l("Only people who may be registered twice"))
    submit = SubmitField(_l("Show"))


class ExclusionForm(BaseForm):
    """Take somebody out of the pool."""

    reason = SelectField(_l("Reason"), [InputRequired()])
    submit = SubmitField(_l("Exclude"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show a page of the respondents."""
    assembly = load_assembly(assembly_id, may=can_see_pool)
    found = features.features_of(db.session, assembly)
    kept = _kept_filter(assembly)
    sort, direction = request.args.get("sort", ""), request.args.get("direction", "asc")
    page = pool.find(
        db.session,
        assembly,
        _filter(kept),
        sort=Sort(sort) if sort in list(Sort) else Sort.CODE,
        descending=direction == "desc",
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "pool/index.html",
        assembly=assembly,
        page=page,
        rows=[(one, _answers(page, one, found)) for one in page.people],
        form=_filter_form(found, kept),
        is_filtered=_filter(kept) != Filter(),
        features=found,
        sort=sort or "code",
        direction=direction,
        texts=respondent_texts,
        may_manage=allows(assembly, can_manage),
    )


@blueprint.post("/filter")
def filter_(assembly_id: int) -> ResponseReturnValue:
    """Keep what is searched for in the session, and show the list."""
    assembly = load_assembly(assembly_id, may=can_see_pool)
    form = _filter_form(features.features_of(db.session, assembly))
    if "clear" in request.form or not form.validate_on_submit():
        session.pop(KEPT_FILTER, None)
    else:
        session[KEPT_FILTER] = {"assembly": assembly_id, **values_of(form)}
    return redirect(url_for("pool.index", assembly_id=assembly_id))


@blueprint.get("/composition")
def composition(assembly_id: int) -> ResponseReturnValue:
    """Show the pool against targets and population."""
    assembly = load_assembly(assembly_id, may=can_see_pool)
    rows = pool.pool_rows(db.session, assembly)
    return render_template(
        "pool/composition.html",
        assembly=assembly,
        pictures=[pool_picture(one, assembly.panel_size) for one in pool.composition(db.session, assembly)],
        lacking=rows.lacking,
    )


@blueprint.post("/export/<any(csv, xlsx):kind>")
def export(assembly_id: int, kind: exports.Kind) -> ResponseReturnValue:
    """Hand over all respondents as a file."""
    assembly = load_assembly(assembly_id, may=can_see_pool)
    texts = [*respondent_texts.STATUSES.items(), *respondent_texts.EXCLUSIONS.items()]
    content = exports.export_pool(
        db.session,
        assembly,
        kind=kind,
        names={name: str(text) for name, text in respondent_texts.FIELDS.items()},
        words={key.value: str(text) for key, text in texts},
        by=account(),
    )
    db.session.commit()
    return download(content, f"{assembly.slug}.{kind}")


@blueprint.get("/<int:respondent_id>")
def person(assembly_id: int, respondent_id: int) -> ResponseReturnValue:
    """Show a person: how to reach them, their values, household and history."""
    respondent = load_respondent(assembly_id, respondent_id, may=can_see_pool)
    return _person(respondent, _exclusion_form())


@blueprint.route("/<int:respondent_id>/edit", methods=["GET", "POST"])
def edit(assembly_id: int, respondent_id: int) -> ResponseReturnValue:
    """Change a registration."""
    respondent = load_respondent(assembly_id, respondent_id, may=can_manage)
    form = registration_form(features.features_of(db.session, respondent.assembly), respondent)
    if form.validate_on_submit():
        with committing(form):
            registrations.change(db.session, respondent, values_of(form), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("pool.person", assembly_id=assembly_id, respondent_id=respondent_id))
    page = render_template("pool/edit.html", assembly=respondent.assembly, respondent=respondent, form=form)
    return page, 422 if form.errors else 200


@blueprint.post("/<int:respondent_id>/exclude")
def exclude(assembly_id: int, respondent_id: int) -> ResponseReturnValue:
    """Take a person out of the pool."""
    respondent = load_respondent(assembly_id, respondent_id, may=can_manage)
    form = _exclusion_form()
    if not form.validate_on_submit():
        return _person(respondent, form), 422
    respondents.exclude(db.session, respondent, Exclusion(form.reason.data), by=account())
    db.session.commit()
    flash(gettext("The person was excluded."), "success")
    return redirect(url_for("pool.person", assembly_id=assembly_id, respondent_id=respondent_id))


@blueprint.post("/<int:respondent_id>/readmit")
def readmit(assembly_id: int, respondent_id: int) -> ResponseReturnValue:
    """Put an excluded person back into the pool."""
    respondent = load_respondent(assembly_id, respondent_id, may=can_manage)
    respondents.readmit(db.session, respondent, by=account())
    db.session.commit()
    flash(gettext("The person is in the pool again."), "success")
    return redirect(url_for("pool.person", assembly_id=assembly_id, respondent_id=respondent_id))


@blueprint.post("/<int:respondent_id>/withdraw")
def withdraw(assembly_id: int, respondent_id: int) -> ResponseReturnValue:
    """Record that a person has withdrawn."""
    respondent = load_respondent(assembly_id, respondent_id, may=can_manage)
    respondents.move(db.session, respondent, Status.WITHDRAWN, by=account())
    db.session.commit()
    flash(gettext("The person has withdrawn, and does not return to the pool."), "success")
    return redirect(url_for("pool.person", assembly_id=assembly_id, respondent_id=respondent_id))


@blueprint.route("/<int:respondent_id>/erase", methods=["GET", "POST"])
def erase(assembly_id: int, respondent_id: int) -> ResponseReturnValue:
    """Ask once more, then erase a person's data."""
    respondent = load_respondent(assembly_id, respondent_id, may=can_manage)
    if request.method != "POST":  # HEAD comes here too
        return render_template("pool/erase.html", assembly=respondent.assembly, respondent=respondent)
    respondents.erase(db.session, respondent, by=account())
    db.session.commit()
    flash(gettext("The person's data were erased."), "success")
    return redirect(url_for("pool.person", assembly_id=assembly_id, respondent_id=respondent_id))


@blueprint.post("/<int:respondent_id>/household")
def join_household(assembly_id: int, respondent_id: int) -> ResponseReturnValue:
    """Record that a person lives with another one."""
    respondent = load_respondent(assembly_id, respondent_id, may=can_manage)
    try:
        other = respondents.find_by_code(db.session, respondent.assembly, request.form.get("code", ""))
        households.join(db.session, respondent, other, by=account())
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        flash(gettext("They count as one household: at most one of them is drawn."), "success")
    return redirect(url_for("pool.person", assembly_id=assembly_id, respondent_id=respondent_id))


def _person(respondent: Respondent, form: ExclusionForm) -> str:
    assembly, contact = respondent.assembly, respondent.contact
    found = features.features_of(db.session, assembly)
    return render_template(
        "pool/person.html",
        assembly=assembly,
        respondent=respondent,
        contact=contact,
        values=pool.values_of(db.session, respondent),
        features=found,
        housemates=pool.housemates(db.session, respondent),
        history=respondent_texts.history_rows(pool.history(db.session, respondent), found),
        follows=respondents.TRANSITIONS[respondent.status],
        is_too_young=contact is not None and is_too_young(assembly, contact.birth_date),
        exclusion_form=form,
        texts=respondent_texts,
        may_manage=allows(assembly, can_manage),
    )


def _exclusion_form() -> ExclusionForm:
    form = ExclusionForm()
    reasons = [choice(reason.value, text) for reason, text in respondent_texts.EXCLUSIONS.items()]
    form.reason.choices = [choice("", gettext("please choose")), *reasons]
    return form


def _answers(page: pool.Page, one: pool.Listed, found: list[Feature]) -> list[str]:
    """Return what somebody answered, in the order of the features."""
    answered = page.values.get(one.id, {})
    return [answered.get(feature.id, "–") for feature in found]


def _kept_filter(assembly: Assembly) -> dict[str, Any]:
    kept = session.get(KEPT_FILTER, {})
    return kept if kept.get("assembly") == assembly.id else {}


def _filter_form(found: list[Feature], kept: dict[str, Any] | None = None) -> FilterForm:
    form = FilterForm(formdata=None, data=kept) if kept is not None else FilterForm()
    everyone = choice("", gettext("all"))
    form.status.choices = [everyone, *(choice(s.value, text) for s, text in respondent_texts.STATUSES.items())]
    form.exclusion.choices = [everyone, *(choice(e.value, text) for e, text in respondent_texts.EXCLUSIONS.items())]
    form.value.choices = [everyone]
    for feature in found:
        for value in feature.values:
            form.value.choices.append(choice(f"value-{value.id}", f"{feature.name}: {value.name}"))
        form.value.choices.append(
            choice(f"lacking-{feature.id}", gettext("%(feature)s: not stated", feature=feature.name))
        )
    return form


def _filter(kept: dict[str, Any]) -> Filter:
    kind, _, number = str(kept.get("value") or "").partition("-")
    return Filter(
        search=kept.get("search") or "",
        status=Status(kept["status"]) if kept.get("status") else None,
        exclusion=Exclusion(kept["exclusion"]) if kept.get("exclusion") else None,
        value_id=int(number) if kind == "value" else None,
        lacking=int(number) if kind == "lacking" else None,
        shares_household=bool(kept.get("shares_household")),
        is_suspected=bool(kept.get("is_suspected")),
    )
