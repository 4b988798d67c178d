"""Places and their rooms: where events are, and what they offer to people who need it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, StringField, SubmitField, TextAreaField
from wtforms.validators import URL, InputRequired, Length, NumberRange, Optional

from assembly.extensions import db
from assembly.models import Assembly, Place
from assembly.services.authorisation import can_manage, can_see
from assembly.services.programme import places
from assembly.views.forms import BaseForm, EditForm, committing, stripped, values_of
from assembly.views.guard import account, allows, load_assembly

blueprint = Blueprint("places", __name__, url_prefix="/assemblies/<int:assembly_id>/programme/places")


class PlaceForm(EditForm):
    """A place."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=200)], filters=[stripped])
    street = StringField(_l("Street and number"), [Length(max=200)], filters=[stripped])
    postcode = StringField(_l("Postcode"), [Length(max=10)], filters=[stripped])
    city = StringField(_l("City"), [Length(max=200)], filters=[stripped])
    map_link = StringField(
        _l("Link to a map"), [Optional(), URL(), Length(max=500)], filters=[stripped], render_kw={"type": "url"}
    )
    transit_stop = StringField(_l("Nearest stop"), [Length(max=200)], filters=[stripped])
    directions = TextAreaField(
        _l("How to get there"),
        [Length(max=2000)],
        filters=[stripped],
        description=_l("From the stop, from the car park, by bicycle; the step-free way."),
    )
    is_step_free = BooleanField(_l("Can be reached without steps"))
    has_accessible_toilet = BooleanField(_l("Has an accessible toilet"))
    has_quiet_room = BooleanField(_l("Has a quiet room"))
    submit = SubmitField(_l("Save"))


class RoomForm(EditForm):
    """A room of a place."""

    name = StringField(_l("Name of the room"), [InputRequired(), Length(max=200)], filters=[stripped])
    capacity = IntegerField(_l("Seats"), [InputRequired(), NumberRange(1, 100_000)])
    is_step_free = BooleanField(_l("Can be reached without steps"))
    has_induction_loop = BooleanField(_l("Has an induction loop"))
    submit = SubmitField(_l("Save"))


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """List the places with their rooms."""
    assembly = load_assembly(assembly_id, may=can_see)
    return render_template(
        "programme/places.html",
        assembly=assembly,
        places=places.places_of(db.session, assembly),
        may_manage=allows(assembly, can_manage),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def create(assembly_id: int) -> ResponseReturnValue:
    """Add a place."""
    assembly = load_assembly(assembly_id, may=can_manage)
    form = PlaceForm()
    if form.validate_on_submit():
        with committing(form):
            place = places.add_place(db.session, assembly, values_of(form), by=account())
        flash(gettext("Added. Now add its rooms."), "success")
        return redirect(url_for("places.edit", assembly_id=assembly.id, place_id=place.id))
    whence = url_for("places.index", assembly_id=assembly_id), gettext("Places and rooms")
    page = render_template(
        "programme/form.html", assembly=assembly, form=form, title=gettext("New place"), whence=whence
    )
    return page, 422 if form.errors else 200


@blueprint.route("/<int:place_id>", methods=["GET", "POST"])
def edit(assembly_id: int, place_id: int) -> ResponseReturnValue:
    """Describe a place, and list its rooms."""
    assembly = load_assembly(assembly_id, may=can_manage)
    place = places.get_place(db.session, assembly, place_id)
    form = PlaceForm.of(place)
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(assembly, place)
            places.change_place(db.session, assembly, place, values_of(form), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("places.index", assembly_id=assembly.id))
    assembly = load_assembly(assembly_id, may=can_manage)
    return _page(assembly, places.get_place(db.session, assembly, place_id), form=form), 422 if form.errors else 200


@blueprint.post("/<int:place_id>/remove")
def remove(assembly_id: int, place_id: int) -> ResponseReturnValue:
    """Remove a place without events."""
    assembly = load_assembly(assembly_id, may=can_manage)
    place = places.get_place(db.session, assembly, place_id)
    places.remove_place(db.session, assembly, place, by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("places.index", assembly_id=assembly.id))


@blueprint.post("/<int:place_id>/rooms")
def add_room(assembly_id: int, place_id: int) -> ResponseReturnValue:
    """Add a room to a place."""
    assembly = load_assembly(assembly_id, may=can_manage)
    place = places.get_place(db.session, assembly, place_id)
    form = RoomForm()
    if form.validate_on_submit():
        with committing(form):
            places.add_room(db.session, assembly, place, values_of(form), by=account())
        if not form.errors:
            flash(gettext("Added."), "success")
            return redirect(url_for("places.edit", assembly_id=assembly.id, place_id=place.id))
    return _page(assembly, places.get_place(db.session, assembly, place_id), room_form=form), 422


@blueprint.route("/rooms/<int:room_id>", methods=["GET", "POST"])
def edit_room(assembly_id: int, room_id: int) -> ResponseReturnValue:
    """Describe a room."""
    assembly = load_assembly(assembly_id, may=can_manage)
    room = places.get_room(db.session, assembly, room_id)
    form, place_id = RoomForm.of(room), room.place_id
    if form.validate_on_submit():
        with committing(form):
            form.require_unchanged(assembly, room)
            places.change_room(db.session, assembly, room, values_of(form), by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("places.edit", assembly_id=assembly.id, place_id=place_id))
    assembly = load_assembly(assembly_id, may=can_manage)
    room = places.get_room(db.session, assembly, room_id)
    page = render_template(
        "programme/form.html",
        assembly=assembly,
        form=form,
        title=gettext("Edit the room “%(name)s”", name=room.name),
        whence=(url_for("places.edit", assembly_id=assembly_id, place_id=place_id), room.place.name),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/rooms/<int:room_id>/remove")
def remove_room(assembly_id: int, room_id: int) -> ResponseReturnValue:
    """Remove a room without events."""
    assembly = load_assembly(assembly_id, may=can_manage)
    room = places.get_room(db.session, assembly, room_id)
    place_id = room.place_id
    places.remove_room(db.session, assembly, room, by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("places.edit", assembly_id=assembly.id, place_id=place_id))


def _page(assembly: Assembly, place: Place, **forms: BaseForm) -> str:
    return render_template(
        "programme/place.html",
        assembly=assembly,
        place=place,
        **{"form": PlaceForm.of(place, formdata=None), "room_form": RoomForm(formdata=None)} | forms,
    )
