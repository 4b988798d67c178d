"""Reported barriers: due on a working day, answered once, reminded of daily and only once, and then forgotten."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from assembly.config import Config
from assembly.models import AnswerWay, Barrier, BarrierState, DailyRun, Mail, MailState, Role, User
from assembly.services import accounts, jobs
from assembly.services.barriers import answering, reminding, reporting, states
from assembly.services.barriers.answering import Fate
from assembly.services.daily import BARRIERS, today
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.privacy import retention
from assembly.services.privacy.deadlines import PERIODS
from assembly.services.privacy.declaring import Deadline
from assembly.services.site import settings
from tests.assembly.services.panels import perform

MONDAY = dt.datetime(2035, 3, 5, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
EMAIL = "zwirnzelle@unverwechselbar.example"
TEXT = "Der Screenreader Quittenquelle liest die Tabelle nicht vor."
SETTLED: dict[str, Any] = {"state": "NW", "enforcement": "Ombudsstelle", "answer_period": "P1M", "remind_days": 7}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def administrator(session: Session) -> User:
    user = accounts.create_account(session, email="admin@example.org", name="Anke Admin")
    accounts.grant(session, user, Role.SITE_ADMINISTRATOR, by=None)
    session.commit()
    return user


def report(session: Session, **changes: Any) -> Barrier:
    said = {"page": "/a/mobilitaet", "text": TEXT, "email": EMAIL, "language": "de", "city": "Auenfurt"}
    made = reporting.report(session, **(said | changes))
    session.commit()
    return made


def answer(session: Session, barrier: Barrier, by: User, **changes: Any) -> None:
    said = {"way": AnswerWay.MAIL, "text": "Jetzt liest er sie vor.", "answered_on": None, "city": "Auenfurt"}
    answering.answer(session, barrier, **(said | changes), by=by)
    session.commit()


def mails(session: Session, template: str) -> list[Mail]:
    return list(session.scalars(sa.select(Mail).where(Mail.template == template).order_by(Mail.id)))


@pytest.mark.parametrize(
    ("period", "state", "due"),
    [
        ("P1M", "NW", dt.date(2035, 4, 5)),
        ("P14D", "NW", dt.date(2035, 3, 19)),
        ("P21D", "NW", dt.date(2035, 3, 27)),  # Easter Monday is 26 March
        ("P1M", "", dt.date(2035, 4, 5)),
    ],
)
def test_an_answer_is_due_on_a_working_day_of_the_state(
    session: Session, administrator: User, period: str, state: str, due: dt.date
) -> None:
    settings.save(session, SETTLED | {"answer_period": period, "state": state}, by=administrator)
    assert report(session).due_on == due


def test_a_later_change_of_the_period_moves_nothing_that_was_promised(session: Session, administrator: User) -> None:
    barrier = report(session)
    settings.save(session, SETTLED | {"answer_period": "P7D"}, by=administrator)
    session.commit()
    session.refresh(barrier)
    assert barrier.due_on == dt.date(2035, 4, 5)


def test_a_report_is_confirmed_without_its_words(session: Session) -> None:
    barrier = report(session)
    [mail] = mails(session, reporting.RECEIVED)
    assert (mail.recipient, mail.language, mail.state) == (EMAIL, "de", MailState.QUEUED)
    assert f"Fallnummer {barrier.id}" in mail.text
    assert "5. April 2035" in mail.text
    assert "Quittenquelle" not in mail.text


def test_without_address_nobody_is_written_to(session: Session) -> None:
    report(session, email=None)
    assert mails(session, reporting.RECEIVED) == []


def test_a_stranger_fills_nobodys_inbox(session: Session, clock: time_machine.Traveller) -> None:
    for _ in range(5):
        report(session)
    assert len(mails(session, reporting.RECEIVED)) == reporting.MOST_CONFIRMED
    clock.shift(DAY + dt.timedelta(seconds=1))
    report(session)
    assert len(mails(session, reporting.RECEIVED)) == reporting.MOST_CONFIRMED + 1


def test_an_address_is_one_however_it_is_written(session: Session) -> None:
    for number in range(6):
        report(session, email=EMAIL.upper() if number % 2 else EMAIL.title())
    assert len(mails(session, reporting.RECEIVED)) == reporting.MOST_CONFIRMED


def test_who_reports_at_the_same_moment_waits_for_the_others(sessions: sessionmaker[Session]) -> None:
    """In both databases; otherwise both would count the same confirmations."""
    with sessions() as first:
        for _ in range(reporting.MOST_CONFIRMED - 1):
            report(first)
        said = {"page": "", "text": TEXT, "email": EMAIL, "language": "de", "city": "Auenfurt"}
        reporting.report(first, **said)
        other = threading.Thread(target=_report_in, args=(sessions,))
        other.start()
        other.join(0.3)
        first.commit()
        other.join()
        assert len(first.scalars(sa.select(Barrier.id)).all()) == reporting.MOST_CONFIRMED + 1
        assert len(mails(first, reporting.RECEIVED)) == reporting.MOST_CONFIRMED


def _report_in(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        report(session)


def answered_by_a_mail_that_is(
    session: Session, administrator: User, state: MailState, **changes: Any
) -> tuple[Barrier, Mail]:
    barrier = report(session, **changes)
    answer(session, barrier, administrator)
    mail = session.scalars(sa.select(Mail).where(Mail.deed == f"barrier:{barrier.id}:answered")).one()
    mail.state = state
    session.commit()
    return barrier, mail


@pytest.mark.parametrize("state", answering.UNDECIDED)
def test_an_answer_that_did_not_arrive_is_sent_again(session: Session, administrator: User, state: MailState) -> None:
    barrier, mail = answered_by_a_mail_that_is(session, administrator, state)
    assert answering.not_arrived(session) == {barrier.id}
    answering.decide(session, barrier, Fate.AGAIN, by=administrator)
    session.refresh(mail)
    assert (mail.state, mail.recipient, barrier.state) == (MailState.QUEUED, EMAIL, BarrierState.ANSWERED)
    assert answering.not_arrived(session) == frozenset()
    with pytest.raises(ConflictError):
        answering.decide(session, barrier, Fate.AGAIN, by=administrator)


def test_an_answer_that_was_perhaps_sent_did_arrive(session: Session, administrator: User) -> None:
    barrier, mail = answered_by_a_mail_that_is(session, administrator, MailState.PERHAPS_SENT)
    answering.decide(session, barrier, Fate.WAS_SENT, by=administrator)
    session.refresh(mail)
    assert (mail.state, answering.not_arrived(session)) == (MailState.SENT, frozenset())
    refused, _ = answered_by_a_mail_that_is(session, administrator, MailState.REFUSED)
    with pytest.raises(ConflictError):
        answering.decide(session, refused, Fate.WAS_SENT, by=administrator)


@pytest.mark.parametrize("state", answering.UNDECIDED)
@pytest.mark.parametrize("way", [AnswerWay.MAIL, AnswerWay.PHONE, AnswerWay.NOBODY])
def test_instead_of_an_answer_that_did_not_arrive_another_one_is_given(
    session: Session, administrator: User, state: MailState, way: AnswerWay
) -> None:
    barrier, mail = answered_by_a_mail_that_is(session, administrator, state)
    answering.decide(session, barrier, Fate.ANOTHER_WAY, by=administrator)
    session.refresh(mail)
    assert (mail.state, mail.recipient, mail.text) == (MailState.ERASED, None, "")
    assert (barrier.state, barrier.answer_way, barrier.answer) == (BarrierState.OPEN, None, "Jetzt liest er sie vor.")
    answer(session, barrier, administrator, way=way)
    assert (barrier.state, barrier.answer_way) == (BarrierState.ANSWERED, way)
    assert answering.mail_with_answer(session, barrier) == (MailState.QUEUED if way is AnswerWay.MAIL else None)


def test_of_answers_that_did_not_arrive_administrators_are_reminded_as_of_open_ones(
    session: Session, administrator: User, clock: time_machine.Traveller
) -> None:
    barrier, mail = answered_by_a_mail_that_is(session, administrator, MailState.REFUSED)
    assert reminding.to_remind_of(session) == []
    clock.move_to(dt.datetime(2035, 4, 6, 12, tzinfo=dt.UTC))
    assert reminding.to_remind_of(session) == [barrier]
    mail.state = MailState.SENT
    session.flush()
    assert reminding.to_remind_of(session) == []


def test_overdue_follows_from_the_day_and_ends_with_the_answer(session: Session, administrator: User) -> None:
    barrier = report(session)
    late = [states.is_overdue(barrier, barrier.due_on + days * DAY) for days in (-1, 0, 1)]
    assert late == [False, False, True]
    answer(session, barrier, administrator)
    assert not states.is_overdue(barrier, barrier.due_on + DAY)


def test_an_answer_by_mail_goes_to_the_address_with_the_enforcement_body(session: Session, administrator: User) -> None:
    settings.save(session, SETTLED, by=administrator)
    barrier = report(session)
    answer(session, barrier, administrator)
    [mail] = mails(session, answering.ANSWERED)
    assert (mail.recipient, barrier.state, barrier.answered_on) == (EMAIL, BarrierState.ANSWERED, today())
    assert "Jetzt liest er sie vor." in mail.text
    assert "Ombudsstelle" in mail.text


def test_what_was_said_on_the_phone_is_noted_with_its_day(
    session: Session, administrator: User, clock: time_machine.Traveller
) -> None:
    barrier = report(session)
    clock.shift(3 * DAY)
    answer(session, barrier, administrator, way=AnswerWay.PHONE, answered_on=today() - DAY)
    assert (barrier.answer_way, barrier.answered_on) == (AnswerWay.PHONE, today() - DAY)
    assert mails(session, answering.ANSWERED) == []


@pytest.mark.parametrize("days", [-1, 1])
def test_nobody_was_answered_before_the_report_or_tomorrow(session: Session, administrator: User, days: int) -> None:
    with pytest.raises(RuleError) as raised:
        answer(session, report(session), administrator, way=AnswerWay.LETTER, answered_on=today() + days * DAY)
    assert raised.value.field == "answered_on"


@pytest.mark.parametrize(("email", "way"), [(None, AnswerWay.MAIL), (EMAIL, AnswerWay.NOBODY)])
def test_the_way_of_an_answer_fits_the_address(
    session: Session, administrator: User, email: str | None, way: AnswerWay
) -> None:
    with pytest.raises(RuleError) as raised:
        answer(session, report(session, email=email), administrator, way=way)
    assert raised.value.field == "way"


def test_a_barrier_goes_from_open_to_answered_to_closed_and_each_step_once(
    session: Session, administrator: User
) -> None:
    barrier = report(session)
    with pytest.raises(ConflictError):
        states.close(session, barrier, by=administrator)
    answer(session, barrier, administrator)
    with pytest.raises(ConflictError):
        answer(session, barrier, administrator)
    states.close(session, barrier, by=administrator)
    with pytest.raises(ConflictError):
        states.close(session, barrier, by=administrator)
    assert (barrier.state, len(mails(session, answering.ANSWERED))) == (BarrierState.CLOSED, 1)


def test_open_ones_come_first_by_the_day_on_which_they_are_due(
    session: Session, administrator: User, clock: time_machine.Traveller
) -> None:
    done, first = report(session), report(session)
    answer(session, done, administrator)
    clock.shift(DAY)
    later = report(session)
    assert [one.id for one in answering.all_barriers(session)] == [first.id, later.id, done.id]
    with pytest.raises(NotFoundError):
        states.get_barrier(session, 999)


def test_administrators_are_reminded_once_a_day_from_some_days_before_until_it_is_answered(
    app: Flask, session: Session, config: Config, administrator: User, clock: time_machine.Traveller
) -> None:
    """However often the job runs, and whoever runs it."""
    assert app
    barrier = report(session)
    sessions = sessionmaker(session.get_bind())
    clock.move_to(dt.datetime(2035, 3, 28, 12, tzinfo=dt.UTC))
    counts = []
    for day in range(12):
        if day == 11:
            answer(session, barrier, administrator)
        for _twice in range(2):
            jobs.enqueue(session, BARRIERS, {}, unique_key=BARRIERS)
            session.commit()
            perform(sessions, config)
        counts.append(len(mails(session, reminding.REMINDER)))
        session.rollback()
        clock.shift(DAY)
    assert counts == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]
    written = mails(session, reminding.REMINDER)
    assert {mail.recipient for mail in written} == {administrator.email}
    assert ("überfällig" in written[7].text, "überfällig" in written[8].text) == (False, True)
    assert {"Quittenquelle" in mail.text or EMAIL in mail.text for mail in written} == {False}


def test_nobody_without_the_role_is_reminded(session: Session, config: Config, administrator: User) -> None:
    former = accounts.create_account(session, email="former@example.org", name="Fritz Früher")
    membership = accounts.grant(session, former, Role.SITE_ADMINISTRATOR, by=None)
    accounts.revoke(session, membership, by=administrator)
    report(session)
    settings.save(session, SETTLED | {"answer_period": "P7D"}, by=administrator)
    report(session)
    jobs.enqueue(session, BARRIERS, {}, unique_key=BARRIERS)
    session.commit()
    perform(sessionmaker(session.get_bind()), config)
    assert [mail.recipient for mail in mails(session, reminding.REMINDER)] == [administrator.email]


def delete_on_time(session: Session) -> dict[str, int]:
    counts = retention.delete_old_barriers(session)
    session.commit()
    return counts


def test_after_its_time_nothing_of_a_closed_case_is_left_but_numbers_and_days(
    session: Session, administrator: User, clock: time_machine.Traveller
) -> None:
    barrier = report(session)
    answer(session, barrier, administrator)
    states.close(session, barrier, by=administrator)
    session.commit()
    clock.shift(PERIODS[Deadline.BARRIERS] - DAY)
    assert delete_on_time(session) == {}
    clock.shift(2 * DAY)
    assert delete_on_time(session) == {"barriers": 1}
    assert delete_on_time(session) == {}
    session.refresh(barrier)
    assert (barrier.text, barrier.page, barrier.answer, barrier.email) == ("", "", "", None)
    assert (barrier.state, barrier.answered_on) == (BarrierState.CLOSED, MONDAY.date())
    assert {(mail.state, mail.recipient, mail.text) for mail in session.scalars(sa.select(Mail))} == {
        (MailState.ERASED, None, "")
    }


def test_what_is_answered_and_never_closed_closes_by_itself_and_is_forgotten_later(
    session: Session, administrator: User, clock: time_machine.Traveller
) -> None:
    barrier = report(session)
    answer(session, barrier, administrator)
    clock.shift(PERIODS[Deadline.BARRIERS] + DAY)
    assert (delete_on_time(session), barrier.state, barrier.text) == ({}, BarrierState.CLOSED, TEXT)
    clock.shift(PERIODS[Deadline.BARRIERS] + DAY)
    assert (delete_on_time(session), barrier.text) == ({"barriers": 1}, "")


def test_what_is_never_answered_is_forgotten_some_time_after_it_was_due(
    session: Session, clock: time_machine.Traveller
) -> None:
    barrier = report(session)
    clock.move_to(MONDAY + (barrier.due_on - MONDAY.date()) + PERIODS[Deadline.BARRIERS])
    assert (delete_on_time(session), barrier.text) == ({}, TEXT)
    clock.shift(DAY)
    assert (delete_on_time(session), delete_on_time(session)) == ({"barriers": 1}, {})
    session.refresh(barrier)
    assert (barrier.state, barrier.text, barrier.page, barrier.email) == (BarrierState.CLOSED, "", "", None)
    assert [mail.state for mail in session.scalars(sa.select(Mail))] == [MailState.ERASED]


def test_what_is_no_report_is_closed_without_a_mail(
    session: Session, administrator: User, caplog: pytest.LogCaptureFixture, clock: time_machine.Traveller
) -> None:
    barrier, answered = report(session), report(session)
    answer(session, answered, administrator)
    with pytest.raises(ConflictError):
        states.dismiss(session, answered, by=administrator)
    with caplog.at_level(logging.INFO):
        states.dismiss(session, barrier, by=administrator)
    assert (barrier.state, barrier.answer_way) == (BarrierState.CLOSED, None)
    assert caplog.messages == [f"barrier_dismissed barrier:{barrier.id} by account {administrator.id}"]
    assert len(mails(session, answering.ANSWERED)) == 1
    session.commit()
    clock.shift(PERIODS[Deadline.BARRIERS] + DAY)
    assert (delete_on_time(session), barrier.text) == ({"barriers": 1}, "")


def test_logs_name_numbers_alone(
    session: Session, administrator: User, caplog: pytest.LogCaptureFixture, clock: time_machine.Traveller
) -> None:
    session.add(DailyRun(day=today(), asked_at=MONDAY))
    with caplog.at_level(logging.DEBUG):
        barrier = report(session)
        answer(session, barrier, administrator)
        states.close(session, barrier, by=administrator)
        clock.shift(2 * PERIODS[Deadline.BARRIERS])
        delete_on_time(session)
    assert [text for text in caplog.messages if "Quittenquelle" in text or EMAIL in text] == []
    assert caplog.messages[-2:] == [
        f"barrier_answered barrier:{barrier.id} by account {administrator.id}: mail",
        f"barrier_closed barrier:{barrier.id} by account {administrator.id}",
    ]
