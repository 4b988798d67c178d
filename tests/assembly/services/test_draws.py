"""From the pool to the drawn panel, on both databases: the proven lottery, two blind entries, nothing in between."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import (
    Assembly,
    Commitment,
    Exclusion,
    JobState,
    Lottery,
    LotteryState,
    Membership,
    Respondent,
    Role,
    Status,
    User,
)
from assembly.services import accounts, assemblies, commitments, draws, handlers, jobs, logbook, lotteries, respondents
from assembly.services.draws import Outcome
from assembly.services.errors import ConflictError, ForbiddenError, RuleError
from assembly.services.handlers import Run
from sortition.protocol.documents import parse_audit, parse_drawn, parse_public
from tests import patience
from tests.assembly.conftest import WORDS
from tests.assembly.engines import Engines
from tests.assembly.sample import add_feature, as_csv
from tests.assembly.services.test_imports import take

Sessions = sessionmaker[Session]
MOMENT = dt.datetime(2027, 3, 1, 18, tzinfo=dt.UTC)
TEXTS = commitments.RuleTexts(MOMENT, "Kugeln aus einer Urne", "drei Ziffern", "die nächste Sitzung")


@dataclasses.dataclass
class Hall:
    """An assembly with its organiser, its witness, and a lottery computed by the worker's code."""

    sessions: Sessions
    engines: Engines
    assembly_id: int
    organiser_id: int
    witness_id: int

    def assembly(self, session: Session) -> Assembly:
        return session.get_one(Assembly, self.assembly_id)

    def organiser(self, session: Session) -> User:
        return session.get_one(User, self.organiser_id)

    def compute(self, *, is_rehearsal: bool = False) -> int:
        with self.sessions.begin() as session:
            lottery = lotteries.start_lottery(
                session, self.assembly(session), is_rehearsal=is_rehearsal, by=self.organiser(session)
            )
            assert lottery.job
            job = jobs.claim(session, lottery.job.id, frozenset({"lottery"}))
            assert job
            run, made = Run(self.sessions, self.engines.config, job.id, job.attempts, job.payload), lottery.id
        handlers.perform(run, "lottery")
        with self.sessions() as session:
            done = session.get_one(Lottery, made)
            assert done.job
            assert done.job.state is JobState.DONE
        return made

    def commit(self, lottery_id: int) -> int:
        with self.sessions.begin() as session:
            assembly = self.assembly(session)
            rule = commitments.draw_rule(assembly, TEXTS, tickets=1000, publication=None, language="de")
            lottery = session.get_one(Lottery, lottery_id)
            by = self.organiser(session)
            return commitments.commit(session, assembly, lottery, rule, place="Rathaus", by=by).id

    def enter(self, value: str, account_id: int) -> Outcome:
        with self.sessions.begin() as session:
            commitment = commitments.current_commitment(session, self.assembly(session))
            assert commitment
            by = session.get_one(User, account_id)
            return draws.enter_value(session, self.assembly(session), commitment, value, by=by)


@pytest.fixture
def hall(sessions: Sessions, engines: Engines) -> Hall:
    with sessions() as session:
        organiser = accounts.create_account(session, email="orga@example.org", name="Olga Organ")
        accounts.grant(session, organiser, Role.COUNCIL_OFFICE, by=None)
        assembly = assemblies.create_assembly(session, WORDS | {"panel_size": 4}, by=organiser)
        gender = add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
        for value in gender.values:
            value.lower = value.upper = 2
        rows = [{"id": f"K{n}", "Geschlecht": "weiblich" if n % 3 else "männlich"} for n in range(12)]
        take(session, assembly, organiser, as_csv(rows))
        witness = accounts.create_account(session, email="zeug@example.org", name="Zita Zeugin")
        accounts.grant(session, witness, Role.WITNESS, assembly=assembly, by=None)
        session.commit()
        return Hall(sessions, engines, assembly.id, organiser.id, witness.id)


@pytest.mark.parametrize(("days", "is_refused"), [(1, False), (731, False), (732, True), (0, True)])
def test_replacements_are_drawn_within_two_years(*, days: int, is_refused: bool) -> None:
    """People's data are kept until the last one, and once the panel is drawn nobody can correct the rule."""
    texts = dataclasses.replace(TEXTS, replacement_moments=(MOMENT + dt.timedelta(days=days),))
    refusal = pytest.raises(RuleError) if is_refused else contextlib.nullcontext()
    with refusal:
        commitments.draw_rule(Assembly(title="A"), texts, tickets=1000, publication=None, language="de")


def at(monkeypatch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    for module in (draws, commitments):
        monkeypatch.setattr(module, "now", lambda: moment)


def statuses(hall: Hall) -> list[Status]:
    with hall.sessions() as session:
        return [one.status for one in session.query(Respondent).order_by(Respondent.id)]


def test_two_equal_entries_draw_the_panel(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    commitment_id = hall.commit(hall.compute())
    with pytest.raises(ConflictError, match="has not come"):
        hall.enter("042", hall.organiser_id)
    at(monkeypatch, MOMENT)
    with pytest.raises(RuleError):
        hall.enter("42", hall.organiser_id)
    assert hall.enter("042", hall.organiser_id) is Outcome.FIRST
    with pytest.raises(ConflictError, match="second account"):
        hall.enter("042", hall.organiser_id)
    assert Status.DRAWN not in statuses(hall)
    assert hall.enter("043", hall.witness_id) is Outcome.UNEQUAL
    assert hall.enter("042", hall.witness_id) is Outcome.FIRST
    assert hall.enter("042", hall.organiser_id) is Outcome.DRAWN
    assert statuses(hall).count(Status.DRAWN) == 4
    with pytest.raises(ConflictError, match="drawn already"):
        hall.enter("042", hall.witness_id)
    with hall.sessions() as session:
        made = session.get_one(Commitment, commitment_id)
        assert (made.ticket, made.drawn_value, made.lottery.state) == (42, "042", LotteryState.DRAWN)
        assert made.make_up == {"Geschlecht": {"männlich": 2, "weiblich": 2}}
        assert made.result
        assert made.audit_document
        drawn = {one.code for one in session.query(Respondent).where(Respondent.status == Status.DRAWN)}
        assert set(parse_drawn(made.result, name="drawn.json")["members"]) == drawn
        audit = parse_audit(made.audit_document, name="audit.json")
        seats = [audit["entries"][position]["row"] for position in audit["tickets"][42]]
        assert {row["id"] for row in seats if row} == drawn
        log = list(logbook.entries_of(session, hall.assembly(session)))
        assert [entry.action for entry in log].count("numbers_unequal") == 1


def test_two_entries_at_the_same_moment_are_one_after_the_other(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.commit(hall.compute())
    at(monkeypatch, MOMENT)
    both = threading.Barrier(2)

    def enter(account_id: int) -> Outcome:
        both.wait(timeout=patience.SECONDS)
        return hall.enter("042", account_id)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(enter, (hall.organiser_id, hall.witness_id)))
    assert set(outcomes) == {Outcome.FIRST, Outcome.DRAWN}
    assert statuses(hall).count(Status.DRAWN) == 4


def test_the_log_as_it_was_is_fixed_in_the_commitment(hall: Hall) -> None:
    lottery_id = hall.compute()
    with hall.sessions() as session:
        head = logbook.head_of(session, hall.assembly(session))
    commitment_id = hall.commit(lottery_id)
    with hall.sessions() as session:
        made = session.get_one(Commitment, commitment_id)
        assert parse_public(made.public_document, name="public.json")["log_head"] == head
        assert logbook.first_fault(logbook.entries_of(session, hall.assembly(session)), head=head) is None
        assert commitments.rule_of(made).moment == MOMENT


def test_who_left_after_the_commitment_counts_as_drawn_and_withdrawn(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    commitment_id = hall.commit(hall.compute())
    with hall.sessions.begin() as session:
        audit_document = session.get_one(Commitment, commitment_id).audit_document
        assert audit_document
        audit = parse_audit(audit_document, name="audit.json")
        row = audit["entries"][audit["tickets"][7][0]]["row"]
        assert row
        leaving = respondents.find_by_code(session, hall.assembly(session), row["id"])
        respondents.move(session, leaving, Status.WITHDRAWN, by=None)
        other = next(one for one in session.query(Respondent) if one.status is Status.REGISTERED)
        with pytest.raises(ConflictError, match="frozen"):
            respondents.exclude(session, other, Exclusion.OWN_WISH, by=None)
    at(monkeypatch, MOMENT)
    hall.enter("007", hall.organiser_id)
    assert hall.enter("007", hall.witness_id) is Outcome.DRAWN
    found = statuses(hall)
    assert (found.count(Status.DRAWN), found.count(Status.WITHDRAWN)) == (3, 1)


def test_only_an_account_that_belonged_before_and_is_independent_enters(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.commit(hall.compute())
    with hall.sessions.begin() as session:
        late = accounts.create_account(session, email="l@example.org", name="Leo Late")
        accounts.grant(session, late, Role.WITNESS, assembly=hall.assembly(session), by=None)
        session.get_one(User, hall.witness_id).invited_by_id = hall.organiser_id
        late_id = late.id
    at(monkeypatch, MOMENT)
    with pytest.raises(ForbiddenError):
        hall.enter("042", late_id)
    hall.enter("042", hall.organiser_id)
    with pytest.raises(ConflictError, match="not invited"):
        hall.enter("042", hall.witness_id)
    assert Status.DRAWN not in statuses(hall)


def test_what_cannot_be_committed(hall: Hall) -> None:
    rehearsal = hall.compute(is_rehearsal=True)
    with pytest.raises(ConflictError, match="no rehearsal"):
        hall.commit(rehearsal)
    first = hall.compute()
    with hall.sessions.begin() as session:
        leaving = respondents.find_by_code(session, hall.assembly(session), "K1")
        respondents.move(session, leaving, Status.WITHDRAWN, by=None)
    with pytest.raises(ConflictError, match="changed since"):
        hall.commit(first)
    hall.commit(hall.compute())
    with pytest.raises(ConflictError, match="committed already"):
        hall.compute()


def test_a_voided_commitment_stays_listed_in_the_next_one(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    first = hall.commit(hall.compute())
    with hall.sessions.begin() as session:
        made, assembly = session.get_one(Commitment, first), hall.assembly(session)
        with pytest.raises(RuleError):
            commitments.void(session, assembly, made, reason=" ", by=hall.organiser(session))
        commitments.void(session, assembly, made, reason="Falsche Quote", by=hall.organiser(session))
    second = hall.commit(hall.compute())
    with hall.sessions.begin() as session:
        made = session.get_one(Commitment, second)
        voided = session.get_one(Commitment, first).hash
        public = parse_public(made.public_document, name="public.json")
        assert public["voided"] == [{"commitment": voided, "reason": "Falsche Quote"}]
        at(monkeypatch, MOMENT)
        with pytest.raises(ConflictError, match="only be drawn"):
            commitments.void(session, hall.assembly(session), made, reason="zu spät", by=hall.organiser(session))


def test_before_the_commitment_it_is_known_whether_two_accounts_will_be_able_to_enter(hall: Hall) -> None:
    with hall.sessions() as session:
        assembly, organiser = hall.assembly(session), hall.organiser(session)
        (witness,) = (one for one in session.query(Membership) if one.user_id == hall.witness_id)

        def ready(moment: dt.datetime) -> bool:
            session.flush()
            return draws.has_two_to_enter(session, assembly, committed_at=moment)

        later = witness.granted_at + dt.timedelta(days=1)
        assert (ready(later), ready(witness.granted_at)) == (True, False)
        session.get_one(User, hall.witness_id).invited_by_id = organiser.id
        assert not ready(later)
        third = accounts.create_account(session, email="dritte@example.org", name="Dora Dritte")
        accounts.grant(session, third, Role.CALLER, assembly=assembly, by=None)
        assert not ready(later)
        accounts.grant(session, third, Role.WITNESS, assembly=assembly, by=None)
        assert ready(later)


def test_what_nobody_could_draw_is_not_committed(hall: Hall) -> None:
    """The organisers are told before anything is fixed; with an independent witness again, the same lottery is."""
    made = hall.compute()
    with hall.sessions.begin() as session:
        session.get_one(User, hall.witness_id).invited_by_id = hall.organiser_id
    with pytest.raises(ConflictError, match="whom you have not invited yourself"):
        hall.commit(made)
    with hall.sessions.begin() as session:
        assert session.get_one(Lottery, made).state is LotteryState.SOLVED
        session.get_one(User, hall.witness_id).invited_by_id = None
    hall.commit(made)
