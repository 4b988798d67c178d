"""Experts, the perspectives that should be heard, and what members ask for."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.assemblies import Assembly
from assembly.models.base import Base, LongText, ShortText, enumeration
from assembly.models.programme import AgendaItem, Event


class ExpertRole(enum.StrEnum):
    """From where an expert speaks."""

    SCIENCE = "science"
    ADMINISTRATION = "administration"
    INTEREST_GROUP = "interest_group"
    AFFECTED = "affected"


class ExpertState(enum.StrEnum):
    """How far the invitation of an expert is."""

    PROPOSED = "proposed"
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Gender(enum.StrEnum):
    """Gender of an expert, for the balance; nobody has to say it."""

    FEMALE = "female"
    MALE = "male"
    DIVERSE = "diverse"


class RequestKind(enum.StrEnum):
    """What members ask for: that somebody is heard, or that something is answered."""

    EXPERT = "expert"
    QUESTION = "question"


class AssemblyQuestion(Base):
    """A question that the assembly works on, with the perspectives that should be heard on it."""

    __tablename__ = "assembly_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    text: Mapped[str] = mapped_column(sa.String(300))

    perspectives: Mapped[list[Perspective]] = relationship(
        back_populates="question", order_by="Perspective.id", cascade="all, delete-orphan"
    )


class Perspective(Base):
    """A view on a question that should be heard."""

    __tablename__ = "perspectives"
    __table_args__ = (sa.UniqueConstraint("question_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("assembly_questions.id", ondelete="CASCADE"))
    name: Mapped[ShortText]

    question: Mapped[AssemblyQuestion] = relationship(back_populates="perspectives")


class ExpertPerspective(Base):
    """That an expert stands for a perspective."""

    __tablename__ = "expert_perspectives"

    expert_id: Mapped[int] = mapped_column(sa.ForeignKey("experts.id", ondelete="CASCADE"), primary_key=True)
    perspective_id: Mapped[int] = mapped_column(
        sa.ForeignKey("perspectives.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Expert(Base):
    """Somebody whom the assembly hears, or may hear. Only `assembly.services.experts.inviting` changes the state.

    `fee` is in euros, for organisers alone; `interests` are declared by the expert and published with the name.
    """

    __tablename__ = "experts"
    __table_args__ = (sa.CheckConstraint("fee BETWEEN 0 AND 1000000", name="fee"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    name: Mapped[ShortText]
    role: Mapped[ExpertRole] = mapped_column(enumeration(ExpertRole))
    affiliation: Mapped[ShortText] = mapped_column(default="")
    gender: Mapped[Gender | None] = mapped_column(enumeration(Gender))
    interests: Mapped[LongText] = mapped_column(default="")
    proposed_by: Mapped[ShortText] = mapped_column(default="")
    chosen_by: Mapped[ShortText] = mapped_column(default="")
    state: Mapped[ExpertState] = mapped_column(enumeration(ExpertState), default=ExpertState.PROPOSED)
    fee: Mapped[int | None]

    assembly: Mapped[Assembly] = relationship()
    perspectives: Mapped[list[Perspective]] = relationship(secondary="expert_perspectives", order_by=Perspective.id)
    inputs: Mapped[list[ExpertInput]] = relationship(
        back_populates="expert", order_by="ExpertInput.id", cascade="all, delete-orphan"
    )


class ExpertInput(Base):
    """That an expert speaks at an event, best within an item of its agenda, for some minutes."""

    __tablename__ = "expert_inputs"
    __table_args__ = (sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    expert_id: Mapped[int] = mapped_column(sa.ForeignKey("experts.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agenda_items.id", ondelete="SET NULL"), index=True)
    minutes: Mapped[int]

    expert: Mapped[Expert] = relationship(back_populates="inputs")
    event: Mapped[Event] = relationship()
    item: Mapped[AgendaItem | None] = relationship()


class MemberRequest(Base):
    """What a member asks for. Organisers read it without a name; whoever asked finds the answer on their page."""

    __tablename__ = "member_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("respondents.id", ondelete="CASCADE"), index=True)
    kind: Mapped[RequestKind] = mapped_column(enumeration(RequestKind))
    text: Mapped[LongText]
    asked_on: Mapped[dt.date]


class RequestAnswer(Base):
    """An organiser's answer to what members asked for, with the request in words that name nobody.

    It stays when the request itself is erased; without `request_id` it was asked elsewhere, such as in the room.
    """

    __tablename__ = "request_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    request_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("member_requests.id", ondelete="SET NULL"), unique=True
    )
    kind: Mapped[RequestKind] = mapped_column(enumeration(RequestKind))
    wording: Mapped[LongText]
    answer: Mapped[LongText]
    answered_on: Mapped[dt.date]
    is_published: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[dt.datetime | None]
