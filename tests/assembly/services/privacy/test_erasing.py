"""Erasing clears every copy, on both databases, and what was published stays valid."""

from __future__ import annotations

import json

import pytest
from sqlalchemy.orm import sessionmaker

from assembly.models import Commitment, Lottery, MailState, Respondent, Status
from assembly.services import logbook, mail, respondents
from assembly.services.draws import Outcome
from assembly.services.errors import ConflictError
from sortition import verify
from sortition.protocol.documents import LoadedDocument, parse_document, parse_drawn
from sortition.protocol.report import Outcome as Checked
from tests.assembly.services.privacy.conftest import CODE, ROW, VALUES, Traces, put
from tests.assembly.services.privacy.search import found_in_database, found_in_files
from tests.assembly.services.test_draws import MOMENT, at


def documents(traces: Traces) -> tuple[str, list[LoadedDocument]]:
    """Return the commitment and its documents, as they are handed out."""
    with traces.hall.sessions() as session:
        made = session.get_one(Commitment, traces.commitment_id)
        kept = {"public.json": made.public_document, "audit.json": made.audit_document, "drawn.json": made.result}
        return made.hash, [parse_document(content, name=name) for name, content in kept.items() if content]


def test_nothing_of_an_erased_person_is_left_anywhere(traces: Traces) -> None:
    marks = VALUES | {CODE}
    with traces.hall.sessions() as session:
        before = found_in_database(session, marks)
        assert {value for value, _ in before} == marks
        places = {place for _, place in before}
        columns = ("imports.content", "imports.file_name", "import_changes.before", "contacts.search", "mails.html")
        assert places.issuperset({*columns, "lotteries.document", "commitments.audit_document"})
    if traces.hall.engines.config.embedded:
        names = {name.partition("-")[0].lstrip("0123456789") for _, name in found_in_files(traces.folder, VALUES)}
        assert names == {"assembly.sqlite", ".eml"}
    traces.erase()
    assert traces.run_jobs({"clear_copies"}) == 1
    with traces.hall.sessions() as session:
        assert found_in_database(session, marks) == {(CODE, "respondents.code")}
    assert found_in_files(traces.folder, VALUES) == set()


def test_published_proofs_stay_valid_and_verify_says_what_is_gone(traces: Traces) -> None:
    with traces.hall.sessions() as session:
        published = session.get_one(Commitment, traces.commitment_id).public_document
    traces.erase()
    with traces.hall.sessions() as session:
        assert session.get_one(Commitment, traces.commitment_id).public_document == published
        log = list(logbook.entries_of(session, traces.hall.assembly(session)))
        assert logbook.first_fault(log) is None
        assert [one.document for one in session.query(Lottery)] == [None] * 3
    commitment, given = documents(traces)
    report = verify(given, commitments=[commitment])
    assert report.verified
    unknown = [line.key for line in report.lines if line.outcome is Checked.NEEDS_MORE]
    assert {"erased", "seal"} <= set(unknown)


@pytest.mark.parametrize("standing", [True, False])
def test_a_draw_after_an_erasure_is_valid(traces: Traces, monkeypatch: pytest.MonkeyPatch, *, standing: bool) -> None:
    ticket = traces.ticket(standing=standing)
    traces.erase()
    at(monkeypatch, MOMENT)
    traces.hall.enter(ticket, traces.hall.organiser_id)
    assert traces.hall.enter(ticket, traces.hall.witness_id) is Outcome.DRAWN
    commitment, given = documents(traces)
    assert [one.name for one in given] == ["public.json", "audit.json", "drawn.json"]
    assert verify(given, commitments=[commitment], ticket=ticket).verified
    with traces.hall.sessions() as session:
        drawn = session.query(Respondent).where(Respondent.status == Status.DRAWN).count()
        assert drawn == (3 if standing else 4)


def test_who_is_erased_after_the_draw_leaves_its_result(traces: Traces, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = traces.ticket(standing=True)
    at(monkeypatch, MOMENT)
    traces.hall.enter(ticket, traces.hall.organiser_id)
    traces.hall.enter(ticket, traces.hall.witness_id)
    traces.erase()
    commitment, given = documents(traces)
    result = next(one.content for one in given if one.name == "drawn.json")
    drawn = parse_drawn(json.dumps(result, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(), name="")
    assert (len(drawn["members"]), drawn["erased"]) == (3, 1)
    assert verify(given, commitments=[commitment], ticket=ticket).verified
    with traces.hall.sessions() as session:
        assert found_in_database(session, {CODE}) == {(CODE, "respondents.code")}


def test_a_code_that_is_an_address_goes_too(traces: Traces) -> None:
    with traces.hall.sessions.begin() as session:
        person = traces.person(session)
        person.code = ROW["E-Mail"]
        respondents.erase(session, person, by=None)
        assert person.code == f"erased-{person.id}"


def test_nobody_is_erased_while_a_mail_to_them_is_on_its_way(traces: Traces) -> None:
    with traces.hall.sessions.begin() as session:
        written = put(session, traces, MailState.REFUSED)
        assert mail.move(session, written.id, MailState.SENDING)
    with pytest.raises(ConflictError):
        traces.erase()
    with traces.hall.sessions() as session:
        assert traces.person(session).contact


def test_what_is_done_with_others_stays(traces: Traces) -> None:
    sessions: sessionmaker = traces.hall.sessions
    with sessions() as session:
        people = {one.id: len(one.values) for one in session.query(Respondent) if one.code != CODE}
    traces.erase()
    with sessions() as session:
        assert {one.id: len(one.values) for one in session.query(Respondent) if one.code != CODE} == people
        assert all(one.household_id is None for one in session.query(Respondent))
