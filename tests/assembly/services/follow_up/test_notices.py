"""Notices about what is owed: each on its day, once, whoever looks and however often, and to the right addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask, url_for
from sqlalchemy.orm import Session, sessionmaker

from assembly import worker
from assembly.clock import ZONE
from assembly.config import Config
from assembly.models import (
    Assembly,
    Case,
    CaseNotice,
    ContactRole,
    Duty,
    FollowUpContact,
    Job,
    JobState,
    LogEntry,
    Mail,
    MailState,
    Move,
    NoticeKind,
    Role,
    User,
)
from assembly.services import accounts, assemblies, daily, jobs, logbook
from assembly.services import mail as outbox
from assembly.services.follow_up import cases, contacts, notice_mails, notices, noticing
from assembly.services.follow_up.courses import Course
from assembly.services.follow_up.notice_mails import Pages
from assembly.services.follow_up.notices import Notice, due_notices
from assembly.services.follow_up.noticing import give_notices
from assembly.services.follow_up.transitions import Actor
from assembly.services.handlers import Run, StoppedError, perform
from assembly.services.privacy import retention
from tests.assembly.conftest import WORDS
from tests.assembly.engines import Engines
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import Walk, said
from tests.assembly.services.test_jobs import at_once

HANDED_OVER = dt.date(2035, 3, 1)
ASSIGN_DUE = dt.date(2035, 3, 15)
ANSWER_DUE = dt.date(2035, 5, 30)
DAY = dt.timedelta(days=1)
PAGES = Pages("https://buergerrat.example.org")
OFFICE, MAYOR, CHAIR = "ratsbuero@auenfurt.example", "ob@auenfurt.example", "vorsitz@auenfurt.example"
ADDRESSES = (
    ("office", 0, OFFICE),
    ("mayor", 0, MAYOR),
    ("chair", 1, CHAIR),
)
K = NoticeKind


def kinds(course: Course, day: dt.date, duty: Duty = Duty.ANSWER, given: tuple[Notice, ...] = ()) -> list[NoticeKind]:
    """Return the kinds of notices about a duty that are due on a day."""
    return [one.kind for one in due_notices(course, day, given) if one.duty is duty]


def given_day_by_day(
    course: Course, days: Iterable[dt.date], duty: Duty = Duty.ANSWER
) -> list[tuple[dt.date, NoticeKind]]:
    """Return what is given about a duty if somebody looks on these days."""
    given: list[Notice] = []
    said_on = []
    for day in days:
        for one in due_notices(course, day, given):
            given.append(one)
            if one.duty is duty:
                said_on.append((day, one.kind))
    return said_on


def every_day(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + number * DAY for number in range((last - first).days + 1))


def test_each_notice_is_given_once_and_on_its_day() -> None:
    course = Walk().course
    assert course.due(Duty.ANSWER) == ANSWER_DUE
    assert given_day_by_day(course, every_day(HANDED_OVER, ANSWER_DUE + 90 * DAY)) == [
        (ANSWER_DUE - 30 * DAY, K.BEFORE_30),
        (ANSWER_DUE - 14 * DAY, K.BEFORE_14),
        (ANSWER_DUE - 3 * DAY, K.BEFORE_3),
        (ANSWER_DUE + 14 * DAY, K.OVERDUE_14),
        (ANSWER_DUE + 30 * DAY, K.OVERDUE_30),
    ]


@pytest.mark.parametrize(
    ("why", "handed_over"),
    [
        ("the clocks go forward between", dt.date(2034, 12, 24)),
        ("the clocks go back between", dt.date(2034, 7, 20)),
        ("the year ends between", dt.date(2034, 10, 2)),
        ("29 February is between", dt.date(2035, 12, 1)),
    ],
)
def test_days_are_days_of_the_calendar(why: str, handed_over: dt.date) -> None:
    course = Walk(handed_over).course
    due = course.due(Duty.ANSWER)
    assert due is not None, why
    found = given_day_by_day(course, every_day(handed_over, due + 40 * DAY))
    assert [(day - due).days for day, _kind in found] == [-30, -14, -3, 14, 30]


def test_after_days_without_a_worker_only_the_most_urgent_reminder_is_given() -> None:
    course = Walk().course
    looked_at = (ANSWER_DUE - 40 * DAY, ANSWER_DUE - 2 * DAY, ANSWER_DUE - DAY, ANSWER_DUE, ANSWER_DUE + DAY)
    assert given_day_by_day(course, looked_at) == [(ANSWER_DUE - 2 * DAY, K.BEFORE_3)]


def test_after_weeks_without_a_worker_only_the_most_urgent_consequence_is_given() -> None:
    """No reminder of what is overdue, and not the letter to the mayor after the agenda item."""
    course = Walk().course
    assert kinds(course, ANSWER_DUE + 5 * DAY) == []
    assert given_day_by_day(course, every_day(ANSWER_DUE + 45 * DAY, ANSWER_DUE + 99 * DAY)) == [
        (ANSWER_DUE + 45 * DAY, K.OVERDUE_30)
    ]


def test_nobody_is_reminded_on_the_day_on_which_something_begins_to_be_owed() -> None:
    """To assign takes 14 days: a reminder 30 or 14 days before would come with the handover."""
    found = given_day_by_day(Walk().course, every_day(HANDED_OVER, ASSIGN_DUE), Duty.ASSIGN)
    assert found == [(ASSIGN_DUE - 3 * DAY, K.BEFORE_3)]


def test_what_is_done_needs_no_notice() -> None:
    walk = Walk().take(Move.ASSIGN).take(Move.BEGIN_REVIEW).after(70).take(Move.ANSWER)
    assert kinds(walk.course, ANSWER_DUE + 20 * DAY) == []
    assert kinds(walk.course, ANSWER_DUE + 30 * DAY, Duty.DEBATE) == [K.BEFORE_14]


def test_a_moved_day_starts_anew() -> None:
    course = Walk().course
    before = tuple(due_notices(course, ANSWER_DUE - 3 * DAY))
    walk = Walk().until(ANSWER_DUE - 3 * DAY).take(Move.EXTEND, duty="answer", days=60)
    moved = walk.course.due(Duty.ANSWER)
    assert moved is not None
    assert kinds(walk.course, ANSWER_DUE + 20 * DAY, given=before) == []
    assert kinds(walk.course, moved - 30 * DAY, given=before) == [K.BEFORE_30]
    assert kinds(walk.course, moved + 14 * DAY, given=before) == [K.OVERDUE_14]


def test_a_postponed_case_is_quiet_until_it_is_taken_up_and_then_starts_anew() -> None:
    """The application takes it up by itself: nobody is reminded of that."""
    walk = Walk().take(Move.ASSIGN).take(Move.BEGIN_REVIEW).take(Move.ANSWER).take(Move.DEBATE).take(Move.MINUTES)
    until = walk.today + 95 * DAY
    walk.take(Move.DECIDE, outcome="postponed", postponed_until=until)
    assert [one.duty for one in walk.course.open] == [Duty.RESUME]
    assert [one for day in every_day(walk.today, until + 40 * DAY) for one in due_notices(walk.course, day)] == []
    walk.until(until).take(Move.RESUME)
    due = walk.course.due(Duty.ANSWER)
    assert due is not None
    found = given_day_by_day(walk.course, every_day(until, due + 40 * DAY))
    assert [(day - due).days for day, _kind in found] == [-30, -14, -3, 14, 30]


class City:
    """An assembly with cases on both databases, from day to day, and with worker after worker."""

    def __init__(self, sessions: sessionmaker[Session], config: Config, traveller: Any) -> None:
        self.sessions, self.config, self._traveller = sessions, config, traveller
        with sessions.begin() as session:
            user = accounts.create_account(session, email="rat@example.org", name="Lene Marx")
            accounts.grant(session, user, Role.COUNCIL_OFFICE, by=None)
            assembly = assemblies.create_assembly(session, WORDS, by=user)
            self.user_id, self.assembly_id = user.id, assembly.id
            self.case_ids = [one.id for one in hand_over(session, assembly, by=user, on=HANDED_OVER, count=2)]

    def on(self, day: dt.date, hour: int = 6) -> None:
        """Let it be a day, here."""
        self._traveller.move_to(dt.datetime.combine(day, dt.time(hour), ZONE))

    def run(self, stopping: Callable[[], bool] = lambda: False) -> Run:
        """Return a run of the daily job that a worker has claimed."""
        with self.sessions.begin() as session:
            job = jobs.enqueue(session, daily.NOTICES, {})
            claimed = jobs.claim(session, job.id, {daily.NOTICES})
            assert claimed is not None
            return Run(self.sessions, self.config, claimed.id, claimed.attempts, {}, stopping)

    def work(self) -> None:
        """Let a worker do the daily job."""
        give_notices(self.run())

    def enter_addresses(self, *more: tuple[str, int, str]) -> None:
        """Enter whom to write to."""
        with self.sessions.begin() as session:
            for role, addressee, email in (*ADDRESSES, *more):
                values = {"role": role, "addressee": addressee, "email": email}
                by = session.get_one(User, self.user_id)
                contacts.add_contact(session, session.get_one(Assembly, self.assembly_id), values, by=by)

    def move(self, case_id: int, kind: Move, **values: Any) -> None:
        """Take a step."""
        with self.sessions.begin() as session:
            case = session.get_one(Case, case_id)
            by = session.get_one(User, self.user_id)
            cases.move(session, case, kind, said(kind, daily.today(), **values), actor=Actor.OFFICE, by=by)

    def given(self) -> list[tuple[int, Duty, NoticeKind, list[str]]]:
        """Return all notices in their order: case, duty, kind, and as what those were told who were."""
        with self.sessions() as session:
            found = session.scalars(sa.select(CaseNotice).order_by(CaseNotice.case_id, CaseNotice.id)).all()
            return [(one.case_id, one.duty, one.kind, one.told) for one in found]

    def mails(self) -> list[tuple[str | None, str]]:
        """Return to whom mails go, with their subjects, in their order."""
        with self.sessions() as session:
            found = session.scalars(sa.select(Mail).where(Mail.template == outbox.CASE_NOTICES).order_by(Mail.id)).all()
            return [(one.recipient, one.subject) for one in found]

    def logged(self) -> list[dict[str, Any]]:
        """Return what the log says of notices; its chain is whole."""
        with self.sessions() as session:
            entries = list(logbook.entries_of(session, session.get_one(Assembly, self.assembly_id)))
            assert logbook.first_fault(entries) is None
            return [dict(one.details) for one in entries if one.action == "case_notice"]

    def claim(self) -> tuple[bool, Mail]:
        """Let the next mail’s turn come; return whether it is held back, and how it is then."""
        with self.sessions.begin() as session:
            claimed = outbox.claim_next(session)
            assert claimed is not None
            is_held_back = notice_mails.is_held_back(session, claimed, pages=PAGES)
            session.flush()
            session.refresh(claimed)
            session.expunge(claimed)
            return is_held_back, claimed


@pytest.fixture
def city(sessions: sessionmaker[Session], engines: Engines) -> Iterator[City]:
    """A city with two cases, at the day of their handover."""
    with time_machine.travel(dt.datetime.combine(HANDED_OVER, dt.time(12), ZONE), tick=True) as traveller:
        yield City(sessions, engines.config, traveller)


def test_the_worker_does_it_once_a_day(city: City) -> None:
    assert noticing.__name__ in worker.HANDLER_MODULES
    with city.sessions.begin() as session:
        for _ in range(2):
            daily.ask_if_due(session)
        asked = session.scalars(sa.select(Job.kind).where(Job.kind == daily.NOTICES)).all()
        assert asked == [daily.NOTICES]


def test_two_workers_give_each_notice_once_and_in_one_mail(city: City) -> None:
    city.enter_addresses()
    city.on(ASSIGN_DUE - 3 * DAY)
    at_once(*(lambda run=run: give_notices(run) for run in (city.run(), city.run())))
    city.work()
    assert city.given() == [(case_id, Duty.ASSIGN, K.BEFORE_3, ["office"]) for case_id in city.case_ids]
    assert city.mails() == [(OFFICE, "Bald fällig: 2 Sachen zu „Bürgerrat Mobilität“")]
    assert len(city.logged()) == 2


def test_what_a_killed_worker_gave_stays_and_the_next_gives_the_rest(city: City) -> None:
    """It is killed between two assemblies: the first has its notices, the second gets them from the next worker."""
    with city.sessions.begin() as session:
        by = session.get_one(User, city.user_id)
        other = assemblies.create_assembly(session, WORDS | {"title": "Bürgerrat Wohnen"}, by=by)
        later = hand_over(session, other, by=by, on=HANDED_OVER)[0].id
    city.on(ASSIGN_DUE + 14 * DAY)
    answers = iter([False, True])
    with pytest.raises(StoppedError):
        give_notices(city.run(stopping=lambda: next(answers)))
    assert [case_id for case_id, *_ in city.given()] == city.case_ids
    city.work()
    assert [case_id for case_id, *_ in city.given()] == [*city.case_ids, later]


def test_a_worker_that_dies_before_its_commit_has_given_nothing(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, mails and log are one: after the death there is none of them, and then there is each once."""
    city.enter_addresses()
    city.on(ASSIGN_DUE + 14 * DAY)

    def die(*_args: Any, **_values: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(notice_mails.mail, "queue_mail", die)
        with pytest.raises(SystemExit):
            city.work()
    assert (city.given(), city.mails(), city.logged()) == ([], [], [])
    city.work()
    assert (len(city.given()), len(city.mails()), len(city.logged())) == (2, 2, 2)


def test_an_assembly_that_fails_keeps_no_other_waiting_and_fails_the_job(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.on(ASSIGN_DUE + 14 * DAY)
    real = notices.give_due
    monkeypatch.setattr(notices, "assemblies_to_look_at", lambda _session: [city.assembly_id, city.assembly_id])
    seen = []

    def fail_first(session: Session, assembly: Assembly, **values: Any) -> Any:
        seen.append(assembly.id)
        if len(seen) == 1:
            raise ValueError(OFFICE)
        return real(session, assembly, **values)

    monkeypatch.setattr(notices, "give_due", fail_first)
    run = city.run()
    perform(run, daily.NOTICES)
    with city.sessions() as session:
        job = session.get_one(Job, run.job_id)
        assert (job.state, OFFICE in str(job.error)) == (JobState.FAILED, False)
    assert len(city.given()) == 2


def test_without_an_address_the_notice_is_noted_and_nobody_is_told(city: City) -> None:
    city.on(ASSIGN_DUE + 14 * DAY)
    city.work()
    assert city.given() == [(case_id, Duty.ASSIGN, K.OVERDUE_14, []) for case_id in city.case_ids]
    assert city.logged()[0] == {"duty": "assign", "due_on": "2035-03-15", "kind": "overdue_14", "told": []}
    city.enter_addresses()
    city.work()
    assert city.mails() == []


def test_those_are_written_to_whom_it_concerns(city: City) -> None:
    """The office before; after 14 days mayor and chair; after 30 all of them; never another addressee’s chair."""
    city.enter_addresses()
    with city.sessions.begin() as session:
        others = {"role": ContactRole.CHAIR, "addressee": 2, "email": "andere@auenfurt.example"}
        session.add(FollowUpContact(assembly_id=city.assembly_id, **others))
    seen = []
    for days in (-3, 14, 30):
        city.on(ASSIGN_DUE + days * DAY)
        before = len(city.mails())
        city.work()
        seen.append(city.mails()[before:])
    title = "„Bürgerrat Mobilität“"
    agenda = f"Für die Tagesordnung des Rates: 2 überfällige Sachen zu {title}"
    assert seen == [
        [(OFFICE, f"Bald fällig: 2 Sachen zu {title}")],
        [(MAYOR, f"Überfällig: 2 Sachen zu {title}"), (CHAIR, f"Überfällig: 2 Sachen zu {title}")],
        [(MAYOR, agenda), (OFFICE, agenda), (CHAIR, agenda)],
    ]


def test_who_holds_two_offices_gets_one_mail(city: City) -> None:
    city.enter_addresses(("chair", 0, OFFICE), ("mayor", 1, OFFICE))
    city.on(ASSIGN_DUE + 30 * DAY)
    city.work()
    assert sorted(str(recipient) for recipient, _ in city.mails()) == [MAYOR, OFFICE, CHAIR]
    assert [told for *_, told in city.given()] == [["office", "mayor", "chair"]] * 2


def test_a_missed_day_is_made_up_for_and_the_day_is_the_one_here(city: City) -> None:
    """At half past midnight in summer it is still yesterday in Greenwich."""
    before = ANSWER_DUE - 30 * DAY
    city.on(before - DAY, hour=23)
    city.work()
    assert [kind for _, duty, kind, _ in city.given() if duty is Duty.ANSWER] == []
    city.on(before, hour=0)
    city.work()
    assert [kind for _, duty, kind, _ in city.given() if duty is Duty.ANSWER] == [K.BEFORE_30] * 2


def test_what_was_done_before_the_mail_goes_is_not_in_it(city: City) -> None:
    """While the mail server is down, one of two is assigned: the mail is about the other one only."""
    city.enter_addresses()
    city.on(ASSIGN_DUE - 3 * DAY)
    city.work()
    city.move(city.case_ids[0], Move.ASSIGN)
    is_held_back, claimed = city.claim()
    assert (is_held_back, claimed.subject) == (False, "Bald fällig: 1 Sache zu „Bürgerrat Mobilität“")
    assert ("Radweg 1" in claimed.text + claimed.html, "Radweg 2" in claimed.text) == (False, True)


@pytest.mark.parametrize("move", [(Move.ASSIGN, {}), (Move.EXTEND, {"duty": "assign", "days": 20})])
def test_a_mail_goes_out_no_more_if_all_of_it_was_done_or_moved(city: City, move: tuple[Move, Any]) -> None:
    city.enter_addresses()
    city.on(ASSIGN_DUE - 3 * DAY)
    city.work()
    for case_id in city.case_ids:
        city.move(case_id, move[0], **move[1])
    is_held_back, claimed = city.claim()
    assert (is_held_back, claimed.state) == (True, MailState.OUTDATED)


def test_a_mail_that_holds_goes_as_it_was_written(city: City) -> None:
    city.enter_addresses()
    city.on(ASSIGN_DUE - 3 * DAY)
    city.work()
    with city.sessions() as session:
        before = session.scalars(sa.select(Mail.text)).all()
    is_held_back, claimed = city.claim()
    assert (is_held_back, claimed.state, [claimed.text]) == (False, MailState.SENDING, before)


def test_the_log_names_nobody(city: City) -> None:
    city.enter_addresses()
    city.on(ASSIGN_DUE + 30 * DAY)
    city.work()
    with city.sessions() as session:
        written = [str((one.subject, one.details)) for one in session.scalars(sa.select(LogEntry))]
    assert [text for text in written if "@" in text] == []


def test_mails_to_offices_are_not_taken_back_with_those_to_removed_people(city: City) -> None:
    """A mail without person or account counted as one whose person was removed, and was erased before it went."""
    city.enter_addresses()
    city.on(ASSIGN_DUE + 30 * DAY)
    city.work()
    with city.sessions.begin() as session:
        assembly = session.get_one(Assembly, city.assembly_id)
        orphan = outbox.queue_mail(
            session,
            "role_given",
            to="gone@example.org",
            language="de",
            context={"name": "", "role": "witness", "assembly": "", "link": ""},
            assembly=assembly,
        )
        assert retention.delete_mails(session, assembly) == {"mails": 1}
        states = session.scalars(sa.select(Mail.state).where(Mail.id != orphan.id)).all()
        assert set(states) == {MailState.QUEUED}


def test_mails_lead_to_pages_that_there_are(app: Flask, session: Session, assembly: Assembly, organiser: User) -> None:
    case = hand_over(session, assembly, by=organiser, on=HANDED_OVER)[0]
    assembly.is_public = True
    with app.test_request_context():
        staff = url_for("cases.show", assembly_id=assembly.id, case_id=case.id)
        every = url_for("cases.index", assembly_id=assembly.id)
        everyone = url_for("public.recommendation", slug=assembly.slug, recommendation_number=1)
    assert PAGES.cases(assembly) == PAGES.public_url + every
    assert PAGES.case(assembly, case) == PAGES.public_url + everyone
    assembly.is_public = False
    assert PAGES.case(assembly, case) == PAGES.public_url + staff
