"""Site visits: what must be said before is pointed out, changes reach members, and what was seen names nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import ZONE, now
from assembly.models import (
    AttendanceState,
    Channel,
    ConsentKind,
    Event,
    EventKind,
    EventState,
    Member,
    ObservationSheet,
    Openness,
    SiteVisit,
    Status,
    Surface,
    VisitPhoto,
)
from assembly.services import logbook
from assembly.services.attendance import noting
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.members import consents
from assembly.services.panel import calling
from assembly.services.privacy import erasing, person, programme
from assembly.services.privacy.deadlines import schedule_of
from assembly.services.privacy.declaring import Deadline
from assembly.services.programme import events
from assembly.services.site_visits import observations, photographing, photos, visits
from assembly.services.site_visits.photos import Size
from assembly.services.site_visits.pictures import photo_from
from tests.assembly.photographs import photograph
from tests.assembly.services.panels import DrawnPanel, members_in

HOUR = dt.timedelta(hours=1)
STOP = {"name": "Brunnen", "metres": 0, "surface": Surface.SMOOTH, "about": "Trocken seit Mai"}
SAID = {
    "meeting_point": "Pavillon an der Nordseite",
    "step_free_way": "Derselbe Weg, ohne Stufen",
    "remote_text": "Ein Film vom Weg",
    "safety_contact": "Leitstelle",
    "safety_phone": "06201 555-0",
}


@pytest.fixture
def session(drawn: DrawnPanel) -> Iterator[Session]:
    """A transaction after the draw."""
    with drawn.sessions() as opened:
        yield opened


@pytest.fixture
def event(drawn: DrawnPanel, session: Session) -> Event:
    """A published site visit in three days."""
    assembly, organiser = drawn.load(session)
    start = now().replace(microsecond=0) + dt.timedelta(days=3)
    values = {"kind": EventKind.SITE_VISIT, "title": "Ortsbegehung", "openness": Openness.AGENDA_PUBLIC}
    values |= {"starts_at": start, "ends_at": start + 2 * HOUR}
    planned = events.add_event(session, assembly, values, by=organiser)
    events.publish(session, planned, by=organiser)
    return planned


def confirmed(session: Session, drawn: DrawnPanel) -> Member:
    """Return a member who has confirmed the seat."""
    _, organiser = drawn.load(session)
    one = members_in(session, Status.DRAWN)[0]
    calling.confirm(session, one, channel=Channel.MAIL, language="de", by=organiser)
    return session.get_one(Member, one.id)


def begun(drawn: DrawnPanel, event: Event) -> None:
    drawn.traveller.move_to(event.starts_at + HOUR)


def warnings(session: Session, event: Event) -> list[str]:
    return [one.template for one in visits.warnings_of(session, [event])[event.id]]


def test_what_members_must_know_before_is_pointed_out(drawn: DrawnPanel, session: Session, event: Event) -> None:
    _, organiser = drawn.load(session)
    missing = [
        "The site visit has no meeting point yet.",
        "Say which way is step-free, or why there is none.",
        "Say how those take part who cannot come to the site visit.",
        "There is no telephone number for emergencies on the way.",
    ]
    assert warnings(session, event) == ["The site visit is not described yet."]
    visits.describe(session, event, {"benches": "Am Brunnen"}, by=organiser)
    assert warnings(session, event) == missing
    visits.describe(session, event, {"no_step_free_reason": "Der Turm hat nur Treppen"}, by=organiser)
    visits.add_stop(session, event, STOP | {"name": "Turm", "surface": Surface.STEPS}, by=organiser)
    steps = "The way to “%(stop)s” has steps, and no step-free way is named."
    assert warnings(session, event) == [missing[0], *missing[2:], steps]
    visits.describe(session, event, SAID | {"no_step_free_reason": "", "transport_seats": 1}, by=organiser)
    assert warnings(session, event) == []
    for one in members_in(session, Status.DRAWN)[:2]:
        noting.note(session, event, one.id, AttendanceState.CONFIRMED, by=organiser)
    assert warnings(session, event) == ["The transport has %(seats)s seats, and %(people)s members said they come."]
    other = events.add_event(
        session,
        event.assembly,
        {"kind": EventKind.PLENARY, "title": "X", "starts_at": event.ends_at, "ends_at": event.ends_at + HOUR},
        by=organiser,
    )
    assert visits.warnings_of(session, [other]) == {other.id: []}
    with pytest.raises(NotFoundError):
        visits.get_visit_event(session, event.assembly, other.id)


def test_what_members_see_marks_the_event_as_changed(drawn: DrawnPanel, session: Session, event: Event) -> None:
    _, organiser = drawn.load(session)
    visits.describe(session, event, {"safety_phone": "112", "group_size": 12}, note="nichts", by=organiser)
    assert (event.state, event.sequence) == (EventState.PUBLISHED, 0), "what is for staff is no news"
    visits.describe(session, event, SAID, note="Treffpunkt ist nun im Norden.", by=organiser)
    assert (event.state, event.sequence) == (EventState.CHANGED, 1)
    assert event.change_note == "Treffpunkt ist nun im Norden."
    visits.describe(session, event, SAID, by=organiser)
    assert event.sequence == 1, "nothing has changed"
    details = [entry.details for entry in logbook.entries_with(session, event.assembly, "site_visit_described")]
    assert [one["fields"] for one in details] == [sorted(SAID), ["group_size", "safety_phone"]]
    drawn.traveller.move_to(event.ends_at + HOUR)
    visits.describe(session, event, {"benches": "Drei"}, by=organiser)
    assert event.sequence == 1, "it is over"
    drawn.traveller.move_to(event.starts_at - HOUR)
    events.cancel(session, event, reason="Sturm", by=organiser)
    with pytest.raises(ConflictError, match="cancelled event"):
        visits.describe(session, event, {"benches": "Vier"}, by=organiser)
    with pytest.raises(ConflictError, match="cancelled event"):
        visits.add_stop(session, event, STOP, by=organiser)


def test_a_way_without_steps_and_a_reason_against_it_exclude_each_other(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    _, organiser = drawn.load(session)
    with pytest.raises(RuleError, match="leave one of them empty") as refused:
        visits.describe(session, event, SAID | {"no_step_free_reason": "Treppen"}, by=organiser)
    assert refused.value.field == "no_step_free_reason"
    with pytest.raises(NotFoundError):
        visits.describe(session, event, SAID | {"remote_material_id": 4711}, by=organiser)


def test_stops_are_added_moved_and_removed(drawn: DrawnPanel, session: Session, event: Event) -> None:
    _, organiser = drawn.load(session)
    first, second, third = (
        visits.add_stop(session, event, STOP | {"name": name, "metres": 100 * number}, by=organiser)
        for number, name in enumerate(("Brunnen", "Allee", "Schule"))
    )

    def names() -> list[str]:
        visit = visits.visit_of(session, event)
        assert visit is not None
        session.refresh(visit, ["stops"])
        return [stop.name for stop in visit.stops]

    visits.move_stop(session, event, third, up=True, by=organiser)
    assert names() == ["Brunnen", "Schule", "Allee"]
    visits.move_stop(session, event, first, up=True, by=organiser)
    visits.move_stop(session, event, second, up=False, by=organiser)
    assert names() == ["Brunnen", "Schule", "Allee"], "nothing happens at the ends"
    visits.change_stop(session, event, second, {"name": "Lindenallee"}, by=organiser)
    begun(drawn, event)
    sheet = observations.write(session, event, {"seen": "Schatten", "stop_id": third.id}, by=organiser)
    visits.remove_stop(session, event, third, by=organiser)
    assert names() == ["Brunnen", "Lindenallee"]
    session.refresh(sheet)
    assert (sheet.stop_id, sheet.seen) == (None, "Schatten")
    visit = visits.visit_of(session, event)
    assert visit is not None
    assert (visit.metres, visits.groups_of(visit, 30)) == (100, None)
    visit.group_size = 12
    assert visits.groups_of(visit, 30) == 3


def test_the_number_for_emergencies_is_shown_from_the_day_before_until_the_end(drawn: DrawnPanel, event: Event) -> None:
    day = event.starts_at.astimezone(ZONE).replace(hour=0, minute=0, second=0)
    for moment, is_shown in (
        (day - dt.timedelta(days=1, seconds=1), False),
        (day - dt.timedelta(days=1), True),
        (event.ends_at - dt.timedelta(seconds=1), True),
        (event.ends_at, False),
    ):
        drawn.traveller.move_to(moment, tick=False)
        assert visits.shows_phone(event) == is_shown, moment


def test_who_has_not_agreed_must_not_be_photographed(drawn: DrawnPanel, session: Session, event: Event) -> None:
    _, organiser = drawn.load(session)
    member = confirmed(session, drawn)
    first = photographing.photographing_at(session, event)
    assert (len(first.agreed), len(first.not_agreed)) == (0, 4)
    consents.give(session, member, ConsentKind.PHOTO, by=None)
    excused = members_in(session, Status.DRAWN)[0]
    noting.note(session, event, excused.id, AttendanceState.EXCUSED, by=organiser)
    found = photographing.photographing_at(session, event)
    assert [one.member for one in found.agreed] == [member]
    assert len(found.not_agreed) == 2
    assert excused.id not in {one.member.respondent_id for one in found.not_agreed}
    consents.end(session, member, ConsentKind.PHOTO, by=None)
    assert photographing.photographing_at(session, event).agreed == []


def test_sheets_are_written_after_the_beginning_and_are_no_longer_the_members_once_published(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    _, organiser = drawn.load(session)
    member = confirmed(session, drawn)
    with pytest.raises(ConflictError, match="once the visit has begun"):
        observations.write(session, event, {"seen": "Schatten"}, by=organiser)
    begun(drawn, event)
    with pytest.raises(RuleError, match="at least one of the fields"):
        observations.write(session, event, {"seen": "", "heard": ""}, by=organiser)
    with pytest.raises(NotFoundError):
        observations.write(session, event, {"seen": "x", "stop_id": 4711}, by=organiser)
    sheet = observations.write(session, event, {"seen": "Schatten"}, respondent_id=member.respondent_id, by=None)
    observations.change(session, sheet, {"seen": "Kein Schatten"}, version=observations.version_of(sheet), by=None)
    assert observations.published_of(session, [event]) == {}
    assert observations.own_sheets(session, member, event) == [sheet]
    looked_at = observations.version_of(sheet)
    observations.change(session, sheet, {"seen": "Ein Name"}, version=looked_at, by=None)
    with pytest.raises(ConflictError, match="Compare both texts"):
        observations.change(session, sheet, {"seen": "Veraltet"}, version=looked_at, by=organiser)
    with pytest.raises(ConflictError, match="Read it again"):
        observations.publish(session, sheet, version=looked_at, by=organiser)
    assert (sheet.seen, sheet.is_published) == ("Ein Name", False)
    with pytest.raises(NotFoundError):
        observations.get_own_sheet(
            session, session.get_one(Member, members_in(session, Status.DRAWN)[0].id), event, sheet.id
        )
    observations.publish(session, sheet, version=observations.version_of(sheet), by=organiser)
    assert observations.published_of(session, [event]) == {event.id: [sheet]}
    with pytest.raises(ConflictError, match="published already"):
        observations.publish(session, sheet, version=observations.version_of(sheet), by=organiser)
    with pytest.raises(ConflictError, match="published by now"):
        observations.change(session, sheet, {"seen": "Anders"}, version=observations.version_of(sheet), by=None)
    observations.change(
        session, sheet, {"seen": "Kein Schatten am Mittag"}, version=observations.version_of(sheet), by=organiser
    )
    observations.withhold(session, sheet, by=organiser)
    assert observations.published_of(session, [event]) == {}
    for _ in range(observations.MOST_OF_MEMBER - 1):
        observations.write(session, event, {"seen": "x"}, respondent_id=member.respondent_id, by=None)
    with pytest.raises(ConflictError, match="already"):
        observations.write(session, event, {"seen": "x"}, respondent_id=member.respondent_id, by=None)
    observations.remove(session, sheet, by=None)
    entries = [one for one in logbook.entries_of(session, event.assembly) if one.subject.startswith("observation:")]
    assert [one.action for one in entries if one.subject == f"observation:{sheet.id}"] == [
        f"observation_{deed}"
        for deed in ("written", "changed", "changed", "published", "changed", "withheld", "removed")
    ]
    assert "Schatten" not in str([one.details for one in entries])


def pictured(session: Session, event: Event, member: Member, by: Any) -> tuple[ObservationSheet, VisitPhoto]:
    """Return a sheet of a member with a photo."""
    sheet = observations.write(session, event, {"seen": "Schatten"}, respondent_id=member.respondent_id, by=None)
    return sheet, photos.add_photo(session, sheet, photo_from(photograph(), clamd=None), "Ein leerer Platz", by=by)


def test_a_photo_is_seen_once_its_sheet_is_published_and_its_people_agreed(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    assembly, organiser = drawn.load(session)
    member = confirmed(session, drawn)
    other = session.get_one(Member, members_in(session, Status.DRAWN)[0].id)
    begun(drawn, event)
    sheet, photo = pictured(session, event, member, None)

    def seen_by() -> list[str]:
        found = []
        for name, get in (
            ("lead", lambda: photos.staffs_picture(session, assembly, photo.id, Size.SMALL, of_all=True)),
            ("staff", lambda: photos.staffs_picture(session, assembly, photo.id, Size.SMALL, of_all=False)),
            ("own", lambda: photos.members_picture(session, member, photo.id, Size.LARGE)),
            ("other", lambda: photos.members_picture(session, other, photo.id, Size.LARGE)),
            ("public", lambda: photos.public_picture(session, assembly, photo.id, Size.LARGE)),
        ):
            try:
                assert get().startswith(b"\xff\xd8")
            except NotFoundError:
                continue
            found.append(name)
        return found

    few, all_of_them = ["lead", "own"], ["lead", "staff", "own", "other", "public"]
    assert seen_by() == few
    observations.publish(session, sheet, version=observations.version_of(sheet), by=organiser)
    assert seen_by() == few
    assert observations.shown_photos(sheet) == []
    photos.agree(session, sheet, photo, by=organiser)
    assert seen_by() == all_of_them
    event.openness = Openness.MEMBERS
    session.flush()
    assert seen_by() == all_of_them[:-1]
    photos.disagree(session, sheet, photo, by=organiser)
    assert seen_by() == few
    photos.agree(session, sheet, photo, by=organiser)
    observations.withhold(session, sheet, by=organiser)
    assert seen_by() == few
    assert not photos.taken_back_since(session, assembly, now() - HOUR)
    consents.give(session, member, ConsentKind.PHOTO, by=None)
    consents.end(session, member, ConsentKind.PHOTO, by=None)
    assert photos.taken_back_since(session, assembly, now() - HOUR)
    assert not photos.taken_back_since(session, assembly, now() + HOUR)


def test_photos_need_words_and_are_few(drawn: DrawnPanel, session: Session, event: Event) -> None:
    member = confirmed(session, drawn)
    begun(drawn, event)
    sheet, photo = pictured(session, event, member, None)
    picture = photo_from(photograph(), clamd=None)
    with pytest.raises(RuleError, match="Describe the photo") as refused:
        photos.add_photo(session, sheet, picture, "  ", by=None)
    assert refused.value.field == "alt_text"
    for _ in range(photos.MOST_OF_SHEET - 1):
        photos.add_photo(session, sheet, picture, "Noch eins", by=None)
    with pytest.raises(ConflictError, match="at most 6 photos"):
        photos.add_photo(session, sheet, picture, "Noch eins", by=None)
    photos.remove_photo(session, sheet, photo, by=None)
    assert session.scalar(sa.select(sa.func.count(VisitPhoto.id))) == photos.MOST_OF_SHEET - 1
    observations.remove(session, sheet, by=None)
    assert session.scalar(sa.select(sa.func.count(VisitPhoto.id))) == 0


def test_erasing_a_member_leaves_what_everybody_reads_without_saying_whose_it_is(
    drawn: DrawnPanel, session: Session, event: Event
) -> None:
    _, organiser = drawn.load(session)
    member = confirmed(session, drawn)
    begun(drawn, event)
    published, _ = pictured(session, event, member, None)
    observations.publish(session, published, version=observations.version_of(published), by=organiser)
    draft, _ = pictured(session, event, member, None)
    theirs = {part["table"]: part["rows"] for part in person.person_data(session, member.respondent)["parts"]}
    assert [row["seen"] for row in theirs["observation_sheets"]] == ["Schatten", "Schatten"]
    assert [row["alt_text"] for row in theirs["visit_photos"]] == ["Ein leerer Platz"] * 2
    erasing.clear(session, [member.respondent_id])
    session.expire_all()
    left = session.scalars(sa.select(ObservationSheet)).all()
    assert [(one.id, one.respondent_id, one.seen) for one in left] == [(published.id, None, "Schatten")]
    assert draft not in left
    assert session.scalars(sa.select(VisitPhoto)).all() == []


def test_photos_and_drafts_are_deleted_by_their_own_clock(drawn: DrawnPanel, session: Session, event: Event) -> None:
    assembly, organiser = drawn.load(session)
    member = confirmed(session, drawn)
    visits.describe(session, event, SAID, by=organiser)
    begun(drawn, event)
    published, _ = pictured(session, event, member, None)
    observations.publish(session, published, version=observations.version_of(published), by=organiser)
    pictured(session, event, member, None)
    due = schedule_of(session, assembly).due[Deadline.VISITS]
    assert due is not None
    drawn.traveller.move_to(due - HOUR)
    assert programme.delete_visits(session, assembly) == {}
    drawn.traveller.move_to(due + HOUR)
    assert programme.delete_visits(session, assembly) == {"photos": 2}
    assert programme.delete_visits(session, assembly) == {"observations": 1}
    assert programme.delete_visits(session, assembly) == {}
    session.expire_all()
    assert [one.id for one in session.scalars(sa.select(ObservationSheet))] == [published.id]
    visit = session.get_one(SiteVisit, event.id)
    assert (visit.safety_contact, visit.safety_phone, visit.meeting_point) == ("", "", SAID["meeting_point"])
