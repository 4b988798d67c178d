"""Receipts: what shows a registrant before the draw that their row is in the lottery, and on which tickets."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from assembly.models.base import Base, enumeration
from assembly.models.commitments import Commitment
from assembly.models.mail import Mail
from assembly.models.respondents import Respondent


class Obstacle(enum.StrEnum):
    """Why somebody in the pool was not sent their receipt."""

    NO_ADDRESS = "no_address"
    WITHDRAWN = "withdrawn"


class Receipt(Base):
    """One person's receipt for one commitment, sent with `mail` unless there is an `obstacle`.

    `document` are the bytes of the engine's receipt: row, secret and commitment. `code` follows from the secret; `leaf`
    and `tickets` are copies out of the audit document, so that looking a receipt up need not read its megabytes. All of
    it goes with the pool's data.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        sa.UniqueConstraint("commitment_id", "respondent_id"),
        sa.UniqueConstraint("commitment_id", "leaf"),
        sa.CheckConstraint("mail_id IS NULL OR obstacle IS NULL", name="sent_or_not"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(sa.ForeignKey("commitments.id"))
    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("respondents.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(sa.String(16), unique=True)
    leaf: Mapped[str] = mapped_column(sa.String(64))
    tickets: Mapped[list[int]] = mapped_column(sa.JSON)
    document: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary, nullable=False))
    obstacle: Mapped[Obstacle | None] = mapped_column(enumeration(Obstacle))
    mail_id: Mapped[int | None] = mapped_column(sa.ForeignKey("mails.id"), unique=True)

    commitment: Mapped[Commitment] = relationship()
    respondent: Mapped[Respondent] = relationship()
    mail: Mapped[Mail | None] = relationship()
