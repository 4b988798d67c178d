"""Documents about recommendations: where they are linked, who gets them, and that they are made once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.clock import ZONE
from assembly.models import Assembly, Case, User
from assembly.services import chapters_docx
from assembly.services.follow_up import agenda_items, notices
from assembly.services.follow_up.notice_mails import Pages
from tests.assembly.conftest import sign_in
from tests.assembly.services.follow_up.recommended import hand_over

HANDED_OVER = dt.date(2035, 3, 1)
ASSIGN_DUE = dt.date(2035, 3, 15)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def late(session: Session, assembly: Assembly, organiser: User) -> Iterator[Case]:
    """A case of a public assembly in which notice after 30 days was just given."""
    with time_machine.travel(dt.datetime.combine(HANDED_OVER, dt.time(12), ZONE), tick=True) as traveller:
        assembly.is_public = True
        case = hand_over(session, assembly, by=organiser, on=HANDED_OVER)[0]
        traveller.shift(dt.timedelta(days=14 + 30))
        notices.give_due(session, assembly, pages=Pages("https://buergerrat.example.org"))
        session.commit()
        yield case


def item_path(session: Session, case: Case, kind: str) -> str:
    """Return where everyone finds the agenda item of a case, below the assembly's page."""
    (item,) = agenda_items.items_of(session, [case])[case.id]
    return f"recommendations/{case.recommendation.number}/agenda-item-{item.number}.{kind}"


def test_pages_and_feed_lead_to_the_agenda_item(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User, late: Case
) -> None:
    base, staff = f"/a/{assembly.slug}", f"/assemblies/{assembly.id}/cases/{late.id}"
    pdf, docx = (item_path(session, late, kind) for kind in ("pdf", "docx"))
    for page, wanted in (
        ("recommendations/1", [pdf, docx]),
        ("follow-up/register", [pdf]),
        ("follow-up.atom", [pdf, docx]),
        ("follow-up.atom?overdue=1", [pdf, docx]),
    ):
        text = client.get(f"{base}/{page}").text
        assert [path for path in wanted if f"{base}/{path}" not in text] == [], page
    assert f'{base}/{pdf}"' in client.get("/follow-up").text
    sign_in(client, organiser)
    assert f"{staff}/{docx.split('/')[-1]}" in client.get(staff).text


@pytest.mark.parametrize(("kind", "media_type"), [("pdf", "application/pdf"), ("docx", DOCX)])
def test_everyone_gets_the_agenda_item_as_a_file(
    client: FlaskClient, session: Session, late: Case, kind: str, media_type: str
) -> None:
    path, slug = item_path(session, late, kind), session.get_one(Assembly, late.assembly_id).slug
    answer = client.get(f"/a/{slug}/{path}")
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{path.split("/")[-1]}"'


def test_without_a_public_page_staff_alone_get_it(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User, late: Case
) -> None:
    path = item_path(session, late, "pdf")
    number = path.split("/")[-1]
    assembly.is_public = False
    session.commit()
    assert client.get(f"/a/{assembly.slug}/{path}").status_code == 404
    sign_in(client, organiser)
    assert client.get(f"/assemblies/{assembly.id}/cases/{late.id}/{number}").status_code == 200


@pytest.mark.parametrize(
    "path", ["recommendations/1/agenda-item-999.pdf", "recommendations/2.de.pdf", "recommendations/1.fr.pdf"]
)
def test_what_is_not_there_is_not_found(client: FlaskClient, assembly: Assembly, late: Case, path: str) -> None:
    assert client.get(f"/a/{assembly.slug}/{path}").status_code == 404


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_recommendation_is_handed_out_in_both_languages_whatever_the_reader_asks_for(
    client: FlaskClient, assembly: Assembly, late: Case, language: str
) -> None:
    answer = client.get(f"/a/{assembly.slug}/recommendations/1.{language}.pdf", headers={"Accept-Language": "de"})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert re.findall(rb"/Lang\s*\((\w\w)", answer.data) == [language.encode()]


def test_it_is_made_once_and_not_sent_to_whoever_has_it(
    client: FlaskClient, assembly: Assembly, late: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/a/{assembly.slug}/recommendations/1.de.pdf"
    first = client.get(address)

    def fail(*_arguments: object) -> bytes:
        raise AssertionError

    monkeypatch.setattr(chapters_docx, "pdf_of", fail)
    assert client.get(address).data == first.data
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_says_its_address_and_leads_to_both_documents(
    client: FlaskClient, assembly: Assembly, late: Case, language: str
) -> None:
    text = client.get(f"/a/{assembly.slug}/recommendations/1", headers={"Accept-Language": language}).text
    public_url = client.application.extensions["assembly.config"].public_url
    wanted = [
        f"{public_url}/a/{assembly.slug}/recommendations/1",
        "recommendations/1.de.pdf",
        "recommendations/1.en.pdf",
    ]
    assert [one for one in wanted if one not in text] == []
