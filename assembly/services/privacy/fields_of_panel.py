"""What is kept of people who were drawn."""

from __future__ import annotations

from assembly.models import ContactAttempt, GuardianConsent, Member, Panel
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Deadline, Declared, Kept, by_column, table_of

POOL_AND_PANEL = (Deadline.NOT_DRAWN, Deadline.MEMBERS, Deadline.FOLLOW_UP)
PROOF = (Deadline.PROOFS,)

PANEL = (
    Declared(table_of(Panel), marked("Panel"), others=frozenset({"assembly_id", "drawn_at", "replacements_end_at"})),
    Declared(
        table_of(Member),
        marked("Seats on the panel"),
        kept=(
            Kept(
                ("channel", "language"),
                marked("How and in which language a member wants to be reached"),
                marked("To write to members and to call them as they prefer."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
            Kept(
                ("commitment_id", "drawn_at", "replaced_at"),
                marked("By which draw a seat was given, and since when it is another person’s"),
                marked("Shows how the panel came about; without the code it names nobody."),
                Basis.ACCOUNTABILITY,
                PROOF,
            ),
        ),
        others=frozenset({"respondent_id", "assembly_id"}),
        rows=by_column(Member),
        emptied=("channel", "language"),
    ),
    Declared(
        table_of(ContactAttempt),
        marked("Attempts to reach drawn people"),
        kept=(
            Kept(
                ("at", "channel", "outcome", "callback_on", "note", "by_id"),
                marked("When, how and by whom somebody was contacted, what came of it, notes"),
                marked("So that everybody drawn has the same chance to be reached before their seat is given away."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
        ),
        others=frozenset({"id", "respondent_id"}),
        rows=by_column(ContactAttempt),
        own=True,
    ),
    Declared(
        table_of(GuardianConsent),
        marked("Consents of guardians"),
        kept=(
            Kept(
                ("guardian", "channel", "recorded_at", "recorded_by_id"),
                marked("Which guardian agreed, when, and how that is known"),
                marked("Members under 18 take part only with the consent of a guardian."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
        ),
        others=frozenset({"respondent_id"}),
        rows=by_column(GuardianConsent),
        own=True,
    ),
)
