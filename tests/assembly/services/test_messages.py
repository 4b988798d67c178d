"""Reminders, changes and messages of the organisers: to whom, when, once, and only as long as they hold."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, url_for
from sqlalchemy.orm import Session, sessionmaker

from assembly.clock import ZONE
from assembly.config import Config
from assembly.models import (
    AttemptOutcome,
    AttendanceState,
    Audience,
    Channel,
    Event,
    EventCall,
    EventChange,
    EventKind,
    GuardianConsent,
    Job,
    JobState,
    Mail,
    MailState,
    Member,
    MemberMessage,
    MessageKind,
    Programme,
    Status,
    TableSeat,
    User,
)
from assembly.services import assemblies, handlers, jobs, posting, respondents
from assembly.services import mail as outbox
from assembly.services.attendance import noting as attending
from assembly.services.delivery import STUCK_AFTER, Delivery
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.members.writing import WRITTEN
from assembly.services.messages import announcements, background, calls, quiet, reading, reminders, telling, truth
from assembly.services.panel import calling
from assembly.services.programme import events, places, times
from assembly.services.site_visits import visits
from assembly.services.working_days import public_holiday
from tests.assembly.engines import Engines, free_port
from tests.assembly.queries import counted
from tests.assembly.services.panels import DrawnPanel, members_in
from tests.assembly.services.test_assemblies import WORDS as ASSEMBLY
from tests.assembly.services.test_delivery import PostOffice, mailing, serving
from tests.assembly.services.test_mail import CHANGE, COMMITTEE, COUNCIL, EVENT, MEETINGS, MESSAGE

PAGE = "https://buergerrat.example.org/m/"
SATURDAY = dt.date(2035, 5, 5)
Sessions = sessionmaker[Session]


def local(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """Return a moment of the clock on the wall, in UTC."""
    return times.moment(day, dt.time(hour, minute)).astimezone(dt.UTC)


def day_before(days: int, day: dt.date = SATURDAY) -> dt.date:
    return day - dt.timedelta(days=days)


@dataclasses.dataclass(slots=True)
class Round:
    """A panel of four who have confirmed, and one event to come; the first reads mails, then SMS, letters, letters."""

    drawn: DrawnPanel
    event_id: int
    people: list[int]

    def at(self, moment: dt.datetime) -> None:
        """Let it be another moment."""
        self.drawn.traveller.move_to(moment)

    def remind(self) -> int:
        """Do what the worker does once an hour."""
        with self.drawn.sessions.begin() as session:
            assembly, _ = self.drawn.load(session)
            return reminders.write_due(session, assembly, page=PAGE, has_gateway=True)

    def tell(self) -> int:
        """Do what the worker does at once."""
        with self.drawn.sessions.begin() as session:
            assembly, _ = self.drawn.load(session)
            return telling.tell(session, assembly, page=PAGE, has_gateway=True)

    def change(self, **values: Any) -> None:
        """Change the event."""
        with self.drawn.sessions.begin() as session:
            _, organiser = self.drawn.load(session)
            events.change_event(session, session.get_one(Event, self.event_id), values, by=organiser)

    def move(self, starts: dt.datetime) -> None:
        """Let the event be at another time."""
        self.change(starts_at=starts, ends_at=starts + dt.timedelta(hours=2))

    def cancel(self) -> None:
        """Cancel the event."""
        with self.drawn.sessions.begin() as session:
            _, organiser = self.drawn.load(session)
            events.cancel(session, session.get_one(Event, self.event_id), reason="Sturm", by=organiser)

    def written(self, kind: MessageKind | None = None) -> list[tuple[int, str, MailState, dt.datetime]]:
        """Return what was written, in order: the place of the member, the template, the state, and when it is due."""
        with self.drawn.sessions() as session:
            found = session.execute(
                sa.select(Mail, MemberMessage.kind)
                .join(MemberMessage, MemberMessage.mail_id == Mail.id)
                .order_by(Mail.id)
            )
            return [
                (self.people.index(mail.respondent_id), mail.template, mail.state, mail.due_at)
                for mail, its in found
                if kind in {None, its}
            ]

    def called(self) -> list[int]:
        """Return the places of those on the list to be called."""
        with self.drawn.sessions() as session:
            assembly, _ = self.drawn.load(session)
            return sorted(self.people.index(call.respondent_id) for call in calls.open_calls(session, assembly))


@pytest.fixture
def round_(drawn: DrawnPanel) -> Round:
    """Four members who have confirmed; an event on Saturday, 5 May 2035, from 10 to 12, is published."""
    ways = (Channel.MAIL, Channel.SMS, Channel.LETTER, Channel.LETTER)
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        people = members_in(session, Status.DRAWN)
        for one, way in zip(people, ways, strict=True):
            assert one.contact is not None
            one.contact.phone = "0151 12345678"
            calling.confirm(session, one, channel=way, language="de", by=organiser)
        place = places.add_place(session, assembly, {"name": "Rathaus", "city": "Auenfurt"}, by=organiser)
        room = places.add_room(session, assembly, place, {"name": "Saal", "capacity": 60}, by=organiser)
        values = {
            "kind": EventKind.PLENARY,
            "title": "Auftakt",
            "starts_at": local(SATURDAY, 10),
            "ends_at": local(SATURDAY, 12),
            "room_id": room.id,
        }
        event = events.add_event(session, assembly, values, by=organiser)
        events.publish(session, event, by=organiser)
        return Round(drawn, event.id, [one.id for one in people])


def test_reminders_come_a_week_and_a_day_before_letters_two_weeks_and_each_once(round_: Round) -> None:
    round_.at(local(day_before(14), 8, 59))
    assert round_.remind() == 0
    round_.at(local(day_before(14), 9))
    assert round_.remind() == 2
    assert [(place, state) for place, _, state, _ in round_.written()] == [
        (2, MailState.TO_PRINT),
        (3, MailState.TO_PRINT),
    ]
    round_.at(local(day_before(7), 9, 30))
    assert round_.remind() == 2  # so that they leave on the minute
    assert round_.remind() == 0
    assert round_.written(MessageKind.REMINDER_WEEK) == [
        (0, "member_reminder", MailState.QUEUED, local(day_before(7), 10)),
        (1, "member_reminder_sms", MailState.QUEUED, local(day_before(7), 10)),
    ]
    round_.at(local(day_before(1), 9, 30))
    assert (round_.remind(), round_.remind()) == (2, 0)
    round_.at(local(SATURDAY, 10))
    assert round_.remind() == 0


def test_of_a_draft_nobody_is_told_anything(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        assembly, organiser = round_.drawn.load(session)
        values = {"kind": EventKind.PLENARY, "title": "Entwurf", "starts_at": local(day_before(-7), 10)}
        draft = events.add_event(session, assembly, {**values, "ends_at": local(day_before(-7), 12)}, by=organiser)
        events.change_event(session, draft, {"starts_at": local(day_before(-7), 9)}, by=organiser)
    round_.at(local(day_before(-1), 12))
    assert (round_.remind(), round_.tell()) == (0, 0)


def test_whoever_is_excused_left_or_was_erased_gets_no_reminder(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        _, organiser = round_.drawn.load(session)
        event = session.get_one(Event, round_.event_id)
        attending.say(
            session, event, session.get_one(Member, round_.people[0]), AttendanceState.EXCUSED, reason="Urlaub"
        )
        calling.withdraw(session, session.get_one(Member, round_.people[1]).respondent, by=organiser)
        respondents.erase(session, session.get_one(Member, round_.people[2]).respondent, by=organiser)
    round_.at(local(day_before(7), 10))
    assert round_.remind() == 1
    assert [place for place, *_ in round_.written()] == [3]


def test_whoever_is_excused_after_the_reminder_was_written_keeps_no_other_reminder_from_going(round_: Round) -> None:
    round_.at(local(day_before(1), 10))
    assert round_.remind() == 2
    with round_.drawn.sessions.begin() as session:
        assembly, _ = round_.drawn.load(session)
        event, member = session.get_one(Event, round_.event_id), session.get_one(Member, round_.people[0])
        attending.say(session, event, member, AttendanceState.EXCUSED, reason="Urlaub")
        truth.set_aside(session, assembly)
    assert [(place, state) for place, _, state, _ in round_.written()] == [
        (0, MailState.OUTDATED),
        (1, MailState.QUEUED),
    ]


def test_a_queued_reminder_of_a_cancelled_event_is_set_aside_and_never_sent(
    round_: Round, engines: Engines, port: int
) -> None:
    """The mail server is down for a day; meanwhile the event is cancelled."""
    round_.at(local(day_before(1), 10))
    round_.remind()
    sender = Delivery(gateway(engines.config, port), round_.drawn.sessions, lambda: False)
    sender.deliver()
    assert {state for *_, state, _ in round_.written(MessageKind.REMINDER_DAY)} == {MailState.QUEUED}
    round_.cancel()
    office = PostOffice()
    round_.at(local(day_before(1), 19))
    with serving(office, port):
        sender.deliver()  # before any worker has told the change
    assert office.to == []
    assert {state for *_, state, _ in round_.written(MessageKind.REMINDER_DAY)} == {MailState.OUTDATED}
    round_.tell()
    with serving(office, port):
        sender.deliver()
    assert [message["Subject"] for message in office.received if message["Subject"]] == [
        "Abgesagt: Auftakt, Samstag, 5. Mai 2035"
    ]
    assert len(office.to) == 2
    assert round_.called() == [2, 3]


def test_after_a_day_without_mail_server_what_still_holds_goes_once_and_not_at_night(
    round_: Round, engines: Engines, port: int
) -> None:
    round_.at(local(day_before(7), 10))
    round_.remind()
    sender = Delivery(gateway(engines.config, port), round_.drawn.sessions, lambda: False)
    sender.deliver()
    office = PostOffice()
    with serving(office, port):
        round_.at(local(day_before(7), 23))
        sender.deliver()
        assert office.to == []
        mornings = {due for *_, due in round_.written(MessageKind.REMINDER_WEEK)}
        assert mornings == {local(day_before(5), 8)}  # after Sunday
        with round_.drawn.sessions() as session:
            assert set(
                session.scalars(sa.select(Mail.attempts).join(MemberMessage, MemberMessage.mail_id == Mail.id))
            ) == {0}
        round_.at(local(day_before(5), 8))
        round_.remind()
        sender.deliver()
        sender.deliver()
    assert len(office.to) == 2


def test_two_workers_write_the_same_reminder_once(round_: Round) -> None:
    round_.at(local(day_before(1), 10))
    threads = [threading.Thread(target=round_.remind) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(place for place, *_ in round_.written()) == {0: 1, 1: 1}


def test_a_worker_that_is_killed_between_claim_and_sent_makes_no_second_reminder(
    round_: Round, engines: Engines, port: int
) -> None:
    """What it was sending counts as perhaps sent, and the deed keeps whoever comes next from writing another."""
    round_.at(local(day_before(1), 10))
    round_.remind()
    with round_.drawn.sessions.begin() as session:
        claimed = outbox.claim_next(session)
        assert claimed is not None
        assert not truth.is_held_back(session, claimed)
    office = PostOffice()
    round_.at(local(day_before(1), 10) + STUCK_AFTER + dt.timedelta(seconds=1))
    with serving(office, port):
        for _ in range(2):
            with round_.drawn.sessions.begin() as session:
                outbox.sweep(session, stuck_after=STUCK_AFTER)
            round_.remind()
            Delivery(gateway(engines.config, port), round_.drawn.sessions, lambda: False).deliver()
    assert len(office.to) == 1
    assert sorted(state for *_, state, _ in round_.written()) == [MailState.PERHAPS_SENT, MailState.SENT]


def test_a_moved_event_reminds_again_and_what_waited_is_outdated(round_: Round) -> None:
    round_.at(local(day_before(7), 9, 30))
    round_.remind()
    round_.move(local(day_before(-7), 10))
    assert round_.tell() == 4
    assert Counter(state for *_, state, _ in round_.written(MessageKind.REMINDER_WEEK)) == {MailState.OUTDATED: 2}
    round_.at(local(SATURDAY, 9, 30))
    assert round_.remind() == 4  # two of them letters
    assert round_.written(MessageKind.REMINDER_WEEK)[2:] == [
        (0, "member_reminder", MailState.QUEUED, local(SATURDAY, 10)),
        (1, "member_reminder_sms", MailState.QUEUED, local(SATURDAY, 10)),
    ]


def test_moved_away_and_back_before_it_was_sent_the_reminder_comes_after_all(round_: Round) -> None:
    round_.at(local(day_before(7), 9, 30))
    round_.remind()
    round_.move(local(day_before(-7), 10))
    round_.tell()
    round_.move(local(SATURDAY, 10))
    round_.tell()
    round_.remind()
    weekly = round_.written(MessageKind.REMINDER_WEEK)
    assert Counter(state for *_, state, _ in weekly) == {MailState.OUTDATED: 2, MailState.QUEUED: 2}


def test_a_whole_programme_that_is_moved_tells_everybody_once_and_reminds_at_the_new_time(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        assembly, organiser = round_.drawn.load(session)
        events.move_programme(session, assembly, weeks=1, by=organiser)
    assert (round_.tell(), round_.tell()) == (4, 0)
    round_.at(local(day_before(7), 10))
    assert round_.remind() == 2  # the letters: it is two weeks before now
    round_.at(local(SATURDAY, 10))
    assert round_.remind() == 2


@pytest.mark.parametrize(
    ("starts", "week", "day"),
    [
        ((2035, 3, 26, 18), (2035, 3, 19, 18), (2035, 3, 25, 18)),  # summer time begins on the 25th
        ((2035, 10, 29, 18), (2035, 10, 22, 18), (2035, 10, 28, 18)),  # and ends on the 28th
        ((2036, 3, 1, 10), (2036, 2, 23, 10), (2036, 2, 29, 10)),  # a leap day
        ((2036, 2, 29, 10), (2036, 2, 22, 10), (2036, 2, 28, 10)),
    ],
)
def test_reminders_keep_the_time_on_the_wall(round_: Round, starts: Any, week: Any, day: Any) -> None:
    begin, weekly, daily = (local(dt.date(*one[:3]), one[3]) for one in (starts, week, day))
    round_.move(begin)
    round_.tell()
    for kind, moment in ((MessageKind.REMINDER_WEEK, weekly), (MessageKind.REMINDER_DAY, daily)):
        round_.at(moment - dt.timedelta(minutes=61))
        round_.remind()
        assert round_.written(kind) == []
        round_.at(moment - dt.timedelta(minutes=59))
        round_.remind()
        assert {due for *_, due in round_.written(kind)} == {moment}


def test_of_a_site_visit_all_are_reminded_where_they_meet_and_told_of_another_meeting_point(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        assembly, organiser = round_.drawn.load(session)
        values = {"kind": EventKind.SITE_VISIT, "title": "Baustelle", "starts_at": local(SATURDAY, 14)}
        visit = events.add_event(session, assembly, {**values, "ends_at": local(SATURDAY, 16)}, by=organiser)
        visits.describe(session, visit, {"meeting_point": "Am Brunnen"}, by=organiser)
        events.publish(session, visit, by=organiser)
        visit_id = visit.id
    assert round_.tell() == 0
    round_.at(local(day_before(7), 14))
    round_.remind()
    with round_.drawn.sessions.begin() as session:
        _, organiser = round_.drawn.load(session)
        visit = session.get_one(Event, visit_id)
        visits.describe(session, visit, {"benches": "Alle 100 Meter"}, by=organiser)
        visits.describe(session, visit, {"meeting_point": "Vor dem Tor\nSüdseite"}, by=organiser)
    assert round_.tell() == 4
    with round_.drawn.sessions() as session:
        read = sa.select(Mail.template, Mail.text, Mail.html).join(MemberMessage, MemberMessage.mail_id == Mail.id)
        texts = dict.fromkeys((truth.REMINDER, truth.CHANGE), "")
        for template, text, html in session.execute(read.where(MemberMessage.event_id == visit_id)):
            texts[template] = f"{text}{html}"
    assert texts[truth.REMINDER].count("Treffpunkt: Am Brunnen") == 2
    assert texts[truth.CHANGE].count("Treffpunkt: Vor dem Tor, Südseite") == 2


def test_an_excused_member_is_told_of_a_new_time_and_not_of_a_new_place(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        event = session.get_one(Event, round_.event_id)
        attending.say(session, event, session.get_one(Member, round_.people[0]), AttendanceState.EXCUSED, reason="")
    round_.change(online_link="https://video.example.org/1")
    assert round_.tell() == 3
    round_.move(local(SATURDAY, 11))
    assert round_.tell() == 4


def test_of_several_changes_before_anybody_was_told_the_last_is_told_with_what_was_before(round_: Round) -> None:
    round_.move(local(SATURDAY, 14))
    round_.change(online_link="https://video.example.org/1")
    assert round_.tell() == 4
    with round_.drawn.sessions() as session:
        mail = session.scalars(sa.select(Mail).where(Mail.template == truth.CHANGE)).first()
        assert mail is not None
        assert mail.subject == "Verlegt: Auftakt, jetzt Samstag, 5. Mai 2035"
        assert "Bisher war geplant: Samstag, 5. Mai 2035, 10:00 Uhr." in mail.text


def test_a_new_title_is_told_to_nobody_by_itself_and_with_the_next_change(round_: Round) -> None:
    round_.change(title="Beginn")
    assert round_.tell() == 0
    round_.move(local(SATURDAY, 14))
    assert round_.tell() > 0
    with round_.drawn.sessions() as session:
        texts = session.scalars(sa.select(Mail.text).where(Mail.template == "member_change")).all()
        assert texts
        assert [text for text in texts if "„Auftakt“" not in text] == []


def test_a_newer_change_lets_the_one_before_wait_for_ever(round_: Round) -> None:
    round_.at(local(day_before(20), 21))
    round_.move(local(SATURDAY, 14))
    round_.tell()
    assert {due for _, template, _, due in round_.written() if template != "letter"} >= {local(day_before(19), 8)}
    round_.cancel()
    round_.tell()
    assert Counter(state for *_, state, _ in round_.written()) == {
        MailState.OUTDATED: 4,
        MailState.QUEUED: 2,
        MailState.TO_PRINT: 2,
    }


def test_a_change_before_the_one_before_reached_everybody_tells_both(round_: Round) -> None:
    """Two days before it is moved by three weeks; before a mail leaves or anybody is called, the link changes."""
    round_.at(local(day_before(2), 21))
    with round_.drawn.sessions.begin() as session:
        event = session.get_one(Event, round_.event_id)
        attending.say(session, event, session.get_one(Member, round_.people[0]), AttendanceState.EXCUSED, reason="")
    round_.move(local(day_before(-21), 10))
    round_.tell()
    assert round_.called() == [2, 3]
    for number in (1, 2):  # what the second took over, the third does, too
        round_.change(online_link=f"https://video.example.org/{number}")
        assert round_.tell() == 2
        assert round_.called() == [2, 3]
    with round_.drawn.sessions() as session:
        mail = session.scalars(sa.select(Mail).where(Mail.state == MailState.QUEUED).order_by(Mail.id)).first()
        assert mail is not None
        assert (mail.respondent_id, mail.template) == (round_.people[0], truth.CHANGE)
        assert "Bisher war geplant: Samstag, 5. Mai 2035, 10:00 Uhr." in mail.text


def test_a_change_that_reached_everybody_is_not_told_again(round_: Round) -> None:
    round_.move(local(day_before(-21), 10))
    round_.tell()
    with round_.drawn.sessions.begin() as session:
        for mail in session.scalars(sa.select(Mail)):
            mail.state = MailState.SENT if mail.recipient else MailState.PRINTED
    round_.change(online_link="https://video.example.org/1")
    round_.tell()
    with round_.drawn.sessions() as session:
        mail = session.scalars(sa.select(Mail).where(Mail.state == MailState.QUEUED)).first()
        assert mail is not None
        assert "Bisher war geplant" not in mail.text


def test_moved_back_before_all_have_read_that_it_was_moved_names_the_time_that_some_know(round_: Round) -> None:
    round_.move(local(day_before(-7), 10))
    round_.tell()
    with round_.drawn.sessions.begin() as session:
        first = session.scalars(sa.select(Mail).where(Mail.state == MailState.QUEUED)).first()
        assert first is not None
        first.state = MailState.SENT
    round_.move(local(SATURDAY, 10))
    round_.tell()
    with round_.drawn.sessions() as session:
        mail = session.scalars(sa.select(Mail).where(Mail.state == MailState.QUEUED)).first()
        assert mail is not None
        assert "Bisher war geplant: Samstag, 12. Mai 2035, 10:00 Uhr." in mail.text


@pytest.mark.parametrize("was_written", [True, False])
def test_a_move_that_is_taken_back_before_anybody_read_of_it_is_told_nobody(
    round_: Round, *, was_written: bool
) -> None:
    """Two days before, at night: mails wait for the morning, and letter members stand on the list of calls."""
    round_.at(local(day_before(2), 21))
    round_.move(local(day_before(-7), 10))
    if was_written:
        assert round_.tell() == 2
        assert round_.called() == [2, 3]
    round_.move(local(SATURDAY, 10))
    assert round_.tell() == 0
    assert round_.called() == []
    assert {state for *_, state, _ in round_.written()} <= {MailState.OUTDATED}
    round_.move(local(SATURDAY, 14))  # what was never heard of is not what it was planned for until now
    assert round_.tell() == 2
    assert before_of(round_) == "Samstag, 5. Mai 2035, 10:00 Uhr"


def test_what_somebody_read_is_not_taken_back_in_silence_after_another_change(round_: Round) -> None:
    """Moved, which one member reads; moved again, which nobody reads; then moved back."""
    round_.move(local(day_before(-7), 10))
    round_.tell()
    with round_.drawn.sessions.begin() as session:
        first = session.scalars(sa.select(Mail).where(Mail.state == MailState.QUEUED)).first()
        assert first is not None
        first.state = MailState.SENT
    round_.move(local(day_before(-14), 10))
    round_.tell()
    round_.move(local(SATURDAY, 10))
    assert round_.tell() == 4


def test_of_what_is_taken_back_the_rest_is_told_to_those_whom_it_concerns(round_: Round) -> None:
    """Moved, then online, then moved back: only the link is new, so whoever is excused hears nothing."""
    with round_.drawn.sessions.begin() as session:
        event = session.get_one(Event, round_.event_id)
        attending.say(session, event, session.get_one(Member, round_.people[0]), AttendanceState.EXCUSED, reason="")
    round_.move(local(day_before(-7), 10))
    round_.change(online_link="https://video.example.org/1")
    round_.move(local(SATURDAY, 10))
    assert round_.tell() == 3
    assert before_of(round_) == ""


def before_of(round_: Round) -> str:
    """Return what the newest mail about a change says that was planned before."""
    with round_.drawn.sessions() as session:
        mail = session.scalars(sa.select(Mail).where(Mail.template == truth.CHANGE).order_by(Mail.id.desc())).first()
        assert mail is not None
        found = re.search(r"Bisher war geplant: (.*)\.", mail.text)
        return found[1] if found else ""


def test_a_letter_only_member_loses_nothing(round_: Round) -> None:
    """A letter two weeks before; a change within five days, and a letter that nobody printed, put them on the list."""
    round_.at(local(day_before(14), 10))
    round_.remind()
    with round_.drawn.sessions.begin() as session:
        assembly, _ = round_.drawn.load(session)
        [batch] = posting.post_of(session, assembly, truth.REMINDER, limit=9).batches
        assert posting.letters_pdf(session, assembly, truth.REMINDER, (batch.first, batch.last)).startswith(b"%PDF")
        letters = session.scalars(sa.select(Mail).where(Mail.state == MailState.TO_PRINT).order_by(Mail.id)).all()
        outbox.mark_as_printed(session, [letters[0]])
    round_.at(local(day_before(5), 9))
    round_.remind()
    assert round_.called() == []
    round_.at(local(day_before(5), 10))
    round_.remind()
    round_.remind()
    assert round_.called() == [3]
    round_.at(local(day_before(4), 10))
    round_.move(local(SATURDAY, 11))
    assert round_.tell() == 2
    assert round_.called() == [2, 3]  # the call about the time before is void
    with round_.drawn.sessions.begin() as session:
        assembly, organiser = round_.drawn.load(session)
        first, second = calls.open_calls(session, assembly)
        calls.note(session, first, AttemptOutcome.NO_ANSWER, note="", by=organiser)
        calls.note(session, second, AttemptOutcome.REACHED, note="kommt", by=organiser)
        with pytest.raises(ConflictError):
            calls.note(session, second, AttemptOutcome.REACHED, note="", by=organiser)
        with pytest.raises(RuleError):
            calls.note(session, first, AttemptOutcome.SENT, note="", by=organiser)
    assert len(round_.called()) == 1
    with round_.drawn.sessions() as session:
        assembly, organiser = round_.drawn.load(session)
        assert [(call.note, name) for call, name in calls.done_calls(session, assembly, limit=9)] == [
            ("kommt", organiser.name)
        ]


def test_whoever_a_reminder_would_reach_only_after_the_beginning_is_called(round_: Round) -> None:
    """The evening before, it is moved to seven in the morning; nothing is written before eight."""
    round_.move(local(SATURDAY, 7))
    with round_.drawn.sessions.begin() as session:
        session.execute(sa.update(EventChange).values(told_at=local(day_before(30), 10)))
    round_.at(local(day_before(1), 21))
    assert (round_.remind(), round_.remind()) == (0, 0)
    assert round_.called() == [0, 1, 2, 3]
    with round_.drawn.sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(EventCall)) == 4


def test_whoever_a_written_reminder_does_not_reach_for_hours_is_called_unless_it_goes_after_all(round_: Round) -> None:
    """The mail server is down, or refuses an address: there is still time for a call, and none once it was sent."""
    friday = day_before(1)
    round_.at(local(friday, 10))
    assert len(round_.called()) == 0
    round_.remind()
    round_.at(local(friday, 11, 59))
    round_.remind()
    assert round_.called() == [2, 3]  # who reads letters, and got none
    round_.at(local(friday, 12, 1))
    with round_.drawn.sessions.begin() as session:
        outbox.postpone_all(session, dt.timedelta(minutes=1), "The server does not answer.")
    round_.remind()
    assert round_.called() == [0, 1, 2, 3]
    with round_.drawn.sessions.begin() as session:
        day = sa.select(MemberMessage.mail_id).where(MemberMessage.kind == MessageKind.REMINDER_DAY)
        first, second = session.scalars(sa.select(Mail).where(Mail.id.in_(day)).order_by(Mail.id))
        first.state, second.state = MailState.SENT, MailState.REFUSED
    assert round_.called() == [1, 2, 3]
    round_.remind()
    assert round_.called() == [1, 2, 3]


@pytest.mark.parametrize("change", ["moved", "cancelled"])
def test_whom_a_change_does_not_reach_for_hours_is_called(round_: Round, change: str) -> None:
    """Nothing follows a cancellation that would let them be called later: they would stand before a closed door."""
    friday = day_before(1)
    round_.at(local(friday, 10))
    round_.cancel() if change == "cancelled" else round_.move(local(SATURDAY, 12))
    round_.tell()
    assert round_.called() == [2, 3]  # a letter would come too late
    for hour, minute, called in ((11, 59, [2, 3]), (12, 1, [0, 1, 2, 3])):
        round_.at(local(friday, hour, minute))
        with round_.drawn.sessions.begin() as session:
            outbox.postpone_all(session, dt.timedelta(minutes=1), "The server does not answer.")
            assembly, _ = round_.drawn.load(session)
            assert (assembly.id in telling.assemblies_to_tell(session)) == (0 in called)
        for _twice in range(2):
            assert round_.tell() == 0
        assert round_.called() == called


def test_an_organiser_sees_beforehand_whom_a_change_would_be_told(round_: Round) -> None:
    """As many as are told then: by letter while it may arrive, else on the phone; at night mails wait."""

    def seen() -> tuple[dict[Channel, int], int, bool] | None:
        with round_.drawn.sessions() as session:
            found = telling.outlook(session, session.get_one(Event, round_.event_id), has_gateway=True)
            return found and (dict(found.ways), found.calls, found.waits)

    round_.at(local(day_before(10), 12))
    assert seen() == ({Channel.MAIL: 1, Channel.SMS: 1, Channel.LETTER: 2}, 0, False)
    round_.at(local(day_before(3), 23))
    assert seen() == ({Channel.MAIL: 1, Channel.SMS: 1}, 2, True)
    round_.move(local(SATURDAY, 12))
    round_.tell()
    assert (len(round_.written(MessageKind.CHANGE)), round_.called()) == (2, [2, 3])
    round_.at(local(SATURDAY, 13))
    assert seen() is None


def test_who_was_not_reached_until_the_event_is_listed_unless_they_came(round_: Round) -> None:
    """So that it is noticed, and asked how they can be reached; whoever was reached is not among them."""

    def missed() -> list[int]:
        with round_.drawn.sessions() as session:
            assembly, _ = round_.drawn.load(session)
            return [round_.people.index(one.respondent_id) for one in calls.missed_calls(session, assembly, limit=9)]

    round_.at(local(day_before(1), 10))
    round_.move(local(SATURDAY, 12))
    round_.tell()
    assert (round_.called(), missed()) == ([2, 3], [])
    round_.at(local(SATURDAY, 12, 1))
    assert (round_.called(), missed()) == ([], [])  # nobody has noted yet who came
    with round_.drawn.sessions.begin() as session:
        _, organiser = round_.drawn.load(session)
        event = session.get_one(Event, round_.event_id)
        for place, state in ((2, AttendanceState.PRESENT), (3, AttendanceState.ABSENT)):
            attending.note(session, event, round_.people[place], state, by=organiser)
    assert missed() == [3]
    with round_.drawn.sessions.begin() as session:
        assembly, organiser = round_.drawn.load(session)
        [call] = calls.missed_calls(session, assembly, limit=9)
        calls.note(session, call, AttemptOutcome.REACHED, note="", by=organiser)
    assert missed() == []


def test_who_may_have_come_to_a_cancelled_event_is_listed_for_a_month(round_: Round) -> None:
    round_.at(local(day_before(1), 10))
    round_.cancel()
    round_.tell()
    for days, listed in ((0, [2, 3]), (29, [2, 3]), (31, [])):
        round_.at(local(SATURDAY + dt.timedelta(days=days), 13))
        with round_.drawn.sessions() as session:
            assembly, _ = round_.drawn.load(session)
            found = calls.missed_calls(session, assembly, limit=9)
            assert sorted(round_.people.index(one.respondent_id) for one in found) == listed


def test_what_waits_for_the_morning_lets_nobody_be_called(round_: Round) -> None:
    round_.move(local(SATURDAY, 23))
    round_.at(local(day_before(1), 23))
    round_.remind()
    round_.at(local(SATURDAY, 3))
    round_.remind()
    assert (len(round_.written(MessageKind.REMINDER_DAY)), round_.called()) == (2, [2, 3])


def test_letters_of_a_cancelled_event_are_not_printed_even_before_they_are_set_aside(round_: Round) -> None:
    round_.at(local(day_before(14), 10))
    round_.remind()
    with round_.drawn.sessions() as session:
        assembly, _ = round_.drawn.load(session)
        [batch] = posting.post_of(session, assembly, truth.REMINDER, limit=9).batches
    round_.cancel()
    with round_.drawn.sessions() as session:
        assembly, _ = round_.drawn.load(session)
        assert posting.post_of(session, assembly, truth.REMINDER, limit=9).batches == []
        with pytest.raises(NotFoundError):
            posting.letters_pdf(session, assembly, truth.REMINDER, (batch.first, batch.last))
        with pytest.raises(NotFoundError):
            posting.mark_as_printed(session, assembly, truth.REMINDER, (batch.first, batch.last))


def test_a_minors_guardian_gets_a_copy_by_letter(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        _, organiser = round_.drawn.load(session)
        member = session.get_one(Member, round_.people[0])
        assert member.respondent.contact is not None
        member.respondent.contact.birth_date = dt.date(2018, 6, 1)
        consent = GuardianConsent(
            respondent_id=member.respondent_id,
            recorded_at=dt.datetime.now(dt.UTC),
            recorded_by_id=organiser.id,
            guardian="Petra Person",
            channel=Channel.LETTER,
        )
        session.add(consent)
    round_.at(local(day_before(14), 10))
    assert round_.remind() == 3
    with round_.drawn.sessions() as session:
        member = session.get_one(Member, round_.people[0])
        [copy] = reading.messages_of(session, member)
        assert (copy.is_copy, copy.way, copy.mail.address[0]) == (True, Channel.LETTER, "Petra Person")
        assert "Petra Person" in copy.text
        assert f"Vera {member.respondent.contact.last_name}" in copy.text  # type: ignore[union-attr]  # it is there
        assert reading.own_messages_of(session, member) == []
    round_.at(local(day_before(2), 10))
    round_.move(local(SATURDAY, 11))
    round_.tell()
    assert round_.called() == [0, 2, 3]  # a copy would come too late


def test_a_replacement_gets_what_is_theirs_from_now_on_and_whoever_left_nothing(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        _, organiser = round_.drawn.load(session)
        calling.withdraw(session, session.get_one(Member, round_.people[0]).respondent, by=organiser)
    round_.drawn.replace()
    with round_.drawn.sessions.begin() as session:
        _, organiser = round_.drawn.load(session)
        [new] = members_in(session, Status.DRAWN)
        calling.confirm(session, new, channel=Channel.MAIL, language="de", by=organiser)
        round_.people.append(new.id)
    round_.at(local(day_before(7), 10))
    assert round_.remind() == 4  # two of them letters
    assert [place for place, *_ in round_.written(MessageKind.REMINDER_WEEK)] == [1, 4]


def test_the_worker_asks_once_an_hour_and_changes_at_once(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        background.ask_if_due(session)
        background.ask_if_due(session)
        assert len(_jobs(session, background.REMIND)) == 1
        jobs.cancel(session, _jobs(session, background.REMIND)[0])
    round_.drawn.traveller.shift(dt.timedelta(minutes=59))
    with round_.drawn.sessions.begin() as session:
        background.ask_if_due(session)
        assert len(_jobs(session, background.REMIND)) == 1
    round_.drawn.traveller.shift(dt.timedelta(minutes=2))
    with round_.drawn.sessions.begin() as session:
        background.ask_if_due(session)
        assert len(_jobs(session, background.REMIND)) == 2
    round_.cancel()
    with round_.drawn.sessions() as session:
        assert len(_jobs(session, "event_changes")) == 1


def test_an_assembly_that_fails_lets_the_others_be_reminded_and_told(
    round_: Round, caplog: pytest.LogCaptureFixture
) -> None:
    """The first has a state that does not exist; a change of the second was told to nobody, since its job failed."""
    round_.at(local(day_before(7), 10))
    with round_.drawn.sessions.begin() as session:
        assembly, organiser = round_.drawn.load(session)
        session.add(Programme(assembly_id=assembly.id, state="XX"))
        other = assemblies.create_assembly(session, ASSEMBLY, by=organiser)
        values = {"kind": EventKind.PLENARY, "title": "Auftakt", "starts_at": local(day_before(-60), 10)}
        event = events.add_event(session, other, {**values, "ends_at": local(day_before(-60), 12)}, by=organiser)
        events.publish(session, event, by=organiser)
        events.cancel(session, event, reason="Sturm", by=organiser)
        background.ask_if_due(session)
        [job] = _jobs(session, background.REMIND)
        job.state, job.attempts = JobState.RUNNING, 1
        run = handlers.Run(round_.drawn.sessions, round_.drawn.config, job.id, 1, {})
        job_id, others = job.id, event.id
    handlers.perform(run, background.REMIND)
    with round_.drawn.sessions() as session:
        assert session.get_one(Job, job_id).state is JobState.FAILED
        told = session.scalar(sa.select(EventChange.told_at).where(EventChange.event_id == others))
        assert told is not None
    assert f"Job {job_id} failed for row {round_.drawn.assembly_id}: NotImplementedError at " in caplog.text


def _jobs(session: Session, kind: str) -> list[Job]:
    return list(session.scalars(sa.select(Job).where(Job.kind == kind)))


@pytest.mark.parametrize(
    ("at", "starts", "leaves"),
    [
        ((2035, 5, 4, 7, 59), (2035, 5, 12, 10), (2035, 5, 4, 8, 0)),
        ((2035, 5, 4, 19, 59), (2035, 5, 12, 10), (2035, 5, 4, 19, 59)),
        ((2035, 5, 4, 20, 0), (2035, 5, 12, 10), (2035, 5, 5, 8, 0)),
        ((2035, 5, 5, 20, 0), (2035, 5, 12, 10), (2035, 5, 7, 8, 0)),  # over Sunday
        ((2035, 5, 6, 10, 0), (2035, 5, 7, 22), (2035, 5, 6, 10, 0)),  # within 36 hours
        ((2035, 5, 6, 9, 0), (2035, 5, 7, 22), (2035, 5, 6, 10, 0)),  # from then on
        ((2035, 5, 6, 21, 0), (2035, 5, 7, 10), (2035, 5, 7, 8, 0)),  # but not at night
        ((2035, 5, 1, 10, 0), (2035, 5, 12, 10), (2035, 5, 2, 8, 0)),  # Labour Day
        ((2034, 3, 25, 20, 30), (2034, 4, 20, 10), (2034, 3, 27, 8, 0)),  # the night in which summer time begins
        ((2035, 10, 27, 20, 30), (2035, 11, 20, 10), (2035, 10, 29, 8, 0)),  # and the one in which it ends
        ((2035, 3, 25, 12, 0), (2035, 3, 26, 18), (2035, 3, 25, 12, 0)),  # 30 hours
    ],
)
def test_quiet_hours(at: Any, starts: Any, leaves: Any) -> None:
    moment, begin, expected = (dt.datetime(*one, tzinfo=ZONE) for one in (at, starts, leaves))
    found = quiet.next_moment(moment, starts_at=begin, state="")
    assert found == expected.astimezone(dt.UTC)


def test_holidays_are_those_of_the_state() -> None:
    corpus_christi = local(dt.date(2035, 5, 24), 10)
    assert public_holiday(dt.date(2035, 5, 24), "BY") is not None
    later = local(dt.date(2035, 6, 30), 10)
    assert quiet.next_moment(corpus_christi, starts_at=later, state="BY") == local(dt.date(2035, 5, 25), 8)
    assert quiet.next_moment(corpus_christi, starts_at=later, state="BE") == corpus_christi


WORDS = {
    "audience": "all",
    "event_id": None,
    "table_number": None,
    "subject": "Bitte Rückmeldung",
    "text": "Liebe Mitglieder,\n\nbitte melden Sie sich.",
    "plain_text": "",
    "english_subject": "",
    "english_text": "",
}


def written_by(session: Session, round_: Round, **values: Any) -> tuple[Any, User]:
    assembly, organiser = round_.drawn.load(session)
    return announcements.draft(session, assembly, WORDS | values, by=organiser), organiser


def test_an_organisers_message_goes_once_also_when_two_send_it(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        announcement_id = written_by(session, round_)[0].id
    outcomes: list[int | None] = []

    def send() -> None:
        with round_.drawn.sessions() as session:
            assembly, organiser = round_.drawn.load(session)
            one = announcements.get_announcement(session, assembly, announcement_id)
            try:
                outcomes.append(announcements.send(session, one, page=PAGE, has_gateway=True, by=organiser))
                session.commit()
            except ConflictError:
                outcomes.append(None)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [4, None, None]
    assert Counter(template for _, template, *_ in round_.written()) == {"member_message": 3, "member_message_sms": 1}


def test_a_preview_says_how_many_by_which_way_and_a_test_goes_to_oneself(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        one, organiser = written_by(session, round_)
        seen = announcements.preview(session, one, name="Olga", language="de", page=PAGE, has_gateway=True)
        assert seen.ways == {Channel.MAIL: 1, Channel.SMS: 1, Channel.LETTER: 2}
        assert (seen.count, seen.copies, list(seen.unreachable)) == (4, 0, [])
        assert (seen.subject, "bitte melden Sie sich." in seen.text) == ("Bitte Rückmeldung", True)
        test = announcements.send_test(session, one, page=PAGE, by=organiser)
        assert (test.recipient, test.respondent_id) == (organiser.email, None)
    assert round_.written() == []


@pytest.mark.parametrize(
    ("hour", "begins", "at_once", "waits"),
    [(23, None, False, True), (23, None, True, False), (12, None, False, False), (23, 7, False, False)],
    ids=["by night", "by night, at once", "by day", "an early event"],
)
def test_an_organisers_message_waits_for_the_end_of_the_night_unless_it_would_be_late_or_is_to_go_at_once(
    round_: Round, hour: int, begins: int | None, at_once: bool, waits: bool
) -> None:
    evening, morning = local(day_before(1), hour), local(SATURDAY, 8)
    round_.at(evening)
    with round_.drawn.sessions.begin() as session:
        event = session.get_one(Event, round_.event_id)
        event.starts_at = local(SATURDAY, begins or 10)
        one, organiser = written_by(session, round_, audience="unanswered", event_id=event.id)
        seen = announcements.preview(session, one, name="Olga", language="de", page=PAGE, has_gateway=True)
        assert seen.waits_until == (morning if waits or at_once else None)
        announcements.send(session, one, page=PAGE, has_gateway=True, at_once=at_once, by=organiser)
        assert announcements.waiting_until(session, [one]) == ({one.id: morning} if waits else {})
    leaves = morning if waits else evening
    dues = [due.replace(microsecond=0) for *_, due in round_.written()]
    assert dues == [leaves, leaves, evening, evening]  # mail, SMS, and two letters, which are printed


def test_a_test_of_a_message_leaves_at_once(round_: Round, engines: Engines, port: int) -> None:
    with round_.drawn.sessions.begin() as session:
        one, organiser = written_by(session, round_)
        announcements.send_test(session, one, page=PAGE, by=organiser)
        address = organiser.email
    office = PostOffice()
    with serving(office, port):
        Delivery(gateway(engines.config, port), round_.drawn.sessions, lambda: False).deliver()
    assert office.to == [address]


@pytest.mark.parametrize("field", ["subject", "text"])
def test_a_message_of_blanks_is_refused_at_its_field(round_: Round, field: str) -> None:
    with round_.drawn.sessions.begin() as session, pytest.raises(RuleError) as refused:
        written_by(session, round_, **{field: " \n"})
    assert refused.value.field == field


def test_an_audience_follows_from_what_was_said_about_an_event(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        event = session.get_one(Event, round_.event_id)
        member = session.get_one(Member, round_.people[0])
        attending.say(session, event, member, AttendanceState.EXCUSED, reason="")
        attending.say(session, event, session.get_one(Member, round_.people[1]), AttendanceState.CONFIRMED)
        unanswered, _ = written_by(session, round_, audience="unanswered", event_id=event.id)
        excused, organiser = written_by(session, round_, audience="excused", event_id=event.id)
        assert unanswered.audience is Audience.UNANSWERED
        with pytest.raises(RuleError):
            written_by(session, round_, audience="excused")
        announcements.send(session, unanswered, page=PAGE, has_gateway=True, by=organiser)
        announcements.send(session, excused, page=PAGE, has_gateway=True, by=organiser)
        with pytest.raises(ConflictError):
            announcements.discard(session, excused)
    assert [place for place, *_ in round_.written()] == [2, 3, 0]


def test_a_message_to_a_table_goes_to_those_who_sit_there_now_and_not_to_who_has_left(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        event = session.get_one(Event, round_.event_id)
        for place, (table, is_draft) in enumerate(((1, False), (1, False), (2, False), (1, True))):
            seat = TableSeat(event_id=event.id, round=1, respondent_id=round_.people[place])
            seat.number, seat.is_draft = table, is_draft
            session.add(seat)
        with pytest.raises(RuleError):
            written_by(session, round_, audience="table", event_id=event.id)
        with pytest.raises(RuleError):
            written_by(session, round_, audience="table", table_number=1)
        assert written_by(session, round_, table_number=1)[0].table_number is None
        one, organiser = written_by(session, round_, audience="table", event_id=event.id, table_number=1)
        calling.withdraw(session, session.get_one(Member, round_.people[1]).respondent, by=organiser)
        assert announcements.send(session, one, page=PAGE, has_gateway=True, by=organiser) == 1
    assert [place for place, *_ in round_.written()] == [0]


def test_an_organisers_message_is_read_in_ones_language_and_whole_on_the_page(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        for number, language in enumerate(("en", "de-plain")):
            session.get_one(Member, round_.people[number]).language = language
        one, organiser = written_by(session, round_, english_subject="Please answer", english_text="Dear members")
        announcements.send(session, one, page=PAGE, has_gateway=True, by=organiser)
    with round_.drawn.sessions() as session:
        [english] = reading.own_messages_of(session, session.get_one(Member, round_.people[0]))
        assert (english.subject, "Dear members" in english.text) == ("Please answer", True)
        [sms] = reading.own_messages_of(session, session.get_one(Member, round_.people[1]))
        assert (sms.way, sms.text) == (Channel.SMS, WORDS["text"])
        assert WORDS["text"] not in sms.mail.text
        assert sms.mail.text.rstrip().endswith(PAGE)


def test_names_cannot_write_into_the_html_of_others(round_: Round) -> None:
    with round_.drawn.sessions.begin() as session:
        contact = session.get_one(Member, round_.people[0]).respondent.contact
        assert contact is not None
        contact.first_name = "<b>Vera"
    round_.at(local(day_before(7), 10))
    round_.remind()
    with round_.drawn.sessions() as session:
        mail = session.scalars(sa.select(Mail).where(Mail.template == truth.REMINDER, Mail.state == "queued")).one()
        assert "<b>Vera" not in mail.html
        assert "&lt;b&gt;Vera" in mail.html
        assert "<b>Vera" in mail.text


def test_reminders_take_the_same_number_of_queries_for_any_number_of_members(round_: Round, engines: Engines) -> None:
    round_.at(local(day_before(7), 10))
    with round_.drawn.sessions() as session:
        assembly, _ = round_.drawn.load(session)
        with counted(session.get_bind()) as statements:  # type: ignore[arg-type]  # an engine
            assert reminders.write_due(session, assembly, page=PAGE, has_gateway=True) == 4
    assert len(statements) <= 20


def gateway(config: Config, port: int) -> Config:
    """Return settings with a mail server and a gateway for SMS."""
    return dataclasses.replace(mailing(config, port), sms_gateway="{number}@sms.example.org")


@pytest.fixture
def port() -> int:
    return free_port()


SHORT = Path(__file__).parent / "short_messages"
SMS_CONTEXTS = {
    "reminder": (outbox.REMINDER_SMS, EVENT),
    "change_moved": (outbox.CHANGE_SMS, CHANGE),
    "change_of_place": (outbox.CHANGE_SMS, CHANGE | {"before": None}),
    "change_cancelled": (outbox.CHANGE_SMS, CHANGE | {"is_cancelled": True}),
    "message": (outbox.MESSAGE_SMS, MESSAGE),
    "meeting": (outbox.MEETINGS_SMS, MEETINGS | {"meetings": [COMMITTEE]}),
    "meetings": (outbox.MEETINGS_SMS, MEETINGS),
    "meeting_cancelled": (outbox.MEETINGS_SMS, MEETINGS | {"meetings": [], "cancelled": [COMMITTEE]}),
    "meetings_and_cancelled": (outbox.MEETINGS_SMS, MEETINGS | {"cancelled": [COUNCIL, COMMITTEE]}),
}


@pytest.mark.parametrize("language", WRITTEN)
@pytest.mark.parametrize("name", SMS_CONTEXTS)
def test_short_messages_read_as_they_were_last_approved(name: str, language: str) -> None:
    """After a change that is meant: run once with SNAPSHOTS=write, and read the difference in git."""
    template, context = SMS_CONTEXTS[name]
    text, path = outbox.render_text(template, language, context), SHORT / f"{name}.{language}.txt"
    if os.environ.get("SNAPSHOTS") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    assert len(text) <= 2 * 153  # two parts of an SMS


def test_the_worker_writes_the_address_that_members_pages_have(app: Flask) -> None:
    with app.test_request_context():
        assert url_for("member.start") == background.MEMBERS_PAGE
