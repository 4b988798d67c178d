"""What the tables of an event are to be like, and the one door through which members come to see them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    AgendaItem,
    Event,
    EventState,
    ItemKind,
    Job,
    PairKind,
    Seated,
    TablePair,
    TablePlan,
    TableSeat,
    User,
)
from assembly.services import freezing, jobs, logbook
from assembly.services.attendance.people import Listed
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.features import features_of
from assembly.services.programme.events import subject_of
from assembly.services.tables import seating

USUAL_SIZE = 8
"""People at a table, if nobody says otherwise."""
MOST_TABLES, MOST_ROUNDS, LONGEST_NAME = 100, 20, 100
FIELDS = ("seated", "tables", "rounds", "diverse", "together", "near", "leads")
RUNNING = marked("The tables are being computed. Wait until that is done, or cancel it.")


def no_plan() -> ConflictError:
    """Return what to say if nobody sits anywhere."""
    return ConflictError(marked("There is no plan yet. Compute the tables first."))


def job_key(event: Event) -> str:
    """Return what makes the job of an event's tables unique."""
    return f"tables:{event.id}"


def last_job(session: Session, event: Event) -> Job | None:
    """Return the newest computation of an event's tables."""
    return jobs.last_job(session, job_key(event))


def rounds_on_agenda(event: Event) -> Sequence[AgendaItem]:
    """Return the parts of an event that are spent in small groups: each is a round."""
    return [item for item in event.agenda if item.kind is ItemKind.SMALL_GROUPS]


def usual(event: Event, people: int) -> dict[str, Any]:
    """Return what the tables are like if nobody says otherwise."""
    return {
        "seated": Seated.EXPECTED,
        "tables": min(MOST_TABLES, max(1, math.ceil(people / USUAL_SIZE))),
        "rounds": min(MOST_ROUNDS, max(1, len(rounds_on_agenda(event)))),
    }


def lock(session: Session, event: Event) -> None:
    """Let nobody else change the plan meanwhile. Raises ConflictError if it is being computed, or nobody comes."""
    freezing.lock_pool(session, event.assembly_id)
    session.refresh(event, ["state"])
    if event.state is EventState.CANCELLED:
        raise ConflictError(marked("This event is cancelled, so nobody sits at a table."))
    if jobs.active(last_job(session, event)) is not None:
        raise ConflictError(RUNNING)


def describe(session: Session, event: Event, values: Mapping[str, Any], *, by: User) -> TablePlan:
    """Say what the tables are to be like; whoever sits somewhere stays there until they are computed anew.

    Raises RuleError for what cannot be, ConflictError while they are being computed.
    """
    lock(session, event)
    checked = _checked(session, event, values)
    plan = session.get(TablePlan, event.id, populate_existing=True)
    if plan is None:
        plan = TablePlan(event_id=event.id, **checked)
        session.add(plan)
        changed = True
    else:
        changed = bool(logbook.assign(plan, checked, FIELDS))
    session.flush()
    if changed:
        details = {"tables": plan.tables, "rounds": plan.rounds}
        logbook.record(session, event.assembly, "tables_described", by=by, subject=subject_of(event), details=details)
    return plan


def pairs_of(session: Session, event: Event) -> Sequence[TablePair]:
    """Return who has to sit together or apart, in the order in which it was said."""
    return session.scalars(sa.select(TablePair).where(TablePair.event_id == event.id).order_by(TablePair.id)).all()


def add_pair(session: Session, event: Event, kind: PairKind, one_id: int, other_id: int, *, by: User) -> None:
    """Say that two people have to sit together, or apart; what was said of the two before no longer holds.

    Raises RuleError for one person twice, NotFoundError for who is not on the list.
    """
    lock(session, event)
    if one_id == other_id:
        raise RuleError(marked("Choose two different people."), field="other")
    listed = seating.people_at(session, event)
    if not {one_id, other_id} <= listed.keys():
        raise NotFoundError
    first, second = sorted((one_id, other_id))
    pair = session.scalar(
        sa.select(TablePair).where(
            TablePair.event_id == event.id, TablePair.one_id == first, TablePair.other_id == second
        )
    )
    if pair is None:
        pair = TablePair(event_id=event.id, one_id=first, other_id=second, kind=kind)
        session.add(pair)
    pair.kind = kind
    session.flush()
    logbook.record(session, event.assembly, "tables_pair_added", by=by, subject=subject_of(event))


def remove_pair(session: Session, event: Event, pair_id: int, *, by: User) -> None:
    """Let two people sit as it comes. Raises NotFoundError."""
    lock(session, event)
    pair = session.get(TablePair, pair_id)
    if pair is None or pair.event_id != event.id:
        raise NotFoundError
    session.delete(pair)
    session.flush()
    logbook.record(session, event.assembly, "tables_pair_removed", by=by, subject=subject_of(event))


def publish(session: Session, event: Event, *, by: User) -> None:
    """Let members see the draft. Raises ConflictError if there is none, or the event itself cannot be seen."""
    lock(session, event)
    if event.state is EventState.DRAFT:
        raise ConflictError(marked("Members do not see this event yet. Publish the event first."))
    plan = session.get(TablePlan, event.id, populate_existing=True)
    draft = seating.places_of(session, event, is_draft=True)
    if plan is None or not draft:
        raise no_plan()
    plan.published_at = now()
    replace_seats(session, event, draft, is_draft=False)
    details = {"tables": plan.tables, "rounds": len(draft), "people": len({who for of in draft.values() for who in of})}
    logbook.record(session, event.assembly, "tables_published", by=by, subject=subject_of(event), details=details)


def replace_seats(session: Session, event: Event, places: seating.Places, *, is_draft: bool) -> None:
    """Write who sits where, instead of what was there."""
    session.execute(sa.delete(TableSeat).where(TableSeat.event_id == event.id, TableSeat.is_draft.is_(is_draft)))
    rows = [
        {"event_id": event.id, "is_draft": is_draft, "round": number, "respondent_id": who, "number": table}
        for number, of_round in places.items()
        for who, table in of_round.items()
    ]
    if rows:
        session.execute(sa.insert(TableSeat), rows)
    session.flush()


def name_of(listed: Mapping[int, Listed], respondent_id: int) -> str:
    """Return what somebody is called in lists of staff; a dash for who is not on the list any more."""
    return listed[respondent_id].name if respondent_id in listed else "–"


def _checked(session: Session, event: Event, values: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: values[name] for name in FIELDS if name in values}
    if not 1 <= found["tables"] <= MOST_TABLES:
        raise RuleError(marked("Enter a number of tables from 1 to 100."), field="tables")
    if not 1 <= found["rounds"] <= MOST_ROUNDS:
        raise RuleError(marked("Enter a number of rounds from 1 to 20."), field="rounds")
    known = {feature.id for feature in features_of(session, event.assembly)}
    for name in ("diverse", "together"):
        found[name] = sorted(found.get(name, ()))
        if not known.issuperset(found[name]):
            raise NotFoundError
    if set(found["diverse"]) & set(found["together"]):
        message = marked("A feature cannot be both mixed at the tables and brought together. Choose one of the two.")
        raise RuleError(message, field="together")
    found["near"] = sorted(set(found.get("near", ())))
    if any(not 1 <= number <= found["tables"] for number in found["near"]):
        raise RuleError(marked("Name only tables that there are, such as 1, 2."), field="near")
    found["leads"] = [name.strip() for name in found.get("leads", ())]
    if len(found["leads"]) > found["tables"]:
        raise RuleError(marked("These are more names than tables."), field="leads")
    if any(len(name) > LONGEST_NAME for name in found["leads"]):
        raise RuleError(marked("A name may have 100 characters at most."), field="leads")
    return found
