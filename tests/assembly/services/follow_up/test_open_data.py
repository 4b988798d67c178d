"""The open data: they hold to their schema, can be checked by strangers, and have nothing that is not public."""

from __future__ import annotations

import copy
import csv
import datetime as dt
import hashlib
import io
import json
from typing import Any

import jsonschema
import pytest
import rfc8785
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, LogEntry, Move, Outcome, Recommendation, User
from assembly.services.daily import today
from assembly.services.follow_up import cases, open_data
from assembly.services.follow_up.open_data_schema import schema_of
from assembly.services.follow_up.transitions import TABLE, Actor
from tests.assembly.queries import counted
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said

HANDED_OVER = dt.date(2035, 3, 1)
SITE = "https://example.org/a/buergerrat"
FORMULA = '=HYPERLINK("https://example.org")'


@pytest.fixture(autouse=True)
def clock() -> Any:
    """All begins on the day of the handover."""
    with time_machine.travel(dt.datetime(2035, 3, 1, 12, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def opened(session: Session, assembly: Assembly, organiser: User) -> list[Case]:
    """Two recommendations that were handed over."""
    return hand_over(session, assembly, by=organiser, on=HANDED_OVER, count=2)


def step(session: Session, case: Case, kind: Move, by: User, **values: Any) -> None:
    """Take a step as the council office, or as whoever may."""
    actor = Actor.OFFICE if Actor.OFFICE in TABLE[kind].actors else min(TABLE[kind].actors)
    cases.move(session, case, kind, said(kind, today(), **values), actor=actor, by=by)


def answered(session: Session, case: Case, by: User, **values: Any) -> None:
    """Bring a case to its answer."""
    step(session, case, Move.ASSIGN, by, unit="Tiefbauamt")
    step(session, case, Move.BEGIN_REVIEW, by)
    step(session, case, Move.ANSWER, by, **values)


def page_of(number: int) -> str:
    """Return the address of a recommendation."""
    return f"{SITE}/recommendations/{number}"


def document(session: Session, assembly: Assembly) -> dict[str, Any]:
    """Return the open data as somebody reads them from the file."""
    found = cases.cases_of(session, assembly)
    made = open_data.document_of(
        assembly,
        found,
        schema=f"{SITE}/follow-up.schema.json",
        licence=f"{SITE}/licence",
        page=f"{SITE}/follow-up/register",
        page_of=page_of,
    )
    return dict(json.loads(json.dumps(made)))


def rows(session: Session, assembly: Assembly) -> list[dict[str, str]]:
    """Return the rows as a spreadsheet program reads them."""
    written = open_data.rows_of(cases.cases_of(session, assembly), page_of=page_of)
    return list(csv.DictReader(io.StringIO(written, newline="")))


def check(content: dict[str, Any]) -> None:
    """Hold a document against the published schema, with days and addresses read as such."""
    schema = schema_of(f"{SITE}/follow-up.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(content)


def walk_through(session: Session, opened: list[Case], by: User, clock: Any) -> None:
    """Let one case be carried out, with a correction and a redaction, and one be late."""
    case, late = opened
    answered(
        session, case, by, outcome="with_changes", reasons="Die Brücke hält es.", signed_by="Dr. Eva Unverwechselbar"
    )
    step(session, case, Move.CORRECT, by, step=3, fact="signed_by", text="Dr. Eva Anders", reason="Name")
    step(session, case, Move.REDACT, by, step=3, facts=["signed_by"], ordered_on=today())
    step(session, case, Move.REPLY, by, step=3)
    step(session, case, Move.DEBATE, by)
    step(session, case, Move.MINUTES, by)
    step(session, case, Move.DECIDE, by, outcome="with_changes")
    step(session, case, Move.IMPLEMENT, by)
    step(session, case, Move.REPORT, by)
    step(session, late, Move.ASSIGN, by)
    step(session, late, Move.EXTEND, by, duty="answer", days=5)
    clock.move_to(dt.datetime(2035, 8, 1, 12, tzinfo=dt.UTC))


def test_the_data_hold_to_the_schema_that_is_published_beside_them(
    session: Session, assembly: Assembly, opened: list[Case], organiser: User, clock: Any
) -> None:
    check(document(session, assembly))
    walk_through(session, opened, organiser, clock)
    content = document(session, assembly)
    check(content)
    assert [len(one["steps"]) for one in content["cases"]] == [11, 2]


def test_whatever_an_answer_proposes_stands_in_the_schema(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    outcomes = list(Outcome)
    opened = hand_over(session, assembly, by=organiser, on=HANDED_OVER, count=len(outcomes))
    for case, outcome in zip(opened, outcomes, strict=True):
        answered(session, case, organiser, outcome=outcome.value)
    content = document(session, assembly)
    check(content)
    assert [case["answered"] for case in content["cases"]] == [one.value for one in outcomes]


WRONG: tuple[tuple[tuple[Any, ...], Any], ...] = (
    (("as_of",), "gestern"),
    (("format",), "assembly-follow-up/2"),
    (("cases", 0, "state"), "lost"),
    (("cases", 0, "author"), "Jule Brandt"),
    (("cases", 0, "steps", 0, "facts"), {"unit": 7}),
    (("cases", 0, "steps", 0, "facts"), {"progress": "Eine Zeile"}),
    (("cases", 0, "steps", 0, "digest"), "abc"),
)
"""Where something else stands, and what."""


def test_the_schema_finds_what_is_wrong(
    session: Session, assembly: Assembly, opened: list[Case], organiser: User
) -> None:
    step(session, opened[0], Move.ASSIGN, organiser)
    right = document(session, assembly)
    for path, wrong in WRONG:
        content = copy.deepcopy(right)
        part: Any = content
        for name in path[:-1]:
            part = part[name]
        part[path[-1]] = wrong
        with pytest.raises(jsonschema.ValidationError):
            check(content)


def test_anyone_can_check_each_step_against_the_log(
    session: Session, assembly: Assembly, opened: list[Case], organiser: User, clock: Any
) -> None:
    """With nothing but the file and what its schema says; of what was redacted, the log's hash is all there is."""
    walk_through(session, opened, organiser, clock)
    entries = session.scalars(sa.select(LogEntry).where(LogEntry.action == "case_step").order_by(LogEntry.number))
    logged = {(entry.subject, entry.details["step"]): entry.details["digest"] for entry in entries}
    found = {
        (f"case:{case['id']}", one["number"]): one
        for case in document(session, assembly)["cases"]
        for one in case["steps"]
    }
    assert {key: one["digest"] for key, one in found.items()} == logged
    for (subject, _number), one in found.items():
        content = {name: one[name] for name in ("number", "move", "taken_on", "facts")} | {"case": int(subject[5:])}
        hashed = hashlib.sha256(
            b"assembly/case-step/1" + bytes.fromhex(one["salt"]) + rfc8785.dumps(content)
        ).hexdigest()
        assert (hashed == one["digest"]) == (not one["redacted"])


def test_what_is_owed_is_said_as_of_today(session: Session, assembly: Assembly, opened: list[Case], clock: Any) -> None:
    first = document(session, assembly)["cases"][0]
    assert first["next"] == {"duty": "assign", "due_on": "2035-03-15", "days_left": 14, "is_overdue": False}
    clock.move_to(dt.datetime(2035, 3, 17, 12, tzinfo=dt.UTC))
    content = document(session, assembly)
    assert (content["as_of"], content["cases"][0]["next"]) == (
        "2035-03-17",
        {"duty": "assign", "due_on": "2035-03-15", "days_left": -2, "is_overdue": True},
    )
    assert [one["is_overdue"] for one in content["cases"][0]["duties"]] == [True, False, False, False]
    [row, _other] = rows(session, assembly)
    owed = [row[f"next_{name}"] for name in ("duty", "due_on", "days_left", "is_overdue")]
    assert owed == ["assign", "2035-03-15", "-2", "true"]


def test_the_rows_have_each_step_with_salt_and_hash(
    session: Session, assembly: Assembly, opened: list[Case], organiser: User, clock: Any
) -> None:
    walk_through(session, opened, organiser, clock)
    [row, late] = rows(session, assembly)
    assert (row["state"], row["answered"], row["decided"]) == ("in_implementation", "with_changes", "with_changes")
    assert late["step_moves"] == "assign extend"
    steps = document(session, assembly)["cases"][0]["steps"]
    assert row["step_digests"].split() == [one["digest"] for one in steps]
    assert row["step_salts"].split() == [one["salt"] or "redacted" for one in steps]
    assert row["step_salts"].split().count("redacted") == 2


def test_no_cell_is_a_formula(session: Session, assembly: Assembly, opened: list[Case], organiser: User) -> None:
    opened[0].recommendation.title = FORMULA
    step(session, opened[0], Move.ASSIGN, organiser, unit=FORMULA)
    [row, _other] = rows(session, assembly)
    assert (row["title"], row["unit"]) == (f"'{FORMULA}", f"'{FORMULA}")


def test_nothing_that_is_not_public_is_in_the_data(
    session: Session, assembly: Assembly, opened: list[Case], organiser: User, clock: Any
) -> None:
    """Neither drafts, nor who recorded something, nor what was redacted, wherever it stood."""
    session.add(Recommendation(assembly_id=assembly.id, number=77, title="Geheimer Entwurf", text="Noch nicht."))
    walk_through(session, opened, organiser, clock)
    step(session, opened[1], Move.REDACT, organiser, step=1, facts=["unit"], ordered_on=today())
    session.flush()
    given = json.dumps(document(session, assembly), ensure_ascii=False)
    given += open_data.rows_of(cases.cases_of(session, assembly), page_of=page_of)
    assert "Die Brücke hält es." in given
    secrets = ("Geheimer Entwurf", "Unverwechselbar", "Dr. Eva Anders", organiser.email, organiser.name)
    assert [one for one in secrets if one in given] == []
    assert [case["unit"] for case in document(session, assembly)["cases"]] == ["Tiefbauamt", ""]


def test_the_number_of_queries_does_not_grow_with_the_register(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    sent = []
    for first, count in ((1, 1), (2, 6)):
        for case in hand_over(session, assembly, by=organiser, on=HANDED_OVER, count=count, first=first):
            step(session, case, Move.ASSIGN, organiser)
        session.commit()
        with counted(session.get_bind().engine) as statements:
            document(session, assembly)
        sent.append(len(statements))
        session.commit()
    assert sent[0] == sent[1]
