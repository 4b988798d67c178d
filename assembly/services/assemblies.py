"""Assemblies: what they are about, and whether their result comes in time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from slugify import slugify
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Role, User
from assembly.services import accounts, derived, features, freezing, logbook
from assembly.services.errors import RuleError, marked

DESCRIPTION = (
    "title",
    "question",
    "mandate",
    "commissioning_body",
    "panel_size",
    "minimum_age",
    "reference_date",
    "languages",
    "contact",
    "is_public",
    "predecessor_id",
)
TIMELINE = (
    "political_process",
    "decider",
    "open_points",
    "settled_points",
    "result_date",
    "decision_date",
    "budget_date",
)
LONGEST_SLUG = 60
GERMAN = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"), ("ß", "ss"))


def create_assembly(session: Session, values: Mapping[str, Any], *, by: User) -> Assembly:
    """Add an assembly; whoever creates it becomes its organiser."""
    assembly = Assembly(created_at=now(), slug=_free_slug(session, values["title"]))
    logbook.assign(assembly, values, DESCRIPTION)
    _check(assembly)
    session.add(assembly)
    session.flush()
    logbook.record(session, assembly, "assembly_created", by=by)
    accounts.grant(session, by, Role.ORGANISER, assembly=assembly, by=by)
    return assembly


def describe(session: Session, assembly: Assembly, values: Mapping[str, Any], *, by: User) -> None:
    """Change what an assembly is about; ages count from its reference date.

    Raises RuleError, and ConflictError if something changes that people are drawn by when the pool is frozen.
    """
    before = _drawn_by(assembly)
    _change(session, assembly, values, DESCRIPTION, "assembly_described", by=by)
    if _drawn_by(assembly) != before:
        freezing.require_open(session, assembly)
        derived.derive_again(session, assembly, features.features_of(session, assembly))


def set_timeline(session: Session, assembly: Assembly, values: Mapping[str, Any], *, by: User) -> None:
    """Change the political timeline. Raises RuleError."""
    _change(session, assembly, values, TIMELINE, "timeline_changed", by=by)


@dataclasses.dataclass(frozen=True, slots=True)
class Lateness:
    """A date of the political process that the result would miss, by so many days."""

    date: dt.date
    kind: str
    days: int


def lateness(assembly: Assembly) -> list[Lateness]:
    """Return the political dates that lie before the result, the budget first."""
    if assembly.result_date is None:
        return []
    dates = (("budget", assembly.budget_date), ("decision", assembly.decision_date))
    return [
        Lateness(date, kind, (assembly.result_date - date).days)
        for kind, date in dates
        if date is not None and date < assembly.result_date
    ]


def is_after_handover(assembly: Assembly, day: dt.date) -> bool:
    """Whether the panel has handed over its result before a day, as far as the timeline says when it does."""
    return assembly.result_date is not None and day > assembly.result_date


def possible_predecessors(session: Session, assembly: Assembly | None) -> list[Assembly]:
    """Return the assemblies that another one may follow: all others that are older."""
    statement = sa.select(Assembly).order_by(Assembly.title)
    if assembly is not None:
        statement = statement.where(Assembly.id < assembly.id)
    return list(session.scalars(statement))


def _change(
    session: Session, assembly: Assembly, values: Mapping[str, Any], fields: tuple[str, ...], action: str, *, by: User
) -> None:
    changes = logbook.assign(assembly, values, fields)
    _check(assembly)
    if changes:
        logbook.record(session, assembly, action, by=by, details=changes)


def _drawn_by(assembly: Assembly) -> tuple[Any, ...]:
    return assembly.panel_size, assembly.minimum_age, assembly.reference_date


def _check(assembly: Assembly) -> None:
    if assembly.predecessor_id is not None and assembly.predecessor_id == assembly.id:
        raise RuleError(marked("An assembly cannot follow itself."), field="predecessor_id")
    if not assembly.languages:
        raise RuleError(marked("Choose at least one language."), field="languages")


def _free_slug(session: Session, title: str) -> str:
    """Return a name for the address of the public page, from the title and free."""
    stem = slugify(title, max_length=LONGEST_SLUG, replacements=GERMAN) or "assembly"
    taken = set(session.scalars(sa.select(Assembly.slug).where(Assembly.slug.startswith(stem, autoescape=True))))
    candidates = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    return next(slug for slug in candidates if slug not in taken)
