"""Redaction of a recommendation by the council office: kept pages, feeds and open data have the words no more."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Addressee, Assembly, Case, User
from assembly.services.daily import today
from assembly.services.follow_up import cases
from tests.assembly.conftest import sign_in
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.views.test_public_cases_data import entries
from tests.assembly.web import post

PAGES = (
    "recommendations/1",
    "recommendations",
    "follow-up/register",
    "follow-up.json",
    "recommendations/1/content.json",
)
"""Where the words stand before."""
ORDER = {"ground": "court", "reference": "VG Auenfurt, 3 K 12/35", "ordered_on": "2020-01-31", "is_sure": "y"}
MARK = (
    "Words were redacted by order of 31 January 2020. Ground: Order of a court. Order: VG Auenfurt, 3 K 12/35. "
    "So the fingerprint of the handover no longer matches the content."
)


@pytest.fixture
def case(client: FlaskClient, session: Session, assembly: Assembly, organiser: User) -> Case:
    """A case of a public assembly; the organiser, who is the council office here, is signed in."""
    assembly.is_public = True
    (made,) = hand_over(session, assembly, by=organiser, on=today())
    made.recommendation.title = "Radweg für Erika Beispiel"
    session.commit()
    sign_in(client, organiser)
    return made


def read(client: FlaskClient, slug: str) -> dict[str, str]:
    """Return what everybody reads."""
    visitor = client.application.test_client()
    return {page: visitor.get(f"/a/{slug}/{page}", headers={"Accept-Language": "en"}).text for page in PAGES}


def test_the_words_are_gone_from_what_was_read_before_and_the_mark_is_there(
    client: FlaskClient, assembly: Assembly, case: Case
) -> None:
    slug = assembly.slug
    address = f"/assemblies/{assembly.id}/recommendations/1"
    assert [page for page, text in read(client, slug).items() if "Erika Beispiel" not in text] == []
    assert f'href="{address}/redact"' in client.get(address).text
    answer = post(client, f"{address}/redact", words="Erika Beispiel", **ORDER)
    assert (answer.status_code, answer.headers["Location"]) == (302, address)
    after = read(client, slug)
    assert [page for page, text in after.items() if "Beispiel" in text] == []
    assert MARK in after["recommendations/1"]
    assert "Beispiel" not in client.get(address).text


def test_the_feed_says_once_when_and_why_and_never_which_words(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User, case: Case
) -> None:
    """Of a recommendation with two addressees; not in a feed of others, or of what is overdue."""
    other = Addressee(rules_id=case.addressee.rules_id, number=2, name="Verkehrsverbund")
    session.add(other)
    session.flush()
    cases.open_case(session, case.recommendation, other, case.handover, by=organiser)
    session.commit()
    post(client, f"/assemblies/{assembly.id}/recommendations/1/redact", words="Erika Beispiel", **ORDER)
    base = f"/a/{assembly.slug}"
    visitor = client.application.test_client()
    [told] = entries(visitor, base)
    assert (told["title"], told["content"]) == (
        "Words redacted by order (Recommendation 1: Radweg für [auf Anordnung geschwärzt])",
        "Words redacted by order of 31 January 2020. Ground: Order of a court",
    )
    asked = ("recommendation=1", "addressee=2", "addressee=3", "recommendation=2", "overdue=1")
    assert [len(entries(visitor, base, query)) for query in asked] == [1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"words": "Niemand"}, "These words stand nowhere in the recommendation."),
        ({"is_sure": ""}, "This field is required."),
        ({"ordered_on": (today() + dt.timedelta(days=9)).isoformat()}, "This day is in the future."),
        ({"ground": "nonsense"}, "Please check what you entered."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    client: FlaskClient, assembly: Assembly, case: Case, changes: dict[str, str], said: str
) -> None:
    address = f"/assemblies/{assembly.id}/recommendations/1/redact"
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    answer = post(client, address, **({"words": "Erika Beispiel"} | ORDER | changes))
    assert answer.status_code == 422
    assert said in answer.text
