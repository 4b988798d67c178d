"""Shared households and people registered twice are suspected, decided once, and stay decided."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from assembly.models import Assembly, Distinction, Exclusion, Household, Resemblance, Respondent, Status, User
from assembly.services import duplicates, households, logbook, pool, respondents
from assembly.services.errors import ConflictError, RuleError
from tests.assembly.sample import as_csv
from tests.assembly.services.test_imports import take

HOME = {"Nachname": "Roth", "Straße": "Amselstraße", "Hausnummer": "3", "PLZ": "62104"}


def people(session: Session, assembly: Assembly, user: User, *rows: dict[str, str]) -> dict[str, Respondent]:
    every = {key: "" for row in rows for key in row} | dict.fromkeys(("id", *HOME), "")
    take(session, assembly, user, as_csv([every | row for row in rows]))
    return {one.code: one for one in session.scalars(sa.select(Respondent).order_by(Respondent.code))}


def homes(session: Session, assembly: Assembly) -> list[tuple[list[str], bool]]:
    session.flush()
    session.expire_all()
    found, _ = households.shared_households(session, assembly, page=1, size=100)
    return sorted(([one.code for one in home.respondents], home.is_confirmed) for home in found)


def test_spelling_makes_no_household_and_surname_does(session: Session, assembly: Assembly, organiser: User) -> None:
    people(
        session,
        assembly,
        organiser,
        HOME | {"id": "K1"},
        HOME | {"id": "K2", "Straße": "AMSELSTR. 3", "Hausnummer": ""},
        HOME | {"id": "K3", "Nachname": "Blau"},
        HOME | {"id": "K4", "Hausnummer": "33"},
        {"id": "K5", "Nachname": "Roth"},
        {"id": "K6", "Nachname": "Roth"},
    )
    assert homes(session, assembly) == [(["K1", "K2"], False)]


def test_a_split_household_stays_split_and_a_newcomer_asks_again(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    found = people(session, assembly, organiser, HOME | {"id": "K1"}, HOME | {"id": "K2"})
    home = session.get_one(Household, found["K1"].household_id)
    households.split(session, home, by=organiser)
    assert homes(session, assembly) == []
    take(session, assembly, organiser, as_csv([{"id": "K9", "Nachname": "Weit"}]))
    assert homes(session, assembly) == []
    assert [row.household for row in pool.pool_rows(session, assembly).rows] == [None, None, None]
    take(session, assembly, organiser, as_csv([HOME | {"id": "K3"}]))
    assert homes(session, assembly) == [(["K1", "K2", "K3"], False)]
    assert [e.action for e in logbook.entries_of(session, assembly)].count("household_split") == 1


def test_a_confirmed_household_stays_and_who_joins_is_to_be_looked_at(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    found = people(session, assembly, organiser, HOME | {"id": "K1"}, HOME | {"id": "K2"})
    households.confirm(session, session.get_one(Household, found["K1"].household_id), by=organiser)
    assert homes(session, assembly) == [(["K1", "K2"], True)]
    take(session, assembly, organiser, as_csv([{"id": "K9", "Nachname": "Weit"}]))
    assert homes(session, assembly) == [(["K1", "K2"], True)]
    take(session, assembly, organiser, as_csv([HOME | {"id": "K3"}]))
    assert homes(session, assembly) == [(["K1", "K2", "K3"], False)]


def test_a_couple_with_two_names_is_recorded_by_hand(session: Session, assembly: Assembly, organiser: User) -> None:
    rows = [HOME | {"id": "K1"}, HOME | {"id": "K2", "Nachname": "Blau"}, HOME | {"id": "K3", "Nachname": "Blau"}]
    found = people(session, assembly, organiser, *rows)
    assert homes(session, assembly) == [(["K2", "K3"], False)]
    households.join(session, found["K1"], found["K2"], by=organiser)
    assert homes(session, assembly) == [(["K1", "K2", "K3"], True)]
    households.find_households(session, assembly)
    assert homes(session, assembly) == [(["K1", "K2", "K3"], True)]
    assert [row.household for row in pool.pool_rows(session, assembly).rows] == ["h1", "h1", "h1"]
    with pytest.raises(RuleError):
        households.join(session, found["K1"], found["K1"], by=organiser)


def test_an_erased_person_leaves_no_household_behind(session: Session, assembly: Assembly, organiser: User) -> None:
    found = people(session, assembly, organiser, HOME | {"id": "K1"}, HOME | {"id": "K2"})
    respondents.erase(session, found["K1"], by=organiser)
    session.flush()
    session.expire_all()
    assert found["K2"].household_id is None


@given(
    st.lists(st.integers(0, 9), min_size=2, max_size=10, unique=True),
    st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda pair: (min(pair), max(pair))), max_size=45),
)
def test_parts_of_a_household_are_what_hangs_together(members: list[int], apart: set[tuple[int, int]]) -> None:
    """Against a plain search: two are in one part if a chain of people not told apart leads from one to the other."""
    members = sorted(members)
    parts = households._components(members, frozenset(apart), {one for pair in apart for one in pair})
    near = {pair for pair in itertools.combinations(members, 2) if pair not in apart}
    expected = []
    rest = set(members)
    while rest:
        part, todo = set(), [min(rest)]
        while todo:
            one = todo.pop()
            if one not in part:
                part.add(one)
                todo += [o for o in members if (min(one, o), max(one, o)) in near]
        expected.append(sorted(part))
        rest -= part
    assert sorted(sorted(part) for part in parts) == sorted(expected)


def test_three_things_in_common_make_a_suspicion(session: Session, assembly: Assembly, organiser: User) -> None:
    born = {"Geburtsdatum": "1.2.1990"}
    people(
        session,
        assembly,
        organiser,
        HOME | {"id": "K1", "Vorname": "Ada", "E-Mail": "Ada@example.org"} | born,
        {"id": "K2", "Nachname": "Blau", "E-Mail": "ada@EXAMPLE.org"},
        HOME | {"id": "K3", "Vorname": "ADA", "Straße": "Amsel-Str."},
        {"id": "K4", "Nachname": "ROTH", "Vorname": "Bo"} | born,
        {"id": "K5", "Nachname": "Grün", "Vorname": "Ada"} | born,
        {"id": "K6", "Nachname": "", "Vorname": "", "E-Mail": ""},
        {"id": "K7", "Nachname": "", "Vorname": "", "E-Mail": ""},
    )
    found, total = duplicates.suspicions(session, assembly, page=1, size=10)
    assert [(pair.one.code, pair.other.code, pair.reasons) for pair in found] == [
        ("K1", "K2", ["email"]),
        ("K1", "K3", ["name_and_address"]),
        ("K1", "K4", ["birth_date_and_surname"]),
    ]
    assert total == 3
    page, _ = duplicates.suspicions(session, assembly, page=2, size=2)
    assert [(pair.one.code, pair.other.code) for pair in page] == [("K1", "K4")]
    suspected = pool.find(session, assembly, pool.Filter(is_suspected=True))
    assert [one.code for one in suspected.people] == ["K1", "K2", "K3", "K4"]


def test_one_person_is_excluded_once_and_different_people_stay(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    mail = {"E-Mail": "a@example.org"}
    found = people(session, assembly, organiser, *({"id": f"K{n}", "Nachname": f"N{n}"} | mail for n in (1, 2, 3)))
    assert duplicates.suspicions(session, assembly, page=1, size=10)[1] == 3
    duplicates.decide_same(session, found["K1"], found["K2"], by=organiser)
    assert (found["K2"].status, found["K2"].exclusion) == (Status.EXCLUDED, Exclusion.DUPLICATE)
    assert duplicates.suspicions(session, assembly, page=1, size=10)[1] == 1
    duplicates.decide_different(session, found["K3"], found["K1"], by=organiser)
    duplicates.decide_different(session, found["K3"], found["K1"], by=organiser)  # a second click
    assert duplicates.suspicions(session, assembly, page=1, size=10) == ([], 0)
    assert pool.find(session, assembly, pool.Filter(is_suspected=True)).total == 0
    kept = [(one.kind, one.one_id, one.other_id) for one in session.scalars(sa.select(Distinction))]
    assert kept == [(Resemblance.PERSON, found["K1"].id, found["K3"].id)]
    with pytest.raises(ConflictError):
        duplicates.decide_same(session, found["K1"], found["K2"], by=organiser)
    entry = next(e for e in logbook.entries_of(session, assembly) if e.action == "duplicate_decided")
    assert entry.details == {"other": found["K1"].id}


def test_who_withdrew_and_registers_again_is_noticed(session: Session, assembly: Assembly, organiser: User) -> None:
    mail = {"Nachname": "Roth", "E-Mail": "a@example.org"}
    found = people(session, assembly, organiser, {"id": "K1"} | mail)
    respondents.move(session, found["K1"], Status.WITHDRAWN, by=organiser)
    take(session, assembly, organiser, as_csv([{"id": "K2"} | mail]))
    pairs, _ = duplicates.suspicions(session, assembly, page=1, size=10)
    assert [(pair.one.code, pair.other.code) for pair in pairs] == [("K1", "K2")]
    again = next(pair.other for pair in pairs)
    respondents.move(session, again, Status.WITHDRAWN, by=organiser)
    assert duplicates.suspicions(session, assembly, page=1, size=10)[1] == 0
