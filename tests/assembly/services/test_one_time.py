"""One-time codes: few trials, also of those who try at the same moment."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assembly.models import Channel, Member, Status
from assembly.services.members import one_time
from assembly.services.panel import calling
from tests.assembly.services.panels import DrawnPanel, members_in
from tests.assembly.services.test_jobs import at_once


def test_trials_at_the_same_moment_are_all_counted(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        one = members_in(session, Status.DRAWN)[0]
        calling.confirm(session, one, channel=Channel.MAIL, language="de", by=organiser)
        code, member_id = one_time.read_out(session, session.get_one(Member, one.id), by=organiser), one.id

    def is_right(session: Session, typed: str) -> bool:
        return one_time.is_right(session, session.get_one(Member, member_id), typed)

    def guess() -> None:
        with drawn.sessions.begin() as session:
            assert not is_right(session, "000000" if code != "000000" else "111111")

    at_once(*[guess] * one_time.TRIES)
    with drawn.sessions.begin() as session:
        assert not is_right(session, code)
