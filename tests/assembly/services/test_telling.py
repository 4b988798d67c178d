"""Telling people the result of the draw, and what of it counts as an attempt to reach them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, AttemptOutcome, Channel, Job, JobState, Mail, MailState, Status
from assembly.services.errors import ConflictError
from assembly.services.handlers import Run
from assembly.services.panel import attempts, telling
from tests.assembly.services.panels import REPLACEMENT, WEEK, DrawnPanel, attempt, members_in, perform


def test_everybody_is_told_once_by_mail_or_letter(drawn: DrawnPanel) -> None:
    """Nobody gets two of a kind, however often it is started."""
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        by_post = members_in(session, Status.DRAWN)[0]
        assert by_post.contact is not None
        by_post.contact.email = ""
        for letter in telling.Letter:
            telling.start(session, assembly, letter, by=organiser)
    perform(drawn.sessions, drawn.config)
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        kinds = sa.select(Mail.template, Mail.state, sa.func.count()).where(Mail.template.like("panel%"))
        found = session.execute(kinds.group_by(Mail.template, Mail.state).order_by(Mail.template, Mail.state)).all()
        assert [tuple(row) for row in found] == [
            ("panel_drawn", MailState.QUEUED, 3),
            ("panel_drawn", MailState.TO_PRINT, 1),
            ("panel_not_drawn", MailState.QUEUED, 8),
        ]
        drawn_people = members_in(session, Status.DRAWN)
        assert [attempts.attempts_of(session, one) for one in drawn_people] == [[]] * 4  # nothing has left the house
        with pytest.raises(ConflictError, match="nobody left"):
            telling.start(session, assembly, telling.Letter.DRAWN, by=organiser)
        test = telling.send_test(session, assembly, telling.Letter.DRAWN, by=organiser)
        assert (test.recipient, test.deed) == (organiser.email, None)


def test_before_the_draw_the_preview_invents_no_day(session: Session, assembly: Assembly) -> None:
    """Real mails name the day on which data are deleted; without a draw there is none."""
    _, text = telling.preview(session, assembly, telling.Letter.NOT_DRAWN, name="Olga", language="en")
    assert "the days follow from the draw rule" in text
    assert not re.search(r"\b20\d\d\b", text)


def told(drawn: DrawnPanel, state: MailState, reply: str | None = None) -> None:
    """Let the mail to the first drawn person come into a state, past the mail server."""
    with drawn.sessions.begin() as session:
        one = members_in(session, Status.DRAWN)[0]
        values = {"state": state, "finished_at": now(), "reply": reply}
        session.execute(
            sa.update(Mail).where(Mail.respondent_id == one.id, Mail.template == "panel_drawn").values(values)
        )


@pytest.mark.parametrize(
    ("state", "counts_as", "lacking"),
    [
        (MailState.QUEUED, None, "Try a second channel first."),
        (MailState.SENDING, None, "Try a second channel first."),
        (MailState.PERHAPS_SENT, None, "Try a second channel first."),
        (MailState.TO_PRINT, None, "Try a second channel first."),
        (MailState.SENT, (Channel.MAIL, AttemptOutcome.SENT, ""), None),
        (MailState.PRINTED, (Channel.LETTER, AttemptOutcome.SENT, ""), None),
        (
            MailState.REFUSED,
            (Channel.MAIL, AttemptOutcome.UNDELIVERABLE, "550 unknown"),
            "Write to the person first: by mail, SMS or letter.",
        ),
    ],
)
def test_a_mail_counts_as_what_became_of_it(
    drawn: DrawnPanel, state: MailState, counts_as: tuple[Channel, AttemptOutcome, str] | None, lacking: str | None
) -> None:
    """What is queued or refused, and letters that nobody printed, reached nobody."""
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        attempt(session, members_in(session, Status.DRAWN)[0], Channel.PHONE, organiser)
        telling.start(session, assembly, telling.Letter.DRAWN, by=organiser)
    perform(drawn.sessions, drawn.config)
    drawn.traveller.shift(dt.timedelta(minutes=1))
    told(drawn, state, reply="550 unknown")
    drawn.traveller.shift(WEEK)
    with drawn.sessions.begin() as session:
        assembly, _ = drawn.load(session)
        one = members_in(session, Status.DRAWN)[0]
        found = attempts.attempts_of(session, one)
        last = attempts.last_attempts(session, assembly)
        seen = [(a.channel, a.outcome, a.note) for a in found if a.channel is not Channel.PHONE]
        assert seen == ([counts_as] if counts_as else [])
        assert dataclasses.replace(last[one.id], by=found[0].by) == found[0]
        assert len(last) == 1
        assert attempts.lacking_for_not_reached(found) == lacking


def test_two_jobs_at_once_tell_everybody_once(drawn: DrawnPanel) -> None:
    """Two clicks, two workers: one mail each."""
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        for _ in range(2):
            telling.start(session, assembly, telling.Letter.DRAWN, by=organiser)
    with drawn.sessions.begin() as session:
        ids = session.scalars(sa.select(Job.id).where(Job.kind == "panel_mails")).all()
        session.execute(sa.update(Job).where(Job.id.in_(ids)).values(state=JobState.RUNNING, attempts=1))
    ready, failures = threading.Barrier(2), []

    def work(job_id: int) -> None:
        ready.wait()
        try:
            telling.tell(Run(drawn.sessions, drawn.config, job_id, 1, {"letter": "panel_drawn"}))
        except Exception as error:  # a thread's failure is the test's
            failures.append(error)

    threads = [threading.Thread(target=work, args=(job_id,)) for job_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with drawn.sessions.begin() as session:
        written = session.scalars(sa.select(Mail.respondent_id).where(Mail.template == "panel_drawn")).all()
        assert sorted(str(one) for one in written) == sorted(str(m.id) for m in members_in(session, Status.DRAWN))


def test_what_is_no_address_for_mail_becomes_a_letter_or_is_listed(drawn: DrawnPanel) -> None:
    """By the one rule of who can be reached how."""
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        by_post, nowhere, *_ = members_in(session, Status.DRAWN)
        for one in (by_post, nowhere):
            assert one.contact is not None
            one.contact.email = "unknown"
        assert nowhere.contact is not None
        nowhere.contact.postcode = nowhere.contact.city = ""
        session.flush()
        assert telling.waiting(session, assembly, telling.Letter.DRAWN) == 3
        assert telling.unreachable(session, assembly, telling.Letter.DRAWN) == [nowhere]
        telling.start(session, assembly, telling.Letter.DRAWN, by=organiser)
        ids = (by_post.id, nowhere.id)
    perform(drawn.sessions, drawn.config)
    with drawn.sessions.begin() as session:
        found = session.execute(sa.select(Mail.respondent_id, Mail.state).where(Mail.respondent_id.in_(ids))).all()
        assert [tuple(row) for row in found] == [(ids[0], MailState.TO_PRINT)]


def test_who_was_not_drawn_is_told_until_when_they_may_be(drawn: DrawnPanel) -> None:
    """A replacement date that is to come is named; after the last of them, the day of the deletion."""
    told_ = {"name": "Eva", "language": "en"}
    with drawn.sessions.begin() as session:
        assembly, _ = drawn.load(session)
        _, text = telling.preview(session, assembly, telling.Letter.NOT_DRAWN, **told_)
        assert "You stay in this draw until 10 April 2035" in text
        drawn.traveller.move_to(REPLACEMENT + dt.timedelta(days=1))
        _, text = telling.preview(session, assembly, telling.Letter.NOT_DRAWN, **told_)
        assert ("You stay" in text, "Your data will be deleted on 10 May 2035." in text) == (False, True)
