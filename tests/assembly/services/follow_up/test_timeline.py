"""The follow-up month by month: every month once, none left out, nothing of what is not public."""

from __future__ import annotations

import datetime as dt

import time_machine
from sqlalchemy.orm import Session

from assembly.models import Assembly, Move, User
from assembly.services.daily import today
from assembly.services.follow_up import cases, timeline
from assembly.services.follow_up.transitions import Actor
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said


def test_each_month_counts_what_was_done_in_it(session: Session, assembly: Assembly, organiser: User) -> None:
    with time_machine.travel(dt.datetime(2035, 11, 30, 12, tzinfo=dt.UTC)) as traveller:
        opened = hand_over(session, assembly, by=organiser, on=today(), count=2)
        first, second = opened[:2]
        for case, moves in ((first, (Move.ASSIGN, Move.BEGIN_REVIEW)), (second, (Move.ASSIGN,))):
            for move in moves:
                cases.move(session, case, move, said(move, today()), actor=Actor.OFFICE, by=organiser)
        traveller.move_to(dt.datetime(2036, 2, 1, 12, tzinfo=dt.UTC))
        cases.move(session, first, Move.ANSWER, said(Move.ANSWER, today()), actor=Actor.OFFICE, by=organiser)
        months = timeline.timeline_of(session, assembly)
        everywhere = timeline.timeline_of(session, None)
    assert [one.first for one in months] == [
        dt.date(2035, 11, 1),
        dt.date(2035, 12, 1),
        dt.date(2036, 1, 1),
        dt.date(2036, 2, 1),
    ]
    assert [one.opened for one in months] == [len(opened), 0, 0, 0]
    assert [(one.taken.total(), one.others, one.taken[Move.ANSWER]) for one in months] == [
        (3, 3, 0),
        (0, 0, 0),
        (0, 0, 0),
        (1, 0, 1),
    ]
    assert everywhere == []
