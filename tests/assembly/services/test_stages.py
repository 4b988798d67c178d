"""The steps on the organiser's way are done when they are, on both databases, and cost every page two queries."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Check, Respondent, Status
from assembly.services import features, invitation_records, lotteries, respondents
from assembly.services.panel import calling
from assembly.services.stages import Step, stages_of
from tests.assembly.queries import counted
from tests.assembly.services.panels import DrawnPanel, members_in


def done(session: Session, assembly: Assembly) -> set[Step]:
    return {stage.step for stage in stages_of(session, assembly) if stage.state == "done"}


def test_each_step_is_done_by_what_it_asks_for(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        first = {Step.DESCRIPTION, Step.FEATURES, Step.REGISTRATIONS, Step.LOTTERY, Step.DRAW}
        assert done(session, assembly) == first
        assert [stage.step for stage in stages_of(session, assembly) if stage.state == "current"] == [Step.TIMELINE]
        assembly.decider, assembly.result_date = "Stadtrat", dt.date(2035, 6, 1)
        assert done(session, assembly) == first | {Step.TIMELINE}
        invitation_records.change_record(session, assembly, {"register_office": "Meldeamt"}, by=organiser)
        assert Step.INVITATION not in done(session, assembly)
        invitation_records.change_record(session, assembly, {"invited_on": dt.date(2035, 1, 7)}, by=organiser)
        assert done(session, assembly) == first | {Step.TIMELINE, Step.INVITATION}
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
        lottery = lotteries.standing_lottery(session, assembly)
        assert lottery
        lottery.replaces_id = lottery.id
        session.flush()
        assert done(session, assembly) == {Step.DESCRIPTION, Step.REGISTRATIONS}
        people = session.scalar(sa.select(sa.func.count()).select_from(Respondent))
        assert people
        assembly.panel_size = people
        assert Step.REGISTRATIONS in done(session, assembly)
        assembly.panel_size = people + 1
        assert Step.REGISTRATIONS not in done(session, assembly)


def test_the_steps_take_two_queries(drawn: DrawnPanel) -> None:
    with drawn.sessions() as session:
        assembly, _ = drawn.load(session)
        with counted(session.get_bind()) as sent:  # type: ignore[arg-type]  # an engine
            stages_of(session, assembly)
    assert len(sent) == 2
