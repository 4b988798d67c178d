"""What the worker writes to the members' follow-up groups: once a day, if something new waits for them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import ZONE, now
from assembly.config import Config
from assembly.models import (
    Assembly,
    Case,
    CaseStep,
    GroupElection,
    GroupProposal,
    Mail,
    MessageKind,
    ProposalState,
)
from assembly.models.base import UtcDateTime
from assembly.services import freezing
from assembly.services.daily import GROUP, today
from assembly.services.follow_up import groups, proposals
from assembly.services.follow_up.conditions import STATEMENTS
from assembly.services.handlers import Run, handler
from assembly.services.messages import people, quiet, truth, writing
from assembly.services.messages.background import page_of
from assembly.services.messages.people import Reader
from assembly.services.messages.writing import About, Addressed, Texts
from assembly.services.site import settings

AGAIN = 7
"""Every so many days whoever has not voted is reminded."""


@handler(GROUP, repeatable=True)
def write_to_groups(run: Run) -> None:
    """Write to the groups of all assemblies; what an interrupted run wrote is not written again."""
    with run.sessions() as session:
        ids = list(session.scalars(sa.select(GroupElection.assembly_id).distinct().order_by(GroupElection.assembly_id)))
    run.each(ids, lambda session, number: write_to_group(session, session.get_one(Assembly, number), config=run.config))
    with run.sessions.begin() as session:
        run.finish(session)


def write_to_group(session: Session, assembly: Assembly, *, config: Config) -> int:
    """Write to those in a group for whom something waits; return how many messages.

    That is what was answered or decided since they were written to last, and a vote that began since then, or a whole
    number of weeks ago, in which they have not voted. Whoever can only be called is the organisers' to call. Before
    that, votes are counted again: whoever left the panel or agrees no longer has no voice in the group.
    """
    freezing.lock_pool(session, assembly.id)
    proposals.settle(session, assembly)
    since = _written_last(session, assembly)
    said, votes = _said_since(session, assembly, since), _votes_to_tell(session, assembly, since)
    gateway = config.sms_gateway is not None
    readers = people.readers_of(session, assembly, groups.speaks(assembly.id), has_gateway=gateway)
    known = _known(session, readers)
    written = [one for one in readers if one.way.is_written and not one.is_copy and _deed(one) not in known]
    due_at = quiet.next_moment(now(), starts_at=None, state=settings.state_of(session, assembly.id))
    about = {"assembly": assembly.title, "contact": assembly.contact, "page": page_of(config), "said": said}
    count = 0
    for missing in range(len(votes) + 1):
        if said or missing:
            texts = Texts(truth.FOLLOW_UP, writing.alike({**about, "votes": missing}))
            to = [
                Addressed(one, MessageKind.FOLLOW_UP, _deed(one), due_at) for one in _waiting(written, votes, missing)
            ]
            count += writing.write(session, assembly, texts, to, About())
    return count


def _waiting(readers: Sequence[Reader], votes: Sequence[GroupProposal], count: int) -> list[Reader]:
    """Return those whose votes are missing in so many proposals."""
    missing = Counter(
        reader.respondent_id
        for reader in readers
        for proposal in votes
        if reader.respondent_id not in {one.respondent_id for one in proposal.votes}
    )
    return [reader for reader in readers if missing[reader.respondent_id] == count]


def _written_last(session: Session, assembly: Assembly) -> dt.datetime:
    """Return when a group was written to last, or elected, if that was later."""
    mails = sa.select(sa.func.max(Mail.created_at, type_=UtcDateTime())).where(
        Mail.assembly_id == assembly.id, Mail.template.in_({truth.FOLLOW_UP, truth.SMS[truth.FOLLOW_UP]})
    )
    elected_at = groups.elections_of(session, assembly)[0].recorded_at
    return max(session.scalar(mails) or elected_at, elected_at)


def _said_since(session: Session, assembly: Assembly, since: dt.datetime) -> int:
    found = (
        sa.select(sa.func.count())
        .select_from(CaseStep)
        .join(Case)
        .where(Case.assembly_id == assembly.id, CaseStep.move.in_(STATEMENTS), CaseStep.recorded_at > since)
    )
    return session.scalar(found) or 0


def _votes_to_tell(session: Session, assembly: Assembly, since: dt.datetime) -> list[GroupProposal]:
    voted_on = [one for one in proposals.proposals_of(session, assembly) if one.state is ProposalState.VOTING]
    return [one for one in voted_on if one.voted_from is not None and _is_to_tell(one.voted_from, since)]


def _is_to_tell(voted_from: dt.datetime, since: dt.datetime) -> bool:
    days = (today() - voted_from.astimezone(ZONE).date()).days
    return voted_from > since or (days > 0 and days % AGAIN == 0)


def _deed(reader: Reader) -> str:
    """Return by which deed somebody is written to once a day."""
    return f"{MessageKind.FOLLOW_UP.value}:{reader.respondent_id}:{today().isoformat()}"


def _known(session: Session, readers: Sequence[Reader]) -> set[str | None]:
    return set(session.scalars(sa.select(Mail.deed).where(Mail.deed.in_([_deed(one) for one in readers]))))
