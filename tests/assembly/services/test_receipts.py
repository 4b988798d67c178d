"""Receipts, on both databases: everyone in the pool, once, a day before the draw; and found by whoever has one."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    Commitment,
    Contact,
    JobState,
    Mail,
    MailState,
    Obstacle,
    Receipt,
    Respondent,
    Status,
    User,
)
from assembly.services import batches, commitments, handlers, jobs, logbook, mail, receipt_search, receipts, respondents
from assembly.services.errors import ConflictError, RuleError
from assembly.services.handlers import Run
from sortition import documents, verify
from sortition.protocol.documents import parse_audit, parse_public, parse_receipt
from sortition.protocol.receipts import grouped, leaf_of, short_code, tickets_of
from tests.assembly.queries import counted
from tests.assembly.services.test_draws import MOMENT, Hall, hall  # noqa: F401  # the fixture

PAGE = "https://buergerrat.example.org/a/x/receipt"
PEOPLE = 12


@pytest.fixture
def committed(hall: Hall) -> int:  # the fixture
    """A commitment over a pool in which ten have a mail address, K1 a postal one, and K2 none."""
    with hall.sessions.begin() as session:
        hall.assembly(session).is_public = True
        for person in session.scalars(sa.select(Respondent).order_by(Respondent.id)):
            contact = person.contact
            assert contact
            contact.first_name, contact.last_name = "Zerlina", f"Quast {person.code}"
            if person.code == "K1":
                contact.street, contact.postcode, contact.city = "Amselweg", "12345", "Auenfurt"
            elif person.code != "K2":
                contact.email = f"{person.code.lower()}@example.org"
    return hall.commit(hall.compute())


def send(hall: Hall, commitment_id: int) -> None:
    with hall.sessions.begin() as session:
        commitment = session.get_one(Commitment, commitment_id)
        receipts.send_receipts(session, hall.assembly(session), commitment, page=PAGE, by=hall.organiser(session))


def written(session: Session) -> list[Mail]:
    unerased = sa.select(Mail).where(Mail.template == "receipt", Mail.state != MailState.ERASED)
    return list(session.scalars(unerased.order_by(Mail.id)))


def found_by_code(session: Session, assembly: Assembly, code: str) -> receipt_search.Found:
    return receipt_search.shown(receipt_search.find_by_code(session, assembly, code))


def test_everyone_in_the_pool_gets_one_by_mail_or_letter(hall: Hall, committed: int) -> None:
    send(hall, committed)
    with hall.sessions() as session:
        commitment, mails = session.get_one(Commitment, committed), written(session)
        progress = receipts.progress_of(session, commitment)
        assert progress.states == {MailState.QUEUED: 10, MailState.TO_PRINT: 1}
        assert progress.obstacles == {Obstacle.NO_ADDRESS: 1}
        assert (progress.people, progress.mails, progress.letters, progress.missing) == (PEOPLE, 10, 1, 1)
        assert [one.respondent.code for one in receipts.not_sent(session, commitment, limit=9)] == ["K2"]
        assert {one.recipient for one in mails} == {None, *(f"k{n}@example.org" for n in (0, *range(3, PEOPLE)))}
        for one in mails:
            own = session.scalars(sa.select(Receipt).where(Receipt.mail_id == one.id)).one()
            code = grouped(own.code)
            assert code in one.text
            assert commitment.hash in one.text
            assert one.qr == f"{PAGE}#{code}"
            assert PAGE in one.text
            assert f"#{code}" not in one.text + one.html
        entry = list(logbook.entries_of(session, hall.assembly(session)))[-1]
        assert (entry.action, entry.details) == ("receipts_sent", {"mails": 10, "letters": 1, "missing": 1})


def test_each_proves_what_it_says(hall: Hall, committed: int) -> None:
    """Leaf, tickets and code follow from the file, and the engine verifies it against the public document."""
    send(hall, committed)
    with hall.sessions() as session:
        commitment = session.get_one(Commitment, committed)
        public = parse_public(commitment.public_document, name="public.json")
        for own in session.scalars(sa.select(Receipt)):
            receipt = parse_receipt(own.document, name="receipt.json")
            assert receipt["row"]["id"] == own.respondent.code
            assert (own.leaf, own.code) == (leaf_of(receipt), short_code(receipt))
            assert own.leaf in public["leaves"]
            assert own.tickets == tickets_of(receipt, public)
        report = verify(documents(commitment.public_document, own.document), commitments=[commitment.hash])
        assert report.verified


def test_nobody_gets_it_twice_and_whoever_can_be_reached_later_gets_it_then(
    hall: Hall,
    committed: int,
) -> None:
    send(hall, committed)
    with hall.sessions.begin() as session:
        before = {one.id for one in written(session)}
        contact = session.scalars(sa.select(Contact).join(Respondent).where(Respondent.code == "K2")).one()
        contact.email = "zwei@example.org"
    for _ in range(2):
        send(hall, committed)
    with hall.sessions() as session:
        (new,) = [one for one in written(session) if one.id not in before]
        assert new.recipient == "zwei@example.org"
        assert len(written(session)) == PEOPLE
        assert receipts.progress_of(session, session.get_one(Commitment, committed)).missing == 0


def test_whoever_has_left_is_not_written_to(hall: Hall, committed: int) -> None:
    with hall.sessions.begin() as session:
        for code, status in (("K3", Status.WITHDRAWN), ("K4", Status.ERASED)):
            person = respondents.find_by_code(session, hall.assembly(session), code)
            if status is Status.ERASED:
                respondents.erase(session, person, by=None)
            else:
                respondents.move(session, person, status, by=None)
    send(hall, committed)
    with hall.sessions() as session:
        assert not {"k3@example.org", "k4@example.org"} & {one.recipient for one in written(session)}
        progress = receipts.progress_of(session, session.get_one(Commitment, committed))
        assert progress.obstacles == {Obstacle.NO_ADDRESS: 1, Obstacle.WITHDRAWN: 1}
        assert (progress.missing, progress.waiting, progress.erased) == (3, 0, 1)


@pytest.mark.parametrize(
    ("moment", "words"),
    [(MOMENT - dt.timedelta(hours=23), "less than 24 hours"), (MOMENT + dt.timedelta(days=1), "less than 24 hours")],
)
def test_they_are_not_sent_in_the_last_24_hours(
    hall: Hall,
    committed: int,
    monkeypatch: pytest.MonkeyPatch,
    moment: dt.datetime,
    words: str,
) -> None:
    monkeypatch.setattr(receipts, "now", lambda: moment)
    with pytest.raises(ConflictError, match=words):
        send(hall, committed)
    monkeypatch.setattr(receipts, "now", lambda: MOMENT - dt.timedelta(hours=24))
    send(hall, committed)


def test_they_are_not_sent_before_the_public_page_is_open_nor_after_all_is_over(
    hall: Hall,
    committed: int,
) -> None:
    with hall.sessions.begin() as session:
        hall.assembly(session).is_public = False
    with pytest.raises(ConflictError, match="public page"):
        send(hall, committed)
    with hall.sessions.begin() as session:
        hall.assembly(session).is_public = True
        session.get_one(Commitment, committed).drawn_at = now()
    with pytest.raises(ConflictError, match="drawn already"):
        send(hall, committed)
    with hall.sessions.begin() as session:
        commitment = session.get_one(Commitment, committed)
        commitment.drawn_at, commitment.audit_document = None, None
    with pytest.raises(ConflictError, match="has been deleted"):
        send(hall, committed)
    with hall.sessions() as session:
        assert written(session) == []


def void(hall: Hall, commitment_id: int) -> None:
    with hall.sessions.begin() as session:
        commitment = session.get_one(Commitment, commitment_id)
        commitments.void(
            session, hall.assembly(session), commitment, reason="Falsche Quote", by=hall.organiser(session)
        )


def test_voiding_stops_what_was_not_sent_and_the_next_receipt_says_so_to_whoever_had_one(
    hall: Hall,
    committed: int,
) -> None:
    send(hall, committed)
    with hall.sessions.begin() as session:
        one = mail.claim_next(session)
        assert one
        mail.record_sent(session, one, "250 OK")
        lucky = one.recipient
    void(hall, committed)
    with pytest.raises(ConflictError, match="voided"):
        send(hall, committed)
    with hall.sessions() as session:
        assert [mail.recipient for mail in written(session)] == [lucky]
    second = hall.commit(hall.compute())
    send(hall, second)
    with hall.sessions() as session:
        _, *new = written(session)
        assert len(new) == PEOPLE - 1
        assert {one.recipient for one in new if "gilt deshalb nicht mehr" in one.text} == {lucky}


def test_a_large_pool_is_done_by_a_job_that_may_die_in_between(
    hall: Hall,
    committed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(receipts, "MOST_AT_ONCE", 5)
    monkeypatch.setattr(batches, "BATCH", 5)
    ids = set()
    for _ in range(2):
        with hall.sessions.begin() as session:
            commitment = session.get_one(Commitment, committed)
            job = receipts.send_receipts(
                session, hall.assembly(session), commitment, page=PAGE, by=hall.organiser(session)
            )
            assert job
            ids.add(job.id)
    assert len(ids) == 1
    for attempt, stopping in ((1, lambda: len_written(hall) > 0), (2, lambda: False)):
        with hall.sessions.begin() as session:
            claimed = jobs.claim(session, min(ids), {"receipts"})
            assert claimed
            run = Run(hall.sessions, hall.engines.config, claimed.id, attempt, claimed.payload, stopping)
        handlers.perform(run, "receipts")
        assert (len_written(hall) < PEOPLE - 1) == (attempt == 1)
    assert len_written(hall) == PEOPLE - 1
    with hall.sessions() as session:
        job = receipts.last_job(session, session.get_one(Commitment, committed))
        assert job
        assert job.state is JobState.DONE
        actions = [entry.action for entry in logbook.entries_of(session, hall.assembly(session))]
        assert actions.count("receipts_sent") == 1


def len_written(hall: Hall) -> int:
    with hall.sessions() as session:
        return len(written(session))


def test_a_job_that_comes_too_late_says_why(
    hall: Hall,
    committed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(receipts, "MOST_AT_ONCE", 5)
    send(hall, committed)
    monkeypatch.setattr(receipts, "now", lambda: MOMENT)
    with hall.sessions.begin() as session:
        waiting = jobs.waiting(session, {"receipts"})
        assert waiting
        job = jobs.claim(session, waiting, {"receipts"})
        assert job
        run = Run(hall.sessions, hall.engines.config, job.id, job.attempts, job.payload)
    handlers.perform(run, "receipts")
    with hall.sessions() as session:
        failure = jobs.failure_of(jobs.get_job(session, run.job_id, assembly=hall.assembly(session)))
        assert failure
        assert "less than 24 hours" in failure.message
    assert len_written(hall) == 0


def test_a_receipt_is_found_by_its_code_and_by_its_file(hall: Hall, committed: int) -> None:
    send(hall, committed)
    with hall.sessions() as session:
        assembly = hall.assembly(session)
        own = session.scalars(sa.select(Receipt).order_by(Receipt.id)).first()
        assert own
        found = found_by_code(session, assembly, f" {grouped(own.code).lower()} ")
        assert receipt_search.shown(receipt_search.find_by_file(session, assembly, own.document)) == found
        assert (found.people, found.all_tickets, found.void_reason, found.drawn) == (PEOPLE, 1000, None, None)
        assert [int(ticket) for ticket in found.tickets] == own.tickets
        assert all(len(ticket) == 3 for ticket in found.tickets)
        assert found.chance * 1000 == len(own.tickets) > 0
        code = own.code
        session.expunge_all()
        with counted(session.get_bind()) as sent:  # type: ignore[arg-type]  # an engine
            assert found_by_code(session, assembly, code) == found
        assert len(sent) == 1


def test_nothing_is_found_with_anything_else_and_the_words_are_always_the_same(
    hall: Hall,
    committed: int,
) -> None:
    send(hall, committed)
    said = set()

    def refused(session: Session, assembly: Assembly, what: str | bytes) -> None:
        find = receipt_search.find_by_file if isinstance(what, bytes) else receipt_search.find_by_code
        with pytest.raises(RuleError) as error:
            find(session, assembly, what)  # type: ignore[arg-type]  # each takes its own
        said.add((error.value.message, error.value.field))

    with hall.sessions.begin() as session:
        assembly = hall.assembly(session)
        own = session.scalars(sa.select(Receipt).order_by(Receipt.id)).first()
        assert own
        document = json.loads(own.document)
        changed = json.dumps(document | {"row": document["row"] | {"id": "x"}}, separators=(",", ":"), sort_keys=True)
        elsewhere = Assembly(id=assembly.id + 1)
        for what in ("", "0" * 16, own.code[:-1], b"", b"{}", b"[" * 9999, changed.encode(), own.document + b" "):
            refused(session, assembly, what)
        for what in (own.code, own.document):
            refused(session, elsewhere, what)
        code = own.code
        session.get_one(Commitment, committed).audit_document = None
        session.flush()
        refused(session, assembly, code)
    assert said == {(receipt_search.NOT_FOUND, None)}


def test_after_the_draw_it_says_whether_the_ticket_was_theirs_and_of_a_voided_one_that_it_is_void(
    hall: Hall,
    committed: int,
) -> None:
    send(hall, committed)
    with hall.sessions() as session:
        assembly, commitment = hall.assembly(session), session.get_one(Commitment, committed)
        assert commitment.audit_document
        seated = parse_audit(commitment.audit_document, name="audit.json")["tickets"][7]
        commitment.ticket = 7
        session.flush()
        drawn = [found_by_code(session, assembly, one.code) for one in session.scalars(sa.select(Receipt))]
        assert {found.drawn for found in drawn} == {"007"}
        assert sum(found.was_drawn for found in drawn) == len(seated)
        session.rollback()
    void(hall, committed)
    with hall.sessions() as session:
        own = session.scalars(sa.select(Receipt)).first()
        assert own
        assert found_by_code(session, hall.assembly(session), own.code).void_reason == "Falsche Quote"


def test_receipts_go_with_their_person_and_with_the_pools_data(hall: Hall, committed: int) -> None:
    send(hall, committed)
    with hall.sessions.begin() as session:
        person = respondents.find_by_code(session, hall.assembly(session), "K5")
        code = session.scalars(sa.select(Receipt.code).where(Receipt.respondent_id == person.id)).one()
        respondents.erase(session, person, by=None)
    with hall.sessions.begin() as session:
        everything = str(session.execute(sa.select(Mail.__table__)).all())
        assert "k5@example.org" not in everything
        assert "k6@example.org" in everything
        with pytest.raises(RuleError):
            receipt_search.find_by_code(session, hall.assembly(session), code)
        receipts.forget(session, session.get_one(Commitment, committed))
    with hall.sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Receipt)) == 0
        assert "example.org" not in str(session.execute(sa.select(Mail.__table__)).all())


def test_a_batch_of_people_takes_few_statements(hall: Hall, committed: int) -> None:
    with hall.sessions.begin() as session:
        commitment = session.get_one(Commitment, committed)
        engine = session.get_bind()
        with counted(engine) as sent:  # type: ignore[arg-type]  # an engine
            receipts.send_receipts(
                session, hall.assembly(session), commitment, page=PAGE, by=session.get_one(User, hall.organiser_id)
            )
    assert len([statement for statement in sent if statement.startswith("INSERT")]) == 3  # mails, receipts, log
