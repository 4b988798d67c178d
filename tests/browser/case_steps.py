"""Steps of a case as staff take them in a browser: the form of a step, filled in with just enough."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from assembly.models import Move
from assembly.services.daily import today
from assembly.services.follow_up.transitions import TABLE
from tests.assembly.services.follow_up.steps import said
from tests.assembly.views.test_cases import written
from tests.browser.person import Person


def take(person: Person, case: str, kind: Move, **values: Any) -> None:
    """Fill in the form of a step with just enough and these, and publish it; `case` is the address of the case."""
    complete = said(kind, today(), **values) | ({"taken_on": today()} if TABLE[kind].is_dated else {})
    asked = {name: complete.pop(name) for name in ("outcome", "step") if name in complete}
    person.open(f"{case}/steps/{kind}?{urlencode(asked)}")
    fill_in(person, complete)
    person.press("Publish")
    assert "/steps/" not in person.page.url, person.page.locator("main").inner_text()


def fill_in(person: Person, values: dict[str, Any]) -> None:
    """Fill in fields by their names, each as its kind asks for."""
    for name, value in values.items():
        field = person.page.locator(f"[name='{name}']").first
        if value is True:
            field.check()
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(str(value))
        else:
            field.fill(str(written(value)))
