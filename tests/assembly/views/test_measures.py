"""The forms and pages of measures: rows of milestones, ticks in a report, money, evidence, and what everyone reads."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from assembly.models import Case, Material, MaterialKind, Move, User
from assembly.services.daily import today
from assembly.services.follow_up import assigning
from assembly.services.materials import publishing
from assembly.services.materials.files import UploadedFile
from assembly.services.materials.publishing import Content
from tests.assembly.scanner import EICAR
from tests.assembly.services.follow_up.offices import clerk, unit
from tests.assembly.services.follow_up.steps import said
from tests.assembly.views.test_cases import Office, decided, office, opened, written
from tests.assembly.web import post

__all__ = ["office", "opened"]  # fixtures
PHOTO = "https://example.org/foto"
ROWS = {
    "milestones-0-milestone": "Planung <fertig>",
    "milestones-0-until": "2035-05-01",
    "milestones-1-milestone": "",
    "milestones-1-until": "",
    "milestones-2-milestone": "Markiert",
    "milestones-2-until": "2035-09-01",
}
"""As a form sends them; the row between is blank."""


def begin(office: Office, case: Case, **values: Any) -> Any:
    """Send the form with which a measure begins."""
    complete = said(Move.IMPLEMENT, today()) | {"ends_on": dt.date(2036, 1, 1)} | values
    return post(
        office.client, f"{office.base}/{case.id}/steps/implement", **{n: written(v) for n, v in complete.items()}
    )


def report(office: Office, case: Case, **values: Any) -> Any:
    """Send the form of a report."""
    return post(
        office.client, f"{office.base}/{case.id}/steps/report", **({"progress": "Es geht.", "percent": 30} | values)
    )


def last(office: Office, case: Case) -> dict[str, Any]:
    """Return what the last step says."""
    office.session.expire_all()
    return dict(case.steps[-1].facts)


@pytest.fixture
def case(office: Office, opened: list[Case]) -> Case:
    """A case whose implementation is next."""
    office.go(opened[0], decided("accepted"))
    return opened[0]


def test_a_measure_goes_from_its_milestones_to_the_end_and_everyone_sees_it(office: Office, case: Case) -> None:
    form = office.client.get(f"{office.base}/{case.id}/steps/implement").text
    assert form.count('name="milestones-0-until"') == 1
    assert begin(office, case, **ROWS, planned="1.900.000 €").status_code == 302
    assert {name: last(office, case)[name] for name in ("planned", "milestones")} == {
        "planned": 1_900_000,
        "milestones": [
            {"milestone": "Planung <fertig>", "until": "2035-05-01"},
            {"milestone": "Markiert", "until": "2035-09-01"},
        ],
    }
    office.after(80)
    public = office.read("recommendations/1")
    assert [
        one in public for one in ("1. Planung &lt;fertig&gt;", "2. Markiert", "Open, overdue", "1,900,000 euros")
    ] == [True] * 4
    form = office.client.get(f"{office.base}/{case.id}/steps/report").text
    assert re.findall(r'name="reached"[^>]*value="(\d)"', form) == ["1", "2"]
    assert report(office, case, reached=["1"], spent="12 000").status_code == 302
    assert last(office, case) == {"progress": "Es geht.", "percent": 30, "reached": [1], "spent": 12_000}
    form = office.client.get(f"{office.base}/{case.id}/steps/report").text
    assert [bool(one) for one in re.findall(r'<input (checked )?[^>]*name="reached"', form)] == [True, False]
    proof = {"more_evidence-0-shows": "Foto der Markierung", "more_evidence-0-link": PHOTO}
    assert report(office, case, percent=100, reached=["1", "2"], **proof).status_code == 302
    for page in (office.read("recommendations/1"), office.page(case)):
        assert page.count("Reached, report of") == 2
        assert (f'href="{PHOTO}"' in page, "Foto der Markierung" in page, "later than planned" in page) == (
            True,
            True,
            True,
        )
        assert re.search(r"By the report of [^,]+, 2035, 100 % are done\.", page)
        assert re.search(r"<th[^>]*>[^<]*2035</th>\s*<td[^>]*>30[^<]*</td>\s*<td[^>]*>12,000 euros</td>", page)


def test_100_percent_without_evidence_is_refused_at_the_field(office: Office, case: Case) -> None:
    begin(office, case, **ROWS)
    answer = report(office, case, percent=100, reached=["1", "2"])
    assert answer.status_code == 422
    assert re.search(r'id="evidence-error">.*?needs evidence', answer.text, re.DOTALL)
    assert [bool(one) for one in re.findall(r'<input (checked )?[^>]*name="reached"', answer.text)] == [True, True]
    assert last(office, case).get("percent") is None


WRONG: tuple[tuple[dict[str, str], str], ...] = (
    ({"milestones-0-milestone": "Ohne Tag"}, "milestones-0-until-error"),
    ({"milestones-1-until": "2035-05-01"}, "milestones-1-milestone-error"),
    ({"milestones-0-milestone": "x", "milestones-0-until": "übermorgen"}, "milestones-0-until-error"),
    ({"milestones-0-milestone": "x" * 501, "milestones-0-until": "2035-05-01"}, "milestones-0-milestone-error"),
    ({"planned": "viel"}, "planned-error"),
    ({"planned": "-5"}, "planned-error"),
    ({"planned": "12,50"}, "planned-error"),
    ({"planned": "9" * 30}, "planned-error"),
)


@pytest.mark.parametrize(("values", "where"), WRONG)
def test_what_is_wrong_is_said_where_it_stands(office: Office, case: Case, values: dict[str, str], where: str) -> None:
    before = len(case.steps)
    answer = begin(office, case, **values)
    assert (answer.status_code, f'id="{where}"' in answer.text) == (422, True)
    office.session.expire_all()
    assert len(case.steps) == before


def test_more_rows_than_a_list_may_have_are_refused_in_words(office: Office, case: Case) -> None:
    rows = {
        f"milestones-{n}-{part}": value
        for n in range(21)
        for part, value in (("milestone", "x"), ("until", "2035-05-01"))
    }
    answer = begin(office, case, **rows)
    assert (answer.status_code, "These are too many entries." in answer.text) == (422, True)


def test_a_milestone_that_nobody_offered_is_refused(office: Office, case: Case) -> None:
    begin(office, case, **ROWS)
    for number in ("3", "x", "0"):
        assert report(office, case, reached=[number]).status_code == 422, number


def test_the_text_of_a_milestone_is_corrected_and_redacted_through_the_forms(office: Office, case: Case) -> None:
    begin(office, case, **ROWS)
    number = case.steps[-1].number
    form = office.client.get(f"{office.base}/{case.id}/steps/correct?step={number}").text
    assert 'value="milestones-2-milestone">Milestones, row 2: Milestone<' in form
    fixed = {"fact": "milestones-2-milestone", "text": "Markiert und gesperrt", "reason": "Genauer"}
    assert office.take(case, Move.CORRECT, about=number, **fixed).status_code == 302
    public = office.read("recommendations/1")
    assert ("2. Markiert und gesperrt" in public, "Before the correction: Markiert" in public) == (True, True)
    order = {"facts": ["milestones-1-milestone"], "ground": "Art. 17 DSGVO", "ordered_on": today()}
    assert office.take(case, Move.REDACT, about=number, **order).status_code == 302
    for page in (office.read("recommendations/1"), office.page(case), office.read("follow-up.json")):
        assert "Planung" not in page
    assert "Redacted by order (by 1 May 2035)" in office.client.get(f"{office.base}/{case.id}/steps/report").text


def test_a_department_drafts_a_report_with_ticks_and_rows(office: Office, case: Case, organiser: User) -> None:
    client, session = office.client, office.session
    begin(office, case, **ROWS)
    roads = unit(session, "Tiefbauamt", organiser)
    author = clerk(session, "Dora", roads)
    assigning.assign(session, case, roads, [], days_before=10, reason="Neu verteilt", by=organiser)
    session.commit()
    office.sign_in(author)
    base = f"/desk/cases/{case.id}/drafts/report"
    values: dict[str, Any] = {"base": 0, "progress": "Es geht.", "reached": ["2"], "spent": "500"}
    values |= {"more_evidence-0-shows": "Foto, Link folgt"}
    assert post(client, f"{base}/edit", **values).status_code == 302
    shown = client.get(base).text
    assert [one in shown for one in ("500 euros", "Foto, Link folgt")] == [True, True]
    form = client.get(f"{base}/edit").text
    assert [bool(one) for one in re.findall(r'<input (checked )?[^>]*name="reached"', form)] == [False, True]
    assert 'value="Foto, Link folgt"' in form
    assert "Foto, Link folgt" not in office.read("recommendations/1"), "it is a draft"


def test_public_documents_among_the_materials_are_suggested_as_evidence(
    office: Office, case: Case, organiser: User
) -> None:
    """Neither drafts nor what is for members alone."""
    session, assembly = office.session, office.assembly
    for title, is_public, is_published in (("Fotos", True, True), ("Intern", False, True), ("Entwurf", True, False)):
        file = Content(file=UploadedFile(b"%PDF-1.7", ".pdf"))
        values = {"title": title, "is_public": is_public, "source": "Tiefbauamt", "licence": "CC BY 4.0"}
        made = publishing.add_material(session, assembly, MaterialKind.DOCUMENT, values, file, by=organiser)
        if is_published:
            publishing.publish(session, made, by=organiser)
    session.commit()
    begin(office, case, **ROWS)
    form = office.client.get(f"{office.base}/{case.id}/steps/report").text
    suggested = set(re.findall(r'<option value="([^"]*/materials/\d+)">([^<]*)</option>', form))
    assert [title for _, title in suggested] == ["Fotos"]
    [address] = [address for address, _ in suggested]
    visitor = office.client.application.test_client()
    assert visitor.get(urlsplit(address).path).data == b"%PDF-1.7"
    assert "<datalist" in re.split('name="more_evidence-0-link"', form)[1][:200]


PDF = b"%PDF-1.7 Abnahme"
DOCUMENT = {"title": "Protokoll der Abnahme", "source": "Tiefbauamt", "licence": "CC BY 4.0"}


def upload(office: Office, case: Case, content: bytes = PDF, **values: Any) -> Any:
    """Send the form of a report with a document as evidence."""
    return report(office, case, file=(io.BytesIO(content), "abnahme.exe"), **(DOCUMENT | values))


def kept(office: Office) -> list[Material]:
    """Return the materials there are."""
    office.session.expire_all()
    return list(office.session.scalars(sa.select(Material).order_by(Material.id)))


def test_a_document_is_uploaded_with_a_report_and_everyone_reads_it_as_its_evidence(office: Office, case: Case) -> None:
    """It is among the public materials; beside a link that was entered it is a further row."""
    begin(office, case, **ROWS)
    form = office.client.get(f"{office.base}/{case.id}/steps/report").text
    assert ('enctype="multipart/form-data"' in form, 'name="source" type="text" value="Tiefbauamt"' in form) == (
        True,
        True,
    )
    assert 'value="Evidence for recommendation 1: Radweg 1"' in form
    assert upload(office, case, percent=100).status_code == 302
    [made] = kept(office)
    assert {name: getattr(made, name) for name in DOCUMENT} | {"public": made.is_public and made.is_published} == (
        DOCUMENT | {"public": True}
    )
    address = last(office, case)["evidence"]
    assert office.client.application.test_client().get(urlsplit(address).path).data == PDF
    assert f'href="{address}"' in office.read("recommendations/1")
    assert "Protokoll der Abnahme" in office.read("programme")
    assert 'list="licence-names"' in office.client.get(f"{office.base}/{case.id}/steps/report").text
    assert upload(office, case, percent=100, evidence=PHOTO, title="Zweites").status_code == 302
    said = last(office, case)
    assert (said["evidence"], said["more_evidence"][0]["shows"], len(kept(office))) == (PHOTO, "Zweites", 2)


def test_where_a_report_is_refused_its_document_is_not_kept_and_has_to_be_chosen_again(
    office: Office, case: Case
) -> None:
    begin(office, case, **ROWS)
    before, again = len(case.steps), "Choose the file again"
    refused: dict[str, tuple[dict[str, Any], str, bool]] = {
        "percent-error": ({"percent": 101}, "", True),
        "progress-error": ({"progress": ""}, "", True),
        "licence-error": ({"licence": ""}, "under which licence", True),
        "title-error": ({"title": ""}, "Say what the document shows.", True),
        "file-error": ({"content": b"Nur Text"}, "Evidence is a PDF or a picture", False),
    }
    for where, (values, words, is_asked) in refused.items():
        answer = upload(office, case, **values)
        assert (answer.status_code, f'id="{where}"' in answer.text) == (422, True), where
        assert (words in answer.text, again in answer.text) == (True, is_asked), where
        assert (kept(office), len(case.steps)) == ([], before), where
    stale = upload(office, case, mark="0" * 16)
    assert (stale.status_code, again in stale.text, kept(office)) == (422, True, [])
    assert again not in report(office, case, progress="").text, "there was none"
    assert office.client.get(f"{office.base}/{case.id}/steps/assign").text.count('name="file"') == 0


def test_a_document_with_malware_is_no_evidence(office: Office, case: Case, clamds: tuple[str, str]) -> None:
    begin(office, case, **ROWS)
    extensions = office.client.application.extensions
    extensions["assembly.config"] = dataclasses.replace(extensions["assembly.config"], clamd=clamds[0])
    answer = upload(office, case, PDF + EICAR)
    assert (answer.status_code, "The scanner found malware" in answer.text, kept(office)) == (422, True, [])
    assert upload(office, case).status_code == 302
