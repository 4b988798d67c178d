"""Observation sheets for staff: written by them or for members, looked at, published; their photos."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SubmitField
from wtforms.validators import NumberRange, Optional

from assembly.extensions import db
from assembly.models import Assembly, Event, ObservationSheet
from assembly.services.attendance import people
from assembly.services.authorisation import can_lead, can_manage, can_see
from assembly.services.result_sheets import names
from assembly.services.site_visits import observations, photos, visits
from assembly.views.downloads import photo_file
from assembly.views.forms import BaseForm, committing
from assembly.views.guard import account, allows, load_assembly
from assembly.views.member_site_visits import ChangeSheetForm, NewSheetForm, PhotoForm, add_photo_from, write_with_photo
from assembly.views.site_visits import blueprint


class StaffSheetForm(NewSheetForm):
    """A sheet that staff write, for a member or by themselves."""

    seat = IntegerField(
        _l("For the member with this seat number"),
        [Optional(), NumberRange(1, 100_000)],
        description=_l("If you write it for a member: they find it on their page and can change it."),
    )
    submit = SubmitField(_l("Save as a draft"))

    def respondent_id(self, assembly: Assembly) -> int | None:
        """Return whose sheet it is; a number that nobody has is an error of the field."""
        if self.seat.data is None:
            return None
        seats = {number: one for one, number in people.numbers_of(db.session, assembly.id).items()}
        if self.seat.data not in seats:
            self.seat.errors = [gettext("Nobody has this seat number.")]
        return seats.get(self.seat.data)


@blueprint.route("/observations/new", methods=["GET", "POST"])
def write_sheet(assembly_id: int, visit_id: int) -> ResponseReturnValue:
    """Write down what was seen."""
    assembly = load_assembly(assembly_id, may=can_lead)
    event, form = visits.get_visit_event(db.session, assembly, visit_id), StaffSheetForm()
    form.offer(visits.visit_of(db.session, event))
    if form.validate_on_submit():
        respondent_id = form.respondent_id(assembly)
        if not form.errors:
            write_with_photo(form, event, respondent_id=respondent_id, by=account())
        if not form.errors:
            flash(gettext("Saved as a draft. Readers see it once it is published."), "success")
            return redirect(url_for("site_visits.show", assembly_id=assembly_id, visit_id=visit_id, _anchor="seen"))
    assembly = load_assembly(assembly_id, may=can_lead)
    event = visits.get_visit_event(db.session, assembly, visit_id)
    page = render_template("site_visits/sheet_new.html", assembly=assembly, event=event, form=form)
    return page, 422 if form.errors else 200


@blueprint.route("/observations/<int:sheet_id>", methods=["GET", "POST"])
def edit_sheet(assembly_id: int, visit_id: int, sheet_id: int) -> ResponseReturnValue:
    """Show a sheet with its photos, and take it written anew."""
    _, event, sheet = _load(assembly_id, visit_id, sheet_id)
    if request.method == "POST":
        _require_may_change(sheet)
    form = ChangeSheetForm.of(sheet, visits.visit_of(db.session, event))
    if form.validate_on_submit():
        with committing(form):
            observations.change(db.session, sheet, form.values(), version=form.version.data or "", by=account())
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(_sheet(assembly_id, visit_id, sheet_id))
    return _page(assembly_id, visit_id, sheet_id, form=form), 422 if form.errors else 200


@blueprint.post("/observations/<int:sheet_id>/<any(publish, withhold):sheet_deed>")
def decide_sheet(assembly_id: int, visit_id: int, sheet_id: int, sheet_deed: str) -> ResponseReturnValue:
    """Show a sheet to its readers, or take it back."""
    load_assembly(assembly_id, may=can_manage)
    _, _, sheet = _load(assembly_id, visit_id, sheet_id)
    form = BaseForm(formdata=None)
    with committing(form):
        if sheet_deed == "publish":
            observations.publish(db.session, sheet, version=request.form.get("version", ""), by=account())
        else:
            observations.withhold(db.session, sheet, by=account())
    if form.errors:
        return _page(assembly_id, visit_id, sheet_id, decided=form), 422
    said = gettext("Published.") if sheet_deed == "publish" else gettext("Taken back: only staff see it now.")
    flash(said, "success")
    return redirect(_sheet(assembly_id, visit_id, sheet_id))


@blueprint.post("/observations/<int:sheet_id>/remove")
def remove_sheet(assembly_id: int, visit_id: int, sheet_id: int) -> ResponseReturnValue:
    """Remove a sheet with its photos."""
    _, _, sheet = _load(assembly_id, visit_id, sheet_id)
    _require_may_change(sheet)
    observations.remove(db.session, sheet, by=account())
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("site_visits.show", assembly_id=assembly_id, visit_id=visit_id, _anchor="seen"))


@blueprint.post("/observations/<int:sheet_id>/photos")
def add_photo(assembly_id: int, visit_id: int, sheet_id: int) -> ResponseReturnValue:
    """Add a photo to a sheet."""
    (_, _, sheet), form = _load(assembly_id, visit_id, sheet_id), PhotoForm()
    if form.validate_on_submit():
        add_photo_from(form, sheet, by=account())
        if not form.errors:
            return redirect(_sheet(assembly_id, visit_id, sheet_id))
    return _page(assembly_id, visit_id, sheet_id, photo_form=form), 422


@blueprint.post("/observations/<int:sheet_id>/photos/<int:photo_id>/<any(agree, disagree, remove):photo_deed>")
def decide_photo(assembly_id: int, visit_id: int, sheet_id: int, photo_id: int, photo_deed: str) -> ResponseReturnValue:
    """Note whether the people in a photo agreed, which shows it to readers, or remove it."""
    if photo_deed == "agree":
        load_assembly(assembly_id, may=can_manage)
    _, _, sheet = _load(assembly_id, visit_id, sheet_id)
    deeds = {"agree": photos.agree, "disagree": photos.disagree, "remove": photos.remove_photo}
    deeds[photo_deed](db.session, sheet, photos.of_sheet(sheet, photo_id), by=account())
    db.session.commit()
    flash(gettext("Saved."), "success")
    return redirect(_sheet(assembly_id, visit_id, sheet_id))


@blueprint.get("/photos/<int:photo_id>/<any(small, large):size>")
def photo(assembly_id: int, visit_id: int, photo_id: int, size: str) -> ResponseReturnValue:
    """Give a photo to staff; what readers do not see, only to those who lead events."""
    assembly = load_assembly(assembly_id, may=can_see)
    visits.get_visit_event(db.session, assembly, visit_id)
    is_of_all = allows(assembly, can_lead)
    return photo_file(photos.staffs_picture(db.session, assembly, photo_id, photos.Size(size), of_all=is_of_all))


def _load(assembly_id: int, visit_id: int, sheet_id: int) -> tuple[Assembly, Event, ObservationSheet]:
    assembly = load_assembly(assembly_id, may=can_lead)
    event = visits.get_visit_event(db.session, assembly, visit_id)
    return assembly, event, observations.get_sheet(db.session, event, sheet_id)


def _require_may_change(sheet: ObservationSheet) -> None:
    """Let what everybody reads be changed by those alone who may publish."""
    if sheet.is_published:
        load_assembly(sheet.event.assembly_id, may=can_manage)


def _sheet(assembly_id: int, visit_id: int, sheet_id: int) -> str:
    return url_for("site_visits.edit_sheet", assembly_id=assembly_id, visit_id=visit_id, sheet_id=sheet_id)


def _page(assembly_id: int, visit_id: int, sheet_id: int, **forms: Any) -> str:
    assembly, event, sheet = _load(assembly_id, visit_id, sheet_id)
    if "form" not in forms:
        forms["form"] = ChangeSheetForm.of(sheet, visits.visit_of(db.session, event), formdata=None)
    agreed = [one.agreed_at for one in sheet.photos if one.agreed_at is not None]
    return render_template(
        "site_visits/sheet.html",
        assembly=assembly,
        event=event,
        sheet=sheet,
        may_manage=allows(assembly, can_manage),
        version=observations.version_of(sheet),
        is_overtaken=forms["form"].overtaken(sheet),
        words=names.names_in(db.session, assembly, [getattr(sheet, field) for field in observations.TEXTS]),
        look_again=bool(agreed) and photos.taken_back_since(db.session, assembly, min(agreed)),
        **({"photo_form": PhotoForm(formdata=None), "decided": BaseForm(formdata=None)} | forms),
    )
