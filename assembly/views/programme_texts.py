"""The programme in words: kinds of events and items, states, modes, openness, German states."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from assembly.models import AgendaItem, AttendanceState, Event, EventKind, EventState, ItemKind, Mode, Openness
from assembly.services.programme.timeline import Milestone

KINDS = {
    EventKind.PLENARY: _l("Plenary"),
    EventKind.SMALL_GROUPS: _l("Small groups"),
    EventKind.SITE_VISIT: _l("Site visit"),
    EventKind.EXPERT_INPUT: _l("Expert input"),
    EventKind.ONLINE_QUESTIONS: _l("Questions and answers online"),
    EventKind.PUBLIC_HEARING: _l("Public hearing"),
    EventKind.CLOSING: _l("Closing"),
}
STATES = {
    EventState.DRAFT: _l("Draft"),
    EventState.PUBLISHED: _l("Published"),
    EventState.CHANGED: _l("Changed"),
    EventState.CANCELLED: _l("Cancelled"),
}
BADGES = {
    EventState.DRAFT: "warning",
    EventState.PUBLISHED: "success",
    EventState.CHANGED: "info",
    EventState.CANCELLED: "danger",
}
MODES = {Mode.ON_SITE: _l("On site"), Mode.ONLINE: _l("Online"), Mode.HYBRID: _l("On site and online")}
OPENNESS = {
    Openness.PUBLIC: _l("Open to everyone"),
    Openness.MEMBERS: _l("For members only"),
    Openness.AGENDA_PUBLIC: _l("For members, with a public agenda"),
}
ITEM_KINDS = {
    ItemKind.INPUT: _l("Input"),
    ItemKind.SMALL_GROUPS: _l("Small groups"),
    ItemKind.PLENARY: _l("Plenary"),
    ItemKind.BREAK: _l("Break"),
    ItemKind.VOTE: _l("Vote"),
    ItemKind.WALK: _l("Walk"),
}


def kind_beside_title(one: Event | AgendaItem) -> str:
    """Return the kind of an event or an item where it says something that the title does not."""
    kind = str(KINDS[one.kind] if isinstance(one, Event) else ITEM_KINDS[one.kind])
    return "" if kind.casefold() in one.title.casefold() else kind


def for_whom(event: Event, *, has_agenda: bool) -> str:
    """Return for whom an event is; of a public agenda nothing is said where there is none."""
    is_closed = event.openness is Openness.AGENDA_PUBLIC and not has_agenda
    return str(OPENNESS[Openness.MEMBERS if is_closed else event.openness])


MILESTONES = {
    Milestone.INVITED: _l("The first letters of invitation"),
    Milestone.REGISTRATION_ENDS: _l("Last day to register"),
    Milestone.DRAW: _l("Public draw"),
    Milestone.REPLACEMENT_DRAW: _l("Replacement draw, if seats are free"),
    Milestone.RESULT: _l("The assembly hands over its result"),
    Milestone.DECISION: _l("Decision"),
    Milestone.BUDGET: _l("Decision on the budget"),
}
ATTENDANCE = {
    AttendanceState.INVITED: _l("Invited"),
    AttendanceState.CONFIRMED: _l("Will come"),
    AttendanceState.EXCUSED: _l("Excused"),
    AttendanceState.PRESENT: _l("Present"),
    AttendanceState.PRESENT_HALF: _l("Present for half of it"),
    AttendanceState.ABSENT: _l("Absent"),
}
ATTENDANCE_BADGES = {
    AttendanceState.INVITED: "warning",
    AttendanceState.CONFIRMED: "info",
    AttendanceState.EXCUSED: "info",
    AttendanceState.PRESENT: "success",
    AttendanceState.PRESENT_HALF: "success",
    AttendanceState.ABSENT: "danger",
}
OWN_ATTENDANCE = {
    AttendanceState.CONFIRMED: _l("You said that you will come."),
    AttendanceState.EXCUSED: _l("You are excused."),
    AttendanceState.PRESENT: _l("You were there."),
    AttendanceState.PRESENT_HALF: _l("You were there for half of it."),
    AttendanceState.ABSENT: _l("You were not there."),
}
"""What a member reads about themselves; nothing as long as they are invited."""
GERMAN_STATES = {
    "BW": _l("Baden-Württemberg"),
    "BY": _l("Bavaria"),
    "BE": _l("Berlin"),
    "BB": _l("Brandenburg"),
    "HB": _l("Bremen"),
    "HH": _l("Hamburg"),
    "HE": _l("Hesse"),
    "MV": _l("Mecklenburg-Western Pomerania"),
    "NI": _l("Lower Saxony"),
    "NW": _l("North Rhine-Westphalia"),
    "RP": _l("Rhineland-Palatinate"),
    "SL": _l("Saarland"),
    "SN": _l("Saxony"),
    "ST": _l("Saxony-Anhalt"),
    "SH": _l("Schleswig-Holstein"),
    "TH": _l("Thuringia"),
}
