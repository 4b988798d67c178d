"""Data are deleted on their day and not before, in batches, however often and wherever the work is interrupted."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Collection
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import (
    Check,
    Commitment,
    Contact,
    DailyRun,
    Import,
    ImportState,
    Job,
    JobState,
    LogEntry,
    Lottery,
    Mail,
    MailState,
    Receipt,
    Respondent,
    RespondentValue,
    Role,
    Status,
    User,
)
from assembly.services import accounts, daily, handlers, imports, jobs, logbook, mail
from assembly.services.handlers import Run
from assembly.services.privacy import deadlines, retention
from assembly.services.privacy.deadlines import PERIODS, schedule_of
from assembly.services.privacy.declaring import Deadline
from sortition import verify
from sortition.protocol.documents import parse_document
from tests.assembly.sample import as_csv
from tests.assembly.services import test_draws
from tests.assembly.services.privacy.conftest import CODE, VALUES, Traces
from tests.assembly.services.privacy.search import found_in_database, found_in_files
from tests.assembly.services.test_draws import MOMENT, Hall

DAY = dt.timedelta(days=1)
REPLACEMENT = MOMENT + 30 * DAY
RULE = dataclasses.replace(test_draws.TEXTS, replacement_moments=(REPLACEMENT,))
POOL_GOES = REPLACEMENT + PERIODS[Deadline.NOT_DRAWN]
RESULT = (MOMENT + 200 * DAY).date()


@pytest.fixture(autouse=True)
def rule_with_a_replacement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_draws, "TEXTS", RULE)


@pytest.fixture
def drawn(traces: Traces) -> Traces:
    """The panel is drawn, without the one who left traces; its result is due 200 days later."""
    ticket = traces.ticket(standing=False)
    with time_machine.travel(MOMENT + dt.timedelta(minutes=1), tick=True):
        traces.hall.enter(ticket, traces.hall.organiser_id)
        traces.hall.enter(ticket, traces.hall.witness_id)
    with traces.hall.sessions.begin() as session:
        traces.hall.assembly(session).result_date = RESULT
    return traces


def run_daily(hall: Hall, moment: dt.datetime, *, failing: Collection[str] = ()) -> None:
    """Do what a worker does on a day."""
    with time_machine.travel(moment, tick=True):
        with hall.sessions.begin() as session:
            daily.ask_if_due(session)
        Traces(hall).run_jobs({retention.RETENTION, daily.PUBLISH, "clear_copies"}, failing=failing)


def contacts(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Contact)) or 0


def deletions(hall: Hall) -> list[dict[str, Any]]:
    with hall.sessions() as session:
        found = session.scalars(sa.select(LogEntry).where(LogEntry.action == "deleted_on_time").order_by(LogEntry.id))
        return [entry.details for entry in found]


def test_those_not_drawn_go_a_month_after_the_last_replacement(drawn: Traces) -> None:
    hall = drawn.hall
    with hall.sessions() as session:
        schedule = schedule_of(session, hall.assembly(session))
        assert schedule.due[Deadline.NOT_DRAWN] == POOL_GOES
        before = {one.id: one.status for one in session.query(Respondent)}
    run_daily(hall, POOL_GOES - dt.timedelta(hours=1))
    with hall.sessions() as session:
        assert contacts(session) == 13
    run_daily(hall, POOL_GOES + DAY)
    with hall.sessions() as session:
        assert contacts(session) == 4
        assert session.query(RespondentValue).count() == 4
        after = {one.id: one.status for one in session.query(Respondent)}
        assert after == before
        kept = {one.code for one in session.query(Respondent) if one.cleared_at is None}
        assert {one.status for one in session.query(Respondent) if one.code in kept} == {Status.DRAWN}
        assert session.query(Check).count() == 0
        documents = session.query(Commitment.audit_document).all() + session.query(Lottery.document).all()
        assert {content for (content,) in documents} == {None}
        assert session.query(Commitment).filter(Commitment.result.is_not(None)).count() == 1
        assert found_in_database(session, VALUES | {CODE}) == set()
        assert logbook.first_fault(logbook.entries_of(session, hall.assembly(session))) is None
    assert found_in_files(drawn.folder, VALUES) == set()
    assert sum(map(Counter, deletions(hall)), Counter()) == {
        "audit_documents": 2,
        "lottery_documents": 3,
        "checks": 1,
        "files": 4,
        "people_not_drawn": 9,
        "mails": 1,
    }


def test_members_go_a_year_after_the_result_and_the_proofs_stay_valid(drawn: Traces) -> None:
    hall = drawn.hall
    handover = dt.datetime.combine(RESULT + DAY, dt.time(), daily.ZONE)
    run_daily(hall, handover + 364 * DAY)
    with hall.sessions() as session:
        assert contacts(session) == 4
    run_daily(hall, handover + 366 * DAY)
    with hall.sessions() as session:
        assert contacts(session) == 0
        assert all(one.code == f"cleared-{one.id}" for one in session.query(Respondent))
        made = session.get_one(Commitment, drawn.commitment_id)
        assert made.result
        files = {"public.json": made.public_document, "drawn.json": made.result}
        given = [parse_document(content, name=name) for name, content in files.items()]
        assert verify(given, commitments=[made.hash]).verified


def test_that_somebody_removed_was_written_to_is_forgotten_with_the_pool(drawn: Traces) -> None:
    hall = drawn.hall
    with hall.sessions.begin() as session:
        made = mail.queue_mail(
            session,
            "acknowledgement",
            to="weg@example.org",
            language="de",
            context=dict.fromkeys(("name", "assembly", "code", "too_young", "minimum_age", "contact"), "x"),
            assembly=hall.assembly(session),
            deed="acknowledgement:1:0123",
        )
        mail_id = made.id
        mail.take_back(session, Mail.id == mail_id)
        session.execute(sa.update(Mail).where(Mail.id == mail_id).values(deed="acknowledgement:1:0123"))
    run_daily(hall, POOL_GOES - dt.timedelta(hours=1))
    with hall.sessions() as session:
        assert session.get_one(Mail, mail_id).deed
    run_daily(hall, POOL_GOES + DAY)
    with hall.sessions() as session:
        assert session.get_one(Mail, mail_id).deed is None


def test_the_receipts_of_each_commitment_go_in_a_transaction_of_their_own(drawn: Traces) -> None:
    hall = drawn.hall
    with hall.sessions.begin() as session:
        made = session.scalars(sa.select(Commitment.id).order_by(Commitment.id)).all()
        people = session.scalars(sa.select(Respondent.id).limit(2)).all()
        for number, (commitment, person) in enumerate((one, person) for one in made for person in people):
            own = {"code": f"{number:016}", "leaf": f"{number:064}", "tickets": [], "document": b"{}"}
            session.add(Receipt(commitment_id=commitment, respondent_id=person, **own))
    run_daily(hall, POOL_GOES + DAY)
    with hall.sessions() as session:
        assert session.query(Receipt).count() == 0
    assert [details["receipts"] for details in deletions(hall) if "receipts" in details] == [2, 2]


def test_a_second_run_finds_nothing(drawn: Traces) -> None:
    run_daily(drawn.hall, POOL_GOES + DAY)
    logged = deletions(drawn.hall)
    run_daily(drawn.hall, POOL_GOES + 2 * DAY)
    assert deletions(drawn.hall) == logged


def test_while_a_committed_lottery_waits_for_its_draw_nothing_of_the_pool_goes(traces: Traces) -> None:
    run_daily(traces.hall, POOL_GOES + DAY)
    with traces.hall.sessions() as session:
        assert contacts(session) == 13
        assert session.get_one(Commitment, traces.commitment_id).audit_document
    run_daily(traces.hall, REPLACEMENT + 396 * DAY)
    with traces.hall.sessions() as session:
        assert contacts(session) == 0


def test_without_a_date_of_the_result_members_still_have_a_deletion_date(drawn: Traces) -> None:
    with drawn.hall.sessions.begin() as session:
        assembly = drawn.hall.assembly(session)
        assembly.result_date = None
        schedule = schedule_of(session, assembly)
        assert schedule.is_guessed
        assert schedule.due[Deadline.MEMBERS] == REPLACEMENT + 730 * DAY


def test_a_death_in_between_loses_nothing_and_deletes_nothing_twice(
    drawn: Traces, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies while it clears the third batch; another one goes on."""
    monkeypatch.setattr(deadlines, "BATCH", 2)
    hall, calls = drawn.hall, []
    original = retention.erasing.clear

    def dying(session: Session, ids: Any) -> None:
        original(session, ids)
        calls.append(list(ids))
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(retention.erasing, "clear", dying)
    with time_machine.travel(POOL_GOES + DAY, tick=True):
        with hall.sessions.begin() as session:
            daily.ask_if_due(session)
            found = jobs.last_job(session, retention.RETENTION)
            assert found
            job = jobs.claim(session, found.id, {retention.RETENTION})
            assert job
            run = Run(hall.sessions, hall.engines.config, job.id, job.attempts, job.payload)
        with pytest.raises(KeyboardInterrupt):
            handlers.perform(run, retention.RETENTION)
        with hall.sessions.begin() as session:
            assert contacts(session) == 9
            assert session.query(Respondent).filter(Respondent.cleared_at.is_not(None)).count() == 4
            jobs.sweep(session, handlers.repeatable_kinds(), dead_after=dt.timedelta())
        assert drawn.run_jobs({retention.RETENTION}) == 1
    with hall.sessions() as session:
        assert contacts(session) == 4
        assert logbook.first_fault(logbook.entries_of(session, hall.assembly(session))) is None
    assert sum(details.get("people_not_drawn", 0) for details in deletions(hall)) == 9
    done = [one for batch in (*calls[:2], *calls[3:]) for one in batch]
    assert len(done) == len(set(done)) == 9


def test_uploads_that_nobody_imports_go_after_a_month(hall: Hall) -> None:
    with hall.sessions.begin() as session:
        assembly, by = hall.assembly(session), hall.organiser(session)
        upload = imports.upload(session, assembly, as_csv([{"id": "N1", "Vorname": "Zora"}]), name="Zora.csv", by=by)
        moment, upload_id = upload.uploaded_at, upload.id
    run_daily(hall, moment + 29 * DAY)
    with hall.sessions() as session:
        assert session.get_one(Import, upload_id).state is ImportState.UPLOADED
    run_daily(hall, moment + 31 * DAY)
    with hall.sessions() as session:
        gone = session.get_one(Import, upload_id)
        assert (gone.state, gone.content, gone.file_name, gone.mapping) == (ImportState.DISCARDED, b"", "?", {})
        assert session.query(Import).where(Import.state == ImportState.APPLIED).one().file_name == "a.csv"
    assert deletions(hall) == [{"files": 1}]


def test_what_fails_holds_up_nothing_else(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And it is said: the job has failed, and the log names the place, without what the fault held."""

    def fail(_session: Session, _assembly: object) -> dict[str, int]:
        raise ValueError("Zora")

    with hall.sessions.begin() as session:
        assembly, by = hall.assembly(session), hall.organiser(session)
        upload = imports.upload(session, assembly, as_csv([{"id": "N1"}]), name="n.csv", by=by)
        moment, upload_id = upload.uploaded_at, upload.id
    monkeypatch.setattr(retention, "STEPS", (fail, *retention.STEPS))
    run_daily(hall, moment + 31 * DAY, failing={retention.RETENTION})
    with hall.sessions() as session:
        assert session.get_one(Import, upload_id).state is ImportState.DISCARDED
    assert "Deleting on time failed: " in caplog.text
    assert "Zora" not in caplog.text


def test_what_failed_is_tried_again_every_hour_until_it_succeeds(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """On the same day, once an hour however many workers ask, each time with a line in the log."""
    steps, moment = retention.STEPS, dt.datetime(2035, 3, 1, 9, tzinfo=dt.UTC)

    def fail(_session: Session, _assembly: object) -> dict[str, int]:
        raise ValueError

    def tried(minutes: int, *, failing: bool) -> int:
        with time_machine.travel(moment + dt.timedelta(minutes=minutes), tick=True):
            for _ in range(2):
                with hall.sessions.begin() as session:
                    daily.ask_if_due(session)
            return Traces(hall).run_jobs({retention.RETENTION}, failing={retention.RETENTION} if failing else ())

    monkeypatch.setattr(retention, "STEPS", (fail,))
    assert [tried(minutes, failing=True) for minutes in (0, 1, 59, 61, 62, 122)] == [1, 0, 0, 1, 0, 1]
    assert caplog.text.count("Deleting on time failed: ") == 3
    monkeypatch.setattr(retention, "STEPS", steps)
    assert [tried(minutes, failing=False) for minutes in (123, 184, 246)] == [0, 1, 0]
    with hall.sessions() as session:
        assert session.query(DailyRun).count() == 1


def test_mails_and_jobs_and_accounts_go_in_their_time(traces: Traces) -> None:
    hall = traces.hall
    with hall.sessions.begin() as session:
        gone = accounts.create_account(session, email="weg@example.org", name="Wega Weg")
        role = accounts.grant(session, gone, Role.DEPARTMENT, by=None)
        accounts.revoke(session, role, by=hall.organiser(session))
        gone_id = gone.id
    start = dt.datetime.now(dt.UTC)
    run_daily(hall, start + 29 * DAY)
    with hall.sessions() as session:
        sent = session.query(Mail).where(Mail.state == MailState.SENT).one()
        assert sent.text
        assert session.query(Job).where(Job.kind == "lottery").count() == 3
    run_daily(hall, start + 91 * DAY)
    with hall.sessions() as session:
        assert session.get_one(Mail, sent.id).state is MailState.ERASED
        assert session.get_one(Mail, sent.id).deed
        assert session.query(Job).where(Job.kind == "lottery").count() == 0
        assert session.query(Lottery).where(Lottery.job_id.is_not(None)).count() == 0
        assert session.get_one(User, gone_id).name == "Wega Weg"
    run_daily(hall, start + 731 * DAY)
    with hall.sessions() as session:
        closed = session.get_one(User, gone_id)
        assert (closed.name, closed.email, closed.active) == ("", f"closed-{gone_id}@invalid", False)
        assert session.get_one(User, hall.organiser_id).name == "Olga Organ"
        assert session.query(DailyRun).order_by(DailyRun.day.desc()).first().deleted["accounts"] == 1  # type: ignore[union-attr]  # there is one


def test_the_days_work_is_asked_for_once_however_many_workers_ask(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        daily.ask_if_due(session)
    with sessions.begin() as session:
        daily.ask_if_due(session)
        assert sorted(session.scalars(sa.select(Job.kind))) == sorted(daily.KINDS)
        assert session.query(DailyRun).count() == 1
        session.execute(sa.update(Job).values(state=JobState.DONE))
    with time_machine.travel(dt.datetime.now(dt.UTC) + DAY), sessions.begin() as session:
        daily.ask_if_due(session)
        assert session.query(Job).count() == 2 * len(daily.KINDS)
