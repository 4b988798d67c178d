"""How people are written to: by mail, else by letter, else not at all; told the same way in Python and in SQL."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Contact, Respondent, Source
from assembly.services.recipients import is_unreachable, recipient_of

FULL = {
    "first_name": "Eva",
    "last_name": "Muster",
    "email": "eva@example.org",
    "street": "Hauptstraße",
    "house_number": "1",
    "postcode": "12345",
    "city": "Auenfurt",
    "language": "en",
}
EMAILS = (
    "eva@example.org",
    "",
    "eva",
    "eva@",
    "@example.org",
    "eva@example",
    "e@x@example.org",
    "e a@example.org",
    "a@b.",
)


def contact(**changes: Any) -> Contact:
    return Contact(**FULL | changes)


def test_whoever_has_both_has_a_mail_and_could_have_a_letter() -> None:
    found = recipient_of(contact())
    assert (found.name, found.email, found.language) == ("Eva Muster", "eva@example.org", "en")
    assert found.address == ("Eva Muster", "Hauptstraße 1", "12345 Auenfurt")


@pytest.mark.parametrize("email", EMAILS[1:])
def test_what_is_no_address_for_mail_is_none(email: str) -> None:
    assert recipient_of(contact(email=email)).email is None


@pytest.mark.parametrize("changes", [{"street": ""}, {"postcode": "", "city": ""}])
def test_half_a_postal_address_is_none(changes: dict[str, str]) -> None:
    assert recipient_of(contact(**changes)).address == ()


def test_whoever_has_a_language_without_templates_is_written_to_in_german() -> None:
    assert recipient_of(contact(language="ar")).language == "de"


def test_the_database_finds_exactly_those_who_cannot_be_reached(session: Session, assembly: Assembly) -> None:
    kinds = itertools.product(EMAILS, ("", "Hauptstraße"), ("", "12345"), ("", "Auenfurt"))
    for number, (email, street, postcode, city) in enumerate(kinds):
        own = contact(email=email, street=street, postcode=postcode, city=city)
        session.add(
            Respondent(assembly_id=assembly.id, code=f"K{number}", registered_at=now(), source=Source.FILE, contact=own)
        )
    session.flush()
    found = set(session.scalars(sa.select(Contact.respondent_id).where(is_unreachable())))
    everyone = session.scalars(sa.select(Contact)).all()
    assert found == {one.respondent_id for one in everyone if not recipient_of(one).is_reachable}
    assert 0 < len(found) < len(everyone)
