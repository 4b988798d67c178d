"""What members saw on site visits: written down with photos, and what all wrote that is published."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import StringField, SubmitField, TextAreaField
from wtforms.validators import Length
from wtforms.widgets import HiddenInput

from assembly.extensions import db
from assembly.models import Event, Member, ObservationSheet, SiteVisit, User
from assembly.services.errors import NotFoundError, RuleError, marked
from assembly.services.materials.files import MOST_BYTES
from assembly.services.programme import schedule
from assembly.services.site_visits import observations, photos
from assembly.services.site_visits.observations import LONGEST_TEXT
from assembly.services.site_visits.pictures import Picture, photo_from
from assembly.views.downloads import photo_file
from assembly.views.forms import BaseForm, SelectField, choice, committing, number_or_none, stripped, values_of
from assembly.views.member import blueprint
from assembly.views.member_access import own_member


class PhotoForm(BaseForm):
    """A photo with its description."""

    file = FileField(
        _l("Photo"),
        description=_l("A picture in the format JPEG or PNG. It has at most %(most)s MB.", most=MOST_BYTES // 2**20),
        render_kw={"accept": "image/jpeg,image/png"},
    )
    alt_text = StringField(
        _l("What the photo shows"),
        [Length(max=photos.LONGEST_ALT_TEXT)],
        filters=[stripped],
        description=_l("One sentence for people who do not see the photo. Do not name anybody."),
    )
    submit = SubmitField(_l("Add the photo"))

    def picture(self) -> Picture | None:
        """Return what is kept of the photo, if there is one. Raises RuleError, StorageError."""
        if not self.file.data:
            return None
        return photo_from(self.file.data.read(), clamd=current_app.extensions["assembly.config"].clamd)


class SheetForm(BaseForm):
    """What was seen at a stop."""

    stop_id = SelectField(_l("Where was it?"), coerce=number_or_none)
    seen = TextAreaField(
        _l("What I saw"),
        [Length(max=LONGEST_TEXT)],
        filters=[stripped],
        description=_l("Do not name anybody: everyone can read it later."),
    )
    heard = TextAreaField(_l("What I heard"), [Length(max=LONGEST_TEXT)], filters=[stripped])
    questions = TextAreaField(_l("What I still want to know"), [Length(max=LONGEST_TEXT)], filters=[stripped])
    submit = SubmitField(_l("Save"))

    def offer(self, visit: SiteVisit | None) -> None:
        """Let the stops of a visit be chosen."""
        self.stop_id.choices = [
            choice("", gettext("On the whole way")),
            *(choice(str(stop.id), stop.name) for stop in (visit.stops if visit else ())),
        ]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: value for name, value in values_of(self).items() if name in observations.FIELDS}


class ChangeSheetForm(SheetForm):
    """A sheet that is written anew; it holds which text it was made from."""

    version = StringField(widget=HiddenInput())

    @classmethod
    def of(cls, sheet: ObservationSheet, visit: SiteVisit | None, **more: Any) -> ChangeSheetForm:
        """Return the form of a sheet, as it was sent, or with `formdata=None` as the sheet stands."""
        form = cls(obj=sheet, version=observations.version_of(sheet), **more)
        form.offer(visit)
        return form

    def overtaken(self, sheet: ObservationSheet) -> bool:
        """Whether the sheet says something else by now; whoever saves after having seen that means it."""
        version, now_version = self.version.data, observations.version_of(sheet)
        self.version.data = now_version
        return version != now_version


class NewSheetForm(SheetForm, PhotoForm):
    """A sheet with its first photo."""

    submit = SubmitField(_l("Save"))


def write_with_photo(form: NewSheetForm, event: Event, *, respondent_id: int | None, by: User | None) -> None:
    """Keep a sheet and the photo that came with it, or neither."""
    with committing(form):
        picture = form.picture()
        sheet = observations.write(db.session, event, form.values(), respondent_id=respondent_id, by=by)
        if picture is not None:
            photos.add_photo(db.session, sheet, picture, form.alt_text.data or "", by=by)


def add_photo_from(form: PhotoForm, sheet: ObservationSheet, *, by: User | None) -> None:
    """Add the photo of a form to a sheet; without one, the form says so."""
    with committing(form):
        picture = form.picture()
        if picture is None:
            raise RuleError(marked("Choose a photo."), field="file")
        photos.add_photo(db.session, sheet, picture, form.alt_text.data or "", by=by)


@blueprint.get("/observations")
def observations_of_all() -> ResponseReturnValue:
    """Show what was seen on all site visits, as far as it is published."""
    member = own_member()
    visited = observations.visited(db.session, member.respondent.assembly)
    sheets = observations.published_of(db.session, visited)
    return render_template(
        "member/observations.html",
        member=member,
        seen=[(event, sheets[event.id]) for event in visited if event.id in sheets],
        shown_photos=observations.shown_photos,
    )


@blueprint.route("/events/<int:visit_id>/observations", methods=["GET", "POST"])
def write_observation(visit_id: int) -> ResponseReturnValue:
    """Show what the member wrote about a visit, and take something new."""
    member, form = own_member(), NewSheetForm()
    event, visit = _visit(member, visit_id)
    form.offer(visit)
    if form.validate_on_submit():
        write_with_photo(form, event, respondent_id=member.respondent_id, by=None)
        if not form.errors:
            flash(gettext("Saved. We look at it first. Then all can read it."), "success")
            return redirect(url_for("member.write_observation", visit_id=visit_id))
        member = own_member()
        event, visit = _visit(member, visit_id)
    page = render_template(
        "member/observation_new.html",
        member=member,
        event=event,
        form=form,
        own=observations.own_sheets(db.session, member, event),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@blueprint.route("/events/<int:visit_id>/observations/<int:sheet_id>", methods=["GET", "POST"])
def edit_observation(visit_id: int, sheet_id: int) -> ResponseReturnValue:
    """Show a sheet of the member, and take it written anew."""
    member = own_member()
    event, visit = _visit(member, visit_id)
    sheet = observations.get_own_sheet(db.session, member, event, sheet_id)
    form = ChangeSheetForm.of(sheet, visit)
    if form.validate_on_submit():
        with committing(form):
            observations.change(db.session, sheet, form.values(), version=form.version.data or "", by=None)
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(_sheet(visit_id, sheet_id))
    return _page(visit_id, sheet_id, form=form)


@blueprint.post("/events/<int:visit_id>/observations/<int:sheet_id>/photos")
def add_observation_photo(visit_id: int, sheet_id: int) -> ResponseReturnValue:
    """Add a photo to a sheet of the member."""
    sheet, form = _own_sheet(visit_id, sheet_id), PhotoForm()
    if form.validate_on_submit():
        add_photo_from(form, sheet, by=None)
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(_sheet(visit_id, sheet_id))
    return _page(visit_id, sheet_id, photo_form=form)


@blueprint.post("/events/<int:visit_id>/observations/<int:sheet_id>/remove")
def remove_observation(visit_id: int, sheet_id: int) -> ResponseReturnValue:
    """Remove a sheet of the member, published or not."""
    observations.remove(db.session, _own_sheet(visit_id, sheet_id), by=None)
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("member.write_observation", visit_id=visit_id))


@blueprint.post("/events/<int:visit_id>/observations/<int:sheet_id>/photos/<int:photo_id>/remove")
def remove_observation_photo(visit_id: int, sheet_id: int, photo_id: int) -> ResponseReturnValue:
    """Remove a photo of the member, published or not."""
    sheet = _own_sheet(visit_id, sheet_id)
    photos.remove_photo(db.session, sheet, photos.of_sheet(sheet, photo_id), by=None)
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(_sheet(visit_id, sheet_id))


@blueprint.get("/photos/<int:photo_id>/<any(small, large):size>")
def photo(photo_id: int, size: str) -> ResponseReturnValue:
    """Give a photo of a site visit to a member."""
    return photo_file(photos.members_picture(db.session, own_member(), photo_id, photos.Size(size)))


def _visit(member: Member, visit_id: int) -> tuple[Event, SiteVisit | None]:
    one = schedule.get_own_event(db.session, member, visit_id)
    if not one.has_observations:
        raise NotFoundError
    return one.event, one.visit


def _own_sheet(visit_id: int, sheet_id: int) -> ObservationSheet:
    member = own_member()
    event, _ = _visit(member, visit_id)
    return observations.get_own_sheet(db.session, member, event, sheet_id)


def _sheet(visit_id: int, sheet_id: int) -> str:
    return url_for("member.edit_observation", visit_id=visit_id, sheet_id=sheet_id)


def _page(visit_id: int, sheet_id: int, **forms: Any) -> ResponseReturnValue:
    member = own_member()
    event, visit = _visit(member, visit_id)
    sheet = observations.get_own_sheet(db.session, member, event, sheet_id)
    if "form" not in forms:
        forms["form"] = ChangeSheetForm.of(sheet, visit, formdata=None)
    forms.setdefault("photo_form", PhotoForm(formdata=None))
    page = render_template(
        "member/observation.html",
        member=member,
        event=event,
        sheet=sheet,
        is_overtaken=forms["form"].overtaken(sheet),
        **forms,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if any(form.errors for form in forms.values()) else HTTPStatus.OK
