"""Giving a role to somebody invites who has no account yet."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Mail, Role, User
from assembly.services import accounts, invitations
from assembly.services.errors import ConflictError

LINKS = invitations.Links(
    to_password=lambda user: f"https://example.org/password/{user.id}", to_work="https://example.org/work"
)


def give(session: Session, assembly: Assembly | None, by: User, role: Role = Role.CALLER) -> User:
    return invitations.give_role(
        session, email="neu@example.org", name="Nele Neu", role=role, assembly=assembly, by=by, links=LINKS
    )


def mails(session: Session) -> list[Mail]:
    return list(session.scalars(sa.select(Mail).order_by(Mail.id)))


def test_an_unknown_address_gets_an_account_the_role_and_an_invitation(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    user = give(session, assembly, organiser)
    assert (user.email, user.name, user.password, user.invited_by_id) == (
        "neu@example.org",
        "Nele Neu",
        None,
        organiser.id,
    )
    assert [m.role for m in user.memberships] == [Role.CALLER]
    (mail,) = mails(session)
    assert (mail.template, mail.recipient, mail.language, mail.assembly_id) == (
        "account_invitation",
        "neu@example.org",
        "de",
        assembly.id,
    )
    assert f"https://example.org/password/{user.id}" in mail.text
    assert "Olga Organ" in mail.text
    assert mail.is_confidential


def test_a_known_address_hears_of_its_new_role(session: Session, assembly: Assembly, organiser: User) -> None:
    known = accounts.create_account(session, email="NEU@example.org", name="Nele Altbekannt", language="en")
    known.password = "hash"
    assert give(session, assembly, organiser) is known
    assert known.name == "Nele Altbekannt"
    (mail,) = mails(session)
    assert (mail.template, mail.language, mail.is_confidential) == ("role_given", "en", False)
    assert "https://example.org/work" in mail.text
    assert "Caller: reaches drawn people" in mail.text


def test_a_second_role_before_the_first_sign_in_invites_again(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    give(session, assembly, organiser)
    give(session, assembly, organiser, Role.WITNESS)
    assert [mail.template for mail in mails(session)] == ["account_invitation", "account_invitation"]


def test_an_invitation_can_be_sent_again_until_there_is_a_password(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    user = give(session, assembly, organiser)
    invitations.invite(session, user, assembly=assembly, by=organiser, links=LINKS)
    assert len(mails(session)) == 2
    user.password = "hash"
    with pytest.raises(ConflictError):
        invitations.invite(session, user, assembly=assembly, by=organiser, links=LINKS)
    assert len(mails(session)) == 2


def test_a_role_that_is_refused_invites_nobody(session: Session, assembly: Assembly, organiser: User) -> None:
    give(session, assembly, organiser)
    with pytest.raises(ConflictError):
        give(session, assembly, organiser)
    assert len(mails(session)) == 1
