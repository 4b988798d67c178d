"""Support in a real browser: for staff and on the member's own page, accessible, never sideways, without JavaScript."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import time_machine
from playwright.sync_api import expect
from sqlalchemy.orm import sessionmaker

from assembly.app import create_app
from assembly.clock import now
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Assembly, BookingState, Channel, EventKind, Member, NeedKind, NeedState, Role, Status, User
from assembly.services import accounts
from assembly.services.members import access, one_time
from assembly.services.needs import bookings, people, providers
from assembly.services.needs.people import Wish
from assembly.services.panel import calling
from assembly.services.programme import events
from tests.assembly.conftest import sign_in
from tests.assembly.services.panels import START, draw_panel, members_in
from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.support import SIZES, overflowing
from tests.browser.test_registrations import City, elsewhere

PAGES = (
    *(
        "",
        "events/{event}",
        "events/{event}?kind=sign_language",
        "bookings/{booking}",
        "providers",
        "providers/{provider}",
        "lead-times",
    ),
    *("people/", "people/{need}", "people/{need}/events/{event}"),
)


def supported(folder: Path) -> tuple[City, dict[str, str]]:
    """Return a city where one need is arranged and one declined, and the link and the one-time code of its member."""
    app = create_app(Config.from_environment({"ASSEMBLY_DATA": str(folder / "instance")}))
    with app.app_context():
        session = db.session
        with time_machine.travel(START, tick=True) as traveller:
            made = draw_panel(sessionmaker(db.engine, expire_on_commit=False), folder, traveller)
        assembly, by = session.get_one(Assembly, made.assembly_id), session.get_one(User, made.organiser_id)
        by.language = "en"
        accounts.grant(session, by, Role.SUPPORT, assembly=assembly, by=None)
        one = members_in(session, Status.DRAWN)[0]
        calling.confirm(session, one, channel=Channel.MAIL, language="en", by=by)
        at = now().replace(microsecond=0) + dt.timedelta(days=20)
        values = {"kind": EventKind.PLENARY, "title": "Opening", "starts_at": at, "ends_at": at + dt.timedelta(hours=2)}
        event = events.add_event(session, assembly, values, by=by)
        events.publish(session, event, by=by)
        need = people.add_need(session, one, Wish(NeedKind.SIGN_LANGUAGE, "German Sign Language"), by=by)
        diet = people.add_need(session, one, Wish(NeedKind.DIET, text="vegan"), by=by)
        people.answer(session, diet, one, event, state=NeedState.DECLINED, text="Bring your own", by=by)
        dana = providers.add_provider(session, assembly, {"name": "Dana", "kinds": ["sign_language"]}, by=by)
        wanted = {"kind": NeedKind.SIGN_LANGUAGE, "people": 1, "provider_id": dana.id}
        booking = bookings.add_booking(session, event, wanted, by=by)
        bookings.move(session, booking, BookingState.BOOKED, by=by)
        member = session.get_one(Member, one.id)
        own = {"link": access.renew(session, member, by=by).link, "code": one_time.read_out(session, member, by=by)}
        names = {"event": event.id, "need": need.id, "booking": booking.id, "provider": dana.id}
        session.commit()
        client = app.test_client()
        sign_in(client, session.get_one(User, by.id))
        cookie = client.get_cookie("assembly")
        assert cookie is not None
        return City(app, assembly.id, cookie.value, names), own


def test_the_pages_of_support_are_accessible_and_never_scroll_sideways(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    city, _ = elsewhere(lambda: supported(tmp_path))
    page = new_page(language="en")
    base = city.open(page, live_server(city.app))
    for size in ("desktop", "phone"):
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        for path in PAGES:
            page.goto(f"{base}/needs/{path.format(**city.names)}")
            expect(page.locator("h1")).to_have_count(1)
            assert (size, path, axe(page)) == (size, path, [])
            assert (size, path, overflowing(page)) == (size, path, [])


def test_a_member_reads_what_is_arranged_and_says_what_else_they_need_without_javascript(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage
) -> None:
    city, own = elsewhere(lambda: supported(tmp_path))
    page, address = new_page(javascript=False, language="en"), live_server(city.app)
    page.goto(f"{address}/m/{own['link']}")
    page.goto(f"{address}/m/needs")
    page.get_by_label("One-time code").fill(own["code"])
    page.get_by_role("button", name="Go on").click()
    assert page.url == f"{address}/m/needs"
    shown = page.locator("main").inner_text()
    assert [words in shown for words in ("Arranged", "Dana", "Not possible", "Bring your own")] == [True] * 4
    page.get_by_label("What is needed").select_option("childcare")
    page.get_by_role("button", name="Tell the support team").click()
    expect(page.get_by_role("link", name="How many children: Enter for how many children.")).to_be_visible()
    page.get_by_label("How many children").fill("2")
    page.get_by_role("button", name="Tell the support team").click()
    expect(page.get_by_role("heading", name="Childcare")).to_be_visible()


def test_the_members_page_is_accessible_and_never_scrolls_sideways(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    city, own = elsewhere(lambda: supported(tmp_path))
    page, address = new_page(language="en"), live_server(city.app)
    page.goto(f"{address}/m/{own['link']}")
    page.goto(f"{address}/m/needs")
    page.get_by_label("One-time code").fill(own["code"])
    page.get_by_role("button", name="Go on").click()
    for size in ("desktop", "phone", "zoomed"):
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        for path in ("/m/needs", f"/m/needs/{city.names['need']}"):
            page.goto(address + path)
            expect(page.locator("h1")).to_have_count(1)
            assert (size, path, axe(page)) == (size, path, [])
            assert (size, path, overflowing(page)) == (size, path, [])
