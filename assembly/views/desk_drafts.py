"""Drafts at the desk: written from the form of a step, read in versions, commented, submitted, sent back, approved."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SubmitField, TextAreaField
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from assembly.extensions import db
from assembly.models import Draft, DraftState, Move, Outcome
from assembly.services import accounts
from assembly.services.authorisation import can_draft
from assembly.services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from assembly.services.follow_up import cases, desks, drafts, reading
from assembly.services.follow_up.desks import Part, Task
from assembly.services.follow_up.facts import LONGEST_TEXT
from assembly.services.follow_up.transitions import facts_of
from assembly.views import case_texts, desk_texts, measures
from assembly.views.case_forms import draft_form, said_in
from assembly.views.cases import chosen_outcome
from assembly.views.desk import blueprint
from assembly.views.forms import BaseForm, committing, stripped
from assembly.views.guard import account, require
from assembly.views.messages import in_words

DRAFT = "/cases/<int:case_id>/drafts/<any({}):move>".format(", ".join(drafts.DRAFTED))
PARTS = {"comment": Part.DRAFTS | Part.APPROVES, "submit": Part.DRAFTS}
"""Who may do what; all else is for those who approve."""
DONE = {
    "comment": _l("The comment was added."),
    "submit": _l("Submitted. The mayor’s office sees it now."),
    "send-back": _l("Sent back to the department."),
    "approve": _l("Approved and published."),
}


class NoteForm(BaseForm):
    """Words to a draft."""

    text = TextAreaField(_l("Your words"), [Optional(), Length(max=LONGEST_TEXT)], filters=[stripped])
    version = IntegerField(validators=[Optional()], widget=HiddenInput())
    submit = SubmitField(_l("Add the comment"))


@blueprint.route(f"{DRAFT}/edit", methods=["GET", "POST"])
def edit(case_id: int, move: str) -> ResponseReturnValue:
    """Write a version of a draft. What an answer says depends on its outcome, which is chosen first."""
    task, kind = _task(case_id), Move(move)
    _require(task, Part.DRAFTS)
    draft = drafts.find(db.session, task.case, kind)
    if draft is None or draft.state is DraftState.PUBLISHED:
        draft = None
        if not drafts.can_begin(task.case, kind):
            raise ConflictError("This step is not possible now, so no draft of it is begun.")
    said = drafts.said_in(draft) if draft else {}
    outcome = chosen_outcome(kind) or (Outcome(said["outcome"]) if "outcome" in said else None)
    if kind is Move.ANSWER and outcome is None:
        return render_template("desk/outcome.html", task=task, move=kind, case_texts=case_texts)
    course = cases.course_of_case(task.case)
    offered = measures.offered_in(task.case, course, kind)
    begun = said if draft else measures.reached_in(course, kind)
    form = draft_form(kind, outcome, begun, base=len(draft.versions) if draft else 0, offered=offered)
    if form.validate_on_submit():
        with committing(form):
            values = said_in(form, kind, outcome)
            drafts.save(db.session, task.case, kind, values, base=form.base.data or 0, by=account())
        if not form.errors:
            flash(gettext("The draft was saved. It is not public."), "success")
            return redirect(url_for("desk.draft", case_id=case_id, move=move))
    page = render_template(
        "desk/edit.html", task=_task(case_id), move=kind, form=form, outcome=outcome, case_texts=case_texts
    )
    return page, 422 if form.errors else 200


@blueprint.get(DRAFT)
def draft(case_id: int, move: str) -> ResponseReturnValue:
    """Show a draft, in its newest version or the one in the address, with comments and sign-offs."""
    return _page(_task(case_id), Move(move), NoteForm())


@blueprint.post(f"{DRAFT}/<any(comment, submit, 'send-back', approve):deed>")
def decide(case_id: int, move: str, deed: str) -> ResponseReturnValue:
    """Comment on a draft, submit it, send it back, or approve it, which publishes it."""
    task, kind, form = _task(case_id), Move(move), NoteForm()
    _require(task, PARTS.get(deed, Part.APPROVES))
    one = _get(task, kind)
    if form.validate_on_submit():
        with _committing(form):
            _do(deed, one, str(form.text.data or ""), form.version.data or 0)
        if not form.errors:
            flash(DONE[deed], "success")
            return redirect(url_for("desk.draft", case_id=case_id, move=move))
    return _page(_task(case_id), kind, form)


def _do(deed: str, one: Draft, text: str, version: int) -> None:
    match deed:
        case "comment":
            drafts.comment(db.session, one, text, by=account())
        case "submit":
            drafts.submit(db.session, one, version=version, by=account())
        case "send-back":
            drafts.send_back(db.session, one, text, version=version, by=account())
        case _:
            drafts.approve(db.session, one, version=version, by=account())


@contextlib.contextmanager
def _committing(form: NoteForm) -> Iterator[None]:
    """Commit what is done inside; what the draft lacks is named with the field of its form."""
    try:
        yield
    except ServiceError as error:
        db.session.rollback()
        label = case_texts.FACTS.get(error.field or "")
        if label is not None and error.field not in form:
            problem = gettext(error.message, **in_words(error.values))
            form.form_errors = [gettext("%(field)s: %(error)s", field=label, error=problem)]
        else:
            form.add(error)
    else:
        db.session.commit()


def _task(case_id: int) -> Task:
    require(can_draft)
    return desks.get_task(db.session, case_id, user=account())


def _require(task: Task, part: Part) -> None:
    if not task.part & part:
        raise ForbiddenError


def _get(task: Task, kind: Move) -> Draft:
    """Return a draft; whoever only approves comes to it once it was submitted."""
    one = drafts.get(db.session, task.case, kind)
    if not task.part & Part.DRAFTS and one.submitted_by_id is None:
        raise NotFoundError
    return one


def _page(task: Task, kind: Move, form: NoteForm) -> ResponseReturnValue:
    one = _get(task, kind)
    form.version.data, form.version.raw_data = len(one.versions), None
    number = request.args.get("version", len(one.versions), type=int)
    said = drafts.facts_in(one, number)
    found = reading.drafted(kind, said)
    people = {note.written_by_id for note in one.notes} | {version.saved_by_id for version in one.versions}
    page = render_template(
        "desk/draft.html",
        task=task,
        move=kind,
        draft=one,
        number=number,
        said=[(fact, found.get(fact.name)) for fact in facts_of(kind, said)],
        names=accounts.names_of(db.session, people),
        form=form,
        drafts_here=bool(task.part & Part.DRAFTS),
        approves_here=bool(task.part & Part.APPROVES),
        is_own=one.submitted_by_id == account().id,
        states=desk_texts.STATES,
        deeds=desk_texts.DEEDS,
        case_texts=case_texts,
    )
    return page, 422 if form.errors else 200
