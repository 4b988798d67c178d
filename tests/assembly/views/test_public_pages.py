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
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from assembly.config import Config
from assembly.extensions import db
from assembly.models import Lottery, OutreachKind, Respondent, Status, User
from assembly.services import commitments, invitation_records, lottery_reports
from assembly.services.kept import Kept
from assembly.services.lottery_reports import report_of
from assembly.services.panel import calling
from assembly.views.public_lottery import DOCUMENTS
from sortition.protocol.documents import PublicDocument
from tests.assembly import drawn
from tests.assembly.conftest import sign_in
from tests.assembly.queries import counted
from tests.assembly.services import panels
from tests.assembly.web import post

ENGLISH = {"Accept-Language": "en"}
MOST_QUERIES = 10


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


def test_reasons_are_given_once_the_pool_is_committed(client: FlaskClient, session: Session, config: Config) -> None:
    """Until then, everybody outside of it is counted together; then, reasons that few share stand together."""
    address = f"/a/{drawn.collecting(session).load(session)[0].slug}"
    rows = table(client, address, "registrations")
    assert rows == [["In the pool", "30", "85.7 %"], ["Excluded, withdrawn or deleted", "5", "14.3 %"]]
    assert "Reasons are given once the pool is committed" in page(client, address)


def test_reasons_that_few_share_are_merged(client: FlaskClient, session: Session, config: Config) -> None:
    address = f"/a/{drawn.drawn(session, config).load(session)[0].slug}"
    assert table(client, address, "registrations") == [
        ["In the pool", "30", "85.7 %"],
        ["Excluded: Does not live here, and reasons that fewer than three people share", "5", "14.3 %"],
    ]


@pytest.mark.parametrize("outside", [0, 1, 2])
def test_one_or_two_outside_the_pool_are_not_to_be_found(client: FlaskClient, session: Session, outside: int) -> None:
    """The whole page is the same as if nobody were outside."""
    stage = drawn.collecting(session)
    excluded = session.scalars(sa.select(Respondent).where(Respondent.status == Status.EXCLUDED)).all()
    for one in excluded[outside:]:
        session.delete(one)
    session.commit()
    address = f"/a/{stage.load(session)[0].slug}"
    assert table(client, address, "registrations") == [["In the pool", "30", "100.0 %"]]
    assert ["Registrations", "30", "1.6 %"] in table(client, address, "funnel")
    words = page(client, address)
    assert "30 people are in the pool, from which the panel is drawn. Fewer than three others registered" in words
    assert not re.search(r"\b3[12]\b", words)


def test_a_pool_of_two_is_not_shown(client: FlaskClient, session: Session) -> None:
    stage = drawn.collecting(session)
    session.execute(sa.delete(Respondent).where(Respondent.code.not_in(("K01", "K02"))))
    session.commit()
    words = page(client, f"/a/{stage.load(session)[0].slug}")
    assert "Fewer than three people registered." in words
    assert "Who is in the pool" not in words


def test_outreach_that_brought_one_registration(client: FlaskClient, session: Session) -> None:
    stage = drawn.collecting(session)
    assembly, organiser = stage.load(session)
    for registrations in (1, 12):
        values = {"kind": OutreachKind.DOOR_VISITS, "held_on": drawn.START.date(), "registrations": registrations}
        invitation_records.add_outreach(
            session, assembly, values | {"people_reached": 90, "languages": [], "note": ""}, by=organiser
        )
    session.commit()
    address = f"/a/{assembly.slug}"
    assert "Of these through outreach" not in page(client, address)
    assert "90 not shown" in page(client, address)


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


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What PDFs are really made, after those that other tests left."""
    made: list[str] = []

    def report(data: lottery_reports.Data, lottery: Lottery) -> bytes:
        made.append(data["language"])
        return report_pdf(data, lottery)

    def notice(public: PublicDocument) -> bytes:
        made.append("notice")
        return notice_pdf(public)

    report_pdf, notice_pdf = lottery_reports.report_pdf, commitments.notice_pdf
    monkeypatch.setattr(lottery_reports, "report_pdf", report)
    monkeypatch.setattr(commitments, "notice_pdf", notice)
    monkeypatch.setattr(lottery_reports, "PUBLIC_REPORTS", Kept[bytes](8))
    monkeypatch.setattr(lottery_reports, "GROUPS", Kept[dict[str, list[list[str]]]](8))
    monkeypatch.setattr(commitments, "NOTICES", Kept[bytes](8))
    return made


def test_the_report_is_made_once_until_it_says_something_else(
    client: FlaskClient, session: Session, config: Config, compiled: list[str]
) -> None:
    with time_machine.travel(drawn.START, tick=True) as traveller:
        stage = drawn.collecting(session)
        drawn.solve(session, config, stage)
        drawn.commit(session, stage)
        slug, fingerprint = stage.load(session)[0].slug, stage.commitment(session).hash
        address = f"/a/{slug}/commitments/{fingerprint}/report.pdf"

        def get(language: str) -> bytes:
            answer = client.get(address, headers={"Accept-Language": language})
            assert answer.status_code == 200
            return answer.data

        first = get("en")
        session.rollback()
        with counted(db.engine) as sent:
            assert get("en") == first
        assert not [statement for statement in sent if "public_document" in statement]
        assert get("de") != first
        assert compiled == ["en", "de"]
        traveller.move_to(drawn.AFTERWARDS)
        drawn.draw(session, stage)
        assert get("en") == get("en") != first
        assert compiled == ["en", "de", "en"]
        stage.load(session)[0].title = "Ein anderer Titel"
        session.commit()
        get("en")
        assert compiled == ["en", "de", "en", "en"]


def test_the_notice_is_made_once(client: FlaskClient, session: Session, config: Config, compiled: list[str]) -> None:
    stage = drawn.drawn(session, config)
    address = f"/a/{stage.load(session)[0].slug}/commitments/{stage.commitment(session).hash}/notice.pdf"
    first, second = client.get(address), client.get(address)
    assert (first.status_code, first.data[:5]) == (200, b"%PDF-")
    assert first.data == second.data
    assert compiled == ["notice"]


def test_nobody_can_ask_for_documents_without_end(app: Flask, client: FlaskClient) -> None:
    app.config["RATELIMIT_ENABLED"] = True
    most = int(DOCUMENTS.split()[0])
    for name in ("report.pdf", "notice.pdf"):
        address = f"/a/nowhere/commitments/{'0' * 64}/{name}"
        assert [client.get(address).status_code for _ in range(most + 1)] == [404] * most + [429]


def test_a_household_has_one_limit_however_many_addresses_it_has(app: Flask, client: FlaskClient) -> None:
    """Of IPv6, everybody has billions; another household is not limited with it."""
    app.config["RATELIMIT_ENABLED"] = True
    most = int(DOCUMENTS.split()[0])
    address = f"/a/nowhere/commitments/{'0' * 64}/notice.pdf"

    def ask(visitor: str) -> int:
        return client.get(address, environ_base={"REMOTE_ADDR": visitor}).status_code

    assert [ask(f"2001:db8:1:1::{number:x}") for number in range(most + 1)] == [404] * most + [429]
    assert ask("2001:db8:1:2::1") == 404


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
        panel = panels.drawn_panel(sessionmaker(db.engine, expire_on_commit=False), tmp_path, traveller)
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
        for path in ("", "/lottery"):
            words = page(client, f"/a/{assembly.slug}{path}")
            assert "The panel’s make-up as drawn on 10 March 2035" in words
            assert "1 seat was filled anew since." in words
            assert second.make_up == {}
        assert client.get(f"/a/{assembly.slug}/commitments/{second.hash}/report.pdf").data[:5] == b"%PDF-"
        reports = [report_of(session, assembly, one.lottery, one, language="en") for one in (first, second)]
        titles = [[section["title"] for section in report["sections"]] for report in reports]
        assert ["Chances by feature" in found for found in titles] == [True, False]  # what the document withholds


def test_the_present_make_up_is_shown_where_its_document_holds_counts(
    client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    """With few seats, the difference of two make-ups would be the values of a person."""
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
        assert first.make_up == {"Gender": {"a": 2, "b": 2}}
        assert [row[:2] for row in table(client, f"/a/{assembly.slug}", "make-up-1")] == [["a + b", "4"]]
        second.make_up = {"Gender": {"a": 1, "b": 3}}  # as if it had filled five seats
        session.commit()
        words = page(client, f"/a/{assembly.slug}")
        assert "The panel’s make-up after the replacement of 10 April 2035" in words
        assert "filled anew since" not in words
