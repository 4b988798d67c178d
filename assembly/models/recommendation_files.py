"""Files with recommendations of assemblies that come from elsewhere, kept from the upload to the import."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column

from assembly.models.base import Base, ShortText


class RecommendationFile(Base):
    """A file that was read and not imported yet. It goes as soon as it is imported or discarded, or its time is over.

    `content` is what was read, compressed. `counted_on` is the day of the vote, where the file does not say it itself.
    """

    __tablename__ = "recommendation_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    uploaded_at: Mapped[dt.datetime]
    uploaded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    file_name: Mapped[ShortText]
    counted_on: Mapped[dt.date | None]
    content: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary, nullable=False))
