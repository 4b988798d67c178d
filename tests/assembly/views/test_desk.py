"""The pages of departments: the register of departments, the assignment of a case, the desk."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, Mail, User
from assembly.services.follow_up import units
from tests.assembly.conftest import sign_in
from tests.assembly.services.follow_up.offices import clerk, unit
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.web import post


@pytest.fixture(autouse=True)
def clock() -> Any:
    """All begins on the day of the handover."""
    with time_machine.travel(dt.datetime(2035, 3, 1, 12, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def case(session: Session, assembly: Assembly, organiser: User) -> Case:
    """A recommendation that was handed over."""
    found = hand_over(session, assembly, by=organiser, on=dt.date(2035, 3, 1))[0]
    session.commit()
    return found


def as_english(client: FlaskClient, user: User) -> None:
    """Sign in somebody who reads English."""
    sign_in(client, user)
    with client.session_transaction() as cookie:
        cookie["language"] = "en"


def test_somebody_who_has_no_account_is_invited_to_a_department(
    client: FlaskClient, session: Session, organiser: User
) -> None:
    as_english(client, organiser)
    assert post(client, "/units/", name="Tiefbauamt").status_code == 302
    found = units.all_units(session)[0]
    values = {"name": "Dora Digger", "email": "dora@example.org"}
    assert post(client, f"/units/{found.id}", **values).status_code == 302
    again = post(client, f"/units/{found.id}", **values)
    assert (again.status_code, "works in the department already" in again.text) == (422, True)
    assert session.scalars(sa.select(Mail.template)).all() == ["account_invitation"]
    (dora,) = units.all_units(session)[0].members
    assert "Dora Digger" in client.get("/units/").text
    post(client, f"/units/{found.id}/members/{dora.id}/remove")
    session.expire_all()
    assert units.all_units(session)[0].members == []


def test_a_case_is_assigned_and_stands_at_the_desk(
    client: FlaskClient, session: Session, assembly: Assembly, case: Case, organiser: User
) -> None:
    roads, parks = unit(session, "Tiefbauamt", organiser), unit(session, "Grünflächenamt", organiser)
    dora, gero, nele = clerk(session, "Dora", roads), clerk(session, "Gero", parks), clerk(session, "Nele")
    session.commit()
    as_english(client, organiser)
    address = f"/assemblies/{assembly.id}/cases/{case.id}"
    assert f"{address}/units" in client.get(address).text
    assert post(client, f"{address}/units", lead=roads.id, contributing=parks.id, days_before=5).status_code == 302
    for user, part in ((dora, "Has the lead"), (gero, "Contributes")):
        as_english(client, user)
        page = client.get("/desk/").text
        assert re.findall(r"<a [^>]*>(\d+ Radweg \d+)", page) == ["1 Radweg 1"]
        assert part in page
        assert re.findall(r"Internal date: ([^<]*?)\s*<", page) == ["23 May 2035"]
        assert "Departments that contribute: Grünflächenamt" in client.get(f"/desk/cases/{case.id}").text
    as_english(client, nele)
    assert "You work in no department yet." in client.get("/desk/").text
    assert client.get(f"/desk/cases/{case.id}").status_code == 404


def test_the_names_of_departments_are_suggested_where_a_step_asks_for_one(
    client: FlaskClient, session: Session, assembly: Assembly, case: Case, organiser: User
) -> None:
    """As text: a name with marks of HTML stays a name."""
    unit(session, "Amt <b>für</b> Wege", organiser)
    session.commit()
    as_english(client, organiser)
    page = client.get(f"/assemblies/{assembly.id}/cases/{case.id}/steps/assign").text
    name = "Amt &lt;b&gt;für&lt;/b&gt; Wege"
    assert f'<option value="{name}">{name}</option>' in page
