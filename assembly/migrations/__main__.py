"""Write a migration: the difference between what the migrations so far make and what the models say."""

from __future__ import annotations

import sys

import sqlalchemy as sa
from alembic import command
from sqlalchemy.pool import StaticPool

from assembly import database


def main() -> None:
    """Compare in memory, so that no database of anybody's is needed."""
    number, message = sys.argv[1:]
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    database.configure(engine)
    with engine.begin() as connection:
        config = database.alembic_config(connection)
        command.upgrade(config, "head")
        command.revision(config, message=message, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    main()
