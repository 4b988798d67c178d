"""A member's schedule holds what is theirs: the next event large, changes marked, nothing from before or after."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.clock import ZONE, now
from assembly.extensions import db
from assembly.models import Event, EventKind, ItemKind, Member, Mode, NeedKind, NeedState, Status, SupportNeed
from assembly.services import respondents
from assembly.services.errors import NotFoundError
from assembly.services.needs import people
from assembly.services.needs.people import Wish, answer
from assembly.services.programme import agenda, events, places, schedule
from tests.assembly.queries import counted
from tests.assembly.services.panels import DrawnPanel, members_in
from tests.assembly.views.conftest import link_of

HALL = {
    "name": "Rathaus",
    "street": "Marktplatz 1",
    "postcode": "12345",
    "city": "Auenfurt",
    "transit_stop": "Marktplatz (Linie 3)",
    "directions": "Nordeingang, ohne Stufen",
    "is_step_free": True,
}


def plan(session: Session, panel: DrawnPanel, title: str, days: float, *, publish: bool = True, **more: Any) -> Event:
    """Plan an event some days from now."""
    assembly, organiser = panel.load(session)
    starts_at = now().replace(microsecond=0) + dt.timedelta(days=days)
    values = {"kind": EventKind.PLENARY, "title": title, "starts_at": starts_at}
    values |= {"ends_at": starts_at + dt.timedelta(hours=2)} | more
    event = events.add_event(session, assembly, values, by=organiser)
    if publish:
        events.publish(session, event, by=organiser)
    session.commit()
    return event


def room(session: Session, panel: DrawnPanel) -> int:
    assembly, organiser = panel.load(session)
    place = places.add_place(session, assembly, HALL, by=organiser)
    values = {"name": "Großer Saal", "capacity": 60, "is_step_free": True, "has_induction_loop": True}
    return places.add_room(session, assembly, place, values, by=organiser).id


def titles(session: Session, member: Member) -> list[str]:
    session.expire_all()
    return [one.event.title for one in schedule.own_events(session, member)]


def test_the_next_event_says_all_that_is_needed_to_come(
    session: Session, panel: DrawnPanel, member_client: FlaskClient
) -> None:
    about = {"room_id": room(session, panel), "to_bring": "Ausweis\nFeste Schuhe", "description": "Wir beginnen."}
    event = plan(session, panel, "Auftakt", 3, **about)
    plan(session, panel, "Zweites Treffen", 10)
    plan(session, panel, "Entwurf", 1, publish=False)
    page = member_client.get("/m/").text
    first = page[: page.index("All events to come")]
    wanted = (*HALL.values(), "Großer Saal", "Feste Schuhe", "step-free", "induction loop", "Wir beginnen.", "Auftakt")
    assert [word for word in wanted if isinstance(word, str) and word not in first] == []
    assert "Zweites Treffen" in page
    assert "Entwurf" not in page
    _, organiser = panel.load(session)
    item = {"kind": ItemKind.INPUT, "title": "Begrüßung", "minutes": 10}
    agenda.add_item(session, event, item, by=organiser)
    agenda.add_item(session, event, item | {"title": "Intern", "is_public": False}, by=organiser)
    session.commit()
    page = member_client.get(f"/m/events/{event.id}").text
    assert "Begrüßung" in page
    assert "Intern" not in page


def test_changes_and_cancellations_stand_there_with_their_reason(
    session: Session, panel: DrawnPanel, member_client: FlaskClient
) -> None:
    _, organiser = panel.load(session)
    event = plan(session, panel, "Auftakt", 3)
    later = plan(session, panel, "Zweites Treffen", 4)
    moved = {"starts_at": event.starts_at + dt.timedelta(hours=1), "ends_at": event.ends_at + dt.timedelta(hours=1)}
    before = event.starts_at.astimezone(ZONE)
    events.change_event(session, event, moved, note="Der Saal ist später frei.", by=organiser)
    session.commit()
    page = member_client.get("/m/").text
    assert "Something has changed." in page
    assert "Der Saal ist später frei." in page
    planned = f"Until now it was planned for {before:%A}, {before.day} {before:%B %Y}, {before:%H:%M}."
    assert page.count(planned) == 1
    back = {"starts_at": before, "ends_at": before + dt.timedelta(hours=2)}
    events.change_event(session, event, back, note="Der Saal ist doch frei.", by=organiser)
    session.commit()
    page = member_client.get("/m/").text
    assert ("Until now it was planned" in page, "Der Saal ist doch frei." in page) == (False, True)
    events.change_event(session, event, {"to_bring": "Ausweis"}, by=organiser)
    session.commit()
    assert "Something has changed." not in member_client.get("/m/").text  # time and place are as they were
    events.cancel(session, event, reason="Sturmwarnung", by=organiser)
    session.commit()
    page = member_client.get("/m/").text
    assert page.index("Sturmwarnung") < page.index("The next event:")  # it would have been the next one
    assert page.index("Zweites Treffen") < page.index("All events to come")
    assert "Cancelled" in page
    assert "Sturmwarnung" in member_client.get(f"/m/events/{event.id}").text
    assert member_client.get(f"/m/events/{later.id}").status_code == 200


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Until now the title was “Auftakt”."),
        ("de", "Der Titel war bisher „Auftakt“."),
        ("de-plain", "Vorher war der Name: „Auftakt“."),
    ],
)
def test_a_new_title_stands_there_with_the_one_before(
    session: Session, panel: DrawnPanel, member: Member, member_client: FlaskClient, *, language: str, said: str
) -> None:
    _, organiser = panel.load(session)
    member.language = language
    event = plan(session, panel, "Auftakt", 3)
    assert said not in member_client.get("/m/").text
    events.change_event(session, event, {"title": "Beginn"}, by=organiser)
    session.commit()
    pages = [member_client.get(address).text for address in ("/m/", f"/m/events/{event.id}")]
    assert [said in page for page in pages] == [True, True]


@pytest.mark.parametrize("is_online", [True, False])
def test_the_link_to_an_online_event_is_there_until_it_is_over(
    session: Session, panel: DrawnPanel, member_client: FlaskClient, *, is_online: bool
) -> None:
    mode = Mode.ONLINE if is_online else Mode.HYBRID
    event = plan(session, panel, "Fragen", 1, mode=mode, online_link="https://meet.example/abc")
    assert "https://meet.example/abc" in member_client.get("/m/").text
    panel.traveller.shift(dt.timedelta(days=2))
    page = member_client.get("/m/").text
    assert "https://meet.example/abc" not in page  # the visit is over, too
    assert event.title not in page


def test_whoever_comes_in_the_middle_has_what_is_theirs_from_then_on_and_who_left_what_was_before(
    session: Session, panel: DrawnPanel, member: Member
) -> None:
    _, organiser = panel.load(session)
    leaving = session.get_one(Member, members_in(session, Status.DRAWN)[0].id)
    plan(session, panel, "Vorher", 1)
    panel.traveller.shift(dt.timedelta(days=2))
    respondents.move(session, leaving.respondent, Status.DECLINED, by=organiser)
    session.commit()
    panel.traveller.shift(dt.timedelta(hours=1))
    plan(session, panel, "Dazwischen", 1)
    before = set(session.scalars(sa.select(Member.respondent_id)))
    session.commit()
    panel.replace()
    plan(session, panel, "Danach", 3)
    (new,) = [one for one in session.scalars(sa.select(Member)) if one.respondent_id not in before]
    assert titles(session, member) == ["Vorher", "Dazwischen", "Danach"]
    assert titles(session, leaving) == ["Vorher"]
    assert titles(session, new) == ["Danach"]
    later = schedule.own_events(session, new)[0].event
    with pytest.raises(NotFoundError):
        schedule.get_own_event(session, leaving, later.id)


def test_an_event_of_another_assembly_is_nobodys_here(
    session: Session, panel: DrawnPanel, member_client: FlaskClient
) -> None:
    event = plan(session, panel, "Entwurf", 1, publish=False)
    assert member_client.get(f"/m/events/{event.id}").status_code == 404
    assert member_client.get("/m/events/999999").status_code == 404


def test_plain_words_stand_where_there_are_any_and_the_usual_text_says_that_there_are_none(
    session: Session, panel: DrawnPanel, member_client: FlaskClient
) -> None:
    both = {"description": "Konstituierende Sitzung", "plain_description": "Wir lernen uns kennen."}
    event = plan(session, panel, "Auftakt", 3, **both)
    only = plan(session, panel, "Zweites Treffen", 4, description="Vertiefung der Themenfelder")
    assert "Konstituierende Sitzung" in member_client.get(f"/m/events/{event.id}").text
    member_client.post("/m/language/de-plain")
    page = member_client.get(f"/m/events/{event.id}").text
    assert "Wir lernen uns kennen." in page
    assert "Konstituierende" not in page
    page = member_client.get(f"/m/events/{only.id}").text
    assert "Vertiefung der Themenfelder" in page
    assert "keinen Text in Einfacher Sprache" in page


def test_the_number_of_events_changes_nothing_in_the_number_of_queries(
    session: Session, panel: DrawnPanel, member_client: FlaskClient
) -> None:
    about = {"room_id": room(session, panel)}
    sizes = []
    for number in range(8):
        plan(session, panel, f"Treffen {number}", number + 1, **about)
        if number in {1, 7}:
            with counted(db.engine) as sent:
                assert f"Treffen {number}" in member_client.get("/m/").text
            sizes.append(len(sent))
    assert sizes[0] == sizes[1] <= 9


def test_the_schedule_says_how_much_is_arranged_and_never_what(
    session: Session, panel: DrawnPanel, member: Member, member_client: FlaskClient
) -> None:
    event = plan(session, panel, "Auftakt", 30)
    assert "Arranged for me" not in member_client.get("/m/").text
    for kind in (NeedKind.MOBILITY, NeedKind.SIGN_LANGUAGE):
        people.add_need(session, member.respondent, Wish(kind), by=None)
    session.commit()
    assert "What you need is not arranged yet (0 of 2)." in member_client.get("/m/").text
    _, organiser = panel.load(session)
    first, second = session.scalars(sa.select(SupportNeed).order_by(SupportNeed.id)).all()
    answer(session, first, member.respondent, event, state=NeedState.ARRANGED, text="Ja", by=organiser)
    session.commit()
    assert "Of 2 things that you need, 1 is arranged." in member_client.get("/m/").text
    answer(session, second, member.respondent, event, state=NeedState.ARRANGED, text="Ja", by=organiser)
    session.commit()
    shown = member_client.get("/m/").text
    assert "All that you need is arranged." in shown
    assert "ign language" not in shown


def test_a_place_that_is_not_known_yet_is_promised_until_the_event_is_over(
    session: Session, panel: DrawnPanel, member: Member, member_client: FlaskClient
) -> None:
    event = plan(session, panel, "Auftakt", 1)
    assert member_client.get("/m/").text.count("The place will be announced") == 2  # by itself, and in the list
    assert "The place will be announced" in member_client.get(f"/m/events/{event.id}").text
    panel.traveller.move_to(event.ends_at)
    member_client.get(f"/m/{link_of(session, member)}")
    for page in ("/m/", f"/m/events/{event.id}"):
        shown = member_client.get(page).text
        assert ("Auftakt" in shown, "will be announced" in shown, "No room yet" in shown) == (True, False, False)
