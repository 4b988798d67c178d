"""Staff open and close members' own pages: make links and codes, send them, end them, and help on the phone."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from assembly.extensions import db
from assembly.models import ConsentKind, Member, Status, User
from assembly.security.links import outside
from assembly.services import posting
from assembly.services.authorisation import can_book, can_help_members, can_manage, can_see_members
from assembly.services.errors import ServiceError
from assembly.services.follow_up import proposals
from assembly.services.members import access, consents, one_time, sending, tokens
from assembly.services.panel import seats
from assembly.views import consent_texts
from assembly.views.errors import message_of
from assembly.views.guard import account, allows, load_assembly
from assembly.views.posting import LISTED, post_texts

blueprint = Blueprint("panel_access", __name__, url_prefix="/assemblies/<int:assembly_id>/panel/access")


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show who has a link to their page, and what became of the mails and letters about it."""
    assembly = load_assembly(assembly_id, may=can_help_members)
    reached = sending.reach_of(db.session, assembly)
    waiting = [one for one in reached if one.open_since is None and one.member.respondent.status is Status.CONFIRMED]
    return render_template(
        "panel/access.html",
        assembly=assembly,
        reached=reached,
        waiting=len(waiting),
        post=posting.post_of(db.session, assembly, sending.TEMPLATE, limit=LISTED),
        may_see_members=allows(assembly, can_see_members),
        may_book=allows(assembly, can_book),
        **post_texts(assembly),
    )


@blueprint.post("/send")
def send_to_all(assembly_id: int) -> ResponseReturnValue:
    """Write to every confirmed member who has no link yet."""
    assembly = load_assembly(assembly_id, may=can_manage)
    count = sending.send_to_all_without(db.session, assembly, by=account(), addresses=addresses())
    db.session.commit()
    flash(ngettext("%(num)s member is written to.", "%(num)s members are written to.", count), "success")
    return redirect(url_for("panel_access.index", assembly_id=assembly_id))


@blueprint.post("/revoke")
def revoke_all(assembly_id: int) -> ResponseReturnValue:
    """End all links and codes."""
    assembly = load_assembly(assembly_id, may=can_manage)
    count = access.revoke_all(db.session, assembly, by=account())
    db.session.commit()
    flash(ngettext("The link of %(num)s member is ended.", "The links of %(num)s members are ended.", count), "success")
    return redirect(url_for("panel_access.index", assembly_id=assembly_id))


@blueprint.get("/<int:member_id>")
def person(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Show what can be done about one member's page."""
    return _person(_load(assembly_id, member_id))


@blueprint.post("/<int:member_id>/send")
def send(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Send a new link and code, which end those before."""
    member = _load(assembly_id, member_id)
    try:
        sending.send(db.session, member, by=account(), addresses=addresses())
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        flash(gettext("A new link is on its way. What was sent before no longer works."), "success")
    return redirect(url_for("panel_access.person", assembly_id=assembly_id, member_id=member_id))


@blueprint.post("/<int:member_id>/revoke")
def revoke(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """End a member's link, code and calendar."""
    sending.revoke(db.session, _load(assembly_id, member_id), by=account())
    db.session.commit()
    flash(gettext("Link, code and calendar of this member are ended."), "success")
    return redirect(url_for("panel_access.person", assembly_id=assembly_id, member_id=member_id))


@blueprint.post("/<int:member_id>/consents/<any(name, photo, contact, follow_up):consent>")
def give_consent(assembly_id: int, member_id: int, consent: str) -> ResponseReturnValue:
    """Note that a member, or a minor's guardian, agrees to something."""
    return _consent(consents.give, _load(assembly_id, member_id), consent)


@blueprint.post("/<int:member_id>/consents/<any(name, photo, contact, follow_up):consent>/end")
def end_consent(assembly_id: int, member_id: int, consent: str) -> ResponseReturnValue:
    """Note that a member agrees to something no longer."""
    return _consent(_end, _load(assembly_id, member_id), consent)


def _end(session: Session, member: Member, kind: ConsentKind, *, by: User) -> None:
    """Note it, and count the votes of the follow-up group again if they have no voice in it any more."""
    consents.end(session, member, kind, by=by)
    proposals.settle(session, member.respondent.assembly)


@blueprint.post("/<int:member_id>/tell")
def tell(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Make a new code, and show it once, to be told on the phone."""
    member = _load(assembly_id, member_id)
    sending.take_back_unsent(db.session, member)
    made = access.renew(db.session, member, by=account())
    db.session.commit()
    return _person(member, code=tokens.shown(made.code), address=addresses().of_page)


@blueprint.post("/<int:member_id>/one-time-code")
def one_time_code(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Make a one-time code, and show it once, to be told on the phone."""
    member = _load(assembly_id, member_id)
    code = one_time.read_out(db.session, member, by=account())
    db.session.commit()
    return _person(member, one_time_code=code)


def _consent(deed: Callable[..., None], member: Member, consent: str) -> ResponseReturnValue:
    try:
        deed(db.session, member, ConsentKind(consent), by=account())
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        flash(gettext("Saved."), "success")
    return redirect(url_for("panel_access.person", assembly_id=member.assembly_id, member_id=member.respondent_id))


def _load(assembly_id: int, member_id: int) -> Member:
    load_assembly(assembly_id, may=can_help_members)
    return seats.get_member(db.session, member_id, user=account(), may=can_help_members, assembly_id=assembly_id)


def _person(
    member: Member, *, code: str | None = None, address: str | None = None, one_time_code: str | None = None
) -> str:
    assembly = member.respondent.assembly
    given = consents.consents_of(db.session, member)
    return render_template(
        "panel/access_person.html",
        consents=[(kind, consent_texts.NAMES[kind], consents.holds(given, kind)) for kind in ConsentKind],
        assembly=assembly,
        member=member,
        one=sending.reach(db.session, member),
        has_left=access.has_left(member),
        code=code,
        address=address,
        one_time_code=one_time_code,
        may_see_members=allows(assembly, can_see_members),
        may_book=allows(assembly, can_book),
        **post_texts(assembly),
    )


def addresses() -> sending.Addresses:
    """Return where members' pages are, for what is written to them."""
    return sending.Addresses(
        of_link=lambda token: outside(url_for("member.open_link", link=token)), of_page=outside(url_for("member.start"))
    )
