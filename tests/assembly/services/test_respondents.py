"""Statuses move only as the table says, each move is logged, and erasing leaves nothing of a person."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy.orm import Session

from assembly import database
from assembly.clock import now
from assembly.models import (
    Assembly,
    Base,
    Contact,
    Exclusion,
    Import,
    ImportChange,
    ImportState,
    Mail,
    MailState,
    Respondent,
    Role,
    Source,
    Status,
    User,
)
from assembly.services import accounts, assemblies, freezing, imports, logbook, registrations, respondents
from assembly.services.authorisation import can_manage, can_see_pool
from assembly.services.errors import ConflictError, ForbiddenError, NotFoundError, RuleError
from assembly.services.privacy.erased_codes import attach_key
from tests.assembly.conftest import WORDS
from tests.assembly.sample import add_features, as_csv

PERSON = {
    "code": "B7",
    "first_name": "Zerlina",
    "last_name": "Quast",
    "email": "zerlina@example.org",
    "phone": "0171 5550199",
    "street": "Amselweg",
    "house_number": "4",
    "postcode": "62104",
    "city": "Auenfurt",
}


@pytest.fixture
def person(session: Session, assembly: Assembly, organiser: User) -> Respondent:
    added = registrations.register(session, assembly, PERSON, by=organiser)
    session.commit()
    return added


def test_nobody_who_withdrew_ever_returns_to_the_pool() -> None:
    reached, todo = set(), [Status.WITHDRAWN]
    while todo:
        status = todo.pop()
        new = respondents.TRANSITIONS[status] - reached
        reached |= new
        todo += new
    assert reached == {Status.REPLACED, Status.ERASED}


def test_the_table_knows_every_status_and_erased_is_final() -> None:
    assert set(respondents.TRANSITIONS) == set(Status)
    assert respondents.TRANSITIONS[Status.ERASED] == frozenset()
    assert all(Status.ERASED in after for before, after in respondents.TRANSITIONS.items() if before != Status.ERASED)


def test_an_exclusion_needs_a_reason_and_can_be_taken_back(
    session: Session, person: Respondent, organiser: User
) -> None:
    with pytest.raises(RuleError):
        respondents.move(session, person, Status.EXCLUDED, by=organiser)
    respondents.exclude(session, person, Exclusion.OFFICE_HOLDER, by=organiser)
    assert (person.status, person.exclusion) == (Status.EXCLUDED, Exclusion.OFFICE_HOLDER)
    respondents.readmit(session, person, by=organiser)
    assert (person.status, person.exclusion) == (Status.REGISTERED, None)
    moves = [
        entry.details for entry in logbook.entries_of(session, person.assembly) if entry.action == "status_changed"
    ]
    assert moves == [
        {"before": "registered", "after": "excluded", "reason": "office_holder"},
        {"before": "excluded", "after": "registered"},
    ]


def test_once_somebody_is_drawn_the_pool_is_frozen_but_people_can_leave(
    session: Session, assembly: Assembly, person: Respondent, organiser: User
) -> None:
    other = registrations.register(session, assembly, PERSON | {"code": "B8"}, by=organiser)
    respondents.move(session, other, Status.DRAWN, by=None)
    assert freezing.is_frozen(session, assembly)
    with pytest.raises(ConflictError, match="frozen"):
        respondents.exclude(session, person, Exclusion.OWN_WISH, by=organiser)
    with pytest.raises(ConflictError, match="frozen"):
        registrations.register(session, assembly, PERSON | {"code": "B9"}, by=organiser)
    respondents.move(session, person, Status.WITHDRAWN, by=organiser)
    assert person.status is Status.WITHDRAWN


def test_a_respondent_exists_only_in_their_own_assembly(session: Session, person: Respondent, organiser: User) -> None:
    other = assemblies.create_assembly(session, WORDS, by=organiser)
    stranger = accounts.create_account(session, email="fremd@example.org", name="Fremd")
    caller = accounts.create_account(session, email="ruf@example.org", name="Ruf")
    accounts.grant(session, caller, Role.CALLER, assembly=person.assembly, by=organiser)
    session.refresh(organiser)
    find = respondents.get_respondent
    assert find(session, person.id, user=organiser, may=can_manage, assembly_id=person.assembly_id) is person
    with pytest.raises(NotFoundError):
        find(session, person.id, user=organiser, may=can_manage, assembly_id=other.id)
    with pytest.raises(NotFoundError):
        find(session, person.id, user=stranger, may=can_see_pool)
    with pytest.raises(ForbiddenError):
        find(session, person.id, user=caller, may=can_see_pool)
    with pytest.raises(NotFoundError):
        find(session, 4711, user=organiser, may=can_manage)


def test_erasing_leaves_the_row_and_nothing_of_the_person(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    """Every table is searched for what the person is called; uploads that may hold them are discarded."""
    add_features(session, assembly)
    row = dict(
        zip(
            ("id", "Vorname", "Nachname", "E-Mail", "Telefon", "Geschlecht", "Altersgruppe", "Stadtteil"),
            ("Z1", "Zerlina", "Quast", "zerlina@example.org", "0171 5550199", "weiblich", "16-24", "Hafen"),
            strict=True,
        )
    )
    for content in (as_csv([row | {"Vorname": "Zerlin"}]), as_csv([row])):
        upload = imports.upload(session, assembly, content, name="a.csv", by=organiser)
        columns = upload.mapping["columns"]
        imports.decide(session, assembly, upload, columns=columns, spellings={}, overwrite=True)
        imports.apply_import(session, upload, by=organiser)
    pending = imports.upload(session, assembly, as_csv([row]), name="b.csv", by=organiser)
    person = respondents.find_by_code(session, assembly, "Z1")
    registrations.change(session, person, {"last_name": "Quast-Neu"}, by=organiser)
    assert _dump(session).count("quast") > 3
    respondents.erase(session, person, by=organiser)
    session.commit()
    session.expire_all()
    dump = _dump(session)
    assert [word for word in ("zerlin", "quast", "0171", "hafen-x") if word in dump] == []
    assert (person.code, person.status, person.contact, person.values) == (
        f"erased-{person.id}",
        Status.ERASED,
        None,
        [],
    )
    assert session.scalar(sa.select(sa.func.count()).select_from(ImportChange)) == 0
    assert session.get_one(Import, pending.id).state is ImportState.DISCARDED
    with pytest.raises(ConflictError):
        respondents.readmit(session, person, by=organiser)


def test_who_was_erased_or_withdrew_is_not_imported_again(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    rows = [{"id": "Z1", "Nachname": "Quast"}, {"id": "Z2", "Nachname": "Roth"}, {"id": "Z3", "Nachname": "Neu"}]
    first = imports.upload(session, assembly, as_csv(rows[:2]), name="a.csv", by=organiser)
    imports.apply_import(session, first, by=organiser)
    erased = respondents.find_by_code(session, assembly, "Z1")
    respondents.erase(session, erased, by=organiser)
    respondents.move(session, respondents.find_by_code(session, assembly, "Z2"), Status.WITHDRAWN, by=organiser)
    again = imports.upload(session, assembly, as_csv(rows), name="a.csv", by=organiser)
    preview = imports.preview(session, assembly, again)
    assert [(problem.rows, str(problem.what)) for problem in preview.refused] == [
        ((2, 3), "This person has withdrawn, or their data were erased.")
    ]
    imports.apply_import(session, again, by=organiser)
    found = dict(session.execute(sa.select(Respondent.code, Respondent.status)).all())
    assert found == {f"erased-{erased.id}": Status.ERASED, "Z2": Status.WITHDRAWN, "Z3": Status.REGISTERED}


def test_who_withdraws_gets_nothing_more(session: Session, assembly: Assembly, organiser: User) -> None:
    """Neither what waits for the mail server nor what waits for the printer; what was sent stays to be seen."""
    row = {"Nachname": "Quast", "E-Mail": "q@example.org"}
    upload = imports.upload(
        session, assembly, as_csv([row | {"id": "Z1"}, row | {"id": "Z2"}]), name="a.csv", by=organiser
    )
    imports.apply_import(session, upload, by=organiser)
    first, second = (respondents.find_by_code(session, assembly, code) for code in ("Z1", "Z2"))
    for state in (MailState.SENT, MailState.TO_PRINT):
        session.add(
            Mail(
                template="receipt",
                language="de",
                recipient="q@example.org",
                subject=state.value,
                text="Quast",
                html="",
                state=state,
                assembly_id=assembly.id,
                respondent_id=first.id,
                created_at=first.registered_at,
                due_at=first.registered_at,
            )
        )
    session.flush()
    respondents.move(session, first, Status.WITHDRAWN, by=organiser)
    session.expire_all()
    states = session.execute(sa.select(Mail.template, Mail.state, Mail.text != "").order_by(Mail.id)).all()
    assert states == [
        ("acknowledgement", MailState.ERASED, False),
        ("acknowledgement", MailState.QUEUED, True),
        ("receipt", MailState.SENT, True),
        ("receipt", MailState.ERASED, False),
    ]
    assert second.status is Status.REGISTERED


def _dump(session: Session) -> str:
    session.flush()
    parts = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(sa.select(table)):
            for cell in row:
                if isinstance(cell, bytes) and cell:
                    parts.append(repr(imports.reading.unpack(cell).rows[0].cells))
                else:
                    parts.append(str(cell))
    return "\n".join(parts).lower()


class Moves(RuleBasedStateMachine):
    """No sequence of moves leads outside the table; the log has each of them, and its chain is intact."""

    @initialize()
    def set_up(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.engine = sa.create_engine(f"sqlite:///{Path(self.folder.name) / 'moves.sqlite'}")
        database.configure(self.engine)
        attach_key(self.engine, "a secret")
        Base.metadata.create_all(self.engine)
        self.session = Session(self.engine)
        self.user = accounts.create_account(self.session, email="a@example.org", name="A")
        self.assembly = assemblies.create_assembly(self.session, WORDS, by=self.user)
        self.people = [
            Respondent(
                assembly=self.assembly,
                code=code,
                status=Status.REGISTERED,
                registered_at=now(),
                source=Source.FILE,
                contact=Contact(first_name="Ada", last_name="Quast"),
            )
            for code in ("A", "B")
        ]
        self.session.add_all(self.people)
        self.session.flush()
        self.expected = {person.id: [Status.REGISTERED] for person in self.people}

    @rule(which=st.integers(0, 1), to=st.sampled_from(Status), reason=st.one_of(st.none(), st.sampled_from(Exclusion)))
    def move(self, which: int, to: Status, reason: Exclusion | None) -> None:
        person = self.people[which]
        before = person.status
        frozen = freezing.is_frozen(self.session, self.assembly)
        allowed = to in respondents.TRANSITIONS[before] and not (frozen and to in {Status.REGISTERED, Status.EXCLUDED})
        try:
            if to is Status.ERASED:
                respondents.erase(self.session, person, by=self.user)
            else:
                respondents.move(self.session, person, to, by=self.user, reason=reason)
        except ConflictError:
            assert not allowed
        except RuleError:
            assert to is Status.EXCLUDED
            assert reason is None
        else:
            assert allowed
            self.expected[person.id].append(to)

    @invariant()
    def the_log_tells_the_same_story(self) -> None:
        if not hasattr(self, "session"):
            return
        entries = list(logbook.entries_of(self.session, self.assembly))
        assert logbook.first_fault(entries) is None
        for person in self.people:
            told = [Status.REGISTERED] + [
                Status(entry.details["after"])
                for entry in entries
                if entry.action == "status_changed" and entry.subject == f"respondent:{person.id}"
            ]
            assert told == self.expected[person.id]
            assert person.status is told[-1]
            assert (person.exclusion is not None) == (person.status is Status.EXCLUDED)
            assert (person.contact is None) == (person.status is Status.ERASED)

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()
            self.engine.dispose()
            self.folder.cleanup()


TestMoves = Moves.TestCase
TestMoves.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
