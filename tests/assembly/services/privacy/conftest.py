"""The assembly of the draws, in which one person has left unmistakable traces everywhere."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Collection
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from assembly.models import Commitment, Exclusion, Job, JobState, Mail, MailState, Resemblance, Respondent
from assembly.services import checks, commitments, handlers, households, imports, jobs, mail, respondents
from assembly.services.delivery import Delivery
from assembly.services.handlers import Run
from assembly.worker import HANDLER_MODULES
from sortition.protocol.documents import parse_audit
from tests.assembly.sample import as_csv
from tests.assembly.services.test_draws import Hall
from tests.assembly.services.test_draws import hall as hall  # noqa: PLC0414  # a fixture
from tests.assembly.services.test_imports import take

CODE = "KZQ-7731"
ROW = {
    "id": CODE,
    "Vorname": "Xanthippolyta",
    "Nachname": "Zwirnzelle",
    "E-Mail": "zwirnzelle@unverwechselbar.example",
    "Telefon": "0931-7700441",
    "Straße": "Quittenquellweg",
    "Hausnummer": "7731q",
    "PLZ": "97099",
    "Geburtsdatum": "1931-07-09",
    "Geschlecht": "weiblich",
}
LATER_PHONE = "0931-7700998"
VALUES = frozenset(
    {
        *(ROW[name] for name in ("Vorname", "Nachname", "E-Mail", "Telefon", "Straße", "Hausnummer", "Geburtsdatum")),
        *(LATER_PHONE, "zwirnzelle", "quittenquellweg"),
    }
)
"""What only this person has, also as it is folded to be searched."""


@dataclasses.dataclass
class Traces:
    """A hall and the person who left traces in it."""

    hall: Hall
    commitment_id: int = 0

    @property
    def folder(self) -> Path:
        return self.hall.engines.config.data_folder

    def person(self, session: Session) -> Respondent:
        return session.query(Respondent).where(Respondent.code == CODE).one()

    def run_jobs(self, kinds: Collection[str], *, failing: Collection[str] = ()) -> int:
        """Do the jobs that wait, as a worker does, and return how many there were; only the `failing` kinds fail."""
        done = 0
        while True:
            with self.hall.sessions.begin() as session:
                waiting = jobs.waiting(session, kinds)
                job = jobs.claim(session, waiting, kinds) if waiting is not None else None
                if job is None:
                    return done
                run = Run(self.hall.sessions, self.hall.engines.config, job.id, job.attempts, job.payload)
                kind = job.kind
            handlers.perform(run, kind)
            with self.hall.sessions() as session:
                ended = JobState.FAILED if kind in failing else JobState.DONE
                assert session.get_one(Job, run.job_id).state is ended
            done += 1

    def erase(self) -> None:
        with self.hall.sessions.begin() as session:
            respondents.erase(session, self.person(session), by=self.hall.organiser(session))

    def ticket(self, *, standing: bool) -> str:
        """Return a ticket on which the person stands, or does not."""
        with self.hall.sessions() as session:
            content = session.get_one(Commitment, self.commitment_id).audit_document
            assert content
        audit = parse_audit(content, name="audit.json")
        codes = [entry["row"]["id"] if entry["row"] else "" for entry in audit["entries"]]
        place = codes.index(CODE)
        return next(f"{n:03}" for n, seats in enumerate(audit["tickets"]) if (place in seats) is standing)


@pytest.fixture(scope="session", autouse=True)
def known_handlers() -> None:
    """Every kind of job can be done, as in a worker, whichever test comes first."""
    for module in HANDLER_MODULES:
        importlib.import_module(module)


@pytest.fixture
def traces(hall: Hall) -> Traces:
    """A person in contacts, imports, an upload, mails, letters, copies, household, lotteries and commitments."""
    made = Traces(hall)
    with hall.sessions() as session:
        assembly, organiser = hall.assembly(session), hall.organiser(session)
        take(session, assembly, organiser, as_csv([ROW]), name="Anmeldung Xanthippolyta Zwirnzelle.csv")
        take(session, assembly, organiser, as_csv([{"id": CODE, "Telefon": LATER_PHONE}]), overwrite=True)
        person = made.person(session)
        neighbours = session.query(Respondent).where(Respondent.code.in_(["K1", "K2"])).order_by(Respondent.code).all()
        households.join(session, person, neighbours[0], by=organiser)
        households.tell_apart(session, person, neighbours[1], Resemblance.PERSON)
        imports.upload(session, assembly, as_csv([ROW | {"Telefon": "0"}]), name="Zwirnzelle.csv", by=organiser)
        respondents.exclude(session, person, Exclusion.OWN_WISH, by=organiser)
        respondents.readmit(session, person, by=organiser)
        for state in (MailState.SENT, MailState.QUEUED, MailState.TO_PRINT):
            put(session, made, state)
        check = checks.start_check(session, assembly, by=organiser)
        assert check.job
        session.commit()
    made.run_jobs({"check"})
    hall.compute(is_rehearsal=True)
    first = hall.commit(hall.compute())
    with hall.sessions.begin() as session:
        commitment = session.get_one(Commitment, first)
        commitments.void(session, hall.assembly(session), commitment, reason="Probe", by=hall.organiser(session))
    made.commitment_id = hall.commit(hall.compute())
    Delivery(hall.engines.config, hall.sessions, lambda: False).deliver()
    return made


def put(session: Session, traces: Traces, state: MailState) -> Mail:
    """Write a mail or letter to the person."""
    person = traces.person(session)
    written = mail.write_mail(
        session,
        Mail(
            template="receipt",
            language="de",
            recipient=None if state is MailState.TO_PRINT else ROW["E-Mail"],
            address=[ROW["Vorname"], ROW["Straße"]],
            subject=f"An {ROW['Vorname']}",
            text=f"Guten Tag {ROW['Nachname']}",
            html=f"<p>{ROW['Nachname']}</p>",
            assembly_id=person.assembly_id,
            respondent_id=person.id,
            deed=f"receipt-{state.value}:{person.id}",
        ),
    )
    if state is MailState.SENT:
        assert mail.move(session, written.id, MailState.SENDING)
        mail.record_sent(session, written, f"250 OK {ROW['E-Mail']}")
    return written
