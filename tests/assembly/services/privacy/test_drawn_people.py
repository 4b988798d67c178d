"""What is recorded of drawn people goes with them, and a seat without a name is filled, too."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import AttemptOutcome, Channel, Member, NeedKind, Respondent, Status, SupportNeed
from assembly.services import commitments, respondents
from assembly.services.errors import ConflictError
from assembly.services.needs.people import Wish
from assembly.services.panel import calling, replacing, seats
from assembly.services.privacy import person, programme, retention
from assembly.services.privacy.deadlines import schedule_of
from assembly.services.privacy.declaring import Deadline
from tests.assembly.services import panels
from tests.assembly.services.panels import REPLACEMENT, START, DrawnPanel, draw_panel
from tests.assembly.services.privacy.search import found_in_database

MARKS = {"Quastenflosser", "Mirabella Vormundin", "Gebärdensprache-4711"}


def member(session: Session) -> Respondent:
    return session.query(Respondent).where(Respondent.status == Status.DRAWN).order_by(Respondent.code).first()  # type: ignore[return-value]  # there is one


def leave_traces(session: Session, drawn: DrawnPanel) -> Respondent:
    _, organiser = drawn.load(session)
    one = member(session)
    calling.record_attempt(
        session, one, channel=Channel.PHONE, outcome=AttemptOutcome.LEFT_MESSAGE, note="Quastenflosser", by=organiser
    )
    calling.record_consent(session, one, guardian="Mirabella Vormundin", channel=Channel.PHONE, by=organiser)
    calling.confirm(
        session,
        one,
        channel=Channel.PHONE,
        language="de",
        needs=[Wish(NeedKind.OTHER, text="Gebärdensprache-4711")],
        by=organiser,
    )
    session.flush()
    return one


def test_nothing_recorded_of_a_member_is_left_after_erasing(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        one = leave_traces(session, drawn)
        assert {value for value, _ in found_in_database(session, MARKS)} == MARKS
        respondents.erase(session, one, by=drawn.load(session)[1])
        session.flush()
        assert found_in_database(session, MARKS) == set()
        assert session.get_one(Member, one.id).channel is None


def test_a_members_file_holds_it_and_needs_only_for_who_may_read_them(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        one = leave_traces(session, drawn)
        text = str(person.person_data(session, one))
        assert [mark for mark in MARKS if mark not in text] == []
        assert "Gebärdensprache" not in str(person.person_data(session, one, without=["support_needs"]))


def test_needs_go_a_month_after_the_result_and_contacts_stay(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        one, (assembly, _) = leave_traces(session, drawn), drawn.load(session)
        assembly.result_date = (REPLACEMENT + dt.timedelta(days=100)).date()
        due = schedule_of(session, assembly).due[Deadline.NEEDS]
        assert due
        assert programme.delete_needs(session, assembly) == {}
        drawn.traveller.move_to(due + dt.timedelta(hours=1))
        assert programme.delete_needs(session, assembly) == {"needs": 1}
        assert retention.delete_members(session, assembly) == {}
        assert session.query(SupportNeed).count() == 0
        assert one.contact


def test_the_seat_of_somebody_erased_before_the_draw_is_filled(
    sessions: sessionmaker[Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows any more whose seat it was, and still it is free."""
    original = respondents.move
    erased: list[str] = []

    def erase_the_first(session: Session, one: Respondent, to: Status, **more: object) -> None:
        if to is Status.WITHDRAWN and not erased:
            erased.append(one.code)
            respondents.erase(session, one, by=None)
        elif to is not Status.WITHDRAWN:
            original(session, one, to, **more)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(panels.respondents, "move", erase_the_first)
    with time_machine.travel(START, tick=True) as traveller:
        drawn = draw_panel(sessions, tmp_path, traveller, leave=True)
        with drawn.sessions() as session:
            assembly, _ = drawn.load(session)
            assert seats.vacated_codes(session, assembly) == []
            assert seats.free_seats(session, assembly) == 1
            assert session.query(Respondent).where(Respondent.status == Status.DRAWN).count() == 3
        drawn.replace()
        with drawn.sessions.begin() as session:
            assembly, organiser = drawn.load(session)
            assert seats.free_seats(session, assembly) == 0
            people = session.query(Respondent).where(Respondent.status == Status.DRAWN).all()
            assert len(people) == 4
            assert erased[0] not in {one.code for one in people}
            with pytest.raises(ConflictError):
                replacing.start(session, assembly, by=organiser)
            assert len(commitments.commitments_of(session, assembly)) == 2
