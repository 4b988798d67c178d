"""A small assembly whose panel has been drawn, for tests."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from assembly.config import Config
from assembly.models import (
    Assembly,
    AttemptOutcome,
    Channel,
    Contact,
    ContactAttempt,
    Feature,
    FeatureValue,
    Job,
    Respondent,
    RespondentValue,
    Role,
    Source,
    Status,
    User,
)
from assembly.services import accounts, assemblies, commitments, draws, handlers, jobs, lotteries, respondents
from assembly.services.commitments import RuleTexts
from assembly.services.handlers import Run
from assembly.services.panel import calling, replacing
from tests.assembly.conftest import WORDS
from tests.assembly.contents import Rows, copy_of, put_back

START = dt.datetime(2035, 3, 1, 9, tzinfo=dt.UTC)
DRAW = dt.datetime(2035, 3, 10, 17, tzinfo=dt.UTC)
AFTER_DRAW = DRAW + dt.timedelta(hours=1)
REPLACEMENT = dt.datetime(2035, 4, 10, 17, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)
VALUE = "042"
REPLACEMENT_VALUE = "0042"


@dataclasses.dataclass(slots=True)
class DrawnPanel:
    """A panel of four, drawn from twelve people, six of each value, two seats each."""

    sessions: sessionmaker[Session]
    config: Config
    traveller: Any
    assembly_id: int
    organiser_id: int
    witness_id: int
    second_witness_id: int

    def load(self, session: Session) -> tuple[Assembly, User]:
        """Return the assembly and its organiser."""
        return session.get_one(Assembly, self.assembly_id), session.get_one(User, self.organiser_id)

    def enter(self, session: Session, commitment_id: int, account: int) -> draws.Outcome:
        """Enter the drawn number."""
        assembly, _ = self.load(session)
        commitment = commitments.get_commitment(session, commitment_id, assembly=assembly)
        value = VALUE if commitment.lottery.replaces_id is None else REPLACEMENT_VALUE
        return draws.enter_value(session, assembly, commitment, value, by=session.get_one(User, account))

    def commit_replacement(self, *, relax: bool = False) -> int:
        """Compute the replacement lottery and commit to it; return the commitment's id."""
        with self.sessions.begin() as session:
            assembly, organiser = self.load(session)
            replacing.start(session, assembly, relax=relax, by=organiser)
        perform(self.sessions, self.config)
        with self.sessions.begin() as session:
            assembly, organiser = self.load(session)
            lottery = replacing.newest_lottery(session, assembly)
            assert lottery is not None
            return replacing.commit(session, assembly, lottery, by=organiser).id

    def replace(self, *, relax: bool = False) -> None:
        """Compute, commit and draw a replacement."""
        commitment_id = self.commit_replacement(relax=relax)
        self.traveller.move_to(REPLACEMENT + dt.timedelta(minutes=5))
        for account in (self.organiser_id, self.witness_id):
            with self.sessions.begin() as session:
                self.enter(session, commitment_id, account)


def perform(sessions: sessionmaker[Session], config: Config) -> None:
    """Do the waiting jobs, as a worker does; none may fail."""
    with sessions() as session:
        waiting = session.scalars(
            sa.select(Job.id).where(Job.state == "queued", Job.kind.in_(handlers.known_kinds())).order_by(Job.id)
        ).all()
    for job_id in waiting:
        with sessions.begin() as session:
            job = session.get_one(Job, job_id)
            job.state, job.attempts = jobs.JobState.RUNNING, job.attempts + 1
            run = Run(sessions, config, job.id, job.attempts, job.payload)
            kind = job.kind
        handlers.perform(run, kind)
        with sessions() as session:
            ended = session.get_one(Job, job_id)
            assert (ended.state, ended.error) == (jobs.JobState.DONE, None)


_drawn: dict[str, tuple[DrawnPanel, bytes | Rows]] = {}


def drawn_panel(sessions: sessionmaker[Session], folder: Path, traveller: Any) -> DrawnPanel:
    """Return what `draw_panel` does, which is done once per process and kind of database, and copied then."""
    engine = sessions.kw["bind"]
    engine.dispose()
    if engine.dialect.name not in _drawn:
        first = draw_panel(sessions, folder, traveller)
        engine.dispose()
        _drawn[engine.dialect.name] = first, copy_of(engine.url)
    first, copy = _drawn[engine.dialect.name]
    put_back(copy, engine.url)
    traveller.move_to(AFTER_DRAW)
    config = Config.from_environment({"ASSEMBLY_DATA": str(folder / "instance")})
    return dataclasses.replace(first, sessions=sessions, config=config, traveller=traveller)


def draw_panel(sessions: sessionmaker[Session], folder: Path, traveller: Any, *, leave: bool = False) -> DrawnPanel:
    """Make the assembly and draw its panel; with `leave`, those who will be drawn withdraw after the commitment."""
    config = Config.from_environment({"ASSEMBLY_DATA": str(folder / "instance")})
    with sessions.begin() as session:
        drawn = _assembly(session, sessions, config, traveller)
    with sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        lottery_id = lotteries.start_lottery(session, assembly, is_rehearsal=False, by=organiser).id
    perform(sessions, config)
    with sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        lottery = lotteries.get_lottery(session, lottery_id, assembly=assembly)
        texts = RuleTexts(DRAW, "Urn", "Digits", "Next meeting", replacement_moments=(REPLACEMENT,))
        rule = commitments.draw_rule(
            assembly, texts, tickets=lottery.summary["tickets"], publication=None, language="de"
        )
        commitment = commitments.commit(session, assembly, lottery, rule, place="Town hall", by=organiser)
        commitment_id = commitment.id
        if leave:
            audit = draws._audit_of(commitment)
            codes = [audit["entries"][position]["row"]["id"] for position in audit["tickets"][int(VALUE)]]
            for one in session.scalars(sa.select(Respondent).where(Respondent.code.in_(codes))).all():
                respondents.move(session, one, Status.WITHDRAWN, by=organiser)
    traveller.move_to(AFTER_DRAW)
    for account in (drawn.organiser_id, drawn.witness_id):
        with sessions.begin() as session:
            drawn.enter(session, commitment_id, account)
    return drawn


def _assembly(session: Session, sessions: sessionmaker[Session], config: Config, traveller: Any) -> DrawnPanel:
    organiser = accounts.create_account(session, email="orga@example.org", name="Olga Organ")
    accounts.grant(session, organiser, Role.COUNCIL_OFFICE, by=None)
    assembly = assemblies.create_assembly(session, WORDS | {"panel_size": 4, "minimum_age": 16}, by=organiser)
    witnesses = []
    for name in ("witness", "second"):
        witness = accounts.create_account(session, email=f"{name}@example.org", name=name)
        accounts.grant(session, witness, Role.WITNESS, assembly=assembly, by=None)
        witnesses.append(witness)
    values = [FeatureValue(position=n, name=name, lower=2, upper=2) for n, name in enumerate("ab")]
    feature = Feature(assembly_id=assembly.id, position=0, name="Gender", values=values)
    session.add(feature)
    session.flush()
    for number in range(12):
        contact = Contact(
            first_name="Vera",
            last_name=f"Person {number}",
            email=f"person{number}@example.org",
            street="Hauptstraße",
            house_number=str(number),
            postcode="12345",
            city="Auenfurt",
            birth_date=dt.date(1990, 1, 1),
        )
        session.add(
            Respondent(
                assembly_id=assembly.id,
                code=f"R{number:02}",
                registered_at=START,
                source=Source.BY_HAND,
                contact=contact,
                values=[RespondentValue(feature_id=feature.id, value_id=values[number % 2].id)],
            )
        )
    session.flush()
    return DrawnPanel(sessions, config, traveller, assembly.id, organiser.id, *(witness.id for witness in witnesses))


def members_in(session: Session, status: Status) -> list[Respondent]:
    """Return the respondents in a status, by code."""
    return list(session.scalars(sa.select(Respondent).where(Respondent.status == status).order_by(Respondent.code)))


def attempt(session: Session, one: Respondent, channel: Channel, by: User) -> ContactAttempt:
    """Record an attempt that reached nobody."""
    outcome = AttemptOutcome.SENT if channel.is_written else AttemptOutcome.NO_ANSWER
    return calling.record_attempt(session, one, channel=channel, outcome=outcome, by=by)
