"""A member reads again what they were written."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.services.messages import reading
from assembly.views import messages_texts
from assembly.views.member import blueprint
from assembly.views.member_access import own_member


@blueprint.get("/messages")
def messages() -> ResponseReturnValue:
    """Show all messages to the member, the newest first."""
    member = own_member(former=True)
    return render_template(
        "member/messages.html",
        member=member,
        messages=reading.own_messages_of(db.session, member),
        message_texts=messages_texts,
    )
