"""Seeds the city's departments, and who works in them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assembly.models import User
from assembly.services import accounts
from assembly.services.follow_up import units

CLERK, MAYOR = "fachamt@example.org", "buergermeisteramt@example.org"
MOBILITY, ROADS, MAYORS_OFFICE = "Amt für Mobilität", "Tiefbauamt", "Büro der Oberbürgermeisterin"
OTHERS = ("Straßenverkehrsamt", "Ordnungsamt", "Sozialamt")


def enter_departments(session: Session, *, by: User) -> None:
    """Enter the departments; two have an account, and the mayor's office."""
    for name in (MOBILITY, ROADS, *OTHERS):
        unit = units.add_unit(session, name=name, approves=False, by=by)
        if name not in OTHERS:
            units.join(session, unit, _account(session, CLERK), by=by)
    office = units.add_unit(session, name=MAYORS_OFFICE, approves=True, by=by)
    units.join(session, office, _account(session, MAYOR), by=by)


def _account(session: Session, email: str) -> User:
    found = accounts.find_account(session, email)
    if found is None:
        raise LookupError(email)
    return found
