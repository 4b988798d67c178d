"""The outbox: every mail stands here before it is sent, with what became of it."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.assemblies import Assembly
from assembly.models.base import Base, LongText, enumeration
from assembly.models.respondents import Respondent


class MailState(enum.StrEnum):
    """Where a mail stands.

    SMTP cannot deliver exactly once: what was interrupted between the two commits around the sending is PERHAPS_SENT,
    and a person decides. Whoever has no address for mail gets a letter: TO_PRINT, then PRINTED. What no longer held
    when its turn came, such as the reminder of a cancelled event, is OUTDATED, and never goes out.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    PERHAPS_SENT = "perhaps_sent"
    TO_PRINT = "to_print"
    PRINTED = "printed"
    OUTDATED = "outdated"
    ERASED = "erased"


class Mail(Base):
    """A mail or letter to one person. Only `assembly.services.mail` changes its state.

    `deed` names what it is about, so that the same is never sent twice. `reply` is what the mail server said last.
    `user_id` or `respondent_id` is whom it is to, so that it goes with their data. `qr` is what its QR code says, in
    the letter as in the mail. A confidential mail holds a link that is a key: its content is deleted when it was sent.
    """

    __tablename__ = "mails"
    __table_args__ = (
        sa.CheckConstraint(
            "recipient IS NOT NULL OR state IN ('to_print', 'printed', 'erased', 'outdated')",
            name="recipient",
        ),
        sa.Index("ix_mails_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deed: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    assembly_id: Mapped[int | None] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    respondent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("respondents.id", ondelete="SET NULL"), index=True)
    template: Mapped[str] = mapped_column(sa.String(80))
    language: Mapped[str] = mapped_column(sa.String(8))
    recipient: Mapped[str | None] = mapped_column(sa.String(255))
    address: Mapped[list[str]] = mapped_column(default=list)
    subject: Mapped[str] = mapped_column(sa.String(500))
    text: Mapped[LongText]
    html: Mapped[LongText]
    qr: Mapped[str | None] = mapped_column(sa.Text)
    unsubscribe: Mapped[str | None] = mapped_column(sa.Text)
    is_confidential: Mapped[bool] = mapped_column(default=False)
    state: Mapped[MailState] = mapped_column(enumeration(MailState), default=MailState.QUEUED)
    created_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    sending_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    reply: Mapped[str | None] = mapped_column(sa.Text)

    assembly: Mapped[Assembly | None] = relationship()
    respondent: Mapped[Respondent | None] = relationship()
