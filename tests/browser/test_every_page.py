"""Every page of the application, as the demo's city shows it: accessible in both languages, and never sideways."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.city import City, Found
from tests.browser.conftest import Axe, NewPage
from tests.browser.support import SIZES, overflowing, served
from tests.demo import copied

AREAS = (
    "accounts",
    "allowances",
    "allowances_of_people",
    "announcements",
    "answer_files",
    "assemblies",
    "attendance",
    "barriers",
    "calls",
    "cases",
    "checks",
    "city_cases",
    "citizens_report",
    "council",
    "desk",
    "draws",
    "event_tables",
    "events",
    "experts",
    "features",
    "feedback",
    "follow_up_group",
    "follow_up_rules",
    "invitation_records",
    "knowledge",
    "lotteries",
    "materials",
    "needs",
    "needs_of_people",
    "panel",
    "panel_access",
    "panel_messages",
    "panel_work",
    "payment_lists",
    "places",
    "pool",
    "pool_decisions",
    "posting",
    "privacy",
    "programme",
    "public",
    "questions",
    "receipts",
    "recommendation_import",
    "recommendations",
    "registrations",
    "requests",
    "result_sheets",
    "roles",
    "security",
    "site_pages",
    "site_visits",
    "units",
)
FILE = "a file, no page"
PART = "a part of a page, which htmx asks for"
NOT_PAGES = {
    "allowances.receipt": FILE,
    "answer_files.document": FILE,
    "answer_files.workbook": FILE,
    "allowances_of_people.certificate": FILE,
    "allowances_of_people.statement": FILE,
    "cases.case_agenda_item": FILE,
    "checks.progress": PART,
    "citizens_report.file": FILE,
    "council.progress": PART,
    "draws.audit_document": FILE,
    "event_tables.printed": FILE,
    "event_tables.progress": PART,
    "lotteries.progress": PART,
    "lotteries.report": FILE,
    "materials.file": FILE,
    "member.calendar_file": FILE,
    "member.certificate": FILE,
    "member.material": FILE,
    "member.photo": FILE,
    "member.receipt": FILE,
    "member.statement": FILE,
    "panel_work.progress": PART,
    "posting.letters": FILE,
    "public.material": FILE,
    "public.photo": FILE,
    "site_visits.photo": FILE,
    "attendance.paper_list": FILE,
    "attendance.code": "leads from a QR code to the line of a member",
    "public.agenda_item": FILE,
    "public.citizens_report": FILE,
    "public.health": "for machines",
    "public.log_heads_file": FILE,
    "public.notice": FILE,
    "public.programme_calendar": FILE,
    "public.programme_data": FILE,
    "public.programme_feed": FILE,
    "public.public_document": FILE,
    "public.recommendation_file": FILE,
    "public.recommendation_paper": FILE,
    "public.register_data": FILE,
    "public.register_feed": FILE,
    "public.register_rows": FILE,
    "public.register_schema": FILE,
    "public.report": FILE,
    "receipts.progress": PART,
    "result_sheets.blank": FILE,
    "recommendation_import.template": FILE,
    "registrations.progress": PART,
    "static": FILE,
    "oidc.start": "leads to a provider, which the demo does not have",
    "oidc.finish": "the provider leads back with it",
    "security.tf_select": "not used, answers 404",
    "security.two_factor_rescue": "not used, answers 404",
}
"""What can be asked for with GET and is never looked at here, with the reason."""
UNLINKED = {
    "answer_files.preview": "only once a file was uploaded; see test_answers_walk.py",
    "cases.choose_reference": "only the forms of some steps lead to it, see test_measures.py",
    "cases.together": "a form leads to it, with what is chosen; see test_cases_together.py",
    "member.calendar": "only on a member’s page, see test_member.py",
    "member.knowledge": "only on a member’s page, see test_member.py",
    "member.materials": "only on a member’s page, see test_member.py",
    "member.messages": "the same",
    "member.recommendation": "the same",
    "member.recommendations": "the same",
    "member.group": "the same",
    "member.new_proposal": "the same",
    "member.proposal": "the same",
    "member.requests": "the same",
    "public.barrier_reported": "only once somebody has reported one, see test_barriers.py",
    "public.subscription": "only with the link in a mail, see test_public_subscriptions.py",
    "member.excuse": "the same",
    "member.expenses": "the same",
    "member.claim": "the same",
    "member.bank_account": "only with a member’s link and a one-time code",
    "member.ask_for_link": "only from a mail or letter, see test_member.py",
    "member.confirm": "only with a member’s link, see test_member.py",
    "member.open_link": "it is the link",
    "member.observations_of_all": "the same",
    "member.write_observation": "the same",
    "member.edit_observation": "the same",
    "member.data": "only on a member’s page, see test_member.py",
    "member.data_file": "only with a member’s link and a one-time code",
    "member.leave": "the same",
    "member.give_feedback": "only on a member’s page, see test_member.py",
    "member.event": "only on a member’s page, see test_member.py",
    "member.start": "only from a mail or letter, see test_member.py",
    "member.needs": "only with a member’s link and a one-time code, see test_needs.py",
    "member.change_need": "the same",
    "accounts.second_factor": "only where a second factor is demanded, which the demo does not do",
    "security.mf_recovery": "only in the middle of a sign-in with second factor",
    "security.mf_recovery_codes": "only with a second factor",
    "security.reset_password": "only with the link from a mail",
    "security.two_factor_token_validation": "only in the middle of a sign-in with second factor",
    "security.verify": "only when the sign-in was long ago",
}
"""Pages to which nothing in the city leads, with the reason; those with an address are looked at below."""
BY_ADDRESS = ("/account/verify", "/account/recovery-codes", "/account/recovery-code", "/a/unknown", "/account/reset/x")
LANGUAGES = ("de", "en")


@pytest.fixture(scope="session")
def city(seeded_city: Path, tmp_path_factory: pytest.TempPathFactory) -> City:
    """A copy of the city that is only looked at."""
    return City(copied(seeded_city, tmp_path_factory.mktemp("city") / "city"))


@pytest.fixture(scope="session")
def server(city: City) -> Iterator[str]:
    """The address of the city."""
    with served(city.app) as address:
        yield address


@pytest.fixture(scope="session")
def pages(city: City, seeded_city: Path) -> list[Found]:
    """Every page that links lead to; looked for once per test run."""
    cache = seeded_city.with_name("pages.json")
    with cache.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not cache.exists():
            found = [(page.endpoint, page.address, page.account) for page in city.pages()]
            cache.write_text(json.dumps(found), encoding="utf-8")
    return [Found(*page) for page in json.loads(cache.read_text(encoding="utf-8"))]


def test_every_page_is_looked_at_or_has_a_reason_not_to_be(city: City, pages: list[Found]) -> None:
    """A page that nothing links to is a mistake, unless it is listed."""
    visited, listed = {page.endpoint for page in pages}, {*NOT_PAGES, *UNLINKED}
    assert sorted(city.routes() - visited - listed) == [], "link them, or say in NOT_PAGES or UNLINKED why not"
    assert sorted(listed & visited) == [], "they are looked at: take them off the lists"
    assert sorted(listed - city.routes()) == [], "they are gone: take them off the lists"
    assert sorted({page.endpoint.split(".")[0] for page in pages}) == sorted(AREAS), "correct AREAS"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("area", AREAS)
def test_pages_are_accessible_and_never_scroll_sideways_on_a_phone(
    area: str, language: str, city: City, server: str, pages: list[Found], *, new_page: NewPage, axe: Axe
) -> None:
    """In German in every assembly, because they stand at different points; in English once, in the same colours.

    Where it is narrow, tables look otherwise: there, axe looks at each page in German once.
    """
    page = new_page(language=language)
    chosen = [found for found in pages if found.endpoint.split(".")[0] == area]
    if language != "de":
        chosen = list({found.endpoint: found for found in chosen}.values())
    assert chosen
    faults, narrow = [], {found.endpoint: found for found in reversed(chosen)} if language == "de" else {}
    for found in chosen:
        city.enter(page.context, server, account=found.account, language=language)
        faults += faults_of(page, server + found.address, language, axe, narrow=narrow.get(found.endpoint) is found)
        if page.url != server + found.address:
            faults.append(f"{found.address}: led to {page.url}")
    assert faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_without_a_link_are_accessible_too(
    language: str, city: City, server: str, new_page: NewPage, axe: Axe
) -> None:
    page = new_page(language=language)
    faults = []
    for address in BY_ADDRESS:
        city.enter(page.context, server, account="orga@example.org", language=language)
        faults += faults_of(page, server + address, language, axe, narrow=language == "de")
    assert faults == []


def faults_of(page: Page, address: str, language: str, axe: Axe, *, narrow: bool) -> list[str]:
    """Return what is wrong with a page: its language, what axe finds, and what makes it scroll sideways on a phone.

    `narrow` asks axe about the page on a phone, too.
    """
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    found = [] if page.get_attribute("html", "lang") == language else ["wrong language"]
    found += axe(page, colours=language == "de")
    width, height = SIZES["phone"]
    page.set_viewport_size({"width": width, "height": height})
    found += overflowing(page)
    if narrow:
        found += [f"on a phone: {fault}" for fault in axe(page)]
    width, height = SIZES["desktop"]
    page.set_viewport_size({"width": width, "height": height})
    return [f"{address}: {fault}" for fault in found]
