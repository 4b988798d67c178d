"""Pages of features: what a feature follows from."""

from __future__ import annotations

import datetime as dt
import re

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Assembly, Derivation, User
from assembly.services.derivations import rule_field
from tests.assembly.conftest import sign_in
from tests.assembly.sample import add_feature
from tests.assembly.web import post


def test_an_age_group_is_let_follow_from_the_date_of_birth(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    feature = add_feature(session, assembly, "Altersgruppe", ["16–29", "30+"])
    assembly.reference_date = dt.date(2026, 1, 1)
    session.commit()
    fields = [rule_field(value) for value in feature.values]
    address = f"/assemblies/{assembly.id}/features/{feature.id}/derivation"
    sign_in(client, organiser)
    page = client.get(address, headers={"Accept-Language": "en"}).text
    assert re.search(r">\s*16–29</textarea>", page)

    wrong = post(client, address, source="birth_date", **dict(zip(fields, ["16–29", "alt"], strict=True)))
    assert wrong.status_code == 422
    assert "70+" in wrong.text

    answer = post(client, address, source="birth_date", **dict(zip(fields, ["16–29", "30+"], strict=True)))
    assert answer.status_code == 302
    session.expire_all()
    assert feature.derived_from is Derivation.BIRTH_DATE
    assert feature.rules == {"16–29": [16, 29], "30+": [30, None]}


def test_the_sum_of_a_voluntary_feature_is_explained(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    """Seats of people who do not answer are part of it."""
    feature = add_feature(session, assembly, "Bildung", ["ohne", "mit"], voluntary=True)
    for value in feature.values:
        value.lower, value.upper = 20, 25
    session.commit()
    sign_in(client, organiser)
    post(client, "/language/en")
    address = f"/assemblies/{assembly.id}/features/"

    def shown() -> str:
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(address).text))

    assert "not answered 0 48 Sum 40 98 This feature is voluntary" in shown()
    feature.is_voluntary = False
    session.commit()
    assert "mit 20 25 Sum 40 50" in shown()
    assert "This feature is voluntary" not in shown()
