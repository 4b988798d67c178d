"""Materials: documents, links and videos, added in versions, published and withheld."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, SelectField, StringField, SubmitField, TextAreaField
from wtforms.validators import URL, InputRequired, Length, Optional

from assembly.extensions import db
from assembly.models import Assembly, Material, MaterialKind
from assembly.services.authorisation import can_lead, can_manage, can_see
from assembly.services.experts import inviting
from assembly.services.materials import publishing, reading
from assembly.services.materials.files import MOST_BYTES, UploadedFile
from assembly.services.materials.publishing import Content
from assembly.services.programme import events
from assembly.views import experts_texts
from assembly.views.downloads import material_file
from assembly.views.forms import LANGUAGE_NAMES, BaseForm, choice, committing, number_or_none, stripped, values_of
from assembly.views.guard import account, allows, load_assembly
from assembly.views.whereabouts import chosen_place, place_choices, place_value

blueprint = Blueprint("materials", __name__, url_prefix="/assemblies/<int:assembly_id>/materials")
OF_VERSIONS = ("file", "address", "has_captions", "transcript", "note")
OF_ALL_KINDS = ("note",)
OF_KINDS = {
    MaterialKind.DOCUMENT: ("file",),
    MaterialKind.LINK: ("address",),
    MaterialKind.VIDEO: ("address", "has_captions", "transcript"),
}
"""Which fields a version of each kind has."""
DEEDS = {
    "publish": publishing.publish,
    "withhold": publishing.withhold,
    "former": publishing.withdraw_version,
}
"""What can be done about what readers see."""


class VersionForm(BaseForm):
    """A version of a material; each kind has some of these fields."""

    file = FileField(
        _l("File"),
        description=_l(
            "PDF, office document, picture (PNG, JPEG) or text; at most %(most)s MB.", most=MOST_BYTES // 2**20
        ),
    )
    address = StringField(
        _l("Web address"), [Optional(), URL(), Length(max=500)], filters=[stripped], render_kw={"type": "url"}
    )
    has_captions = BooleanField(_l("The video has captions"))
    transcript = TextAreaField(
        _l("Transcript"),
        [Length(max=200_000)],
        filters=[stripped],
        description=_l("What is said and shown, as text. A video needs captions or a transcript to be published."),
    )
    note = StringField(_l("What is new"), [Length(max=200)], filters=[stripped])
    submit = SubmitField(_l("Add the version"))

    def content(self) -> Content:
        """Return what the service takes; the file was looked at. Raises RuleError, StorageError."""
        return Content(
            file=self._looked_at(),
            address=self.address.data or "",
            has_captions=bool(self.has_captions.data),
            transcript=self.transcript.data or "",
            note=self.note.data or "",
        )

    def _looked_at(self) -> UploadedFile | None:
        if not self.file.data:
            return None
        clamd = current_app.extensions["assembly.config"].clamd
        return publishing.looked_at(self.file.data.read(), clamd=clamd)


class MaterialForm(BaseForm):
    """What is said about a material."""

    title = StringField(_l("Title"), [InputRequired(), Length(max=200)], filters=[stripped])
    place = SelectField(_l("Belongs to"))
    is_to_read_before = BooleanField(_l("Members should read or watch it before the event"))
    expert_id = SelectField(_l("Slides of"), coerce=number_or_none)
    language = SelectField(_l("Language"), choices=LANGUAGE_NAMES)
    source = StringField(
        _l("Source"), [Length(max=200)], filters=[stripped], description=_l("Needed before it is published.")
    )
    licence = StringField(
        _l("Licence"),
        [Length(max=200)],
        filters=[stripped],
        description=_l("Needed before it is published. Such as: CC BY 4.0, or: used with permission."),
    )
    dated_on = DateField(_l("Date of the material"), [Optional()])
    plain_text = TextAreaField(
        _l("The same in plain language"),
        [Length(max=20_000)],
        filters=[stripped],
        description=_l("Short sentences, one thought each, no foreign words."),
    )
    is_public = BooleanField(
        _l("For everyone"), default=True, description=_l("Without this, only members and staff see it.")
    )
    submit = SubmitField(_l("Save"))

    def values(self, assembly: Assembly) -> dict[str, Any]:
        """Return what the service takes."""
        found = {name: value for name, value in values_of(self).items() if name not in OF_VERSIONS}
        place = found.pop("place") or ""
        event, item = chosen_place(events.events_of(db.session, assembly), place)
        return found | {"event_id": event.id if event else None, "item_id": item.id if item else None}


class NewMaterialForm(MaterialForm, VersionForm):
    """A material with its first version."""

    submit = SubmitField(_l("Add as a draft"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """List the materials."""
    assembly = load_assembly(assembly_id, may=can_see)
    return render_template(
        "materials/index.html",
        assembly=assembly,
        materials=reading.materials_of(db.session, assembly),
        texts=experts_texts,
        may_manage=allows(assembly, can_manage),
        may_lead=allows(assembly, can_lead),
    )


@blueprint.route("/new/<any(document, link, video):material_kind>", methods=["GET", "POST"])
def create(assembly_id: int, material_kind: str) -> ResponseReturnValue:
    """Add a material of one kind."""
    assembly, kind = load_assembly(assembly_id, may=can_manage), MaterialKind(material_kind)
    form = _with_choices(NewMaterialForm(), assembly)
    if form.validate_on_submit():
        with committing(form):
            material = publishing.add_material(
                db.session, assembly, kind, form.values(assembly), form.content(), by=account()
            )
        if not form.errors:
            flash(gettext("Added as a draft. Readers see it once it is published."), "success")
            return redirect(url_for("materials.show", assembly_id=assembly_id, material_id=material.id))
    assembly = load_assembly(assembly_id, may=can_manage)
    page = render_template(
        "materials/form.html",
        assembly=assembly,
        form=form,
        without=_not_of(kind),
        title=gettext("New: %(kind)s", kind=experts_texts.MATERIAL_KINDS[kind]),
    )
    return page, 422 if form.errors else 200


@blueprint.get("/<int:material_id>")
def show(assembly_id: int, material_id: int) -> ResponseReturnValue:
    """Show a material with its versions."""
    return _page(assembly_id, material_id)


@blueprint.route("/<int:material_id>/edit", methods=["GET", "POST"])
def edit(assembly_id: int, material_id: int) -> ResponseReturnValue:
    """Describe a material anew."""
    assembly = load_assembly(assembly_id, may=can_manage)
    material = reading.get_material(db.session, assembly, material_id)
    form = MaterialForm(obj=material, data={"place": place_value(material.event, material.item)})
    form = _with_choices(form, assembly, material)
    if form.validate_on_submit():
        with committing(form):
            publishing.change_material(db.session, material, form.values(assembly), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("materials.show", assembly_id=assembly_id, material_id=material_id))
    assembly = load_assembly(assembly_id, may=can_manage)
    page = render_template("materials/form.html", assembly=assembly, form=form, without=(), title=gettext("Material"))
    return page, 422 if form.errors else 200


@blueprint.post("/<int:material_id>/versions")
def add_version(assembly_id: int, material_id: int) -> ResponseReturnValue:
    """Add a version, which is shown first from now on."""
    assembly, form = load_assembly(assembly_id, may=can_manage), VersionForm()
    material = reading.get_material(db.session, assembly, material_id)
    if form.validate_on_submit():
        with committing(form):
            publishing.add_version(db.session, material, form.content(), by=account())
        if not form.errors:
            flash(gettext("Added. It is shown first from now on."), "success")
            return redirect(url_for("materials.show", assembly_id=assembly_id, material_id=material_id))
    return _page(assembly_id, material_id, version_form=form), 422


@blueprint.post("/<int:material_id>/<any(publish, withhold, former):material_deed>")
def decide(assembly_id: int, material_id: int, material_deed: str) -> ResponseReturnValue:
    """Show a material to its readers, take it back, or show them the former version."""
    assembly, form = load_assembly(assembly_id, may=can_manage), BaseForm()
    material = reading.get_material(db.session, assembly, material_id)
    with committing(form):
        DEEDS[material_deed](db.session, material, by=account())
    if form.errors:
        return _page(assembly_id, material_id, deed_form=form), 422
    flash(gettext("Saved."), "success")
    return redirect(url_for("materials.show", assembly_id=assembly_id, material_id=material_id))


@blueprint.post("/<int:material_id>/remove")
def remove(assembly_id: int, material_id: int) -> ResponseReturnValue:
    """Remove a material with all its versions."""
    assembly = load_assembly(assembly_id, may=can_manage)
    publishing.remove_material(db.session, reading.get_material(db.session, assembly, material_id), by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("materials.index", assembly_id=assembly_id))


@blueprint.get("/files/<int:version_id>")
def file(assembly_id: int, version_id: int) -> ResponseReturnValue:
    """Give the file of a version to staff."""
    assembly = load_assembly(assembly_id, may=can_see)
    return material_file(reading.get_file(db.session, assembly, version_id))


def _not_of(kind: MaterialKind) -> list[str]:
    return [name for name in OF_VERSIONS if name not in (*OF_KINDS[kind], *OF_ALL_KINDS)]


def _with_choices(form: Any, assembly: Assembly, material: Material | None = None) -> Any:
    whole = gettext("The assembly as a whole")
    form.place.choices = place_choices(events.events_of(db.session, assembly), nowhere=whole)
    if material is not None and material.event is not None:
        value = place_value(material.event, material.item)
        if value not in {one.value for one in form.place.choices}:  # an event that was cancelled since
            form.place.choices.append(choice(value, material.event.title))
    experts = inviting.experts_of(db.session, assembly)
    form.expert_id.choices = [
        choice("", gettext("Nobody: no slides")),
        *(choice(str(expert.id), expert.name) for expert in experts),
    ]
    return form


def _page(assembly_id: int, material_id: int, **forms: BaseForm) -> str:
    assembly = load_assembly(assembly_id, may=can_see)
    material = reading.get_material(db.session, assembly, material_id)
    fresh = {"version_form": VersionForm(formdata=None), "deed_form": BaseForm(formdata=None)}
    return render_template(
        "materials/show.html",
        assembly=assembly,
        material=material,
        without=_not_of(material.kind),
        texts=experts_texts,
        may_manage=allows(assembly, can_manage),
        **(fresh | forms),
    )
