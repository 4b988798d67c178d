"""The log in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import format_datetime, gettext
from flask_babel import lazy_gettext as _l

from assembly.models import LogEntry

ACTIONS = {
    "assembly_created": _l("Assembly created"),
    "assembly_described": _l("Description changed"),
    "timeline_changed": _l("Political timeline changed"),
    "role_granted": _l("Role given"),
    "role_revoked": _l("Role ended"),
    "second_factor_reset": _l("Second factor taken off"),
    "feature_added": _l("Feature added"),
    "feature_changed": _l("Feature changed"),
    "derivation_changed": _l("What a feature follows from changed"),
    "feature_removed": _l("Feature removed"),
    "invitation_changed": _l("Invitation record changed"),
    "outreach_added": _l("Outreach added"),
    "outreach_removed": _l("Outreach removed"),
    "lottery_started": _l("Lottery started"),
    "lottery_moved": _l("Lottery in another state"),
    "quota_changed": _l("Quota changed"),
    "registration_added": _l("Registered by hand"),
    "registration_changed": _l("Registration changed"),
    "registration_removed": _l("Registration removed with its import"),
    "status_changed": _l("Status changed"),
    "import_applied": _l("Registrations imported"),
    "import_undone": _l("Import undone"),
    "import_discarded": _l("Uploaded file discarded"),
    "household_confirmed": _l("Household confirmed"),
    "household_split": _l("Household split"),
    "duplicate_decided": _l("Found to be registered twice"),
    "different_people_decided": _l("Found to be different people"),
    "pool_exported": _l("Pool exported"),
    "engine_files_exported": _l("Files for the command line exported"),
    "panel_opened": _l("Panel drawn; end of replacements recorded"),
    "contact_attempted": _l("Attempt to reach a drawn person"),
    "guardian_consented": _l("Guardian’s consent recorded"),
    "said_of_age": _l("Said to be 18 or older"),
    "preferences_changed": _l("Preferred channel or language recorded"),
    "need_recorded": _l("Support need recorded"),
    "replacement_started": _l("Replacement lottery started"),
    "panel_mails_started": _l("Mails about the draw started"),
}


def log_rows(entries: Iterable[LogEntry]) -> list[list[Any]]:
    """Return the entries as rows of the log's table, newest first."""
    return [
        [
            entry.number,
            format_datetime(entry.at),
            entry.actor_id if entry.actor_id is not None else gettext("the application"),
            ACTIONS.get(entry.action, entry.action),
            entry.subject,
            _in_words(entry.details),
        ]
        for entry in reversed(list(entries))
    ]


def _in_words(details: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {_plain(value)}" for name, value in details.items())


def _plain(value: Any) -> str:
    if isinstance(value, Mapping) and value.keys() == {"before", "after"}:
        return f"{_plain(value['before'])} → {_plain(value['after'])}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items())
    if isinstance(value, list):
        return "/".join(_plain(part) for part in value)
    return "–" if value in {None, ""} else str(value)
