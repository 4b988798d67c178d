"""Migrations make what the models say, on both databases, and go back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from assembly import database
from assembly.clock import now
from assembly.models import (
    Assembly,
    Base,
    Contact,
    Lottery,
    NeedKind,
    Respondent,
    Source,
    Status,
    SupportNeed,
    User,
)
from assembly.services.contacts import CONTACT_FIELDS, KEYS, contact_keys
from assembly.services.privacy.erased_codes import ErasedCodes, attach_key
from tests import patience
from tests.assembly.conftest import WORDS
from tests.assembly.engines import Engines
from tests.project import ROOT


@pytest.fixture
def engine(empty_engines: Engines) -> Iterator[sa.Engine]:
    made = database.make_engine(empty_engines.config.database_url)
    yield made
    made.dispose()


def tables(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def test_up_there_is_no_difference_to_the_models_and_down_nothing_is_left(engine: sa.Engine) -> None:
    assert not database.is_current(engine)
    for _ in range(2):
        database.migrate(engine)
        assert database.is_current(engine)
        assert tables(engine) == set(Base.metadata.tables)
        with engine.begin() as connection:
            command.check(database.alembic_config(connection))
        with engine.begin() as connection:
            command.downgrade(database.alembic_config(connection), "base")
        assert tables(engine) == set()


def test_every_migration_can_be_taken_back_by_itself(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        revisions = list(ScriptDirectory.from_config(database.alembic_config(connection)).walk_revisions())
    for revision in reversed(revisions):
        for target in (revision.revision, revision.down_revision or "base", revision.revision):
            assert isinstance(target, str)
            with engine.begin() as connection:
                config = database.alembic_config(connection)
                (command.downgrade if target != revision.revision else command.upgrade)(config, target)
    assert database.is_current(engine)


def assert_keys_are_those_of_the_application(engine: sa.Engine) -> None:
    """Whether the text to search in and the keys are what the application computes of the same person."""
    with Session(engine) as session:
        people = session.execute(sa.select(Contact, Respondent.code).join(Respondent)).all()
        assert people
        for contact, code in people:
            fields = {field: getattr(contact, field) for field in CONTACT_FIELDS}
            assert {key: getattr(contact, key) for key in KEYS} == contact_keys(fields, code)


def registered(session: Session, **person: str) -> Respondent:
    """Add somebody with a contact to the only assembly."""
    assembly = session.scalar(sa.select(Assembly)) or Assembly(**WORDS, slug="x", created_at=now())
    fields, code = {field: person.get(field, "") for field in ("first_name", "last_name", "street")}, person["code"]
    one = Respondent(assembly=assembly, code=code, registered_at=now(), source=Source.FILE)
    one.contact = Contact(**fields, **contact_keys(fields, code))
    session.add(one)
    session.flush()
    return one


def migrate_from(engine: sa.Engine, revision: str) -> None:
    """Go back to a revision, and up again."""
    with database.migrating(engine) as connection:
        command.downgrade(database.alembic_config(connection), revision)
    database.migrate(engine)


def test_who_was_there_before_is_found_and_listed_like_everybody_after(engine: sa.Engine) -> None:
    database.migrate(engine)
    with Session(engine) as session:
        registered(session, code="BÜR-7", first_name="Đỗ", last_name="Müller-Weiß", street="Ä" * 200)
        registered(session, code="K  1", last_name="Özil")
        session.commit()
    for _ in range(2):
        assert_keys_are_those_of_the_application(engine)
        migrate_from(engine, "0012")
    assert_keys_are_those_of_the_application(engine)


@pytest.mark.parametrize("secret", [None, "a secret"])
def test_who_was_erased_before_loses_their_code_too(engine: sa.Engine, secret: str | None) -> None:
    """Also where a replacement lottery names it; the fingerprint needs the application's secret."""
    if secret:
        attach_key(engine, secret)
    database.migrate(engine)
    with Session(engine) as session:
        gone, here = (registered(session, code=code) for code in ("0151 234567", "K2"))
        gone.status = Status.ERASED
        by = User(email="o@example.org", name="O", fs_uniquifier="o", created_at=now())
        session.add(by)
        session.flush()
        lottery = Lottery(
            assembly_id=gone.assembly_id,
            vacated=[gone.code, here.code],
            is_rehearsal=False,
            one_per_household=False,
            started_at=now(),
            started_by_id=by.id,
            inputs="",
        )
        session.add(lottery)
        codes = [f"erased-{gone.id}", here.code]
        session.commit()
    migrate_from(engine, "0012")
    with Session(engine) as session:
        erased = ErasedCodes(session, session.scalars(sa.select(Assembly)).one())
        assert ("0151 234567" in erased) == bool(secret)
    migrate_from(engine, "0012")
    with Session(engine) as session:
        assert session.scalars(sa.select(Respondent.code).order_by(Respondent.id)).all() == codes
        assert session.scalars(sa.select(Lottery.vacated)).all() == [codes]


def test_a_database_with_people_and_lotteries_in_it_is_migrated_and_keeps_them(demo_city: Path) -> None:
    """SQLite makes changed tables anew, while rows of others refer to them."""
    engine = database.make_engine(f"sqlite:///{demo_city / 'assembly.sqlite'}")
    counted = {name: f"SELECT count(*) FROM {name}" for name in ("lotteries", "commitments", "respondents", "users")}  # noqa: S608  # constants

    def counts() -> dict[str, int]:
        with engine.connect() as connection:
            return {name: connection.execute(sa.text(query)).scalar_one() for name, query in counted.items()}

    before = counts()
    assert all(before.values())
    with database.migrating(engine) as connection:
        connection.execute(sa.text("UPDATE lotteries SET state = 'failed' WHERE replaces_id IS NOT NULL"))
        command.downgrade(database.alembic_config(connection), "0007")
    database.migrate(engine)
    assert database.is_current(engine)
    assert counts() == before
    assert_keys_are_those_of_the_application(engine)
    with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(sa.text("UPDATE lotteries SET assembly_id = 999"))
    engine.dispose()


def test_several_processes_that_start_at_once_migrate_one_after_the_other(empty_engines: Engines) -> None:
    environment = os.environ | {"URL": empty_engines.config.database_url}
    program = "import os; from assembly import database as d; d.migrate(d.make_engine(os.environ['URL']))"
    command = [sys.executable, "-c", program]
    started = [subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate(timeout=patience.SECONDS)[1] for process in started] == [b"", b""]
    assert [process.returncode for process in started] == [0, 0]


def test_what_somebody_needed_before_is_kept_in_their_words(engine: sa.Engine) -> None:
    """What has a kind since then has it in words again in the schema before."""
    database.migrate(engine)
    with Session(engine) as session:
        one = registered(session, code="K1", last_name="Özil")
        by = User(email="o@example.org", name="O", fs_uniquifier="o", created_at=now())
        session.add(by)
        session.flush()
        said = {"respondent_id": one.id, "recorded_at": now(), "recorded_by_id": by.id}
        session.add_all(
            [
                SupportNeed(**said, text="Rampe"),
                SupportNeed(**said, kind=NeedKind.SPOKEN_LANGUAGE, language="Türkisch", text="abends"),
            ]
        )
        session.commit()
    migrate_from(engine, "0021")
    with Session(engine) as session:
        found = session.scalars(sa.select(SupportNeed).order_by(SupportNeed.id)).all()
        assert [(need.kind, need.language, need.children, need.for_all_events) for need in found] == [
            *[(NeedKind.OTHER, "", None, True)] * 2
        ]
        assert [need.text for need in found] == ["Rampe", "spoken_language Türkisch  abends"]
