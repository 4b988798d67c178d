"""What is the same for everybody is made once, and anew when something has happened, the next day, in each language."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, Move, User
from assembly.processes import prepare
from assembly.services.daily import today
from assembly.services.follow_up import cases, open_data, register
from assembly.services.follow_up.transitions import Actor
from assembly.views import public_recommendations
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.test_cases import NOON


@pytest.fixture
def case(session: Session, assembly: Assembly, organiser: User) -> Iterator[Case]:
    """A case that everybody reads; `calls` of what makes its page are counted."""
    with time_machine.travel(NOON, tick=False):
        assembly.is_public = True
        made = hand_over(session, assembly, by=organiser, on=today())[0]
        session.commit()
        yield made


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that was made, in order: pages of the register, and documents."""
    found: list[str] = []

    def noting(module: Any, name: str) -> None:
        real = getattr(module, name)

        def noted(*arguments: Any, **more: Any) -> Any:
            found.append(name)
            return real(*arguments, **more)

        monkeypatch.setattr(module, name, noted)

    noting(register, "page_of")
    noting(open_data, "document_of")
    return found


def test_it_is_made_once_until_something_happens_or_another_day(
    client: FlaskClient, session: Session, organiser: User, case: Case, made: list[str]
) -> None:
    page = f"/a/{session.get_one(Assembly, case.assembly_id).slug}/follow-up/register"
    first = client.get(page).text
    assert client.get(page).text.count("Übergeben") == first.count("Übergeben") > 0
    assert made == ["page_of"]
    client.get(f"{page}?state=assigned")
    assert "Handed over" in client.get(page, headers={"Accept-Language": "en"}).text
    assert len(made) == 3
    cases.move(session, case, Move.ASSIGN, {"unit": "Tiefbauamt"}, actor=Actor.OFFICE, by=organiser)
    session.commit()
    assert "Zugewiesen" in client.get(page).text
    assert len(made) == 4
    with time_machine.travel(NOON.replace(year=2036), tick=False):
        assert "Seit" in client.get(page).text
    assert client.get(f"{page}?state=closed").status_code == 200
    assert len(made) == 6


def test_the_city_s_page_knows_what_happens_in_any_assembly(
    client: FlaskClient, session: Session, organiser: User, case: Case, made: list[str]
) -> None:
    for _twice in range(2):
        assert "Tiefbauamt" not in client.get("/follow-up?unit=").text
    assert len(made) == 1
    cases.move(session, case, Move.ASSIGN, {"unit": "Tiefbauamt"}, actor=Actor.OFFICE, by=organiser)
    session.commit()
    assert "Zugewiesen" in client.get("/follow-up?unit=").text


def test_a_document_comes_compressed_or_not_or_not_at_all(
    client: FlaskClient, assembly: Assembly, case: Case, made: list[str]
) -> None:
    address = f"/a/{assembly.slug}/follow-up.json"
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert (plain.content_encoding, packed.content_encoding) == (None, "gzip")
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["Vary"] == packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    known = client.get(address, headers={"If-None-Match": packed.headers["ETag"]})
    assert (known.status_code, known.data, made) == (304, b"", ["document_of"])
    assert case.id == plain.get_json()["cases"][0]["id"]


def test_what_failed_is_tried_again(app: Flask, client: FlaskClient, assembly: Assembly, case: Case) -> None:
    address = f"/a/{assembly.slug}/recommendations/7"
    for _twice in range(2):
        assert client.get(address).status_code == 404
    assert client.get(address.replace("/7", f"/{case.recommendation.number}")).status_code == 200
    assert "assembly.kept" in app.extensions


def test_what_all_cases_come_to_is_made_once_for_every_selection(
    client: FlaskClient, assembly: Assembly, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[object] = []
    real = register.states_of
    monkeypatch.setattr(register, "states_of", lambda standings: counted.append(1) or real(standings))
    pages = [client.get(f"/a/{assembly.slug}/follow-up/register?{asked}").text for asked in ("", "state=closed")]
    assert [page.count("Wo sie stehen") for page in pages] == [1, 1]
    client.get("/follow-up")
    assert len(counted) == 2, case


def test_what_one_visitor_adds_to_an_address_is_not_in_another_one_s_page(
    client: FlaskClient, assembly: Assembly, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert case.assembly_id == assembly.id
    real = register.page_of
    monkeypatch.setattr(register, "page_of", lambda *args, **more: replace(real(*args, **more), pages=3))
    for page in (f"/a/{assembly.slug}/follow-up/register", "/follow-up"):
        client.get(f"{page}?search=Ufer&from=newsletter")
        found = client.get(f"{page}?search=Ufer").text
        assert 'href="?search=Ufer&amp;page=2#all"' in found
        assert f'action="{page}#all"' in found
        assert 'id="all"' in found
        assert "newsletter" not in found


def test_a_server_makes_registers_and_what_is_in_them_before_the_first_visitor_comes(
    client: FlaskClient, session: Session, assembly: Assembly, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.recommendation.theme = "Verkehr & Wege"
    session.commit()
    monkeypatch.setattr("assembly.processes.gc.freeze", lambda: None)  # the tests' own objects may go
    prepare(client.application, None)
    for module, name in ((register, "page_of"), (open_data, "document_of"), (public_recommendations, "_part")):
        monkeypatch.setattr(module, name, None)
    asked = ("", "?overdue=1", "?state=handed_over&search=", "?addressee=1", "?theme=Verkehr+%26+Wege")
    registers = [f"/a/{assembly.slug}/follow-up/register{query}" for query in asked]
    others = [
        f"/a/{assembly.slug}/{name}" for name in ("follow-up.json", f"recommendations/{case.recommendation.number}")
    ]
    for page in (*registers, *others, "/follow-up"):
        assert client.get(page).status_code == 200, page


def test_a_server_begins_though_its_database_does_not_answer(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("assembly.processes.gc.freeze", lambda: None)
    monkeypatch.setattr(register, "recommended_in_public", Mock(side_effect=OperationalError("", {}, Exception())))
    prepare(client.application, None)
    assert "no page was made beforehand" in caplog.text
    assert client.get("/").status_code == 200
