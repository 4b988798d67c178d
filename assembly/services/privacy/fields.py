"""The one declaration of all that is stored: every table, every column."""

from __future__ import annotations

from assembly.services.privacy.declaring import Declared
from assembly.services.privacy.fields_of_attendance import ATTENDANCE
from assembly.services.privacy.fields_of_experts import EXPERTS
from assembly.services.privacy.fields_of_members import MEMBERS
from assembly.services.privacy.fields_of_messages import MESSAGES
from assembly.services.privacy.fields_of_needs import NEEDS
from assembly.services.privacy.fields_of_panel import PANEL
from assembly.services.privacy.fields_of_people import REGISTRATIONS
from assembly.services.privacy.fields_of_programme import PROGRAMME
from assembly.services.privacy.fields_of_work import LOTTERIES, WORK

TABLES: tuple[Declared, ...] = (
    *REGISTRATIONS,
    *PANEL,
    *NEEDS,
    *MEMBERS,
    *MESSAGES,
    *PROGRAMME,
    *ATTENDANCE,
    *EXPERTS,
    *LOTTERIES,
    *WORK,
)
"""A test fails for a column that is missing here."""


def declared(table: str) -> Declared:
    """Return what is declared about a table, by its name in the database."""
    return next(one for one in TABLES if one.table.name == table)
