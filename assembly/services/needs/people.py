"""What people need: said by them or by whoever speaks with them, kept for all events, changed for one.

The log says that a need was recorded, changed or removed, never which. Only support reads them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.clock import now
from assembly.models import (
    Assembly,
    Event,
    EventNeed,
    EventState,
    NeedKind,
    NeedState,
    Respondent,
    Status,
    SupportNeed,
    User,
)
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.needs.kinds import INTERPRETING
from assembly.services.panel.seats import WAITING, require_waiting
from assembly.services.respondents import subject_of

MOST_CHILDREN = 20
ON_THE_PANEL = (*WAITING, Status.CONFIRMED)
"""Whose needs are provided for."""


@dataclasses.dataclass(frozen=True, slots=True)
class Wish:
    """What somebody says that they need; without `for_all_events`, only at events that are named one by one."""

    kind: NeedKind
    language: str = ""
    children: int | None = None
    ages: str = ""
    text: str = ""
    for_all_events: bool = True


def add_need(session: Session, respondent: Respondent, wish: Wish, *, by: User | None) -> SupportNeed:
    """Record what somebody needs; `by` is None if they say it themselves.

    Raises RuleError if something is missing, ConflictError if they are no longer on the panel.
    """
    require_waiting(session, respondent, ON_THE_PANEL)
    values = _checked(wish, by)
    need = SupportNeed(respondent_id=respondent.id, recorded_at=now(), recorded_by_id=by.id if by else None, **values)
    session.add(need)
    session.flush()
    _log(session, respondent, "need_recorded", by=by)
    return need


def change_need(session: Session, need: SupportNeed, respondent: Respondent, wish: Wish, *, by: User | None) -> None:
    """Correct what somebody needs; if it is something else now, it has to be arranged again. Raises as `add_need`."""
    require_waiting(session, respondent, ON_THE_PANEL)
    changed = logbook.assign(need, _checked(wish, by), dataclasses.asdict(wish))
    if not changed:
        return
    if changed.keys() & {"kind", "language", "children"}:
        session.execute(
            sa.update(EventNeed).where(EventNeed.need_id == need.id).values(state=NeedState.REQUESTED, answer="")
        )
    session.flush()
    _log(session, respondent, "need_changed", by=by)


def remove_need(session: Session, need: SupportNeed, respondent: Respondent, *, by: User | None) -> None:
    """Delete what somebody does not need any more, with what was arranged for it."""
    freezing.lock_pool(session, respondent.assembly_id)
    session.delete(need)
    session.flush()
    _log(session, respondent, "need_removed", by=by)


def set_for_event(
    session: Session, need: SupportNeed, respondent: Respondent, event: Event, *, is_needed: bool, by: User | None
) -> None:
    """Say that somebody does not need something at one event, or needs it there, too. Raises ConflictError."""
    row = _row_for(session, need, respondent, event)
    if row.is_needed == is_needed:
        return
    row.is_needed, row.state, row.answer = is_needed, NeedState.REQUESTED, ""
    session.flush()
    _log(session, respondent, "need_for_event_changed", by=by)


def answer(
    session: Session,
    need: SupportNeed,
    respondent: Respondent,
    event: Event,
    *,
    state: NeedState,
    text: str,
    by: User,
) -> None:
    """Say what was arranged for a need at an event and with whom, or why it cannot be; the member reads it.

    Raises RuleError without a text, ConflictError if it is not needed there or the event is over.
    """
    row = _row_for(session, need, respondent, event)
    if not row.is_needed:
        raise ConflictError(marked("The member does not need this at this event."))
    text = text.strip()
    if state is NeedState.ARRANGED and not text:
        raise RuleError(marked("Say what is arranged, and with whom."), field="answer")
    if state is NeedState.DECLINED and not text:
        raise RuleError(marked("Say why, so that the member can look for another way."), field="answer")
    row.state, row.answer = state, text if state is not NeedState.REQUESTED else ""
    session.flush()
    _log(session, respondent, "need_answered", by=by)


def needs_of(session: Session, assembly: Assembly) -> Sequence[tuple[SupportNeed, Respondent]]:
    """Return what members and drawn people need, for support alone; without those who left."""
    statement = _with_people(assembly).where(Respondent.status.in_(ON_THE_PANEL)).order_by(SupportNeed.id)
    return [(need, respondent) for need, respondent in session.execute(statement)]


def own_needs_of(session: Session, respondent: Respondent) -> Sequence[SupportNeed]:
    """Return what one person needs, in the order in which they said it."""
    found = sa.select(SupportNeed).where(SupportNeed.respondent_id == respondent.id)
    return session.scalars(found.order_by(SupportNeed.id)).all()


def get_need(session: Session, assembly: Assembly, need_id: int) -> tuple[SupportNeed, Respondent]:
    """Return a need with the person who has it, for support alone. Raises NotFoundError."""
    found = session.execute(_with_people(assembly).where(SupportNeed.id == need_id)).one_or_none()
    if found is None:
        raise NotFoundError
    return found[0], found[1]


def get_own_need(session: Session, respondent: Respondent, need_id: int) -> SupportNeed:
    """Return a need of a person, for them. Raises NotFoundError."""
    need = session.get(SupportNeed, need_id)
    if need is None or need.respondent_id != respondent.id:
        raise NotFoundError
    return need


def _with_people(assembly: Assembly) -> sa.Select[SupportNeed, Respondent]:
    return (
        sa.select(SupportNeed, Respondent)
        .join(Respondent, Respondent.id == SupportNeed.respondent_id)
        .where(Respondent.assembly_id == assembly.id)
        .options(joinedload(Respondent.contact))
    )


def _checked(wish: Wish, by: User | None) -> dict[str, object]:
    """Return the values of a need, without what does not belong to its kind."""
    values = dataclasses.asdict(wish)
    for field in ("language", "ages", "text"):
        values[field] = values[field].strip()
    if wish.kind not in INTERPRETING:
        values["language"] = ""
    if wish.kind is not NeedKind.CHILDCARE:
        values |= {"children": None, "ages": ""}
    if wish.kind is NeedKind.SPOKEN_LANGUAGE and not values["language"]:
        raise RuleError(marked("Enter which language."), field="language")
    if wish.kind is NeedKind.CHILDCARE and not 1 <= (wish.children or 0) <= MOST_CHILDREN:
        raise RuleError(marked("Enter for how many children."), field="children")
    if wish.kind is NeedKind.OTHER and not values["text"]:
        said_by_staff, said_by_member = marked("Enter what the person needs."), marked("Say what you need.")
        raise RuleError(said_by_staff if by else said_by_member, field="text")
    return values


def _row_for(session: Session, need: SupportNeed, respondent: Respondent, event: Event) -> EventNeed:
    require_waiting(session, respondent, ON_THE_PANEL)
    session.refresh(event, ["state", "ends_at"])
    if event.assembly_id != respondent.assembly_id:
        raise NotFoundError
    if event.state is EventState.CANCELLED or event.ends_at <= now():
        raise ConflictError(marked("This event is over or cancelled: nothing can be arranged for it any more."))
    row = session.get(EventNeed, (need.id, event.id), populate_existing=True)
    if row is None:
        row = EventNeed(
            need_id=need.id, event_id=event.id, is_needed=need.for_all_events, state=NeedState.REQUESTED, answer=""
        )
        session.add(row)
    return row


def _log(session: Session, respondent: Respondent, action: str, *, by: User | None) -> None:
    logbook.record(session, respondent.assembly, action, by=by, subject=subject_of(respondent))
