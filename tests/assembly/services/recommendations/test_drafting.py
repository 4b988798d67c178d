"""Drafts: every save is a version, nothing is lost where two write at once, and originals stay."""

from __future__ import annotations

import datetime as dt

import pytest

from assembly.clock import now
from assembly.models import EntryKind, EventKind, ItemKind, RecommendationState
from assembly.services import logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.programme import agenda, events
from assembly.services.recommendations import drafting, reading
from assembly.services.result_sheets import writing
from tests.assembly.services.recommendations.conftest import TEXT, Hall

SECRET = "Nur für den kleinen Kreis"


def test_every_save_that_changes_something_is_a_version_and_a_stale_one_is_refused(hall: Hall) -> None:
    one = hall.draft()
    drafting.save(hall.session, one, TEXT | {"text": "Bis 2031."}, version=1, **hall.by)
    with pytest.raises(ConflictError, match="Nothing is lost"):
        drafting.save(hall.session, one, TEXT | {"text": "Bis 2032."}, version=1, **hall.by)
    drafting.save(hall.session, one, TEXT | {"text": "Bis 2031."}, version=2, **hall.by)
    assert [(kept.number, kept.text, kept.is_editorial) for kept in one.versions] == [
        (1, TEXT["text"], False),
        (2, "Bis 2031.", False),
    ]


@pytest.mark.parametrize(("field", "text"), [("title", " "), ("text", ""), ("title", "x" * 201), ("theme", "x" * 101)])
def test_what_is_missing_or_too_long_is_refused_at_its_field(hall: Hall, field: str, text: str) -> None:
    with pytest.raises(RuleError) as refused:
        hall.draft(**{field: text})
    assert refused.value.field == field


def test_drafts_are_numbered_within_the_assembly_and_the_log_has_no_text(hall: Hall) -> None:
    assert [hall.draft().number, hall.draft(text=SECRET).number] == [1, 2]
    said = str([(entry.action, entry.details) for entry in logbook.entries_of(hall.session, hall.assembly)])
    assert ("recommendation_drafted" in said, SECRET in said, TEXT["title"] in said) == (True, False, False)


def test_a_draft_begins_with_an_entry_of_a_result_sheet_that_then_waits_no_longer(hall: Hall) -> None:
    start = now() + dt.timedelta(hours=1)
    values = {
        "kind": EventKind.PLENARY,
        "title": "Auftakt",
        "starts_at": start,
        "ends_at": start + dt.timedelta(hours=2),
    }
    event = events.add_event(hall.session, hall.assembly, values, **hall.by)
    part = {"kind": ItemKind.SMALL_GROUPS, "title": "Tische", "minutes": 60}
    item = agenda.add_item(hall.session, event, part, **hall.by)
    events.publish(hall.session, event, **hall.by)
    sheet = writing.begin(hall.session, event, item, round_number=1, table_number=1, **hall.by)
    new = {EntryKind.DRAFT_RECOMMENDATION: ["Mehr Trinkbrunnen."], EntryKind.ARGUMENT_FOR: ["Es ist heiß."]}
    writing.save(hall.session, sheet, version=0, texts={}, new=new, **hall.by)
    (entry,) = drafting.open_entries(hall.session, hall.assembly)
    begun = drafting.from_entry(hall.session, hall.assembly, entry.id)
    assert begun == {"title": "Mehr Trinkbrunnen", "text": "Mehr Trinkbrunnen."}
    one = drafting.draft(hall.session, hall.assembly, begun, sources=[entry.id], **hall.by)
    assert (one.sources, drafting.open_entries(hall.session, hall.assembly)) == ([entry], [])
    drafting.save(hall.session, one, begun, version=1, sources=[], **hall.by)
    assert (one.sources, one.version) == ([], 1)
    with pytest.raises(NotFoundError):
        drafting.from_entry(hall.session, hall.assembly, entry.id + 1000)


def test_addressees_are_chosen_by_their_numbers_until_the_handover(hall: Hall) -> None:
    one = hall.draft()
    drafting.address(hall.session, one, [2, 1, 2], **hall.by)
    assert one.addressee_numbers == [1, 2]
    with pytest.raises(RuleError) as refused:
        drafting.address(hall.session, one, [1, 3], **hall.by)
    assert refused.value.field == "addressees"


def test_originals_are_kept_with_what_they_were_merged_into(hall: Hall) -> None:
    first, second, third = (hall.draft(title=title) for title in ("Bäume", "Linden", "Ahorn"))
    drafting.address(hall.session, first, [2], **hall.by)
    drafting.address(hall.session, second, [1], **hall.by)
    proposed = drafting.from_originals([first, second])
    assert (proposed["title"], proposed["theme"], proposed["text"].count(TEXT["text"])) == ("Linden", "Grün", 2)
    common = drafting.merge(hall.session, hall.assembly, [first, second], TEXT, **hall.by)
    assert (first.state, second.merged_into_id) == (RecommendationState.MERGED, common.id)
    assert (common.number, common.addressee_numbers) == (4, [1, 2])
    last = drafting.merge(hall.session, hall.assembly, [common, third], TEXT, **hall.by)
    assert [one.number for one in reading.originals_of(hall.session, hall.assembly, last)] == [1, 2, 3, 4]
    for refused, error in (([last], RuleError), ([first, last], ConflictError)):
        with pytest.raises(error):
            drafting.merge(hall.session, hall.assembly, refused, TEXT, **hall.by)


def test_what_is_given_up_stays_as_it_was(hall: Hall) -> None:
    one = hall.draft()
    drafting.discard(hall.session, one, **hall.by)
    assert (one.state, one.text) == (RecommendationState.DISCARDED, TEXT["text"])
    with pytest.raises(ConflictError):
        drafting.save(hall.session, one, TEXT, version=1, **hall.by)
    with pytest.raises(ConflictError):
        hall.adopt(one)
