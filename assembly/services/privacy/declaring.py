"""How a stored field is declared: personal, with purpose, legal ground and deletion date; or not personal."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa

from assembly.models import Base


class Deadline(enum.StrEnum):
    """Up to when something is kept."""

    NOT_DRAWN = "not_drawn"
    MEMBERS = "members"
    FOLLOW_UP = "follow_up"
    NEEDS = "needs"
    VISITS = "visits"
    PAYMENTS = "payments"
    RECEIPTS = "receipts"
    CLAIMS = "claims"
    FILES = "files"
    MAILS = "mails"
    JOBS = "jobs"
    ACCOUNTS = "accounts"
    SUBSCRIPTIONS = "subscriptions"
    CONTACTS = "contacts"
    BARRIERS = "barriers"
    PROOFS = "proofs"


class Basis(enum.StrEnum):
    """The legal ground on which a field is kept."""

    CONSENT = "consent"
    TASK = "task"
    ACCOUNTABILITY = "accountability"


Rows = Callable[[Collection[int]], sa.ColumnElement[bool]]
"""Given the numbers of respondents, the condition under which a row is about one of them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """Columns that hold personal data: what they are, what for, on which ground, and until when (whichever applies).

    `label` and `purpose` are translatable sentences.
    """

    columns: tuple[str, ...]
    label: str
    purpose: str
    basis: Basis
    until: tuple[Deadline, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Declared:
    """A table: what of it is kept of people, which columns say nothing about anybody, and which rows are whose.

    `rows` is None where no row is about one respondent. When the person's data are erased or their time is over, `own`
    rows go, and of the others the columns `emptied`; see `assembly.services.privacy.erasing` for the documents.
    """

    table: sa.Table
    title: str
    kept: tuple[Kept, ...] = ()
    others: frozenset[str] = frozenset()
    rows: Rows | None = None
    own: bool = False
    emptied: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold personal data."""
        return tuple(column for kept in self.kept for column in kept.columns)


def table_of(model: type[Base]) -> sa.Table:
    """Return the table of a model."""
    table = model.__table__
    if not isinstance(table, sa.Table):
        raise TypeError(f"{model.__name__} has no table of its own.")
    return table


def by_column(model: type[Base], name: str = "respondent_id") -> Rows:
    """Return that rows are about the respondent whose number stands in a column."""
    column: sa.ColumnElement[Any] = table_of(model).c[name]
    return column.in_
