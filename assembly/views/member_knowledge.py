"""What the assembly knows, for members."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from assembly.services.knowledge.searching import Audience, Known, Source
from assembly.views.knowledge import found_for
from assembly.views.member import blueprint
from assembly.views.member_access import own_member


@blueprint.get("/knowledge")
def knowledge() -> ResponseReturnValue:
    """Show a member what was heard, read and written so far."""
    member = own_member()

    def link_of(known: Known) -> str:
        if known.source is Source.MATERIAL:
            return url_for("member.materials", _anchor=f"material-{known.row.id}")
        if known.source is Source.VISIT:
            return url_for("member.event", event_id=known.row.event_id)
        return ""

    page = found_for(member.respondent.assembly, Audience.MEMBERS)
    return render_template("member/knowledge.html", member=member, link_of=link_of, **page)
