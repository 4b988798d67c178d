"""Respondents in words: statuses, reasons, fields, and what was done with a registration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import format_date, format_datetime, gettext
from flask_babel import lazy_gettext as _l

from assembly.models import Exclusion, Feature, Status
from assembly.services.pool import Event
from assembly.views.forms import LANGUAGE_NAMES
from assembly.views.log_texts import ACTIONS

STATUSES = {
    Status.REGISTERED: _l("In the pool"),
    Status.EXCLUDED: _l("Excluded"),
    Status.DRAWN: _l("Drawn"),
    Status.CONFIRMED: _l("Confirmed"),
    Status.DECLINED: _l("Declined"),
    Status.NOT_REACHED: _l("Not reached"),
    Status.WITHDRAWN: _l("Withdrawn"),
    Status.REPLACED: _l("Left, the seat is filled anew"),
    Status.ERASED: _l("Erased"),
}
BADGES = {
    Status.REGISTERED: "success",
    Status.DRAWN: "info",
    Status.CONFIRMED: "success",
    Status.EXCLUDED: "warning",
}
EXCLUSIONS = {
    Exclusion.DUPLICATE: _l("Registered twice"),
    Exclusion.TOO_YOUNG: _l("Below the minimum age"),
    Exclusion.NOT_RESIDENT: _l("Does not live here"),
    Exclusion.NO_INVITATION: _l("Was not invited"),
    Exclusion.OFFICE_HOLDER: _l("Holds a political office"),
    Exclusion.OWN_WISH: _l("Own wish"),
}
FIELDS = {
    "code": _l("Code"),
    "first_name": _l("First name"),
    "last_name": _l("Surname"),
    "email": _l("E-mail address"),
    "phone": _l("Phone"),
    "street": _l("Street"),
    "house_number": _l("House number"),
    "postcode": _l("Postcode"),
    "city": _l("City"),
    "birth_date": _l("Date of birth"),
    "language": _l("Language"),
    "registered_at": _l("Registered on"),
    "status": _l("Status"),
    "exclusion": _l("Reason for exclusion"),
    "household": _l("Household"),
    "channel": _l("Preferred channel"),
}
SUSPICIONS = {
    "email": _l("same e-mail address"),
    "name_and_address": _l("same name and address"),
    "birth_date_and_surname": _l("same date of birth and surname"),
}
HISTORY = {
    "import_added": _l("Added by an import"),
    "import_changed": _l("Changed by an import"),
}


LANGUAGES = {one.value: one.label for one in LANGUAGE_NAMES}


def field_name(name: str, features: Sequence[Feature]) -> str:
    """Return the name of a contact's field or of a feature."""
    for feature in features:
        if name == f"feature:{feature.id}":
            return str(feature.name)
    return str(FIELDS.get(name, gettext("a feature that was removed")))


def content(name: str, value: Any, features: Sequence[Feature]) -> str:
    """Return what stands in a field as people read it."""
    if isinstance(value, dt.date):
        return str(format_date(value, "short"))
    if name == "language":
        return next((str(one.label) for one in LANGUAGE_NAMES if one.value == value), str(value or ""))
    if not name.startswith("feature:"):
        return str(LANGUAGES.get(value, value or "") if name == "language" else value or "")
    names = {value.id: value.name for feature in features for value in feature.values}
    return str(names.get(value, gettext("not stated")))


def history_rows(events: Sequence[Event], features: Sequence[Feature]) -> list[list[str]]:
    """Return a person's history as rows of a table, newest first."""
    return [
        [
            format_datetime(event.at, "short"),
            str(HISTORY.get(event.action) or ACTIONS.get(event.action, event.action)),
            _details(event.details, features),
            event.actor or gettext("the application"),
        ]
        for event in reversed(events)
    ]


def _details(details: Mapping[str, Any], features: Sequence[Feature]) -> str:
    if "after" in details:
        reason = details.get("reason")
        status = str(STATUSES[Status(details["after"])])
        known = reason in list(Exclusion)
        return f"{status} ({EXCLUSIONS[Exclusion(reason)] if known else reason})" if reason else status
    return ", ".join(field_name(name, features) for name in details.get("fields", ()))
