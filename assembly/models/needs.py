"""What members need in order to take part, how that stands for each event, and who is booked to provide it."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assembly.models.base import Base, LongText, ShortText, enumeration
from assembly.models.programme import Event


class NeedKind(enum.StrEnum):
    """What is needed. OTHER is said in words alone."""

    SIGN_LANGUAGE = "sign_language"
    SPEECH_TO_TEXT = "speech_to_text"
    SPOKEN_LANGUAGE = "spoken_language"
    PLAIN_LANGUAGE = "plain_language"
    CHILDCARE = "childcare"
    CARE_COVER = "care_cover"
    MOBILITY = "mobility"
    DIET = "diet"
    DEVICE = "device"
    TRAVEL = "travel"
    OTHER = "other"


class NeedState(enum.StrEnum):
    """How a need stands for one event."""

    REQUESTED = "requested"
    ARRANGED = "arranged"
    DECLINED = "declined"


class BookingState(enum.StrEnum):
    """How far a booking is."""

    TO_BOOK = "to_book"
    ASKED = "asked"
    BOOKED = "booked"
    CANCELLED = "cancelled"


class SupportNeed(Base):
    """What a member needs in order to take part; whoever hears it records it, only support reads it.

    It holds for all events, or only for those that its EventNeed rows name. `recorded_by_id` is None if the member
    said it on their own page.
    """

    __tablename__ = "support_needs"
    __table_args__ = (sa.CheckConstraint("children BETWEEN 1 AND 20", name="children"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("respondents.id", ondelete="CASCADE"), index=True)
    recorded_at: Mapped[dt.datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    kind: Mapped[NeedKind] = mapped_column(enumeration(NeedKind), default=NeedKind.OTHER)
    language: Mapped[ShortText] = mapped_column(default="")
    children: Mapped[int | None]
    ages: Mapped[ShortText] = mapped_column(default="")
    text: Mapped[LongText] = mapped_column(default="")
    for_all_events: Mapped[bool] = mapped_column(default=True)

    @property
    def people(self) -> int:
        """How many people somebody who provides it has to be there for."""
        return self.children or 1


class EventNeed(Base):
    """How a need stands for one event, where that is not simply what holds for all events.

    `answer` is what was arranged and with whom, or why it was declined.
    """

    __tablename__ = "event_needs"

    need_id: Mapped[int] = mapped_column(sa.ForeignKey("support_needs.id", ondelete="CASCADE"), primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True, index=True)
    is_needed: Mapped[bool] = mapped_column(default=True)
    state: Mapped[NeedState] = mapped_column(enumeration(NeedState), default=NeedState.REQUESTED)
    answer: Mapped[LongText] = mapped_column(default="")


class LeadTime(Base):
    """How many days before an event a kind of need has to be booked, where an assembly differs from the usual."""

    __tablename__ = "lead_times"
    __table_args__ = (sa.CheckConstraint("days BETWEEN 0 AND 365", name="days"),)

    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), primary_key=True)
    kind: Mapped[NeedKind] = mapped_column(enumeration(NeedKind), primary_key=True)
    days: Mapped[int]


class Provider(Base):
    """Who provides what members need: interpreters, childcare, hire of devices.

    `is_one_person`: they cannot be at two events at once; a company with several people can.
    """

    __tablename__ = "providers"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    name: Mapped[ShortText]
    contact: Mapped[LongText] = mapped_column(default="")
    kinds: Mapped[list[str]]
    is_one_person: Mapped[bool] = mapped_column(default=True)


class Booking(Base):
    """That a kind of need is to be provided at an event. Only `assembly.services.needs.bookings` changes its state.

    `people`: for how many people it is. `is_to_be_told`: the event was moved or cancelled, and the provider who was
    asked does not know yet.
    """

    __tablename__ = "bookings"
    __table_args__ = (sa.CheckConstraint("people BETWEEN 1 AND 1000", name="people"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"), index=True)
    kind: Mapped[NeedKind] = mapped_column(enumeration(NeedKind))
    language: Mapped[ShortText] = mapped_column(default="")
    provider_id: Mapped[int | None] = mapped_column(sa.ForeignKey("providers.id"), index=True)
    people: Mapped[int] = mapped_column(default=1)
    state: Mapped[BookingState] = mapped_column(enumeration(BookingState), default=BookingState.TO_BOOK)
    is_to_be_told: Mapped[bool] = mapped_column(default=False)

    event: Mapped[Event] = relationship()
    provider: Mapped[Provider | None] = relationship()
