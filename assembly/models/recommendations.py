"""Recommendations: drafted in small groups, adopted by a count, handed over; and what an assembly wrote on the way."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, LongText, ShortText, enumeration
from assembly.models.follow_up import FollowUpRules
from assembly.models.result_sheets import SheetEntry


class RecommendationState(enum.StrEnum):
    """Where a recommendation stands in its assembly; after the handover each of its cases has a state of its own."""

    DRAFT = "draft"
    MERGED = "merged"
    """It went into another one; its text stays."""
    DISCARDED = "discarded"
    """Its draft was given up, or the count did not adopt it; its text stays."""
    ADOPTED = "adopted"
    HANDED_OVER = "handed_over"


class Recommendation(Base):
    """A recommendation with its text as it stands. Only `assembly.services.recommendations` changes it.

    `number` counts within the assembly, and is what people call it by. `version` is that of the text. `digest` is the
    hash of the text as it was handed over; from then on nothing changes but what is redacted by order.
    """

    __tablename__ = "recommendations"
    __table_args__ = (
        sa.UniqueConstraint("assembly_id", "number"),
        sa.CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
        sa.CheckConstraint("(state = 'handed_over') = (digest IS NOT NULL)", name="handed_over"),
        sa.CheckConstraint("merged_into_id <> id", name="merged_into_another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"))
    number: Mapped[int]
    state: Mapped[RecommendationState] = mapped_column(
        enumeration(RecommendationState), default=RecommendationState.DRAFT
    )
    version: Mapped[int] = mapped_column(default=1)
    title: Mapped[ShortText]
    text: Mapped[LongText]
    reasons: Mapped[LongText] = mapped_column(default="")
    theme: Mapped[ShortText] = mapped_column(default="")
    plain: Mapped[LongText] = mapped_column(default="")
    addressee_numbers: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    """The addressees that owe an answer, by their numbers in the rules."""
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("recommendations.id"), index=True)
    adopted_at: Mapped[dt.datetime | None]
    handover_id: Mapped[int | None] = mapped_column(sa.ForeignKey("handovers.id"), index=True)
    digest: Mapped[str | None] = mapped_column(sa.String(64))

    versions: Mapped[list[RecommendationVersion]] = relationship(
        back_populates="recommendation", order_by="RecommendationVersion.number"
    )
    sources: Mapped[list[SheetEntry]] = relationship(secondary="recommendation_sources", order_by="SheetEntry.id")
    merged_into: Mapped[Recommendation | None] = relationship(remote_side="Recommendation.id")
    handover: Mapped[Handover | None] = relationship()
    count: Mapped[AdoptionCount | None] = relationship()
    minority_views: Mapped[list[MinorityView]] = relationship(order_by="MinorityView.id")
    redactions: Mapped[list[RecommendationRedaction]] = relationship(order_by="RecommendationRedaction.id")


recommendation_sources = sa.Table(
    "recommendation_sources",
    Base.metadata,
    sa.Column("recommendation_id", sa.ForeignKey("recommendations.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("entry_id", sa.ForeignKey("sheet_entries.id", ondelete="CASCADE"), primary_key=True, index=True),
)
"""The entries of result sheets that a recommendation came from."""


class RecommendationVersion(Base):
    """A text as it was saved. `is_editorial` if it was saved after the adoption: members may object to it until a day.

    `withdrawn_at` says that an editorial change was taken back, after an objection.
    """

    __tablename__ = "recommendation_versions"

    recommendation_id: Mapped[int] = mapped_column(sa.ForeignKey("recommendations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    saved_at: Mapped[dt.datetime]
    saved_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    title: Mapped[ShortText]
    text: Mapped[LongText]
    reasons: Mapped[LongText] = mapped_column(default="")
    theme: Mapped[ShortText] = mapped_column(default="")
    plain: Mapped[LongText] = mapped_column(default="")
    is_editorial: Mapped[bool] = mapped_column(default=False)
    objections_until: Mapped[dt.date | None]
    withdrawn_at: Mapped[dt.datetime | None]

    recommendation: Mapped[Recommendation] = relationship(back_populates="versions")
    objections: Mapped[list[EditorialObjection]] = relationship(order_by="EditorialObjection.id")


class EditorialObjection(Base):
    """That a member objects to an editorial change; who it was is kept only as long as the person's data are."""

    __tablename__ = "editorial_objections"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["recommendation_id", "version"],
            ["recommendation_versions.recommendation_id", "recommendation_versions.number"],
        ),
        sa.Index(None, "recommendation_id", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int]
    version: Mapped[int]
    respondent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("respondents.id", ondelete="SET NULL"), index=True)
    raised_at: Mapped[dt.datetime]
    text: Mapped[LongText]


class AdoptionCount(Base):
    """How those present voted on a recommendation; never who voted what.

    `panel_size` is the number of members at that moment: the quorum is a share of it.
    """

    __tablename__ = "adoption_counts"
    __table_args__ = (
        sa.CheckConstraint("yes >= 0 AND no >= 0 AND abstained >= 0", name="votes"),
        sa.CheckConstraint("yes + no + abstained <= present AND present <= panel_size", name="present"),
    )

    recommendation_id: Mapped[int] = mapped_column(sa.ForeignKey("recommendations.id"), primary_key=True)
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("events.id", ondelete="SET NULL"), index=True)
    counted_on: Mapped[dt.date]
    counted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    version: Mapped[int]
    """The version of the text that was voted on."""
    yes: Mapped[int]
    no: Mapped[int]
    abstained: Mapped[int]
    present: Mapped[int]
    panel_size: Mapped[int]
    is_adopted: Mapped[bool]


class MinorityView(Base):
    """What some members think otherwise, and how many they are; never who."""

    __tablename__ = "minority_views"
    __table_args__ = (sa.CheckConstraint("supporters >= 1", name="supporters"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(sa.ForeignKey("recommendations.id"), index=True)
    text: Mapped[LongText]
    supporters: Mapped[int]
    added_at: Mapped[dt.datetime]
    added_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)


class RedactionGround(enum.StrEnum):
    """Why words have to be taken away."""

    PERSONAL_DATA = "personal_data"
    COURT = "court"
    LAW = "law"


class RecommendationRedaction(Base):
    """That words were taken away by order from a recommendation after its handover: when and why, never which.

    `reference` names the order, such as its file number.
    """

    __tablename__ = "recommendation_redactions"

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(sa.ForeignKey("recommendations.id"), index=True)
    ground: Mapped[RedactionGround] = mapped_column(enumeration(RedactionGround))
    reference: Mapped[ShortText]
    ordered_on: Mapped[dt.date]
    redacted_at: Mapped[dt.datetime]
    redacted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)


class Handover(Base):
    """That recommendations were handed over on a day, from which on everything runs that is owed.

    `rules` are those under which all of it stays, whatever is published later. `digest` is the hash over the texts of
    all recommendations handed over.
    """

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    rules_id: Mapped[int] = mapped_column(sa.ForeignKey("follow_up_rules.id"), index=True)
    handed_over_on: Mapped[dt.date]
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    received_by: Mapped[ShortText]
    digest: Mapped[str] = mapped_column(sa.String(64))

    rules: Mapped[FollowUpRules] = relationship()
