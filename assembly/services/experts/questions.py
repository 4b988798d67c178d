"""The questions that an assembly works on, with the perspectives that should be heard on each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from assembly.models import Assembly, AssemblyQuestion, ExpertPerspective, Perspective, User
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked


def questions_of(session: Session, assembly: Assembly) -> Sequence[AssemblyQuestion]:
    """Return the questions of an assembly with their perspectives, in the order in which they were added."""
    found = sa.select(AssemblyQuestion).where(AssemblyQuestion.assembly_id == assembly.id)
    return session.scalars(
        found.options(selectinload(AssemblyQuestion.perspectives)).order_by(AssemblyQuestion.id)
    ).all()


def get_question(session: Session, assembly: Assembly, question_id: int) -> AssemblyQuestion:
    """Return a question of an assembly. Raises NotFoundError."""
    question = session.get(AssemblyQuestion, question_id)
    if question is None or question.assembly_id != assembly.id:
        raise NotFoundError
    return question


def get_perspective(session: Session, assembly: Assembly, perspective_id: int) -> Perspective:
    """Return a perspective on a question of an assembly. Raises NotFoundError."""
    perspective = session.get(Perspective, perspective_id)
    if perspective is None or perspective.question.assembly_id != assembly.id:
        raise NotFoundError
    return perspective


def add_question(
    session: Session, assembly: Assembly, text: str, names: Iterable[str], *, by: User
) -> AssemblyQuestion:
    """Add a question with the perspectives that should be heard. Raises RuleError if one stands there twice."""
    freezing.lock_pool(session, assembly.id)
    question = AssemblyQuestion(assembly_id=assembly.id, text=text)
    session.add(question)
    _add(question, names)
    session.flush()
    _log(session, assembly, question, "question_added", {"question": text}, by=by)
    return question


def change_question(
    session: Session, assembly: Assembly, question: AssemblyQuestion, text: str, names: Iterable[str] = (), *, by: User
) -> None:
    """Word a question anew, and add more perspectives. Raises RuleError if one stands there already."""
    freezing.lock_pool(session, assembly.id)
    session.refresh(question, ["perspectives"])
    before, known = question.text, [one.name for one in question.perspectives]
    question.text = text
    _add(question, names)
    session.flush()
    changes = logbook.changes(
        {"question": before, "perspectives": known},
        {"question": text, "perspectives": [one.name for one in question.perspectives]},
    )
    if changes:
        _log(session, assembly, question, "question_changed", changes, by=by)


def remove_question(session: Session, assembly: Assembly, question: AssemblyQuestion, *, by: User) -> None:
    """Remove a question. Raises ConflictError if an expert stands for one of its perspectives."""
    freezing.lock_pool(session, assembly.id)
    for perspective in question.perspectives:
        _require_unused(session, perspective)
    _log(session, assembly, question, "question_removed", {"question": question.text}, by=by)
    session.delete(question)
    session.flush()


def rename_perspective(session: Session, assembly: Assembly, perspective: Perspective, name: str, *, by: User) -> None:
    """Name a perspective anew; whoever stands for it still does. Raises RuleError if the name is taken."""
    freezing.lock_pool(session, assembly.id)
    if name == perspective.name:
        return
    _require_new([one.name for one in perspective.question.perspectives if one is not perspective], name, "name")
    changes = {"perspectives": {"before": perspective.name, "after": name}}
    perspective.name = name
    session.flush()
    _log(session, assembly, perspective.question, "question_changed", changes, by=by)


def remove_perspective(session: Session, assembly: Assembly, perspective: Perspective, *, by: User) -> None:
    """Remove a perspective. Raises ConflictError if an expert stands for it."""
    freezing.lock_pool(session, assembly.id)
    _require_unused(session, perspective)
    question, changes = perspective.question, {"perspectives": {"before": perspective.name, "after": ""}}
    question.perspectives.remove(perspective)
    session.flush()
    _log(session, assembly, question, "question_changed", changes, by=by)


def _add(question: AssemblyQuestion, names: Iterable[str]) -> None:
    for name in names:
        _require_new([one.name for one in question.perspectives], name, "perspectives")
        question.perspectives.append(Perspective(name=name))


def _require_new(known: Iterable[str], name: str, field: str) -> None:
    if name.casefold() in {one.casefold() for one in known}:
        raise RuleError(marked("“%(name)s” is on the list already."), field=field, name=name)


def _require_unused(session: Session, perspective: Perspective) -> None:
    if session.scalar(sa.select(sa.exists().where(ExpertPerspective.perspective_id == perspective.id))):
        raise ConflictError(
            marked("Experts stand for “%(name)s”. Let them stand for something else first."), name=perspective.name
        )


def _log(
    session: Session,
    assembly: Assembly,
    question: AssemblyQuestion,
    action: str,
    details: Mapping[str, Any],
    *,
    by: User,
) -> None:
    logbook.record(session, assembly, action, by=by, subject=f"question:{question.id}", details=details)
