"""Pages that the law wants of a site, such as its imprint, and what the city has settled about them."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from assembly.models.base import Base, LongText, enumeration


class PageKind(enum.StrEnum):
    """What a page of the site is for, in the order in which footers name them; the values stand in addresses."""

    IMPRINT = "imprint"
    PRIVACY = "privacy"
    ACCESSIBILITY = "accessibility"
    EASY_LANGUAGE = "easy-language"
    """In Leichte Sprache, German that is easy to read; there is no English one."""
    SIGN_LANGUAGE = "sign-language"
    """A video in German sign language, with what it says as text."""


class SitePage(Base):
    """A page of the site: one of each kind at most, and public while `published_at` says since when.

    `is_required` is what the city has settled with its reason in `source`; None: as the law of its state says.
    """

    __tablename__ = "site_pages"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PageKind] = mapped_column(enumeration(PageKind), unique=True)
    text_de: Mapped[LongText] = mapped_column(default="")
    text_en: Mapped[LongText] = mapped_column(default="")
    video: Mapped[str] = mapped_column(sa.String(500), default="")
    is_required: Mapped[bool | None]
    source: Mapped[LongText] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[dt.datetime]
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    published_at: Mapped[dt.datetime | None]


class SiteSettings(Base):
    """What holds for the whole site; its one row comes with the first change, until then the defaults hold.

    `state` is that whose law binds the city, by its two letters; its holidays hold where no other one is chosen.
    `enforcement` is the body to which people turn whom the city has not helped. `answer_period` is how long an answer
    to a reported barrier may take, as ISO 8601 writes it (P1M); `remind_days` is how many days before its end the
    administrators are reminded.
    """

    __tablename__ = "site_settings"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="one"),
        sa.CheckConstraint("remind_days BETWEEN 0 AND 30", name="remind_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(sa.String(2), default="")
    enforcement: Mapped[LongText] = mapped_column(default="")
    answer_period: Mapped[str] = mapped_column(sa.String(6), default="P1M")
    remind_days: Mapped[int] = mapped_column(default=7)
