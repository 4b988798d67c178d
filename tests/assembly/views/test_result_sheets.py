"""The pages of result sheets: two who write at once lose nothing, and each reader finds what is for them."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import ItemKind, Member, Openness, Role
from assembly.services import accounts
from assembly.services.programme import agenda, events
from assembly.services.result_sheets import reading
from tests.assembly.conftest import sign_in
from tests.assembly.services.panels import DrawnPanel
from tests.assembly.views.test_member_schedule import plan


def test_who_saves_second_sees_both_texts_and_nothing_is_lost(
    client: FlaskClient, session: Session, panel: DrawnPanel, member_client: FlaskClient, member: Member
) -> None:
    assembly, organiser = panel.load(session)
    event = plan(session, panel, "Auftakt", 3)
    agenda.add_item(session, event, {"kind": ItemKind.SMALL_GROUPS, "title": "Tische", "minutes": 60}, by=organiser)
    events.change_event(session, event, {"openness": Openness.PUBLIC}, by=organiser)
    facilitator = accounts.create_account(session, email="f@example.org", name="F")
    accounts.grant(session, facilitator, Role.FACILITATOR, assembly=assembly, by=None)
    assembly.is_public = True
    session.commit()
    sign_in(client, facilitator)
    base = f"/assemblies/{assembly.id}/programme"
    begin = {"item_id": event.agenda[0].id, "round_number": 1, "table_number": 2, "question_id": ""}
    edit = client.post(f"{base}/events/{event.id}/results", data=begin).headers["Location"]
    again = client.post(f"{base}/events/{event.id}/results", data=begin)
    assert (again.status_code, "gibt es schon: Öffnen Sie ihn in der Liste" in again.text) == (422, True)

    saved = client.post(edit, data={"version": "0", "new_argument_for": "Schatten\r\nRuhe"})
    page = saved.headers["Location"]
    sheet = reading.get_sheet(session, assembly, int(page.rsplit("/", 1)[1]))
    first, second = (entry.id for entry in sheet.entries)
    theirs = {"version": "1", f"entry_{first}": "Schatten im Sommer", f"entry_{second}": "Ruhe"}
    assert client.post(edit, data=theirs).status_code == 302
    mine = {"version": "1", f"entry_{first}": "Schatten am Mittag", f"entry_{second}": "Stille"}
    stale = client.post(edit, data=mine | {"new_open_question": "Wer zahlt?"})
    assert stale.status_code == 409
    for text in (
        "Schatten im Sommer",
        "Schatten am Mittag",
        "Stille",
        "Wer zahlt?",
        'value="2"',
        "Es ist nichts verloren",
    ):
        assert text in stale.text, text
    assert client.post(edit, data=mine | {"version": "2", "new_open_question": "Wer zahlt?"}).status_code == 302
    shown = client.get(page).text
    for text in ("Schatten am Mittag", "Stille", "Wer zahlt?"):
        assert text in shown, text
    assert "Schatten im Sommer" in client.get(f"{page}/versions/2").text
    assert client.post(edit, data={"version": "x"}).status_code == 422

    public = f"/a/{assembly.slug}/knowledge"
    for before in (member_client.get("/m/knowledge"), client.get(public)):
        assert (before.status_code, "Wer zahlt?" in before.text) == (200, False)
    assert client.post(f"{page}/publish", data={"is_public": "y", "has_looked": "y"}).status_code == 302
    for after in (member_client.get("/m/knowledge?q=zahlt"), client.get(public)):
        assert "Wer zahlt?" in after.text
    assert "Wer zahlt?" not in member_client.get("/m/knowledge?q=unbekannt").text
    assert client.get(f"{base}/events/{event.id}/results/blank.pdf").data.startswith(b"%PDF")
    assert client.post(f"{page}/withhold").status_code == 302
    assert "Wer zahlt?" not in member_client.get("/m/knowledge").text
