"""The sums of a feature, said while it is typed."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.test_registrations import elsewhere, made


def test_the_sums_follow_what_is_typed(tmp_path: Path, live_server: LiveServer, new_page: NewPage, axe: Axe) -> None:
    city = elsewhere(lambda: made(tmp_path, "en"))
    page = new_page(language="en")
    page.goto(f"{city.open(page, live_server(city.app))}/features/new?template=gender")
    sums = page.locator("[data-sums]")
    expect(sums).to_have_text("It adds up to 48 seats: at least 0, at most 144.")
    for row, (lower, share) in enumerate([("30", "50"), ("20", "49.5"), ("", "")]):
        page.locator(f"#values-{row}-lower").fill(lower)
        page.locator(f"#values-{row}-share").fill(share)
    expect(sums).to_have_text("At least 50 seats are promised, there are 48. Shares: 99.5 %.")
    for row, upper in enumerate(["20", "20", "1"]):
        page.locator(f"#values-{row}-lower").fill("")
        page.locator(f"#values-{row}-upper").fill(upper)
    expect(sums).to_have_text("At most 41 of 48 seats can be filled. Shares: 99.5 %.")
    page.get_by_label("Voluntary").check(force=True)
    expect(sums).to_have_text("0 to 41 of 48 seats are for people who answer, the others for anybody. Shares: 99.5 %.")
    page.locator("#values-2-name").fill("not_stated")
    expect(sums).to_have_text("At most 41 of 48 seats can be filled. Shares: 99.5 %.")
    assert axe(page) == []
