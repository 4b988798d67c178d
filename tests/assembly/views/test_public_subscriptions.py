"""Subscribing on the public pages: opening a link changes nothing, and mail programs end it by one request."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Assembly, Mail, Recommendation, Subscription, User
from assembly.services.daily import today
from assembly.services.follow_up import subscribing
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.web import post


@pytest.fixture
def base(session: Session, assembly: Assembly, organiser: User) -> str:
    """The address of a public assembly that handed over a recommendation."""
    assembly.is_public = True
    hand_over(session, assembly, by=organiser, on=today())
    session.commit()
    return f"/a/{assembly.slug}/follow-up"


def link(session: Session) -> str:
    """Return the path in the newest mail."""
    text = session.scalars(sa.select(Mail).order_by(Mail.id.desc())).first().text  # type: ignore[union-attr]  # there is one
    found = re.search(r"http://127.0.0.1:8000(/follow-up/subscription/\S+)", text)
    assert found
    return found[1]


def test_from_the_form_to_the_end(client: FlaskClient, session: Session, base: str) -> None:
    about = base.replace("follow-up", "recommendations/1")
    assert f'href="{base}/subscribe?recommendation=1"' in client.get(about).text
    page = f"{base}/subscribe?recommendation=1"
    wrong = post(client, page, about="all", email="nonsense")
    assert (wrong.status_code, "nonsense" in wrong.text) == (422, True)
    assert post(client, page, about="all", email="eva@example.org").status_code == 200
    address = link(session)
    assert address.startswith(subscribing.PAGE)
    for _opened_twice in range(2):
        assert client.get(address).status_code == 200
    [subscription] = session.scalars(sa.select(Subscription))
    assert (subscription.confirmed_at, subscription.recommendation) == (None, 1)
    assert post(client, f"{address}/confirm").headers["Location"] == address
    session.expire_all()
    assert subscription.confirmed_at is not None
    assert client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200  # without any token
    assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)
    session.expire_all()
    assert session.scalars(sa.select(Subscription)).all() == []


def test_nothing_tells_who_subscribes(client: FlaskClient, session: Session, base: str) -> None:
    answers = {
        re.sub(r'name="csrf_token" value="[^"]*"', "", post(client, f"{base}/subscribe", **sent).text)
        for sent in [{"about": "overdue", "email": "eva@example.org"}] * 2
    }
    assert len(answers) == 1
    assert len(session.scalars(sa.select(Mail)).all()) == 1


def test_the_city_and_a_theme_can_be_subscribed_to(
    app: Flask, client: FlaskClient, session: Session, assembly: Assembly, base: str
) -> None:
    session.scalars(sa.select(Recommendation)).one().theme = "Rad & Fuß"
    session.commit()
    assert 'value="theme:Rad &amp; Fuß"' in client.get(f"{base}/subscribe?theme=Rad+%26+Fuß").text
    post(client, f"{base}/subscribe", about="theme:Rad & Fuß", email="a@example.org")
    post(client, "/follow-up/subscribe", about="all", email="a@example.org")
    found = session.scalars(sa.select(Subscription).order_by(Subscription.id)).all()
    assert [(one.assembly_id, one.theme) for one in found] == [(assembly.id, "Rad & Fuß"), (None, "")]
    assert post(client, f"{base}/subscribe", about="theme:Nichts", email="a@example.org").status_code == 422
    assert subscribing.PAGE in {rule.rule.removesuffix("/<token>") for rule in app.url_map.iter_rules()}
