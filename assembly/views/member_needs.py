"""What a member needs, on their own page: said, changed, and how it stands for each event; after a one-time code."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.models import Member
from assembly.services.needs import arrangements, people
from assembly.services.programme import events
from assembly.views import needs_texts
from assembly.views.forms import committing
from assembly.views.member import blueprint
from assembly.views.member_access import own_member
from assembly.views.needs_forms import WishForm, wish_data


@blueprint.get("/needs")
def needs() -> ResponseReturnValue:
    """Show what the member needs, and how it stands for each event."""
    return _needs(own_member(confirmed=True), WishForm(formdata=None))


@blueprint.post("/needs")
def add_need() -> ResponseReturnValue:
    """Say that one needs something."""
    member, form = own_member(confirmed=True), WishForm()
    if form.validate_on_submit():
        with committing(form):
            people.add_need(db.session, member.respondent, form.wish(), by=None)
        if not form.errors:
            flash(gettext("Noted. You see here when it is arranged."), "success")
            return redirect(url_for("member.needs"))
    return _needs(own_member(confirmed=True), form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.route("/needs/<int:need_id>", methods=["GET", "POST"])
def change_need(need_id: int) -> ResponseReturnValue:
    """Say that one needs something else."""
    member = own_member(confirmed=True)
    need = people.get_own_need(db.session, member.respondent, need_id)
    form = WishForm(data=wish_data(need))
    if form.validate_on_submit():
        with committing(form):
            people.change_need(db.session, need, member.respondent, form.wish(), by=None)
        if not form.errors:
            flash(gettext("Saved."), "success")
            return redirect(url_for("member.needs"))
    page = render_template("member/need.html", member=own_member(confirmed=True), need_id=need_id, form=form)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@blueprint.post("/needs/<int:need_id>/remove")
def remove_need(need_id: int) -> ResponseReturnValue:
    """Say that one does not need something any more."""
    member = own_member(confirmed=True)
    need = people.get_own_need(db.session, member.respondent, need_id)
    people.remove_need(db.session, need, member.respondent, by=None)
    db.session.commit()
    flash(gettext("Removed."), "success")
    return redirect(url_for("member.needs"))


@blueprint.post("/needs/<int:need_id>/events/<int:event_id>")
def set_need_at_event(need_id: int, event_id: int) -> ResponseReturnValue:
    """Say that one does not need something at an event, or needs it there, too."""
    member = own_member(confirmed=True)
    need = people.get_own_need(db.session, member.respondent, need_id)
    event = events.get_visible_event(db.session, member.respondent.assembly, event_id)
    is_needed = request.form.get("needed") == "1"
    people.set_for_event(db.session, need, member.respondent, event, is_needed=is_needed, by=None)
    db.session.commit()
    flash(gettext("Saved."), "success")
    return redirect(url_for("member.needs"))


def _needs(member: Member, form: WishForm) -> str:
    assembly = member.respondent.assembly
    to_come = [event for event in arrangements.events_to_come(db.session, assembly) if event.state in events.VISIBLE]
    arranged = arrangements.own_arrangements(db.session, member, to_come)
    return render_template(
        "member/needs.html",
        member=member,
        needs=people.own_needs_of(db.session, member.respondent),
        arranged=arranged,
        form=form,
        texts=needs_texts,
    )
