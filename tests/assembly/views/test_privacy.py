"""The pages about personal data, the file for a person, and the public heads of the log."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.clock import ZONE
from assembly.extensions import db
from assembly.models import Assembly, Respondent, User
from assembly.services import daily, imports, logbook
from assembly.services.privacy.deadlines import schedule_of
from assembly.services.privacy.declaring import Deadline
from assembly.services.privacy.fields import TABLES
from assembly.services.privacy.retention import DELETED
from tests.assembly.conftest import sign_in
from tests.assembly.queries import counted
from tests.assembly.sample import as_csv
from tests.assembly.web import post


@pytest.fixture
def respondent(session: Session, assembly: Assembly, organiser: User) -> Respondent:
    file = as_csv([{"id": "K1", "Vorname": "Ada", "Nachname": "Groß", "E-Mail": "ada@example.org"}])
    imports.apply_import(session, imports.upload(session, assembly, file, name="a.csv", by=organiser), by=organiser)
    session.commit()
    return session.query(Respondent).one()


def page_of(client: FlaskClient, assembly: Assembly, language: str) -> str:
    post(client, f"/language/{language}")
    return client.get(f"/assemblies/{assembly.id}/privacy").text


def test_every_purpose_and_date_is_shown(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User, respondent: Respondent
) -> None:
    sign_in(client, organiser)
    page = page_of(client, assembly, "en")
    for declared in TABLES:
        for kept in declared.kept:
            assert kept.purpose in page
            assert ", ".join(kept.columns) in page
    due = schedule_of(session, assembly).due[Deadline.NOT_DRAWN]
    assert due
    day = due.astimezone(ZONE)
    assert f"{day.day} {day:%B} {day.year}" in page


def test_nothing_of_it_is_english_in_german(client: FlaskClient, assembly: Assembly, organiser: User) -> None:
    sign_in(client, organiser)
    page = page_of(client, assembly, "de")
    texts = [text for declared in TABLES for kept in declared.kept for text in (kept.label, kept.purpose)]
    assert [text for text in texts if f">{text}<" in page] == []
    assert "Aufbewahrt" in page


def test_what_was_deleted_is_shown(client: FlaskClient, session: Session, assembly: Assembly, organiser: User) -> None:
    logbook.record(session, assembly, DELETED, by=None, details={"people_not_drawn": 12, "mails": 3})
    session.commit()
    sign_in(client, organiser)
    assert "12 people who are not on the panel; 3 mails and letters" in page_of(client, assembly, "en")


@pytest.mark.parametrize("kind", ["json", "xlsx"])
def test_a_persons_file_is_handed_over_and_logged(
    client: FlaskClient, session: Session, organiser: User, respondent: Respondent, kind: str
) -> None:
    sign_in(client, organiser)
    here, number = respondent.assembly_id, respondent.id
    assert f"/privacy/people/{number}/{kind}" in client.get(f"/assemblies/{here}/pool/{number}").text
    answer = post(client, f"/assemblies/{here}/privacy/people/{number}/{kind}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{number}.{kind}"'
    if kind == "json":
        content = json.loads(answer.data)
        assert content["code"] == "K1"
        assert {part["table"] for part in content["parts"]} >= {"contacts", "import_changes"}
    log = list(logbook.entries_of(session, session.get_one(Assembly, here)))
    assert log[-1].action == "person_exported"


def test_the_pages_ask_the_database_little(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    for number in range(20):
        logbook.record(session, assembly, DELETED, by=None, details={"mails": number})
    session.commit()
    sign_in(client, organiser)
    client.get("/assemblies/")
    here = assembly.id
    with counted(db.engine) as statements:
        client.get(f"/assemblies/{here}/privacy")
    assert len(statements) <= 25


def test_the_public_page_shows_the_last_days_and_the_file_all(
    client: FlaskClient, session: Session, assembly: Assembly
) -> None:
    assembly.is_public = True
    session.commit()
    slug = assembly.slug
    assert client.get(f"/a/{slug}/log").status_code == 200
    heads = []
    for day in range(40):
        with time_machine.travel(dt.datetime(2027, 1, 1, 12, tzinfo=dt.UTC) + day * dt.timedelta(days=1)):
            logbook.record(session, assembly, "tested", by=None)
            daily.publish(session)
            heads.append(logbook.head_of(session, assembly))
    session.commit()
    page = client.get(f"/a/{slug}/log").text
    assert [head in page for head in heads] == [False] * 10 + [True] * 30
    file = json.loads(client.get(f"/a/{slug}/log.json").data)
    assert [head["head"] for head in file["heads"]] == heads[::-1]
    assert file["heads"][-1]["day"] == "2027-01-01"


def test_the_heads_of_an_assembly_that_is_not_public_are_not_shown(client: FlaskClient, assembly: Assembly) -> None:
    slug = assembly.slug
    assert [client.get(f"/a/{slug}/{page}").status_code for page in ("log", "log.json")] == [404, 404]
