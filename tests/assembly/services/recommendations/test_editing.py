"""Editorial changes: the members see each word of them, and none is handed over against an objection."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assembly.models import EditorialObjection, Recommendation
from assembly.services import logbook
from assembly.services.daily import today
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.privacy import erasing
from assembly.services.recommendations import editing, handing_over
from assembly.services.recommendations.differences import difference
from assembly.services.recommendations.handing_over import Obstacle
from tests.assembly.services.recommendations.conftest import TEXT, Hall

CLEARER = {"text": "Bis Ende 2030 pflanzt die Stadt 500 Bäume."}
TEXTS = st.text(alphabet="ab \n", max_size=40)


def edited(hall: Hall, **said: str) -> Recommendation:
    one = hall.adopted()
    editing.change(hall.session, one, TEXT | CLEARER | said, version=1, **hall.by)
    return one


@given(TEXTS, TEXTS)
def test_a_difference_holds_both_texts_whole(before: str, after: str) -> None:
    parts = difference(before, after)
    assert "".join(part.text for part in parts if part.kind != "added") == before
    assert "".join(part.text for part in parts if part.kind != "removed") == after


def test_members_can_object_for_the_time_that_the_rules_give(hall: Hall) -> None:
    one = edited(hall)
    last = one.versions[-1]
    assert (last.number, last.is_editorial, last.objections_until) == (2, True, today() + dt.timedelta(days=7))
    assert (editing.pending(one), handing_over.obstacle(one)) == (last, Obstacle.OBJECTION_PERIOD)
    hall.pass_days(7)
    assert handing_over.obstacle(one) is Obstacle.OBJECTION_PERIOD
    hall.pass_days(1)
    assert (editing.pending(one), handing_over.obstacle(one)) == (None, None)
    with pytest.raises(ConflictError, match="over"):
        editing.raise_objection(hall.session, one, hall.members[0], "Zu spät")


def test_an_objection_stands_until_the_member_withdraws_it(hall: Hall) -> None:
    one, (first, second, *_) = edited(hall), hall.members
    editing.raise_objection(hall.session, one, first, "Bleibt bei 2030.")
    with pytest.raises(ConflictError, match="already"):
        editing.raise_objection(hall.session, one, first, "Noch einmal")
    hall.pass_days(30)
    assert handing_over.obstacle(one) is Obstacle.OBJECTION
    with pytest.raises(NotFoundError):
        editing.withdraw_objection(hall.session, one, second)
    editing.withdraw_objection(hall.session, one, first)
    assert handing_over.obstacle(one) is None
    assert hall.session.query(EditorialObjection).count() == 0
    log = str([(entry.actor_id, entry.details) for entry in logbook.entries_of(hall.session, hall.assembly)])
    assert ("Bleibt bei" in log, "Ende 2030" in log) == (False, False)


def test_a_change_that_is_taken_back_brings_the_text_back_as_a_new_version(hall: Hall) -> None:
    one = edited(hall)
    editing.raise_objection(hall.session, one, hall.members[0], "Bleibt bei 2030.")
    with pytest.raises(ConflictError, match="Take it back first"):
        editing.change(hall.session, one, TEXT | {"text": "Ganz anders."}, version=2, **hall.by)
    with pytest.raises(ConflictError):
        editing.take_back(hall.session, one, version=1, **hall.by)
    editing.take_back(hall.session, one, version=2, **hall.by)
    assert [kept.text for kept in one.versions] == [TEXT["text"], CLEARER["text"], TEXT["text"]]
    assert ([kept.withdrawn_at is None for kept in one.versions], one.text) == ([True, False, True], TEXT["text"])
    assert (handing_over.obstacle(one), len(editing.changes_of(one))) == (None, 1)
    with pytest.raises(ConflictError):
        editing.take_back(hall.session, one, version=3, **hall.by)
    editing.change(hall.session, one, TEXT | {"plain": "Mehr Bäume."}, version=3, **hall.by)
    assert handing_over.obstacle(one) is Obstacle.OBJECTION_PERIOD


def test_what_changes_nothing_or_is_stale_or_was_not_adopted_is_no_change(hall: Hall) -> None:
    one = hall.adopted()
    with pytest.raises(RuleError):
        editing.change(hall.session, one, TEXT, version=1, **hall.by)
    with pytest.raises(ConflictError):
        editing.change(hall.session, one, TEXT | CLEARER, version=0, **hall.by)
    with pytest.raises(ConflictError):
        editing.change(hall.session, hall.draft(), TEXT | CLEARER, version=1, **hall.by)
    with pytest.raises(ConflictError):
        editing.raise_objection(hall.session, one, hall.members[0], "Wogegen?")


def test_with_a_persons_data_their_objection_is_erased(hall: Hall) -> None:
    one, member = edited(hall), hall.members[0]
    editing.raise_objection(hall.session, one, member, "Ich, Vera Person, bin dagegen.")
    erasing.erase_person(hall.session, member.respondent)
    hall.session.expire_all()
    assert one.versions[-1].objections == []
