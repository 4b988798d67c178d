"""Everyone reads what was adopted and what it came from; drafts and what was not adopted are for staff."""

from __future__ import annotations

import pytest

from assembly.services.errors import NotFoundError
from assembly.services.recommendations import drafting, editing, reading
from tests.assembly.queries import counted
from tests.assembly.services.recommendations.conftest import TEXT, Hall


def numbers(hall: Hall) -> list[int]:
    return [one.recommendation.number for one in reading.shown_of(hall.session, hall.assembly)]


def test_drafts_what_became_of_them_and_what_was_not_adopted_are_not_public(hall: Hall) -> None:
    first, second, refused, given_up = (hall.draft(title=f"Geheim {number}") for number in range(4))
    common = drafting.merge(hall.session, hall.assembly, [first, second], TEXT, **hall.by)
    hall.adopt(refused, yes=0, no=4)
    drafting.discard(hall.session, given_up, **hall.by)
    assert (numbers(hall), reading.count_public(hall.session, hall.assembly)) == ([], 0)
    for number in range(1, 6):
        with pytest.raises(NotFoundError):
            reading.get_shown(hall.session, hall.assembly, number)
    hall.adopt(common)
    assert numbers(hall) == [5]
    shown = reading.get_shown(hall.session, hall.assembly, 5)
    assert [one.title for one in shown.originals] == ["Geheim 0", "Geheim 1"]
    with pytest.raises(NotFoundError):
        reading.get_shown(hall.session, hall.assembly, 1)
    with pytest.raises(NotFoundError):
        reading.canonical_of(hall.session, hall.assembly, 5)


def test_what_was_voted_on_is_shown_beside_what_was_edited(hall: Hall) -> None:
    one = hall.adopted()
    assert reading.get_shown(hall.session, hall.assembly, 1).voted_on is None
    editing.change(hall.session, one, TEXT | {"text": "Bis 2031."}, version=1, **hall.by)
    voted_on = reading.get_shown(hall.session, hall.assembly, 1).voted_on
    assert voted_on is not None
    assert (voted_on.text, one.text) == (TEXT["text"], "Bis 2031.")


def test_more_recommendations_need_no_more_queries(hall: Hall) -> None:
    engine = hall.session.get_bind()

    def needed() -> int:
        hall.session.flush()
        hall.session.expire_all()
        _ = hall.assembly.id
        with counted(engine) as sent:  # type: ignore[arg-type]  # an engine, as everywhere in the tests
            for one in reading.shown_of(hall.session, hall.assembly):
                _ = (one.recommendation.versions[0].objections, one.recommendation.minority_views, one.voted_on)
            reading.recommendations_of(hall.session, hall.assembly)
        return len(sent)

    hall.adopted()
    few = needed()
    for _ in range(8):
        hall.adopted()
    assert needed() == few
