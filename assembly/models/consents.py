"""What members agreed to, each by itself and revocable."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from assembly.models.base import Base, enumeration


class ConsentKind(enum.StrEnum):
    """What is agreed to: that the name may be published, that photos may be taken, that members reach each other.

    And that the assembly may write about what becomes of the recommendations, once it is over.
    """

    NAME = "name"
    PHOTO = "photo"
    CONTACT = "contact"
    FOLLOW_UP = "follow_up"


class MemberConsent(Base):
    """That a member agreed to something; the row stays when they take it back, for it proves what held when."""

    __tablename__ = "member_consents"

    respondent_id: Mapped[int] = mapped_column(
        sa.ForeignKey("members.respondent_id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[ConsentKind] = mapped_column(enumeration(ConsentKind), primary_key=True)
    given_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
