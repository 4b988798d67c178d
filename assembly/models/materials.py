"""Materials that members and the public read: documents, links and videos, in versions."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from assembly.models.assemblies import Assembly
from assembly.models.base import Base, LongText, ShortText, enumeration
from assembly.models.experts import Expert
from assembly.models.programme import AgendaItem, Event


class MaterialKind(enum.StrEnum):
    """What a material is: an uploaded file, an address elsewhere, or a video at an address."""

    DOCUMENT = "document"
    LINK = "link"
    VIDEO = "video"


class Material(Base):
    """Something to read or watch. Only `assembly.services.materials.publishing` changes `is_published`.

    It belongs to the assembly as a whole, to an event, or to an item of its agenda; slides also to an expert. What is
    not `is_public` is for members alone. `plain_text` says the same in plain language.
    """

    __tablename__ = "materials"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("events.id", ondelete="SET NULL"), index=True)
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agenda_items.id", ondelete="SET NULL"), index=True)
    expert_id: Mapped[int | None] = mapped_column(sa.ForeignKey("experts.id", ondelete="SET NULL"), index=True)
    kind: Mapped[MaterialKind] = mapped_column(enumeration(MaterialKind))
    title: Mapped[ShortText]
    language: Mapped[str] = mapped_column(sa.String(20), default="de")
    source: Mapped[ShortText] = mapped_column(default="")
    licence: Mapped[ShortText] = mapped_column(default="")
    dated_on: Mapped[dt.date | None]
    plain_text: Mapped[LongText] = mapped_column(default="")
    is_to_read_before: Mapped[bool] = mapped_column(default=False)
    is_public: Mapped[bool] = mapped_column(default=True)
    is_published: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[dt.datetime | None]

    assembly: Mapped[Assembly] = relationship()
    event: Mapped[Event | None] = relationship()
    item: Mapped[AgendaItem | None] = relationship()
    expert: Mapped[Expert | None] = relationship()
    versions: Mapped[list[MaterialVersion]] = relationship(
        back_populates="material", order_by="MaterialVersion.number.desc()", cascade="all, delete-orphan"
    )

    @property
    def shown(self) -> list[MaterialVersion]:
        """The versions that readers may see once it is published, newest first: those that were not withdrawn."""
        return [version for version in self.versions if version.withdrawn_at is None]

    @property
    def current(self) -> MaterialVersion | None:
        """The version that readers see first."""
        return next(iter(self.shown), None)


class MaterialVersion(Base):
    """A version of a material: a file with the ending that its content has, or an address; never changed afterwards.

    One that was withdrawn is kept, and shown to staff alone.
    """

    __tablename__ = "material_versions"
    __table_args__ = (sa.UniqueConstraint("material_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    material_id: Mapped[int] = mapped_column(sa.ForeignKey("materials.id", ondelete="CASCADE"))
    number: Mapped[int]
    added_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]
    note: Mapped[ShortText] = mapped_column(default="")
    address: Mapped[str] = mapped_column(sa.String(500), default="")
    has_captions: Mapped[bool] = mapped_column(default=False)
    transcript: Mapped[LongText] = mapped_column(default="")
    suffix: Mapped[str] = mapped_column(sa.String(10), default="")
    size: Mapped[int] = mapped_column(default=0)
    content: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary))

    material: Mapped[Material] = relationship(back_populates="versions")
