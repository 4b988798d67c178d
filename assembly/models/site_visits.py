"""Site visits: the way and what helps on it, and what was seen there, with photos."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from assembly.models.base import Base, LongText, ShortText, enumeration
from assembly.models.materials import Material
from assembly.models.programme import Event


class Surface(enum.StrEnum):
    """On what people walk or roll."""

    SMOOTH = "smooth"
    PAVING = "paving"
    COBBLES = "cobbles"
    GRAVEL = "gravel"
    GRASS = "grass"
    STEPS = "steps"


class SiteVisit(Base):
    """What an event of the kind site visit has beside every event.

    Who cannot take the way takes `step_free_way`; where there is none, `no_step_free_reason` says why. Who cannot come
    at all takes part by `remote_text`, `remote_link` or `remote_material`. `safety_contact` and `safety_phone` are for
    those who are there: never public.
    """

    __tablename__ = "site_visits"
    __table_args__ = (
        sa.CheckConstraint("group_size BETWEEN 1 AND 1000", name="group_size"),
        sa.CheckConstraint("transport_seats BETWEEN 0 AND 10000", name="transport_seats"),
    )

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    meeting_point: Mapped[LongText] = mapped_column(default="")
    step_free_way: Mapped[LongText] = mapped_column(default="")
    no_step_free_reason: Mapped[LongText] = mapped_column(default="")
    benches: Mapped[LongText] = mapped_column(default="")
    toilets: Mapped[LongText] = mapped_column(default="")
    group_size: Mapped[int | None]
    transport: Mapped[LongText] = mapped_column(default="")
    transport_seats: Mapped[int | None]
    weather_plan: Mapped[LongText] = mapped_column(default="")
    safety_contact: Mapped[ShortText] = mapped_column(default="")
    safety_phone: Mapped[str] = mapped_column(sa.String(40), default="")
    remote_text: Mapped[LongText] = mapped_column(default="")
    remote_link: Mapped[str] = mapped_column(sa.String(500), default="")
    remote_material_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("materials.id", ondelete="SET NULL"), index=True
    )
    plain_text: Mapped[LongText] = mapped_column(default="")

    event: Mapped[Event] = relationship()
    remote_material: Mapped[Material | None] = relationship()
    stops: Mapped[list[VisitStop]] = relationship(
        back_populates="visit", order_by="VisitStop.position", cascade="all, delete-orphan"
    )

    @property
    def metres(self) -> int:
        """The length of the whole way."""
        return sum(stop.metres for stop in self.stops)

    @property
    def has_remote_way(self) -> bool:
        """Whether those who cannot come can take part."""
        return bool(self.remote_text or self.remote_link or self.remote_material_id)


class VisitStop(Base):
    """A stop on the way; `metres` and `surface` are those of the way that leads to it."""

    __tablename__ = "visit_stops"
    __table_args__ = (
        sa.CheckConstraint("metres BETWEEN 0 AND 100000", name="metres"),
        sa.UniqueConstraint("event_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("site_visits.event_id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[ShortText]
    metres: Mapped[int]
    surface: Mapped[Surface] = mapped_column(enumeration(Surface))
    about: Mapped[LongText] = mapped_column(default="")

    visit: Mapped[SiteVisit] = relationship(back_populates="stops")


class ObservationSheet(Base):
    """What was seen at a stop, or on the whole visit, without names.

    Only `assembly.services.site_visits.observations` changes `is_published`. `respondent_id` is the member who wrote
    it, until their data are erased; staff wrote what has none.
    """

    __tablename__ = "observation_sheets"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), index=True)
    stop_id: Mapped[int | None] = mapped_column(sa.ForeignKey("visit_stops.id", ondelete="SET NULL"), index=True)
    respondent_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("members.respondent_id", ondelete="SET NULL"), index=True
    )
    seen: Mapped[LongText] = mapped_column(default="")
    heard: Mapped[LongText] = mapped_column(default="")
    questions: Mapped[LongText] = mapped_column(default="")
    written_at: Mapped[dt.datetime]
    is_published: Mapped[bool] = mapped_column(default=False)

    event: Mapped[Event] = relationship()
    stop: Mapped[VisitStop | None] = relationship()
    photos: Mapped[list[VisitPhoto]] = relationship(
        back_populates="sheet", order_by="VisitPhoto.id", cascade="all, delete-orphan"
    )


class VisitPhoto(Base):
    """A photo of a sheet, made small, without anything that the camera wrote into it.

    It is shown with its sheet once `agreed_at` says that the people in it agreed, or that there are none.
    """

    __tablename__ = "visit_photos"

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(sa.ForeignKey("observation_sheets.id", ondelete="CASCADE"), index=True)
    alt_text: Mapped[str] = mapped_column(sa.String(500))
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[dt.datetime]
    agreed_at: Mapped[dt.datetime | None]
    content: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary, nullable=False))
    thumbnail: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary, nullable=False))

    sheet: Mapped[ObservationSheet] = relationship(back_populates="photos")
