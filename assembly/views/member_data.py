"""What is a member's own to decide: consents, contact with the others, their data as a file, leaving."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SubmitField
from wtforms.validators import InputRequired

from assembly.extensions import db
from assembly.models import ConsentKind, Status
from assembly.services import respondents
from assembly.services.errors import ServiceError
from assembly.services.follow_up import proposals
from assembly.services.members import consents
from assembly.services.privacy import person
from assembly.views import consent_texts, privacy_texts
from assembly.views.downloads import download
from assembly.views.errors import message_of
from assembly.views.forms import BaseForm
from assembly.views.member import blueprint
from assembly.views.member_access import own_member


class LeaveForm(BaseForm):
    """Leaving the panel."""

    sure = BooleanField(_l("Yes, I give up my seat"), [InputRequired(_l("Tick the box if you are sure."))])
    submit = SubmitField(_l("Leave now"))


@blueprint.get("/data")
def data() -> ResponseReturnValue:
    """Show what the member agreed to, whom they may reach, and the ways to their data and out of the panel.

    Whoever has left takes back what they agreed to, and gets their data (Art. 7 and 15 GDPR).
    """
    member = own_member(former=True)
    given = consents.consents_of(db.session, member)
    return render_template(
        "member/data.html",
        member=member,
        rows=[
            (kind, consents.holds(given, kind), given.get(kind), consents.needs_guardian(member, kind))
            for kind in ConsentKind
        ],
        reaches=consents.holds(given, ConsentKind.CONTACT),
        others=consents.reachable_for(db.session, member),
        texts=consent_texts,
    )


@blueprint.post("/consents/<any(name, photo, contact, follow_up):consent>")
def give_consent(consent: str) -> ResponseReturnValue:
    """Agree to something."""
    member = own_member()
    try:
        consents.give(db.session, member, ConsentKind(consent), by=None)
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        flash(gettext("Saved."), "success")
    return redirect(url_for("member.data"))


@blueprint.post("/consents/<any(name, photo, contact, follow_up):consent>/end")
def end_consent(consent: str) -> ResponseReturnValue:
    """Agree to something no longer."""
    member = own_member(former=True)
    consents.end(db.session, member, ConsentKind(consent), by=None)
    proposals.settle(db.session, member.respondent.assembly)
    db.session.commit()
    flash(gettext("Saved."), "success")
    return redirect(url_for("member.data"))


@blueprint.get("/data/file")
def data_file() -> ResponseReturnValue:
    """Lead to the files, after the one-time code."""
    return render_template("member/data_file.html", member=own_member(confirmed=True, former=True))


@blueprint.post("/data/file/<any(json, xlsx):kind>")
def export_data(kind: person.Kind) -> Response:
    """Hand over all that is stored about the member."""
    member = own_member(confirmed=True, former=True)
    content = person.export_person(
        db.session,
        member.respondent,
        kind=kind,
        words=gettext,
        header=[str(text) for text in privacy_texts.HEADER],
        by=None,
    )
    db.session.commit()
    return download(content, f"data.{kind}")


@blueprint.route("/leave", methods=["GET", "POST"])
def leave() -> ResponseReturnValue:
    """Ask once more, then let the member leave the panel."""
    member, form = own_member(confirmed=True), LeaveForm()
    if not form.validate_on_submit():
        page = render_template("member/leave.html", member=member, form=form)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    respondents.move(db.session, member.respondent, Status.WITHDRAWN, by=None)
    db.session.commit()
    flash(gettext("You have left the citizens’ assembly. Thank you for having been there."), "success")
    return redirect(url_for("member.start"))
