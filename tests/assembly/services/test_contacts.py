"""People are listed in German order, on both databases alike."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from assembly.clock import now
from assembly.models import Contact, Member, Respondent, Role, Source, Status
from assembly.services import accounts, assemblies, pool
from assembly.services.contacts import contact_keys
from assembly.services.panel import seats
from assembly.services.pool import Sort
from tests.assembly.conftest import WORDS

NAMES = ["Abel", "Äcker", "Đặng", "de Vries", "Łukasz", "Meyer", "Meyer-Schulz", "Meyers", "Öz", "Schade"]
NAMES += ["Schäfer", "Scholz", "Zöller"]


def test_names_stand_in_german_order_on_both_databases(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        organiser = accounts.create_account(session, email="orga@example.org", name="Olga")
        accounts.grant(session, organiser, Role.COUNCIL_OFFICE, by=None)
        assembly = assemblies.create_assembly(session, WORDS, by=organiser)
        for number, name in enumerate(reversed(NAMES)):
            contact = {"last_name": name, "first_name": "Ada"}
            person = Respondent(
                assembly_id=assembly.id,
                code=f"K{number}",
                status=Status.DRAWN,
                registered_at=now(),
                source=Source.BY_HAND,
                contact=Contact(**contact, **contact_keys(contact, "K")),
            )
            session.add(person)
        session.add(
            Respondent(
                assembly_id=assembly.id, code="gone", status=Status.ERASED, registered_at=now(), source=Source.BY_HAND
            )
        )
    with sessions() as session:
        statement = sa.select(Contact.last_name).select_from(Respondent).outerjoin(Respondent.contact)
        assert session.scalars(statement.order_by(*pool._ORDER[Sort.NAME])).all() == [None, *NAMES]
        people = session.scalars(sa.select(Respondent).where(Respondent.status == Status.DRAWN)).all()
        members = [Member(respondent=one, replaced_at=None) for one in people]
        in_order = [one.respondent.contact for one in sorted(members, key=seats._place)]
        assert [contact.last_name for contact in in_order if contact] == NAMES
        session.expunge_all()
