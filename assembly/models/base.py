"""What all tables share: names of constraints, moments with their zone."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, mapped_column

LARGEST_ROW_NUMBER = 2**31 - 1
"""PostgreSQL's integers go no further, and with numbers beyond SQLite's a query fails."""
ONLY = "only"
"""Where the `info` of an index names the database that it is for: the other one has not its like."""


class UtcDateTime(sa.TypeDecorator[dt.datetime]):
    """A moment with its zone, kept in UTC; SQLite alone would lose the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Refuse a moment without zone; hand over UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs its time zone.")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, _dialect: sa.Dialect) -> dt.datetime | None:
        """Give the moment back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def enumeration(kind: type[enum.Enum], name: str = "") -> sa.Enum:
    """Return a column type for an enumeration: its values as text, checked by the database.

    `name` is that of the check, where a table has several columns of one kind.
    """
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
        length=40,
        name=name or kind.__name__.lower(),
    )


ShortText = Annotated[str, mapped_column(sa.String(200))]
LongText = Annotated[str, mapped_column(sa.Text)]


class Base(DeclarativeBase):
    """The tables of the application."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dt.datetime: UtcDateTime(),
        dict[str, Any]: sa.JSON(),
        list[str]: sa.JSON(),
    }

    def __repr__(self) -> str:
        """Name the row by its key alone: a repr ends in logs, and rows hold personal data."""
        identity = sa.inspect(self).identity
        return f"{type(self).__name__}({', '.join(map(str, identity)) if identity else 'new'})"
