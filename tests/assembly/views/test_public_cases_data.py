"""The open data of the register as everyone gets them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import xml.etree.ElementTree as ET
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.config import LICENCE
from assembly.models import Assembly, Case, Duty, Move, User
from assembly.services.daily import today
from assembly.services.follow_up import cases
from assembly.services.follow_up.transitions import Actor
from tests.assembly.services.follow_up.recommended import hand_over

ATOM = "{http://www.w3.org/2005/Atom}"
NAMES = ("follow-up.json", "follow-up.csv", "follow-up.schema.json", "follow-up.atom")


@pytest.fixture
def base(session: Session, assembly: Assembly, organiser: User) -> str:
    """The address of a public assembly that handed over a recommendation."""
    assembly.is_public = True
    case = hand_over(session, assembly, by=organiser, on=today())[0]
    cases.move(session, case, Move.ASSIGN, {"unit": "Tiefbauamt"}, actor=Actor.OFFICE, by=organiser)
    session.commit()
    return f"/a/{assembly.slug}"


def test_the_data_name_their_schema_which_stands_beside_them(client: FlaskClient, base: str) -> None:
    content: Any = client.get(f"{base}/follow-up.json").json
    schema: Any = client.get(f"{base}/follow-up.schema.json").json
    assert content["$schema"] == schema["$id"] == f"http://127.0.0.1:8000{base}/follow-up.schema.json"
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(content)
    assert content["licence"] == LICENCE
    page = content["cases"][0]["page"].removeprefix("http://127.0.0.1:8000")
    assert (client.get(page).status_code, client.get(f"{base}/follow-up/register").status_code) == (200, 200)


def test_the_rows_are_a_file_to_save(client: FlaskClient, base: str) -> None:
    answer = client.get(f"{base}/follow-up.csv")
    assert (answer.mimetype, answer.headers["Content-Disposition"].split(";")[0]) == ("text/csv", "attachment")
    assert answer.headers["Link"] == f'<{LICENCE}>; rel="license"'
    [row] = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert (row["title"], row["unit"], row["state"]) == ("Radweg 1", "Tiefbauamt", "assigned")


def test_the_feed_tells_each_step_and_on_the_morning_after_its_day_what_is_overdue(
    client: FlaskClient, session: Session, base: str
) -> None:
    [assigned] = entries(client, base)
    assert assigned["title"] == "Assigned to a department (Recommendation 1: Radweg 1)"
    found = session.scalars(sa.select(Case)).one()
    due = cases.course_of_case(found).due(Duty.ANSWER)
    assert due
    with time_machine.travel(dt.datetime.combine(due, dt.time(12), tzinfo=dt.UTC)):
        assert entries(client, base) == [assigned]
    with time_machine.travel(dt.datetime.combine(due + dt.timedelta(days=1), dt.time(12), tzinfo=dt.UTC)):
        late, before = entries(client, base)
    assert (before, late["title"].startswith("Overdue since ")) == (assigned, True)
    assert late["title"].endswith(": Answer in public (Recommendation 1: Radweg 1)")
    assert late["id"].endswith(f"/recommendations/1#case-{found.id}-answer-{due.isoformat()}")


def test_the_feed_of_a_selection_tells_nothing_else(client: FlaskClient, session: Session, base: str) -> None:
    [case] = session.scalars(sa.select(Case))
    case.recommendation.theme = "Rad & Fuß"
    session.commit()
    counts = {
        query: len(entries(client, base, query))
        for query in ("recommendation=1", "recommendation=2", "theme=Rad+%26+Fu%C3%9F", "theme=Bus", "overdue=1")
    }
    assert list(counts.values()) == [1, 0, 1, 0, 0]
    due = cases.course_of_case(case).due(Duty.ANSWER)
    assert due
    with time_machine.travel(dt.datetime.combine(due + dt.timedelta(days=1), dt.time(12), tzinfo=dt.UTC)):
        [late] = entries(client, base, "overdue=1")
    assert late["title"].startswith("Overdue since ")


def entries(client: FlaskClient, base: str, query: str = "") -> list[dict[str, str]]:
    """Return the entries of the feed, newest first."""
    address = f"{base}/follow-up.atom?{query}"
    feed = ET.fromstring(client.get(address, headers={"Accept-Language": "en"}).data)  # noqa: S314  # we wrote it
    return [{one.tag.removeprefix(ATOM): one.text or "" for one in entry} for entry in feed.findall(f"{ATOM}entry")]


@pytest.mark.parametrize("name", NAMES)
def test_whoever_has_it_already_is_told_so(client: FlaskClient, base: str, name: str) -> None:
    first = client.get(f"{base}/{name}")
    known = {"If-None-Match": first.headers["ETag"]}
    assert client.get(f"{base}/{name}", headers=known).status_code == 304


def test_only_what_a_public_assembly_handed_over_is_given(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    assembly.is_public = True
    session.commit()
    before = [client.get(f"/a/{assembly.slug}/{name}").status_code for name in NAMES]
    hand_over(session, assembly, by=organiser, on=today())
    session.commit()
    public = [client.get(f"/a/{assembly.slug}/{name}").status_code for name in NAMES]
    assembly.is_public = False
    session.commit()
    closed = [client.get(f"/a/{assembly.slug}/{name}").status_code for name in NAMES]
    assert (before, public, closed) == ([404] * 4, [200] * 4, [404] * 4)
