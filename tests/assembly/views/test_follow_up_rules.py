"""The pages of the follow-up's rules: from a template to a second version in public."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import lxml.html
import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from assembly.extensions import db
from assembly.models import Assembly, Binding, User
from assembly.periods import Period, days, months
from assembly.services import invitation_records
from assembly.services.follow_up import rules
from tests.assembly.conftest import sign_in
from tests.assembly.queries import counted
from tests.assembly.web import overwrites_nothing, post

ADDRESSEE = {
    "name": "Verwaltung",
    "body": "Stadtrat",
    "binding": "bound",
    "resolution": "12/2026",
    "resolved_on": "2026-12-01",
}


@pytest.fixture
def base(client: FlaskClient, assembly: Assembly, organiser: User) -> Iterator[str]:
    """The address of the rules before anybody is invited; an organiser is signed in and reads English."""
    with time_machine.travel(dt.datetime(2027, 1, 4, tzinfo=dt.UTC), tick=True):
        sign_in(client, organiser)
        with client.session_transaction() as cookie:
            cookie["language"] = "en"
        yield f"/assemblies/{assembly.id}/follow-up/rules"


def form_of(session: Session, assembly: Assembly, **changed: str) -> dict[str, str]:
    """Return what the form of the draft would send."""
    draft = rules.draft_of(session, assembly)
    assert draft is not None
    return {name: written(getattr(draft, name)) for name in rules.TERMS} | changed


def written(value: object) -> str:
    """Return what somebody would type for a term."""
    return f"{value.number} {'months' if value.is_months else 'days'}" if isinstance(value, Period) else str(value)


def invite(session: Session, assembly: Assembly, by: User) -> None:
    """Send the first letters, of an assembly that is public."""
    assembly.is_public = True
    values = {"invited_on": dt.date(2027, 1, 4), "letters_sent": 9}
    invitation_records.change_record(session, assembly, values, by=by)
    session.commit()


def test_from_a_template_to_rules_that_are_locked_and_then_changed_in_public(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User, base: str
) -> None:
    assert "There are no rules yet" in client.get(f"{base}/").text
    assert post(client, f"{base}/begin", template="council").status_code == 302
    assert "Not every addressee is bound" in client.get(f"{base}/").text
    assert post(client, f"{base}/draft/addressees/new", **ADDRESSEE).status_code == 302
    first = rules.draft_of(session, assembly)
    assert first is not None
    gone = f"{base}/draft/addressees/{first.addressees[0].id}"
    assert post(client, f"{gone}/remove").status_code == 302
    assert post(client, f"{base}/meetings", body="Stadtrat", held_on="2027-01-11", is_public="y").status_code == 302
    page = client.get(f"{base}/").text
    assert "Not every addressee" not in page
    assert ("12/2026" in page, "has no meeting in time for" in page) == (True, True)
    assert client.get(f"/a/{assembly.slug}/follow-up").status_code == 404
    invite(session, assembly, organiser)
    public = client.get(f"/a/{assembly.slug}/follow-up").text
    assert ("Verwaltung" in public, "90 days" in public) == (True, True)
    assert client.get(f"{base}/draft").status_code == 404
    assert post(client, f"{base}/versions").status_code == 302
    assert post(client, f"{base}/draft", **form_of(session, assembly, answered="77 Tage")).status_code == 302
    changed = ["Answered in public, after the handover", "90 days", "77 days"]
    assert changes_in(client.get(f"{base}/").text) == [changed]
    assert "77 days" not in client.get(f"/a/{assembly.slug}/follow-up").text
    refused = post(client, f"{base}/draft/publish", reason=" ")
    assert (refused.status_code, "Say why the rules change" in refused.text) == (422, True)
    assert post(client, f"{base}/draft/publish", reason="Der Rat tagt öfter.").status_code == 302
    public = client.get(f"/a/{assembly.slug}/follow-up").text
    assert ("90 days" in public, "Der Rat tagt öfter." in public) == (True, True)
    assert changes_in(public) == [changed]
    assert "Rules of the follow-up published" in client.get(f"/assemblies/{assembly.id}/log").text


def changes_in(page: str) -> list[list[str]]:
    """Return the rows of the table of what is other in the second version."""
    rows = lxml.html.fromstring(page).xpath("//table[@id='changes-2']/tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


def test_another_addressee_is_seen_too(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User, base: str
) -> None:
    invite(session, assembly, organiser)
    assert post(client, f"{base}/versions").status_code == 302
    assert "Nothing is other than in version 1." in client.get(f"{base}/").text
    assert post(client, f"{base}/draft/addressees/new", **ADDRESSEE).status_code == 302
    [[what, before, now]] = changes_in(client.get(f"{base}/").text)
    assert (what, ADDRESSEE["name"] in before, ADDRESSEE["name"] in now) == ("Addressees", False, True)


@pytest.mark.parametrize(
    "case",
    [
        ("90 days", days(90)),
        ("90 Tage", days(90)),
        (" 1 Tag ", days(1)),
        ("6 Monate", months(6)),
        ("6months", months(6)),
        ("1 month", months(1)),
        ("90", None),
        ("90 weeks", None),
        ("-1 days", None),
        ("", None),
    ],
)
def test_periods_are_read_as_people_write_them(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User, case: tuple[str, Period | None]
) -> None:
    typed, period = case
    rules.begin(session, assembly, "council", by=organiser)
    session.commit()
    sign_in(client, organiser)
    address = f"/assemblies/{assembly.id}/follow-up/rules/draft"
    answer = post(client, address, **form_of(session, assembly, forwarded=typed))
    session.expire_all()
    draft = rules.draft_of(session, assembly)
    assert draft is not None
    if period is None:
        assert (answer.status_code, draft.forwarded) == (422, days(90))
    else:
        assert (answer.status_code, draft.forwarded) == (302, period)


def test_what_cannot_be_kept_is_said_at_its_field(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User, base: str
) -> None:
    post(client, f"{base}/begin", template="council")
    refused = post(client, f"{base}/draft", **form_of(session, assembly, answered="10 days"))
    assert refused.status_code == 422
    assert "Answered in public, after the handover: This could be due before" in refused.text
    unbound = post(client, f"{base}/draft/addressees/new", **ADDRESSEE | {"resolution": ""})
    assert (unbound.status_code, "An addressee is bound by a resolution" in unbound.text) == (422, True)
    assert post(client, f"{base}/begin", template="council").status_code == 422


def test_nobody_overwrites_the_draft_and_its_addressees(
    client: FlaskClient, session: Session, assembly: Assembly, base: str
) -> None:
    post(client, f"{base}/begin", template="council")
    overwrites_nothing(client, f"{base}/draft", **form_of(session, assembly, who_answers="Die Stadt …"))
    draft = rules.draft_of(session, assembly)
    assert draft is not None
    page = f"{base}/draft/addressees/{draft.addressees[0].id}"
    overwrites_nothing(client, page, **ADDRESSEE | {"name": "Verwaltung …"})


def test_queries_do_not_grow_with_versions_and_addressees(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User, base: str
) -> None:
    rules.begin(session, assembly, "council", by=organiser)
    invite(session, assembly, organiser)
    with counted(db.engine) as few:
        client.get(f"{base}/")
    for number in range(4):
        draft = rules.begin_version(session, assembly, by=organiser)
        for one in range(4):
            added = {"name": f"Amt {number}-{one}", "binding": Binding.ASKED}
            rules.add_addressee(session, assembly, draft, added, by=organiser)
        rules.publish_version(session, assembly, draft, "Weil", by=organiser)
    session.commit()
    with counted(db.engine) as many:
        client.get(f"{base}/")
    assert len(many) == len(few)
