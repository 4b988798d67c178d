"""The ways from the page of an event to what belongs to it, in the order in which organisers need them."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext

from assembly.models import Event, EventState
from assembly.services.authorisation import can_book, can_lead, can_manage, can_see, can_see_members
from assembly.services.programme.events import is_over
from assembly.services.site_visits.visits import is_visit
from assembly.views.guard import allows

BEFORE = ("visit", "experts", "materials", "support", "tables", "message", "attendance", "sheets")
"""First what is prepared, then the day itself."""
AFTERWARDS = ("attendance", "sheets", "feedback", "materials", "visit", "message", "experts", "support", "tables")


def ways_from(event: Event) -> list[tuple[str, str, str]]:
    """Return the ways that are open to the account, those that are needed next first: key, label, address."""
    here = {"assembly_id": event.assembly_id, "event_id": event.id}
    seen, over = event.state is not EventState.DRAFT, is_over(event)
    standing = event.state in {EventState.PUBLISHED, EventState.CHANGED}
    found = {
        "visit": (can_see, is_visit(event), gettext("Way and stops"), "site_visits.show"),
        "experts": (can_see, True, gettext("Experts"), "experts.index"),
        "materials": (can_see, True, gettext("Materials"), "materials.index"),
        "support": (can_book, True, gettext("Support"), "needs.event"),
        "tables": (can_lead, True, gettext("Tables"), "event_tables.show"),
        "message": (can_manage, standing, gettext("Write to the members"), "announcements.add"),
        "attendance": (can_see_members, True, gettext("Attendance"), "attendance.index"),
        "sheets": (can_see, seen, gettext("Result sheets"), "result_sheets.index"),
        "feedback": (can_lead, over, gettext("Feedback of the members"), "feedback.show"),
    }
    values: dict[str, dict[str, Any]] = {
        "visit": {"assembly_id": event.assembly_id, "visit_id": event.id},
        "experts": {"assembly_id": event.assembly_id},
        "materials": {"assembly_id": event.assembly_id},
        "message": {"assembly_id": event.assembly_id, "event": event.id},
    }
    return [
        (key, label, url_for(endpoint, **values.get(key, here)))
        for key in (AFTERWARDS if over else BEFORE)
        for may, is_offered, label, endpoint in [found[key]]
        if is_offered and allows(event.assembly, may)
    ]
