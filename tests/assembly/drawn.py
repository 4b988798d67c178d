"""A small assembly from its registrations to the drawn panel, through the services, for tests."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.config import Config
from assembly.models import (
    Assembly,
    Commitment,
    Feature,
    FeatureValue,
    Household,
    Lottery,
    Respondent,
    RespondentValue,
    Role,
    Source,
    Status,
    User,
)
from assembly.services import accounts, assemblies, commitments, draws, handlers, invitation_records, jobs, lotteries
from assembly.services import respondents as people
from assembly.services.handlers import Run
from tests.assembly.conftest import WORDS

START = dt.datetime(2035, 3, 1, 9, tzinfo=dt.UTC)
MOMENT = dt.datetime(2035, 3, 10, 17, tzinfo=dt.UTC)
AFTERWARDS = MOMENT + dt.timedelta(minutes=5)
VALUE = "042"
SEATS = 6
FEATURES = {
    "Geschlecht": ({"weiblich": (3, 3, 50), "männlich": (2, 3, 49), "divers": (0, 1, 1)}, False),
    "Bildung": ({"ohne Abschluss": (1, 3, 30), "mit Abschluss": (2, 5, 70)}, True),
}
EXCLUDED = (people.Exclusion.DUPLICATE, *[people.Exclusion.NOT_RESIDENT] * 4)


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """Where the assembly stands, by ids."""

    assembly_id: int
    organiser_id: int
    witness_id: int

    def load(self, session: Session) -> tuple[Assembly, User]:
        """Return the assembly and its organiser."""
        return session.get_one(Assembly, self.assembly_id), session.get_one(User, self.organiser_id)

    def lottery(self, session: Session) -> Lottery:
        """Return its newest lottery."""
        return lotteries.lotteries_of(session, self.load(session)[0])[0]

    def commitment(self, session: Session) -> Commitment:
        """Return the commitment that stands."""
        found = commitments.current_commitment(session, self.load(session)[0])
        assert found
        return found


def collecting(session: Session) -> Stage:
    """Return a public assembly with letters, 30 people in the pool, and five who were excluded."""
    organiser = accounts.create_account(session, email="orga@example.org", name="Olga Organ", language="en")
    accounts.grant(session, organiser, Role.COUNCIL_OFFICE, by=None)
    assembly = assemblies.create_assembly(session, WORDS | {"panel_size": SEATS, "is_public": True}, by=organiser)
    witness = accounts.create_account(session, email="zeug@example.org", name="Zita Zeugin")
    accounts.grant(session, witness, Role.WITNESS, assembly=assembly, by=None)
    letters = {"letters_sent": 2000, "undeliverable": 100, "reminders": 900, "invited_on": dt.date(2035, 1, 7)}
    invitation_records.change_record(session, assembly, letters, by=organiser)
    features = [_feature(assembly, *one) for one in enumerate(FEATURES.items())]
    session.add_all(features)
    session.flush()
    household = Household(assembly_id=assembly.id, is_confirmed=True)
    registered = [_respondent(assembly, features, number) for number in range(30 + len(EXCLUDED))]
    household.respondents = registered[3:5]
    session.add_all([household, *registered])
    session.flush()
    for one, reason in zip(registered[30:], EXCLUDED, strict=True):
        people.exclude(session, one, reason, by=organiser)
    session.commit()
    return Stage(assembly.id, organiser.id, witness.id)


def _feature(
    assembly: Assembly, position: int, described: tuple[str, tuple[dict[str, tuple[int, int, int]], bool]]
) -> Feature:
    name, (values, is_voluntary) = described
    return Feature(
        assembly_id=assembly.id,
        position=position,
        name=name,
        is_voluntary=is_voluntary,
        values=[
            FeatureValue(position=number, name=value, lower=lower, upper=upper, share=Decimal(share))
            for number, (value, (lower, upper, share)) in enumerate(values.items())
        ],
    )


def _respondent(assembly: Assembly, features: list[Feature], number: int) -> Respondent:
    gender = features[0].values[2 if number == 29 else int(number % 5 > 1)]
    values = [RespondentValue(feature_id=features[0].id, value_id=gender.id)]
    if number % 7:
        values.append(RespondentValue(feature_id=features[1].id, value_id=features[1].values[int(number % 4 > 0)].id))
    return Respondent(
        assembly_id=assembly.id,
        code=f"K{number:02}",
        status=Status.REGISTERED,
        registered_at=START,
        source=Source.FILE,
        values=values,
    )


def solve(session: Session, config: Config, stage: Stage, *, is_rehearsal: bool = False) -> None:
    """Compute a lottery, as a worker does."""
    assembly, organiser = stage.load(session)
    lottery = lotteries.start_lottery(session, assembly, is_rehearsal=is_rehearsal, by=organiser)
    assert lottery.job
    job = jobs.claim(session, lottery.job.id, frozenset({"lottery"}))
    assert job
    sessions = sessionmaker(session.get_bind(), expire_on_commit=False)
    run = Run(sessions, config, job.id, job.attempts, job.payload)
    session.commit()  # and nothing is read before the worker's own transactions
    handlers.perform(run, "lottery")
    session.expire_all()


def commit(session: Session, stage: Stage) -> None:
    """Commit to the newest lottery."""
    (assembly, organiser), lottery = stage.load(session), stage.lottery(session)
    texts = commitments.RuleTexts(
        MOMENT, "Kugeln aus „einer“ Urne", "drei Ziffern", "die nächste Sitzung", (MOMENT + dt.timedelta(days=30),)
    )
    tickets = lottery.summary["tickets"]
    rule = commitments.draw_rule(assembly, texts, tickets=tickets, publication=None, language="de")
    commitments.commit(session, assembly, lottery, rule, place="Rathaus", by=organiser)
    session.commit()


def draw(session: Session, stage: Stage) -> None:
    """Enter the drawn number twice."""
    for account in (stage.organiser_id, stage.witness_id):
        commitment, by = stage.commitment(session), session.get_one(User, account)
        draws.enter_value(session, stage.load(session)[0], commitment, VALUE, by=by)
        session.commit()


def drawn(session: Session, config: Config) -> Stage:
    """Return the assembly with its panel drawn; the clock stands still meanwhile."""
    with time_machine.travel(START, tick=False):
        stage = collecting(session)
    with time_machine.travel(START + dt.timedelta(days=1), tick=False):
        solve(session, config, stage)
        commit(session, stage)
    with time_machine.travel(AFTERWARDS, tick=False):
        draw(session, stage)
    return stage
