"""What the members' follow-up group says: drafted together, voted on, and published once more than half are for it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from assembly.clock import now
from assembly.models import (
    Assembly,
    Case,
    GroupChoice,
    GroupProposal,
    GroupVote,
    Member,
    Move,
    ProposalState,
    User,
)
from assembly.services import freezing, logbook
from assembly.services.daily import today
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.follow_up import cases, groups
from assembly.services.follow_up.conditions import STATEMENTS, obstacle, unavailable
from assembly.services.follow_up.courses import Course, Taken
from assembly.services.follow_up.facts import LONGEST_TEXT
from assembly.services.follow_up.transitions import Actor

TEXT_OF = {Move.ASK_BETTER: "reasons", Move.REPLY: "reply", Move.SEND_BACK: "reasons"}
"""The steps that the group decides on, and the name of the fact that holds its text."""
LIVING = (ProposalState.DRAFT, ProposalState.VOTING)


@dataclasses.dataclass(frozen=True, slots=True)
class Possible:
    """What the group can say in a case now; `about` is the step that a reply is to."""

    case: Case
    move: Move
    about: int | None = None


def possible_for(session: Session, assembly: Assembly) -> list[Possible]:
    """Return what the group can say now and has not begun to draft, by recommendation and addressee."""
    begun = {(one.case_id, one.move, one.about) for one in proposals_of(session, assembly) if one.state in LIVING}
    found = [one for case in cases.cases_of(session, assembly) for one in _possible_in(case)]
    return [one for one in found if (one.case.id, one.move, one.about) not in begun]


def wanted_in(case: Case, move: Move, about: int | None) -> Possible:
    """Return what a member wants the group to say. Raises NotFoundError if the group never says such a thing."""
    if move not in TEXT_OF or (about is None) == (move is Move.REPLY):
        raise NotFoundError
    return Possible(case, move, about)


def proposals_of(session: Session, assembly: Assembly) -> Sequence[GroupProposal]:
    """Return all proposals, the newest first, with their votes."""
    found = sa.select(GroupProposal).where(GroupProposal.assembly_id == assembly.id)
    return session.scalars(found.options(*_WITH_VOTES).order_by(GroupProposal.id.desc())).all()


def get_proposal(session: Session, assembly: Assembly, proposal_id: int) -> GroupProposal:
    """Return a proposal of an assembly. Raises NotFoundError."""
    found = sa.select(GroupProposal).where(GroupProposal.id == proposal_id, GroupProposal.assembly_id == assembly.id)
    one = session.scalars(found.options(*_WITH_VOTES)).one_or_none()
    if one is None:
        raise NotFoundError
    return one


def begin(session: Session, member: Member, wanted: Possible, text: str) -> GroupProposal:
    """Begin a draft. Raises ForbiddenError, RuleError, and ConflictError if it cannot be said now, or is begun."""
    freezing.lock_pool(session, member.assembly_id)
    groups.require_in_group(session, member)
    assembly = member.respondent.assembly
    if wanted not in possible_for(session, assembly):
        raise ConflictError(marked("The group cannot say this now, or somebody has begun a draft already."))
    made = GroupProposal(
        assembly_id=assembly.id,
        case=wanted.case,
        move=wanted.move,
        about=wanted.about,
        text=_checked(text),
        written_at=now(),
    )
    session.add(made)
    session.flush()
    return made


def change(session: Session, member: Member, proposal: GroupProposal, text: str, *, version: int) -> None:
    """Change a draft. Raises ConflictError if it is no draft any more, or somebody changed it since `version`."""
    _lock(session, member, proposal, ProposalState.DRAFT)
    if proposal.version != version:
        raise ConflictError(
            marked(
                "Somebody else has changed this text meanwhile. Below is yours, above is theirs: bring them together."
            ),
            field="text",
        )
    proposal.text, proposal.version, proposal.written_at = _checked(text), version + 1, now()
    session.flush()


def open_vote(session: Session, member: Member, proposal: GroupProposal) -> None:
    """Let the group vote; the text stays as it is from now on. Raises ConflictError if it cannot be said any more."""
    _lock(session, member, proposal, ProposalState.DRAFT)
    if hindrance := hindrance_of(proposal):
        raise ConflictError(hindrance)
    proposal.state, proposal.voted_from = ProposalState.VOTING, now()
    session.flush()
    _log(session, proposal, "group_vote_opened", by=None)


def reopen(session: Session, member: Member, proposal: GroupProposal) -> None:
    """Make a proposal a draft again; the votes cast so far count no more."""
    _lock(session, member, proposal, ProposalState.VOTING)
    proposal.state, proposal.voted_from = ProposalState.DRAFT, None
    proposal.votes.clear()
    session.flush()
    _log(session, proposal, "group_vote_stopped", by=None)


def drop(session: Session, member: Member, proposal: GroupProposal) -> None:
    """Give a proposal up; while it is voted on, that takes the vote."""
    _lock(session, member, proposal, ProposalState.DRAFT)
    _end(session, proposal, ProposalState.DROPPED, by=None)


def vote(
    session: Session, member: Member, proposal: GroupProposal, choice: GroupChoice, *, by: User | None = None
) -> ProposalState:
    """Cast or change a vote; with `by`, staff note what the member said. Return where the proposal stands then.

    It is published as soon as more than half of the group are for it, and dropped as soon as that can no longer be.
    Raises ConflictError if it cannot be said any more: then nobody's vote changes anything.
    """
    group = _lock(session, member, proposal, ProposalState.VOTING)
    if hindrance := hindrance_of(proposal):
        raise ConflictError(hindrance)
    mine = next((one for one in proposal.votes if one.respondent_id == member.respondent_id), None)
    if by is not None:
        if mine is not None:
            raise ConflictError(
                marked("This member has voted already, and can change it on their own page."), field="member"
            )
        _log(session, proposal, "group_vote_noted", by=by, member=member.respondent_id)
    if mine is None:
        mine = GroupVote(respondent_id=member.respondent_id)
        proposal.votes.append(mine)
    mine.choice, mine.cast_at = choice, now()
    session.flush()
    _settle(session, proposal, group, by=by)
    return proposal.state


def settle(session: Session, assembly: Assembly) -> None:
    """Publish or drop what is decided since the group has become smaller; what cannot be published any more stays."""
    group = groups.group_of(session, assembly)
    for proposal in proposals_of(session, assembly):
        if group and proposal.state is ProposalState.VOTING and hindrance_of(proposal) is None:
            _settle(session, proposal, group, by=None)


def _settle(session: Session, proposal: GroupProposal, group: Sequence[Member], *, by: User | None) -> None:
    counts = counts_of(proposal, group)
    if counts[GroupChoice.YES] * 2 > len(group):
        _publish(session, proposal, counts, by=by)
    elif (counts[GroupChoice.NO] + counts[GroupChoice.ABSTAINED]) * 2 >= len(group):
        _end(session, proposal, ProposalState.DROPPED, by=by, counts=counts)


def counts_of(proposal: GroupProposal, group: Sequence[Member]) -> Counter[GroupChoice]:
    """Return how those who are in the group now have voted."""
    numbers = {one.respondent_id for one in group}
    return Counter(one.choice for one in proposal.votes if one.respondent_id in numbers)


def hindrance_of(proposal: GroupProposal) -> str | None:
    """Return why a proposal cannot be published any more, if so: the case may have gone on meanwhile."""
    course = cases.course_of_case(proposal.case)
    step = Taken(len(course.steps) + 1, proposal.move, today(), said_by(proposal))
    found = obstacle(course, step, Actor.GROUP, today())
    return found.text if found else None


def said_by(proposal: GroupProposal) -> dict[str, Any]:
    """Return what the step says that a proposal becomes."""
    said: dict[str, Any] = {TEXT_OF[proposal.move]: proposal.text}
    return said | ({"step": proposal.about} if proposal.about is not None else {})


def _publish(session: Session, proposal: GroupProposal, counts: Counter[GroupChoice], *, by: User | None) -> None:
    _end(session, proposal, ProposalState.PUBLISHED, by=by, counts=counts)
    cases.move(session, proposal.case, proposal.move, said_by(proposal), actor=Actor.GROUP, by=by)


def _end(
    session: Session,
    proposal: GroupProposal,
    state: ProposalState,
    *,
    by: User | None,
    counts: Counter[GroupChoice] | None = None,
) -> None:
    found = counts or Counter()
    proposal.state, proposal.ended_at = state, now()
    proposal.yes, proposal.no = found[GroupChoice.YES], found[GroupChoice.NO]
    proposal.abstained = found[GroupChoice.ABSTAINED]
    proposal.votes.clear()
    session.flush()
    votes = {"yes": proposal.yes, "no": proposal.no, "abstained": proposal.abstained}
    _log(session, proposal, f"group_proposal_{state.value}", by=by, **votes)


def _possible_in(case: Case) -> list[Possible]:
    course = cases.course_of_case(case)
    may = [move for move in TEXT_OF if unavailable(course, move, Actor.GROUP, today()) is None]
    found = [Possible(case, move) for move in may if move is not Move.REPLY]
    replies = _without_reply(course) if Move.REPLY in may else ()
    return found + [Possible(case, Move.REPLY, number) for number in replies]


def _without_reply(course: Course) -> list[int]:
    replied = {one.facts["step"] for one in course.steps if one.move is Move.REPLY}
    return [one.number for one in course.steps if one.move in STATEMENTS and one.number not in replied]


def _lock(session: Session, member: Member, proposal: GroupProposal, *states: ProposalState) -> Sequence[Member]:
    """Let nobody else change the proposal meanwhile; return the group."""
    freezing.lock_pool(session, proposal.assembly_id)
    group = groups.require_in_group(session, member)
    session.refresh(proposal)
    if proposal.state not in states:
        raise ConflictError(marked("This is not possible any more: somebody else was faster. Load the page again."))
    return group


def _checked(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise RuleError(marked("Write what the group wants to say."), field="text")
    if len(stripped) > LONGEST_TEXT:
        raise RuleError(marked("This text is too long."), field="text")
    return stripped


def _log(session: Session, proposal: GroupProposal, action: str, *, by: User | None, **details: Any) -> None:
    """Say in the log what became of a proposal, without what it says."""
    assembly = session.get_one(Assembly, proposal.assembly_id)
    about = {"move": proposal.move.value, **details}
    logbook.record(session, assembly, action, by=by, subject=f"case:{proposal.case_id}", details=about)


_WITH_VOTES = (
    selectinload(GroupProposal.votes),
    selectinload(GroupProposal.case).options(*cases.WITH_COURSE),
)
