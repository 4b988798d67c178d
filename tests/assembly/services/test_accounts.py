"""Accounts and roles: who holds which, how far an account is, who needs a second factor."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, LogEntry, Role, User
from assembly.services import accounts
from assembly.services.accounts import SECOND_FACTOR_ROLES, AccountState
from assembly.services.errors import ConflictError, NotFoundError, RuleError


@pytest.fixture
def user(session: Session) -> User:
    return accounts.create_account(session, email=" Vera@Example.org ", name=" Vera Vogel ")


def log_of(session: Session) -> list[tuple[str, dict[str, object]]]:
    return [(entry.action, entry.details) for entry in session.scalars(sa.select(LogEntry).order_by(LogEntry.number))]


def test_an_address_has_one_account_however_it_is_written(session: Session, user: User) -> None:
    assert (user.email, user.name) == ("vera@example.org", "Vera Vogel")
    assert accounts.find_account(session, "VERA@example.org ") is user
    with pytest.raises(ConflictError) as refusal:
        accounts.create_account(session, email="vera@EXAMPLE.org", name="Somebody else")
    assert refusal.value.field == "email"


def test_a_role_is_given_once_and_stands_in_the_log_without_a_name(
    session: Session, assembly: Assembly, organiser: User, user: User
) -> None:
    accounts.grant(session, user, Role.WITNESS, assembly=assembly, by=organiser)
    with pytest.raises(ConflictError):
        accounts.grant(session, user, Role.WITNESS, assembly=assembly, by=organiser)
    assert log_of(session)[-1] == ("role_granted", {"role": "witness", "account": user.id})


@pytest.mark.parametrize("role", Role)
def test_a_role_has_one_scope(session: Session, assembly: Assembly, organiser: User, user: User, role: Role) -> None:
    with pytest.raises(RuleError):
        accounts.grant(session, user, role, assembly=assembly if role.is_city_wide else None, by=organiser)


def test_an_ended_role_can_be_given_again(session: Session, assembly: Assembly, organiser: User, user: User) -> None:
    first = accounts.grant(session, user, Role.CALLER, assembly=assembly, by=organiser)
    accounts.revoke(session, first, assembly=assembly, by=organiser)
    second = accounts.grant(session, user, Role.CALLER, assembly=assembly, by=organiser)
    assert [m.user for m in accounts.memberships_in(session, assembly)] == [organiser, user]
    assert second.id != first.id


def test_the_last_organiser_and_the_last_site_administrator_stay(
    session: Session, assembly: Assembly, organiser: User, user: User
) -> None:
    (own,) = accounts.memberships_in(session, assembly)
    with pytest.raises(RuleError):
        accounts.revoke(session, own, assembly=assembly, by=organiser)
    accounts.grant(session, user, Role.ORGANISER, assembly=assembly, by=organiser)
    accounts.revoke(session, own, assembly=assembly, by=organiser)
    site = accounts.grant(session, user, Role.SITE_ADMINISTRATOR, by=None)
    with pytest.raises(RuleError):
        accounts.revoke(session, site, by=organiser)


def test_a_membership_is_found_where_it_belongs_alone(session: Session, assembly: Assembly, organiser: User) -> None:
    (here,) = accounts.memberships_in(session, assembly)
    (city_wide,) = accounts.memberships_in(session, None)
    assert accounts.get_membership(session, here.id, assembly=assembly) is here
    with pytest.raises(NotFoundError):
        accounts.get_membership(session, city_wide.id, assembly=assembly)
    with pytest.raises(NotFoundError):
        accounts.get_membership(session, here.id, assembly=None)


def test_roles_of_an_account_name_their_assemblies(session: Session, assembly: Assembly, organiser: User) -> None:
    assert [(m.role, m.assembly) for m in accounts.roles_of(session, organiser)] == [
        (Role.COUNCIL_OFFICE, None),
        (Role.ORGANISER, assembly),
    ]


def test_an_account_is_invited_then_active_then_secured(session: Session, user: User) -> None:
    assert accounts.state_of(user) is AccountState.INVITED
    user.password = "hash"
    assert accounts.state_of(user) is AccountState.ACTIVE
    user.tf_primary_method, user.tf_totp_secret = "authenticator", "secret"
    assert accounts.state_of(user) is AccountState.SECURED


@pytest.mark.parametrize("role", Role)
def test_roles_that_see_many_peoples_data_need_a_second_factor(
    session: Session, assembly: Assembly, organiser: User, user: User, role: Role
) -> None:
    scope = None if role.is_city_wide else assembly
    membership = accounts.grant(session, user, role, assembly=scope, by=None)
    assert accounts.needs_second_factor(user) == (role in SECOND_FACTOR_ROLES)
    if role is not Role.SITE_ADMINISTRATOR:
        accounts.revoke(session, membership, assembly=scope, by=organiser)
        assert not accounts.needs_second_factor(user)
    assert {"organiser", "caller", "support", "auditor", "site_administrator"} == SECOND_FACTOR_ROLES


def test_taking_a_second_factor_off_ends_sessions_and_is_logged(
    session: Session, assembly: Assembly, organiser: User, user: User
) -> None:
    with pytest.raises(ConflictError):
        accounts.reset_second_factor(session, user, assembly=assembly, by=organiser)
    user.tf_primary_method, user.tf_totp_secret, user.mf_recovery_codes = "authenticator", "secret", ["code"]
    before = user.fs_uniquifier
    accounts.reset_second_factor(session, user, assembly=assembly, by=organiser)
    assert (user.tf_primary_method, user.tf_totp_secret, user.mf_recovery_codes) == (None, None, None)
    assert user.fs_uniquifier != before
    assert log_of(session)[-1] == ("second_factor_reset", {"account": user.id})


def test_whom_the_city_names_belongs_to_this_subject_from_then_on(session: Session, user: User) -> None:
    """So whoever is given the address of somebody who left does not get their account."""
    assert accounts.find_signed_in_elsewhere(session, subject="city 1", email="Vera@example.org") is user
    assert accounts.find_signed_in_elsewhere(session, subject="city 1", email="other@example.org") is user
    assert accounts.find_signed_in_elsewhere(session, subject="city 2", email="vera@example.org") is None


def test_city_wide_deeds_stand_in_the_log_of_the_server_without_names(
    session: Session, user: User, organiser: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="assembly.accounts"):
        membership = accounts.grant(session, user, Role.DEPARTMENT, by=organiser)
        accounts.revoke(session, membership, by=organiser)
    deeds = [record.getMessage() for record in caplog.records]
    numbers = f"membership:{membership.id} by account {organiser.id}: {{'role': 'department', 'account': {user.id}}}"
    assert deeds == [f"role_granted {numbers}", f"role_revoked {numbers}"]
