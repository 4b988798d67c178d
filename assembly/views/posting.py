"""Mails and letters to respondents: what became of them, letters to print, and who cannot be reached."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug import Response as Redirection

from assembly.extensions import db
from assembly.models import Assembly, Commitment, MailState
from assembly.services import acknowledgements, posting, receipts
from assembly.services.authorisation import can_manage, can_see_pool
from assembly.services.errors import ServiceError
from assembly.services.members import sending
from assembly.services.messages import truth
from assembly.services.panel.telling import Letter
from assembly.services.posting import Decision
from assembly.views.errors import message_of
from assembly.views.guard import allows, load_assembly

blueprint = Blueprint("posting", __name__, url_prefix="/assemblies/<int:assembly_id>")

LISTED = 100
"""People listed at once; the page says how many there are."""
STATES = {
    MailState.QUEUED: _l("Waiting to be sent"),
    MailState.SENDING: _l("Being sent"),
    MailState.SENT: _l("Sent"),
    MailState.REFUSED: _l("Refused by the mail server"),
    MailState.PERHAPS_SENT: _l("Perhaps sent: the connection broke"),
    MailState.TO_PRINT: _l("Letter to print"),
    MailState.PRINTED: _l("Letter printed"),
    MailState.OUTDATED: _l("Outdated, so not sent"),
    MailState.ERASED: _l("Deleted"),
}
KINDS = f"any({', '.join(posting.KINDS)})"
DECIDED = {
    Decision.AGAIN: _l("The mail is sent again."),
    Decision.WAS_SENT: _l("The mail counts as sent."),
    Decision.LETTER: _l("The mail became a letter to print."),
}


@blueprint.get("/registrations/acknowledgements")
def acknowledged(assembly_id: int) -> ResponseReturnValue:
    """Show what became of the acknowledgements, and who can be reached neither by mail nor by letter."""
    assembly = load_assembly(assembly_id, may=can_see_pool)
    people, count = acknowledgements.unreachable(db.session, assembly, limit=LISTED)
    return render_template(
        "posting/acknowledgements.html",
        assembly=assembly,
        unreachable=people,
        unreachable_count=count,
        **post_variables(assembly, acknowledgements.TEMPLATE),
    )


@blueprint.get(f"/letters/<{KINDS}:kind>/<int:first>-<int:last>.pdf")
def letters(assembly_id: int, kind: str, first: int, last: int) -> ResponseReturnValue:
    """Hand out a batch of letters as one file."""
    assembly = load_assembly(assembly_id, may=can_manage)
    content = posting.letters_pdf(db.session, assembly, kind, (first, last))
    headers = {"Content-Disposition": f'attachment; filename="{kind}-{first}-{last}.pdf"'}
    return Response(content, mimetype="application/pdf", headers=headers)


@blueprint.post(f"/letters/<{KINDS}:kind>/<int:first>-<int:last>/printed")
def printed(assembly_id: int, kind: str, first: int, last: int) -> ResponseReturnValue:
    """Record that a batch of letters was printed."""
    assembly = load_assembly(assembly_id, may=can_manage)
    count = posting.mark_as_printed(db.session, assembly, kind, (first, last))
    db.session.commit()
    flash(ngettext("%(num)s letter counts as printed.", "%(num)s letters count as printed.", count), "success")
    return _back(assembly, first)


@blueprint.post("/mails/<int:mail_id>/<any(again, was_sent, letter):decision>")
def decide(assembly_id: int, mail_id: int, decision: str) -> ResponseReturnValue:
    """Carry out what was decided about a mail that was refused, or perhaps not sent."""
    assembly = load_assembly(assembly_id, may=can_manage)
    mail = posting.get_mail(db.session, assembly, mail_id)
    try:
        posting.decide(db.session, mail, Decision(decision))
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        flash(str(DECIDED[Decision(decision)]), "success")
    return _back(assembly, mail_id)


def post_variables(assembly: Assembly, kind: str, commitment: Commitment | None = None) -> dict[str, Any]:
    """Return what templates/posting/post.html needs; of receipts, about those of one commitment."""
    return {
        "post": posting.post_of(db.session, assembly, kind, limit=LISTED, commitment=commitment),
        **post_texts(assembly),
    }


def post_texts(assembly: Assembly) -> dict[str, Any]:
    """Return what templates/posting/post.html needs for the mails of any kind."""
    return {
        "state_texts": STATES,
        "may_manage": allows(assembly, can_manage),
        "listed": LISTED,
    }


def _back(assembly: Assembly, mail_id: int) -> Redirection:
    """Lead to the page where mails like this one are shown; receipts have one for each commitment."""
    if (commitment := receipts.commitment_of(db.session, mail_id)) is not None:
        return redirect(url_for("receipts.show", assembly_id=assembly.id, commitment_id=commitment.id))
    template = posting.get_mail(db.session, assembly, mail_id).template
    if template == sending.TEMPLATE:
        return redirect(url_for("panel_access.index", assembly_id=assembly.id))
    if template in truth.TEMPLATES:
        return redirect(url_for("announcements.index", assembly_id=assembly.id))
    is_of_the_panel = template in list(Letter)
    return redirect(url_for("panel_work.mails" if is_of_the_panel else "posting.acknowledged", assembly_id=assembly.id))
