"""Moving one person by hand, with what that breaks; and who of a plan does not come, or came without a seat."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Event, PairKind, TablePlan, TableSeat, User
from assembly.services import logbook
from assembly.services.attendance.people import Listed
from assembly.services.errors import NotFoundError, RuleError, marked
from assembly.services.programme.events import subject_of
from assembly.services.tables import plans, seating
from assembly.services.tables.computing import hidden_rules_of
from sortition.tables import Rules

HIDDEN = marked(
    "Not everything that was arranged for this event would still hold. "
    "Compute the tables anew instead, or ask those who care for support."
)
"""The same for whatever somebody needs, and at whichever table."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Broken:
    """What a move breaks: a translatable sentence, and what stands in it, names of people among it."""

    template: str
    values: Mapping[str, object]


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class LateChanges:
    """Who has a seat in the draft and has left the panel, or does not come; and who comes and has none."""

    left: Sequence[Listed]
    gone: Sequence[Listed]
    new: Sequence[Listed]

    def __bool__(self) -> bool:
        return bool(self.left or self.gone or self.new)


def late_changes(
    listed: Mapping[int, Listed], left: Mapping[int, Listed], plan: TablePlan, draft: seating.Places
) -> LateChanges:
    """Return how far the draft is from who comes now; `left` are those who are on no list any more.

    Once the event has begun, the last round alone is held against it: those before may be over.
    """
    places = draft.values() if now() < plan.event.starts_at else [draft[max(draft)]]
    seated = {who for of_round in places for who in of_round}
    coming = {one.member.respondent_id for one in seating.taken_of(list(listed.values()), plan.seated)}
    return LateChanges(
        [one for who, one in left.items() if who in seated],
        [one for who, one in listed.items() if who in seated - coming],
        [one for who, one in listed.items() if who in coming - seated],
    )


def move(
    session: Session,
    event: Event,
    respondent_id: int,
    *,
    number: int,
    table: int,
    names: Mapping[int, str],
    may_see_needs: bool,
    by: User,
    is_sure: bool,
) -> Sequence[Broken]:
    """Let somebody sit at another table of the draft in one round; without being sure, return what that breaks.

    It calls people by `names`. What was arranged for somebody is looked at only for those who `may_see_needs`: others
    could find out by trying who needs something. Nothing was moved if something is returned. Raises NotFoundError for
    who is not on the list, RuleError for a round or table that there is not, ConflictError if there is no plan.
    """
    plans.lock(session, event)
    plan = session.get(TablePlan, event.id, populate_existing=True)
    draft = seating.places_of(session, event, is_draft=True)
    listed = seating.people_at(session, event)
    if plan is None or not draft:
        raise plans.no_plan()
    if respondent_id not in listed:
        raise NotFoundError
    if number not in draft:
        raise RuleError(marked("Choose a round of the plan."), field="round")
    if table not in tables_of(plan, draft):
        raise RuleError(marked("Choose a table of the plan."), field="table")
    if draft[number].get(respondent_id) == table:
        return []
    after = draft[number] | {respondent_id: table}
    if not is_sure:
        broken = _broken(session, plan, names, before=draft[number], after=after)
        if may_see_needs:
            broken += _hidden(session, plan, listed, before=draft[number], after=after)
        if broken:
            return broken
    session.merge(TableSeat(event_id=event.id, is_draft=True, round=number, respondent_id=respondent_id, number=table))
    plan.figures = {}  # those of the computed plan say nothing about this one
    session.flush()
    logbook.record(session, event.assembly, "tables_moved_by_hand", by=by, subject=subject_of(event))
    return []


def tables_of(plan: TablePlan, draft: seating.Places) -> Sequence[int]:
    """Return the numbers of the tables of a plan, also of those that were taken away since it was computed."""
    return sorted({*range(1, plan.tables + 1), *(table for of in draft.values() for table in of.values())})


def _broken(
    session: Session,
    plan: TablePlan,
    names: Mapping[int, str],
    *,
    before: Mapping[int, int],
    after: Mapping[int, int],
) -> list[Broken]:
    """Return what holds before a move and not after it, of what everybody sees."""
    event, found = plan.event, list[Broken]()
    for pair in plans.pairs_of(session, event):
        held, holds = (pair_holds(pair.kind, places, pair.one_id, pair.other_id) for places in (before, after))
        if held and not holds:
            pair_names = {"one": plans.name_of(names, pair.one_id), "other": plans.name_of(names, pair.other_id)}
            if pair.kind is PairKind.TOGETHER:
                found.append(Broken(marked("%(one)s and %(other)s are to sit together."), pair_names))
            else:
                found.append(Broken(marked("%(one)s and %(other)s are not to sit together."), pair_names))
    if uneven := _uneven(before, after):
        found.append(uneven)
    return found


def _hidden(
    session: Session,
    plan: TablePlan,
    listed: Mapping[int, Listed],
    *,
    before: Mapping[int, int],
    after: Mapping[int, int],
) -> list[Broken]:
    """Return one sentence if a move breaks what was arranged for anybody."""
    rules = hidden_rules_of(session, plan.event, plan, [listed[who] for who in after if who in listed])
    return [Broken(HIDDEN, {})] if broken_by(rules, after) - broken_by(rules, before) else []


def pair_holds(kind: PairKind, places: Mapping[int, int], one: int, other: int) -> bool:
    """Whether two people sit as they are to; whoever has no seat breaks nothing."""
    if one not in places or other not in places:
        return True
    return (places[one] == places[other]) is (kind is PairKind.TOGETHER)


def broken_by(rules: Rules, places: Mapping[int, int]) -> set[tuple[str, int]]:
    """Return which of the rules that are not shown a round breaks, by their positions."""
    broken = set()
    for position, group in enumerate(rules.together):
        if len({places[int(who)] for who in group if int(who) in places}) > 1:
            broken.add(("together", position))
    for only in rules.only:
        broken |= {
            ("only", int(who)) for who in only.people if int(who) in places and places[int(who)] not in only.tables
        }
    return broken


def _uneven(before: Mapping[int, int], after: Mapping[int, int]) -> Broken | None:
    sizes = Counter(after.values())
    emptied = sorted(set(before.values()) - sizes.keys())
    if emptied:
        return Broken(marked("Nobody would sit at table %(table)s."), {"table": emptied[0]})
    (largest, most), (smallest, fewest) = sizes.most_common()[0], sizes.most_common()[-1]
    spread = Counter(before.values())
    if most - fewest <= max(1, max(spread.values()) - min(spread.values())):
        return None
    values = {"most": most, "largest": largest, "fewest": fewest, "smallest": smallest}
    return Broken(
        marked("%(most)s people would sit at table %(largest)s, but %(fewest)s at table %(smallest)s."), values
    )
