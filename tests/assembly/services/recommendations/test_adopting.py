"""Adoption: by a count of those present, held against the rules to the last vote; nobody's vote is known."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assembly.clock import now
from assembly.models import (
    AdoptionCount,
    Attendance,
    AttendanceState,
    EventKind,
    FollowUpRules,
    MinorityView,
    RecommendationState,
)
from assembly.services import logbook
from assembly.services.daily import today
from assembly.services.errors import ConflictError, RuleError
from assembly.services.follow_up import rules
from assembly.services.programme import events
from assembly.services.recommendations import adopting, drafting, minority
from assembly.services.recommendations.adopting import Ballot, CountsError, Votes
from tests.assembly.services.recommendations.conftest import TEXT, Hall

NUMBERS = st.integers(0, 60)


@pytest.mark.parametrize(
    ("quorum", "needed", "votes", "panel", "adopted"),
    [
        (50, 50, Votes(13, 11, 0, 24), 48, True),  # exactly half of the panel votes
        (50, 50, Votes(13, 10, 0, 40), 48, False),  # one too few, though enough are present
        (50, 50, Votes(13, 10, 1, 24), 48, True),  # whoever abstains takes part
        (50, 50, Votes(12, 12, 0, 24), 48, False),  # exactly half is not more than half
        (50, 50, Votes(12, 11, 25, 48), 48, True),  # abstentions do not count as votes cast
        (50, 50, Votes(0, 0, 48, 48), 48, False),  # nobody is for it
        (50, 80, Votes(40, 10, 0, 50), 50, False),  # exactly 80 percent
        (50, 80, Votes(41, 10, 0, 51), 51, True),
        (51, 50, Votes(13, 12, 0, 25), 49, True),  # 51 percent of 49 are 24.99
        (51, 50, Votes(13, 11, 0, 24), 49, False),
        (100, 50, Votes(3, 0, 1, 4), 4, True),
        (1, 50, Votes(1, 0, 0, 1), 100, True),
    ],
)
def test_quorum_and_majority_are_held_to_the_last_vote(
    quorum: int, needed: int, votes: Votes, panel: int, adopted: bool
) -> None:
    terms = FollowUpRules(quorum_percent=quorum, adoption_percent=needed)
    assert adopting.is_adopted(votes, panel, terms) is adopted


@given(NUMBERS, NUMBERS, NUMBERS, st.integers(1, 100), st.integers(50, 99))
def test_another_yes_never_turns_an_adoption_down(yes: int, no: int, abstained: int, quorum: int, needed: int) -> None:
    terms = FollowUpRules(quorum_percent=quorum, adoption_percent=needed)
    if adopting.is_adopted(Votes(yes, no, abstained, 200), 200, terms):
        assert adopting.is_adopted(Votes(yes + 1, no, abstained, 200), 200, terms)


def test_what_is_not_adopted_keeps_its_count(hall: Hall) -> None:
    kept, refused = hall.draft(), hall.draft()
    hall.adopt(kept, yes=2, no=1, abstained=1)
    hall.adopt(refused, yes=2, no=2)
    assert (kept.state, refused.state) == (RecommendationState.ADOPTED, RecommendationState.DISCARDED)
    assert refused.count is not None
    count = refused.count
    assert (count.yes, count.no, count.abstained, count.present, count.panel_size) == (2, 2, 0, 4, 4)
    assert (kept.adopted_at is None, refused.adopted_at is None, count.is_adopted) == (False, True, False)


@pytest.mark.parametrize(
    ("votes", "field"),
    [(Votes(3, 1, 1, 4), "present"), (Votes(3, 1, 1, 5), "present"), (Votes(-1, 0, 0, 4), "yes")],
)
def test_counts_that_cannot_be_right_are_refused(hall: Hall, votes: Votes, field: str) -> None:
    one = hall.draft()
    with pytest.raises(RuleError) as refused:
        adopting.record(hall.session, one, Ballot(1, votes), counted_on=today(), **hall.by)
    assert (refused.value.field, one.count) == (field, None)


@pytest.mark.parametrize("days", [-1, 1])
def test_no_vote_is_of_tomorrow_or_of_before_the_rules(hall: Hall, days: int) -> None:
    one, day = hall.draft(), today() + dt.timedelta(days=days)
    with pytest.raises(RuleError) as refused:
        adopting.record(hall.session, one, Ballot(1, Votes(4, 0, 0, 4)), counted_on=day, **hall.by)
    assert refused.value.field == "counted_on"


def test_the_rules_of_the_day_of_the_vote_decide(hall: Hall) -> None:
    day, one, later = today(), hall.draft(), hall.draft()
    hall.pass_days(1)
    version = rules.begin_version(hall.session, hall.assembly, **hall.by)
    rules.change(hall.session, hall.assembly, version, {"adoption_percent": 80}, **hall.by)
    rules.publish_version(hall.session, hall.assembly, version, "Mehr Einigkeit", **hall.by)
    ballot = Ballot(1, Votes(3, 1, 0, 4))
    assert adopting.record(hall.session, one, ballot, counted_on=day, **hall.by).is_adopted
    assert not adopting.record(hall.session, later, ballot, counted_on=today(), **hall.by).is_adopted


def test_a_text_that_was_changed_since_it_was_read_is_not_voted_on(hall: Hall) -> None:
    one = hall.draft()
    drafting.save(hall.session, one, TEXT | {"text": "Anders."}, version=1, **hall.by)
    with pytest.raises(ConflictError, match="changed since"):
        adopting.record(hall.session, one, Ballot(1, Votes(4, 0, 0, 4)), counted_on=today(), **hall.by)


def test_a_mistyped_count_is_corrected_and_the_log_knows_both(hall: Hall) -> None:
    one = hall.draft()
    hall.adopt(one, yes=1, no=3)
    hall.adopt(one, yes=3, no=1)
    assert (one.state, one.count and one.count.yes) == (RecommendationState.ADOPTED, 3)
    actions = [entry.action for entry in logbook.entries_of(hall.session, hall.assembly)][-2:]
    assert actions == ["adoption_counted", "count_corrected"]


def test_who_counts_second_does_not_overwrite_the_first_unawares(hall: Hall) -> None:
    one = hall.draft()
    hall.adopt(one, yes=3, no=1)
    with pytest.raises(ConflictError, match="meanwhile"):
        adopting.record(hall.session, one, Ballot(1, Votes(0, 4, 0, 4)), counted_on=today(), **hall.by)
    assert one.state is RecommendationState.ADOPTED


def test_all_counts_of_an_event_are_recorded_or_none(hall: Hall) -> None:
    drafts = [hall.draft() for _ in range(48)]
    hall.session.commit()
    ballots = {one: Ballot(1, Votes(3, 1, 0, 4)) for one in drafts}
    wrong = ballots | {drafts[5]: Ballot(1, Votes(3, 2, 0, 4)), drafts[7]: Ballot(2, Votes(3, 1, 0, 4))}
    with pytest.raises(CountsError) as refused:
        adopting.record_all(hall.session, wrong, counted_on=today(), **hall.by)
    assert {number: error.field for number, error in refused.value.errors.items()} == {6: "present", 8: None}
    hall.session.rollback()
    assert {one.state for one in drafts} == {RecommendationState.DRAFT}
    adopting.record_all(hall.session, ballots, counted_on=today(), **hall.by)
    assert {one.state for one in drafts} == {RecommendationState.ADOPTED}
    with pytest.raises(RuleError):
        adopting.record_all(hall.session, {}, counted_on=today(), **hall.by)


@pytest.mark.parametrize(("supporters", "is_kept"), [(2, False), (3, True), (4, True), (5, False)])
def test_a_minority_view_needs_as_many_members_as_the_rules_ask_for(hall: Hall, supporters: int, is_kept: bool) -> None:
    one = hall.adopted()
    if is_kept:
        minority.attach(hall.session, one, "Lieber Sträucher.", supporters, **hall.by)
        assert [(view.text, view.supporters) for view in one.minority_views] == [("Lieber Sträucher.", supporters)]
        minority.remove(hall.session, one, one.minority_views[0].id, **hall.by)
    else:
        with pytest.raises(RuleError) as refused:
            minority.attach(hall.session, one, "Lieber Sträucher.", supporters, **hall.by)
        assert refused.value.field == "supporters"
    assert one.minority_views == []


def test_minority_views_belong_to_what_was_adopted_and_are_not_in_the_log(hall: Hall) -> None:
    one = hall.draft()
    with pytest.raises(ConflictError):
        minority.attach(hall.session, one, "Lieber Sträucher.", 3, **hall.by)
    hall.adopt(one)
    minority.attach(hall.session, one, "Lieber Sträucher.", 3, **hall.by)
    assert "Sträucher" not in str([entry.details for entry in logbook.entries_of(hall.session, hall.assembly)])


def test_nothing_says_who_voted_what() -> None:
    columns: set[Any] = {column.name for model in (AdoptionCount, MinorityView) for column in model.__table__.columns}
    assert {name for name in columns if "respondent" in name or "member" in name} == set()


def test_present_is_proposed_from_the_check_in_list(hall: Hall) -> None:
    values = {
        "kind": EventKind.PLENARY,
        "title": "Abschluss",
        "starts_at": now(),
        "ends_at": now() + dt.timedelta(hours=3),
    }
    event = events.add_event(hall.session, hall.assembly, values, **hall.by)
    states = (AttendanceState.PRESENT, AttendanceState.PRESENT_HALF, AttendanceState.ABSENT)
    for member, state in zip(hall.members, states, strict=False):
        hall.session.add(Attendance(event_id=event.id, respondent_id=member.respondent_id, state=state, noted_at=now()))
    hall.session.flush()
    assert (adopting.present_at(hall.session, event), adopting.panel_size(hall.session, hall.assembly)) == (2, 4)
