"""What is kept of experts: nothing in the log, and what is not public only for its time."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from assembly.models import (
    Assembly,
    Expert,
    ExpertState,
    Gender,
    User,
)
from assembly.services import logbook
from assembly.services.errors import ConflictError, RuleError
from assembly.services.experts import inviting
from assembly.services.privacy import programme
from assembly.services.privacy.deadlines import schedule_of
from assembly.services.privacy.declaring import Deadline
from tests.assembly.services.panels import REPLACEMENT, DrawnPanel
from tests.assembly.services.test_expert_inputs import ACCEPTED, propose


def test_an_invitation_goes_one_way_after_the_other_and_the_log_names_nobody(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    expert = propose(session, assembly, organiser, chosen_by="", interests="Aktien von Quastenflosser")
    with pytest.raises(RuleError, match="who chose"):
        inviting.move(session, expert, ExpertState.INVITED, by=organiser)
    inviting.change_expert(session, expert, {"chosen_by": "Quastenflosser"}, perspectives=(), by=organiser)
    for state in (*ACCEPTED, ExpertState.WITHDRAWN, ExpertState.PROPOSED, ExpertState.INVITED, ExpertState.DECLINED):
        inviting.move(session, expert, state, by=organiser)
    with pytest.raises(ConflictError, match="changed meanwhile"):
        inviting.move(session, expert, ExpertState.ACCEPTED, by=organiser)
    inviting.remove_expert(session, expert, by=organiser)
    entries = [entry for entry in logbook.entries_of(session, assembly) if entry.subject == f"expert:{expert.id}"]
    assert [entry.action for entry in entries] == [
        "expert_proposed",
        "expert_changed",
        *["expert_moved"] * 6,
        "expert_removed",
    ]
    assert entries[2].details == {"before": "proposed", "after": "invited"}
    assert not any(mark in str(entry.details) for entry in entries for mark in ("Quastenflosser", "Blume"))


def test_experts_who_were_not_heard_and_what_is_not_public_go_on_time(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        assembly.result_date = (REPLACEMENT + dt.timedelta(days=100)).date()
        about = {"gender": Gender.FEMALE, "fee": 300}
        heard = propose(session, assembly, organiser, moves=ACCEPTED, **about)
        propose(session, assembly, organiser, "Nur vorgeschlagen", **about)
        due = schedule_of(session, assembly).due[Deadline.MEMBERS]
        assert due
        assert programme.delete_experts(session, assembly) == {}
        drawn.traveller.move_to(due + dt.timedelta(hours=1))
        assert programme.delete_experts(session, assembly) == {"experts": 2}
        assert programme.delete_experts(session, assembly) == {}
        session.refresh(heard)
        assert [(one.name, one.gender, one.fee) for one in session.query(Expert)] == [("Ada Blume", None, None)]
