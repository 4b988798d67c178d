"""Result sheets: nothing is lost where two write at once, entries keep their numbers, and names are pointed out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    EntryKind,
    Event,
    EventKind,
    EventState,
    Expert,
    ExpertInput,
    ExpertRole,
    ExpertState,
    ItemKind,
    Openness,
    ResultSheet,
    ResultSheetVersion,
    SheetEntry,
    Status,
    User,
)
from assembly.services import logbook, paper
from assembly.services.attendance import people
from assembly.services.errors import ConflictError, RuleError
from assembly.services.knowledge.base import knowledge_of
from assembly.services.knowledge.searching import Audience
from assembly.services.privacy import programme
from assembly.services.privacy.deadlines import schedule_of
from assembly.services.privacy.declaring import Deadline
from assembly.services.programme import agenda, events
from assembly.services.recommendations import drafting
from assembly.services.result_sheets import merging, names, reading, writing
from assembly.services.result_sheets.merging import Kept
from tests.assembly.queries import counted
from tests.assembly.services.panels import DrawnPanel, members_in

FOR, QUESTION = EntryKind.ARGUMENT_FOR, EntryKind.OPEN_QUESTION


@pytest.fixture
def session(drawn: DrawnPanel) -> Iterator[Session]:
    """A transaction with a drawn panel."""
    with drawn.sessions() as opened:
        yield opened


@pytest.fixture
def event(drawn: DrawnPanel, session: Session) -> Event:
    """A published event with one item."""
    assembly, organiser = drawn.load(session)
    start = now() + dt.timedelta(hours=1)
    values = {
        "kind": EventKind.PLENARY,
        "title": "Auftakt",
        "starts_at": start,
        "ends_at": start + dt.timedelta(hours=2),
    }
    planned = events.add_event(session, assembly, values, by=organiser)
    agenda.add_item(session, planned, {"kind": ItemKind.SMALL_GROUPS, "title": "Tische", "minutes": 60}, by=organiser)
    events.publish(session, planned, by=organiser)
    return planned


def begun(session: Session, event: Event, by: User, table: int = 1) -> ResultSheet:
    return writing.begin(session, event, event.agenda[0], round_number=1, table_number=table, by=by)


def test_a_stale_save_is_refused_and_entries_keep_their_numbers(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    assembly, organiser = drawn.load(session)
    sheet = begun(session, event, organiser)
    with pytest.raises(ConflictError):
        begun(session, event, organiser)
    writing.save(session, sheet, version=0, texts={}, new={FOR: ["Schatten", "Ruhe"]}, by=organiser)
    first, second = (entry.id for entry in sheet.entries)
    writing.save(session, sheet, version=1, texts={first: "Mehr Schatten", second: ""}, new={}, by=organiser)
    assert [(entry.id, entry.text) for entry in sheet.entries] == [(first, "Mehr Schatten")]
    with pytest.raises(ConflictError):
        writing.save(session, sheet, version=1, texts={first: "Weniger"}, new={}, by=organiser)
    writing.save(session, sheet, version=2, texts={first: "Mehr Schatten"}, new={}, by=organiser)
    assert [one.number for one in reading.versions_of(session, sheet)] == [2, 1], "what changes nothing is no version"
    assert [one["text"] for one in reading.get_version(session, sheet, 1).entries] == ["Schatten", "Ruhe"]
    assert "Schatten" not in str([one.details for one in logbook.entries_of(session, assembly)])


def test_what_two_wrote_at_once_is_merged_entry_by_entry() -> None:
    base = [Kept(number, FOR, text) for number, text in enumerate(("a", "b", "c", "d", "e"), start=1)]
    current = [Kept(1, FOR, "a"), Kept(2, FOR, "theirs"), Kept(3, FOR, "theirs"), Kept(6, QUESTION, "new of theirs")]
    mine = {1: "mine", 2: "b", 3: "mine", 4: "mine", 5: "e"}
    found = merging.merged(base, current, mine, {QUESTION: ["new of mine"]})
    assert found.texts == {1: "mine", 2: "theirs", 3: "mine", 6: "new of theirs"}
    assert found.theirs == {3: "theirs"}
    assert (found.new[FOR], found.new[QUESTION]) == (["mine"], ["new of mine"])


def test_a_sheet_that_may_name_a_member_is_published_only_after_a_look(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    assembly, organiser = drawn.load(session)
    contact = members_in(session, Status.DRAWN)[0].contact
    assert contact is not None
    contact.first_name, contact.last_name = "Zarina", "Meyer-Schulz"
    session.flush()
    found = names.names_in(session, assembly, ["Zarina sagt zarina", "mit Schulz und Bäumen", "Zarinas Idee"])
    assert found == ["Schulz", "Zarina", "Zarinas"]
    sheet = begun(session, event, organiser)
    writing.save(session, sheet, version=0, texts={}, new={FOR: ["Zarina will Bäume"]}, by=organiser)
    with pytest.raises(RuleError) as refused:
        writing.publish(session, sheet, version=sheet.version, is_public=False, has_looked=False, by=organiser)
    assert refused.value.field == "has_looked"
    with pytest.raises(ConflictError, match="Read it again"):
        writing.publish(session, sheet, version=sheet.version - 1, is_public=False, has_looked=True, by=organiser)
    writing.publish(session, sheet, version=sheet.version, is_public=False, has_looked=True, by=organiser)
    with pytest.raises(RuleError):
        writing.save(session, sheet, version=1, texts={}, new={FOR: ["Zarina noch einmal"]}, by=organiser)
    session.rollback()
    assert "Zarina" not in str([one.details for one in logbook.entries_of(session, assembly)])


def test_names_that_were_taken_out_are_left_in_no_version_once_a_sheet_is_published(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    _, organiser = drawn.load(session)
    contact = members_in(session, Status.DRAWN)[0].contact
    assert contact is not None
    contact.first_name = "Zarina"
    sheet = begun(session, event, organiser)
    for version, text in enumerate(("Ruhe", "Ruhe für Zarina", "Ruhe am Abend")):
        texts = {entry.id: text for entry in sheet.entries}
        new = {} if texts else {FOR: [text]}
        writing.save(session, sheet, version=version, texts=texts, new=new, by=organiser)
    writing.publish(session, sheet, version=3, is_public=False, has_looked=False, by=organiser)
    assert [one.number for one in reading.versions_of(session, sheet)] == [3, 1]


def test_versions_are_deleted_once_the_assembly_is_over(drawn: DrawnPanel, session: Session, event: Event) -> None:
    assembly, organiser = drawn.load(session)
    sheet = begun(session, event, organiser)
    writing.save(session, sheet, version=0, texts={}, new={FOR: ["Ruhe"]}, by=organiser)
    due = schedule_of(session, assembly).due[Deadline.MEMBERS]
    assert due is not None
    assert programme.delete_result_versions(session, assembly) == {}
    drawn.traveller.move_to(due + dt.timedelta(hours=1))
    assert programme.delete_result_versions(session, assembly) == {"result_versions": 1}
    assert ([one.text for one in sheet.entries], reading.versions_of(session, sheet)) == (["Ruhe"], [])
    assert programme.delete_result_versions(session, assembly) == {}


def test_a_sheet_is_not_begun_once_the_event_was_cancelled_meanwhile(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    _, organiser = drawn.load(session)
    cancel = sa.update(Event).values(state=EventState.CANCELLED)
    session.execute(cancel.execution_options(synchronize_session=False))
    with pytest.raises(ConflictError, match="take place"):
        begun(session, event, organiser)


def test_each_audience_finds_what_is_for_it_in_as_many_queries_for_more(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    assembly, organiser = drawn.load(session)

    def found(audience: Audience, search: str = "") -> list[int]:
        groups = knowledge_of(session, assembly, audience, search=search).groups
        return [one.row.table_number for _event, group in groups for one in group]

    for table, text in ((1, "Ärzte brauchen Schatten"), (2, "Bänke im Park")):
        sheet = begun(session, event, organiser, table)
        writing.save(session, sheet, version=0, texts={}, new={FOR: [text]}, by=organiser)
        if table == 1:
            writing.publish(session, sheet, version=sheet.version, is_public=True, has_looked=True, by=organiser)
    assert (found(Audience.STAFF), found(Audience.MEMBERS)) == ([1, 2], [1])
    assert found(Audience.PUBLIC) == [], "the event is for members only"
    assert found(Audience.STAFF, "ärzte schatten") == [1]
    assert found(Audience.STAFF, "schatten %") == []
    session.flush()
    engine = session.get_bind()
    session.expire_all()
    with counted(engine) as few:
        found(Audience.STAFF)
    for table in range(3, 8):
        sheet = begun(session, event, organiser, table)
        writing.save(session, sheet, version=0, texts={}, new={FOR: ["Wasser"]}, by=organiser)
    session.flush()
    session.expire_all()
    with counted(engine) as many:
        found(Audience.STAFF)
    assert len(many) == len(few)


def test_the_title_of_what_is_not_for_everyone_on_the_agenda_is_neither_shown_nor_found(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    assembly, organiser = drawn.load(session)
    event.openness, event.agenda[0].is_public, event.agenda[0].title = Openness.PUBLIC, False, "Geheim"
    event.starts_at, event.ends_at = now() - dt.timedelta(hours=3), now() - dt.timedelta(hours=1)
    sheet = begun(session, event, organiser)
    writing.save(session, sheet, version=0, texts={}, new={FOR: ["Schatten"]}, by=organiser)
    writing.publish(session, sheet, version=sheet.version, is_public=True, has_looked=True, by=organiser)
    speaks = Expert(assembly=assembly, name="Dr. Ada", role=ExpertRole.SCIENCE, state=ExpertState.ACCEPTED)
    session.add(ExpertInput(expert=speaks, event=event, item=event.agenda[0], minutes=10))
    session.flush()

    def titles(audience: Audience, search: str) -> list[str]:
        groups = knowledge_of(session, assembly, audience, search=search).groups
        return [word for _, group in groups for one in group for word in (one.title, one.text) if word]

    assert titles(Audience.PUBLIC, "") == ["Dr. Ada", "Auftakt"]
    assert titles(Audience.PUBLIC, "Geheim") == []
    assert titles(Audience.MEMBERS, "Geheim") == ["Dr. Ada", "Geheim", "Geheim"]
    event.starts_at, event.ends_at = now() + dt.timedelta(hours=1), now() + dt.timedelta(hours=2)
    assert titles(Audience.MEMBERS, "Ada") == [], "nobody has heard it yet"


def test_sheets_for_paper_are_tagged_and_say_the_same_again(drawn: DrawnPanel, session: Session, event: Event) -> None:
    _assembly, _organiser = drawn.load(session)
    listed = people.people_of(session, event)
    for made in (
        lambda: paper.check_in_list(event, listed, language="de"),
        lambda: paper.blank_result_sheet(event, event.agenda[0], language="de"),
    ):
        pdf = made()
        assert pdf == made()
        assert b"/MarkInfo" in pdf or b"StructTreeRoot" in pdf


def test_a_draft_is_discarded_unless_somebody_reads_it_saved_it_or_a_recommendation_came_from_it(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    assembly, organiser = drawn.load(session)
    sheet = begun(session, event, organiser)
    writing.save(session, sheet, version=0, texts={}, new={FOR: ["Ruhe am Abend"]}, by=organiser)
    with pytest.raises(ConflictError, match="Read it again"):
        writing.discard(session, sheet, version=0, by=organiser)
    writing.publish(session, sheet, version=1, is_public=False, has_looked=True, by=organiser)
    with pytest.raises(ConflictError, match="take it back"):
        writing.discard(session, sheet, version=1, by=organiser)
    writing.withhold(session, sheet, by=organiser)
    words = {"title": "Ruhe", "text": "Abends ist es ruhig."}
    made = drafting.draft(session, assembly, words, by=organiser)
    made.sources = [*sheet.entries]
    session.flush()
    with pytest.raises(ConflictError, match="came from this sheet"):
        writing.discard(session, sheet, version=1, by=organiser)
    made.sources = []
    session.flush()
    writing.discard(session, sheet, version=1, by=organiser)
    for model in (ResultSheet, SheetEntry, ResultSheetVersion):
        assert session.scalars(sa.select(model)).all() == []
    assert begun(session, event, organiser).version == 0
