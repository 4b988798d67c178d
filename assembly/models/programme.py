"""The programme: places with their rooms, and events with their agendas."""

from __future__ import annotations

import datetime as dt
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.accounts import User
from assembly.models.assemblies import Assembly
from assembly.models.base import Base, LongText, ShortText, enumeration


class EventKind(enum.StrEnum):
    """What people come together for."""

    PLENARY = "plenary"
    SMALL_GROUPS = "small_groups"
    SITE_VISIT = "site_visit"
    EXPERT_INPUT = "expert_input"
    ONLINE_QUESTIONS = "online_questions"
    PUBLIC_HEARING = "public_hearing"
    CLOSING = "closing"


class EventState(enum.StrEnum):
    """Where an event stands. What members can see is PUBLISHED, or CHANGED since it was."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CHANGED = "changed"
    CANCELLED = "cancelled"


class Mode(enum.StrEnum):
    """Where people take part."""

    ON_SITE = "on_site"
    ONLINE = "online"
    HYBRID = "hybrid"


class Openness(enum.StrEnum):
    """For whom an event is; of one whose agenda alone is public, everybody sees what it is about."""

    PUBLIC = "public"
    MEMBERS = "members"
    AGENDA_PUBLIC = "agenda_public"


class ItemKind(enum.StrEnum):
    """What happens in a part of an event."""

    INPUT = "input"
    SMALL_GROUPS = "small_groups"
    PLENARY = "plenary"
    BREAK = "break"
    VOTE = "vote"
    WALK = "walk"


class Programme(Base):
    """What holds for all events of an assembly, where it is not as for the whole site.

    `state` is the one whose public and school holidays are avoided, such as BY; empty: those of all Germany.
    """

    __tablename__ = "programmes"

    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(2), default="")


class Place(Base):
    """Where events are, how to get there, and what it offers to people who need it."""

    __tablename__ = "places"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    name: Mapped[ShortText]
    street: Mapped[ShortText] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(sa.String(10), default="")
    city: Mapped[ShortText] = mapped_column(default="")
    map_link: Mapped[str] = mapped_column(sa.String(500), default="")
    transit_stop: Mapped[ShortText] = mapped_column(default="")
    directions: Mapped[LongText] = mapped_column(default="")
    is_step_free: Mapped[bool] = mapped_column(default=False)
    has_accessible_toilet: Mapped[bool] = mapped_column(default=False)
    has_quiet_room: Mapped[bool] = mapped_column(default=False)

    rooms: Mapped[list[Room]] = relationship(back_populates="place", order_by="Room.name", cascade="all, delete-orphan")


class Room(Base):
    """A room of a place; two events cannot be in it at once."""

    __tablename__ = "rooms"
    __table_args__ = (sa.CheckConstraint("capacity BETWEEN 1 AND 100000", name="capacity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("places.id"), index=True)
    name: Mapped[ShortText]
    capacity: Mapped[int]
    is_step_free: Mapped[bool] = mapped_column(default=False)
    has_induction_loop: Mapped[bool] = mapped_column(default=False)

    place: Mapped[Place] = relationship(back_populates="rooms", lazy="joined")


class Facilitation(Base):
    """That an account leads an event."""

    __tablename__ = "facilitations"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True, index=True)


class Event(Base):
    """A meeting of the assembly. Only `assembly.services.programme.events` changes its state.

    `uid` and `sequence` are those of its calendar entry (RFC 5545): the number grows with each change that members see.
    """

    __tablename__ = "events"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="times"),
        sa.Index("ix_events_assembly_id_starts_at", "assembly_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"))
    uid: Mapped[str] = mapped_column(sa.String(36), unique=True, default=lambda: str(uuid.uuid4()))
    sequence: Mapped[int] = mapped_column(default=0)
    kind: Mapped[EventKind] = mapped_column(enumeration(EventKind))
    state: Mapped[EventState] = mapped_column(enumeration(EventState), default=EventState.DRAFT)
    mode: Mapped[Mode] = mapped_column(enumeration(Mode), default=Mode.ON_SITE)
    openness: Mapped[Openness] = mapped_column(enumeration(Openness), default=Openness.MEMBERS)
    title: Mapped[ShortText]
    description: Mapped[LongText] = mapped_column(default="")
    plain_description: Mapped[LongText] = mapped_column(default="")
    to_bring: Mapped[LongText] = mapped_column(default="")
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms.id"), index=True)
    online_link: Mapped[str] = mapped_column(sa.String(500), default="")
    change_note: Mapped[LongText] = mapped_column(default="")
    published_at: Mapped[dt.datetime | None]
    changed_at: Mapped[dt.datetime | None]

    assembly: Mapped[Assembly] = relationship()
    room: Mapped[Room | None] = relationship()
    facilitators: Mapped[list[User]] = relationship(secondary="facilitations", order_by=User.name)
    agenda: Mapped[list[AgendaItem]] = relationship(
        back_populates="event", order_by="AgendaItem.position", cascade="all, delete-orphan"
    )


class AgendaItem(Base):
    """A part of an event; when it begins follows from the lengths of those before it.

    `room` is where it is if that is elsewhere than the event, such as the studio for one of the small groups.
    """

    __tablename__ = "agenda_items"
    __table_args__ = (
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
        sa.UniqueConstraint("event_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    position: Mapped[int]
    kind: Mapped[ItemKind] = mapped_column(enumeration(ItemKind))
    title: Mapped[ShortText]
    minutes: Mapped[int]
    in_charge: Mapped[ShortText] = mapped_column(default="")
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms.id"), index=True)
    goal: Mapped[LongText] = mapped_column(default="")
    materials: Mapped[LongText] = mapped_column(default="")
    is_public: Mapped[bool] = mapped_column(default=True)

    event: Mapped[Event] = relationship(back_populates="agenda")
    room: Mapped[Room | None] = relationship(lazy="joined")
