"""What one member was written, as staff read it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from assembly.extensions import db
from assembly.services.authorisation import can_book, can_help_members, can_see_members
from assembly.services.messages import reading
from assembly.services.panel import seats
from assembly.views import messages_texts
from assembly.views.guard import account, allows, load_assembly
from assembly.views.posting import post_texts

blueprint = Blueprint(
    "panel_messages", __name__, url_prefix="/assemblies/<int:assembly_id>/panel/access/<int:member_id>/messages"
)


@blueprint.get("/")
def person(assembly_id: int, member_id: int) -> ResponseReturnValue:
    """Show all that a member was written about events, with what became of it."""
    assembly = load_assembly(assembly_id, may=can_help_members)
    member = seats.get_member(db.session, member_id, user=account(), may=can_help_members, assembly_id=assembly_id)
    return render_template(
        "messages/person.html",
        assembly=assembly,
        member=member,
        messages=reading.messages_of(db.session, member),
        texts=messages_texts,
        may_see_members=allows(assembly, can_see_members),
        may_book=allows(assembly, can_book),
        **post_texts(assembly),
    )
