"""The members' follow-up group: elected from those who agreed, drafting together, published by more than half."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import (
    Audience,
    Case,
    CaseState,
    CaseStep,
    Channel,
    ConsentKind,
    GroupChoice,
    GroupProposal,
    GroupVote,
    LogEntry,
    Mail,
    Member,
    Move,
    ProposalState,
    Respondent,
    Status,
)
from assembly.services import daily
from assembly.services.errors import ConflictError, ForbiddenError, NotFoundError, RuleError
from assembly.services.follow_up import cases, group_mail, groups, proposals
from assembly.services.follow_up.transitions import Actor
from assembly.services.members import consents
from assembly.services.messages import announcements, truth
from assembly.services.panel import calling
from assembly.services.privacy import retention
from assembly.services.privacy.deadlines import PERIODS, schedule_of
from assembly.services.privacy.declaring import Deadline
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said
from tests.assembly.services.panels import START, DrawnPanel, drawn_panel, members_in

DAY = dt.timedelta(days=1)


@pytest.fixture
def panel(sessions: sessionmaker[Session], tmp_path: Path) -> Iterator[DrawnPanel]:
    """Four confirmed members, who all agreed to be written to."""
    with time_machine.travel(START, tick=True) as traveller:
        made = drawn_panel(sessions, tmp_path, traveller)
        with sessions.begin() as session:
            _, organiser = made.load(session)
            for one in members_in(session, Status.DRAWN):
                calling.confirm(session, one, channel=Channel.MAIL, language="de", by=organiser)
                consents.give(session, session.get_one(Member, one.id), ConsentKind.FOLLOW_UP, by=None)
        yield made


@pytest.fixture
def session(sessions: sessionmaker[Session], panel: DrawnPanel) -> Iterator[Session]:
    """A session in which the panel is."""
    with sessions() as made:
        yield made


def people(session: Session) -> list[Member]:
    return list(session.scalars(sa.select(Member).order_by(Member.respondent_id)))


def answered(session: Session, panel: DrawnPanel) -> Case:
    """Hand a recommendation over, and answer it."""
    assembly, organiser = panel.load(session)
    case = hand_over(session, assembly, by=organiser, on=daily.today())[0]
    for move in (Move.ASSIGN, Move.BEGIN_REVIEW, Move.ANSWER):
        cases.move(session, case, move, said(move, daily.today()), actor=Actor.OFFICE, by=organiser)
    return case


def elect(session: Session, panel: DrawnPanel, *members: Member) -> None:
    assembly, organiser = panel.load(session)
    numbers = [one.respondent_id for one in members]
    groups.record_election(session, assembly, numbers, held_on=daily.today(), took_part=4, by=organiser)


def test_only_those_who_agreed_are_elected_and_the_newest_election_holds(session: Session, panel: DrawnPanel) -> None:
    assembly, organiser = panel.load(session)
    first, second, third, fourth = people(session)
    consents.end(session, fourth, ConsentKind.FOLLOW_UP, by=None)
    assert list(groups.those_who_agree(session, assembly)) == [first, second, third]

    def refused(numbers: list[int], held_on: dt.date | None, took_part: int | None) -> str | None:
        with pytest.raises(RuleError) as caught:
            groups.record_election(session, assembly, numbers, held_on=held_on, took_part=took_part, by=organiser)
        return caught.value.field

    today, both = daily.today(), [first.respondent_id, second.respondent_id]
    assert refused([fourth.respondent_id], today, 4) == "elected"
    assert refused([], today, 4) == "elected"
    assert refused(both, None, 4) == refused(both, today + DAY, 4) == "held_on"
    assert refused(both, today, None) == refused(both, today, 1) == refused(both, today, 5) == "took_part"
    assert list(groups.group_of(session, assembly)) == []
    elect(session, panel, first, second)
    assert list(groups.group_of(session, assembly)) == [first, second]
    elect(session, panel, second, third)
    assert list(groups.group_of(session, assembly)) == [second, third]
    consents.end(session, third, ConsentKind.FOLLOW_UP, by=None)
    groups.leave(session, second, by=None)
    assert list(groups.group_of(session, assembly)) == []
    with pytest.raises(ConflictError):
        groups.leave(session, second, by=None)
    entry = session.scalars(sa.select(LogEntry).where(LogEntry.action == "group_elected")).first()
    assert entry is not None
    assert entry.details == {"held_on": today.isoformat(), "votes_cast": 4, "members": 2}


def test_what_more_than_half_are_for_is_published_and_nobody_s_vote_stays(session: Session, panel: DrawnPanel) -> None:
    assembly, _ = panel.load(session)
    case = answered(session, panel)
    first, second, third, outside = people(session)
    elect(session, panel, first, second, third)
    found = proposals.possible_for(session, assembly)
    assert [(one.move, one.about) for one in found] == [(Move.ASK_BETTER, None), (Move.REPLY, 3)]
    with pytest.raises(ForbiddenError):
        proposals.begin(session, outside, found[0], "Zu kurz.")
    made = proposals.begin(session, first, found[0], " Zu kurz. ")
    assert [one.move for one in proposals.possible_for(session, assembly)] == [Move.REPLY]
    with pytest.raises(ConflictError):
        proposals.begin(session, second, found[0], "Auch das.")
    proposals.change(session, second, made, "Die Kosten fehlen.", version=1)
    with pytest.raises(ConflictError, match="Somebody else has changed"):
        proposals.change(session, third, made, "Alles fehlt.", version=1)
    proposals.open_vote(session, first, made)
    with pytest.raises(ConflictError):
        proposals.change(session, second, made, "Doch anders.", version=2)
    with pytest.raises(ForbiddenError):
        proposals.vote(session, outside, made, GroupChoice.YES)
    assert proposals.vote(session, first, made, GroupChoice.NO) is ProposalState.VOTING
    assert proposals.vote(session, first, made, GroupChoice.YES) is ProposalState.VOTING
    assert len(cases.course_of_case(case).steps) == 3
    assert proposals.vote(session, third, made, GroupChoice.YES) is ProposalState.PUBLISHED
    session.expire_all()
    step = session.get_one(CaseStep, (case.id, 4))
    assert (step.move, step.facts, case.state) == (
        Move.ASK_BETTER,
        {"reasons": "Die Kosten fehlen."},
        CaseState.UNDER_REVIEW,
    )
    assert (made.yes, made.no, made.abstained) == (2, 0, 0)
    assert session.scalars(sa.select(GroupVote)).all() == []
    actions = session.scalars(sa.select(LogEntry).order_by(LogEntry.number.desc())).all()[:3]
    assert [one.action for one in actions] == ["case_step", "group_proposal_published", "group_vote_opened"]
    assert "Kosten" not in str([one.details for one in actions])


def test_what_is_redacted_goes_from_the_proposal_too(session: Session, panel: DrawnPanel) -> None:
    _, organiser = panel.load(session)
    case = answered(session, panel)
    first = people(session)[0]
    elect(session, panel, first)
    made = proposals.begin(session, first, proposals.wanted_in(case, Move.REPLY, 3), "Frau Muster von nebenan lügt.")
    proposals.open_vote(session, first, made)
    proposals.vote(session, first, made, GroupChoice.YES)
    order = said(Move.REDACT, daily.today(), step=4, facts=["reply"], ordered_on=daily.today())
    cases.move(session, case, Move.REDACT, order, actor=Actor.OFFICE, by=organiser)
    session.flush()
    assert made.text == ""


def test_staff_note_a_vote_once_and_the_log_says_so_without_it(session: Session, panel: DrawnPanel) -> None:
    _, organiser = panel.load(session)
    case = answered(session, panel)
    first, second, third, _outside = people(session)
    elect(session, panel, first, second, third)
    made = proposals.begin(session, first, proposals.wanted_in(case, Move.REPLY, 3), "Danke.")
    proposals.open_vote(session, first, made)
    proposals.vote(session, first, made, GroupChoice.NO)
    with pytest.raises(ConflictError):
        proposals.vote(session, first, made, GroupChoice.YES, by=organiser)
    proposals.vote(session, second, made, GroupChoice.YES, by=organiser)
    entry = session.scalars(sa.select(LogEntry).order_by(LogEntry.number.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor_id) == ("group_vote_noted", organiser.id)
    assert entry.details == {"move": "reply", "member": second.respondent_id}


def test_who_leaves_decides_no_more_and_what_is_decided_then_is_published(session: Session, panel: DrawnPanel) -> None:
    assembly, _ = panel.load(session)
    case = answered(session, panel)
    first, second, third, fourth = people(session)
    elect(session, panel, first, second, third, fourth)
    made = proposals.begin(session, first, proposals.wanted_in(case, Move.REPLY, 3), "Danke.")
    proposals.open_vote(session, first, made)
    for one in (first, second):
        proposals.vote(session, one, made, GroupChoice.YES)
    assert made.state is ProposalState.VOTING
    groups.leave(session, fourth, by=None)
    proposals.settle(session, assembly)
    assert (made.state, made.yes) == (ProposalState.PUBLISHED, 2)


def test_who_agrees_no_longer_decides_no_more(session: Session, panel: DrawnPanel) -> None:
    """Votes are counted again before the next mail, however somebody lost their voice."""
    assembly, _ = panel.load(session)
    case = answered(session, panel)
    group = people(session)
    elect(session, panel, *group)
    made = proposals.begin(session, group[0], proposals.wanted_in(case, Move.REPLY, 3), "Danke.")
    proposals.open_vote(session, group[0], made)
    for one in group[:2]:
        proposals.vote(session, one, made, GroupChoice.YES)
    consents.end(session, group[3], ConsentKind.FOLLOW_UP, by=None)
    group_mail.write_to_group(session, assembly, config=panel.config)
    assert (made.state, made.yes) == (ProposalState.PUBLISHED, 2)


@pytest.mark.parametrize("second_choice", [GroupChoice.NO, GroupChoice.ABSTAINED])
def test_what_can_win_no_more_is_given_up(session: Session, panel: DrawnPanel, second_choice: GroupChoice) -> None:
    assembly, _ = panel.load(session)
    case = answered(session, panel)
    group = people(session)
    elect(session, panel, *group)
    reply = proposals.wanted_in(case, Move.REPLY, 3)
    made = proposals.begin(session, group[0], reply, "Danke.")
    proposals.open_vote(session, group[0], made)
    proposals.vote(session, group[0], made, GroupChoice.YES)
    proposals.vote(session, group[1], made, GroupChoice.NO)
    proposals.reopen(session, group[2], made)
    assert (made.state, made.votes) == (ProposalState.DRAFT, [])
    proposals.open_vote(session, group[0], made)
    assert proposals.vote(session, group[2], made, GroupChoice.NO) is ProposalState.VOTING
    assert proposals.vote(session, group[3], made, second_choice) is ProposalState.DROPPED
    assert len(cases.course_of_case(case).steps) == 3
    assert reply in proposals.possible_for(session, assembly)


def test_a_proposal_whose_time_is_over_is_not_published(session: Session, panel: DrawnPanel) -> None:
    """The case goes on while the group votes: the vote then changes nothing, and the group can give it up."""
    _, organiser = panel.load(session)
    case = answered(session, panel)
    first, second, *_ = people(session)
    elect(session, panel, first, second)
    made = proposals.begin(session, first, proposals.wanted_in(case, Move.ASK_BETTER, None), "Zu kurz.")
    proposals.open_vote(session, first, made)
    proposals.vote(session, first, made, GroupChoice.YES)
    cases.move(session, case, Move.DEBATE, said(Move.DEBATE, daily.today()), actor=Actor.OFFICE, by=organiser)
    with pytest.raises(ConflictError):
        proposals.vote(session, second, made, GroupChoice.YES)
    assert (made.state, len(made.votes)) == (ProposalState.VOTING, 1)
    proposals.reopen(session, second, made)
    with pytest.raises(ConflictError):
        proposals.open_vote(session, second, made)
    proposals.drop(session, second, made)
    assert made.state is ProposalState.DROPPED


def test_only_what_the_group_says_can_be_wanted(session: Session, panel: DrawnPanel) -> None:
    case = answered(session, panel)
    for move, about in ((Move.DECIDE, None), (Move.REPLY, None), (Move.ASK_BETTER, 3)):
        with pytest.raises(NotFoundError):
            proposals.wanted_in(case, move, about)
    first = people(session)[0]
    elect(session, panel, first)
    wanted = proposals.wanted_in(case, Move.REPLY, 3)
    with pytest.raises(RuleError):
        proposals.begin(session, first, wanted, "  ")
    with pytest.raises(RuleError):
        proposals.begin(session, first, wanted, "x" * 50_001)
    assert session.scalars(sa.select(GroupProposal)).all() == []


def test_organisers_write_to_those_who_agreed(session: Session, panel: DrawnPanel) -> None:
    assembly, organiser = panel.load(session)
    first, *others = people(session)
    for one in others:
        consents.end(session, one, ConsentKind.FOLLOW_UP, by=None)
    texts = {"subject": "Sitzung", "text": "Kommen Sie?", "plain_text": "", "english_subject": "", "english_text": ""}
    whom = {"audience": Audience.FOLLOW_UP, "event_id": None, "table_number": None}
    drafted = announcements.draft(session, assembly, texts | whom, by=organiser)
    assert announcements.send(session, drafted, page="https://example.org/m/", has_gateway=False, by=organiser) == 1
    written = session.scalars(sa.select(Mail).where(Mail.subject == "Sitzung")).one()
    assert written.respondent_id == first.respondent_id


def sent(session: Session) -> list[tuple[int | None, str]]:
    found = sa.select(Mail).where(Mail.template == truth.FOLLOW_UP).order_by(Mail.id)
    return [(one.respondent_id, one.text) for one in session.scalars(found)]


def test_the_group_is_written_to_once_a_day_if_something_waits(session: Session, panel: DrawnPanel) -> None:
    """An answer and a vote in one mail; then only a week later, and only to whoever has not voted."""
    assembly, _ = panel.load(session)
    first, second, third, _outside = people(session)
    elect(session, panel, first, second, third)
    assert group_mail.write_to_group(session, assembly, config=panel.config) == 0
    panel.traveller.shift(DAY)
    case = answered(session, panel)
    made = proposals.begin(session, first, proposals.wanted_in(case, Move.REPLY, 3), "Danke.")
    proposals.open_vote(session, first, made)
    proposals.vote(session, first, made, GroupChoice.YES)
    assert group_mail.write_to_group(session, assembly, config=panel.config) == 3
    texts = dict(sent(session))
    assert set(texts) == {first.respondent_id, second.respondent_id, third.respondent_id}
    assert ("auf Ihre Stimme" in texts[first.respondent_id], "auf Ihre Stimme" in texts[second.respondent_id]) == (
        False,
        True,
    )
    for _again in range(2):
        assert group_mail.write_to_group(session, assembly, config=panel.config) == 0
    panel.traveller.shift(DAY)
    assert group_mail.write_to_group(session, assembly, config=panel.config) == 0
    panel.traveller.shift(6 * DAY)
    assert group_mail.write_to_group(session, assembly, config=panel.config) == 2
    assert [number for number, _ in sent(session)[3:]] == [second.respondent_id, third.respondent_id]
    assert group_mail.write_to_group(session, assembly, config=panel.config) == 0


def test_who_agreed_stays_until_the_follow_up_is_over_and_nobody_else(
    sessions: sessionmaker[Session], session: Session, panel: DrawnPanel
) -> None:
    assembly, organiser = panel.load(session)
    first, second, third, fourth = people(session)
    case = answered(session, panel)
    elect(session, panel, first, second)
    for one in (third, fourth):
        consents.end(session, one, ConsentKind.FOLLOW_UP, by=None)
    schedule = schedule_of(session, assembly)
    assert schedule.due[Deadline.FOLLOW_UP] is None
    due = schedule.due[Deadline.MEMBERS]
    assert due is not None

    def kept() -> list[int]:
        session.commit()
        with sessions.begin() as fresh:
            while retention.delete_members(fresh, panel.load(fresh)[0]):
                pass
        session.expire_all()
        return [one.respondent_id for one in people(session) if one.respondent.cleared_at is None]

    session.commit()
    panel.traveller.move_to(due + DAY)
    assert kept() == [first.respondent_id, second.respondent_id]
    assert list(groups.group_of(session, assembly)) == [first, second]
    consents.end(session, second, ConsentKind.FOLLOW_UP, by=None)
    session.commit()
    assert kept() == [first.respondent_id]
    today = daily.today()
    decision = said(Move.DECIDE, today, outcome="rejected")
    cases.move(session, case, Move.DEBATE, said(Move.DEBATE, today), actor=Actor.OFFICE, by=organiser)
    cases.move(session, case, Move.MINUTES, said(Move.MINUTES, today), actor=Actor.OFFICE, by=organiser)
    cases.move(session, case, Move.DECIDE, decision, actor=Actor.OFFICE, by=organiser)
    panel.traveller.shift(40 * DAY)
    for one in session.scalars(sa.select(Case).where(Case.id != case.id)):
        session.delete(one)
    cases.move(session, case, Move.CLOSE, said(Move.CLOSE, daily.today()), actor=Actor.OFFICE, by=organiser)
    session.commit()
    panel.traveller.shift(PERIODS[Deadline.FOLLOW_UP] - DAY)
    assert kept() == [first.respondent_id]
    panel.traveller.shift(3 * DAY)
    assert kept() == []
    assert (
        session.scalars(
            sa.select(Respondent).where(Respondent.cleared_at.is_(None), Respondent.status == "confirmed")
        ).all()
        == []
    )
