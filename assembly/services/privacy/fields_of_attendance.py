"""What is kept of who comes to events."""

from __future__ import annotations

from assembly.models import Attendance, AttendanceRule
from assembly.services.errors import marked
from assembly.services.privacy.declaring import Basis, Declared, Kept, by_column, table_of
from assembly.services.privacy.fields_of_panel import POOL_AND_PANEL, PROOF

ATTENDANCE = (
    Declared(
        table_of(Attendance),
        marked("Attendance at events"),
        kept=(
            Kept(
                ("reason",),
                marked("Why a member was excused from an event"),
                marked("To understand who cannot come and what would help. Only organisers read it."),
                Basis.CONSENT,
                POOL_AND_PANEL,
            ),
            Kept(
                ("state", "noted_at"),
                marked("Whether a member said they would come, and whether they were there"),
                marked("Shows how many took part in each event; without the code it names nobody."),
                Basis.ACCOUNTABILITY,
                PROOF,
            ),
        ),
        others=frozenset({"event_id", "respondent_id"}),
        rows=by_column(Attendance),
        emptied=("reason",),
    ),
    Declared(
        table_of(AttendanceRule),
        marked("When somebody is absent too often"),
        others=frozenset({"assembly_id", "missed", "last"}),
    ),
)
