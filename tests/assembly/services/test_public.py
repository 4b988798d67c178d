"""What everyone sees of the registrations never shows a number under three, and none can be computed from it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping

import pytest
import sqlalchemy as sa
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from assembly.config import Config
from assembly.models import Exclusion, OutreachKind, Respondent, Source, Status
from assembly.services import invitation_records, public, respondents
from assembly.services.public import LEFT, Numbers, Outside
from tests.assembly import drawn

Counts = Mapping[str, int]


def shown_of(numbers: Numbers) -> list[int]:
    """Return all numbers of people that the page shows, and all differences of sums of parts from the whole."""
    parts = [numbers.pool or 0, *(group.people for group in numbers.outside)]
    found = [number for number in (*parts, numbers.registered) if number]
    if numbers.registered is not None and numbers.pool is not None:
        found += [rest for rest in (numbers.registered - sum(parts), numbers.registered - numbers.pool) if rest]
    if numbers.registered is not None and numbers.by_outreach:
        found.append(numbers.registered - numbers.by_outreach)
    return found


@pytest.mark.parametrize(
    ("excluded", "outside", "expected"),
    [
        pytest.param(
            {Exclusion.DUPLICATE: 1, Exclusion.NOT_RESIDENT: 4},
            5,
            [Outside(Exclusion.NOT_RESIDENT, 5, and_few=True)],
            id="few-with-the-most-frequent",
        ),
        pytest.param(
            {Exclusion.DUPLICATE: 5, Exclusion.NOT_RESIDENT: 4},
            11,
            [Outside(Exclusion.DUPLICATE, 7, and_few=True), Outside(Exclusion.NOT_RESIDENT, 4, and_few=False)],
            id="two-who-left",
        ),
        pytest.param(
            {Exclusion.DUPLICATE: 3},
            10,
            [Outside(Exclusion.DUPLICATE, 3, and_few=False), Outside(LEFT, 7, and_few=True)],
            id="most-have-left",
        ),
        pytest.param(
            {Exclusion.DUPLICATE: 1, Exclusion.OWN_WISH: 1}, 3, [Outside(None, 3, and_few=True)], id="all-few"
        ),
    ],
)
def test_small_reasons_stand_with_the_most_frequent_one(
    excluded: Counts, outside: int, expected: list[Outside]
) -> None:
    found = public._reasons(excluded, outside)
    assert sorted(found, key=lambda group: str(group.why)) == sorted(expected, key=lambda group: str(group.why))


@given(st.dictionaries(st.sampled_from([reason.value for reason in Exclusion]), st.integers(0, 9)), st.integers(0, 9))
def test_each_group_has_three_people_or_more(excluded: Counts, left: int) -> None:
    outside = sum(excluded.values()) + left
    groups = public._reasons(excluded, outside)
    assert sum(group.people for group in groups) == outside
    assert outside < 3 or min(group.people for group in groups) >= 3


@given(
    st.dictionaries(st.sampled_from([reason.value for reason in Exclusion]), st.integers(0, 9), min_size=1),
    st.integers(0, 9),
)
def test_one_person_of_a_small_reason_with_the_most_frequent_one_changes_nothing(excluded: Counts, left: int) -> None:
    """Whoever knows the rule and everybody else cannot tell whether somebody has the small reason."""
    counts = Counter({reason.value: 0 for reason in Exclusion} | dict(excluded))
    top = max(sorted(counts), key=lambda reason: counts[reason])
    small = next((reason for reason in sorted(counts) if 0 < counts[reason] < 3), None)
    if small is None or counts[top] <= max(left, 2):
        return
    other = counts + Counter({top: 1})
    other[small] -= 1
    outside = sum(counts.values()) + left
    assert public._reasons(counts, outside) == public._reasons(other, outside)


def numbers_now(session: Session, stage: drawn.Stage, *, committed: bool = False) -> Numbers:
    """Return what the page shows now."""
    assembly, _ = stage.load(session)
    record = invitation_records.record_of(session, assembly)
    return public.numbers_of(session, assembly, record, stage.commitment(session) if committed else None)


def add_people(session: Session, stage: drawn.Stage, count: int, name: str = "N") -> list[Respondent]:
    """Let people register."""
    added = [
        Respondent(
            assembly_id=stage.assembly_id,
            code=f"{name}{number}",
            status=Status.REGISTERED,
            registered_at=drawn.START,
            source=Source.FILE,
        )
        for number in range(count)
    ]
    session.add_all(added)
    session.flush()
    return added


def test_fewer_than_three_outside_the_pool_are_counted_nowhere(session: Session) -> None:
    """Registrations minus the pool gives nothing away, whether nobody, one or two are outside."""
    stage = drawn.collecting(session)
    excluded = session.scalars(sa.select(Respondent).where(Respondent.status == Status.EXCLUDED)).all()
    for one in excluded:
        session.delete(one)
    session.flush()
    seen = [numbers_now(session, stage)]
    for name in ("A", "B"):
        (one,) = add_people(session, stage, 1, name)
        respondents.exclude(session, one, Exclusion.OFFICE_HOLDER, by=None)
        seen.append(numbers_now(session, stage))
    assert {(one.registered, one.pool, tuple(one.outside)) for one in seen} == {(30, 30, ())}


def test_before_a_commitment_no_reason_is_given(session: Session) -> None:
    """Whoever looks twice sees that somebody left the pool, not why."""
    stage = drawn.collecting(session)
    assert numbers_now(session, stage).outside == [Outside(None, 5, and_few=False)]


def test_a_pool_of_one_or_two_is_not_shown(session: Session) -> None:
    stage = drawn.collecting(session)
    session.execute(sa.delete(Respondent).where(Respondent.status == Status.REGISTERED))
    assert (numbers_now(session, stage).registered, numbers_now(session, stage).pool) == (5, None)
    add_people(session, stage, 2)
    numbers = numbers_now(session, stage)
    assert (numbers.registered, numbers.pool, numbers.outside) == (7, None, [])
    session.execute(sa.delete(Respondent).where(Respondent.status == Status.EXCLUDED))
    assert numbers_now(session, stage).registered is None


def test_the_numbers_of_a_committed_pool_stand_still(session: Session, config: Config) -> None:
    """Somebody who was excluded has their data erased: a second look shows no reason with one person less."""
    stage = drawn.drawn(session, config)
    before = numbers_now(session, stage, committed=True)
    assert before.outside == [Outside(Exclusion.NOT_RESIDENT, 5, and_few=True)]
    assert [number for number in shown_of(before) if number < 3] == []
    with time_machine.travel(drawn.AFTERWARDS, tick=True):
        organiser = stage.load(session)[1]
        gone = session.scalars(sa.select(Respondent).where(Respondent.exclusion == Exclusion.NOT_RESIDENT)).first()
        assert gone
        respondents.erase(session, gone, by=organiser)
        session.commit()
    assert numbers_now(session, stage, committed=True) == before


@pytest.mark.parametrize(
    ("brought", "total", "each"),
    [
        pytest.param((), 0, [], id="none"),
        pytest.param((12, 7), 19, [12, 7], id="many"),
        pytest.param((12, 1), None, [12, None], id="the-sum-would-give-one-away"),
        pytest.param((12, 0), None, [12, None], id="nobody-looks-like-one"),
        pytest.param((30, 4), None, [None, None], id="the-others-would-be-one"),
    ],
)
def test_what_outreach_brought(session: Session, brought: tuple[int, ...], total: int | None, each: list[int]) -> None:
    stage = drawn.collecting(session)
    assembly, organiser = stage.load(session)
    for number, registrations in enumerate(brought):
        values = {"kind": OutreachKind.DOOR_VISITS, "held_on": dt.date(2035, 2, 1 + number)}
        invitation_records.add_outreach(
            session,
            assembly,
            values | {"people_reached": 90, "registrations": registrations, "languages": [], "note": ""},
            by=organiser,
        )
    numbers = numbers_now(session, stage)
    assert (numbers.by_outreach, numbers.outreach) == (total, each)
