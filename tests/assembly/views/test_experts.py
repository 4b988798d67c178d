"""The pages of experts and materials: what is refused is said at its field, and everyone sees what is theirs alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from assembly.clock import now
from assembly.extensions import db
from assembly.models import (
    Assembly,
    EventKind,
    Expert,
    ExpertRole,
    ExpertState,
    Material,
    MaterialKind,
    MaterialVersion,
    Member,
    MemberRequest,
    Openness,
    RequestKind,
    Role,
    User,
)
from assembly.services import accounts
from assembly.services.experts import asking, inputs, inviting, questions
from assembly.services.materials import publishing
from assembly.services.materials.publishing import Content, looked_at
from assembly.services.programme import events, times
from tests.assembly.conftest import sign_in
from tests.assembly.queries import counted
from tests.assembly.scanner import EICAR
from tests.assembly.services.panels import DrawnPanel
from tests.assembly.services.test_materials import PDF
from tests.assembly.web import csrf_token, post

DAY = dt.date(2027, 3, 6)
EXPERT = {"name": "Ada Blume", "role": "science", "chosen_by": "Beirat", "gender": "female", "fee": "4711"}
MATERIAL = {"title": "Klima & Karte/Ä", "place": "", "expert_id": "", "language": "de", "is_public": "y"}
MATERIAL |= {"source": "Stadt", "licence": "CC BY 4.0"}


@pytest.fixture
def base(client: FlaskClient, session: Session, assembly: Assembly, organiser: User) -> Iterator[str]:
    """The address of the assembly, which is public; an organiser is signed in and reads English."""
    with time_machine.travel(dt.datetime(2027, 1, 1, tzinfo=dt.UTC), tick=True):
        assembly.is_public = True
        session.commit()
        sign_in(client, organiser)
        with client.session_transaction() as cookie:
            cookie["language"] = "en"
        yield f"/assemblies/{assembly.id}"


def plan(session: Session, assembly: Assembly, by: User, title: str, hour: int = 10) -> int:
    values = {
        "kind": EventKind.EXPERT_INPUT,
        "openness": Openness.AGENDA_PUBLIC,
        "title": title,
        "starts_at": times.moment(DAY, dt.time(hour)),
        "ends_at": times.moment(DAY, dt.time(hour + 2)),
    }
    event = events.add_event(session, assembly, values, by=by)
    events.publish(session, event, by=by)
    session.commit()
    return event.id


def upload(client: FlaskClient, address: str, content: bytes, **more: str) -> tuple[int, str]:
    answer = post(client, address, file=(io.BytesIO(content), "datei.pdf"), **(MATERIAL | more))
    return answer.status_code, answer.text


def test_two_opposing_experts_from_the_proposal_to_the_public_page(
    client: FlaskClient, base: str, session: Session, assembly: Assembly, organiser: User
) -> None:
    event_id = plan(session, assembly, organiser, "Hitze in der Stadt")
    lines = "Forschung\nPflege\nHandel\n"
    assert post(client, f"{base}/questions/", text="Wie wird es kühler?", perspectives=lines).status_code == 302
    (question,) = questions.questions_of(session, session.get_one(Assembly, assembly.id))
    for perspective, name in zip([one.id for one in question.perspectives], ("Ada Blume", "Mert Yıldız"), strict=False):
        values = EXPERT | {"name": name, "perspectives": str(perspective), "interests": f"Interessen von {name}"}
        address = post(client, f"{base}/experts/new", **values).location or ""
        for state in ("invited", "accepted"):
            assert post(client, f"{address}/{state}").status_code == 302
        assert post(client, f"{address}/inputs", place=str(event_id), minutes="20").status_code == 302
    page = client.get(f"{base}/questions/").text
    assert "Nobody speaks for “Handel” yet." in page
    assert "<svg" in page
    page = client.get(f"/a/{assembly.slug}/programme").text
    for said in ("Ada Blume", "Interessen von Mert Yıldız", "Beirat", "Science", "Hitze in der Stadt"):
        assert said in page
    assert "4711" not in page
    assert "Female" not in page
    data = client.get(f"/a/{assembly.slug}/programme.json")
    assert [(one["name"], one["perspectives"], one["role"]) for one in data.json["experts"]] == [
        ("Ada Blume", ["Forschung"], "science"),
        ("Mert Yıldız", ["Pflege"], "science"),
    ]
    assert {one["speaks_at"][0]["event"] for one in data.json["experts"]} == {data.json["events"][0]["uid"]}
    assert "4711" not in data.text
    assert "female" not in data.text


def test_a_clash_is_said_at_its_field_and_nothing_is_kept(
    client: FlaskClient, base: str, session: Session, assembly: Assembly, organiser: User
) -> None:
    first, second = (plan(session, assembly, organiser, title, hour) for title, hour in (("Hier", 10), ("Dort", 11)))
    address = post(client, f"{base}/experts/new", **EXPERT).location or ""
    assert post(client, f"{address}/inputs", place=str(first), minutes="20").status_code == 302
    answer = post(client, f"{address}/inputs", place=str(second), minutes="20")
    assert answer.status_code == 422
    assert "Ada Blume speaks at “Hier” at this time: " in answer.text
    assert 'href="#place"' in answer.text
    assert len(session.scalars(sa.select(Expert)).one().inputs) == 1
    answer = post(client, f"{address}/inputs", place="999999", minutes="20")
    assert answer.status_code == 422


def test_fee_and_gender_are_for_organisers_alone(
    client: FlaskClient, base: str, session: Session, assembly: Assembly, organiser: User
) -> None:
    address = post(client, f"{base}/experts/new", **EXPERT).location or ""
    page = client.get(address).text
    assert "4,711" in page
    assert "Female" in page
    facilitator = accounts.create_account(session, email="f@example.org", name="Fatma")
    accounts.grant(session, facilitator, Role.FACILITATOR, assembly=session.get_one(Assembly, assembly.id), by=None)
    session.commit()
    other = client.application.test_client()
    sign_in(other, facilitator)
    with other.session_transaction() as cookie:
        cookie["language"] = "en"
    page = other.get(address).text
    assert "Ada Blume" in page
    assert "4,711" not in page
    assert "Female" not in page
    assert "4,711" not in other.get(f"{base}/log").text
    assert organiser.name not in page.split("<main")[1]


def test_a_file_is_served_to_be_saved_and_runs_nothing(client: FlaskClient, base: str, session: Session) -> None:
    assert upload(client, f"{base}/materials/new/document", PDF)[0] == 302
    version = session.scalars(sa.select(MaterialVersion)).one()
    answer = client.get(f"{base}/materials/files/{version.id}")
    assert (answer.data, answer.content_type) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="klima-karte-a-v1.pdf"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    png = b"\x89PNG\r\n\x1a\nrest"
    material = session.scalars(sa.select(Material)).one()
    assert upload(client, f"{base}/materials/{material.id}/versions", png)[0] == 302
    newest = session.scalars(sa.select(sa.func.max(MaterialVersion.id))).one()
    answer = client.get(f"{base}/materials/files/{newest}")
    assert answer.content_type == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("content", [b"", b"<svg onload='alert(1)'/>", b"<!doctype html><script>1</script>"])
def test_what_is_not_taken_is_said_at_the_file(
    client: FlaskClient, base: str, session: Session, content: bytes
) -> None:
    status, page = upload(client, f"{base}/materials/new/document", content)
    assert status == 422
    assert 'href="#file"' in page
    assert session.scalars(sa.select(Material)).all() == []


def test_an_infected_file_is_refused_on_the_page(
    app: Flask,
    client: FlaskClient,
    base: str,
    session: Session,
    clamds: tuple[str, str],
) -> None:
    app.extensions["assembly.config"] = dataclasses.replace(app.extensions["assembly.config"], clamd=clamds[0])
    status, page = upload(client, f"{base}/materials/new/document", EICAR)
    assert status == 422
    assert "The scanner found malware in the file, so it is not kept." in page
    assert session.scalars(sa.select(Material)).all() == []
    assert upload(client, f"{base}/materials/new/document", PDF)[0] == 302


def test_the_public_reads_what_is_public_in_every_version(
    client: FlaskClient, base: str, session: Session, assembly: Assembly
) -> None:
    upload(client, f"{base}/materials/new/document", PDF, plain_text="Kurz gesagt")
    upload(client, f"{base}/materials/new/document", PDF, title="Nur für uns", is_public="")
    public, inner = session.scalars(sa.select(Material).order_by(Material.id))
    versions = [one.versions[0].id for one in (public, inner)]
    numbers = [public.id, inner.id]
    stranger = client.application.test_client()
    assert stranger.get(f"/a/{assembly.slug}/materials/{versions[0]}").status_code == 404
    for number in numbers:
        assert post(client, f"{base}/materials/{number}/publish").status_code == 302
    upload(client, f"{base}/materials/{numbers[0]}/versions", b"Neuer Text", note="Zahlen")
    page = stranger.get(f"/a/{assembly.slug}/programme").text
    assert "Kurz gesagt" in page
    assert f"/a/{assembly.slug}/materials/{versions[0]}" in page  # the earlier version
    assert "Nur für uns" not in page
    (found,) = stranger.get(f"/a/{assembly.slug}/programme.json").json["materials"]
    assert [(one["number"], one["note"]) for one in found["versions"]] == [(2, "Zahlen"), (1, "")]
    assert found["versions"][1]["address"].endswith(f"/a/{assembly.slug}/materials/{versions[0]}")
    assert stranger.get(f"/a/{assembly.slug}/materials/{versions[0]}").data == PDF
    assert stranger.get(f"/a/{assembly.slug}/materials/{versions[1]}").status_code == 404
    assert stranger.get(f"{base}/materials/files/{versions[0]}").status_code == 302  # asked to sign in


def test_a_video_without_captions_is_not_published_and_the_page_says_why(
    client: FlaskClient, base: str, session: Session
) -> None:
    def send(to: str, **values: str) -> TestResponse:
        return client.post(to, data={"csrf_token": csrf_token(client)} | values)

    film = {"address": "https://example.org/film"}
    address = send(f"{base}/materials/new/video", **(MATERIAL | film)).location or ""
    answer = send(f"{address}/publish")
    assert answer.status_code == 422
    assert "A video needs captions or a transcript" in answer.text
    assert send(f"{address}/versions", **film, has_captions="y").status_code == 302
    assert send(f"{address}/publish").status_code == 302
    for bad in ("javascript:alert(1)", "data:text/html,x", ""):
        assert send(f"{address}/versions", address=bad, has_captions="y").status_code == 422
    assert len(session.scalars(sa.select(MaterialVersion)).all()) == 2


def test_more_experts_and_materials_ask_the_database_no_more_often(
    client: FlaskClient, base: str, session: Session, assembly: Assembly, organiser: User
) -> None:
    event_id = plan(session, assembly, organiser, "Hitze")
    here, sizes = session.get_one(Assembly, assembly.id), []
    slug, by = here.slug, session.get_one(User, organiser.id)
    addresses = (f"/a/{slug}/programme", f"{base}/experts/", f"{base}/questions/", f"{base}/materials/")
    for number in range(5):
        question = questions.add_question(session, here, f"Frage {number}", ["Pflege"], by=by)
        values = {"name": f"Nr. {number}", "role": ExpertRole.SCIENCE, "chosen_by": "Rat"}
        stands_for = [question.perspectives[0].id]
        expert = inviting.add_expert(session, here, values, perspectives=stands_for, by=by)
        for state in (ExpertState.INVITED, ExpertState.ACCEPTED):
            inviting.move(session, expert, state, by=by)
        event = events.get_event(session, here, event_id)
        inputs.add_input(session, expert, event, None, minutes=5, by=by)
        said = {"title": f"Nr. {number}", "source": "x", "licence": "y", "event_id": event_id, "expert_id": expert.id}
        content = Content(file=looked_at(PDF, clamd=None))
        material = publishing.add_material(session, here, MaterialKind.DOCUMENT, said, content, by=by)
        publishing.publish(session, material, by=by)
        session.commit()
        if number in {0, 4}:
            found = []
            for address in addresses:
                with counted(db.engine) as sent:
                    assert client.get(address).status_code == 200
                found.append(len(sent))
            sizes.append(found)
    assert sizes[0] == sizes[1]


def test_a_member_reads_what_is_for_members_and_finds_the_answer(
    session: Session, panel: DrawnPanel, member: Member, member_client: FlaskClient
) -> None:
    assembly, organiser = panel.load(session)
    starts_at = now().replace(microsecond=0) + dt.timedelta(days=3)
    values = {"kind": EventKind.PLENARY, "title": "Auftakt", "starts_at": starts_at}
    event = events.add_event(session, assembly, values | {"ends_at": starts_at + dt.timedelta(hours=2)}, by=organiser)
    events.publish(session, event, by=organiser)
    said = {"title": "Bitte lesen", "source": "Stadt", "licence": "CC0", "language": "de", "event_id": event.id}
    said |= {"is_to_read_before": True, "is_public": False}
    content = Content(file=looked_at(PDF, clamd=None))
    material = publishing.add_material(session, assembly, MaterialKind.DOCUMENT, said, content, by=organiser)
    publishing.add_material(
        session, assembly, MaterialKind.DOCUMENT, said | {"title": "Entwurf"}, content, by=organiser
    )
    publishing.publish(session, material, by=organiser)
    session.commit()
    version, number, event_id = material.versions[0].id, material.id, event.id
    assert f"/m/materials#material-{number}" in member_client.get("/m/").text
    assert f"/m/materials#material-{number}" in member_client.get(f"/m/events/{event_id}").text
    page = member_client.get("/m/materials").text
    assert "Bitte lesen" in page
    assert "Entwurf" not in page
    assert member_client.get(f"/m/materials/files/{version}").data == PDF
    assert member_client.post("/m/questions", data={"kind": "question", "text": "x" * 1001}).status_code == 422
    assert member_client.post("/m/questions", data={"kind": "question", "text": "Wer zahlt?"}).status_code == 302
    request = session.scalars(sa.select(MemberRequest)).one()
    assert request.respondent_id == member.respondent_id
    assembly, organiser = panel.load(session)
    answer = {"kind": RequestKind.QUESTION, "wording": "Kosten", "answer": "Die Stadt zahlt."}
    asking.add_answer(session, assembly, answer, request=request, by=organiser)
    session.commit()
    page = member_client.get("/m/questions").text
    assert "Wer zahlt?" in page
    assert "Die Stadt zahlt." in page


def test_organisers_read_requests_without_any_trace_of_who_asked(
    client: FlaskClient, session: Session, panel: DrawnPanel, member: Member
) -> None:
    assembly, organiser = panel.load(session)
    contact = member.respondent.contact
    assert contact
    names = (contact.first_name, contact.last_name, member.respondent.code)
    asking.ask(session, member, RequestKind.EXPERT, "Bitte die Feuerwehr")
    session.commit()
    sign_in(client, organiser)
    pages = [client.get(f"/assemblies/{assembly.id}/{page}").text for page in ("requests/", "log")]
    assert "Bitte die Feuerwehr" in pages[0]
    assert not any(name in page.split("<main")[1] for page in pages[:1] for name in names)
    row = next(line for line in pages[1].split("<tr") if "request" in line.lower() or "Anliegen" in line)
    assert not any(name in row for name in names)
