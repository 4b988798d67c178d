"""What everyone sees of an assembly: the numbers from the letters to the panel, never a name, in few queries."""

from __future__ import annotations

import html
import io
import re
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from assembly.config import Config
from assembly.extensions import db
from assembly.models import Respondent, Status, User
from assembly.services import commitments
from assembly.services.lottery_reports import report_of
from assembly.services.panel import calling
from tests.assembly import drawn
from tests.assembly.conftest import sign_in
from tests.assembly.queries import counted
from tests.assembly.services import panels
from tests.assembly.web import post

ENGLISH = {"Accept-Language": "en"}
MOST_QUERIES = 8


def page(client: FlaskClient, address: str) -> str:
    """Return the words of a page, blanks as one."""
    answer = client.get(address, headers=ENGLISH)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))


def table(client: FlaskClient, address: str, key: str) -> list[list[str]]:
    """Return the rows of the table below a picture."""
    text = client.get(address, headers=ENGLISH).get_data(as_text=True)
    (found,) = re.findall(rf'<table[^>]* id="{key}-table">.*?<tbody[^>]*>(.*?)</tbody>', text, re.DOTALL)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", found, re.DOTALL)
    return [[html.unescape(cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def test_from_the_letters_to_the_pool(client: FlaskClient, session: Session) -> None:
    address = f"/a/{drawn.collecting(session).load(session)[0].slug}"
    assert table(client, address, "funnel") == [
        ["Letters sent", "2,000", ""],
        ["Letters that arrived", "1,900", "100.0 %"],
        ["Registrations", "35", "1.8 %"],
        ["Of these through outreach", "0", "0.0 %"],
        ["People in the pool", "30", "1.6 %"],
    ]
    assert "Nothing is committed yet." in page(client, address)


def test_reasons_that_few_share_are_merged(client: FlaskClient, session: Session) -> None:
    address = f"/a/{drawn.collecting(session).load(session)[0].slug}"
    assert table(client, address, "registrations") == [
        ["In the pool", "30", "85.7 %"],
        ["Excluded: Registered twice; Does not live here", "5", "14.3 %"],
    ]


def test_the_drawn_panel_beside_the_population(client: FlaskClient, session: Session, config: Config) -> None:
    stage = drawn.drawn(session, config)
    address = f"/a/{stage.load(session)[0].slug}"
    for path in ("", "/lottery"):
        rows = table(client, address + path, "make-up-1")
        assert sum(int(row[1]) for row in rows) == drawn.SEATS
        assert "divers" not in [row[0] for row in rows]
    words = page(client, address)
    assert "the number 042 was drawn in public" in words
    assert ["Drawn members", "6", "0.3 %"] in table(client, address, "funnel")
    assert not re.search(r"\bK\d\d\b", words)
    assert "42" in page(client, f"{address}/lottery")


def test_a_voided_commitment_stays_listed_with_its_reason(
    client: FlaskClient, session: Session, config: Config
) -> None:
    with time_machine.travel(drawn.START, tick=True):
        stage = drawn.collecting(session)
        drawn.solve(session, config, stage)
        drawn.commit(session, stage)
        assembly, organiser = stage.load(session)
        commitments.void(session, assembly, stage.commitment(session), reason="A quota was wrong", by=organiser)
        session.commit()
        assert "A quota was wrong" in page(client, f"/a/{assembly.slug}/lottery")
        assert "Nothing is committed yet." in page(client, f"/a/{assembly.slug}")


@pytest.mark.parametrize("path", ["", "/lottery"])
def test_a_page_needs_few_queries_however_many_people_there_are(
    client: FlaskClient, session: Session, config: Config, path: str
) -> None:
    address = f"/a/{drawn.drawn(session, config).load(session)[0].slug}{path}"
    session.expire_all()
    with counted(db.engine) as sent:
        assert client.get(address).status_code == 200
    statements = [statement for statement in sent if statement.startswith("SELECT")]
    assert len(statements) <= MOST_QUERIES
    assert not [statement for statement in statements if "public_document" in statement]


def test_everyone_downloads_the_report(client: FlaskClient, session: Session, config: Config) -> None:
    stage = drawn.drawn(session, config)
    address = f"/a/{stage.load(session)[0].slug}/commitments/{stage.commitment(session).hash}/report.pdf"
    answer = client.get(address)
    assert (answer.status_code, answer.content_type, answer.data[:5]) == (200, "application/pdf", b"%PDF-")


def test_the_organiser_downloads_report_and_files(client: FlaskClient, session: Session, config: Config) -> None:
    stage = drawn.drawn(session, config)
    sign_in(client, session.get_one(User, stage.organiser_id))
    base = f"/assemblies/{stage.assembly_id}/lotteries/{stage.lottery(session).id}"
    words = page(client, base)
    assert "Report (PDF)" in words
    assert "Files for the command line, confidential (ZIP)" in words
    report = client.get(f"{base}/report.pdf")
    assert (report.status_code, report.data[:5]) == (200, b"%PDF-")
    archive = post(client, f"{base}/files")
    assert (archive.status_code, archive.content_type) == (200, "application/zip")
    assert "COMMANDS.txt" in zipfile.ZipFile(io.BytesIO(archive.data)).namelist()
    assert "Files for the command line exported" in page(client, f"/assemblies/{stage.assembly_id}/log")


def test_the_pages_of_the_draw_and_the_pool_show_pictures_to_staff(
    client: FlaskClient, session: Session, config: Config
) -> None:
    """Staff see each value for itself."""
    stage = drawn.drawn(session, config)
    sign_in(client, session.get_one(User, stage.organiser_id))
    rows = table(client, f"/assemblies/{stage.assembly_id}/draw", "make-up-1")
    assert [row[0] for row in rows] == ["weiblich", "männlich", "divers"]
    composition = page(client, f"/assemblies/{stage.assembly_id}/pool/composition")
    assert "Share of the seats that the quota allows" in composition


def test_a_replacement_draw_is_listed_with_its_own_document(
    client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    """The draw of the whole panel stays the one that the page is about."""
    with time_machine.travel(panels.START, tick=True) as traveller:
        panel = panels.draw_panel(sessionmaker(db.engine, expire_on_commit=False), tmp_path, traveller)
        assembly, organiser = panel.load(session)
        assembly.is_public = True
        leaving = session.scalars(sa.select(Respondent).where(Respondent.status == Status.DRAWN)).first()
        assert leaving
        calling.decline(session, leaving, by=organiser)
        session.commit()
        panel.replace()
        first, second = sorted(commitments.commitments_of(session, assembly), key=lambda one: one.id)
        words = page(client, f"/a/{assembly.slug}/lottery")
        assert words.index(first.hash) < words.index("Replacement draws") < words.index(second.hash)
        assert table(client, f"/a/{assembly.slug}", "registrations")[0][:2] == ["In the pool", "12"]
        assert client.get(f"/a/{assembly.slug}/commitments/{second.hash}/report.pdf").data[:5] == b"%PDF-"
        reports = [report_of(session, assembly, one.lottery, one, language="en") for one in (first, second)]
        titles = [[section["title"] for section in report["sections"]] for report in reports]
        assert ["Chances by feature" in found for found in titles] == [True, False]  # what the document withholds
