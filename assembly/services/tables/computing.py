"""Computing who sits where, as a job in a child process; changing a plan so that as few people as possible move.

What people need is a rule of the task and nothing else: it is loaded here, and neither stored with the plan nor told in
an error, a log or the payload of a job.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import (
    Event,
    Feature,
    FeatureValue,
    Job,
    NeedKind,
    PairKind,
    RespondentValue,
    TablePlan,
    TableSeat,
    User,
)
from assembly.services import freezing, jobs, logbook
from assembly.services.attendance.people import Listed
from assembly.services.children import run_in_child
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.handlers import Run, handler
from assembly.services.lotteries import MEMORY_BYTES
from assembly.services.needs import arrangements
from assembly.services.needs.kinds import INTERPRETING, Key, key_of
from assembly.services.programme.events import get_event, subject_of
from assembly.services.solving import tables_in_child
from assembly.services.tables import plans, seating
from sortition import NOT_STATED
from sortition.errors import InputError
from sortition.tables import (
    Figures,
    InfeasibleRulesError,
    Only,
    Person,
    Rules,
    Seating,
    Table,
    Task,
    changed_task,
    numbered,
    planned_rounds,
)

KIND = "tables"
SUPPORT = "support"
"""The engine's name for a feature that no assembly has: features of assemblies go by their numbers."""
CONTRADICTION = marked(
    "There are no tables of this size that keep all rules. Leave out a pair, or choose fewer, larger tables."
)
"""One sentence for every contradiction: which rules it is would tell what somebody needs."""


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """How a plan is changed: from which round on, the rounds before are over."""

    from_round: int = 1


def start(session: Session, event: Event, *, by: User) -> Job:
    """Ask for the tables anew. Raises ConflictError and RuleError if there cannot be any."""
    return _start(session, event, None, by=by)


def start_change(session: Session, event: Event, *, from_round: int, by: User) -> Job:
    """Ask for a plan that seats who comes now, and moves as few people as possible. Raises as `start`."""
    return _start(session, event, Change(from_round), by=by)


@handler(KIND, repeatable=True)
def compute(run: Run) -> None:
    """Compute in a child process, and keep the draft with the end of the job in one transaction."""
    with run.sessions() as session:
        task = task_of(session, *_loaded(session, run), change=_change_of(run))
    found, figures = run_in_child(
        tables_in_child, (task,), on_progress=run.report, cancelled=run.cancelled, memory_bytes=MEMORY_BYTES
    )
    if found is None:
        raise RuleError(CONTRADICTION)
    with run.sessions.begin() as session:
        store(session, *_loaded(session, run), found, figures)
        run.finish(session)


def task_of(session: Session, event: Event, plan: TablePlan, *, change: Change | None = None) -> Task:
    """Return the engine's task. Raises RuleError, ConflictError if there is none."""
    taken = seating.taken_of(list(seating.people_at(session, event).values()), plan.seated)
    _require_people(taken, plan)
    needed = _needed(session, event, taken)
    persons = _persons(session, plan, taken, needed)
    common: dict[str, Any] = {
        "diverse": tuple(map(str, plan.diverse)),
        "cluster": (*map(str, plan.together), SUPPORT),
        "rules": _rules(session, event, plan, taken, needed),
        "before": _before(session, event),
    }
    try:
        if change is None:
            rounds = planned_rounds([numbered([None] * plan.tables)] * plan.rounds, absent=(), late=())
            return Task(persons, rounds, **common)
        draft = _as_seating(_draft(session, event))
        return changed_task(persons, draft, tables=plan.tables, from_round=change.from_round, **common)
    except InfeasibleRulesError as error:
        raise RuleError(CONTRADICTION) from error
    except InputError as error:
        raise RuleError(marked("These tables cannot be made. Look at the numbers of tables and rounds.")) from error


def hidden_rules_of(session: Session, event: Event, plan: TablePlan, people: Sequence[Listed]) -> Rules:
    """Return the rules that follow from what people need, for those who check a plan; they are never shown."""
    return _hidden(plan, people, _needed(session, event, people))


def store(session: Session, event: Event, plan: TablePlan, found: Seating, figures: Figures) -> None:
    """Write a computed plan as the draft; whoever was erased meanwhile gets no seat."""
    freezing.lock_pool(session, event.assembly_id)
    listed = seating.people_at(session, event)
    places = {
        number: {int(who): table for who, table in of_round.items() if int(who) in listed}
        for number, of_round in enumerate(found.places(), start=1)
    }
    plans.replace_seats(session, event, places, is_draft=True)
    plan.figures = summary_of(figures)
    details = {"tables": plan.tables, "rounds": len(places), "people": len(places[1])}
    logbook.record(session, event.assembly, "tables_computed", by=None, subject=subject_of(event), details=details)


def summary_of(figures: Figures) -> dict[str, Any]:
    """Return what pages say of a plan: figures of the whole, neither a table's nor what needs are part of."""
    meetings, diversity, moves = figures.meetings, figures.diversity, figures.moves
    return {
        "optimal": figures.optimal,
        "distinct": meetings.distinct,
        "earlier": meetings.earlier,
        "meetings_gap": meetings.gap,
        "repeated": meetings.repeated,
        "deviation": diversity.deviation,
        "deviation_gap": diversity.deviation - diversity.bound,
        "moved": None if moves is None else moves.people,
        "moves_gap": 0 if moves is None else moves.seats - moves.bound,
    }


def _start(session: Session, event: Event, change: Change | None, *, by: User) -> Job:
    plans.lock(session, event)
    plan = session.get(TablePlan, event.id, populate_existing=True)
    if plan is None:
        raise ConflictError(marked("Say first how many tables there are, and save that."))
    listed = list(seating.people_at(session, event).values())
    _require_people(seating.taken_of(listed, plan.seated), plan)
    if change is not None:
        rounds = _draft(session, event)
        if not 1 <= change.from_round <= len(rounds):
            raise RuleError(marked("Choose a round of the plan."), field="from_round")
    payload = {"event": event.id, "change": change is not None, "from_round": change.from_round if change else 1}
    details = {"tables": plan.tables, "rounds": plan.rounds}
    logbook.record(session, event.assembly, "tables_started", by=by, subject=subject_of(event), details=details)
    return jobs.enqueue(session, KIND, payload, assembly=event.assembly, unique_key=plans.job_key(event), by=by)


def _loaded(session: Session, run: Run) -> tuple[Event, TablePlan]:
    event = session.get(Event, run.payload["event"])
    plan = None if event is None else session.get(TablePlan, event.id)
    if event is None or plan is None:
        raise NotFoundError
    return get_event(session, event.assembly, event.id), plan


def _change_of(run: Run) -> Change | None:
    return Change(run.payload["from_round"]) if run.payload["change"] else None


def _draft(session: Session, event: Event) -> dict[int, dict[int, int]]:
    draft = seating.places_of(session, event, is_draft=True)
    if not draft:
        raise plans.no_plan()
    return draft


def _require_people(taken: Collection[Listed], plan: TablePlan) -> None:
    if len(taken) < plan.tables:
        raise RuleError(
            marked("There are %(tables)s tables for %(people)s people; choose fewer tables."),
            field="tables",
            tables=plan.tables,
            people=len(taken),
        )


def _as_seating(places: seating.Places) -> Seating:
    rounds = []
    for number in sorted(places):
        tables: dict[int, list[str]] = defaultdict(list)
        for who, table in places[number].items():
            tables[table].append(str(who))
        rounds.append(tuple(Table(table, tuple(sorted(tables[table]))) for table in sorted(tables)))
    return Seating(tuple(rounds))


def _before(session: Session, event: Event) -> tuple[Seating, ...]:
    """Return the published plans of the assembly's earlier events: those who met there have met."""
    earlier = session.scalars(
        sa.select(Event.id)
        .where(
            Event.assembly_id == event.assembly_id,
            Event.starts_at < event.starts_at,
            sa.exists().where(TableSeat.event_id == Event.id, TableSeat.is_draft.is_(False)),
        )
        .order_by(Event.starts_at, Event.id)
    ).all()
    found = seating.published_places_of(session, earlier)
    return tuple(_as_seating(found[number]) for number in earlier)


def _needed(session: Session, event: Event, taken: Sequence[Listed]) -> Mapping[int, Collection[Key]]:
    """Return what people need at this event that decides where they sit."""
    kinds = (*INTERPRETING, NeedKind.MOBILITY)
    who = {one.member.respondent_id for one in taken}
    found: dict[int, set[Key]] = defaultdict(set)
    for one in arrangements.arrangements_of(session, event.assembly, [event], kinds=kinds)[event.id]:
        if one.is_needed and one.need.respondent_id in who:
            found[one.need.respondent_id].add(key_of(one.need.kind, one.need.language))
    return found


def _persons(
    session: Session, plan: TablePlan, taken: Sequence[Listed], needed: Mapping[int, Collection[Key]]
) -> tuple[Person, ...]:
    features = [*plan.diverse, *plan.together]
    stated: dict[int, dict[str, str]] = defaultdict(dict)
    ids = [one.member.respondent_id for one in taken]
    rows = session.execute(
        sa.select(RespondentValue.respondent_id, RespondentValue.feature_id, FeatureValue.name)
        .join(FeatureValue, FeatureValue.id == RespondentValue.value_id)
        .join(Feature, Feature.id == RespondentValue.feature_id)
        .where(RespondentValue.respondent_id.in_(ids), RespondentValue.feature_id.in_(features))
    )
    for who, feature, value in rows:
        stated[who][str(feature)] = value
    usual = dict.fromkeys(map(str, features), NOT_STATED)
    return tuple(
        Person(str(who), {**usual, **stated[who], SUPPORT: _shared(needed.get(who, ()))}) for who in sorted(ids)
    )


def _shared(keys: Collection[Key]) -> str:
    """Return what somebody shares with others who follow through the same interpreter; of several the first."""
    return next((f"{kind.value} {language}" for kind, language in sorted(keys) if kind in INTERPRETING), "")


def _rules(
    session: Session, event: Event, plan: TablePlan, taken: Sequence[Listed], needed: Mapping[int, Collection[Key]]
) -> Rules:
    there = {one.member.respondent_id for one in taken}
    pairs = [pair for pair in plans.pairs_of(session, event) if {pair.one_id, pair.other_id} <= there]
    hidden = _hidden(plan, taken, needed)

    def of(kind: PairKind) -> tuple[frozenset[str], ...]:
        return tuple(frozenset({str(pair.one_id), str(pair.other_id)}) for pair in pairs if pair.kind is kind)

    return dataclasses.replace(hidden, together=(*of(PairKind.TOGETHER), *hidden.together), apart=of(PairKind.APART))


def _hidden(plan: TablePlan, people: Sequence[Listed], needed: Mapping[int, Collection[Key]]) -> Rules:
    """Return the rules that follow from needs.

    Those who share an interpreter sit together as long as a table holds them, else at as few tables as possible, which
    the feature SUPPORT says. Whoever needs a table that is easily reached gets one.
    """
    groups: dict[str, set[str]] = defaultdict(set)
    for one in people:
        who = one.member.respondent_id
        if shared := _shared(needed.get(who, ())):
            groups[shared].add(str(who))
    size = len(people) // plan.tables
    together = tuple(frozenset(groups[key]) for key in sorted(groups) if 2 <= len(groups[key]) <= size)
    near = frozenset(
        str(one.member.respondent_id)
        for one in people
        if any(kind is NeedKind.MOBILITY for kind, _ in needed.get(one.member.respondent_id, ()))
    )
    return Rules(together=together, only=(Only(near, frozenset(plan.near)),) if near and plan.near else ())
