"""What is kept so that members reach their own page."""

from __future__ import annotations

from assembly.models import MemberAccess, MemberConsent, OneTimeCode
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Declared, Kept, by_column, table_of
from assembly.services.privacy.fields_of_panel import POOL_AND_PANEL

MEMBERS = (
    Declared(
        table_of(MemberAccess),
        marked("Links and codes of members"),
        kept=(
            Kept(
                ("kind", "made_at", "made_by_id", "revoked_at"),
                marked("When a link or a code to the own page was made, by whom, and when it was ended"),
                marked("So that members reach their own page, and nobody else does."),
                Basis.TASK,
                POOL_AND_PANEL,
            ),
        ),
        others=frozenset({"id", "respondent_id", "fingerprint"}),
        rows=by_column(MemberAccess),
        own=True,
    ),
    Declared(
        table_of(OneTimeCode),
        marked("One-time codes of members"),
        kept=(
            Kept(
                ("made_at", "ends_at", "tries_left"),
                marked("When a one-time code was made, until when and how often it can be tried"),
                marked("To protect what a link alone must not open, such as needs and bank data."),
                Basis.TASK,
                POOL_AND_PANEL,
            ),
        ),
        others=frozenset({"respondent_id", "fingerprint"}),
        rows=by_column(OneTimeCode),
        own=True,
    ),
    Declared(
        table_of(MemberConsent),
        marked("What members agree to"),
        kept=(
            Kept(
                ("kind", "given_at", "ended_at", "recorded_by_id"),
                marked(
                    "Whether a member’s name may be published, photos taken, other members reach them, and we write "
                    "to them about the follow-up"
                ),
                marked("To do only what was agreed to, and to be able to prove it."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
        ),
        others=frozenset({"respondent_id"}),
        rows=by_column(MemberConsent),
        own=True,
    ),
)
