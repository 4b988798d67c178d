"""The pages of registrations and pool: from upload to export, for those who may, without names in addresses."""

from __future__ import annotations

import io
import logging
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from assembly.models import Assembly, Exclusion, Household, Import, Respondent, Role, Status, User
from assembly.services import accounts, assemblies, households, imports, jobs, pool, registrations, respondents
from assembly.services.imports import background
from tests.assembly.conftest import WORDS, sign_in
from tests.assembly.queries import counted
from tests.assembly.sample import DATA, add_feature, add_features, as_csv
from tests.assembly.services.test_imports import take

ROW = {"id": "K1", "Vorname": "Zerlina", "Nachname": "Quast", "E-Mail": "zerlina@example.org", "Straße": "Amselweg"}


class Browser:
    """A signed-in client that takes the CSRF token from the page it looks at."""

    def __init__(self, client: FlaskClient, assembly: Assembly) -> None:
        self.client = client
        self.base = f"/assemblies/{assembly.id}"
        self.token = ""

    def get(self, path: str) -> str:
        answer = self.client.get(self.base + path)
        assert answer.status_code == 200, (path, answer.status_code)
        return self._seen(answer)

    def post(self, path: str, *, expect: int = 200, **fields: object) -> str:
        data = {"csrf_token": self.token, **fields}
        answer = self.client.post(
            self.base + path, data=data, content_type="multipart/form-data", follow_redirects=expect == 200
        )
        assert answer.status_code == expect, (path, answer.status_code, answer.text[-3000:])
        return self._seen(answer)

    def _seen(self, answer: TestResponse) -> str:
        if found := re.search(r'name="csrf_token" value="([^"]+)"', answer.text):
            self.token = found.group(1)
        return answer.text


@pytest.fixture
def browser(client: FlaskClient, assembly: Assembly, organiser: User) -> Browser:
    sign_in(client, organiser)
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    return Browser(client, assembly)


def file(content: bytes, name: str = "a.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def the_import(session: Session) -> Import:
    session.expire_all()
    return session.scalars(sa.select(Import).order_by(Import.id.desc())).first()  # type: ignore[return-value]  # there is one


def test_the_messy_workbook_goes_from_upload_to_the_pool_and_out_again(
    browser: Browser, session: Session, assembly: Assembly
) -> None:
    add_features(session, assembly)
    browser.get("/registrations/")
    page = browser.post("/registrations/upload", file=file((DATA / "respondents.xlsx").read_bytes(), "r.xlsx"))
    assert "Nothing of this file is imported yet." in page
    assert "Import 640 people" in page
    number = the_import(session).id
    assert "1 file waits" in page
    waiting = browser.get("/registrations/")
    assert "1 uploaded file is not imported yet." in waiting
    assert f'/registrations/imports/{number}">look and import, or delete</a>' in waiting
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    page = browser.post(f"/registrations/imports/{number}/apply", seen=seen.group(1))
    assert "640 people were added, 0 changed." in page
    assert "A0050" in page
    assert "A0051" not in page
    assert "A0051" in browser.get("/pool/?page=2")
    assert "Share of the population" in browser.get("/pool/composition")
    assert "Found by address and surname" in browser.get("/pool/households")
    assert "same name and address" in browser.get("/pool/duplicates")
    browser.get("/registrations/")
    page = browser.post(f"/registrations/imports/{number}/undo")
    assert "The import was undone" in page
    assert session.scalar(sa.select(sa.func.count()).select_from(Respondent)) == 0


def test_a_file_without_a_known_column_says_what_it_has_and_what_is_expected(browser: Browser) -> None:
    browser.get("/registrations/")
    page = browser.post("/registrations/upload", file=file(as_csv([{"Spalte": "1", "Rest": "2"}])))
    assert "No column of the file is recognised, so nobody can be imported." in page
    assert "The file has the columns: Spalte, Rest." in page
    assert "Expected are columns such as: Code, First name, Surname, E-mail address" in page
    assert "There is nothing to import" not in page


def test_spellings_columns_and_conflicts_are_decided_on_the_page(
    browser: Browser, session: Session, assembly: Assembly, organiser: User
) -> None:
    feature = add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
    take(session, assembly, organiser, as_csv([ROW]))
    rows = [ROW | {"Nachname": "Quaste", "Geschlecht": "weiblixh", "Handynr": "0171"}]
    browser.get("/registrations/")
    page = browser.post("/registrations/upload", file=file(as_csv(rows)))
    assert "1 spelling has to be decided first." in page
    assert "weiblich (suggestion)" in page
    assert "/apply" not in page
    number, columns = the_import(session).id, the_import(session).mapping["columns"]
    assert columns == ["code", "first_name", "last_name", "email", "street", f"feature:{feature.id}", ""]
    name = re.search(r'name="(spelling-\d+-\w+)"', page)
    assert name
    decided = {f"column-{n}": meaning for n, meaning in enumerate([*columns[:-1], "phone"])}
    decided |= {name.group(1): str(feature.values[0].id), "conflicts": "overwrite"}
    page = browser.post(f"/registrations/imports/{number}/decide", **decided)
    assert "Import 1 person" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    browser.post(f"/registrations/imports/{number}/apply", seen=seen.group(1))
    session.expire_all()
    person = respondents.find_by_code(session, assembly, "K1")
    assert person.contact
    assert (person.contact.last_name, person.contact.phone) == ("Quaste", "0171")
    assert pool.values_of(session, person) == {feature.id: "weiblich"}


def test_what_is_wrong_with_a_file_is_said_on_the_page(browser: Browser, session: Session, assembly: Assembly) -> None:
    browser.get("/registrations/")
    page = browser.post("/registrations/upload", file=file(b"\1\2\3"), expect=422)
    assert "nothing was stored" in page
    assert "The file is not a table" in page
    assert "at most 32 MB" in browser.post("/registrations/upload", expect=422)
    assert session.scalar(sa.select(sa.func.count()).select_from(Import)) == 0


def test_a_preview_that_is_out_of_date_imports_nothing(browser: Browser, session: Session, assembly: Assembly) -> None:
    browser.get("/registrations/")
    browser.post("/registrations/upload", file=file(as_csv([ROW])))
    page = browser.post(f"/registrations/imports/{the_import(session).id}/apply", seen="other")
    assert "have changed since this preview was made" in page
    assert session.scalar(sa.select(sa.func.count()).select_from(Respondent)) == 0


def test_a_file_can_be_discarded(browser: Browser, session: Session, assembly: Assembly) -> None:
    browser.get("/registrations/")
    browser.post("/registrations/upload", file=file(as_csv([ROW])))
    page = browser.post(f"/registrations/imports/{the_import(session).id}/discard")
    assert "The file was deleted." in page
    assert the_import(session).content == b""


def test_a_registration_is_added_edited_excluded_and_erased_by_hand(
    browser: Browser, session: Session, assembly: Assembly
) -> None:
    feature = add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
    browser.get("/registrations/new")
    fields = {"first_name": "Zerlina", "last_name": "Quast", "language": "de"}
    page = browser.post("/registrations/new", expect=422, **fields)
    assert "Choose a value: the lottery needs it." in page
    page = browser.post("/registrations/new", **fields, **{f"feature_{feature.id}": str(feature.values[0].id)})
    person = respondents.find_by_code(session, assembly, "H0001")
    path = f"/pool/{person.id}"
    assert "Zerlina Quast" in page
    browser.get(f"{path}/edit")
    page = browser.post(
        f"{path}/edit", **fields | {"phone": "0171"}, **{f"feature_{feature.id}": str(feature.values[1].id)}
    )
    assert "Phone, Geschlecht" in page
    page = browser.post(f"{path}/exclude", reason=Exclusion.OFFICE_HOLDER.value)
    assert "Holds a political office" in page
    assert "Put back into the pool" in page
    browser.post(f"{path}/readmit")
    assert "This cannot be undone." in browser.get(f"{path}/erase")
    page = browser.post(f"{path}/erase")
    assert "Zerlina" not in page
    assert "Erased registration" in page
    session.expire_all()
    assert person.status is Status.ERASED


def test_a_wrong_reason_is_refused(browser: Browser, session: Session, assembly: Assembly, organiser: User) -> None:
    take(session, assembly, organiser, as_csv([ROW]))
    person = respondents.find_by_code(session, assembly, "K1")
    browser.get(f"/pool/{person.id}")
    browser.post(f"/pool/{person.id}/exclude", expect=422, reason="whim")
    session.expire_all()
    assert person.status is Status.REGISTERED


def test_a_search_is_kept_in_the_session_and_never_in_an_address_or_a_log(
    browser: Browser,
    session: Session,
    assembly: Assembly,
    organiser: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    take(session, assembly, organiser, as_csv([ROW, ROW | {"id": "K2", "Nachname": "Anders"}]))
    browser.get("/pool/")
    answer = browser.client.post(
        f"{browser.base}/pool/filter", data={"csrf_token": browser.token, "search": "quast", "status": "registered"}
    )
    assert answer.headers["Location"] == f"{browser.base}/pool/"
    page = browser.get("/pool/")
    assert "Quast, Zerlina" in page
    assert "Anders, Zerlina" not in page
    assert 'value="quast"' in page
    assert [link for link in re.findall(r'href="([^"]+)"', page) if "quast" in link.lower()] == []
    assert "Anders, Zerlina" in browser.post("/pool/filter", clear="1", search="quast")
    assert "quast" not in caplog.text.lower()


def test_the_filter_of_one_assembly_is_not_that_of_another(
    browser: Browser, session: Session, assembly: Assembly, organiser: User
) -> None:
    other = assemblies.create_assembly(session, WORDS, by=organiser)
    session.commit()
    browser.get("/pool/")
    browser.post("/pool/filter", search="quast")
    assert 'value="quast"' not in browser.client.get(f"/assemblies/{other.id}/pool/").text


def test_couples_and_duplicates_are_decided_on_their_pages(
    browser: Browser, session: Session, assembly: Assembly, organiser: User
) -> None:
    rows = [ROW | {"id": "K1"}, ROW | {"id": "K2"}, ROW | {"id": "K3", "Vorname": "Bo", "E-Mail": ""}]
    take(session, assembly, organiser, as_csv(rows))
    one, other, third = (respondents.find_by_code(session, assembly, f"K{n}") for n in (1, 2, 3))
    page = browser.get("/pool/duplicates")
    assert "One person: exclude K2" in page
    page = browser.post(f"/pool/duplicates/{one.id}/{other.id}/same")
    assert "No pair is left to decide." in page
    home = session.scalars(sa.select(Household)).one().id
    assert "Zerlina Quast (K1)" in browser.get("/pool/households")
    assert "Confirmed" in browser.post(f"/pool/households/{home}/confirm")
    assert "Nobody shares a household" in browser.post(f"/pool/households/{home}/split")
    page = browser.post(f"/pool/{one.id}/household", code=third.code)
    assert "at most one of them is drawn" in page
    assert "Nobody in this assembly has this code." in browser.post(f"/pool/{one.id}/household", code="nobody")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exports_have_names_that_tell_nothing_and_are_logged(
    browser: Browser, session: Session, assembly: Assembly, organiser: User, kind: str
) -> None:
    take(session, assembly, organiser, as_csv([ROW | {"Vorname": "=cmd"}]))
    browser.get("/pool/")
    answer = browser.client.post(f"{browser.base}/pool/export/{kind}", data={"csrf_token": browser.token})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{assembly.slug}.{kind}"'
    if kind == "csv":
        assert answer.data.startswith(b"\xef\xbb\xbfCode,")
        assert "'=cmd" in answer.text
    assert "Pool exported" in browser.get("/log")


@pytest.mark.parametrize("path", ["/pool/", "/pool/composition", "/pool/duplicates", "/pool/households"])
def test_pages_take_as_many_queries_for_many_people_as_for_few(
    browser: Browser, session: Session, assembly: Assembly, organiser: User, path: str
) -> None:
    add_features(session, assembly)
    rows = (DATA / "respondents.csv").read_bytes().splitlines(keepends=True)
    numbers = []
    for count in (320, 640):
        take(session, assembly, organiser, b"".join(rows[: count + 1]))
        browser.get(path)  # what a first visit alone asks for is not counted
        session.expire_all()
        with counted(session.get_bind()) as sent:  # type: ignore[arg-type]  # an engine
            browser.get(path)
        numbers.append(len(sent))
    assert numbers[0] == numbers[1] <= 12


PAGES = ("/registrations/", "/pool/", "/pool/composition", "/pool/duplicates", "/pool/households", "/pool/{person}")
CHANGES = (
    *("/registrations/upload", "/registrations/imports/{upload}/decide", "/registrations/imports/{upload}/apply"),
    *("/registrations/imports/{upload}/discard", "/registrations/imports/{upload}/undo", "/registrations/new"),
    *("/pool/{person}/edit", "/pool/{person}/exclude", "/pool/{person}/readmit", "/pool/{person}/withdraw"),
    *("/pool/{person}/erase", "/pool/{person}/household", "/pool/duplicates/{person}/{person}/same"),
    *("/pool/duplicates/{person}/{person}/different", "/pool/households/1/confirm", "/pool/households/1/split"),
)


@pytest.mark.parametrize(
    ("role", "reading", "changing"),
    [(Role.AUDITOR, 200, 403), (Role.CALLER, 403, 403), (Role.WITNESS, 403, 403), (None, 404, 404)],
)
def test_only_organisers_change_and_only_auditors_read_besides_them(
    app: Flask,
    session: Session,
    assembly: Assembly,
    organiser: User,
    *,
    role: Role | None,
    reading: int,
    changing: int,
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    take(session, assembly, organiser, as_csv([ROW]))
    person = respondents.find_by_code(session, assembly, "K1")
    upload = imports.upload(session, assembly, as_csv([ROW]), name="a.csv", by=organiser)
    user = accounts.create_account(session, email="x@example.org", name="X")
    if role is not None:
        accounts.grant(session, user, role, assembly=assembly, by=organiser)
    session.commit()
    client = app.test_client()
    sign_in(client, user)
    names = {"person": person.id, "upload": upload.id}
    base = f"/assemblies/{assembly.id}"
    read = {path: client.get(base + path.format(**names)).status_code for path in PAGES}
    assert read == dict.fromkeys(PAGES, reading)
    changed = {path: client.post(base + path.format(**names)).status_code for path in CHANGES}
    assert changed == dict.fromkeys(CHANGES, changing)


def test_what_belongs_to_another_assembly_does_not_exist(
    browser: Browser, session: Session, assembly: Assembly, organiser: User
) -> None:
    take(session, assembly, organiser, as_csv([ROW]))
    person = respondents.find_by_code(session, assembly, "K1")
    upload = imports.upload(session, assembly, as_csv([ROW]), name="a.csv", by=organiser)
    mate = registrations.register(session, assembly, {"last_name": "Quast", "street": "Amselweg"}, by=organiser)
    home = households.join(session, person, mate, by=organiser)
    other = assemblies.create_assembly(session, WORDS, by=organiser)
    session.commit()
    browser.get("/pool/")
    base = f"/assemblies/{other.id}"
    for path in (f"/pool/{person.id}", f"/pool/{person.id}/edit", f"/registrations/imports/{upload.id}"):
        assert browser.client.get(base + path).status_code == 404
    for path in (
        f"/pool/{person.id}/erase",
        f"/registrations/imports/{upload.id}/apply",
        f"/pool/households/{home.id}/split",
        f"/pool/duplicates/{person.id}/{mate.id}/same",
    ):
        assert browser.client.post(base + path, data={"csrf_token": browser.token}).status_code == 404


def test_a_large_file_is_imported_by_a_job_that_can_be_watched(
    browser: Browser, session: Session, assembly: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "MOST_AT_ONCE", 1)
    browser.get("/registrations/")
    page = browser.post("/registrations/upload", file=file(as_csv([ROW, ROW | {"id": "K2"}])))
    number = the_import(session).id
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    page = browser.post(f"/registrations/imports/{number}/apply", seen=seen.group(1))
    assert "Waiting for its turn" in page
    assert f'hx-get="/assemblies/{assembly.id}/registrations/imports/{number}/progress"' in page
    assert "Waiting for its turn" in browser.get(f"/registrations/imports/{number}/progress")
    job = background.last_job(session, the_import(session))
    assert job is not None
    jobs.cancel(session, job)
    session.commit()
    answer = browser.client.get(f"{browser.base}/registrations/imports/{number}/progress")
    assert answer.headers["HX-Refresh"] == "true"
    assert "Import 2 people" in browser.get(f"/registrations/imports/{number}")


def test_nothing_is_offered_for_somebody_who_was_erased(
    browser: Browser, session: Session, assembly: Assembly, organiser: User
) -> None:
    take(session, assembly, organiser, as_csv([ROW]))
    number = session.scalars(sa.select(Respondent.id)).one()
    assert "What you can do" in browser.get(f"/pool/{number}")
    browser.get(f"/pool/{number}/erase")
    page = browser.post(f"/pool/{number}/erase")
    assert "Erased registration" in page
    assert "What you can do" not in page
