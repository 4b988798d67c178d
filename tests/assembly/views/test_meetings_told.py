"""Pages about public meetings: what members and organisers read of one to which members were invited."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Addressee, BodyMeeting, ConsentKind, LogEntry, Mail, MailState, Member, User
from assembly.services import daily
from assembly.services.follow_up import meeting_mail, meetings
from assembly.services.members import consents
from assembly.services.messages import truth
from tests.assembly.conftest import sign_in
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.panels import DrawnPanel


@pytest.fixture
def meeting(session: Session, panel: DrawnPanel, member: Member) -> BodyMeeting:
    """A meeting to which the member, who agreed, was invited."""
    assembly, organiser = panel.load(session)
    hand_over(session, assembly, by=organiser, on=daily.today())
    session.execute(sa.update(Addressee).values(body="Stadtrat"))
    consents.give(session, member, ConsentKind.FOLLOW_UP, by=None)
    held = {"body": "Stadtrat", "held_on": daily.today() + dt.timedelta(days=20)}
    made = meetings.add_meeting(session, assembly, held, by=organiser)
    assert meeting_mail.tell(session, assembly, config=panel.config) == 1
    session.execute(sa.update(Mail).where(Mail.template == truth.MEETINGS).values(state=MailState.SENT))
    session.commit()
    return made


def test_a_meeting_that_is_removed_stands_as_cancelled_where_it_stood_and_members_read_so(
    app: Flask, session: Session, panel: DrawnPanel, meeting: BodyMeeting, member_client: FlaskClient
) -> None:
    assembly, organiser = panel.load(session)
    base, staff = f"/assemblies/{assembly.id}", app.test_client()
    sign_in(staff, session.get_one(User, organiser.id))
    with staff.session_transaction() as cookie:
        cookie["language"] = "en"
    rules = f"{base}/follow-up/rules"
    before = staff.get(f"{rules}/").text
    assert ("members were invited on" in before, "does not take place</strong>" in before) == (True, False)
    assert "Does not take place" not in member_client.get("/m/recommendations").text
    assert "Public meetings on our recommendations" in member_client.get("/m/messages").text
    answer = staff.post(f"{rules}/meetings/{meeting.id}/remove", follow_redirects=True)
    assert "The members who were invited are told that it does not take place." in answer.text
    assert "does not take place</strong>" in answer.text
    assert f"{rules}/meetings/{meeting.id}/remove" not in answer.text
    assert staff.post(f"{rules}/meetings/{meeting.id}/remove").status_code == 404
    page = member_client.get("/m/recommendations").text
    assert ("Does not take place" in page, "Meetings to which you are invited" in page) == (True, False)
    assert meeting_mail.tell(session, assembly, config=panel.config) == 1
    session.commit()
    assert "Public meetings that do not take place" in member_client.get("/m/messages").text
    assert "Invitations to public meetings" in staff.get(f"{base}/programme/messages/").text
    actions = session.scalars(sa.select(LogEntry.action).order_by(LogEntry.number.desc()).limit(1)).all()
    assert actions == ["meeting_removed"]
