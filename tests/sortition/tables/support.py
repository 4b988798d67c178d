"""Small tasks to seat."""

from __future__ import annotations

import string
from collections.abc import Sequence

from hypothesis import strategies as st

from sortition.tables import (
    Facilitator,
    Only,
    Person,
    Plan,
    Round,
    Rules,
    Seating,
    Table,
    Task,
    make_tables,
    numbered,
    planned_rounds,
)

LANGUAGES = ("de", "tr")


def people(count: int, **features: str) -> tuple[Person, ...]:
    """Return people a, b, c …; each feature is given as one letter per person."""
    names = string.ascii_lowercase[:count]
    return tuple(Person(name, {f: values[i] for f, values in features.items()}) for i, name in enumerate(names))


def rounds(count: int, tables: int, *, absent: Sequence[str] = (), late: Sequence[str] = ()) -> tuple[Round, ...]:
    """Return rounds with tables of any size."""
    return planned_rounds([numbered([None] * tables)] * count, absent=absent, late=late)


def seating(*texts: str) -> Seating:
    """Return a seating from texts such as “abc def”, one per round: the people of table 1, table 2 …"""
    return Seating(
        tuple(tuple(Table(n, tuple(part)) for n, part in enumerate(text.split(), start=1)) for text in texts)
    )


def solved(task: Task, *, seconds: float = 0.05, seed: int = 0) -> Plan:
    """Return a plan after a short search."""
    return make_tables(task, seconds=seconds, seed=seed)


@st.composite
def rules(draw: st.DrawFn, ids: Sequence[str], tables: int) -> Rules:
    """Return rules of any kind, which may well contradict each other."""
    group = st.frozensets(st.sampled_from(ids), min_size=2, max_size=3)
    numbers = st.frozensets(st.integers(1, tables), min_size=1)
    only = st.builds(Only, st.frozensets(st.sampled_from(ids), min_size=1, max_size=2), numbers)
    facilitators: tuple[Facilitator, ...] = ()
    if draw(st.booleans()):
        speaks = st.none() | st.frozensets(st.sampled_from(LANGUAGES), min_size=1)
        facilitators = tuple(
            Facilitator(
                f"F{number}",
                draw(speaks),
                draw(st.frozensets(st.sampled_from(ids), max_size=1)),
                draw(st.none() | numbers),
            )
            for number in range(tables + draw(st.integers(0, 1)))
        )
    return Rules(
        together=tuple(draw(st.lists(group, max_size=1))),
        apart=tuple(draw(st.lists(group, max_size=2))),
        only=tuple(draw(st.lists(only, max_size=1))),
        facilitators=facilitators,
        language="language" if facilitators else None,
    )


@st.composite
def tasks(draw: st.DrawFn, *, ruled: bool = True, changed: bool = False) -> Task:
    """Return a task small enough to write down every plan."""
    count = draw(st.integers(4, 6))
    tables = draw(st.integers(2, 3 if count == 6 else 2))
    ids = string.ascii_lowercase[:count]

    def letters(choice: str) -> str:
        return draw(st.text(choice, min_size=count, max_size=count))

    members = tuple(
        Person(who, {"gender": g, "area": a, "needs": n, "language": LANGUAGES[w == "t"]})
        for who, g, a, n, w in zip(ids, letters("fm"), letters("nsw"), letters("xy-"), letters("dt"), strict=True)
    )
    away = draw(st.frozensets(st.sampled_from(ids), max_size=count - 2 * tables)) if count > 2 * tables else frozenset()
    late = draw(st.frozensets(st.sampled_from(ids), max_size=1)) if not away and count > tables else frozenset()
    number = draw(st.integers(1, 2))
    kept = draw(rules(ids, tables)) if ruled else Rules()
    seats: list[int | None] = [None] * tables
    if draw(st.booleans()):
        seats[draw(st.integers(0, tables - 1))] = 2
    planned = planned_rounds([numbered(seats)] * number, absent=away, late=late)
    before = (_dealt(draw, ids, 2, 1),) if draw(st.booleans()) else ()
    return Task(
        people=members,
        rounds=planned,
        diverse=tuple(draw(st.lists(st.sampled_from(("gender", "area")), unique=True))),
        cluster=("needs",) if draw(st.booleans()) else (),
        rules=kept,
        before=before,
        change_of=_dealt(draw, ids, tables, number) if changed else None,
    )


def _dealt(draw: st.DrawFn, ids: str, tables: int, count: int) -> Seating:
    """Return rounds as an earlier plan may have them."""
    shuffled = ["".join(draw(st.permutations(ids))) for _ in range(count)]
    return seating(*(" ".join(order[start::tables] for start in range(tables)) for order in shuffled))
