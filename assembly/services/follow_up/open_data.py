"""The register as open data: all that is public about cases, complete enough to compute and check it all anew."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Sequence
from typing import Any

from assembly.models import Assembly, Case, CaseStep, FollowUpRules
from assembly.services.daily import today
from assembly.services.follow_up.cases import course_of_case
from assembly.services.follow_up.courses import Course, Owed
from assembly.services.follow_up.reading import measure_of
from assembly.services.follow_up.rules import NUMBERS, PERIODS
from sortition.files import neutralise

FORMAT = "assembly-follow-up/1"
COLUMNS = (
    *("case", "recommendation", "title", "theme", "addressee", "handed_over_on", "state", "unit"),
    *("answered", "answered_on", "decided", "decided_on", "result", "closed_on"),
    *("next_duty", "next_due_on", "next_days_left", "next_is_overdue"),
    *("page", "step_moves", "step_days", "step_salts", "step_digests"),
    *("percent", "planned_euros", "spent_euros", "milestones", "milestones_reached"),
)
"""Of the file of rows. What is about the steps stands in their order, with spaces between."""
NO_SALT = "redacted"
"""In the file of rows, the salt of a step from which something was taken away by order."""

PageOf = Callable[[int], str]
"""The address of the page of the recommendation with this number."""


def document_of(
    assembly: Assembly, cases: Sequence[Case], *, schema: str, licence: str, page: str, page_of: PageOf
) -> dict[str, Any]:
    """Return the register for JSON, as `open_data_schema` describes it; days and moments as ISO 8601.

    `schema` is the address of its JSON Schema, `licence` that of its licence, `page` that of the register. Nothing
    about any person is in it but what steps say in public.
    """
    rules = {case.addressee.rules.version: case.addressee.rules for case in cases}
    return {
        "$schema": schema,
        "format": FORMAT,
        "licence": licence,
        "as_of": today().isoformat(),
        "assembly": {"title": assembly.title, "question": assembly.question, "page": page},
        "rules": [_rules(rules[version]) for version in sorted(rules)],
        "cases": [_case(case, page_of(case.recommendation.number)) for case in cases],
    }


def rows_of(cases: Sequence[Case], *, page_of: PageOf) -> str:
    """Return the register as CSV, one row for each case. No spreadsheet program reads a cell of it as a formula."""
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, COLUMNS)
    writer.writeheader()
    for case in cases:
        row = _row(case, page_of(case.recommendation.number))
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return made.getvalue()


def _rules(rules: FollowUpRules) -> dict[str, Any]:
    return {
        "version": rules.version,
        "holidays_of": rules.state,
        "digest": rules.digest,
        "periods": {name: str(getattr(rules, name)) for name in PERIODS},
        "numbers": {name: getattr(rules, name) for name in NUMBERS},
    }


def _case(case: Case, page: str) -> dict[str, Any]:
    course, said = course_of_case(case), case.recommendation
    return {
        "id": case.id,
        "page": page,
        "recommendation": {
            "number": said.number,
            "title": said.title,
            "theme": said.theme,
            "text": said.text,
            "digest": said.digest,
            "redactions": [
                {"ground": one.ground.value, "reference": one.reference, "ordered_on": one.ordered_on.isoformat()}
                for one in said.redactions
            ],
        },
        "addressee": {"number": case.addressee.number, "name": case.addressee.name},
        "rules": case.addressee.rules.version,
        "handed_over_on": case.handover.handed_over_on.isoformat(),
        **_stand(course),
        "measure": _measure(case, course),
        "next": _next(course),
        "duties": [_duty(one) for one in course.owed],
        "steps": [_step(one) for one in case.steps],
    }


def _stand(course: Course) -> dict[str, Any]:
    """Return where a case stands, as its steps say: what was redacted in them is nowhere."""
    return {
        "state": course.state.value,
        "unit": course.unit,
        "answered": course.answered and course.answered.value,
        "answered_on": _day(course.answered_on),
        "decided": course.decided and course.decided.value,
        "decided_on": _day(course.decided_on),
        "result": course.result and course.result.value,
        "closed_on": _day(course.closed_on),
    }


def _measure(case: Case, course: Course) -> dict[str, Any] | None:
    """Return how far what is done is, with its milestones as they stand."""
    measure = measure_of(case, course, today())
    if measure is None:
        return None
    return {
        "percent": course.percent,
        "planned": measure.planned,
        "spent": measure.spent,
        "milestones": [
            {
                "number": one.number,
                "text": one.text.value or "",
                "until": one.until.isoformat(),
                "reached_on": _day(one.reached_on),
                "is_overdue": one.is_overdue,
            }
            for one in measure.milestones
        ],
    }


def _next(course: Course) -> dict[str, Any] | None:
    if not course.open:
        return None
    first, day = course.open[0], today()
    return {
        "duty": first.duty.value,
        "due_on": first.due.isoformat(),
        "days_left": (first.due - day).days,
        "is_overdue": first.is_overdue(day),
    }


def _duty(one: Owed) -> dict[str, Any]:
    return {
        "duty": one.duty.value,
        "since": one.since.isoformat(),
        "due_on": one.due.isoformat(),
        "ended_on": _day(one.ended_on),
        "is_kept": one.is_kept,
        "is_overdue": one.is_overdue(today()),
    }


def _step(row: CaseStep) -> dict[str, Any]:
    return {
        "number": row.number,
        "move": row.move.value,
        "taken_on": row.taken_on.isoformat(),
        "recorded_at": row.recorded_at.isoformat(),
        "facts": row.facts,
        "redacted": row.redacted,
        "salt": row.salt,
        "digest": row.digest,
    }


def _row(case: Case, page: str) -> dict[str, Any]:
    course = course_of_case(case)
    owed = _next(course) or {}
    return {
        "case": case.id,
        "recommendation": case.recommendation.number,
        "title": case.recommendation.title,
        "theme": case.recommendation.theme,
        "addressee": case.addressee.name,
        "handed_over_on": case.handover.handed_over_on.isoformat(),
        **_stand(course),
        **{f"next_{name}": owed.get(name) for name in ("duty", "due_on", "days_left", "is_overdue")},
        "page": page,
        "step_moves": " ".join(one.move for one in case.steps),
        "step_days": " ".join(one.taken_on.isoformat() for one in case.steps),
        "step_salts": " ".join(one.salt or NO_SALT for one in case.steps),
        "step_digests": " ".join(one.digest for one in case.steps),
        "percent": course.percent,
        "planned_euros": course.planned,
        "spent_euros": course.spent,
        "milestones": len(course.milestones),
        "milestones_reached": sum(one.reached_on is not None for one in course.milestones),
    }


def _cell(value: Any) -> str:
    """Return a cell: texts are neutralised, numbers are not, so that what is overdue stays a negative number."""
    if isinstance(value, str):
        return neutralise(value)
    return "" if value is None else str(value).lower()


def _day(value: dt.date | None) -> str | None:
    return value.isoformat() if value else None
