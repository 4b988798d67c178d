"""Whoever agreed to the follow-up is invited to public meetings once, and told if one does not take place."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import (
    Addressee,
    BodyMeeting,
    Case,
    CaseState,
    Channel,
    ConsentKind,
    GuardianConsent,
    Job,
    JobState,
    Mail,
    MailState,
    MeetingTold,
    Member,
    MemberMessage,
    Programme,
    Status,
)
from assembly.services import assemblies, daily, handlers, jobs
from assembly.services import mail as outbox
from assembly.services.errors import ConflictError, NotFoundError
from assembly.services.follow_up import meeting_mail, meetings
from assembly.services.members import consents
from assembly.services.messages import quiet, reading, truth
from assembly.services.panel import calling
from tests.assembly.conftest import WORDS as ASSEMBLY
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.panels import START, DrawnPanel, drawn_panel, members_in

DAY = dt.timedelta(days=1)
SOON, LATER = 14, 30
"""In how many days the body meets."""


@pytest.fixture
def panel(sessions: sessionmaker[Session], tmp_path: Path) -> Iterator[DrawnPanel]:
    """Four confirmed members who agreed: two read mails, two letters; a recommendation was handed over."""
    ways = (Channel.MAIL, Channel.MAIL, Channel.LETTER, Channel.LETTER)
    with time_machine.travel(START, tick=True) as traveller:
        made = drawn_panel(sessions, tmp_path, traveller)
        with sessions.begin() as session:
            assembly, organiser = made.load(session)
            for one, way in zip(members_in(session, Status.DRAWN), ways, strict=True):
                calling.confirm(session, one, channel=way, language="de", by=organiser)
                consents.give(session, session.get_one(Member, one.id), ConsentKind.FOLLOW_UP, by=None)
            hand_over(session, assembly, by=organiser, on=daily.today())
            session.execute(sa.update(Addressee).values(body="Stadtrat"))
        yield made


def numbers(panel: DrawnPanel) -> list[int]:
    with panel.sessions() as session:
        return list(session.scalars(sa.select(Member.respondent_id).order_by(Member.respondent_id)))


def meet(panel: DrawnPanel, days: int, **values: object) -> int:
    """Enter a meeting of the council in so many days; return its number."""
    with panel.sessions.begin() as session:
        assembly, organiser = panel.load(session)
        entered = {"body": "Stadtrat", "held_on": daily.today() + days * DAY} | values
        return meetings.add_meeting(session, assembly, entered, by=organiser).id


def remove(panel: DrawnPanel, meeting_id: int) -> bool:
    with panel.sessions.begin() as session:
        assembly, organiser = panel.load(session)
        return meetings.remove_meeting(session, assembly, meeting_id, by=organiser)


def tell(panel: DrawnPanel) -> int:
    """Do what the worker does once a day."""
    with panel.sessions.begin() as session:
        assembly, _ = panel.load(session)
        return meeting_mail.tell(session, assembly, config=panel.config)


def written(panel: DrawnPanel) -> list[Mail]:
    with panel.sessions() as session:
        found = sa.select(Mail).where(Mail.template.in_(("member_meetings", "member_meetings_sms"))).order_by(Mail.id)
        return list(session.scalars(found))


def deliver(panel: DrawnPanel) -> None:
    """Let everything that waits have left."""
    with panel.sessions.begin() as session:
        for before, after in ((MailState.QUEUED, MailState.SENT), (MailState.TO_PRINT, MailState.PRINTED)):
            theirs = (Mail.template == truth.MEETINGS, Mail.state == before)
            session.execute(sa.update(Mail).where(*theirs).values(state=after))


def test_all_meetings_that_are_new_are_told_in_one_message_and_once(panel: DrawnPanel) -> None:
    """Letters, too; what is not public, is over, or of a body that owes nothing, is nobody's to visit."""
    assert tell(panel) == 0
    first = meet(panel, SOON, link="https://rat.example.org/1")
    second = meet(panel, LATER)
    meet(panel, 3, is_public=False)
    meet(panel, -1)
    meet(panel, 5, body="Kreistag")
    assert tell(panel) == 4
    mails = written(panel)
    assert [(one.respondent_id, one.state) for one in mails] == [
        (number, state)
        for number, state in zip(numbers(panel), (*[MailState.QUEUED] * 2, *[MailState.TO_PRINT] * 2), strict=True)
    ]
    assert {(one.text.count("Stadtrat, "), "https://rat.example.org/1" in one.text) for one in mails} == {(2, True)}
    with panel.sessions() as session:
        told = session.scalars(sa.select(BodyMeeting.id).where(BodyMeeting.told_at.is_not(None)))
        assert sorted(told) == [first, second]
    assert tell(panel) == 0
    panel.traveller.shift(DAY)
    meet(panel, 7)
    assert tell(panel) == 4
    assert [one.text.count("Stadtrat, ") for one in written(panel)[4:]] == [1] * 4


def test_after_the_last_case_is_closed_nobody_is_invited(panel: DrawnPanel) -> None:
    with panel.sessions.begin() as session:
        session.execute(sa.update(Case).values(state=CaseState.CLOSED, closed_on=daily.today()))
    meet(panel, SOON)
    assert tell(panel) == 0


def test_two_workers_write_the_same_invitation_once(panel: DrawnPanel) -> None:
    meet(panel, SOON)
    threads = [threading.Thread(target=tell, args=(panel,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(one.respondent_id for one in written(panel)) == dict.fromkeys(numbers(panel), 1)


def test_a_worker_that_is_killed_leaves_nothing_half_told(panel: DrawnPanel) -> None:
    """Killed before it commits, the next one writes; killed while a mail goes, that one counts as perhaps sent."""
    meet(panel, SOON)
    with panel.sessions() as session:
        assembly, _ = panel.load(session)
        meeting_mail.tell(session, assembly, config=panel.config)
        session.rollback()
    assert written(panel) == []
    assert tell(panel) == 4
    panel.traveller.move_to(max(one.due_at for one in written(panel)))
    with panel.sessions.begin() as session:
        claimed = outbox.claim_next(session)
        assert claimed is not None
        while claimed.template != truth.MEETINGS:
            claimed = outbox.claim_next(session)
            assert claimed is not None
        assert not truth.is_held_back(session, claimed)
    panel.traveller.shift(dt.timedelta(hours=1))
    with panel.sessions.begin() as session:
        outbox.sweep(session, stuck_after=dt.timedelta(minutes=10))
    assert tell(panel) == 0
    assert Counter(one.state for one in written(panel))[MailState.PERHAPS_SENT] == 1


def test_who_did_not_agree_or_has_left_gets_nothing_and_who_agrees_later_is_invited_then(panel: DrawnPanel) -> None:
    first, second, third, fourth = numbers(panel)
    with panel.sessions.begin() as session:
        _, organiser = panel.load(session)
        consents.end(session, session.get_one(Member, first), ConsentKind.FOLLOW_UP, by=None)
        calling.withdraw(session, session.get_one(Member, second).respondent, by=organiser)
    meet(panel, SOON)
    assert tell(panel) == 2
    assert [one.respondent_id for one in written(panel)] == [third, fourth]
    with panel.sessions.begin() as session:
        consents.give(session, session.get_one(Member, first), ConsentKind.FOLLOW_UP, by=None)
        consents.end(session, session.get_one(Member, third), ConsentKind.FOLLOW_UP, by=None)
    assert tell(panel) == 1
    states = {one.respondent_id: one.state for one in written(panel)}
    assert states == {first: MailState.QUEUED, third: MailState.OUTDATED, fourth: MailState.TO_PRINT}


def test_whoever_was_erased_is_not_written_to_again(panel: DrawnPanel) -> None:
    meeting = meet(panel, SOON)
    assert tell(panel) == 4
    deliver(panel)
    gone = numbers(panel)[0]
    with panel.sessions.begin() as session:
        _, organiser = panel.load(session)
        outbox.erase(session, Mail.respondent_id == gone)
        calling.withdraw(session, session.get_one(Member, gone).respondent, by=organiser)
    remove(panel, meeting)
    assert tell(panel) == 3


def test_whoever_can_only_be_called_is_left_to_the_organisers(panel: DrawnPanel) -> None:
    """As long as nobody was told of a meeting, removing it tells nobody."""
    with panel.sessions.begin() as session:
        for member in session.scalars(sa.select(Member)):
            assert member.respondent.contact is not None
            member.respondent.contact.email = member.respondent.contact.street = ""
    meeting = meet(panel, SOON)
    assert tell(panel) == 0
    assert not remove(panel, meeting)


def test_a_minors_guardian_gets_a_copy_by_letter(panel: DrawnPanel) -> None:
    minor = numbers(panel)[0]
    with panel.sessions.begin() as session:
        _, organiser = panel.load(session)
        member = session.get_one(Member, minor)
        assert member.respondent.contact is not None
        member.respondent.contact.birth_date = dt.date(daily.today().year - 16, 1, 1)
        session.add(
            GuardianConsent(
                respondent_id=member.respondent_id,
                recorded_at=dt.datetime.now(dt.UTC),
                recorded_by_id=organiser.id,
                guardian="Petra Person",
                channel=Channel.LETTER,
            )
        )
    meet(panel, SOON)
    assert tell(panel) == 5
    assert tell(panel) == 0
    with panel.sessions() as session:
        member = session.get_one(Member, minor)
        copies = [one for one in reading.messages_of(session, member) if one.is_copy]
        assert [(one.way, one.mail.address[0]) for one in copies] == [(Channel.LETTER, "Petra Person")]
        assert "Petra Person" in copies[0].text
        assert len(reading.own_messages_of(session, member)) == 1


def test_at_night_and_on_days_of_rest_nothing_leaves_and_nobody_is_invited_to_what_is_over_by_then(
    panel: DrawnPanel,
) -> None:
    saturday = daily.today() + DAY * ((5 - daily.today().weekday()) % 7)
    panel.traveller.move_to(dt.datetime.combine(saturday, dt.time(21), dt.UTC))
    meet(panel, 1)
    assert tell(panel) == 0
    meet(panel, 2)
    assert tell(panel) == 4
    monday = quiet.next_moment(dt.datetime.now(dt.UTC), starts_at=None, state="")
    assert {one.due_at for one in written(panel)} == {monday}
    assert monday.date() == saturday + 2 * DAY


def test_a_meeting_that_was_told_is_cancelled_and_those_who_were_invited_are_told_once(panel: DrawnPanel) -> None:
    """It is no date of a debate any more; who agreed after that hears nothing of it."""
    late = numbers(panel)[0]
    with panel.sessions.begin() as session:
        consents.end(session, session.get_one(Member, late), ConsentKind.FOLLOW_UP, by=None)
    meeting, other = meet(panel, SOON), meet(panel, LATER)
    assert tell(panel) == 3
    deliver(panel)
    with panel.sessions.begin() as session:
        consents.give(session, session.get_one(Member, late), ConsentKind.FOLLOW_UP, by=None)
    assert remove(panel, meeting)
    with pytest.raises(NotFoundError):
        remove(panel, meeting)
    with panel.sessions() as session:
        assembly, _ = panel.load(session)
        assert [one.id for one in meetings.meetings_of(session, assembly)] == [other]
        assert [one.id for one in meetings.public_meetings_to_come(session, assembly)] == [other]
        assert [one.id for one in meetings.cancelled_to_come(session, assembly)] == [meeting]
    assert tell(panel) == 4  # the first is invited to the other one
    texts = {one.respondent_id: one.subject for one in written(panel)[3:]}
    assert [("stattfinden" in texts[number]) for number in numbers(panel)] == [False, True, True, True]
    assert tell(panel) == 0


def test_a_meeting_that_was_told_nobody_is_deleted_and_so_is_what_is_over(panel: DrawnPanel) -> None:
    first, second = meet(panel, SOON), meet(panel, 2)
    assert not remove(panel, first)
    assert tell(panel) == 4
    panel.traveller.shift(4 * DAY)
    assert not remove(panel, second)
    with panel.sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(BodyMeeting)) == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(MeetingTold)) == 0
    assert tell(panel) == 0


def test_an_invitation_that_has_not_left_is_set_aside_and_nobody_is_told_of_either(panel: DrawnPanel) -> None:
    meeting = meet(panel, SOON)
    assert tell(panel) == 4
    assert remove(panel, meeting)
    assert tell(panel) == 0
    assert {one.state for one in written(panel)} == {MailState.OUTDATED}
    assert meet(panel, SOON) == meeting
    assert tell(panel) == 4


def test_removed_by_mistake_and_entered_again_on_the_same_day_nobody_is_told_anything(panel: DrawnPanel) -> None:
    meeting = meet(panel, SOON)
    with pytest.raises(ConflictError):
        meet(panel, SOON)
    assert tell(panel) == 4
    deliver(panel)
    assert remove(panel, meeting)
    assert meet(panel, SOON) == meeting
    assert tell(panel) == 0


def test_what_takes_place_after_all_is_told_to_those_who_read_that_it_does_not(panel: DrawnPanel) -> None:
    meeting = meet(panel, SOON)
    for change, count in ((None, 4), (remove, 4)):
        if change is not None:
            assert change(panel, meeting)
        assert tell(panel) == count
        deliver(panel)
    meet(panel, SOON)
    assert tell(panel) == 4
    deliver(panel)
    assert ["stattfinden" in one.subject for one in written(panel)[::4]] == [False, True, False]
    assert tell(panel) == 0


def test_on_the_day_itself_it_is_told_at_once(panel: DrawnPanel) -> None:
    meeting = meet(panel, 3)
    assert tell(panel) == 4
    deliver(panel)
    panel.traveller.shift(3 * DAY)
    assert remove(panel, meeting)
    with panel.sessions() as session:
        assert [one.kind for one in session.scalars(sa.select(Job).where(Job.kind == daily.MEETINGS))] == [
            daily.MEETINGS
        ]


def test_a_letter_that_was_not_printed_until_the_day_is_over_is_not_printed(panel: DrawnPanel) -> None:
    meet(panel, 2)
    assert tell(panel) == 4
    panel.traveller.shift(3 * DAY)
    with panel.sessions.begin() as session:
        for one in session.scalars(sa.select(Mail).where(Mail.template == truth.MEETINGS)).all():
            assert one.respondent is not None
            assert not truth.may_go_to(session, one, one.respondent)


def test_an_assembly_that_fails_lets_the_others_be_told(panel: DrawnPanel) -> None:
    """The first has a state that does not exist; the job fails and is asked for again."""
    with panel.sessions.begin() as session:
        assembly, organiser = panel.load(session)
        other = assemblies.create_assembly(session, ASSEMBLY, by=organiser)
        for one in (other, assembly):
            values = {"body": "Stadtrat", "held_on": daily.today() + SOON * DAY}
            meetings.add_meeting(session, one, values, by=organiser)
        failing = session.merge(Programme(assembly_id=other.id))
        failing.state = "XX"
        session.execute(sa.update(BodyMeeting).where(BodyMeeting.assembly_id == assembly.id).values(id=1000))
        job = jobs.enqueue(session, daily.MEETINGS, {}, unique_key=daily.MEETINGS)
        job.state, job.attempts = JobState.RUNNING, 1
        job_id = job.id
    sunday = daily.today() + DAY * ((6 - daily.today().weekday()) % 7)
    panel.traveller.move_to(dt.datetime.combine(sunday, dt.time(10), dt.UTC))
    handlers.perform(handlers.Run(panel.sessions, panel.config, job_id, 1, {}), daily.MEETINGS)
    with panel.sessions() as session:
        assert session.get_one(Job, job_id).state is JobState.FAILED
        found = session.scalars(sa.select(MemberMessage).where(MemberMessage.kind == "meetings")).all()
        assert len(found) == 4
