"""A member says how an event was: once, after it, and the page says that no name is kept."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Feedback, FeedbackGiven, Member
from tests.assembly.services.panels import DrawnPanel
from tests.assembly.views.test_member_schedule import plan


def test_a_member_answers_once_after_the_event(
    session: Session, panel: DrawnPanel, member: Member, member_client: FlaskClient
) -> None:
    event = plan(session, panel, "Auftakt", 0.1)
    page, answers = f"/m/events/{event.id}/feedback", {"heard": "4", "better": "Mehr Pausen"}
    assert "or not yet" in member_client.get(page).text
    assert f"{page}" not in member_client.get(f"/m/events/{event.id}").text
    assert member_client.post(page, data=answers).status_code == 422

    panel.traveller.move_to(event.ends_at + dt.timedelta(minutes=5))
    assert page in member_client.get(f"/m/events/{event.id}").text
    assert page in member_client.get("/m/").text
    assert "Your name is not kept" in member_client.get(page).text
    empty = member_client.post(page, data={})
    assert (empty.status_code, "Rate at least one statement" in empty.text) == (422, True)
    assert member_client.post(page, data=answers | {"fair": "6"}).status_code == 422
    assert member_client.post(page, data=answers).headers["Location"] == "/m/"
    [found] = session.scalars(sa.select(Feedback))
    assert (found.ratings, found.good, found.better) == ({"heard": 4}, "", "Mehr Pausen")
    assert [one.respondent_id for one in session.scalars(sa.select(FeedbackGiven))] == [member.respondent_id]

    assert "Thank you!" in member_client.get("/m/").text
    assert page not in member_client.get("/m/").text
    assert "already" in member_client.get(page).text
    assert member_client.post(page, data=answers).status_code == 422
    assert session.scalar(sa.select(sa.func.count(Feedback.id))) == 1
