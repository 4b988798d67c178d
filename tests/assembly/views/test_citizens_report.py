"""The pages of the report and of the import, as organisers and everyone use them."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.models import Assembly, RecommendationState
from assembly.services.daily import today
from assembly.services.follow_up import rules
from assembly.services.recommendations import handing_over, reading
from tests.assembly.conftest import sign_in
from tests.assembly.services.panels import DrawnPanel

TABLE = "Titel;Text;Ja;Nein;Enthaltungen;Anwesend;Adressaten\nMehr Bäume;Bis 2030.;3;1;0;4;1\n"


@pytest.fixture
def assembly(client: FlaskClient, session: Session, panel: DrawnPanel) -> Assembly:
    """A public assembly with a drawn panel and published rules; its organiser is signed in."""
    made, organiser = panel.load(session)
    made.is_public = True
    rules.publish_first(session, made, by=organiser)
    session.commit()
    sign_in(client, organiser)
    return made


def upload(client: FlaskClient, base: str, content: str) -> tuple[int, str]:
    """Upload a table; return the status of the answer, and where it leads or what it says."""
    data = {"file": (io.BytesIO(content.encode()), "räte.csv"), "counted_on": today().isoformat()}
    answer = client.post(f"{base}/import/", data=data, content_type="multipart/form-data")
    return answer.status_code, answer.headers.get("Location", answer.text)


def test_from_a_file_to_the_report_for_everyone(
    client: FlaskClient, session: Session, panel: DrawnPanel, assembly: Assembly
) -> None:
    """A recommendation is imported as adopted; its report is a draft for staff, and for everyone once handed over."""
    base, public = f"/assemblies/{assembly.id}/recommendations", f"/a/{assembly.slug}/report"
    status, preview = upload(client, base, TABLE)
    assert status == 302
    (seen,) = re.findall(r'name="seen" value="([0-9a-f]{64})"', client.get(preview).text)
    assert client.post(f"{preview}/apply", data={"seen": seen}).headers["Location"] == f"{base}/"
    assert client.get(preview).status_code == 404
    one = reading.get_recommendation(session, assembly, 1)
    assert one.state is RecommendationState.ADOPTED
    assert [client.get(f"{public}.{kind}").status_code for kind in ("pdf", "docx", "txt")] == [404, 404, 404]
    assert client.get(f"{base}/report").status_code == 200
    assert client.get(f"{base}/report.pdf").content_type == "application/pdf"
    _, organiser = panel.load(session)
    handing_over.hand_over(session, assembly, [one], handed_over_on=today(), received_by="Rat", by=organiser)
    session.commit()
    starts = [client.get(f"{public}.{kind}").data[:2] for kind in ("pdf", "docx")]
    assert starts == [b"%P", b"PK"]
    assert f"{public}.pdf" in client.get(f"/a/{assembly.slug}/recommendations").text
    assembly.is_public = False
    session.commit()
    assert client.get(f"{public}.pdf").status_code == 404


def test_a_file_with_problems_is_shown_and_not_imported(
    client: FlaskClient, session: Session, assembly: Assembly
) -> None:
    base = f"/assemblies/{assembly.id}/recommendations"
    assert upload(client, base, "a;b\n1;2\n")[0] == 422
    _, preview = upload(client, base, TABLE + ";ohne Titel;;;;;\n")
    page = client.get(preview).text
    assert 'name="seen"' not in page
    assert "Titel" in page
    assert client.post(f"{preview}/apply", data={"seen": "x"}).headers["Location"] == preview
    assert client.post(f"{preview}/discard").headers["Location"] == f"{base}/import/"
    assert reading.recommendations_of(session, assembly) == []
