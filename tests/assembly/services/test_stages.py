"""The steps on the organiser's way: what each asks for, what is left undone in it, at the cost of a few queries."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Check, Commitment, Mail, MailState, Respondent, Status, User
from assembly.services import features, imports, invitation_records, lotteries, receipts, respondents, stages
from assembly.services.panel import calling
from assembly.services.stages import Left, Open, Step, stages_of
from tests.assembly.queries import counted
from tests.assembly.sample import as_csv
from tests.assembly.services.panels import REPLACEMENT, DrawnPanel, members_in
from tests.assembly.services.test_draws import MOMENT, Hall, hall  # noqa: F401  # the fixture
from tests.assembly.services.test_imports import take
from tests.assembly.services.test_receipts import committed, send  # noqa: F401  # the fixture

ROW = {"id": "K1", "Vorname": "Zerlina", "Nachname": "Quast"}


def stage(session: Session, assembly: Assembly, step: Step) -> stages.Stage:
    return next(one for one in stages.stages_of(session, assembly) if one.step is step)


def test_registrations_are_not_done_while_a_file_waits_or_people_can_register(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    assembly.panel_size = 1
    take(session, assembly, organiser, as_csv([ROW]))
    assert stage(session, assembly, Step.REGISTRATIONS) == stages.Stage(Step.REGISTRATIONS, "done")
    until = dt.date(2035, 3, 10)
    invitation_records.change_record(session, assembly, {"registration_until": until}, by=organiser)
    with time_machine.travel(dt.datetime(2035, 3, 10, 21, tzinfo=dt.UTC)):
        found = stage(session, assembly, Step.REGISTRATIONS)
        assert (found.state, found.open) == ("next", Open(Left.REGISTRATION, until=until))
        waiting = imports.upload(session, assembly, as_csv([ROW | {"id": "K2"}]), name="zwei.csv", by=organiser)
        assert stage(session, assembly, Step.REGISTRATIONS).open == Open(Left.FILES, 1)
    with time_machine.travel(dt.datetime(2035, 3, 10, 23, 30, tzinfo=dt.UTC)):  # the day after, in Berlin
        assert stage(session, assembly, Step.REGISTRATIONS).open == Open(Left.FILES, 1)
        imports.discard(session, assembly, waiting, by=organiser)
        assert stage(session, assembly, Step.REGISTRATIONS).state == "done"


@pytest.mark.usefixtures("hall")
def test_receipts_are_left_undone_until_they_have_left_the_house(hall: Hall, committed: int) -> None:
    def left(hours_before: float) -> Open | None:
        with time_machine.travel(MOMENT - dt.timedelta(hours=hours_before)), hall.sessions.begin() as session:
            return stage(session, hall.assembly(session), Step.DRAW).open

    with hall.sessions() as session:  # a check may have been deleted with somebody's data
        assert stage(session, hall.assembly(session), Step.CHECK).state == "done"
    until = MOMENT - dt.timedelta(hours=24)
    assert left(25) == Open(Left.RECEIPTS, 12, until, committed)
    assert left(23) == Open(Left.LATE_RECEIPTS, 12, until, committed)
    assert left(0) is None
    with time_machine.travel(MOMENT - dt.timedelta(days=5)):
        send(hall, committed)
    assert left(25) == Open(
        Left.RECEIPTS_ON_THEIR_WAY, 11, until, committed
    )  # K2 has no address at all, and cannot be written to
    with hall.sessions.begin() as session:
        one, other = session.scalars(sa.select(Mail).where(Mail.state == MailState.QUEUED).limit(2))
        one.state, other.state = MailState.REFUSED, MailState.PERHAPS_SENT
        undecided = one.id, other.id
        assert receipts.unsent(session, session.get_one(Commitment, committed)) == (0, 2, 9)
        assert receipts.progress_of(session, session.get_one(Commitment, committed)).undecided == 2
    assert left(23) == Open(Left.UNDECIDED_RECEIPTS, 2, until, committed)
    with hall.sessions.begin() as session:
        session.execute(sa.update(Mail).where(Mail.id.in_(undecided)).values(state=MailState.SENT))
        session.execute(sa.update(Mail).where(Mail.state == MailState.QUEUED).values(state=MailState.SENT))
    assert left(23) == Open(Left.RECEIPTS_ON_THEIR_WAY, 1, until, committed)  # K1's letter waits to be printed
    with hall.sessions.begin() as session:
        session.execute(sa.update(Mail).where(Mail.state == MailState.TO_PRINT).values(state=MailState.PRINTED))
        assert receipts.unsent(session, session.get_one(Commitment, committed)) == (0, 0, 0)
    assert left(25) is None


def test_receipts_for_the_free_seats_are_left_undone_as_well(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        assert stage(session, assembly, Step.PANEL).open is None
        calling.decline(session, members_in(session, Status.DRAWN)[0], by=organiser)
    commitment_id = drawn.commit_replacement()
    with drawn.sessions.begin() as session:
        found = stage(session, drawn.load(session)[0], Step.PANEL)
    until = REPLACEMENT - dt.timedelta(hours=24)
    assert (found.state, found.open) == ("current", Open(Left.RECEIPTS, 8, until, commitment_id))


def done(session: Session, assembly: Assembly) -> set[Step]:
    return {stage.step for stage in stages_of(session, assembly) if stage.state == "done"}


def forget_the_lottery(session: Session, assembly: Assembly) -> None:
    """Let the lottery that stands be a replacement, so that none stands for the whole panel."""
    lottery = lotteries.standing_lottery(session, assembly)
    assert lottery
    lottery.replaces_id = lottery.id
    session.flush()


def test_each_step_is_done_by_what_it_asks_for(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        first = {Step.DESCRIPTION, Step.FEATURES, Step.REGISTRATIONS, Step.CHECK, Step.LOTTERY, Step.DRAW}
        assert done(session, assembly) == first
        assert [stage.step for stage in stages_of(session, assembly) if stage.state == "current"] == [Step.TIMELINE]
        assembly.decider, assembly.result_date = "Stadtrat", dt.date(2035, 6, 1)
        assert done(session, assembly) == first | {Step.TIMELINE}
        invitation_records.change_record(session, assembly, {"register_office": "Meldeamt"}, by=organiser)
        assert Step.INVITATION not in done(session, assembly)
        invitation_records.change_record(session, assembly, {"invited_on": dt.date(2035, 1, 7)}, by=organiser)
        assert done(session, assembly) == first | {Step.TIMELINE, Step.RULES, Step.INVITATION}
        for one in members_in(session, Status.DRAWN):
            assert Step.PANEL not in done(session, assembly)
            respondents.move(session, one, Status.CONFIRMED, by=organiser)
        assert Step.PANEL in done(session, assembly)
        calling.withdraw(session, members_in(session, Status.CONFIRMED)[0], by=organiser)
        assert Step.PANEL not in done(session, assembly)


@pytest.mark.parametrize("report", [None, {"feasible": False}, {"feasible": True}])
def test_the_check_is_done_once_the_newest_one_found_the_quotas_feasible(
    drawn: DrawnPanel, report: dict[str, bool] | None
) -> None:
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        forget_the_lottery(session, assembly)
        for found in ({"feasible": not (report and report["feasible"])}, report):
            session.add(
                Check(
                    assembly_id=assembly.id,
                    started_at=now(),
                    started_by_id=organiser.id,
                    one_per_household=True,
                    inputs="",
                    report=found,
                )
            )
            session.flush()
        assert (Step.CHECK in done(session, assembly)) == (report == {"feasible": True})


def test_quotas_that_do_not_fit_and_missing_people_are_seen(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, _ = drawn.load(session)
        [feature] = features.features_of(session, assembly)
        feature.values[0].upper = feature.values[0].lower = 1
        forget_the_lottery(session, assembly)
        assert done(session, assembly) == {Step.DESCRIPTION, Step.REGISTRATIONS}
        people = session.scalar(sa.select(sa.func.count()).select_from(Respondent))
        assert people
        assembly.panel_size = people
        assert Step.REGISTRATIONS in done(session, assembly)
        assembly.panel_size = people + 1
        assert Step.REGISTRATIONS not in done(session, assembly)


@pytest.mark.parametrize("is_fixed", [False, True])
def test_the_steps_take_two_queries_and_one_for_what_is_to_be_drawn(drawn: DrawnPanel, *, is_fixed: bool) -> None:
    with drawn.sessions.begin() as session:
        assembly, _ = drawn.load(session)
        if not is_fixed:
            forget_the_lottery(session, assembly)
        with counted(session.get_bind()) as sent:  # type: ignore[arg-type]  # an engine
            stages_of(session, assembly)
    assert len(sent) == 2 + is_fixed


def test_a_panel_of_whom_some_have_confirmed_has_begun_whatever_else_is_not_done(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        assert (assembly.decider, stage(session, assembly, Step.PANEL).state) == ("", "next")
        respondents.move(session, members_in(session, Status.DRAWN)[0], Status.CONFIRMED, by=organiser)
        assert stage(session, assembly, Step.PANEL).state == "begun"
