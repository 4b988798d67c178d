"""Features, their values, and the targets and quotas of each."""

from __future__ import annotations

import enum
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, LongText, ShortText, enumeration


class Derivation(enum.StrEnum):
    """What a feature's value is computed from, instead of being asked for."""

    BIRTH_DATE = "birth_date"
    POSTCODE = "postcode"
    STREET = "street"


class Feature(Base):
    """What people are told apart by in the lottery, such as gender or age group.

    `rules` of a derived feature say which value follows: for birth dates {value: [from age, to age or null]}, for
    postcodes and streets {value: [postcodes or streets]}.
    """

    __tablename__ = "features"
    __table_args__ = (sa.UniqueConstraint("assembly_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    position: Mapped[int]
    name: Mapped[ShortText]
    is_voluntary: Mapped[bool] = mapped_column(default=False)
    is_special_category: Mapped[bool] = mapped_column(default=False)
    consent: Mapped[LongText] = mapped_column(default="")
    derived_from: Mapped[Derivation | None] = mapped_column(enumeration(Derivation))
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict)

    values: Mapped[list[FeatureValue]] = relationship(
        back_populates="feature", order_by="FeatureValue.position", cascade="all, delete-orphan"
    )


class FeatureValue(Base):
    """A value of a feature: its share of the population, its quota, and other spellings met in files."""

    __tablename__ = "feature_values"
    __table_args__ = (
        sa.UniqueConstraint("feature_id", "name"),
        sa.CheckConstraint("0 <= lower AND lower <= upper", name="quota"),
        sa.CheckConstraint("lower_flex IS NULL OR (0 <= lower_flex AND lower_flex <= lower)", name="lower_flex"),
        sa.CheckConstraint("upper_flex IS NULL OR upper <= upper_flex", name="upper_flex"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    feature_id: Mapped[int] = mapped_column(sa.ForeignKey("features.id"), index=True)
    position: Mapped[int]
    name: Mapped[ShortText]
    share: Mapped[Decimal | None] = mapped_column(sa.Numeric(9, 6))
    lower: Mapped[int]
    upper: Mapped[int]
    lower_flex: Mapped[int | None]
    upper_flex: Mapped[int | None]
    spellings: Mapped[list[str]] = mapped_column(default=list)

    feature: Mapped[Feature] = relationship(back_populates="values")
