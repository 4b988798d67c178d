"""The rules of the follow-up: drafted, published with the first letters, and then only changed by new versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from assembly.models import Assembly, Binding, Duty, FollowUpRules, User
from assembly.periods import days, months
from assembly.services import invitation_records, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.follow_up import meetings, rules
from assembly.services.follow_up.dates import due_from_handover
from assembly.services.programme import templates

BOUND = {
    "name": "Stadtverwaltung",
    "body": "Stadtrat",
    "binding": Binding.BOUND,
    "resolution": "Beschluss 12/2035",
    "resolution_link": "",
    "resolved_on": dt.date(2034, 12, 1),
}
ASKED = {"name": "Verkehrsverbund", "binding": Binding.ASKED}


@pytest.fixture(autouse=True)
def early() -> Any:
    """All happens on one day."""
    with time_machine.travel(dt.datetime(2035, 1, 1, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def draft(session: Session, assembly: Assembly, organiser: User) -> FollowUpRules:
    """Rules of a municipal council."""
    return rules.begin(session, assembly, "council", by=organiser)


def invite(session: Session, assembly: Assembly, by: User) -> None:
    """Send the first letters."""
    values = {"invited_on": dt.date(2035, 1, 1), "letters_sent": 9}
    invitation_records.change_record(session, assembly, values, by=by)


def test_a_draft_begins_with_a_template_in_the_words_of_the_assembly(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    draft = rules.begin(session, assembly, "government", by=organiser)
    assert (str(draft.answered), draft.version, draft.published_at) == ("P6M", 1, None)
    assert draft.who_answers.startswith("Die Regierung")
    assert [(one.name, one.binding) for one in draft.addressees] == [("Stadtrat Auenfurt", Binding.ASKED)]
    with pytest.raises(ConflictError, match="already"):
        rules.begin(session, assembly, "council", by=organiser)
    with pytest.raises(RuleError, match="template"):
        rules.begin(session, assembly, "x", by=organiser)


def test_the_first_letters_publish_the_rules_and_lock_them(
    session: Session, assembly: Assembly, organiser: User, draft: FollowUpRules
) -> None:
    rules.change(session, assembly, draft, {"answered": days(60)}, by=organiser)
    added = rules.add_addressee(session, assembly, draft, BOUND, by=organiser)
    assert rules.published_rules(session, assembly) is None
    invite(session, assembly, organiser)
    assert rules.published_rules(session, assembly) is draft
    assert draft.digest == rules.digest_of(draft)
    for deed in (
        lambda: rules.change(session, assembly, draft, {"answered": days(61)}, by=organiser),
        lambda: rules.add_addressee(session, assembly, draft, ASKED, by=organiser),
        lambda: rules.change_addressee(session, assembly, added, ASKED, by=organiser),
        lambda: rules.remove_addressee(session, assembly, added, by=organiser),
        lambda: rules.discard(session, assembly, draft, by=organiser),
    ):
        with pytest.raises(ConflictError, match="no longer change"):
            deed()
    assert draft.digest == rules.digest_of(draft)
    published = [one for one in logbook.entries_of(session, assembly) if one.action == "rules_published"]
    assert [one.details for one in published] == [{"version": 1, "digest": draft.digest}]


def test_no_assembly_invites_without_rules(session: Session, assembly: Assembly, organiser: User) -> None:
    invite(session, assembly, organiser)
    published = rules.published_rules(session, assembly)
    assert published is not None
    assert published.answered == days(90)
    invitation_records.change_record(session, assembly, {"letters_sent": 10}, by=organiser)
    assert len(rules.versions_of(session, assembly)) == 1


def test_letters_do_not_go_out_with_rules_that_cannot_be_kept(
    session: Session, assembly: Assembly, organiser: User, draft: FollowUpRules
) -> None:
    draft.debated = days(85)  # as if other holidays had come since
    with pytest.raises(RuleError):
        invite(session, assembly, organiser)


def test_a_later_version_has_reasons_and_leaves_what_runs_as_it_is(
    session: Session, assembly: Assembly, organiser: User, draft: FollowUpRules
) -> None:
    with pytest.raises(ConflictError, match="already"):
        rules.begin_version(session, assembly, by=organiser)
    with pytest.raises(ConflictError, match="by itself"):
        rules.publish_version(session, assembly, draft, "Weil", by=organiser)
    rules.add_addressee(session, assembly, draft, BOUND, by=organiser)
    invite(session, assembly, organiser)
    before = due_from_handover(draft, dt.date(2035, 6, 1), "")
    second = rules.begin_version(session, assembly, by=organiser)
    assert [one.number for one in second.addressees] == [1, 2]
    rules.change(session, assembly, second, {"answered": days(80)}, by=organiser)
    assert rules.published_rules(session, assembly) is draft
    with pytest.raises(RuleError, match="why"):
        rules.publish_version(session, assembly, second, " ", by=organiser)
    rules.publish_version(session, assembly, second, "Der Rat tagt öfter.", by=organiser)
    assert rules.published_rules(session, assembly) is second
    assert [one.version for one in rules.versions_of(session, assembly)] == [2, 1]
    assert due_from_handover(draft, dt.date(2035, 6, 1), "") == before
    assert due_from_handover(second, dt.date(2035, 6, 1), "")[Duty.ANSWER] < before[Duty.ANSWER]


def test_an_addressee_keeps_its_number_and_a_number_is_never_used_again(
    session: Session, assembly: Assembly, organiser: User, draft: FollowUpRules
) -> None:
    second = rules.add_addressee(session, assembly, draft, BOUND, by=organiser)
    invite(session, assembly, organiser)
    version = rules.begin_version(session, assembly, by=organiser)
    rules.remove_addressee(session, assembly, version.addressees[1], by=organiser)
    third = rules.add_addressee(session, assembly, version, ASKED, by=organiser)
    assert (second.number, third.number) == (2, 3)
    rules.discard(session, assembly, version, by=organiser)
    assert rules.draft_of(session, assembly) is None


@pytest.mark.parametrize(
    "values", [{"answered": days(10)}, {"decided": days(0)}, {"report": months(61)}, {"postponed": months(13)}]
)
def test_periods_that_cannot_be_kept_are_refused_at_their_field(
    session: Session, assembly: Assembly, organiser: User, draft: FollowUpRules, values: dict[str, Any]
) -> None:
    with pytest.raises(RuleError) as refused:
        rules.change(session, assembly, draft, values, by=organiser)
    assert [refused.value.field] == list(values)


def test_an_addressee_is_bound_by_a_resolution_or_only_asked(
    session: Session, assembly: Assembly, organiser: User, draft: FollowUpRules
) -> None:
    for missing in ("resolution", "resolved_on"):
        with pytest.raises(RuleError, match="resolution") as refused:
            rules.add_addressee(session, assembly, draft, BOUND | {missing: None}, by=organiser)
        assert refused.value.field == missing
    rules.add_addressee(session, assembly, draft, ASKED, by=organiser)
    with pytest.raises(RuleError, match="named already"):
        rules.add_addressee(session, assembly, draft, ASKED, by=organiser)
    rules.remove_addressee(session, assembly, draft.addressees[0], by=organiser)
    with pytest.raises(ConflictError, match="Somebody"):
        rules.remove_addressee(session, assembly, draft.addressees[0], by=organiser)


def test_a_body_that_does_not_meet_in_time_is_found(
    session: Session, assembly: Assembly, organiser: User, draft: FollowUpRules
) -> None:
    due = due_from_handover(draft, dt.date(2035, 6, 1), "BY")
    for day, is_public in ((dt.date(2035, 7, 1), False), (dt.date(2035, 11, 20), True), (dt.date(2036, 1, 1), True)):
        entered = {"body": "Stadtrat", "held_on": day, "is_public": is_public}
        last = meetings.add_meeting(session, assembly, entered, by=organiser)
    found = meetings.meetings_in_time(meetings.meetings_of(session, assembly), due, "Stadtrat")
    assert [one.held_on for one in found[Duty.DEBATE]] == []
    assert [one.held_on for one in found[Duty.DECIDE]] == [dt.date(2035, 7, 1), dt.date(2035, 11, 20)]
    with pytest.raises(ConflictError, match="already"):
        meetings.add_meeting(session, assembly, entered, by=organiser)
    meetings.remove_meeting(session, assembly, last.id, by=organiser)
    with pytest.raises(NotFoundError):
        meetings.remove_meeting(session, assembly, last.id, by=organiser)


def test_an_addressee_that_is_only_asked_has_no_resolution(
    session: Session, assembly: Assembly, organiser: User, draft: FollowUpRules
) -> None:
    addressee = rules.add_addressee(session, assembly, draft, BOUND, by=organiser)
    rules.change_addressee(session, assembly, addressee, BOUND | {"binding": Binding.ASKED}, by=organiser)
    assert (addressee.resolution, addressee.resolved_on) == ("", None)


def test_another_state_does_not_move_what_was_promised(
    session: Session, assembly: Assembly, organiser: User, draft: FollowUpRules
) -> None:
    templates.choose_state(session, assembly, "BY", by=organiser)
    invite(session, assembly, organiser)
    templates.choose_state(session, assembly, "BE", by=organiser)
    assert (draft.state, draft.digest) == ("BY", rules.digest_of(draft))
