"""People who registered: where they stand, how to reach them, and, apart from that, what they are drawn by."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from assembly.models.assemblies import Assembly
from assembly.models.base import ONLY, Base, LongText, ShortText, enumeration
from assembly.models.features import FeatureValue

LONGEST_KEY = 300


class Status(enum.StrEnum):
    """Where a respondent stands; `assembly.services.respondents` has the transitions."""

    REGISTERED = "registered"
    EXCLUDED = "excluded"
    DRAWN = "drawn"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    NOT_REACHED = "not_reached"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    ERASED = "erased"


class Exclusion(enum.StrEnum):
    """Why somebody cannot be drawn."""

    DUPLICATE = "duplicate"
    TOO_YOUNG = "too_young"
    NOT_RESIDENT = "not_resident"
    NO_INVITATION = "no_invitation"
    OFFICE_HOLDER = "office_holder"
    OWN_WISH = "own_wish"


class Source(enum.StrEnum):
    """How a registration came in."""

    FILE = "file"
    BY_HAND = "by_hand"


class Respondent(Base):
    """A person who registered. `code` is the id of the file or the letter, unique in the assembly.

    `cleared_at` says that everything else that is kept of the person is deleted, because its time is over or they had
    it erased and nothing needs the code any more; the row stays for the counts, with a code that says nothing.
    `erased_code` is the fingerprint of the code that somebody had before they were erased.
    """

    __tablename__ = "respondents"
    __table_args__ = (
        sa.UniqueConstraint("assembly_id", "code"),
        sa.Index("ix_respondents_assembly_id_status", "assembly_id", "status"),
        sa.CheckConstraint("(status = 'excluded') = (exclusion IS NOT NULL)", name="exclusion_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"))
    code: Mapped[str] = mapped_column(sa.String(100))
    status: Mapped[Status] = mapped_column(enumeration(Status), default=Status.REGISTERED)
    exclusion: Mapped[Exclusion | None] = mapped_column(enumeration(Exclusion))
    registered_at: Mapped[dt.datetime]
    source: Mapped[Source] = mapped_column(enumeration(Source))
    household_id: Mapped[int | None] = mapped_column(sa.ForeignKey("households.id"), index=True)
    cleared_at: Mapped[dt.datetime | None]
    erased_code: Mapped[str | None] = mapped_column(sa.String(64))

    assembly: Mapped[Assembly] = relationship()
    contact: Mapped[Contact | None] = relationship(back_populates="respondent", cascade="all, delete-orphan")
    values: Mapped[list[RespondentValue]] = relationship(
        back_populates="respondent", cascade="all, delete-orphan", passive_deletes=True
    )


class Contact(Base):
    """How to reach a respondent. Kept apart from the values, with a deletion date of its own.

    `search` and the keys are made of the code and the fields above them, see `assembly.services.contacts`: folded, so
    that they can be searched and compared however a name or an address is spelled.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        sa.Index("ix_contacts_surname_key_birth_date", "surname_key", "birth_date"),
        sa.Index("ix_contacts_name_key_address_key", "name_key", "address_key"),
        # A search goes through all of this index, and not the rows; PostgreSQL has one of all parts of three letters.
        sa.Index("ix_contacts_search", "search", "respondent_id", info={ONLY: "sqlite"}),
        sa.Index(
            "ix_contacts_search_parts",
            "search",
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
            info={ONLY: "postgresql"},
        ),
    )

    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("respondents.id", ondelete="CASCADE"), primary_key=True)
    first_name: Mapped[ShortText] = mapped_column(default="")
    last_name: Mapped[ShortText] = mapped_column(default="", index=True)
    email: Mapped[ShortText] = mapped_column(default="", index=True)
    phone: Mapped[ShortText] = mapped_column(default="")
    street: Mapped[ShortText] = mapped_column(default="")
    house_number: Mapped[ShortText] = mapped_column(default="")
    postcode: Mapped[ShortText] = mapped_column(default="")
    city: Mapped[ShortText] = mapped_column(default="")
    birth_date: Mapped[dt.date | None]
    language: Mapped[str] = mapped_column(sa.String(8), default="de")
    search: Mapped[LongText] = mapped_column(default="", server_default="")
    email_key: Mapped[str] = mapped_column(sa.String(LONGEST_KEY), default="", server_default="", index=True)
    name_key: Mapped[str] = mapped_column(sa.String(LONGEST_KEY), default="", server_default="")
    surname_key: Mapped[str] = mapped_column(sa.String(LONGEST_KEY), default="", server_default="")
    address_key: Mapped[str] = mapped_column(sa.String(LONGEST_KEY), default="", server_default="")
    sort_key: Mapped[str] = mapped_column(
        sa.String(LONGEST_KEY).with_variant(sa.String(LONGEST_KEY, collation="C"), "postgresql"),
        default="",
        server_default="",
    )

    respondent: Mapped[Respondent] = relationship(back_populates="contact")


class RespondentValue(Base):
    """A respondent's value of a feature; without one, a voluntary feature was not stated."""

    __tablename__ = "respondent_values"

    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("respondents.id", ondelete="CASCADE"), primary_key=True)
    feature_id: Mapped[int] = mapped_column(sa.ForeignKey("features.id"), primary_key=True)
    value_id: Mapped[int | None] = mapped_column(sa.ForeignKey("feature_values.id"), index=True)

    respondent: Mapped[Respondent] = relationship(back_populates="values")
    value: Mapped[FeatureValue | None] = relationship()


class Household(Base):
    """Respondents who live together: at most one of them is drawn. `is_confirmed` once an organiser said so."""

    __tablename__ = "households"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    is_confirmed: Mapped[bool] = mapped_column(default=False)

    respondents: Mapped[list[Respondent]] = relationship(order_by=Respondent.id)


class Resemblance(enum.StrEnum):
    """What two respondents may seem to be."""

    PERSON = "person"
    HOUSEHOLD = "household"


class Distinction(Base):
    """Two respondents of whom an organiser said that they are not one person, or do not live together."""

    __tablename__ = "distinctions"
    __table_args__ = (sa.CheckConstraint("one_id < other_id", name="order"),)

    kind: Mapped[Resemblance] = mapped_column(enumeration(Resemblance), primary_key=True)
    one_id: Mapped[int] = mapped_column(sa.ForeignKey("respondents.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(
        sa.ForeignKey("respondents.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ImportState(enum.StrEnum):
    """How far a file is; nothing of it is among the respondents before it is applied."""

    UPLOADED = "uploaded"
    APPLIED = "applied"
    UNDONE = "undone"
    DISCARDED = "discarded"


class Import(Base):
    """A file of registrations. `mapping` says what its columns and spellings mean, `summary` counts what was done.

    `content` is the table as it was read, compressed; it is emptied as soon as the import is applied or discarded,
    since undoing it needs only its changes.
    """

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    assembly_id: Mapped[int] = mapped_column(sa.ForeignKey("assemblies.id"), index=True)
    state: Mapped[ImportState] = mapped_column(enumeration(ImportState), default=ImportState.UPLOADED)
    uploaded_at: Mapped[dt.datetime]
    uploaded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    applied_at: Mapped[dt.datetime | None]
    file_name: Mapped[LongText]
    content: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary))
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ImportChange(Base):
    """What an import did to a respondent, so that it can be undone; `before` is empty for somebody who was added."""

    __tablename__ = "import_changes"
    __table_args__ = (sa.UniqueConstraint("import_id", "respondent_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.id"))
    respondent_id: Mapped[int] = mapped_column(sa.ForeignKey("respondents.id", ondelete="CASCADE"), index=True)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
