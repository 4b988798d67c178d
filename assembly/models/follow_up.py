"""The rules of the follow-up: who owes an answer to the recommendations, by when, and what binds them."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, LongText, ShortText, enumeration
from assembly.periods import Period, days, months


class PeriodColumn(sa.TypeDecorator[Period]):
    """A period, kept as ISO 8601 writes it."""

    impl = sa.String(6)
    cache_ok = True

    def process_bind_param(self, value: Period | None, _dialect: sa.Dialect) -> str | None:
        """Write it."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, _dialect: sa.Dialect) -> Period | None:
        """Read it."""
        return None if value is None else Period.parse(value)


class FollowUpRules(Base):
    """The rules of an assembly in one version; at most the last is a draft, and what was published never changes.

    `state` says since the publication whose public holidays move what is due, by two letters.

    The periods of the answer, the debate and the decision run from the handover; `minutes` from the debate,
    `first_report` and `review` from the decision, `report` from the report before. `adoption_percent` is the share of
    the votes cast that a recommendation needs more than, `quorum_percent` the share of the panel that has to vote.
    """

    __tablename__ = "follow_up_rules"
    __table_args__ = (
        sa.UniqueConstraint("assembly_id", "version"),
        sa.CheckConstraint("adoption_percent BETWEEN 50 AND 99", name="adoption_percent"),
        sa.CheckConstraint("quorum_percent BETWEEN 1 AND 100", name="quorum_percent"),
        sa.CheckConstraint("minority_size BETWEEN 1 AND 100", name="minority_size"),
        sa.CheckConstraint("longest_extension BETWEEN 0 AND 60", name="longest_extension"),
        sa.CheckConstraint("(published_at IS NULL) = (digest IS NULL)", name="published"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"))
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[LongText] = mapped_column(default="")
    published_at: Mapped[dt.datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    digest: Mapped[str | None] = mapped_column(sa.String(64))
    state: Mapped[str] = mapped_column(sa.String(2), default="")

    assigned: Mapped[Period] = mapped_column(PeriodColumn, default=days(14))
    answered: Mapped[Period] = mapped_column(PeriodColumn, default=days(90))
    debated: Mapped[Period] = mapped_column(PeriodColumn, default=days(132))
    minutes: Mapped[Period] = mapped_column(PeriodColumn, default=days(28))
    decided: Mapped[Period] = mapped_column(PeriodColumn, default=days(180))
    first_report: Mapped[Period] = mapped_column(PeriodColumn, default=months(3))
    report: Mapped[Period] = mapped_column(PeriodColumn, default=months(6))
    review: Mapped[Period] = mapped_column(PeriodColumn, default=months(12))
    members_reply: Mapped[Period] = mapped_column(PeriodColumn, default=days(30))
    better_answer: Mapped[Period] = mapped_column(PeriodColumn, default=days(30))
    forwarded: Mapped[Period] = mapped_column(PeriodColumn, default=days(90))
    examined: Mapped[Period] = mapped_column(PeriodColumn, default=months(6))
    postponed: Mapped[Period] = mapped_column(PeriodColumn, default=months(12))
    objection: Mapped[Period] = mapped_column(PeriodColumn, default=days(7))
    longest_extension: Mapped[int] = mapped_column(default=60)

    adoption_percent: Mapped[int] = mapped_column(default=50)
    quorum_percent: Mapped[int] = mapped_column(default=50)
    minority_size: Mapped[int] = mapped_column(default=3)

    who_answers: Mapped[LongText] = mapped_column(default="")
    who_decides: Mapped[LongText] = mapped_column(default="")
    participation: Mapped[LongText] = mapped_column(default="")

    addressees: Mapped[list[Addressee]] = relationship(
        back_populates="rules", order_by="Addressee.number", cascade="all, delete-orphan"
    )


class Binding(enum.StrEnum):
    """Whether an addressee has to answer."""

    BOUND = "bound"
    ASKED = "asked"


class Addressee(Base):
    """Who has to answer, and the resolution that binds them; of one that is only asked, there is none.

    `number` names the same addressee in every version of the rules. `body` is what decides for it, and whose meetings
    count, such as the city council.
    """

    __tablename__ = "addressees"
    __table_args__ = (
        sa.UniqueConstraint("rules_id", "number"),
        sa.CheckConstraint(
            "(binding = 'bound' AND resolution <> '' AND resolved_on IS NOT NULL)"
            " OR (binding = 'asked' AND resolution = '' AND resolved_on IS NULL)",
            name="resolution",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rules_id: Mapped[int] = mapped_column(sa.ForeignKey("follow_up_rules.id"))
    number: Mapped[int]
    name: Mapped[ShortText]
    body: Mapped[ShortText] = mapped_column(default="")
    binding: Mapped[Binding] = mapped_column(enumeration(Binding), default=Binding.ASKED)
    resolution: Mapped[ShortText] = mapped_column(default="")
    resolution_link: Mapped[str] = mapped_column(sa.String(500), default="")
    resolved_on: Mapped[dt.date | None]

    rules: Mapped[FollowUpRules] = relationship(back_populates="addressees")


class BodyMeeting(Base):
    """A meeting of a body that decides, from its calendar: a debate or a decision needs one within its time.

    `told_at`: when members were first invited to it. `cancelled_at`: when it was taken out of the calendar after that,
    so that those who were invited are told that it does not take place.
    """

    __tablename__ = "body_meetings"
    __table_args__ = (sa.UniqueConstraint("assembly_id", "body", "held_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"))
    body: Mapped[ShortText]
    held_on: Mapped[dt.date]
    is_public: Mapped[bool] = mapped_column(default=True)
    link: Mapped[str] = mapped_column(sa.String(500), default="")
    told_at: Mapped[dt.datetime | None]
    cancelled_at: Mapped[dt.datetime | None]
