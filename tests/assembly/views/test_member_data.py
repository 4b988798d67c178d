"""What members decide themselves: what they agree to, who reaches them, their data as a file, leaving."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Channel, ConsentKind, GuardianConsent, Member, MemberConsent, Role, Status
from assembly.services import accounts, logbook
from assembly.services.errors import ConflictError, RuleError
from assembly.services.members import consents
from assembly.services.panel import calling
from tests.assembly.conftest import sign_in
from tests.assembly.services.panels import DrawnPanel, members_in
from tests.assembly.views.conftest import confirmed


def others_of(session: Session, panel: DrawnPanel) -> list[Member]:
    """Let the three others take their seats, too."""
    _, organiser = panel.load(session)
    people = members_in(session, Status.DRAWN)
    for one in people:
        calling.confirm(session, one, channel=Channel.MAIL, language="en", by=organiser)
    session.commit()
    return [session.get_one(Member, one.id) for one in people]


def test_a_member_agrees_and_takes_it_back(session: Session, member: Member, member_client: FlaskClient) -> None:
    assert "You have not agreed" in member_client.get("/m/data").text
    for _twice in range(2):
        assert member_client.post("/m/consents/photo").headers["Location"] == "/m/data"
    given = session.get_one(MemberConsent, (member.respondent_id, ConsentKind.PHOTO))
    assert (given.ended_at, given.recorded_by_id) == (None, None)
    assert "You agreed on" in member_client.get("/m/data").text
    for _twice in range(2):
        member_client.post("/m/consents/photo/end")
    session.expire_all()
    assert given.ended_at is not None
    assert "You took it back on" in member_client.get("/m/data").text
    logged = logbook.entries_with(session, member.respondent.assembly, "consents_changed")
    assert [entry.details for entry in logged] == [{"fields": ["consent_photo"]}] * 2
    assert member_client.post("/m/consents/everything").status_code == 404


def test_members_reach_each_other_only_if_both_agreed(
    session: Session, panel: DrawnPanel, member: Member, member_client: FlaskClient
) -> None:
    first, second, _silent = others_of(session, panel)

    def seen() -> list[str]:
        page = member_client.get("/m/data").text
        people = [member, first, second, _silent]
        return [one.respondent.contact.email for one in people if one.respondent.contact.email in page]  # type: ignore[union-attr]  # everybody has one here

    consents.give(session, first, ConsentKind.CONTACT, by=None)
    session.commit()
    assert seen() == []
    member_client.post("/m/consents/contact")
    assert seen() == [first.respondent.contact.email]  # type: ignore[union-attr]  # as above
    consents.give(session, second, ConsentKind.CONTACT, by=None)
    consents.end(session, first, ConsentKind.CONTACT, by=None)
    session.commit()
    assert seen() == [second.respondent.contact.email]  # type: ignore[union-attr]  # as above
    calling.withdraw(session, second.respondent, by=panel.load(session)[1])
    session.commit()
    assert seen() == []
    member_client.post("/m/consents/contact/end")
    assert "Members whom I can reach" not in member_client.get("/m/data").text


def test_for_a_minor_a_guardian_agrees_and_staff_note_it(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member, member_client: FlaskClient
) -> None:
    assembly, organiser = panel.load(session)
    assert member.respondent.contact
    member.respondent.contact.birth_date = dt.date(2018, 5, 1)
    session.commit()
    assert "a guardian has to agree" in member_client.get("/m/data").text
    member_client.post("/m/consents/photo")
    assert "A guardian has to agree to this" in member_client.get("/m/data").text
    with pytest.raises(RuleError, match="guardian"):
        consents.give(session, member, ConsentKind.PHOTO, by=organiser)
    agreed = {"guardian": "Ida Vormund", "channel": Channel.LETTER, "recorded_by_id": organiser.id}
    session.add(GuardianConsent(respondent_id=member.respondent_id, recorded_at=now(), **agreed))
    session.commit()
    sign_in(client, organiser)
    page = f"/assemblies/{assembly.id}/panel/access/{member.respondent_id}"
    assert client.post(f"{page}/consents/photo").status_code == 302
    found = session.get_one(MemberConsent, (member.respondent_id, ConsentKind.PHOTO), populate_existing=True)
    assert (found.ended_at, found.recorded_by_id) == (None, organiser.id)
    member_client.post("/m/consents/photo/end")  # to take it back, nobody is too young
    assert consents.who_agreed(session, assembly, ConsentKind.PHOTO) == frozenset()
    assert client.get(page).status_code == 200


def test_the_file_holds_everything_and_asks_for_a_code(
    session: Session, member: Member, member_client: FlaskClient
) -> None:
    assert member_client.get("/m/data/file").headers["Location"].startswith("/m/confirm")
    assert member_client.post("/m/data/file/json").headers["Location"].startswith("/m/confirm")
    confirmed(session, member_client, member)
    assert member_client.get("/m/data/file").status_code == 200
    answer = member_client.post("/m/data/file/json")
    assert member.respondent.contact
    assert member.respondent.contact.last_name in json.dumps(answer.json)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert member_client.post("/m/data/file/xlsx").data[:2] == b"PK"
    [first, *_] = logbook.entries_with(session, member.respondent.assembly, "person_exported")
    assert first.actor_id is None


def test_whoever_leaves_is_asked_once_more(
    session: Session, panel: DrawnPanel, member: Member, member_client: FlaskClient
) -> None:
    assert member_client.get("/m/leave").headers["Location"].startswith("/m/confirm")
    confirmed(session, member_client, member)
    member_client.post("/m/consents/contact")
    assert "Yes, I give up my seat" in member_client.get("/m/leave").text
    unsure = member_client.post("/m/leave", data={})
    assert (unsure.status_code, "Tick the box" in unsure.text) == (422, True)
    session.expire_all()
    assert member.respondent.status is Status.CONFIRMED
    assert member_client.post("/m/leave", data={"sure": "y"}).headers["Location"] == "/m/"
    session.expire_all()
    assert member.respondent.status is Status.WITHDRAWN
    assert "You have left the citizens’ assembly" in member_client.get("/m/").text
    assert "I want to leave" not in member_client.get("/m/data").text
    assert member_client.get("/m/data/file").status_code == 200
    assert member_client.post("/m/consents/contact/end").status_code == 302
    assert "You took it back on" in member_client.get("/m/data").text
    with pytest.raises(ConflictError):
        consents.give(session, member, ConsentKind.NAME, by=None)
    support = accounts.create_account(session, email="s@example.org", name="S")
    accounts.grant(session, support, Role.SUPPORT, assembly=panel.load(session)[0], by=None)
    assert [one.ended_at is None for one in session.scalars(sa.select(MemberConsent))] == [False]
