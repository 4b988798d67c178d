"""The one declaration of all that is stored: every table, every column."""

from __future__ import annotations

from assembly.services.privacy.declaring import Declared
from assembly.services.privacy.fields_of_allowances import ALLOWANCES
from assembly.services.privacy.fields_of_attendance import ATTENDANCE
from assembly.services.privacy.fields_of_cases import CASES
from assembly.services.privacy.fields_of_experts import EXPERTS
from assembly.services.privacy.fields_of_follow_up import FOLLOW_UP
from assembly.services.privacy.fields_of_members import MEMBERS
from assembly.services.privacy.fields_of_messages import MESSAGES
from assembly.services.privacy.fields_of_needs import NEEDS
from assembly.services.privacy.fields_of_panel import PANEL
from assembly.services.privacy.fields_of_people import REGISTRATIONS
from assembly.services.privacy.fields_of_programme import PROGRAMME
from assembly.services.privacy.fields_of_result_sheets import RESULT_SHEETS
from assembly.services.privacy.fields_of_site import SITE
from assembly.services.privacy.fields_of_tables import TABLES_OF_EVENTS
from assembly.services.privacy.fields_of_visits import VISITS
from assembly.services.privacy.fields_of_work import LOTTERIES, WORK

TABLES: tuple[Declared, ...] = (
    *REGISTRATIONS,
    *PANEL,
    *NEEDS,
    *MEMBERS,
    *ALLOWANCES,
    *MESSAGES,
    *PROGRAMME,
    *FOLLOW_UP,
    *CASES,
    *ATTENDANCE,
    *EXPERTS,
    *VISITS,
    *TABLES_OF_EVENTS,
    *RESULT_SHEETS,
    *SITE,
    *LOTTERIES,
    *WORK,
)
"""A test fails for a column that is missing here."""


def declared(table: str) -> Declared:
    """Return what is declared about a table, by its name in the database."""
    return next(one for one in TABLES if one.table.name == table)
