"""A member's expenses in a real browser: accessible in three texts, never sideways, and claimed without JavaScript."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from assembly.extensions import db
from assembly.models import AttendanceState, Event, Member, Status, User
from assembly.services.allowances import claims, rates
from assembly.services.attendance import noting
from assembly.services.members import one_time
from tests.assembly.services.panels import members_in
from tests.assembly.services.test_allowances import RATES
from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.support import SIZES, overflowing
from tests.browser.test_member import Panel, with_a_member
from tests.browser.test_registrations import elsewhere

TICKET = {"name": "ticket.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n a ticket"}


@dataclasses.dataclass(frozen=True)
class Claiming:
    """A member who was at an event, their one-time code, and a claim that was given back."""

    panel: Panel
    one_time_code: str
    claim: int


def claiming(folder: Path, language: str) -> Claiming:
    """Return a member with a claim that was given back."""
    panel = with_a_member(folder, language)
    with panel.app.app_context():
        session = db.session
        member = session.get_one(Member, members_in(session, Status.CONFIRMED)[0].id)
        event, by = session.get_one(Event, panel.past), session.scalars(sa.select(User)).first()
        assert by is not None
        rates.change_rates(session, member.respondent.assembly, RATES, by=by)
        noting.note(session, event, member.respondent_id, AttendanceState.PRESENT, by=by)
        claim = claims.add_claim(session, member, event, by=None)
        claims.submit(session, claim, by=None)
        claims.reject(session, claim, reason="Der Rückweg fehlt.", by=by)
        code = one_time.read_out(session, member, by=by)
        session.commit()
        return Claiming(panel, code, claim.id)


@pytest.mark.parametrize("language", ["de", "de-plain", "en"])
def test_the_pages_of_expenses_are_accessible_and_never_scroll_sideways(
    language: str, tmp_path: Path, *, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    made = elsewhere(lambda: claiming(tmp_path, language))
    server, page, faults = live_server(made.panel.app), new_page(), []
    page.goto(f"{server}/m/{made.panel.link}")
    page.goto(f"{server}/m/account")  # leads to the one-time code
    page.locator("#code").fill(made.one_time_code)
    page.locator("main form").filter(has=page.locator("#code")).locator("button[type=submit]").click()
    assert page.url == f"{server}/m/account"
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for address in ("/m/expenses", f"/m/expenses/{made.claim}", "/m/account"):
            page.goto(server + address)
            expect(page.locator("h1")).to_have_count(1)
            faults += [f"{address} {name}: {fault}" for fault in (*axe(page), *overflowing(page))]
    assert faults == []


def test_a_claim_with_a_photo_is_handed_in_on_a_phone_without_javascript(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage
) -> None:
    made = elsewhere(lambda: claiming(tmp_path, "de"))
    server, page = live_server(made.panel.app), new_page("phone", javascript=False)
    page.goto(f"{server}/m/{made.panel.link}")
    page.get_by_text("Menü: Mein Programm").click()
    page.get_by_role("link", name="Meine Auslagen").click()
    page.get_by_role("link", name="Weiter: Gestern").click()
    expect(page.get_by_text("Bitte berichtigen Sie: Der Rückweg fehlt.")).to_be_visible()
    page.get_by_label("Kilometer mit Auto oder Fahrrad").fill("24")
    page.get_by_label("Fahrkarten für Bus und Bahn").fill("2,90")
    page.get_by_label("Quittung hinzufügen").set_input_files(TICKET)  # type: ignore[arg-type]  # a file in memory
    page.get_by_role("button", name="Einreichen").click()
    expect(page.get_by_text("Eingereicht. Wir prüfen es.")).to_be_visible()
    expect(page.get_by_text("50,10")).to_be_visible()
    expect(page.get_by_role("link", name="Quittung 1 (PNG)")).to_be_visible()
    with page.expect_download() as download:
        page.goto(f"{server}/m/expenses")
        page.get_by_role("link", name="Für die Schule").click()
    assert download.value.path().read_bytes()[:5] == b"%PDF-"
