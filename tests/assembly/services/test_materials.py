"""Materials: known by their content, scanned before they are kept, in versions, shown to whom they are for."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from assembly.models import Assembly, MaterialKind, User
from assembly.services.errors import ConflictError, NotFoundError, RuleError, StorageError
from assembly.services.materials import files, publishing, reading
from assembly.services.materials.publishing import Content, looked_at
from tests.assembly.engines import free_port
from tests.assembly.scanner import EICAR

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
DESCRIBED = {"title": "Hitzekarte", "source": "Stadt", "licence": "CC BY 4.0", "language": "de", "is_public": False}


def archive(*names: str, mimetype: str = "") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        if mimetype:
            zipped.writestr("mimetype", mimetype)
        for name in names:
            zipped.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (PDF, ".pdf"),
        (b"\x89PNG\r\n\x1a\n....", ".png"),
        (b"\xff\xd8\xff\xe0....", ".jpg"),
        ("Größe: 3 m".encode(), ".txt"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nHallo", ".vtt"),
        (archive("word/document.xml"), ".docx"),
        (archive("ppt/presentation.xml"), ".pptx"),
        (archive("content.xml", mimetype="application/vnd.oasis.opendocument.text"), ".odt"),
    ],
)
def test_a_file_is_known_by_its_content(content: bytes, suffix: str) -> None:
    assert files.recognised(content).suffix == suffix


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"<!doctype html><script>alert(1)</script>", "kind are not taken"),
        (b'  <svg xmlns="http://www.w3.org/2000/svg"/>', "kind are not taken"),
        (b"MZ\x90\x00\x03", "kind are not taken"),
        (archive("evil.exe"), "kind are not taken"),
        (b"PK\x03\x04 broken", "kind are not taken"),
        (archive("word/document.xml", "word/vbaProject.bin"), "macros"),
        (b"%PDF-" + b"x" * files.MOST_BYTES, "larger than"),
    ],
)
def test_what_browsers_run_or_nobody_knows_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(RuleError, match=message) as refused:
        files.recognised(content)
    assert refused.value.field == "file"


@pytest.mark.parametrize("way", [0, 1], ids=["address", "socket"])
def test_clamd_finds_the_test_file_and_lets_others_pass(clamds: tuple[str, str], way: int) -> None:
    clamd = clamds[way]
    assert looked_at(PDF, clamd=clamd).suffix == ".pdf"
    with pytest.raises(RuleError, match="found malware"):
        looked_at(EICAR, clamd=clamd)
    assert looked_at(EICAR, clamd=None).suffix == ".txt"  # nobody looks where no scanner is configured
    with pytest.raises((RuleError, StorageError), match="scanned for malware, so it is not kept"):
        looked_at(PDF + b"x" * 2**21, clamd=clamd)  # more than it takes: it says so, or hangs up


def test_without_an_answer_nothing_is_kept(tmp_path: Path) -> None:
    for nobody in (f"127.0.0.1:{free_port()}", str(tmp_path / "no.socket")):
        with pytest.raises(StorageError, match="could not be scanned"):
            looked_at(PDF, clamd=nobody)


def test_versions_are_kept_and_the_newest_comes_first(session: Session, assembly: Assembly, organiser: User) -> None:
    first = Content(file=files.recognised(PDF))
    material = publishing.add_material(session, assembly, MaterialKind.DOCUMENT, DESCRIBED, first, by=organiser)
    publishing.add_version(
        session, material, Content(file=files.recognised(PDF + b"2"), note="Karte berichtigt"), by=organiser
    )
    session.expire_all()
    assert [(one.number, one.note) for one in material.versions] == [(2, "Karte berichtigt"), (1, "")]
    old = material.versions[1].id
    assert reading.get_file(session, assembly, old).content == PDF
    for get in (reading.get_members_file, reading.get_public_file):
        with pytest.raises(NotFoundError):  # a draft
            get(session, assembly, old)
    publishing.publish(session, material, by=organiser)
    assert reading.get_members_file(session, assembly, old).content == PDF
    with pytest.raises(NotFoundError):  # for members alone
        reading.get_public_file(session, assembly, old)
    publishing.change_material(session, material, {"is_public": True}, by=organiser)
    assert reading.get_public_file(session, assembly, old).content == PDF
    with pytest.raises(ConflictError, match="published already"):
        publishing.publish(session, material, by=organiser)
    publishing.withhold(session, material, by=organiser)
    assert reading.members_materials_of(session, assembly) == []
    publishing.remove_material(session, material, by=organiser)
    with pytest.raises(NotFoundError):
        reading.get_file(session, assembly, old)


def test_a_video_needs_captions_or_a_transcript(session: Session, assembly: Assembly, organiser: User) -> None:
    silent = Content(address="https://example.org/film")
    with pytest.raises(RuleError, match="Enter the address"):
        publishing.add_material(session, assembly, MaterialKind.VIDEO, DESCRIBED, Content(), by=organiser)
    video = publishing.add_material(session, assembly, MaterialKind.VIDEO, DESCRIBED, silent, by=organiser)
    with pytest.raises(RuleError, match="captions or a transcript"):
        publishing.publish(session, video, by=organiser)
    publishing.add_version(session, video, Content(address="https://example.org/film", transcript="Ton."), by=organiser)
    publishing.publish(session, video, by=organiser)
    with pytest.raises(RuleError, match="captions or a transcript"):
        publishing.add_version(session, video, silent, by=organiser)


def test_what_readers_must_know_is_asked_for(session: Session, assembly: Assembly, organiser: User) -> None:
    values, content = DESCRIBED | {"licence": ""}, Content(address="https://example.org/")
    link = publishing.add_material(session, assembly, MaterialKind.LINK, values, content, by=organiser)
    with pytest.raises(RuleError, match="under which licence") as refused:
        publishing.publish(session, link, by=organiser)
    assert refused.value.field == "licence"


def test_withdrawing_a_version_shows_the_former_one_or_nothing(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    link = Content(address="https://example.org/1")
    material = publishing.add_material(session, assembly, MaterialKind.LINK, DESCRIBED, link, by=organiser)
    publishing.publish(session, material, by=organiser)
    with pytest.raises(ConflictError, match="no former version"):
        publishing.withdraw_version(session, material, by=organiser)
    publishing.add_version(session, material, Content(address="https://example.org/2"), by=organiser)
    publishing.withdraw_version(session, material, by=organiser)
    [shown] = material.shown
    assert (shown.number, material.current, material.is_published) == (1, shown, True)
    assert [version.number for version in material.versions] == [2, 1], "staff still see it"
    publishing.withhold(session, material, by=organiser)
    assert not material.is_published
