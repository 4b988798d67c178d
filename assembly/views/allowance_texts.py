"""Allowances, in words."""

from __future__ import annotations

from flask_babel import format_currency, gettext
from flask_babel import lazy_gettext as _l

from assembly.models import Claim, ClaimState, Presence
from assembly.services.allowances.papers import PARTS, Reader

CLAIM_STATES = {
    ClaimState.DRAFT: _l("Claim is a draft"),
    ClaimState.SUBMITTED: _l("Submitted"),
    ClaimState.CHECKED: _l("Facts found right"),
    ClaimState.APPROVED: _l("Amounts found right"),
    ClaimState.LISTED: _l("In a payment list"),
    ClaimState.PAID: _l("Paid"),
    ClaimState.REJECTED: _l("Given back"),
}
BADGES = {
    ClaimState.DRAFT: "info",
    ClaimState.SUBMITTED: "warning",
    ClaimState.CHECKED: "warning",
    ClaimState.APPROVED: "info",
    ClaimState.LISTED: "info",
    ClaimState.PAID: "success",
    ClaimState.REJECTED: "danger",
}
OWN_STATES = {
    ClaimState.DRAFT: _l("Not handed in yet"),
    ClaimState.SUBMITTED: _l("Handed in, will be checked"),
    ClaimState.CHECKED: _l("Is being checked"),
    ClaimState.APPROVED: _l("Checked, will be paid"),
    ClaimState.LISTED: _l("Is being paid"),
    ClaimState.PAID: _l("Paid"),
    ClaimState.REJECTED: _l("Please correct it"),
}
"""What a member reads."""
PRESENCES = {
    Presence.NONE: _l("Not there"),
    Presence.HALF_DAY: _l("Half a day"),
    Presence.WHOLE_DAY: _l("A whole day"),
}
READERS = {
    Reader.EMPLOYER: _l("For the employer"),
    Reader.SCHOOL: _l("For the school"),
    Reader.JOB_CENTRE: _l("For the job centre"),
}


def euro(cents: int) -> str:
    """Return an amount as it is read."""
    return str(format_currency(cents / 100, "EUR"))


def parts_of(claim: Claim) -> list[tuple[str, str]]:
    """Return what a claim is made of, and its sum."""
    parts = [(gettext(label), euro(getattr(claim, name))) for name, label in PARTS if getattr(claim, name)]
    return [*parts, (gettext("Sum"), euro(claim.cents))]
