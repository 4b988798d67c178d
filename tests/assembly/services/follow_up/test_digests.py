"""The weekly mail: on Mondays, what is owed, overdue first, once, and to nobody who owes nothing or wants none."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from assembly.config import Config
from assembly.models import Assembly, Mail, Move, User
from assembly.services import jobs
from assembly.services.daily import DIGESTS, today
from assembly.services.follow_up import assigning, digests, drafts
from tests.assembly.services.follow_up.offices import clerk, unit
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said
from tests.assembly.services.panels import perform

THURSDAY = dt.date(2035, 3, 1)
LINK = "https://buergerrat.example.org/desk/"
SECRET = "Geheim: der Kämmerer zögert"


@pytest.fixture(autouse=True)
def clock() -> Any:
    """All begins on the day of the handover."""
    with time_machine.travel(dt.datetime(2035, 3, 1, 12, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def dora(session: Session, assembly: Assembly, organiser: User) -> User:
    """Whose department owes two answers, of which the second is due first within the city."""
    opened = hand_over(session, assembly, by=organiser, on=THURSDAY, count=2)
    roads = unit(session, "Tiefbauamt", organiser)
    for case, days in zip(opened, (5, 20), strict=True):
        assigning.assign(session, case, roads, [], days_before=days, reason="", by=organiser)
    found = clerk(session, "Dora", roads)
    session.commit()
    return found


def mails(session: Session) -> list[tuple[str | None, str]]:
    """Return to whom digests are, and what they say."""
    found = sa.select(Mail.recipient, Mail.text).where(Mail.template == "digest").order_by(Mail.id)
    return [(to, text) for to, text in session.execute(found)]  # rows are no pairs for the type checker


def test_on_mondays_each_account_gets_one_mail_however_often_the_job_runs(
    session: Session, config: Config, dora: User, clock: Any
) -> None:
    sessions = sessionmaker(session.get_bind())
    counts = []
    for _ in range(8):
        for _twice in range(2):
            jobs.enqueue(session, DIGESTS, {}, unique_key=DIGESTS)
            session.commit()
            perform(sessions, config)
        counts.append(len(mails(session)))
        session.rollback()
        clock.shift(dt.timedelta(days=1))
    assert counts == [0, 0, 0, 0, 1, 1, 1, 1]
    assert mails(session)[0][0] == dora.email


def test_what_is_overdue_stands_first(session: Session, dora: User, clock: Any) -> None:
    clock.move_to(dt.datetime(2035, 5, 14, 9, tzinfo=dt.UTC))
    assert digests.write(session, dora, link=LINK)
    ((_, text),) = mails(session)
    assert re.findall(r"Radweg \d", text) == ["Radweg 2", "Radweg 1"]
    assert text.count("Überfällig seit") == 1
    assert text.index("Überfällig seit") < text.index("Radweg 1")


def test_who_owes_nothing_or_wants_no_mail_gets_none(session: Session, dora: User) -> None:
    """The switch is of the account alone, and works both ways."""
    nele = clerk(session, "Nele")
    assert not digests.write(session, nele, link=LINK)
    assert mails(session) == []
    assert list(digests.readers(session)) == [dora.id, nele.id]
    for on in (False, False, True, True):
        digests.switch(session, dora, on=on)
        assert digests.wants(session, dora) is on
        assert list(digests.readers(session)) == ([dora.id, nele.id] if on else [nele.id])


def test_the_mayors_office_is_told_what_waits_and_nothing_of_what_it_says(
    session: Session, dora: User, organiser: User
) -> None:
    paul = clerk(session, "Paul", unit(session, "Oberbürgermeisterin", organiser, approves=True))
    assert not digests.write(session, paul, link=LINK)
    (case, _) = [task.case for task in digests.desks.tasks_of(session, dora)]
    values = said(Move.ANSWER, today(), summary=SECRET)
    drafts.submit(session, drafts.save(session, case, Move.ANSWER, values, base=0, by=dora), by=dora)
    assert digests.write(session, paul, link=LINK)
    ((_, text),) = mails(session)
    assert (re.findall(r"Radweg \d", text), SECRET in text) == (["Radweg 2"], False)


def test_the_link_leads_to_the_desk(app: Flask) -> None:
    assert app.url_map.bind("localhost").build("desk.index") == digests.DESK_PAGE
