"""Verify by upload: what is genuine is verified, what was tampered with is named, and garbage gets an answer."""

from __future__ import annotations

import fcntl
import json
import zipfile
import zlib
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assembly.services import verifying
from assembly.services.errors import RuleError
from assembly.services.verifying import Upload, fingerprint_in
from assembly.views.public_verify import _readable
from sortition.protocol.canonical import canonical_bytes
from sortition.protocol.documents import commitment_of, parse_public
from sortition.protocol.notice import notice_pdf
from tests.assembly.web import csrf_token
from tests.project import ROOT

VECTORS = ROOT / "tests" / "sortition" / "protocol" / "vectors"
GENUINE = (VECTORS / "public-digits.json").read_bytes()
FINGERPRINT = (VECTORS / "commitment-digits.txt").read_text().strip()
PUBLIC = parse_public(GENUINE, name="public.json")


def changed(**fields: Any) -> bytes:
    return canonical_bytes(json.loads(GENUINE) | fields)


def send(client: FlaskClient, *documents: bytes, language: str = "en", **fields: Any) -> tuple[int, str]:
    files = [(BytesIO(content), f"file-{number}.json") for number, content in enumerate(documents)]
    data = {"csrf_token": csrf_token(client), "documents": files} | fields
    answer = client.post("/verify", data=data, headers={"Accept-Language": language})
    return answer.status_code, " ".join(answer.get_data(as_text=True).split())


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check in this process: a child takes a second to start, and one test with it suffices."""

    def here(target: Any, args: tuple[Any, ...], **_bounds: Any) -> Any:
        return target(*args, lambda _progress: None)

    monkeypatch.setattr(verifying, "run_in_child", here)


def test_document_and_notice_are_verified_in_a_process_of_their_own(client: FlaskClient) -> None:
    notice = (BytesIO(notice_pdf(PUBLIC)), "notice.pdf")
    status, page = send(client, GENUINE, notice=notice, drawn="7")
    assert (status, "Verified: the documents are those committed to" in page) == (200, True)
    assert "Ticket 7 seats 4 people." in page


def test_moments_numbers_and_what_was_not_stated_are_written_as_people_do(app: Flask) -> None:
    values = {
        "moment": "2035-03-10T17:00:00+00:00",
        "gap": "0.000001000000",
        "counts": "Bildung: not_stated 3, hoch 4",
        "commitment": FINGERPRINT,
        "count": 3,
    }
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert _readable(values) == {
            "moment": "10. März 2035, 18:00 Uhr",
            "gap": "0,000001",
            "counts": "Bildung: keine Angabe 3, hoch 4",
            "commitment": FINGERPRINT,
            "count": 3,
        }


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_fingerprint_alone_anchors_too_however_it_was_copied(
    client: FlaskClient, at_once: None, language: str
) -> None:
    spaced = " ".join(FINGERPRINT[start : start + 8].upper() for start in range(0, 64, 8))
    status, page = send(client, GENUINE, commitment=spaced, language=language)
    verdict = {"de": "Bestätigt: Die Dokumente sind die festgelegten", "en": "Verified: the documents are those"}
    assert (status, verdict[language] in page) == (200, True)


def test_without_anything_from_outside_nothing_is_verified(client: FlaskClient, at_once: None) -> None:
    status, page = send(client, GENUINE)
    assert (status, "Consistent, but not verified" in page, "--commitment" in page) == (200, True, False)


def test_another_document_with_the_genuine_notice_is_not_verified(client: FlaskClient, at_once: None) -> None:
    forged = changed(software="none")
    status, page = send(client, forged, notice=(BytesIO(notice_pdf(PUBLIC)), "notice.pdf"))
    assert (status, "Not verified: 1 check failed." in page) == (200, True)
    assert f"NO document has the commitment {FINGERPRINT}" in page


def test_what_was_tampered_with_is_named(client: FlaskClient, at_once: None) -> None:
    quotas = json.loads(GENUINE)["quotas"]
    feature, value = next((f, v) for f, vs in quotas.items() for v in vs)
    quotas[feature][value] = {"lower": 0, "upper": 0}
    forged = changed(quotas=quotas)
    status, page = send(client, forged, commitment=commitment_of(parse_public(forged, name="x")))
    assert (status, f"break a quota or do not sum to the seats. {feature}: {value}" in page) == (200, True)


def test_a_number_that_cannot_be_drawn_is_refused_at_its_field(client: FlaskClient, at_once: None) -> None:
    status, page = send(client, GENUINE, drawn="12345")
    assert (status, "href=#drawn" in page.replace('"', "")) == (422, True)


def pdf(inside: bytes) -> bytes:
    return b"%PDF-1.7\n1 0 obj\nstream\n" + inside


NESTED = b'{"format":"sortition-public/1","x":' + b"[" * 900 + b"]" * 900 + b"}"
GARBAGE: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"\x00\xff\xfe",
    "a list": b"[]",
    "a number": b"1",
    "not a number": b'{"format":NaN}',
    "a huge integer": b'{"format":' + b"9" * 100_000 + b"}",
    "a huge integer inside": changed(size=2**53 - 1),
    "a float": GENUINE.replace(b'"size":4', b'"size":4.0'),
    "deep": b"[" * 400_000,
    "deep with a format": NESTED,
    "deep below the limit": NESTED.replace(b"[" * 900, b"[" * 300).replace(b"]" * 900, b"]" * 300),
    "a key twice": b'{"format":"sortition-public/1","format":"sortition-public/1"}',
    "no format": b"{}",
    "the format is a list": b'{"format":["sortition-public/1"]}',
    "another format": b'{"format":"sortition-audit/1"}',
    "only the format": b'{"format":"sortition-public/1"}',
    "saved again": json.dumps(json.loads(GENUINE), indent=1).encode(),
    "half of it": GENUINE[: len(GENUINE) // 2],
    "with a mark": b"\xef\xbb\xbf" + GENUINE,
    "half a character": GENUINE.replace(b'"software":"', b'"software":"\\ud800'),
    "no tickets": changed(tickets=[]),
    "no quotas": changed(quotas={}),
    "no chances": changed(chances=[]),
    "counts are texts": changed(ticket_counts={"a": {"b": ["1"]}}),
    "a rule without draw": changed(draw_rule={}),
    "an archive": b"PK\x03\x04" + b"\x00" * 100,
}


@pytest.mark.parametrize("what", GARBAGE)
def test_garbage_is_refused_in_plain_words(client: FlaskClient, at_once: None, what: str) -> None:
    status, page = send(client, GARBAGE[what], commitment=FINGERPRINT)
    assert status in ({200} if what in {"a huge integer inside", "no quotas"} else {422})
    assert "file-0.json" in page
    assert "Verified:" not in page


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_refusal_is_in_the_language_of_the_page(client: FlaskClient, at_once: None, language: str) -> None:
    _, page = send(client, b"{}", language=language)
    assert {"de": "ist eine andere Art von Datei", "en": "is another kind of file"}[language] in page


def bomb() -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("public.json", b"0" * 100_000_000)
    return archive.getvalue()


def test_a_bomb_is_not_unpacked(client: FlaskClient, at_once: None) -> None:
    assert send(client, bomb())[0] == 422
    assert fingerprint_in(pdf(zlib.compress(b"0" * 100_000_000, 9) * 50)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no PDF",
        pdf(b"\x78\x9c broken"),
        pdf(b"/Alt<FEFFZZ>"),
        pdf(b"/Alt(" + b"0" * 63 + b")"),
        pdf(f"/Alt({'0' * 64})/Alt({'1' * 64})".encode()),
    ],
)
def test_what_is_no_notice_is_refused_at_its_field(client: FlaskClient, at_once: None, content: bytes) -> None:
    if not content:
        assert fingerprint_in(content) is None
        return
    status, page = send(client, GENUINE, notice=(BytesIO(content), "notice.pdf"))
    assert (status, "No fingerprint can be read from this notice." in page) == (422, True)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_notice_names_its_fingerprint_in_both_languages(language: str) -> None:
    document = json.loads(GENUINE)
    document["draw_rule"]["language"] = language
    public = parse_public(canonical_bytes(document), name="x")
    assert fingerprint_in(notice_pdf(public)) == commitment_of(public)


def test_without_a_file_and_with_a_wrong_fingerprint_the_form_says_so(client: FlaskClient) -> None:
    assert send(client)[0] == 422
    status, page = send(client, GENUINE, commitment="zzz")
    assert (status, "copy it whole" in page) == (422, True)


def test_too_many_documents_and_contradicting_ones(client: FlaskClient, at_once: None) -> None:
    assert send(client, *[GENUINE] * 13)[0] == 422
    status, page = send(client, GENUINE, changed(software="other"), commitment=FINGERPRINT)
    assert (status, "do not form one chain" in page) == (200, True)


def test_only_so_many_are_checked_at_once(app: Flask, client: FlaskClient) -> None:
    """Whoever checks holds one of two files, whatever process they are of."""
    folder = app.extensions["assembly.config"].data_folder
    with ExitStack() as other_processes:
        for number in (1, 2):
            file = other_processes.enter_context((folder / f"verifying-{number}.lock").open("w"))
            assert send(client, GENUINE)[0] == 200
            fcntl.flock(file, fcntl.LOCK_EX)
        status, page = send(client, GENUINE)
        assert (status, "Please try again in a minute." in page) == (422, True)
    assert send(client, GENUINE)[0] == 200


def test_what_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "SECONDS", 0)
    with pytest.raises(RuleError, match="more time or memory"):
        verifying.verify_uploads([Upload("public.json", GENUINE)], folder=tmp_path)


def test_one_address_may_check_only_so_often(app: Flask, client: FlaskClient) -> None:
    app.config["RATELIMIT_ENABLED"] = True
    token = csrf_token(client)
    statuses = [client.post("/verify", data={"csrf_token": token}).status_code for _ in range(21)]
    assert statuses == [422] * 20 + [429]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(sorted(json.loads(GENUINE))), value=json_values)
def test_whatever_stands_in_a_field_there_is_an_answer(at_once: None, tmp_path: Path, field: str, value: Any) -> None:
    """Errors of services become pages; any other would be our mistake."""
    document = json.loads(GENUINE) | {field: value}
    try:
        content = canonical_bytes(document)
    except Exception:
        content = json.dumps(document).encode()
    try:
        verifying.verify_uploads([Upload("public.json", content)], folder=tmp_path, commitment=FINGERPRINT, drawn="7")
    except RuleError:
        return
