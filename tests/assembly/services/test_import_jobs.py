"""A large import runs as a job, on both databases: whole or not at all, once, and what went wrong is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import Assembly, Import, ImportState, Job, JobState, Respondent, Role, User
from assembly.services import (
    accounts,
    assemblies,
    batches,
    duplicates,
    handlers,
    households,
    imports,
    jobs,
    pool,
    respondents,
)
from assembly.services.errors import ConflictError
from assembly.services.handlers import Run
from assembly.services.imports import background
from tests.assembly.conftest import WORDS
from tests.assembly.engines import Engines
from tests.assembly.sample import DATA, add_features, as_csv

Sessions = sessionmaker[Session]


@pytest.fixture
def uploaded(sessions: Sessions) -> tuple[int, int, int]:
    """The ids of an account, its assembly, and an uploaded file of the sample."""
    with sessions() as session:
        user = accounts.create_account(session, email="orga@example.org", name="Olga Organ")
        accounts.grant(session, user, Role.COUNCIL_OFFICE, by=None)
        assembly = assemblies.create_assembly(session, WORDS, by=user)
        add_features(session, assembly)
        upload = imports.upload(session, assembly, (DATA / "respondents.xlsx").read_bytes(), name="r.xlsx", by=user)
        session.commit()
        return user.id, assembly.id, upload.id


def start(sessions: Sessions, uploaded: tuple[int, int, int]) -> int:
    user, assembly, upload = uploaded
    with sessions.begin() as session:
        import_, here = session.get_one(Import, upload), session.get_one(Assembly, assembly)
        seen = imports.preview(session, here, import_).digest
        return background.start_import(session, here, import_, seen=seen, by=session.get_one(User, user)).id


def perform(sessions: Sessions, engines: Engines, job_id: int) -> Job:
    with sessions.begin() as session:
        job = jobs.claim(session, job_id, frozenset({"import"}))
        assert job is not None
        run = Run(sessions, engines.config, job.id, job.attempts, job.payload)
    handlers.perform(run, "import")
    with sessions() as session:
        return session.get_one(Job, job_id)


def test_a_job_imports_everything_once(
    sessions: Sessions, engines: Engines, uploaded: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH", 100)
    monkeypatch.setattr(handlers, "LEAST_SECONDS_BETWEEN_REPORTS", 0)
    told: list[Mapping[str, Any]] = []
    report = Run.report

    def note(run: Run, progress: Mapping[str, Any]) -> None:
        told.append(progress)
        report(run, progress)

    monkeypatch.setattr(Run, "report", note)
    job_id = start(sessions, uploaded)
    assert start(sessions, uploaded) == job_id
    job = perform(sessions, engines, job_id)
    assert (job.state, job.payload.keys()) == (JobState.DONE, {"import", "seen"})
    steps = [] if "DATABASE_URL" not in engines.environment else [100, 200, 300, 400, 500, 600, 640]
    assert [progress.get("done") for progress in told] == [None, *steps]
    with sessions() as session:
        import_ = session.get_one(Import, uploaded[2])
        assert (import_.state, import_.summary["added"], import_.content) == (ImportState.APPLIED, 640, b"")
        assert jobs.active(background.last_job(session, import_)) is None
    with sessions() as session, pytest.raises(ConflictError):
        background.start_import(
            session,
            session.get_one(Assembly, uploaded[1]),
            session.get_one(Import, uploaded[2]),
            seen="",
            by=session.get_one(User, uploaded[0]),
        )


def test_what_went_wrong_is_said_and_the_file_can_be_tried_again(
    sessions: Sessions, engines: Engines, uploaded: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_args: object, **_more: object) -> list[int]:
        raise ConflictError("The roof is leaking.")

    with monkeypatch.context() as patch:
        patch.setattr(households, "find_households", break_down)
        job = perform(sessions, engines, start(sessions, uploaded))
    assert job.state is JobState.FAILED
    with sessions() as session:
        import_ = session.get_one(Import, uploaded[2])
        assert import_.state is ImportState.UPLOADED
        failure = jobs.failure_of(background.last_job(session, import_))
        assert failure is not None
        assert failure.message == "The roof is leaking."
        assert session.scalar(sa.select(sa.func.count()).select_from(Respondent)) == 0
    assert perform(sessions, engines, start(sessions, uploaded)).state is JobState.DONE


@pytest.mark.parametrize("engines", ["postgresql"], indirect=True)
def test_the_database_plans_for_as_many_as_there_are_after_an_import(
    sessions: Sessions, engines: Engines, uploaded: tuple[int, int, int]
) -> None:
    """Not for the empty table that it saw last: a page of the pool would go through everybody."""
    perform(sessions, engines, start(sessions, uploaded))
    with sessions() as session:
        expected = session.scalar(sa.text("SELECT reltuples FROM pg_class WHERE relname = 'respondents'"))
        assert expected == session.scalar(sa.select(sa.func.count()).select_from(Respondent))


def test_both_databases_search_count_decide_erase_and_undo_alike(
    sessions: Sessions, engines: Engines, uploaded: tuple[int, int, int]
) -> None:
    perform(sessions, engines, start(sessions, uploaded))
    with sessions() as session:
        user, assembly = session.get_one(User, uploaded[0]), session.get_one(Assembly, uploaded[1])
        wanted = pool.Filter(search="jaeger FRANZ", shares_household=False)
        assert [one.code for one in pool.find(session, assembly, wanted).people] == ["A0005"]
        for sort in pool.Sort:
            assert pool.find(session, assembly, pool.Filter(is_suspected=True), sort=sort).total == 4
        (pair, other), total = duplicates.suspicions(session, assembly, page=1, size=25)
        assert total == 2
        duplicates.decide_same(session, pair.one, pair.other, by=user)
        duplicates.decide_different(session, other.one, other.other, by=user)
        assert pool.find(session, assembly, pool.Filter(is_suspected=True)).total == 0
        homes, count = households.shared_households(session, assembly, page=1, size=25)
        households.split(session, homes[0], by=user)
        assert households.shared_households(session, assembly, page=1, size=25)[1] == count - 1
        gender = pool.composition(session, assembly)[0]
        assert sum(value.count for value in gender.values) == 639
        erased = respondents.find_by_code(session, assembly, "A0001")
        respondents.erase(session, erased, by=user)
        assert len(pool.pool_rows(session, assembly).rows) == 638
        content = as_csv([{"id": "A0002", "Nachname": "Neu", "Geschlecht": "weiblich"}])
        change = imports.upload(session, assembly, content, name="b.csv", by=user)
        columns = change.mapping["columns"]
        imports.decide(session, assembly, change, columns=columns, spellings={}, overwrite=True)
        imports.apply_import(session, change, by=user)
        person = respondents.find_by_code(session, assembly, "A0002")
        assert person.contact is not None
        assert person.contact.last_name == "Neu"
        imports.undo_import(session, change, by=user)
        assert person.contact.last_name == "Schuster"
        imports.undo_import(session, session.get_one(Import, uploaded[2]), by=user)
        assert list(session.scalars(sa.select(Respondent.code))) == [f"erased-{erased.id}"]
