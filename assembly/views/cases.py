"""Cases of the follow-up: what is owed by when, a case with its file, and the steps that can be taken."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from assembly.extensions import db
from assembly.models import Assembly, Case, CaseState, Move, Outcome
from assembly.services.authorisation import can_keep_cases, can_manage, can_see, can_set_rules, can_take_steps
from assembly.services.council.references import Reference
from assembly.services.daily import today
from assembly.services.errors import ConflictError, NotFoundError, marked
from assembly.services.follow_up import agenda_items, attaching, cases, groups, notices, reading, register
from assembly.services.follow_up.conditions import STATEMENTS, texts_of, unavailable
from assembly.services.follow_up.courses import Course
from assembly.services.follow_up.proposals import TEXT_OF
from assembly.services.follow_up.register import Traits
from assembly.services.follow_up.together import TOGETHER
from assembly.services.follow_up.transitions import TABLE, Actor
from assembly.views import case_texts, evidence, measures
from assembly.views.case_forms import TakingForm, said_in, step_form
from assembly.views.forms import committing
from assembly.views.guard import account, allows, load_assembly

blueprint = Blueprint("cases", __name__, url_prefix="/assemblies/<int:assembly_id>/cases")

ABOUT_A_STEP = (Move.REPLY, Move.CORRECT, Move.REDACT)
"""These are about another step, at which their links stand."""
WITH_OUTCOME = frozenset({Move.ANSWER, Move.DECIDE})


@dataclasses.dataclass(frozen=True, slots=True)
class Way:
    """A link to a step about a step that was taken."""

    move: Move
    number: int


@blueprint.get("/")
def index(assembly_id: int) -> ResponseReturnValue:
    """Show what is owed, by when: what is overdue first."""
    assembly = load_assembly(assembly_id, may=can_see)
    asked = asked_for()
    every = register.standings_of(db.session, assembly)
    return render_template(
        "cases/index.html",
        assembly=assembly,
        cases=register.register_of(db.session, assembly, asked),
        asked=asked,
        **choices_of(every),
        units=units_in(every),
        register=register,
        case_texts=case_texts,
        total=len(every),
        may_see_group=allows(assembly, can_manage),
        may_set=allows(assembly, can_set_rules),
        together=TOGETHER if allows(assembly, can_keep_cases) else (),
    )


@blueprint.get("/<int:case_id>")
def show(assembly_id: int, case_id: int) -> ResponseReturnValue:
    """Show a case: where it stands, what is owed, its file, and what can be done."""
    assembly = load_assembly(assembly_id, may=can_see)
    case = cases.get_case(db.session, assembly, case_id)
    course, actor = cases.course_of_case(case), actor_in(assembly)
    possible = _possible(assembly, course, actor) if actor else []
    return render_template(
        "cases/case.html",
        assembly=assembly,
        case=case,
        course=course,
        today=today(),
        file=reading.read(case),
        measure=reading.measure_of(case, course, today()),
        progress_picture=measures.progress_picture,
        notices=notices.notices_of(db.session, [case])[case.id],
        agenda=agenda_items.items_of(db.session, [case])[case.id],
        possible=[move for move in possible if move not in ABOUT_A_STEP],
        ways=_ways(course, actor, possible) if actor else {},
        is_for_group=actor is Actor.GROUP,
        case_texts=case_texts,
        register=register,
    )


@blueprint.route("/<int:case_id>/steps/<any({}):move>".format(", ".join(TABLE)), methods=["GET", "POST"])
def step(assembly_id: int, case_id: int, move: str) -> ResponseReturnValue:
    """Take a step. What an answer or decision has to say depends on its outcome, which is chosen first."""
    assembly = load_assembly(assembly_id, may=can_take_steps)
    case, kind = cases.get_case(db.session, assembly, case_id), Move(move)
    actor = actor_in(assembly) or Actor.GROUP
    course = cases.course_of_case(case)
    if closed := unavailable(course, kind, actor, today()):
        raise ConflictError(closed.text)
    if kind not in _possible(assembly, course, actor):
        raise ConflictError(marked("The members have a follow-up group: it drafts and votes on its own pages."))
    chosen = chosen_outcome(kind)
    if kind in WITH_OUTCOME and chosen is None:
        return outcome_page(assembly, [case], kind)
    offered = measures.offered_in(case, course, kind, _texts_to_choose(course, kind), with_document=True)
    attached = attached_to(assembly)
    begun = {**measures.reached_in(course, kind), **evidence.begun_in(case, kind)}
    begun |= attaching.filled_in(attached, kind, chosen)
    form = step_form(kind, chosen, offered, chosen=[case], begun=begun)
    if form.validate_on_submit():
        with committing(form):
            file = evidence.file_in(form)
            form.require_current([case])
            values = said_in(form, kind, chosen) | _about(kind)
            if file is not None:
                values = evidence.published(assembly, form, file, values)
            cases.move(db.session, case, kind, values, actor=actor, by=account(), taken_on=form.day())
        if not form.errors:
            flash(gettext("Published: %(step)s.", step=case_texts.MOVES[kind]), "success")
            return redirect(url_for("cases.show", assembly_id=assembly.id, case_id=case.id))
    return form_page(assembly, [case], kind, form, attached)


def asked_for(*, across: bool = False) -> register.Filter:
    """Return what of the register the address asks for; what makes no sense is left out.

    An addressee is asked for by its number, `across` assemblies by its name: each has its own numbers.
    """
    found = {name: value.strip()[:LONGEST_ASKED] for name, value in asked_args().items()}
    state, outcome = found.get("state", ""), found.get("outcome", "")
    numbers = {name: value for name, value in found.items() if re.fullmatch(r"[0-9]{1,4}", value)}
    return register.Filter(
        state=CaseState(state) if state in frozenset(CaseState) else None,
        outcome=Outcome(outcome) if outcome in frozenset(Outcome) else None,
        addressee=found.get("addressee") if across else int(numbers["addressee"]) if "addressee" in numbers else None,
        recommendation=int(numbers["recommendation"]) if "recommendation" in numbers else None,
        body=found.get("body", ""),
        theme=found.get("theme", ""),
        unit=found.get("unit", ""),
        is_overdue=found.get("overdue") == "1",
        search=found.get("search", ""),
        assembly=found.get("assembly", ""),
    )


ASKED = ("state", "outcome", "addressee", "body", "theme", "unit", "overdue", "search", "recommendation", "assembly")
"""What an address can ask for."""
LONGEST_ASKED = 200


def asked_args() -> dict[str, str]:
    """Return what the address asks for as it stands there, for other addresses that ask for the same."""
    return {name: request.args[name] for name in ASKED if request.args.get(name)}


def choices_of(traits: Sequence[Traits], *, across: bool = False) -> dict[str, dict[Any, str]]:
    """Return what the form of a filter offers; `across` assemblies addressees by name, as each has its own numbers."""
    names = {name: name for name in sorted({one.addressee for one in traits})}
    return {
        "addressees": names if across else {one.addressee_number: one.addressee for one in traits},
        "bodies": {body: body for body in sorted({one.body for one in traits} - {""})},
        "themes": {theme: theme for theme in sorted({one.theme for one in traits} - {""})},
    }


def units_in(traits: Sequence[Traits]) -> dict[str, str]:
    """Return the departments in charge that the form of a filter offers to staff."""
    return {unit: unit for unit in sorted({one.unit for one in traits} - {""})}


def actor_in(assembly: Assembly) -> Actor | None:
    """Return for whom the account acts: the council office, or the members’ group; None if for nobody."""
    if allows(assembly, can_keep_cases):
        return Actor.OFFICE
    return Actor.GROUP if allows(assembly, can_take_steps) else None


def _possible(assembly: Assembly, course: Course, actor: Actor) -> list[Move]:
    """Return the steps that the account may take; what an elected group votes on, nobody takes for it."""
    possible = cases.possible_moves(course, actor)
    if actor is Actor.GROUP and groups.group_of(db.session, assembly):
        return [move for move in possible if move not in TEXT_OF and move is not Move.CORRECT]
    return possible


def chosen_outcome(move: Move) -> Outcome | None:
    """Return the outcome in the address, for steps that have one."""
    chosen = request.args.get("outcome", "") if move in WITH_OUTCOME else ""
    return Outcome(chosen) if chosen in frozenset(Outcome) else None


def _ways(course: Course, actor: Actor, possible: list[Move]) -> dict[int, list[Way]]:
    """Return for each step that was taken what can be done about it."""
    replied = {one.facts["step"] for one in course.steps if one.move is Move.REPLY}
    ways: dict[int, list[Way]] = {}
    for one in course.steps:
        may = {
            Move.REPLY: one.move in STATEMENTS and one.number not in replied,
            Move.CORRECT: one.move not in ABOUT_A_STEP[1:] and bool(texts_of(one)) and actor in TABLE[one.move].actors,
            Move.REDACT: one.move is not Move.REDACT and bool(texts_of(one)),
        }
        ways[one.number] = [Way(move, one.number) for move in ABOUT_A_STEP if move in possible and may[move]]
    return ways


def _about(move: Move) -> dict[str, Any]:
    return {"step": request.args.get("step", 0, type=int)} if move in ABOUT_A_STEP else {}


def _texts_to_choose(course: Course, move: Move) -> list[str]:
    """Return the names of the texts of the step that this is about. Raises NotFoundError if there is none."""
    if move not in ABOUT_A_STEP:
        return []
    number = request.args.get("step", 0, type=int)
    found = next((one for one in course.steps if one.number == number), None)
    if found is None:
        raise NotFoundError
    return sorted(texts_of(found))


def outcome_page(assembly: Assembly, chosen: Sequence[Case], move: Move) -> str:
    """Return the page on which the outcome is chosen, on which depends what a step has to say."""
    return render_template("cases/outcome.html", assembly=assembly, chosen=chosen, move=move, case_texts=case_texts)


def attached_to(assembly: Assembly) -> list[Reference]:
    """Return what was chosen from the council information for the step in the address."""
    return attaching.chosen_for(db.session, assembly, request.args.getlist("reference"))


def form_page(
    assembly: Assembly, chosen: Sequence[Case], move: Move, form: TakingForm, attached: Sequence[Reference]
) -> ResponseReturnValue:
    """Return the page with the form of a step in one case or several."""
    if form.errors:
        form.ask_for_file_again()
    page = render_template(
        "cases/step.html",
        assembly=assembly,
        chosen=chosen,
        move=move,
        form=form,
        action=request.full_path.rstrip("?"),
        attached=attached,
        search=_search_page(assembly, chosen, move),
        case_texts=case_texts,
    )
    return page, 422 if form.errors else 200


def _search_page(assembly: Assembly, chosen: Sequence[Case], move: Move) -> str | None:
    """Return the address where something is chosen from the council information, if there is anything for the step."""
    if not allows(assembly, can_keep_cases) or not attaching.kinds_for(db.session, assembly, move):
        return None
    asked: dict[str, Any] = {name: request.args.getlist(name) for name in ("outcome", "reference")}
    return url_for("cases.choose_reference", assembly_id=assembly.id, case=[c.id for c in chosen], move=move, **asked)
