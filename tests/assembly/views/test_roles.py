"""Giving and ending roles, invitations by mail, taking off a second factor."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Mail, Role, User
from assembly.services import accounts
from tests.assembly.conftest import sign_in
from tests.assembly.web import OTHER_PASSWORD, PASSWORD, post, set_password, set_up_second_factor, texts

INVITED = {"name": "Nele Neu", "email": "Neu@Example.org", "role": "caller"}


def give(client: FlaskClient, assembly: Assembly, **changes: str) -> int:
    return post(client, f"/assemblies/{assembly.id}/roles", **(INVITED | changes)).status_code


def link_in_last_mail(session: Session) -> str:
    mail = session.scalars(sa.select(Mail).order_by(Mail.id.desc())).first()
    assert mail is not None
    (line,) = [line for line in mail.text.splitlines() if "/account/reset/" in line]
    assert line.startswith("http://127.0.0.1:8000/account/reset/")
    return line.removeprefix("http://127.0.0.1:8000")


def rows(client: FlaskClient, assembly: Assembly) -> str:
    return " | ".join(texts(client.get(f"/assemblies/{assembly.id}/roles").text))


def test_from_invitation_to_first_sign_in(
    app: Flask, client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    sign_in(client, organiser)
    assert give(client, assembly) == 302
    assert (
        "Nele Neu | neu@example.org | Telefondienst: erreicht ausgeloste Personen | Eingeladen, noch ohne Passwort"
        in rows(client, assembly)
    )
    link = link_in_last_mail(session)
    visitor = app.test_client()
    assert visitor.get(link).status_code == 200
    answer = post(visitor, link, password=PASSWORD, password_confirm=PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/account/login")
    assert post(visitor, "/account/login", email="neu@example.org", password=PASSWORD).status_code == 302
    assert visitor.get(f"/assemblies/{assembly.id}").status_code == 200
    assert "Telefondienst: erreicht ausgeloste Personen | Aktiv" in rows(client, assembly)
    set_up_second_factor(session, accounts.find_account(session, "neu@example.org"))  # type: ignore[arg-type]  # is there
    assert "Telefondienst: erreicht ausgeloste Personen | Aktiv, mit zweitem Faktor" in rows(client, assembly)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEPARTMENT])
def test_the_first_page_leads_each_role_to_what_it_does_there_and_nowhere_else(
    client: FlaskClient, session: Session, assembly: Assembly, role: Role
) -> None:
    """Every page named there opens; who has all pages along the way of the assembly needs no list."""
    account = accounts.create_account(session, email="neu@example.org", name="Nele Neu")
    accounts.grant(session, account, role, assembly=None if role.is_city_wide else assembly, by=None)
    session.commit()
    sign_in(client, account)
    page = client.get(f"/assemblies/{assembly.id}").text
    listed = re.findall(r'<li class="kern-list__item"><a class="kern-link" href="(/[^"]+)"', page)
    assert [client.get(address).status_code for address in listed] == [200] * len(listed)
    expected = {Role.CALLER: 3, Role.SUPPORT: 3, Role.FACILITATOR: 2, Role.WITNESS: 1}
    assert len(listed) == expected.get(role, 0)


def test_the_link_works_once_and_ends_all_others(
    app: Flask, client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    sign_in(client, organiser)
    give(client, assembly)
    first = link_in_last_mail(session)
    (membership,) = [m for m in accounts.memberships_in(session, assembly) if m.role is Role.CALLER]
    assert post(client, f"/assemblies/{assembly.id}/roles/{membership.id}/invite").status_code == 302
    second = link_in_last_mail(session)
    visitor = app.test_client()
    post(visitor, second, password=PASSWORD, password_confirm=PASSWORD)
    for link in (first, second):
        answer = post(visitor, link, password=OTHER_PASSWORD, password_confirm=OTHER_PASSWORD)
        assert answer.location == "/account/reset"
    assert post(visitor, "/account/login", email="neu@example.org", password=PASSWORD).status_code == 302


def test_the_link_works_for_three_days(
    app: Flask, client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    sign_in(client, organiser)
    give(client, assembly)
    link = link_in_last_mail(session)
    for hours, status in ((71, 200), (73, 302)):
        with time_machine.travel(now() + dt.timedelta(hours=hours)):
            assert app.test_client().get(link).status_code == status


def test_the_link_does_not_follow_a_forged_host(
    app: Flask, client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    sign_in(client, organiser)
    client.environ_base["HTTP_HOST"] = "evil.example"
    give(client, assembly)
    assert link_in_last_mail(session).startswith("/account/reset/")
    set_password(session, organiser)
    visitor = app.test_client()
    visitor.environ_base["HTTP_HOST"] = "evil.example"
    post(visitor, "/account/reset", email=organiser.email)
    assert link_in_last_mail(session).startswith("/account/reset/")
    assert "evil.example" not in "".join(mail.text + mail.html for mail in session.scalars(sa.select(Mail)))


def test_whoever_is_active_cannot_be_invited(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    set_password(session, organiser)
    sign_in(client, organiser)
    (membership,) = accounts.memberships_in(session, assembly)
    answer = post(client, f"/assemblies/{assembly.id}/roles/{membership.id}/invite")
    assert answer.status_code == 409
    assert "Dieses Konto ist bereits aktiv. Ein neues Passwort gibt es auf der Anmeldeseite." in texts(answer.text)


def test_invitations_are_limited(
    app: Flask, client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    app.config["RATELIMIT_ENABLED"] = True
    sign_in(client, organiser)
    give(client, assembly)
    (membership,) = [m for m in accounts.memberships_in(session, assembly) if m.role is Role.CALLER]
    address = f"/assemblies/{assembly.id}/roles/{membership.id}/invite"
    for _ in range(6):  # whoever may not invite uses up nobody's invitations
        post(app.test_client(), address)
    assert [post(client, address).status_code for _ in range(6)] == [302] * 5 + [429]


@pytest.mark.parametrize(
    "changes",
    [{"role": "site_administrator"}, {"role": "nonsense"}, {"name": ""}, {"email": "nonsense"}, {"email": ""}],
    ids=str,
)
def test_what_is_not_possible_is_refused(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User, changes: dict[str, str]
) -> None:
    sign_in(client, organiser)
    assert give(client, assembly, **changes) == 422
    assert accounts.find_account(session, "neu@example.org") is None


def test_a_role_that_somebody_has_is_said_at_its_field(
    client: FlaskClient, assembly: Assembly, organiser: User
) -> None:
    sign_in(client, organiser)
    values = INVITED | {"email": organiser.email, "role": "organiser"}
    answer = post(client, f"/assemblies/{assembly.id}/roles", **values)
    assert answer.status_code == 422
    assert "Rolle: Das Konto hat diese Rolle bereits." in texts(answer.text)


def test_ending_the_last_organiser_s_role_is_refused_with_a_page(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    sign_in(client, organiser)
    (membership,) = accounts.memberships_in(session, assembly)
    answer = post(client, f"/assemblies/{assembly.id}/roles/{membership.id}/revoke")
    assert answer.status_code == 422
    assert "Diese Rolle muss jemand behalten. Geben Sie sie zuerst einem anderen Konto." in texts(answer.text)


def test_a_site_administrator_takes_off_a_lost_second_factor_and_an_organiser_cannot(
    app: Flask, session: Session, assembly: Assembly, organiser: User
) -> None:
    administrator = accounts.create_account(session, email="admin@example.org", name="Ada Admin")
    accounts.grant(session, administrator, Role.SITE_ADMINISTRATOR, by=None)
    set_password(session, organiser)
    set_up_second_factor(session, organiser)
    (membership,) = accounts.memberships_in(session, assembly)
    address = f"/assemblies/{assembly.id}/roles/{membership.id}/reset-second-factor"
    answers = []
    for user in (organiser, administrator):
        client = app.test_client()
        sign_in(client, user)
        page = client.get(f"/assemblies/{assembly.id}/roles").text
        answers.append((post(client, address).status_code, address in page))
    assert answers == [(403, False), (302, True)]
    assert not accounts.has_second_factor(organiser)
