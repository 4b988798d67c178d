"""What Alembic runs: our metadata over the connection that it was handed, see `assembly.database`."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from flask_security import AsaList

from assembly.models import Base
from assembly.models.base import ONLY, UtcDateTime


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write column types of ours as what they are in the database: migrations must not change when our code does."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AsaList):
        return "sa.UnicodeText()"
    return False


def compare_default(
    _context: Any, _inspected: Any, _column: Any, inspected: str | None, _default: Any, rendered: str | None
) -> bool | None:
    """Say that the empty text equals itself, which Alembic does not see in SQLite; leave all else to it."""
    empty = {"", "''", "('')"}
    return False if inspected in empty and rendered in empty else None


def is_of_this_database(item: Any, _name: str | None, _kind: str, _reflected: Any, _other: Any) -> bool:
    """Tell whether something is meant for the database at hand: few indexes are for one of the two alone."""
    return item.info.get(ONLY) in {None, context.get_context().dialect.name}


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_server_default=compare_default,
    render_item=render_item,
    include_object=is_of_this_database,
)
with context.begin_transaction():
    context.run_migrations()
