"""Files with answers that departments filled in, kept from the upload until what they say is taken over."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column

from assembly.models.base import Base, ShortText


class AnswerFile(Base):
    """A file that was read and not taken over yet; it goes with that, or when it is discarded, or its time is over.

    `content` is what was read, compressed. `publishes` if its rows are to be published as answers, not saved as drafts.
    """

    __tablename__ = "answer_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    uploaded_at: Mapped[dt.datetime]
    uploaded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    file_name: Mapped[ShortText]
    publishes: Mapped[bool]
    content: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary, nullable=False))
