"""Features and targets: list, edit, import, compute from shares."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileAllowed, FileField
from wtforms import (
    BooleanField,
    DecimalField,
    FieldList,
    FormField,
    IntegerField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from assembly.extensions import db
from assembly.models import Assembly, Derivation, Feature
from assembly.services import derivations, feature_templates, features, freezing, target_files
from assembly.services.authorisation import can_audit, can_manage
from assembly.services.errors import ServiceError
from assembly.services.features import FeatureSpec, ValueSpec
from assembly.services.target_files import FileProblemsError
from assembly.views.forms import BaseForm, PartForm, SelectField, choice, committing, stripped, values_of
from assembly.views.guard import account, load_assembly
from assembly.views.messages import problem_rows, sentence

blueprint = Blueprint("features", __name__, url_prefix="/assemblies/<int:assembly_id>/features")

SOURCES = {
    Derivation.BIRTH_DATE: _l("the date of birth: ages"),
    Derivation.POSTCODE: _l("the postcode: lists of postcodes"),
    Derivation.STREET: _l("the street: lists of streets"),
}
EMPTY_ROWS = 2
"""Rows below the values of a feature, for new ones; a button gives more."""


class ValueForm(PartForm):
    """One value of a feature."""

    name = StringField(_l("Value"), [Length(max=200)], filters=[stripped])
    share = DecimalField(_l("Share of the population in percent"), [Optional(), NumberRange(0, 100)], places=None)
    lower = IntegerField(_l("At least"), [Optional(), NumberRange(0, 1000)])
    upper = IntegerField(_l("At most"), [Optional(), NumberRange(0, 1000)])
    lower_flex = IntegerField(_l("At least, relaxed"), [Optional(), NumberRange(0, 1000)])
    upper_flex = IntegerField(_l("At most, relaxed"), [Optional(), NumberRange(0, 1000)])


class FeatureForm(BaseForm):
    """A feature with its values."""

    name = StringField(_l("Feature"), [InputRequired(), Length(max=200)], filters=[stripped])
    is_voluntary = BooleanField(
        _l("Voluntary"), description=_l("People may leave it out; they are then drawn without it.")
    )
    is_special_category = BooleanField(
        _l("Special category of personal data"),
        description=_l("Origin, health, political opinion, religion and the like (Art. 9 GDPR)."),
    )
    consent = TextAreaField(
        _l("How consent is obtained"),
        [Length(max=2000)],
        filters=[stripped],
        description=_l("For special categories: where people agree, and in which words."),
    )
    values = FieldList(FormField(ValueForm), _l("Values"))
    submit = SubmitField(_l("Save"))


class DerivationForm(BaseForm):
    """What a feature follows from; a field for the rule of each value is added to it."""

    source = SelectField(
        _l("It follows from"),
        choices=[
            choice("", _l("nothing: people say it themselves")),
            *(choice(source.value, name) for source, name in SOURCES.items()),
        ],
    )
    submit = SubmitField(_l("Save"))


class ImportForm(BaseForm):
    """Targets from a file, or pasted from a spreadsheet."""

    file = FileField(_l("File"), [FileAllowed(["csv", "txt", "tsv", "xlsx"], _l("Choose a file of type CSV or XLSX."))])
    text = TextAreaField(
        _l("Or paste cells from a spreadsheet"),
        [Length(max=100_000)],
        description=_l("With a row of headings, such as: Feature, Value, Share; or: Feature, Value, min, max."),
    )
    submit = SubmitField(_l("Import targets"))


class ToleranceForm(BaseForm):
    """From shares to quotas."""

    tolerance = IntegerField(
        _l("Tolerance in seats"),
        [InputRequired(), NumberRange(0, 50)],
        default=1,
        description=_l("How many seats each number may lie above or below the exact share."),
    )
    submit = SubmitField(_l("Compute quotas from shares"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show features and quotas, and what they add up to."""
    assembly = load_assembly(assembly_id, may=can_manage, may_read=can_audit)
    return _index(assembly)


@blueprint.post("/import")
def import_targets(assembly_id: int) -> ResponseReturnValue:
    """Take over targets from a file or the clipboard."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = ImportForm()
    if not form.validate_on_submit():
        return _index(assembly, import_form=form), 422
    content, name = _content(form)
    try:
        read = target_files.read_target_file(content, name, size=assembly.panel_size)
        added, changed = features.import_features(db.session, assembly, read.features, by=account())
    except FileProblemsError as error:
        return _index(assembly, import_form=form, problems=problem_rows(error.problems)), 422
    except ServiceError as error:
        db.session.rollback()
        form.add(error)
        return _index(assembly, import_form=form), 422
    db.session.commit()
    flash(gettext("%(added)s features added, %(changed)s changed.", added=added, changed=changed), "success")
    for note in read.notes:
        flash(sentence(note), "info")
    if added:
        flash(
            gettext(
                "Now mark what people may leave out as voluntary, and what is a special category of personal data."
            ),
            "info",
        )
    return redirect(url_for("features.index", assembly_id=assembly.id))


@blueprint.post("/quotas")
def recompute(assembly_id: int) -> ResponseReturnValue:
    """Compute quotas from shares."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = ToleranceForm()
    if not form.validate_on_submit():
        return _index(assembly, tolerance_form=form), 422
    count = features.recompute_quotas(db.session, assembly, tolerance=int(form.tolerance.data or 0), by=account())
    db.session.commit()
    flash(
        ngettext(
            "The quotas of %(num)s feature were computed.", "The quotas of %(num)s features were computed.", count
        ),
        "success",
    )
    return redirect(url_for("features.index", assembly_id=assembly.id))


@blueprint.route("/new", methods=["GET", "POST"])
def create(assembly_id: int) -> ResponseReturnValue:
    """Add a feature, from a template if one is named."""
    assembly = load_assembly(assembly_id, may=can_manage)
    template = next((t for t in feature_templates.TEMPLATES if t.key == request.args.get("template")), None)
    form = FeatureForm(data=_data(template.spec(assembly.panel_size, consent="")) if template else None)
    return _edit(assembly, None, form)


@blueprint.route("/<int:feature_id>", methods=["GET", "POST"])
def edit(assembly_id: int, feature_id: int) -> ResponseReturnValue:
    """Change a feature."""
    assembly = load_assembly(assembly_id, may=can_manage)
    feature = features.get_feature(db.session, feature_id, assembly=assembly)
    return _edit(assembly, feature, FeatureForm(obj=feature))


@blueprint.route("/<int:feature_id>/derivation", methods=["GET", "POST"])
def derivation(assembly_id: int, feature_id: int) -> ResponseReturnValue:
    """Let the values of a feature follow from the date of birth or the address."""
    assembly = load_assembly(assembly_id, may=can_manage)
    feature = features.get_feature(db.session, feature_id, assembly=assembly)
    form = _derivation_form(feature)
    if form.validate_on_submit():
        source = Derivation(form.source.data) if form.source.data else None
        with committing(form):
            count = derivations.set_derivation(db.session, assembly, feature, source, values_of(form), by=account())
        if not form.errors:
            flash(
                ngettext(
                    "Saved. The value of %(num)s person changed.", "Saved. The values of %(num)s people changed.", count
                ),
                "success",
            )
            return redirect(url_for("features.index", assembly_id=assembly_id))
    page = render_template("features/derivation.html", assembly=assembly, feature=feature, form=form)
    return page, 422 if form.errors else 200


@blueprint.post("/<int:feature_id>/remove")
def remove(assembly_id: int, feature_id: int) -> ResponseReturnValue:
    """Remove a feature that nobody has a value of."""
    assembly = load_assembly(assembly_id, may=can_manage)
    features.remove_feature(
        db.session, assembly, features.get_feature(db.session, feature_id, assembly=assembly), by=account()
    )
    db.session.commit()
    flash(gettext("The feature was removed."), "success")
    return redirect(url_for("features.index", assembly_id=assembly.id))


def _index(assembly: Assembly, **more: Any) -> str:
    found = features.features_of(db.session, assembly)
    return render_template(
        "features/index.html",
        assembly=assembly,
        features=[(feature, features.sums_of(feature, assembly.panel_size)) for feature in found],
        sources=SOURCES,
        is_frozen=freezing.is_frozen(db.session, assembly),
        templates=[t for t in feature_templates.TEMPLATES if t.name not in {feature.name for feature in found}],
        **{"import_form": ImportForm(formdata=None), "tolerance_form": ToleranceForm(formdata=None), "problems": []}
        | more,
    )


def _edit(assembly: Assembly, feature: Feature | None, form: FeatureForm) -> ResponseReturnValue:
    wants_rows = "more_rows" in request.form
    if not wants_rows and form.validate_on_submit():
        with committing(form):
            if feature is None:
                features.add_feature(db.session, assembly, _spec(form), by=account())
            else:
                features.change_feature(db.session, assembly, feature, _spec(form), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("features.index", assembly_id=assembly.id))
    for _ in range(EMPTY_ROWS if request.method == "GET" or wants_rows else 0):
        form.values.append_entry()
    page = render_template("features/edit.html", assembly=assembly, feature=feature, form=form)
    return page, 422 if form.errors else 200


def _spec(form: FeatureForm) -> FeatureSpec:
    rows = [row for row in form.values.data if row["name"]]
    return FeatureSpec(
        name=str(form.name.data),
        values=[ValueSpec(**row) for row in rows],
        is_voluntary=bool(form.is_voluntary.data),
        is_special_category=bool(form.is_special_category.data),
        consent=form.consent.data or "",
    )


def _derivation_form(feature: Feature) -> DerivationForm:
    class Form(DerivationForm):
        pass

    values = derivations.stated_values(feature)
    for value in values:
        field = TextAreaField(value.name, [Optional(), Length(max=50_000)], filters=[stripped])
        setattr(Form, derivations.rule_field(value), field)
    texts = {derivations.rule_field(value): derivations.written(feature, value) for value in values}
    return Form(data={"source": feature.derived_from or ""} | texts)


def _data(spec: FeatureSpec) -> dict[str, Any]:
    values = [{"name": v.name, "share": v.share, "lower": v.lower, "upper": v.upper} for v in spec.values]
    return {
        "name": spec.name,
        "is_voluntary": spec.is_voluntary,
        "is_special_category": spec.is_special_category,
        "consent": spec.consent,
        "values": values,
    }


def _content(form: ImportForm) -> tuple[bytes, str]:
    if form.file.data:
        return form.file.data.read(), form.file.data.filename or ""
    return (form.text.data or "").encode(), "text.csv"
