"""Every day the head of each log is published: a cut tail is found by whoever kept one."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from assembly.config import Config
from assembly.models import Assembly, LogEntry, PublishedHead
from assembly.services import daily, logbook
from tests.assembly.test_cli import run

DAY = dt.timedelta(days=1)


def publish(session: Session) -> None:
    daily.publish(session)
    session.commit()


def test_each_day_has_one_head_of_each_log(session: Session, assembly: Assembly) -> None:
    publish(session)
    first = logbook.head_of(session, assembly)
    logbook.record(session, assembly, "tested", by=None)
    publish(session)
    assert [head.head for head in daily.published_heads(session, assembly)] == [first]
    with time_machine.travel(dt.datetime.now(dt.UTC) + DAY):
        publish(session)
        heads = daily.published_heads(session, assembly)
    assert [head.head for head in heads] == [logbook.head_of(session, assembly), first]
    assert [head.entries for head in heads] == [3, 2]
    assert heads[0].day - heads[1].day == DAY
    assert daily.published_heads(session, assembly, most=1) == heads[:1]


def test_the_day_is_the_one_here(session: Session, assembly: Assembly) -> None:
    with time_machine.travel(dt.datetime(2027, 6, 30, 22, 30, tzinfo=dt.UTC)):
        publish(session)
    assert daily.published_heads(session, assembly)[0].day == dt.date(2027, 7, 1)


def test_a_log_without_entries_has_the_head_of_nothing(session: Session, assembly: Assembly) -> None:
    session.execute(sa.delete(LogEntry))
    publish(session)
    assert daily.published_heads(session, assembly)[0].head == logbook.NOTHING_BEFORE


@pytest.mark.parametrize("is_cut", [False, True])
def test_the_command_line_verifies_a_published_head(
    session: Session, assembly: Assembly, config: Config, *, is_cut: bool
) -> None:
    logbook.record(session, assembly, "tested", by=None)
    publish(session)
    head = session.scalars(sa.select(PublishedHead.head)).one()
    if is_cut:
        last = session.scalars(sa.select(LogEntry).order_by(LogEntry.number.desc())).first()
        session.delete(last)
    else:
        logbook.record(session, assembly, "went on", by=None)
    slug = assembly.slug
    session.commit()
    answer = run({"ASSEMBLY_DATA": str(config.data_folder)}, "audit", "verify", slug, "--head", head)
    assert (answer.exit_code, "cut or rewritten" in answer.output) == ((1, True) if is_cut else (0, False))
