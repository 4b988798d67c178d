"""The pages of recommendations: from a draft to the handover, and what members and everyone see of it."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Assembly, Member, RecommendationState, Role, User
from assembly.services import accounts
from assembly.services.daily import today
from assembly.services.follow_up import rules
from assembly.services.recommendations import adopting, drafting, editing, reading
from assembly.services.recommendations.adopting import Ballot, Votes
from tests.assembly.conftest import sign_in
from tests.assembly.services.panels import DrawnPanel

TEXT = {"title": "Mehr Bäume", "theme": "Grün", "text": "Bis 2030 pflanzt die Stadt 500 Bäume.", "reasons": "Schatten."}


@pytest.fixture
def assembly(session: Session, panel: DrawnPanel) -> Assembly:
    """A public assembly with a drawn panel and published rules."""
    made, organiser = panel.load(session)
    made.is_public = True
    rules.publish_first(session, made, by=organiser)
    session.commit()
    return made


@pytest.fixture
def organiser(session: Session, panel: DrawnPanel) -> User:
    """Its organiser."""
    return panel.load(session)[1]


@pytest.fixture
def base(client: FlaskClient, assembly: Assembly, organiser: User) -> str:
    """The address of the recommendations; the organiser is signed in."""
    sign_in(client, organiser)
    return f"/assemblies/{assembly.id}/recommendations"


def adopt(session: Session, assembly: Assembly, by: User, **said: str) -> int:
    """Return the number of an adopted recommendation."""
    one = drafting.draft(session, assembly, TEXT | said, by=by)
    drafting.address(session, one, [1], by=by)
    adopting.record(session, one, Ballot(1, Votes(3, 1, 0, 4)), counted_on=today(), by=by)
    session.commit()
    return one.number


@pytest.fixture
def adopted(session: Session, assembly: Assembly, organiser: User) -> int:
    """The number of an adopted recommendation."""
    return adopt(session, assembly, organiser)


def test_from_a_draft_to_the_handover(client: FlaskClient, session: Session, assembly: Assembly, base: str) -> None:
    made = client.post(f"{base}/new", data=TEXT)
    assert made.headers["Location"] == f"{base}/1"
    assert client.post(f"{base}/1/addressees", data={"addressees": ["1"]}).status_code == 302
    public = f"/a/{assembly.slug}"
    assert (client.get(f"{public}/recommendations").status_code, "recommendations" in client.get(public).text) == (
        404,
        False,
    )
    counted = {"event_id": "", "counted_on": today().isoformat(), "version_1": "1"}
    votes = {"yes_1": "3", "no_1": "1", "abstained_1": "0", "present_1": "4"}
    assert client.post(f"{base}/counts", data=counted | votes).status_code == 302
    assert "Mehr Bäume" in client.get(f"{public}/recommendations").text
    view = {"text": "Lieber Sträucher.", "supporters": "3"}
    assert client.post(f"{base}/1/minority-views", data=view | {"supporters": "2"}).status_code == 422
    assert client.post(f"{base}/1/minority-views", data=view).status_code == 302
    given = {"chosen": ["1"], "handed_over_on": today().isoformat(), "received_by": "Oberbürgermeisterin Muster"}
    asked = client.post(f"{base}/handover", data=given)
    assert (asked.status_code, "1 Empfehlung übergeben?" in asked.text) == (200, True)
    session.expire_all()
    assert reading.get_recommendation(session, assembly, 1).state is RecommendationState.ADOPTED
    assert client.post(f"{base}/handover", data=given | {"looked_at": "1"}).status_code == 302
    session.expire_all()
    one = reading.get_recommendation(session, assembly, 1)
    page = client.get(f"{public}/recommendations/1").text
    for text in (str(one.digest), "Lieber Sträucher.", "3 Mitglieder sehen es anders", "Oberbürgermeisterin Muster"):
        assert text in page, text
    assert ("(Gebeten, nicht gebunden)" in page, "Stellung nehmen muss" in page) == (True, False)
    assert client.get(f"{public}/recommendations/1/content.json").get_json()["text"] == TEXT["text"]
    assert client.post(f"{base}/1/minority-views", data=view).status_code == 422, "nothing changes any more"


def test_who_saves_second_sees_both_texts_and_nothing_is_lost(client: FlaskClient, base: str) -> None:
    client.post(f"{base}/new", data=TEXT)
    theirs = TEXT | {"text": "Bis 2031 pflanzt die Stadt 500 Bäume.", "version": "1"}
    assert client.post(f"{base}/1/edit", data=theirs).status_code == 302
    mine = TEXT | {"text": "Bis 2032 pflanzt die Stadt 500 Bäume.", "version": "1"}
    stale = client.post(f"{base}/1/edit", data=mine)
    assert stale.status_code == 409
    for text in ("Bis 2031", "Bis 2032", "Es ist nichts verloren", 'name="version" type="hidden" value="2"'):
        assert text in stale.text, text
    assert client.post(f"{base}/1/edit", data=mine | {"version": "2"}).status_code == 302
    assert "Bis 2031" in client.get(f"{base}/1/versions/2").text


def test_counts_of_a_closing_event_come_back_with_an_error_at_each_row(
    client: FlaskClient, session: Session, assembly: Assembly, base: str
) -> None:
    for _ in range(4):
        client.post(f"{base}/new", data=TEXT)
    sent = {"event_id": "", "counted_on": today().isoformat()} | {f"version_{number}": "1" for number in range(1, 5)}
    for number, votes in ((1, ("3", "1", "0", "4")), (2, ("3", "2", "0", "4")), (3, ("3", "", "0", "4"))):
        names = ("yes", "no", "abstained", "present")
        sent |= {f"{name}_{number}": vote for name, vote in zip(names, votes, strict=True)}
    missing = client.post(f"{base}/counts", data=sent)
    assert (missing.status_code, re.findall(r'<div id="(\w+)-error">', missing.text)) == (422, ["no_3"])
    wrong = client.post(f"{base}/counts", data=sent | {"no_3": "1"})
    assert (wrong.status_code, re.findall(r'<div id="(\w+)-error">', wrong.text)) == (422, ["present_2"])
    assert "5 Personen haben abgestimmt oder sich enthalten, aber nur 4 waren anwesend." in wrong.text
    assert 'value="3"' in wrong.text
    session.expire_all()
    assert {one.state for one in reading.recommendations_of(session, assembly)} == {RecommendationState.DRAFT}
    assert client.post(f"{base}/counts", data=sent | {"no_3": "1", "no_2": "1"}).status_code == 302
    session.expire_all()
    states = [one.state for one in reading.recommendations_of(session, assembly)]
    assert states == [RecommendationState.ADOPTED] * 3 + [RecommendationState.DRAFT], "the last row was left blank"


def test_drafts_are_chosen_and_merged(client: FlaskClient, base: str) -> None:
    for title in ("Linden", "Ahorn"):
        client.post(f"{base}/new", data=TEXT | {"title": title})
    assert client.get(f"{base}/merge?chosen=1").status_code == 422
    form = client.get(f"{base}/merge?chosen=1&chosen=2").text
    assert form.count(TEXT["text"]) == 4, "both texts, and both in the common one"
    merged = client.post(f"{base}/merge?chosen=1&chosen=2", data=TEXT)
    assert merged.headers["Location"] == f"{base}/3"
    page = client.get(f"{base}/3").text
    assert ("Entwurf 1: Linden" in page, "Entwurf 2: Ahorn" in page) == (True, True)


def test_a_member_sees_each_word_of_a_change_objects_and_it_is_taken_back(
    client: FlaskClient, assembly: Assembly, base: str, adopted: int, member_client: FlaskClient
) -> None:
    number = adopted
    edited = TEXT | {"text": "Bis 2031 pflanzt die Stadt 500 Bäume.", "version": "1"}
    assert client.post(f"{base}/{number}/edit", data=edited).status_code == 302
    page = member_client.get(f"/m/recommendations/{number}").text
    assert re.findall(r"<(del|ins)>.*?</span>(.*?)</\1>", page) == [("del", "2030"), ("ins", "2031")]
    objection = f"/m/recommendations/{number}/objection"
    assert member_client.post(objection, data={"text": ""}).status_code == 422
    assert member_client.post(objection, data={"text": "Wir haben 2030 gesagt."}).status_code == 302
    assert "Wir haben 2030 gesagt." in member_client.get(f"/m/recommendations/{number}").text
    staff, public = client.get(f"{base}/{number}").text, client.get(f"/a/{assembly.slug}/recommendations/{number}").text
    assert ("Wir haben 2030 gesagt." in staff, "Wir haben 2030 gesagt." in public) == (True, False)
    given = {"chosen": [str(number)], "handed_over_on": today().isoformat(), "received_by": "Rat", "looked_at": "1"}
    refused = client.post(f"{base}/handover", data=given)
    assert (refused.status_code, "Ein Mitglied widerspricht" in refused.text) == (422, True)
    assert member_client.post(f"{objection}/withdraw").status_code == 302
    assert member_client.post(f"{objection}/withdraw").status_code == 404
    assert client.post(f"{base}/{number}/take-back", data={"version": "2"}).status_code == 302
    assert "<ins>" not in client.get(f"/a/{assembly.slug}/recommendations/{number}").text


def test_nothing_of_drafts_reaches_members_or_everyone(
    session: Session, assembly: Assembly, organiser: User, client: FlaskClient, member_client: FlaskClient
) -> None:
    adopt(session, assembly, organiser)
    for number, title in enumerate(("Geheimer Entwurf", "Geheim und abgelehnt", "Geheim und aufgegeben"), start=2):
        one = drafting.draft(session, assembly, {"title": title, "text": title, "plain": title}, by=organiser)
        if number == 3:
            adopting.record(session, one, Ballot(1, Votes(0, 4, 0, 4)), counted_on=today(), by=organiser)
        elif number == 4:
            drafting.discard(session, one, by=organiser)
    session.commit()
    public = f"/a/{assembly.slug}"
    for address in (public, f"{public}/recommendations", f"{public}/recommendations/1", f"{public}/knowledge"):
        assert "Geheim" not in client.get(address).text, address
    assert "Geheim" not in member_client.get("/m/recommendations").text
    for number in (2, 3, 4, 5):
        assert client.get(f"{public}/recommendations/{number}").status_code == 404
        assert client.get(f"{public}/recommendations/{number}/content.json").status_code == 404
        assert member_client.get(f"/m/recommendations/{number}").status_code == 404


def test_objections_are_for_those_who_organise_and_lead(
    session: Session, assembly: Assembly, organiser: User, client: FlaskClient, member: Member
) -> None:
    number = adopt(session, assembly, organiser)
    one = reading.get_recommendation(session, assembly, number)
    editing.change(session, one, TEXT | {"text": "Bis 2031."}, version=1, by=organiser)
    editing.raise_objection(session, one, session.merge(member), "Ich war dagegen.")
    auditor = accounts.create_account(session, email="a@example.org", name="A")
    accounts.grant(session, auditor, Role.AUDITOR, assembly=assembly, by=None)
    session.commit()
    sign_in(client, auditor)
    page = client.get(f"/assemblies/{assembly.id}/recommendations/{number}").text
    assert ("Bis 2031." in page, "Ich war dagegen." in page) == (True, False)
