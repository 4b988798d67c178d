"""The members' follow-up group: who was elected, what it drafts together, and how it votes on that."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, LongText, enumeration
from assembly.models.cases import Case, Move


class ProposalState(enum.StrEnum):
    """Where a proposal of the group stands."""

    DRAFT = "draft"
    VOTING = "voting"
    PUBLISHED = "published"
    DROPPED = "dropped"


class GroupChoice(enum.StrEnum):
    """What a member of the group says to a proposal."""

    YES = "yes"
    NO = "no"
    ABSTAINED = "abstained"


class GroupElection(Base):
    """That members elected those who speak for them in the follow-up; the newest election holds.

    `took_part` is how many members voted, `size` how many were elected: both stay when nobody's data are kept any more.
    """

    __tablename__ = "group_elections"
    __table_args__ = (sa.CheckConstraint("size >= 1 AND took_part >= size", name="elected"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    held_on: Mapped[dt.date]
    took_part: Mapped[int]
    size: Mapped[int]
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)


class GroupSeat(Base):
    """Who was elected. `left_at` once they gave the seat up."""

    __tablename__ = "group_seats"

    election_id: Mapped[int] = mapped_column(sa.ForeignKey("group_elections.id"), primary_key=True)
    respondent_id: Mapped[int] = mapped_column(
        sa.ForeignKey("members.respondent_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    left_at: Mapped[dt.datetime | None]


class GroupProposal(Base):
    """What the group wants to say in a case: drafted by any of them, and published once more than half are for it.

    `about` is the number of the step that a reply is to. `version` counts the texts, so that nobody overwrites what
    somebody else wrote. The counts stand here once it is published or dropped; then nobody's vote is kept.
    """

    __tablename__ = "group_proposals"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    move: Mapped[Move] = mapped_column(enumeration(Move))
    about: Mapped[int | None]
    text: Mapped[LongText]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[ProposalState] = mapped_column(enumeration(ProposalState), default=ProposalState.DRAFT)
    written_at: Mapped[dt.datetime]
    voted_from: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    yes: Mapped[int] = mapped_column(default=0)
    no: Mapped[int] = mapped_column(default=0)
    abstained: Mapped[int] = mapped_column(default=0)

    case: Mapped[Case] = relationship()
    votes: Mapped[list[GroupVote]] = relationship(cascade="all, delete-orphan")


class GroupVote(Base):
    """How a member of the group votes on a proposal, kept only until the vote is over."""

    __tablename__ = "group_votes"

    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("group_proposals.id"), primary_key=True)
    respondent_id: Mapped[int] = mapped_column(
        sa.ForeignKey("members.respondent_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    choice: Mapped[GroupChoice] = mapped_column(enumeration(GroupChoice))
    cast_at: Mapped[dt.datetime]
