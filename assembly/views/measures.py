"""Measures on pages: what is ticked in the form of a report, and the picture of the progress with its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import format_date, gettext

from assembly.extensions import db
from assembly.models import Assembly, Case, Material, MaterialKind, Move
from assembly.services.daily import today
from assembly.services.follow_up import units
from assembly.services.follow_up.courses import Course
from assembly.services.follow_up.reading import Measure, measure_of
from assembly.services.materials.reading import public_materials_of
from assembly.views import case_texts, evidence
from assembly.views.case_forms import Offered
from assembly.views.charts import Bar, BarChart

WHOLE = 100
"""Percent."""


def offered_in(
    case: Case, course: Course, move: Move, texts: Sequence[str] = (), *, with_document: bool = False
) -> Offered:
    """Return what the form of a step in a case offers; `with_document`, a report takes one as evidence."""
    names = units.names(db.session)
    if move is not Move.REPORT:
        return Offered(texts, names)
    assembly = db.session.get_one(Assembly, case.assembly_id)
    public = public_materials_of(db.session, assembly)
    return Offered(
        texts,
        names,
        _ticks(case, course),
        _documents(assembly, public),
        takes_document=with_document,
        licences=sorted({one.licence for one in public}),
    )


def _documents(assembly: Assembly, public: Sequence[Material]) -> list[tuple[str, str]]:
    """Return the public documents among the materials, which can be evidence: address and title."""
    return [
        (evidence.address_of(assembly, one.current), one.title)
        for one in public
        if one.kind is MaterialKind.DOCUMENT and one.current
    ]


def _ticks(case: Case, course: Course) -> list[tuple[int, str]]:
    """Return the milestones that the form of a report lets tick, with their words."""
    measure = measure_of(case, course, today())
    return [
        (
            one.number,
            gettext(
                "%(number)s. %(text)s (by %(day)s)",
                number=one.number,
                text=one.text.value or gettext("Redacted by order"),
                day=format_date(one.until, "medium"),
            ),
        )
        for one in (measure.milestones if measure else ())
    ]


def reached_in(course: Course, move: Move) -> Mapping[str, Any]:
    """Return what the form of a report begins with: what is reached stays so, unless somebody takes the tick away."""
    if move is not Move.REPORT:
        return {}
    return {"reached": [number for number, one in enumerate(course.milestones, start=1) if one.reached_on]}


def progress_picture(case: Case, measure: Measure) -> BarChart | None:
    """Return the progress from report to report; None before the first."""
    if not measure.reports:
        return None
    shown = [(one.step.taken_on, one.step.facts["percent"], one.step.facts.get("spent")) for one in measure.reports]
    return BarChart(
        key=f"progress-{case.id}",
        title=gettext("Progress"),
        description=gettext(
            "By the report of %(day)s, %(percent)s %% are done.",
            day=format_date(shown[-1][0], "long"),
            percent=shown[-1][1],
        ),
        bars=[
            Bar(
                str(format_date(day, "medium")),
                [percent],
                f"{percent}\N{NO-BREAK SPACE}%",
                [f"{percent}\N{NO-BREAK SPACE}%", "–" if spent is None else case_texts.euros(spent)],
                mark=WHOLE,
            )
            for day, percent, spent in shown
        ],
        mark=gettext("Carried out"),
        columns=[
            gettext("Report of"),
            {"label": gettext("Done, in percent"), "numeric": True},
            {"label": gettext("Spent until then"), "numeric": True},
        ],
    )
