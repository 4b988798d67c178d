"""The search of the register: by stems of German words, the same on both databases; nothing redacted is found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import Assembly, Case, Move, User
from assembly.services import accounts, assemblies
from assembly.services.daily import today
from assembly.services.follow_up import cases, register, searching
from assembly.services.follow_up.register import Filter
from assembly.services.follow_up.transitions import Actor
from tests.assembly.conftest import WORDS
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said

TEXT = "Wir sanieren die Radwege am Flussufer, 100 % öffentlich_gefördert, mit 3 Häusern an der Buslinie."


@pytest.fixture
def found(sessions: sessionmaker[Session]) -> Iterator[tuple[Session, Case]]:
    """A case with an answer, in a database without any other."""
    session = sessions()
    organiser = accounts.create_account(session, email="orga@example.org", name="Olga Organ")
    assembly = assemblies.create_assembly(session, WORDS | {"is_public": True}, by=organiser)
    case = hand_over(session, assembly, by=organiser, on=today())[0]
    cases.move(session, case, Move.ASSIGN, {"unit": "Tiefbauamt"}, actor=Actor.OFFICE, by=organiser)
    cases.move(session, case, Move.BEGIN_REVIEW, {}, actor=Actor.OFFICE, by=organiser)
    answer = said(Move.ANSWER, today(), summary=TEXT)
    cases.move(session, case, Move.ANSWER, answer, actor=Actor.OFFICE, by=organiser)
    yield session, case
    session.close()


def hits(session: Session, text: str) -> int:
    return register.page_of(session, Filter(search=text), 1).total


def test_words_are_found_in_all_their_forms_and_within_longer_ones(found: tuple[Session, Case]) -> None:
    session, _ = found
    for text in ("Radweg", "RADWEGEN sanieren", "haus", "Häuser", "Linie", "ufer", "Tiefbauämter", "100", "gefördert"):
        assert hits(session, text) == 1, text
    for text in ("Radweg Brücke", "Tunnel", "us", "00"):
        assert hits(session, text) == 0, text


def test_signs_mean_nothing_to_the_search(found: tuple[Session, Case]) -> None:
    session, _ = found
    assert [hits(session, text) for text in ("", "%", "_", "' OR 1=1 --", "Rad%weg", "a" * 5000)] == [1, 1, 1, 0, 0, 0]


def test_what_was_redacted_is_found_no_more(found: tuple[Session, Case]) -> None:
    session, case = found
    gone = {"step": 3, "facts": ["summary"], "ground": "DSGVO", "ordered_on": today()}
    organiser = session.scalars(sa.select(User)).one()
    cases.move(session, case, Move.REDACT, said(Move.REDACT, today()) | gone, actor=Actor.OFFICE, by=organiser)
    assert (hits(session, "Radweg Ufer"), hits(session, "Buslinie")) == (1, 0)
    assert case.search == searching.index_of(case)


def test_a_page_has_so_many_cases_and_beyond_the_last_is_the_last(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    assembly.is_public = True
    hand_over(session, assembly, by=organiser, on=dt.date(2035, 3, 1), count=register.PER_PAGE + 3)
    first, last, beyond, before = (register.page_of(session, Filter(), number) for number in (1, 2, 10**9, -1))
    assert [one.recommendation.number for one in first.cases] == list(range(1, register.PER_PAGE + 1))
    assert (len(last.cases), beyond, before) == (3, last, first)
    assert (first.pages, first.total) == (2, register.PER_PAGE + 3)
    assembly.is_public = False
    session.flush()
    assert (register.page_of(session, Filter(), 1).total, register.standings_of(session)) == (0, [])
    assert register.page_of(session, Filter(), 1, assembly=assembly).total == first.total
