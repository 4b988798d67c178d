"""What somebody does in an assembly whose role is one part of it: the pages that are theirs, on its first page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l

from assembly.models import Assembly
from assembly.services.authorisation import (
    Standing,
    can_audit,
    can_book,
    can_call,
    can_check_claims,
    can_check_in,
    can_lead,
    can_see_needs,
    can_witness_draw,
)

_TASKS: tuple[tuple[Callable[[Standing], bool], str, Any, Any], ...] = (
    (can_witness_draw, "draws.show", _l("Draw"), _l("Enter the drawn number, as a second account.")),
    (can_call, "panel.index", _l("Contact list"), _l("Call those who were drawn, until every seat is confirmed.")),
    (can_call, "calls.index", _l("To be called"), _l("Tell members on the phone what no letter tells them in time.")),
    (can_check_in, "attendance.overview", _l("Attendance"), _l("Note on the day who is there.")),
    (can_see_needs, "needs.index", _l("Support needs"), _l("See who needs what, and arrange it.")),
    (can_book, "panel_access.index", _l("Members’ pages"), _l("Do for members what they cannot do on their page.")),
    (can_check_claims, "allowances.index", _l("Allowances"), _l("Check what members ask to be paid.")),
    (can_lead, "programme.index", _l("Programme"), _l("Lead events: agenda, tables, result sheets.")),
    (can_lead, "recommendations.index", _l("Recommendations"), _l("Draft recommendations, and bring them together.")),
)


def tasks_of(assembly: Assembly, standing: Standing) -> list[tuple[Any, str, Any]]:
    """Return name, address and purpose of the pages that are an account's; none for those who see everything."""
    if can_audit(standing):
        return []
    return [
        (name, url_for(page, assembly_id=assembly.id), purpose) for may, page, name, purpose in _TASKS if may(standing)
    ]
