"""What the engine must never give, and the application must never keep: tickets that break a rule, proven or not."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import Job, JobState, Lottery, LotteryState, Status
from assembly.services import handlers, jobs, lotteries
from assembly.services.handlers import Run
from assembly.services.panel import calling, replacing
from assembly.services.solving import Report, solve_in_child, summary_of
from sortition.lottery_file import lottery_document, parse_lottery
from tests.assembly.services.panels import START, DrawnPanel, drawn_panel
from tests.assembly.services.test_draws import Hall, hall  # noqa: F401  # the fixture
from tests.assembly.services.test_panel import members_in

REFUSED = "do not meet all rules"
original = replacing.replace_in_child


def broken(made: tuple[bytes, dict[str, Any]]) -> tuple[bytes, dict[str, Any]]:
    """Exchange one seat of the first ticket for somebody of another value; the proof stays as it was."""
    lottery = parse_lottery(json.loads(made[0]), name="lottery.json")
    entries, tickets = lottery.instance.entries, lottery.tickets.copy()
    leaving = next(i for i in tickets[0] if entries[i].id not in lottery.instance.required)
    comes = next(i for i, one in enumerate(entries) if i not in tickets[0] and one.values != entries[leaving].values)
    tickets[0][tickets[0] == leaving] = comes
    chances = np.bincount(tickets.ravel(), minlength=len(entries)) / len(tickets)
    doctored = dataclasses.replace(lottery, tickets=tickets, selection_probability=chances)
    return json.dumps(lottery_document(doctored)).encode(), made[1] | summary_of(doctored)


def solve_broken(instance: Any, seed: int | None, report: Report) -> tuple[bytes, dict[str, Any]]:
    """What runs in the child process instead of the engine."""
    return broken(solve_in_child(instance, seed, report))


def replace_broken(*arguments: Any) -> tuple[bytes, dict[str, Any]]:
    """What runs in the child process instead of the engine, for a replacement."""
    return broken(original(*arguments))


def perform(sessions: sessionmaker[Session], config: Any, kind: str) -> str:
    """Do the waiting job of a kind as a worker does, and return why it failed."""
    with sessions.begin() as session:
        waiting = session.scalars(sa.select(Job.id).where(Job.kind == kind, Job.state == JobState.QUEUED)).one()
        job = jobs.claim(session, waiting, frozenset({kind}))
        assert job
        run = Run(sessions, config, job.id, job.attempts, job.payload)
    handlers.perform(run, kind)
    with sessions() as session:
        ended = session.get_one(Job, run.job_id)
        assert ended.state is JobState.FAILED
        return ended.error or ""


def test_a_proven_lottery_with_a_broken_ticket_is_not_kept(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job says what is wrong; the lottery holds no result, and the next one starts afresh and is solved."""
    with hall.sessions.begin() as session:
        made = lotteries.start_lottery(
            session, hall.assembly(session), is_rehearsal=False, by=hall.organiser(session)
        ).id
    with monkeypatch.context() as patched:
        patched.setattr(lotteries, "solve_in_child", solve_broken)
        assert REFUSED in perform(hall.sessions, hall.engines.config, "lottery")
    with hall.sessions() as session:
        lottery = session.get_one(Lottery, made)
        assert (lottery.state, lottery.document, lottery.summary) == (LotteryState.COMPUTING, None, {})
    again = hall.compute()
    with hall.sessions() as session:
        assert session.get_one(Lottery, made).state is LotteryState.FAILED
        assert session.get_one(Lottery, again).state is LotteryState.SOLVED


def test_nor_is_a_replacement(sessions: sessionmaker[Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with time_machine.travel(START, tick=True) as traveller:
        drawn: DrawnPanel = drawn_panel(sessions, tmp_path, traveller)
        with sessions.begin() as session:
            assembly, organiser = drawn.load(session)
            calling.decline(session, members_in(session, Status.DRAWN)[0], by=organiser)
            made = replacing.start(session, assembly, by=organiser).id
        monkeypatch.setattr(replacing, "replace_in_child", replace_broken)
        assert REFUSED in perform(sessions, drawn.config, "replacement")
        with sessions() as session:
            assert session.get_one(Lottery, made).document is None
