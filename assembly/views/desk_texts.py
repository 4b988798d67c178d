"""Words for drafts: where they are on their way to the public, and what was done about them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from assembly.models import DraftDeed, DraftState

STATES = {
    DraftState.DRAFTING: _l("Being drafted"),
    DraftState.SUBMITTED: _l("Waits for approval"),
    DraftState.PUBLISHED: _l("Published"),
}
DEEDS = {
    DraftDeed.COMMENTED: _l("Comment"),
    DraftDeed.SUBMITTED: _l("Submitted for approval"),
    DraftDeed.SENT_BACK: _l("Sent back"),
    DraftDeed.APPROVED: _l("Approved and published"),
}
