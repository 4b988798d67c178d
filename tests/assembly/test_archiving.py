"""An archive has every public page in both languages, leads nowhere else, opens from a disk, and verifies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

import lxml.html
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from assembly import cli
from assembly.archiving import checking, writing
from assembly.models import Assembly, Case, MaterialKind, Move, PageKind, User
from assembly.services.daily import today
from assembly.services.errors import ConflictError, NotFoundError
from assembly.services.follow_up import cases
from assembly.services.follow_up.transitions import Actor
from assembly.services.materials import publishing
from assembly.services.materials.files import UploadedFile
from assembly.services.materials.publishing import Content
from assembly.services.site import pages as site_pages
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said

UNTIL_DECISION = (Move.ASSIGN, Move.BEGIN_REVIEW, Move.ANSWER, Move.DEBATE, Move.MINUTES, Move.DECIDE)


@pytest.fixture
def opened(session: Session, assembly: Assembly, organiser: User) -> list[Case]:
    """What a public assembly with an awkward name handed over: enough for two pages of the register."""
    assembly.is_public, assembly.title = True, "Bürgerrat <Rad> & Fuß"
    made = hand_over(session, assembly, by=organiser, on=today(), count=53)
    cases.move(session, made[0], Move.ASSIGN, {"unit": "Tiefbauamt"}, actor=Actor.OFFICE, by=organiser)
    session.commit()
    return made


@pytest.fixture
def folder(app: Flask, session: Session, assembly: Assembly, opened: list[Case], tmp_path: Path) -> Path:
    """The archive."""
    slug, count = assembly.slug, len(opened)
    session.rollback()
    written = writing.write(app, slug, tmp_path / "archive", unfinished=True)
    assert count == 53
    assert written.missing == ()
    return tmp_path / "archive"


def test_each_page_is_there_in_both_languages_and_its_links_lead_to_files(folder: Path) -> None:
    pages = {
        language: sorted(path.relative_to(folder / language) for path in (folder / language).rglob("*.html"))
        for language in ("de", "en")
    }
    assert pages["de"] == pages["en"]
    assert {"index.html", "follow-up/register.html", "follow-up/register-page-2.html", "recommendations/53.html"} <= {
        path.as_posix() for path in pages["de"]
    }
    broken, outside = [], set()
    for path in folder.rglob("*.html"):
        page = lxml.html.fromstring(path.read_bytes())
        assert page.xpath("//form | //script") == []
        for _element, _attribute, link, _at in page.iterlinks():
            if urlsplit(link).scheme or not urldefrag(link)[0]:
                outside.add(urlsplit(link).netloc)
            elif not (path.parent / urldefrag(link)[0]).is_file():
                broken.append(f"{path}: {link}")
    assert broken == []
    assert outside <= {"", "127.0.0.1:8000", "www.govdata.de"}


def test_pages_say_what_they_said_and_that_they_are_a_copy(folder: Path) -> None:
    german = (folder / "de/recommendations/1.html").read_text(encoding="utf-8")
    english = (folder / "en/recommendations/1.html").read_text(encoding="utf-8")
    assert (german.count("Tiefbauamt") > 0, "archivierte Kopie" in german) == (True, True)
    assert ("Assigned to a department" in english, "archived copy" in english) == (True, True)
    assert "Bürgerrat &lt;Rad&gt; &amp; Fuß" in (folder / "index.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("opened")
def test_pages_of_the_whole_site_are_left_out_and_so_are_links_to_them(
    app: Flask, session: Session, assembly: Assembly, organiser: User, tmp_path: Path
) -> None:
    for kind in (PageKind.IMPRINT, PageKind.EASY_LANGUAGE):
        values = {"text_de": "Auenfurt", "text_en": "", "video": "", "is_required": None, "source": ""}
        site_pages.save(session, kind, values, by=organiser)
        site_pages.publish(session, kind, by=organiser)
    session.commit()
    slug = assembly.slug
    assert "/pages/easy-language" in app.test_client().get(f"/a/{slug}").text
    written = writing.write(app, slug, tmp_path / "archive", unfinished=True)
    assert checking.faults_of(tmp_path / "archive") == []
    text = (tmp_path / "archive" / "de" / "index.html").read_text(encoding="utf-8")
    assert (
        written.missing,
        "/pages/" in text,
        "report-a-barrier" in text,
        "<nav" in text[text.index("<footer") :],
    ) == (
        (),
        False,
        False,
        False,
    )


def test_a_measure_is_archived_with_its_milestones_and_the_document_that_is_its_evidence(
    app: Flask, session: Session, assembly: Assembly, organiser: User, tmp_path: Path
) -> None:
    """The document is named by its address on the site, and in the archive is the file beside the page."""
    assembly.is_public = True
    [case] = hand_over(session, assembly, by=organiser, on=today())
    described = {"title": "Fotos", "source": "Tiefbauamt", "licence": "CC BY 4.0"}
    file = Content(file=UploadedFile(b"%PDF-1.7", ".pdf"))
    made = publishing.add_material(session, assembly, MaterialKind.DOCUMENT, described, file, by=organiser)
    publishing.publish(session, made, by=organiser)
    address = f"{app.extensions['assembly.config'].public_url}/a/{assembly.slug}/materials/{made.versions[0].id}"
    milestones = [{"milestone": "Markierung fertig", "until": today()}]
    steps: list[tuple[Move, dict[str, Any]]] = [(kind, {}) for kind in UNTIL_DECISION]
    steps += [(Move.IMPLEMENT, {"milestones": milestones}), (Move.REPORT, {"percent": 100, "evidence": address})]
    for kind, values in steps:
        cases.move(session, case, kind, said(kind, today(), **values), actor=Actor.OFFICE, by=organiser)
    session.commit()
    writing.write(app, assembly.slug, tmp_path / "archive", unfinished=True)
    path = tmp_path / "archive/de/recommendations/1.html"
    page = lxml.html.fromstring(path.read_bytes())
    assert "Markierung fertig" in page.text_content()
    [linked] = {link for _, _, link, _ in page.iterlinks() if "materials" in link}
    assert (path.parent / linked).read_bytes() == b"%PDF-1.7"


def test_whoever_changes_a_file_is_found_out(folder: Path) -> None:
    assert checking.faults_of(folder) == []
    (folder / "de/index.html").write_text("forged", encoding="utf-8")
    (folder / "files/new.txt").write_text("new", encoding="utf-8")
    (folder / "files/follow-up.csv").unlink()
    assert checking.faults_of(folder) == [
        "files/follow-up.csv is missing.",
        "files/new.txt was added.",
        "de/index.html was changed.",
    ]


def test_a_step_that_was_rewritten_with_its_manifest_does_not_have_its_hash(folder: Path, opened: list[Case]) -> None:
    path = folder / checking.REGISTER
    register = json.loads(path.read_text(encoding="utf-8"))
    register["cases"][0]["steps"][0]["facts"]["unit"] = "Gartenamt"
    path.write_text(json.dumps(register), encoding="utf-8")
    assert f"Step 1 of case {opened[0].id} is not what its hash says." in checking.faults_of(folder)


def test_only_what_is_public_and_finished_is_archived(
    app: Flask, session: Session, assembly: Assembly, opened: list[Case], tmp_path: Path
) -> None:
    assert opened[0].closed_on is None
    slug = assembly.slug
    session.rollback()
    with pytest.raises(ConflictError, match="--unfinished"):
        writing.write(app, slug, tmp_path / "a")
    assembly.is_public = False
    session.commit()
    for name in (slug, "nothing"):
        with pytest.raises(NotFoundError):
            writing.write(app, name, tmp_path / "a", unfinished=True)
    assert not (tmp_path / "a").exists()
    with pytest.raises(ConflictError, match="no archive"):
        checking.faults_of(tmp_path)


def test_the_command_checks(folder: Path) -> None:
    checked = CliRunner().invoke(cli.main, ["check-archive", str(folder)])
    assert (checked.exit_code, checked.output) == (0, "The archive is as it was written.\n")
    (folder / "README.txt").unlink()
    assert CliRunner().invoke(cli.main, ["check-archive", str(folder)]).exit_code == 1
    assert CliRunner().invoke(cli.main, ["check-archive", str(folder.parent)]).exit_code == 2
