"""The pages of the council information system: connected, looked through, taken over, disconnected."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from assembly.config import Config
from assembly.extensions import db
from assembly.models import Assembly, BodyMeeting, CouncilMeeting, CouncilSource, Job, LogEntry, User
from assembly.services import handlers, jobs
from assembly.services.council import sources
from assembly.services.follow_up import rules
from assembly.services.handlers import Run
from tests.assembly.conftest import sign_in
from tests.assembly.services.council.conftest import LOOPBACK
from tests.assembly.services.council.server import OParl, running
from tests.assembly.web import csrf_token, inline_parts, post


@pytest.fixture
def oparl() -> Iterator[OParl]:
    """A server whose name would break a page that does not escape."""
    with running("1.1") as made:
        made.lists["/bodies"][0]["name"] = made.single["/body/1"]["name"] = "<i>Stadt</i> Auenfurt"
        yield made


@pytest.fixture
def base(client: FlaskClient, assembly: Assembly, organiser: User) -> str:
    """The address of the pages; an organiser is signed in and reads English."""
    sign_in(client, organiser)
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    return f"/assemblies/{assembly.id}/follow-up/council"


def work(config: Config) -> None:
    """Do the job that waits, as a worker does."""
    sessions = sessionmaker(db.engine)
    with sessions.begin() as own:
        job_id = own.scalars(sa.select(Job.id).where(Job.state == "queued", Job.kind.like("council%"))).one()
        job = jobs.claim(own, job_id, handlers.known_kinds())
        assert job is not None
        run, kind = Run(sessions, config, job.id, job.attempts, job.payload), job.kind
    handlers.perform(run, kind)


def connect(client: FlaskClient, base: str, address: str) -> TestResponse:
    """Name the address of a council information system."""
    return client.post(f"{base}/connect", data={"csrf_token": csrf_token(client), "address": address})


@pytest.fixture
def connected(client: FlaskClient, config: Config, base: str, oparl: OParl) -> str:
    """The pages, with the first body of the server mirrored."""
    allowing = dataclasses.replace(config, council_networks=(LOOPBACK,))
    assert connect(client, base, oparl.url("/system")).status_code == 302
    work(allowing)
    assert post(client, f"{base}/choose", body=oparl.url("/body/1")).status_code == 302
    work(allowing)
    return base


def test_who_may_not_be_asked_is_said(client: FlaskClient, config: Config, base: str, oparl: OParl) -> None:
    assert "No council information system is connected" in client.get(f"{base}/").text
    answer = connect(client, base, "ris.example.org")
    assert (answer.status_code, "beginning with https://" in answer.text, "ris.example.org" in answer.text) == (
        422,
        True,
        True,
    )
    assert connect(client, base, oparl.url("/system")).status_code == 302
    assert "Waiting for its turn" in client.get(f"{base}/").text
    work(config)  # this machine is not allowed
    assert "127.0.0.1 is in a network that is not public" in client.get(f"{base}/").text
    assert client.get(f"{base}/papers").status_code == 404
    assert client.get(f"{base}/progress").headers["HX-Refresh"] == "true"


def test_what_is_mirrored_is_found(client: FlaskClient, connected: str, oparl: OParl) -> None:
    page = client.get(f"{connected}/").text
    assert ("&lt;i&gt;Stadt&lt;/i&gt; Auenfurt" in page, "<i>Stadt" in page, inline_parts(page)) == (True, False, [])
    assert connect(client, connected, oparl.url("/system")).status_code == 422
    found = client.get(f"{connected}/papers?q=ufermauer").text
    assert ("Rückbau der Ufermauer" in found, "Radweg" in found) == (True, False)
    assert "Nothing was found." in client.get(f"{connected}/papers?q=xyz").text
    meetings = client.get(f"{connected}/meetings?q=sitzung+2").text
    assert ("Sitzung 2" in meetings, "Sitzung 3" in meetings) == (True, False)
    with client.application.app_context():
        number = db.session.scalars(sa.select(CouncilMeeting.id).where(CouncilMeeting.name == "Sitzung 1")).one()
    meeting = client.get(f"{connected}/meetings/{number}").text
    assert [
        text in meeting for text in ("einstimmig beschlossen", "Der Stadtrat beschließt den Antrag.", "2027/001")
    ] == [
        True,
        True,
        True,
    ]
    assert client.get(f"{connected}/meetings/999").status_code == 404


def test_chosen_meetings_enter_the_calendar_once(
    client: FlaskClient, session: Session, connected: str, assembly: Assembly, organiser: User
) -> None:
    address = f"{connected}/take-over?organization=Stadtrat"
    assert "name no body that decides" in client.get(address).text
    draft = rules.begin(session, assembly, "council", by=organiser)
    values = {"name": "Verwaltung", "body": "STADTRAT", "binding": draft.addressees[0].binding}
    rules.change_addressee(session, assembly, draft.addressees[0], values, by=organiser)
    session.commit()
    numbers = dict(session.execute(sa.select(CouncilMeeting.name, CouncilMeeting.id)).all())
    page = client.get(address).text
    assert ("Stadtrat, for the calendar of STADTRAT" in page, page.count('type="checkbox"')) == (True, 3)
    assert post(client, address).status_code == 422
    assert post(client, address, chosen=["999"]).status_code == 422
    answer = post(client, address, chosen=[str(numbers["Sitzung 1"]), str(numbers["Sitzung 3"])])
    assert answer.status_code == 302
    session.rollback()
    entered = session.execute(sa.select(BodyMeeting.body, BodyMeeting.held_on, BodyMeeting.is_public, BodyMeeting.link))
    assert sorted(map(tuple, entered)) == [
        ("STADTRAT", dt.date(2035, 1, 15), True, "https://ris.example.org/meeting/1"),
        ("STADTRAT", dt.date(2035, 3, 15), True, "https://ris.example.org/meeting/3"),
    ]
    page = client.get(address).text
    assert ("In the calendar already" in page, page.count('type="checkbox"')) == (True, 1)


def test_it_is_disconnected_after_a_question(
    client: FlaskClient, session: Session, connected: str, assembly: Assembly
) -> None:
    assert "Disconnect the council information system?" in client.get(f"{connected}/disconnect").text
    assert session.scalar(sa.select(sa.func.count()).select_from(CouncilSource)) == 1
    assert post(client, f"{connected}/synchronise").status_code == 302
    assert post(client, f"{connected}/disconnect").status_code == 302
    session.rollback()
    assert sources.source_of(session, assembly) is None
    assert session.scalars(sa.select(Job.state).order_by(Job.id.desc())).first() is jobs.JobState.CANCELLED
    logged = session.scalars(sa.select(LogEntry.action).where(LogEntry.action.like("council%")).order_by(LogEntry.id))
    assert logged.all() == ["council_named", "council_connected", "council_disconnected"]
    assert client.get(f"{connected}/disconnect").status_code == 404
