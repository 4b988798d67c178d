"""A measure in a real browser: a meeting is chosen, milestones are written and ticked, and everyone sees it."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from assembly.clock import now
from assembly.extensions import db
from assembly.models import Assembly, Move, User
from assembly.services.daily import today
from assembly.services.follow_up import cases
from assembly.services.follow_up.transitions import Actor
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said
from tests.assembly.views.test_case_references import mirror
from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.support import overflowing
from tests.browser.test_registrations import City, elsewhere, made

PHOTO = f"https://example.org/{'sehr-lange-' * 12}adresse"
UNTIL_DEBATE = (Move.ASSIGN, Move.BEGIN_REVIEW, Move.ANSWER)


def answered(folder: Path) -> City:
    """Return a city with a case that is to be debated, and a mirrored meeting of today."""
    city = made(folder, "en", with_features=False)
    with city.app.app_context():
        session = db.session
        assembly, user = session.get_one(Assembly, city.assembly), session.scalars(sa.select(User)).one()
        assembly.is_public, city.slug = True, assembly.slug
        [case] = hand_over(session, assembly, by=user, on=today())
        mirror(session, assembly, met_at=now())
        for kind in UNTIL_DEBATE:
            cases.move(session, case, kind, said(kind, today()), actor=Actor.OFFICE, by=user)
        city.names = {"case": case.id}
        session.commit()
    return city


def look(page: Page, axe: Axe) -> None:
    """Hold the page against what is accessible."""
    assert (page.url, axe(page)) == (page.url, [])
    assert (page.url, overflowing(page)) == (page.url, [])


def test_a_meeting_is_chosen_and_a_measure_is_carried_out_in_sight_of_everyone(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    city = elsewhere(lambda: answered(tmp_path))
    server = live_server(city.app)
    page = new_page("phone", language="en")
    base = f"{city.open(page, server)}/cases/{city.names['case']}"
    page.goto(f"{base}/steps/debate")
    look(page, axe)
    page.get_by_role("link", name="Choose a paper, a meeting").click()
    page.get_by_label("Search for").fill("radweg")
    page.get_by_role("button", name="Search").click()
    look(page, axe)
    page.get_by_role("link", name=re.compile("Choose ?: Meeting")).click()
    expect(page.get_by_label("Body")).to_have_value("Stadtrat")
    page.get_by_role("link", name="Choose another one, too").click()
    page.get_by_role("link", name=re.compile("Choose ?: Paper")).click()
    look(page, axe)
    page.get_by_label("The meeting was public").check(force=True)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("2035/7: Radweg <am> Ufer")).to_be_visible()
    elsewhere(lambda: decide(city))

    page.goto(f"{base}/steps/implement")
    page.get_by_label("Measure", exact=True).fill("Ein Radweg am Ufer")
    page.get_by_label("Department in charge").fill("Tiefbauamt")
    page.get_by_label("Planned beginning").fill(str(today()))
    page.get_by_label("Planned end").fill(str(today() + dt.timedelta(days=300)))
    page.get_by_label("Planned cost").fill("1,900,000")
    page.locator("#milestones-0-milestone").fill("Planung fertig")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#milestones-0-until-error")).to_be_visible()
    look(page, axe)
    page.locator("#milestones-0-until").fill(str(today()))
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("1,900,000 euros").first).to_be_visible()

    page.goto(f"{base}/steps/report")
    page.get_by_label("What was done, and what comes next").fill("Alles ist fertig.")
    page.get_by_label("Done, in percent").fill("100")
    page.get_by_label("1. Planung fertig").check(force=True)
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#evidence-error")).to_contain_text("needs evidence")
    look(page, axe)
    page.locator("#more_evidence-0-shows").fill("Foto")
    page.locator("#more_evidence-0-link").fill(PHOTO)
    page.get_by_role("button", name="Publish").click()
    look(page, axe)
    visitor = new_page("phone", language="en")
    visitor.goto(f"{server}/a/{city.slug}/recommendations/1")
    expect(visitor.get_by_text("Reached, report of")).to_be_visible()
    expect(visitor.get_by_role("link", name="Foto").first).to_have_attribute("href", PHOTO)
    expect(visitor.get_by_role("img", name="Progress")).to_be_visible()
    look(visitor, axe)


def decide(city: City) -> None:
    """Let the case be decided."""
    with city.app.app_context():
        user = db.session.scalars(sa.select(User)).one()
        case = cases.get_case(db.session, db.session.get_one(Assembly, city.assembly), city.names["case"])
        for kind in (Move.MINUTES, Move.DECIDE):
            cases.move(db.session, case, kind, said(kind, today()), actor=Actor.OFFICE, by=user)
        db.session.commit()
