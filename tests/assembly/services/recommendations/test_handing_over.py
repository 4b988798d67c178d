"""The handover: all or none, with a hash that anyone can compute; after it nothing changes, whatever is tried."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Case, Duty, Recommendation, RecommendationState
from assembly.services import logbook, stages
from assembly.services.daily import today
from assembly.services.errors import ConflictError, RuleError, ServiceError
from assembly.services.follow_up import meetings, rules
from assembly.services.recommendations import adopting, digests, drafting, editing, handing_over, minority, reading
from assembly.services.recommendations.adopting import Ballot, Votes
from tests.assembly.services.recommendations.conftest import TEXT, Hall

RECEIVER = "Oberbürgermeisterin Zarina Muster"


def handed_over(hall: Hall, *recommendations: Recommendation, on: dt.date | None = None) -> None:
    handing_over.hand_over(
        hall.session,
        hall.assembly,
        recommendations,
        handed_over_on=on or today(),
        received_by=RECEIVER,
        by=hall.organiser,
    )


def test_each_addressee_owes_an_answer_and_the_hash_can_be_computed_by_anyone(hall: Hall) -> None:
    one, other = hall.adopted(1, 2), hall.adopted(2)
    minority.attach(hall.session, one, "Lieber Sträucher.", 3, **hall.by)
    handed_over(hall, one, other)
    cases = hall.session.scalars(sa.select(Case).order_by(Case.id)).all()
    assert [(case.recommendation.number, case.addressee.name) for case in cases] == [
        (1, "Stadtverwaltung"),
        (1, "Verkehrsverbund"),
        (2, "Verkehrsverbund"),
    ]
    content = reading.canonical_of(hall.session, hall.assembly, 1)
    assert one.digest == hashlib.sha256(b"assembly/recommendation/1" + content).hexdigest()
    said = json.loads(content)
    assert (said["text"], said["count"]["yes"], said["minority_views"], said["addressees"][1]) == (
        TEXT["text"],
        4,
        [{"supporters": 3, "text": "Lieber Sträucher."}],
        {"name": "Verkehrsverbund", "number": 2},
    )
    assert one.handover is not None
    assert one.handover.digest == digests.handover_digest(hall.assembly, today().isoformat(), hall.rules, [other, one])


def test_the_step_is_done_once_all_that_was_adopted_is_handed_over(hall: Hall) -> None:
    def state() -> str:
        found = stages.stages_of(hall.session, hall.assembly)
        return next(one.state for one in found if one.step is stages.Step.RECOMMENDATIONS)

    assert state() == "next"
    one, other = hall.adopted(), hall.adopted()
    assert state() == "begun"
    handed_over(hall, one)
    assert state() == "begun"
    handed_over(hall, other)
    assert state() == "done"


def test_the_log_has_the_hashes_and_nothing_else(hall: Hall) -> None:
    one = hall.adopted()
    handed_over(hall, one)
    entries = list(logbook.entries_of(hall.session, hall.assembly))
    log = str([(entry.subject, entry.details) for entry in entries])
    assert one.handover is not None
    assert [text in log for text in (str(one.digest), one.handover.digest)] == [True, True]
    assert [text in log for text in (TEXT["title"], TEXT["text"], "Zarina")] == [False, False, False]
    assert logbook.first_fault(entries) is None


DOORS: list[Callable[[Session, Recommendation, Any], object]] = [
    lambda session, one, by: drafting.save(session, one, TEXT | {"text": "Neu"}, version=one.version, by=by),
    lambda session, one, by: drafting.address(session, one, [2], by=by),
    lambda session, one, by: drafting.discard(session, one, by=by),
    lambda session, one, by: adopting.record(
        session, one, Ballot(one.version, Votes(0, 4, 0, 4)), counted_on=today(), is_correction=True, by=by
    ),
    lambda session, one, by: minority.attach(session, one, "Anders", 3, by=by),
    lambda session, one, by: minority.remove(session, one, one.minority_views[0].id, by=by),
    lambda session, one, by: editing.change(session, one, TEXT | {"text": "Neu"}, version=one.version, by=by),
    lambda session, one, by: editing.take_back(session, one, version=one.version, by=by),
]


def test_after_the_handover_no_door_is_open(hall: Hall) -> None:
    one, other, member = hall.adopted(), hall.draft(), hall.members[0]
    minority.attach(hall.session, one, "Lieber Sträucher.", 3, **hall.by)
    handed_over(hall, one)
    before, digest = reading.canonical_of(hall.session, hall.assembly, 1), one.digest
    doors: list[Callable[[], object]] = [lambda door=door: door(hall.session, one, hall.organiser) for door in DOORS]  # type: ignore[misc]  # mypy sees no default
    doors += [
        lambda: drafting.merge(hall.session, hall.assembly, [one, other], TEXT, **hall.by),
        lambda: editing.raise_objection(hall.session, one, member, "Nein"),
        lambda: editing.withdraw_objection(hall.session, one, member),
        lambda: handed_over(hall, one),
    ]
    for door in doors:
        with pytest.raises(ConflictError):
            door()
    assert (one.state, one.digest) == (RecommendationState.HANDED_OVER, digest)
    assert reading.canonical_of(hall.session, hall.assembly, 1) == before


def test_a_later_version_of_the_rules_does_not_touch_what_was_handed_over(hall: Hall) -> None:
    one = hall.adopted(1, 2)
    handed_over(hall, one)
    before, old = reading.canonical_of(hall.session, hall.assembly, 1), hall.rules
    hall.pass_days(1)
    version = rules.begin_version(hall.session, hall.assembly, **hall.by)
    rules.remove_addressee(hall.session, hall.assembly, version.addressees[1], **hall.by)
    rules.publish_version(hall.session, hall.assembly, version, "Ein Verbund weniger", **hall.by)
    later = hall.adopted(1)
    handed_over(hall, later)
    assert reading.canonical_of(hall.session, hall.assembly, 1) == before
    assert [one.handover and one.handover.rules, later.handover and later.handover.rules] == [old, version]


@pytest.mark.parametrize("days", [-1, 1])
def test_no_handover_is_of_tomorrow_or_of_before_the_vote(hall: Hall, days: int) -> None:
    hall.pass_days(3)
    with pytest.raises(RuleError) as refused:
        handed_over(hall, hall.adopted(), on=today() + dt.timedelta(days=days))
    assert refused.value.field == "handed_over_on"


def test_a_handover_is_refused_as_a_whole_where_one_is_not_ready(hall: Hall) -> None:
    ready, drafted, changed = hall.adopted(), hall.draft(), hall.adopted()
    nobody = hall.draft()
    hall.adopt(nobody)
    editing.change(hall.session, changed, TEXT | {"text": "Bis 2031."}, version=1, **hall.by)
    hall.session.commit()
    for other in (drafted, nobody, changed):
        with pytest.raises(ServiceError):
            handed_over(hall, ready, other)
        hall.session.rollback()
        assert ready.state is RecommendationState.ADOPTED
    with pytest.raises(RuleError):
        handed_over(hall)
    hall.pass_days(8)
    with pytest.raises(RuleError, match="final"):
        handed_over(hall, changed, on=today() - dt.timedelta(days=1))
    handed_over(hall, ready, changed)
    assert {one.text for one in (ready, changed)} == {TEXT["text"], "Bis 2031."}


def test_a_body_that_meets_too_late_is_named_if_it_has_to_decide_about_one_of_these(hall: Hall) -> None:
    bound, asked = hall.adopted(1), hall.adopted(2)

    def late(*chosen: Recommendation) -> set[tuple[str, Duty]]:
        return set(handing_over.plan(hall.session, hall.assembly, chosen, today()).without_meeting)

    council = {("Stadtrat", Duty.DEBATE), ("Stadtrat", Duty.DECIDE)}
    union = {("Verbandsversammlung", Duty.DEBATE), ("Verbandsversammlung", Duty.DECIDE)}
    assert (late(bound), late(bound, asked)) == (council, council | union)
    meeting = {"body": "Stadtrat", "held_on": today() + dt.timedelta(days=60)}
    meetings.add_meeting(hall.session, hall.assembly, meeting, **hall.by)
    assert (late(bound), late(asked)) == (set(), union)
    assert bound.state is RecommendationState.ADOPTED, "looking changes nothing"
