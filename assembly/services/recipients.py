"""How to write to a respondent: by mail, or by letter to whoever has no address for mail."""

from __future__ import annotations

import dataclasses
import re
from typing import Protocol

import sqlalchemy as sa

from assembly.models import Contact

LANGUAGES = ("de", "en")
"""Languages that there are templates in; whoever has another one is written to in the first."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
FIELDS = ("first_name", "last_name", "email", "street", "house_number", "postcode", "city", "language")


class Reachable(Protocol):
    """What is needed of a contact: the row itself, or these columns of it."""

    @property
    def first_name(self) -> str: ...  # noqa: D102  # a column of contacts  # the column's name says it, here and below
    @property
    def last_name(self) -> str: ...  # noqa: D102  # a column of contacts
    @property
    def email(self) -> str: ...  # noqa: D102  # a column of contacts
    @property
    def street(self) -> str: ...  # noqa: D102  # a column of contacts
    @property
    def house_number(self) -> str: ...  # noqa: D102  # a column of contacts
    @property
    def postcode(self) -> str: ...  # noqa: D102  # a column of contacts
    @property
    def city(self) -> str: ...  # noqa: D102  # a column of contacts
    @property
    def language(self) -> str: ...  # noqa: D102  # a column of contacts


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Recipient:
    """Whom a mail goes to; without `email` it becomes a letter to `address` (lines), and without both nothing."""

    name: str
    email: str | None
    address: tuple[str, ...]
    language: str

    @property
    def is_reachable(self) -> bool:
        """Whether there is any way to write to them."""
        return self.email is not None or bool(self.address)


def recipient_of(contact: Reachable) -> Recipient:
    """Return how to write to somebody; what cannot be an address for mail counts as none."""
    name = f"{contact.first_name} {contact.last_name}".strip()
    street = f"{contact.street} {contact.house_number}".strip()
    town = f"{contact.postcode} {contact.city}".strip()
    return Recipient(
        name=name,
        email=contact.email if _EMAIL.fullmatch(contact.email) else None,
        address=(name, street, town) if contact.street and town else (),
        language=contact.language if contact.language in LANGUAGES else LANGUAGES[0],
    )


def is_unreachable() -> sa.ColumnElement[bool]:
    """Return the condition on Contact under which `recipient_of` finds neither of both."""
    mailable = sa.and_(Contact.email.like("%_@_%._%"), Contact.email.not_like("%@%@%"), Contact.email.not_like("% %"))
    postable = sa.and_(Contact.street != "", sa.or_(Contact.postcode != "", Contact.city != ""))
    return sa.not_(sa.or_(mailable, postable))
