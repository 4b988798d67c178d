"""Members read what became of their recommendations, and the follow-up group drafts and votes on its pages."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import (
    Case,
    CaseStep,
    Channel,
    ConsentKind,
    GroupProposal,
    Member,
    Move,
    ProposalState,
    Role,
    Status,
    User,
)
from assembly.services import accounts, daily
from assembly.services.follow_up import cases, groups, meetings
from assembly.services.follow_up.transitions import Actor
from assembly.services.members import consents
from assembly.services.panel import calling
from tests.assembly.conftest import sign_in
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said
from tests.assembly.services.panels import DrawnPanel, members_in
from tests.assembly.views.conftest import link_of


@pytest.fixture
def case(session: Session, panel: DrawnPanel) -> Case:
    """A recommendation with its answer."""
    assembly, organiser = panel.load(session)
    made = hand_over(session, assembly, by=organiser, on=daily.today())[0]
    for move in (Move.ASSIGN, Move.BEGIN_REVIEW, Move.ANSWER):
        cases.move(session, made, move, said(move, daily.today()), actor=Actor.OFFICE, by=organiser)
    session.commit()
    return made


@pytest.fixture
def second(session: Session, panel: DrawnPanel, member: Member) -> Member:
    """Another member; both are in the group."""
    assembly, organiser = panel.load(session)
    other = members_in(session, Status.DRAWN)[0]
    calling.confirm(session, other, channel=Channel.MAIL, language="en", by=organiser)
    both = [member, session.get_one(Member, other.id)]
    for one in both:
        consents.give(session, one, ConsentKind.FOLLOW_UP, by=None)
    numbers = [one.respondent_id for one in both]
    groups.record_election(session, assembly, numbers, held_on=daily.today(), took_part=2, by=organiser)
    session.commit()
    return both[1]


def draft(client: FlaskClient, session: Session, case: Case) -> GroupProposal:
    address = f"/m/group/new/{case.id}/ask_better"
    assert address in client.get("/m/group").text
    assert client.post(address, data={"text": "  "}).status_code == 422
    assert client.post(address, data={"text": "What does it cost?"}).status_code == 302
    return session.scalars(sa.select(GroupProposal)).one()


def test_a_member_reads_what_became_of_it_and_when_it_is_debated(
    session: Session, panel: DrawnPanel, case: Case, member_client: FlaskClient
) -> None:
    assembly, organiser = panel.load(session)
    held = {"body": case.addressee.body, "held_on": daily.today(), "link": "https://example.org/sitzung"}
    meetings.add_meeting(session, assembly, held, by=organiser)
    secret = {"body": case.addressee.body, "held_on": daily.today().replace(year=2036), "is_public": False}
    meetings.add_meeting(session, assembly, secret, by=organiser)
    session.commit()
    page = member_client.get("/m/recommendations").text
    assert (page.count("https://example.org/sitzung"), "2036" in page) == (1, False)
    assert "Answered" in page
    assert "Debate it in public" in member_client.get("/m/recommendations/1").text
    assert "not elected yet" in member_client.get("/m/group").text


def test_the_group_drafts_and_votes_and_what_wins_is_public(
    app: Flask, session: Session, case: Case, second: Member, member_client: FlaskClient
) -> None:
    one = draft(member_client, session, case)
    page = f"/m/group/proposals/{one.id}"
    other = app.test_client()
    other.get(f"/m/{link_of(session, second)}")
    assert other.post(page, data={"text": "What does it cost, and when?", "version": "1"}).status_code == 302
    late = member_client.post(page, data={"text": "Mine", "version": "1"})
    assert late.status_code == 422
    for shown in ("Somebody else has changed this text", "What does it cost, and when?", "Mine"):
        assert shown in late.text
    for client, deed in ((member_client, "open"), (member_client, "vote/yes"), (other, "vote/yes")):
        assert client.post(f"{page}/{deed}").headers["Location"] == page
    session.expire_all()
    assert one.state is ProposalState.PUBLISHED
    assert session.get_one(CaseStep, (case.id, 4)).facts == {"reasons": "What does it cost, and when?"}
    assert "More than half are for it" in other.get(page).text


def test_drafts_are_the_groups_own(
    session: Session, panel: DrawnPanel, case: Case, second: Member, member_client: FlaskClient
) -> None:
    """Neither other members nor organisers nor the public read a draft; organisers read what is voted on."""
    assembly, organiser = panel.load(session)
    one = draft(member_client, session, case)
    outsider = members_in(session, Status.DRAWN)[0]
    calling.confirm(session, outsider, channel=Channel.MAIL, language="en", by=organiser)
    outside, staff = (member_client.application.test_client() for _each in range(2))
    outside.get(f"/m/{link_of(session, session.get_one(Member, outsider.id))}")
    assert outside.get(f"/m/group/proposals/{one.id}").status_code == 403
    assert outside.post(f"/m/group/proposals/{one.id}/vote/yes").status_code == 403
    assert outside.get("/m/group").status_code == 200
    sign_in(staff, session.get_one(User, organiser.id))
    base = f"/assemblies/{assembly.id}"
    pages = (f"{base}/follow-up-group/", f"{base}/cases/{case.id}", f"{base}/log")
    assert [address for address in pages if "What does it cost" in staff.get(address).text] == []
    assert staff.get(f"{base}/follow-up-group/proposals/{one.id}").status_code == 404
    member_client.post(f"/m/group/proposals/{one.id}/open")
    address = f"{base}/follow-up-group/proposals/{one.id}"
    assert "What does it cost" in staff.get(address).text
    for number in (second.respondent_id, 0):
        answer = staff.post(address, data={"member": str(number), "choice": "yes"})
        assert answer.status_code == (302 if number else 422)
    session.expire_all()
    assert [vote.respondent_id for vote in one.votes] == [second.respondent_id]


def test_organisers_speak_for_the_members_only_as_long_as_there_is_no_group(
    app: Flask, session: Session, panel: DrawnPanel, case: Case, member: Member
) -> None:
    assembly, organiser = panel.load(session)
    other = members_in(session, Status.DRAWN)[0]
    staff = app.test_client()
    speaker = accounts.create_account(session, email="orga2@example.org", name="Otto Organ")
    accounts.grant(session, speaker, Role.ORGANISER, assembly=assembly, by=organiser)
    session.commit()
    sign_in(staff, speaker)
    step = f"/assemblies/{assembly.id}/cases/{case.id}/steps/ask_better"
    assert staff.get(step).status_code == 200
    consents.give(session, member, ConsentKind.FOLLOW_UP, by=None)
    session.commit()
    page = f"/assemblies/{assembly.id}/follow-up-group/"
    assert other.code not in staff.get(page).text
    sent = {"held_on": daily.today().isoformat(), "took_part": "1", "elected": [str(member.respondent_id)]}
    assert staff.post(page, data=sent | {"took_part": "9"}).status_code == 422
    assert staff.post(page, data=sent).headers["Location"] == page
    assert staff.get(step).status_code == 409
    assert "steps/ask_better" not in staff.get(f"/assemblies/{assembly.id}/cases/{case.id}").text
    assert list(groups.group_of(session, assembly)) == [member]
    gone = app.test_client()
    gone.get(f"/m/{link_of(session, member)}")
    assert gone.post("/m/group/leave").headers["Location"] == "/m/group"
    session.expire_all()
    assert (list(groups.group_of(session, assembly)), staff.get(step).status_code) == ([], 200)
