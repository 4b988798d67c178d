"""To whom notices go: known addressees only, each address once, logged without the address, and deleted on time."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, ContactRole, LogEntry, User
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.follow_up import contacts
from assembly.services.privacy import deadlines, retention
from tests.assembly.services.follow_up.recommended import hand_over

HANDED_OVER = dt.date(2035, 3, 1)
MAYOR = {"role": "mayor", "addressee": 1, "email": "Eva.Unverwechselbar@auenfurt.example"}


@pytest.fixture(autouse=True)
def opened(session: Session, assembly: Assembly, organiser: User) -> Case:
    return hand_over(session, assembly, by=organiser, on=HANDED_OVER)[0]


def test_an_address_is_entered_once_and_for_an_addressee_that_there_is(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    made = contacts.add_contact(session, assembly, MAYOR, by=organiser)
    assert (made.role, made.addressee, made.email) == (ContactRole.MAYOR, 1, "eva.unverwechselbar@auenfurt.example")
    with pytest.raises(ConflictError, match="entered already"):
        contacts.add_contact(session, assembly, MAYOR, by=organiser)
    with pytest.raises(RuleError) as refused:
        contacts.add_contact(session, assembly, MAYOR | {"addressee": 99}, by=organiser)
    assert refused.value.field == "addressee"
    for_all = contacts.add_contact(session, assembly, MAYOR | {"addressee": 0}, by=organiser)
    assert list(contacts.contacts_of(session, assembly)) == [for_all, made]
    with pytest.raises(NotFoundError):
        contacts.remove_contact(session, assembly, made.id + 99, by=organiser)
    contacts.remove_contact(session, assembly, made.id, by=organiser)
    assert list(contacts.contacts_of(session, assembly)) == [for_all]


def test_the_log_does_not_say_the_address(session: Session, assembly: Assembly, organiser: User) -> None:
    made = contacts.add_contact(session, assembly, MAYOR, by=organiser)
    contacts.remove_contact(session, assembly, made.id, by=organiser)
    entries = session.scalars(sa.select(LogEntry).where(LogEntry.action.startswith("contact_"))).all()
    assert [one.details for one in entries] == [{"role": "mayor", "addressee": 1}] * 2
    assert [one for one in entries if "unverwechselbar" in str((one.subject, one.details)).casefold()] == []


def test_addresses_go_once_every_case_is_closed(
    session: Session, assembly: Assembly, organiser: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    contacts.add_contact(session, assembly, MAYOR, by=organiser)
    monkeypatch.setattr(deadlines, "is_due", lambda *_args: True)
    assert retention.delete_contacts(session, assembly) == {}
    session.execute(sa.update(Case).values(state="closed", closed_on=HANDED_OVER))
    assert retention.delete_contacts(session, assembly) == {"contacts": 1}
    assert contacts.contacts_of(session, assembly) == []
