"""Who is heard on each question, and for how long: by perspective, role and gender. It warns, and never blocks.

Counted are the minutes of experts who have accepted, at events that are not cancelled. Whoever stands for several
perspectives is heard on each of them, so that minutes of perspectives may add up to more than was spoken; those of
roles and genders never do.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    AssemblyQuestion,
    EventState,
    Expert,
    ExpertInput,
    ExpertRole,
    ExpertState,
    Gender,
    Perspective,
)
from assembly.services.errors import marked
from assembly.services.experts.inviting import experts_of
from assembly.services.experts.questions import questions_of
from sortition.message import Message

TOO_MUCH = 2
"""How many times as long as another perspective one may be heard before it is pointed out."""
FEWEST_FOR_GENDER = 2
"""Experts of known gender from which on it says something that all have the same."""


@dataclasses.dataclass(frozen=True, slots=True)
class Minutes:
    """How long somebody was heard, and is to be heard."""

    heard: int = 0
    planned: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.heard + self.planned


@dataclasses.dataclass(frozen=True, slots=True)
class PerspectiveBalance:
    """How long a perspective is heard, and by whom; `invited` are those who have not accepted yet."""

    perspective: Perspective
    minutes: Minutes
    experts: Sequence[Expert]
    invited: Sequence[Expert]


@dataclasses.dataclass(frozen=True, slots=True)
class QuestionBalance:
    """How a question is heard. A gender of None: not said."""

    question: AssemblyQuestion
    perspectives: Sequence[PerspectiveBalance]
    roles: Mapping[ExpertRole, Minutes]
    genders: Mapping[Gender | None, Minutes]
    warnings: Sequence[Message]


def balance_of(session: Session, assembly: Assembly) -> Sequence[QuestionBalance]:
    """Return how every question of an assembly is heard, in a fixed number of queries."""
    experts = experts_of(session, assembly)
    return [_of_one(question, experts) for question in questions_of(session, assembly)]


def _of_one(question: AssemblyQuestion, experts: Sequence[Expert]) -> QuestionBalance:
    ids = {perspective.id for perspective in question.perspectives}
    concerned = [expert for expert in experts if ids & {one.id for one in expert.perspectives}]
    coming = [expert for expert in concerned if expert.state is ExpertState.ACCEPTED]
    asked = [expert for expert in concerned if expert.state is ExpertState.INVITED]
    perspectives = [
        PerspectiveBalance(
            perspective,
            minutes_of(_for(coming, perspective)),
            _for(coming, perspective),
            _for(asked, perspective),
        )
        for perspective in question.perspectives
    ]
    roles = {role: minutes_of(expert for expert in coming if expert.role is role) for role in ExpertRole}
    genders = {gender: minutes_of(expert for expert in coming if expert.gender is gender) for gender in (*Gender, None)}
    speaking = [expert for expert in coming if minutes_of([expert]).total]
    warnings = [*_about_perspectives(perspectives), *_about_people(speaking, roles)]
    return QuestionBalance(question, perspectives, roles, genders, warnings)


def minutes_of(experts: Iterable[Expert]) -> Minutes:
    """Return how long experts are heard at events that take place."""
    inputs = [one for expert in experts for one in expert.inputs if one.event.state is not EventState.CANCELLED]
    heard = sum(one.minutes for one in inputs if _is_over(one))
    return Minutes(heard, sum(one.minutes for one in inputs) - heard)


def _is_over(one: ExpertInput) -> bool:
    return one.event.ends_at <= now()


def _for(experts: Iterable[Expert], perspective: Perspective) -> list[Expert]:
    return [expert for expert in experts if perspective in expert.perspectives]


def _about_perspectives(found: Sequence[PerspectiveBalance]) -> list[Message]:
    missing = [one for one in found if not one.minutes.total]
    warnings = [Message(marked("Nobody speaks for “%(name)s” yet."), {"name": one.perspective.name}) for one in missing]
    heard = sorted((one for one in found if one.minutes.total), key=lambda one: one.minutes.total)
    if heard and heard[-1].minutes.total > TOO_MUCH * heard[0].minutes.total:
        least, most = heard[0], heard[-1]
        warnings.append(
            Message(
                marked("“%(most)s” has %(more)s minutes, “%(least)s” only %(less)s."),
                {
                    "most": most.perspective.name,
                    "more": most.minutes.total,
                    "least": least.perspective.name,
                    "less": least.minutes.total,
                },
            )
        )
    return warnings


def _about_people(speaking: Sequence[Expert], roles: Mapping[ExpertRole, Minutes]) -> list[Message]:
    warnings = []
    if speaking and not roles[ExpertRole.AFFECTED].total:
        warnings.append(Message(marked("No people affected are heard."), {}))
    genders = [expert.gender for expert in speaking if expert.gender is not None]
    if len(genders) >= FEWEST_FOR_GENDER and len(set(genders)) == 1:
        warnings.append(Message(marked("All who speak and have said their gender have the same one."), {}))
    if any(not expert.interests for expert in speaking):
        warnings.append(Message(marked("Not everybody who speaks has declared their interests."), {}))
    return warnings
