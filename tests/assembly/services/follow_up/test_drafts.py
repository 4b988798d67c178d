"""Drafts: written by departments, approved by the mayor’s office, published by the one door, private until then."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, CaseState, Draft, DraftDeed, DraftState, LogEntry, Move, Unit, User
from assembly.services import logbook
from assembly.services.daily import today
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.follow_up import assigning, cases, desks, drafts
from assembly.services.follow_up.desks import Part
from assembly.services.follow_up.transitions import Actor
from tests.assembly.conftest import sign_in
from tests.assembly.services.follow_up.offices import clerk, unit
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said
from tests.assembly.web import post

SECRET = "Geheim: der Kämmerer zögert"


@pytest.fixture(autouse=True)
def clock() -> Any:
    """All begins on the day of the handover."""
    with time_machine.travel(dt.datetime(2035, 3, 1, 12, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def roads(session: Session, organiser: User) -> Unit:
    """A department."""
    return unit(session, "Tiefbauamt", organiser)


@pytest.fixture
def clerk_of_roads(session: Session, roads: Unit) -> User:
    """Who drafts."""
    return clerk(session, "Dora", roads)


@pytest.fixture
def mayor(session: Session, organiser: User) -> User:
    """Who approves."""
    return clerk(session, "Paul", unit(session, "Oberbürgermeisterin", organiser, approves=True))


@pytest.fixture
def case(session: Session, assembly: Assembly, organiser: User, roads: Unit) -> Case:
    """A recommendation that is assigned to the department."""
    assembly.is_public = True
    found = hand_over(session, assembly, by=organiser, on=dt.date(2035, 3, 1))[0]
    assigning.assign(session, found, roads, [], days_before=10, reason="", by=organiser)
    session.commit()
    return found


def answer(**values: Any) -> dict[str, Any]:
    """Return a whole answer."""
    return said(Move.ANSWER, today(), **values)


def actions(session: Session) -> list[tuple[str, int | None]]:
    """Return what the log says about drafts, and who did it."""
    found = sa.select(LogEntry).where(LogEntry.action.startswith("draft_")).order_by(LogEntry.number)
    return [(entry.action, entry.actor_id) for entry in session.scalars(found)]


def test_a_draft_goes_back_and_forth_and_approval_publishes_it(
    session: Session, assembly: Assembly, case: Case, clerk_of_roads: User, mayor: User
) -> None:
    """Each sign-off stands in the log with its account; the step is the department’s answer, as it was approved."""
    draft = drafts.save(session, case, Move.ANSWER, answer(summary="Ja."), base=0, by=clerk_of_roads)
    assert case.state is CaseState.UNDER_REVIEW
    drafts.submit(session, draft, by=clerk_of_roads)
    drafts.send_back(session, draft, "Bitte mit Kosten.", by=mayor)
    drafts.save(session, case, Move.ANSWER, answer(summary="Ja, für 2 Millionen."), base=1, by=clerk_of_roads)
    drafts.submit(session, draft, by=clerk_of_roads)
    drafts.approve(session, draft, by=mayor)
    assert (case.state, draft.state, draft.step) == (CaseState.ANSWERED, DraftState.PUBLISHED, 3)
    assert case.steps[-1].facts == answer(summary="Ja, für 2 Millionen.") | {
        name: value.isoformat() for name, value in answer().items() if isinstance(value, dt.date)
    }
    signed = [DraftDeed.SUBMITTED, DraftDeed.SENT_BACK, DraftDeed.SUBMITTED, DraftDeed.APPROVED]
    assert [note.deed for note in draft.notes] == signed
    dora, paul = clerk_of_roads.id, mayor.id
    expected = [("draft_submitted", dora), ("draft_sent_back", paul), ("draft_submitted", dora)]
    assert actions(session) == [*expected, ("draft_approved", paul)]
    assert logbook.first_fault(logbook.entries_of(session, assembly)) is None


def test_nothing_is_submitted_that_could_not_be_published(
    session: Session, case: Case, clerk_of_roads: User, mayor: User
) -> None:
    """A draft may lack things, what is submitted may not; and what its case forbids is refused with its field."""
    draft = drafts.save(session, case, Move.ANSWER, {"outcome": "accepted"}, base=0, by=clerk_of_roads)
    with pytest.raises(RuleError) as lacking:
        drafts.submit(session, draft, by=clerk_of_roads)
    assert lacking.value.field == "summary"
    wrong = answer(starts_on=dt.date(2036, 1, 2), ends_on=dt.date(2036, 1, 1))
    drafts.save(session, case, Move.ANSWER, wrong, base=1, by=clerk_of_roads)
    with pytest.raises(RuleError) as backwards:
        drafts.submit(session, draft, by=clerk_of_roads)
    assert (backwards.value.field, draft.state, draft.submitted_by_id) == ("ends_on", DraftState.DRAFTING, None)
    with pytest.raises(RuleError) as no_day:
        drafts.save(session, case, Move.ANSWER, answer(starts_on="morgen"), base=2, by=clerk_of_roads)
    assert no_day.value.field == "starts_on"
    assert mayor.id not in {entry.actor_id for entry in session.scalars(sa.select(LogEntry))}


def test_without_a_mayors_office_nothing_is_submitted(session: Session, case: Case, clerk_of_roads: User) -> None:
    draft = drafts.save(session, case, Move.ANSWER, answer(), base=0, by=clerk_of_roads)
    with pytest.raises(RuleError):
        drafts.submit(session, draft, by=clerk_of_roads)


def test_two_who_write_at_once_do_not_overwrite_each_other(session: Session, case: Case, clerk_of_roads: User) -> None:
    drafts.save(session, case, Move.ANSWER, answer(), base=0, by=clerk_of_roads)
    for base in (0, 2):
        with pytest.raises(ConflictError):
            drafts.save(session, case, Move.ANSWER, answer(), base=base, by=clerk_of_roads)
    assert [one.number for one in drafts.get(session, case, Move.ANSWER).versions] == [1]


def test_a_draft_is_only_done_with_where_it_stands(
    session: Session, case: Case, clerk_of_roads: User, mayor: User
) -> None:
    """What is submitted is not changed or submitted again; what is not submitted is not approved or sent back."""
    draft = drafts.save(session, case, Move.ANSWER, answer(), base=0, by=clerk_of_roads)
    with pytest.raises(ConflictError):
        drafts.approve(session, draft, by=mayor)
    with pytest.raises(ConflictError):
        drafts.send_back(session, draft, "Nein.", by=mayor)
    drafts.submit(session, draft, by=clerk_of_roads)
    with pytest.raises(ConflictError):
        drafts.submit(session, draft, by=clerk_of_roads)
    with pytest.raises(ConflictError):
        drafts.save(session, case, Move.ANSWER, answer(), base=1, by=clerk_of_roads)
    with pytest.raises(RuleError):
        drafts.send_back(session, draft, "  ", by=mayor)
    with pytest.raises(ConflictError):
        drafts.approve(session, draft, by=clerk_of_roads)
    assert draft.state is DraftState.SUBMITTED


def test_what_was_answered_meanwhile_is_not_published_again(
    session: Session, case: Case, clerk_of_roads: User, mayor: User, organiser: User
) -> None:
    """The council office may answer itself; the approval is refused then, and the draft stays."""
    draft = drafts.save(session, case, Move.ANSWER, answer(), base=0, by=clerk_of_roads)
    drafts.submit(session, draft, by=clerk_of_roads)
    cases.move(session, case, Move.ANSWER, answer(), actor=Actor.OFFICE, by=organiser)
    with pytest.raises(ConflictError):
        drafts.approve(session, draft, by=mayor)
    assert (draft.state, len(case.steps)) == (DraftState.SUBMITTED, 3)


@pytest.mark.parametrize("kind", [Move.REPORT, Move.IMPLEMENT, Move.DECIDE])
def test_no_draft_is_begun_of_what_is_not_due_or_not_theirs(
    session: Session, case: Case, clerk_of_roads: User, kind: Move
) -> None:
    with pytest.raises(ConflictError):
        drafts.save(session, case, kind, said(kind, today()), base=0, by=clerk_of_roads)
    with pytest.raises(NotFoundError):
        drafts.get(session, case, kind)


def test_the_mayors_office_comes_to_a_case_with_its_first_submission(
    session: Session, case: Case, clerk_of_roads: User, mayor: User
) -> None:
    """Until then it does not exist for them; then they approve, and do not draft."""
    draft = drafts.save(session, case, Move.ANSWER, answer(), base=0, by=clerk_of_roads)
    with pytest.raises(NotFoundError):
        desks.get_task(session, case.id, user=mayor)
    drafts.submit(session, draft, by=clerk_of_roads)
    assert desks.get_task(session, case.id, user=mayor).part == Part.APPROVES
    assert desks.get_task(session, case.id, user=clerk_of_roads).part == Part.DRAFTS
    assert list(drafts.waiting(session)) == [draft]


def test_nothing_of_a_draft_is_read_outside(
    client: FlaskClient, session: Session, case: Case, clerk_of_roads: User, mayor: User
) -> None:
    """Neither in register, feed, open data nor log: not its words, not its comments; they say what was published."""
    leaking = answer(summary=SECRET, reasons=SECRET, outcome="accepted")
    draft = drafts.save(session, case, Move.ANSWER, leaking, base=0, by=clerk_of_roads)
    drafts.comment(session, draft, SECRET, by=clerk_of_roads)
    drafts.submit(session, draft, by=clerk_of_roads)
    drafts.send_back(session, draft, SECRET, by=mayor)
    drafts.save(session, case, Move.ANSWER, answer(summary="Ja."), base=1, by=clerk_of_roads)
    drafts.submit(session, draft, by=clerk_of_roads)
    session.commit()
    slug, number = session.get_one(Assembly, case.assembly_id).slug, case.recommendation.number
    addresses = {
        rule.endpoint: f"/a/{slug}" + rule.rule.split("<slug>")[1].replace("<int:number>", str(number))
        for rule in client.application.url_map.iter_rules()
        if rule.endpoint.startswith("public.regist") or rule.endpoint in {"public.recommendation", "public.follow_up"}
    }
    assert len(addresses) >= 4
    for published in (False, True):
        for endpoint, address in addresses.items():
            page = client.get(address.replace("<int:recommendation_number>", str(number)))
            assert page.status_code == 200, endpoint
            assert SECRET not in page.text, endpoint
        entries = session.scalars(sa.select(LogEntry)).all()
        assert SECRET not in json.dumps([[one.subject, one.details] for one in entries], ensure_ascii=False)
        assert case.answered == ("accepted" if published else None)
        if not published:
            drafts.approve(session, draft, by=mayor)
            session.commit()


def test_a_draft_on_its_pages(
    client: FlaskClient, session: Session, case: Case, clerk_of_roads: User, mayor: User
) -> None:
    """Written without its half, refused with the names of what is missing, completed, sent back, approved."""
    session.commit()
    address = f"/desk/cases/{case.id}/drafts/answer"

    def enter(user: User) -> None:
        sign_in(client, user)
        with client.session_transaction() as cookie:
            cookie["language"] = "en"

    enter(clerk_of_roads)
    assert f"{address}/edit" in client.get(f"/desk/cases/{case.id}").text
    assert "Which outcome?" in client.get(f"{address}/edit").text
    edit = f"{address}/edit?outcome=accepted"
    assert post(client, edit, base=0, summary="Ja.").status_code == 302
    refused = post(client, f"{address}/submit", version=1)
    assert (refused.status_code, "Reasons: Fill this in." in refused.text) == (422, True)
    whole = {name: value for name, value in answer(summary="Ja.").items() if name != "outcome"}
    stale = post(client, edit, base=0, **whole)
    assert (stale.status_code, "Somebody saved another version" in stale.text) == (422, True)
    assert post(client, edit, base=1, **whole).status_code == 302
    assert post(client, f"{address}/submit", version=2).status_code == 302
    assert post(client, f"{address}/approve", version=2).status_code == 403
    enter(mayor)
    assert address in client.get("/desk/").text
    assert post(client, f"{address}/send-back", version=2).status_code == 422
    assert post(client, f"{address}/send-back", version=2, text="Wann?").status_code == 302
    assert client.get(f"{address}/edit").status_code == 403
    enter(clerk_of_roads)
    page = client.get(address)
    assert ("Wann?" in page.text, "Sent back" in page.text) == (True, True)
    assert client.get(f"{address}?version=1").status_code == 200
    assert client.get(f"{address}?version=7").status_code == 404
    assert post(client, f"{address}/submit", version=2).status_code == 302
    enter(mayor)
    unread = post(client, f"{address}/approve", version=1)
    assert (unread.status_code, "moved on meanwhile" in unread.text) == (422, True)
    assert post(client, f"{address}/approve", version=2).status_code == 302
    session.expire_all()
    assert case.state is CaseState.ANSWERED


def test_whoever_approves_reads_no_draft_that_was_not_submitted(
    client: FlaskClient, session: Session, case: Case, clerk_of_roads: User, mayor: User
) -> None:
    """Not even in a case in which another one was."""
    first = drafts.save(session, case, Move.ANSWER, answer(), base=0, by=clerk_of_roads)
    drafts.submit(session, first, by=clerk_of_roads)
    session.add(Draft(case_id=case.id, move=Move.REPORT, versions=[]))
    session.commit()
    sign_in(client, mayor)
    assert client.get(f"/desk/cases/{case.id}/drafts/answer").status_code == 200
    assert client.get(f"/desk/cases/{case.id}/drafts/report").status_code == 404
    assert "drafts/report" not in client.get(f"/desk/cases/{case.id}").text
    assert post(client, f"/desk/cases/{case.id}/drafts/report/comment", text="Und?").status_code == 404


def test_what_is_redacted_goes_from_the_draft_with_the_comments_on_it(
    session: Session, case: Case, clerk_of_roads: User, mayor: User
) -> None:
    draft = drafts.save(session, case, Move.ANSWER, answer(reasons="Frau Muster lügt."), base=0, by=clerk_of_roads)
    drafts.comment(session, draft, "Frau Muster?", by=clerk_of_roads)
    drafts.submit(session, draft, by=clerk_of_roads)
    drafts.approve(session, draft, by=mayor)
    order = said(Move.REDACT, today(), step=draft.step, facts=["reasons"], ordered_on=today())
    cases.move(session, case, Move.REDACT, order, actor=Actor.OFFICE, by=mayor)
    session.flush()
    assert "reasons" not in draft.versions[0].facts
    assert draft.versions[0].facts["summary"]
    assert {note.text for note in draft.notes} == {""}
