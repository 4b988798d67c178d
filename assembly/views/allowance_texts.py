"""Allowances, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from assembly.models import ClaimState

CLAIM_STATES = {
    ClaimState.DRAFT: _l("Claim is a draft"),
    ClaimState.SUBMITTED: _l("Submitted"),
    ClaimState.CHECKED: _l("Facts found right"),
    ClaimState.APPROVED: _l("Amounts found right"),
    ClaimState.LISTED: _l("In a payment list"),
    ClaimState.PAID: _l("Paid"),
    ClaimState.REJECTED: _l("Given back"),
}
