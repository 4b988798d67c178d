"""Erasing clears every copy, on both databases, and what was published stays valid."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import Commitment, Lottery, MailState, Member, Respondent, Status
from assembly.services import commitments, imports, logbook, mail, registrations, respondents
from assembly.services.draws import Outcome
from assembly.services.errors import ConflictError
from assembly.services.features import features_of
from assembly.services.panel import calling, seats
from assembly.services.privacy.erased_codes import attach_key, fingerprint_of
from sortition import verify
from sortition.protocol.documents import LoadedDocument, parse_document, parse_drawn
from sortition.protocol.report import Outcome as Checked
from tests.assembly.sample import as_csv
from tests.assembly.services.panels import REPLACEMENT, DrawnPanel, members_in
from tests.assembly.services.privacy.conftest import CODE, ROW, VALUES, Traces, put
from tests.assembly.services.privacy.search import found_in_database, found_in_files
from tests.assembly.services.test_draws import MOMENT, Hall, at


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
        assert found_in_database(session, marks) == set()
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
        assert found_in_database(session, {CODE}) == set()


def bring(session: Session, traces: Traces, rows: list[dict[str, str]]) -> imports.Preview:
    """Return what a file would do."""
    hall = traces.hall
    assembly = hall.assembly(session)
    upload = imports.upload(session, assembly, as_csv(rows), name="b.csv", by=hall.organiser(session))
    return imports.preview(session, assembly, upload)


@pytest.mark.parametrize("code", [ROW["E-Mail"], ROW["Telefon"], "Xanthippolyta Zwirnzelle", "00170017001700170017"])
def test_whatever_the_code_is_it_goes_and_brings_nobody_back(hall: Hall, code: str) -> None:
    """Neither with the next file nor by hand; others with new codes come in as ever."""
    traces = Traces(hall)
    with hall.sessions.begin() as session:
        person = respondents.find_by_code(session, hall.assembly(session), "K1")
        person.code = code
        respondents.erase(session, person, by=None)
        assert person.code == f"erased-{person.id}"
        assert found_in_database(session, {code}) == set()
        preview = bring(session, traces, [ROW | {"id": code}, ROW | {"id": "NEU"}])
        assert [change.draft.code for change in preview.comparison.adding] == ["NEU"]
        assert [problem.row for problem in preview.refused] == [2]
        assembly, by = hall.assembly(session), hall.organiser(session)
        gender = next(feature for feature in features_of(session, assembly))
        values = {"last_name": "Zwirnzelle", registrations.value_field(gender): gender.values[0].id}
        with pytest.raises(ConflictError, match="were erased"):
            registrations.register(session, assembly, values | {"code": code}, by=by)
        assert registrations.register(session, assembly, values, by=by).code == "H0001"


def test_a_number_of_somebody_erased_is_given_to_nobody_else(hall: Hall) -> None:
    """Else the next file with them would be refused as somebody who was erased."""
    with hall.sessions.begin() as session:
        assembly, by = hall.assembly(session), hall.organiser(session)
        gender = next(feature for feature in features_of(session, assembly))
        values = {"last_name": "Quast", registrations.value_field(gender): gender.values[0].id}
        respondents.find_by_code(session, assembly, "K1").code = "H0001"
        gone = registrations.register(session, assembly, values, by=by)
        assert gone.code == "H0002"
        respondents.erase(session, gone, by=None)
        assert registrations.register(session, assembly, values, by=by).code == "H0003"


def test_another_assembly_may_have_the_same_code_and_no_database_tells_whose_it_was() -> None:
    """Fingerprints differ between assemblies, and between installations, whose secrets differ."""

    def fingerprint(secret: str, assembly_id: int) -> str:
        engine = sa.create_engine("sqlite://")
        attach_key(engine, secret)
        with Session(engine) as session:
            return fingerprint_of(session.get_bind(), assembly_id, CODE)

    assert fingerprint("one", 1) == fingerprint("one", 1)
    assert len({fingerprint("one", 1), fingerprint("one", 2), fingerprint("other", 1)}) == 3


def test_a_member_who_declined_and_was_erased_is_replaced(drawn: DrawnPanel) -> None:
    """The lottery that fills their seat is fixed already; it knows them by the code that says nothing."""
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        gone = members_in(session, Status.DRAWN)[0]
        calling.decline(session, gone, by=organiser)
        gone_id = gone.id
    commitment_id = drawn.commit_replacement()
    with drawn.sessions.begin() as session:
        gone = session.get_one(Respondent, gone_id)
        respondents.erase(session, gone, by=None)
        assert session.get_one(Commitment, commitment_id).lottery.vacated == [f"erased-{gone_id}"]
    drawn.traveller.move_to(REPLACEMENT + dt.timedelta(minutes=5))
    for account in (drawn.organiser_id, drawn.witness_id):
        with drawn.sessions.begin() as session:
            drawn.enter(session, commitment_id, account)
    with drawn.sessions() as session:
        assembly, _ = drawn.load(session)
        assert session.get_one(Member, gone_id).replaced_at
        assert seats.free_seats(session, assembly) == 0
        chain = [
            parse_document(content, name=f"{name}-{made.id}.json")
            for made in commitments.commitments_of(session, assembly)
            for name, content in (
                ("public", made.public_document),
                ("audit", made.audit_document),
                ("drawn", made.result),
            )
            if content
        ]
        hashes = [made.hash for made in commitments.commitments_of(session, assembly)]
        assert verify(chain, commitments=hashes).verified


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
        everyone = {one.code: (one.id, len(one.values)) for one in session.query(Respondent)}
        gone, _ = everyone.pop(CODE)
    traces.erase()
    with sessions() as session:
        found = {one.code: (one.id, len(one.values)) for one in session.query(Respondent)}
        assert found == everyone | {f"erased-{gone}": (gone, 0)}
        assert all(one.household_id is None for one in session.query(Respondent))
