"""Seeds the city's departments, who works in them, and what they draft."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from demo_days import working_from
from sqlalchemy.orm import Session

from assembly.models import EVERY_ADDRESSEE, Assembly, Case, ContactRole, Move, Recommendation, User
from assembly.services import accounts
from assembly.services.daily import today
from assembly.services.follow_up import contacts, drafts, units

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


def enter_contacts(session: Session, assembly: Assembly, *, by: User) -> None:
    """Enter who is told what is owed."""
    for role in ContactRole:
        values = {"role": role, "addressee": EVERY_ADDRESSEE, "email": f"{role.value}@auenfurt.example"}
        contacts.add_contact(session, assembly, values, by=by)


def draft_steps(session: Session, assembly: Assembly) -> None:
    """Leave an answer half written, with a comment, and a report that waits for approval."""
    clerk = _account(session, CLERK)
    stops = _case(session, assembly, "Jede Haltestelle")
    begun = {
        "outcome": "with_changes",
        "summary": "Die Stadt baut jedes Jahr zwölf Haltestellen um, die meistgenutzten zuerst.",
        "reasons": "Die Bestandsaufnahme zeigt: 61 von 112 Haltestellen sind nicht barrierefrei.",
        "measure": "Zwölf Haltestellen im Jahr, nach einer Liste mit dem Beirat.",
        "unit": MOBILITY,
        "starts_on": working_from(today() + dt.timedelta(days=120)),
    }
    draft = drafts.save(session, stops, Move.ANSWER, begun, base=0, by=clerk)
    drafts.comment(session, draft, "Die Kosten je Haltestelle fehlen noch, bitte bei der Kämmerei erfragen.", by=clerk)
    path = _case(session, assembly, "Durchgehender Radweg")
    report = {"progress": "Die Bauaufträge sind vergeben, am Markt werden Leitungen umgelegt.", "percent": 35}
    submitted = drafts.save(session, path, Move.REPORT, report, base=0, by=clerk)
    drafts.submit(session, submitted, by=clerk)


def _case(session: Session, assembly: Assembly, title: str) -> Case:
    found = sa.select(Case).join(Case.recommendation).where(Case.assembly_id == assembly.id)
    return session.scalars(found.where(Recommendation.title.startswith(title)).order_by(Case.id)).all()[0]


def _account(session: Session, email: str) -> User:
    found = accounts.find_account(session, email)
    if found is None:
        raise LookupError(email)
    return found
