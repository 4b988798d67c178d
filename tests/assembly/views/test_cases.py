"""The pages of cases: every step through its form to the end of each path, the queue, and the public register."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from assembly.models import Assembly, Binding, Case, Move, Recommendation, Role, User
from assembly.services import accounts, assemblies
from assembly.services.daily import today
from assembly.services.follow_up import cases, rules
from assembly.services.follow_up.transitions import TABLE
from tests.assembly.conftest import WORDS, sign_in
from tests.assembly.queries import counted
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said
from tests.assembly.web import post

HANDED_OVER = dt.date(2035, 3, 1)
Way = Sequence[tuple[int, Move, dict[str, Any]]]
"""Steps, each some days after the one before, with what it says beside just enough."""
BEGUN: Way = ((1, Move.ASSIGN, {"unit": "Tiefbauamt"}), (1, Move.BEGIN_REVIEW, {}))
SHOWN_IN_MEETINGS: Way = ((1, Move.DEBATE, {}), (1, Move.MINUTES, {}))


def decided(outcome: str) -> Way:
    """Return the way to a decision."""
    return (*BEGUN, (1, Move.ANSWER, {"outcome": outcome}), *SHOWN_IN_MEETINGS, (1, Move.DECIDE, {"outcome": outcome}))


CARRIED_OUT: Way = (
    *((1, Move.IMPLEMENT, {}), (60, Move.REPORT, {"percent": 100, "evidence": "https://example.org/foto"})),
    *((60, Move.REVIEW, {"result": "carried_out"}), (1, Move.CLOSE, {})),
)
WAYS: dict[str, Way] = {
    "accepted": (*decided("accepted"), *CARRIED_OUT),
    "with_changes": (*decided("with_changes"), *CARRIED_OUT),
    "rejected": (*decided("rejected"), (31, Move.CLOSE, {})),
    "already_done": (*decided("already_done"), (31, Move.CLOSE, {})),
    "not_competent": (
        *decided("not_competent"),
        *((1, Move.FORWARD, {}), (9, Move.FORWARDED_REPLY, {}), (1, Move.CLOSE, {})),
    ),
    "to_be_examined": (
        *decided("to_be_examined"),
        *((90, Move.ANSWER, {"outcome": "rejected"}), *SHOWN_IN_MEETINGS, (1, Move.DECIDE, {"outcome": "rejected"})),
        (31, Move.CLOSE, {}),
    ),
}
"""The ways from the handover to the end, by what is decided first."""


class Office:
    """The council office at its pages, from day to day."""

    def __init__(self, client: FlaskClient, session: Session, assembly: Assembly, traveller: Any) -> None:
        self.client, self.session, self.assembly, self._traveller = client, session, assembly, traveller
        self.base = f"/assemblies/{assembly.id}/cases"
        self.public = f"/a/{assembly.slug}"
        user = accounts.create_account(session, email="rat@example.org", name="Lene Marx")
        accounts.grant(session, user, Role.COUNCIL_OFFICE, by=None)
        session.commit()
        self.sign_in(user)

    def sign_in(self, user: User) -> None:
        """Let somebody sign in who reads English."""
        self._user = user
        sign_in(self.client, user)
        with self.client.session_transaction() as cookie:
            cookie["language"] = "en"

    def after(self, days: int) -> None:
        """Let days pass, and sign in again."""
        self._traveller.shift(dt.timedelta(days=days))
        self.sign_in(self._user)

    def read(self, path: str) -> str:
        """Return what nobody in particular reads on a public page."""
        visitor = self.client.application.test_client()
        return visitor.get(f"{self.public}/{path}", headers={"Accept-Language": "en"}).text

    def take(self, case: Case, kind: Move, *, about: int | None = None, **values: Any) -> TestResponse:
        """Send the form of a step as it says just enough, and these; it has to have a field for all of it."""
        complete = said(kind, today(), **values) | ({"taken_on": today()} if TABLE[kind].is_dated else {})
        chosen = {name: complete.pop(name) for name in ("outcome", "step") if name in complete}
        query = {"outcome": chosen.get("outcome"), "step": about}
        address = f"{self.base}/{case.id}/steps/{kind}"
        shown = self.client.get(address, query_string={k: v for k, v in query.items() if v is not None})
        assert shown.status_code == 200, kind
        missing = [name for name in complete if f'name="{name}"' not in shown.text]
        assert missing == [], kind
        found = re.search(r'<form[^>]*method="post"[^>]*action="([^"]*/steps/[^"]*)"', shown.text)
        assert found, kind
        return post(self.client, found[1].replace("&amp;", "&"), **{n: written(v) for n, v in complete.items()})

    def go(self, case: Case, way: Way) -> None:
        """Go a way, in which nothing is refused."""
        for days, kind, values in way:
            self.after(days)
            assert self.take(case, kind, **values).status_code == 302, kind

    def page(self, case: Case) -> str:
        """Return the page of a case."""
        return self.client.get(f"{self.base}/{case.id}").text


def written(value: Any) -> Any:
    """Return what a form sends for a value."""
    return "y" if value is True else value.isoformat() if isinstance(value, dt.date) else value


@pytest.fixture
def office(client: FlaskClient, session: Session, assembly: Assembly) -> Any:
    """The council office, which reads English, on the day of the handover in a public assembly."""
    with time_machine.travel(dt.datetime(2035, 3, 1, 12, tzinfo=dt.UTC), tick=False) as traveller:
        assembly.is_public = True
        session.commit()
        yield Office(client, session, assembly, traveller)


@pytest.fixture
def opened(office: Office, organiser: User) -> list[Case]:
    """Three recommendations that were handed over."""
    found = hand_over(office.session, office.assembly, by=organiser, on=HANDED_OVER, count=3)
    office.session.commit()
    return found


def rows(page: str) -> list[str]:
    """Return the titles of the recommendations that a list shows, in its order."""
    return re.findall(r"<a [^>]*>\d+ (Radweg \d+)", page)


@pytest.mark.parametrize("outcome", WAYS)
def test_the_council_office_takes_every_step_of_a_path_through_its_form(
    office: Office, opened: list[Case], outcome: str
) -> None:
    """From the handover to the end, whatever is decided; everyone reads the same."""
    office.go(opened[0], WAYS[outcome])
    office.session.expire_all()
    assert (opened[0].state.value, opened[0].due_on) == ("closed", None)
    public = office.read("recommendations/1")
    assert ["Nothing is owed any more" in page for page in (office.page(opened[0]), public)] == [True, True]


def test_a_postponed_recommendation_waits_for_its_day(office: Office, opened: list[Case]) -> None:
    office.go(opened[0], decided("postponed"))
    assert "Take it up again" in office.page(opened[0])
    office.after(31)
    cases.resume_due(office.session, office.assembly)
    office.session.commit()
    assert "Answer in public" in office.page(opened[0])


def test_an_answer_that_lacks_something_comes_back_with_what_was_typed(office: Office, opened: list[Case]) -> None:
    office.go(opened[0], BEGUN)
    before = len(opened[0].steps)
    answer = office.take(opened[0], Move.ANSWER, outcome="rejected", reasons="Zu teuer & zu spät", alternatives="")
    assert answer.status_code == 422
    assert ("Zu teuer &amp; zu spät" in answer.text, 'id="alternatives-error"' in answer.text) == (True, True)
    early = office.take(opened[0], Move.ANSWER, starts_on=today(), ends_on=today() - dt.timedelta(days=1))
    assert (early.status_code, "The end is before the beginning." in early.text) == (422, True)
    office.session.expire_all()
    assert len(opened[0].steps) == before


def test_a_step_that_is_not_possible_now_is_refused(office: Office, opened: list[Case]) -> None:
    address = f"{office.base}/{opened[0].id}/steps"
    assert [office.client.get(f"{address}/{kind}").status_code for kind in ("close", "nonsense")] == [409, 404]
    assert post(office.client, f"{address}/close", body="Stadtrat", is_public="y").status_code == 409


def test_an_answer_begins_with_its_outcome(office: Office, opened: list[Case]) -> None:
    office.go(opened[0], BEGUN)
    address = f"{office.base}/{opened[0].id}/steps/answer"
    choice = office.client.get(address).text
    assert [f"outcome={one}" in choice for one in ("accepted", "rejected", "to_be_examined")] == [True] * 3
    assert 'name="alternatives"' not in office.client.get(f"{address}?outcome=accepted").text
    assert 'name="alternatives"' in office.client.get(f"{address}?outcome=rejected").text


def test_the_queue_shows_first_what_is_due_first_and_says_what_is_overdue(office: Office, opened: list[Case]) -> None:
    office.go(opened[0], BEGUN)
    office.take(opened[2], Move.ASSIGN, unit="Grünamt")
    office.take(opened[2], Move.EXTEND, duty="answer", days=5)
    office.after(13)
    queue = office.client.get(f"{office.base}/").text
    assert rows(queue) == ["Radweg 2", "Radweg 1", "Radweg 3"]
    assert re.findall(r"Overdue for \d+ days?", queue) == ["Overdue for 1 day"]
    register = office.read("follow-up/register")
    assert (rows(register), "Overdue for 1 day" in register) == (rows(queue), True)


ASKED: dict[str, list[int]] = {
    "": [1, 2, 3],
    "state=assigned": [2],
    "state=nonsense": [1, 2, 3],
    "outcome=rejected": [3],
    "addressee=1": [1, 2, 3],
    "addressee=9": [],
    "unit=Grünamt": [2],
    "overdue=1": [1],
    "state=assigned&overdue=1": [],
}
"""What the address asks for, and which recommendations are shown."""


def test_the_queue_and_the_register_show_what_is_asked_for(office: Office, opened: list[Case]) -> None:
    office.take(opened[1], Move.ASSIGN, unit="Grünamt")
    office.go(opened[2], decided("rejected"))
    office.after(20)
    for page in (f"{office.base}/", f"{office.public}/follow-up/register"):
        shown = {asked: sorted(rows(office.client.get(f"{page}?{asked}").text)) for asked in ASKED}
        assert shown == {asked: [f"Radweg {one}" for one in found] for asked, found in ASKED.items()}


def test_a_committee_sees_at_one_address_what_it_owes_by_when(office: Office, organiser: User) -> None:
    """Of an assembly and of the city, for staff and for everyone; the feed of the selection has nothing else."""
    session, assembly = office.session, office.assembly
    draft = rules.begin(session, assembly, "council", by=organiser)
    asked = {"binding": Binding.ASKED}
    council, committee = (
        {"name": "Stadtrat", "body": "Stadtrat"},
        {"name": "Amt", "body": "Ausschuss für Verkehr & Umwelt"},
    )
    rules.change_addressee(session, assembly, draft.addressees[0], council | asked, by=organiser)
    rules.add_addressee(session, assembly, draft, committee | asked, by=organiser)
    found = hand_over(session, assembly, by=organiser, on=HANDED_OVER, count=2)
    session.commit()
    office.go(found[1], BEGUN)  # its answer is due after what is owed in the other
    pages = (f"{office.base}/", "/cases/", f"{office.public}/follow-up/register", "/follow-up")
    for page in pages:
        address = f"{page}?body=Ausschuss+f%C3%BCr+Verkehr+%26+Umwelt"
        shown = office.client.get(address).text
        assert rows(shown) == ["Radweg 2", "Radweg 1"], page
        assert re.findall(r'name="body">.*?value="([^"]+)" selected', shown, re.DOTALL) == [
            "Ausschuss für Verkehr &amp; Umwelt"
        ], page
        assert [rows(office.client.get(f"{page}?{other}").text) for other in ("body=Bau", "body=%00")] == [
            [],
            rows(office.client.get(page).text),
        ], page
    feed = office.client.get(f"{office.public}/follow-up.atom?body=Stadtrat").text
    assert feed.count("<entry>") == 0


def test_a_correction_shows_both_versions_and_a_redaction_its_mark(office: Office, opened: list[Case]) -> None:
    """On the page of the case, and to everyone; what was redacted is on neither."""
    office.go(opened[0], BEGUN)
    office.take(opened[0], Move.ANSWER, outcome="rejected", reasons="Falscher Satz", signed_by="Eva Unverwechselbar")
    fixed = {"fact": "reasons", "text": "Richtiger Satz", "reason": "Ein Versehen"}
    assert office.take(opened[0], Move.CORRECT, about=3, **fixed).status_code == 302
    order = {"facts": ["signed_by"], "ground": "Art. 17 DSGVO", "ordered_on": today()}
    assert "Eva Unverwechselbar" in office.page(opened[0])
    assert office.take(opened[0], Move.REDACT, about=3, **order).status_code == 302
    public = office.read("recommendations/1")
    for page in (office.page(opened[0]), public):
        assert "Before the correction: Falscher Satz" in page
        assert [one in page for one in ("Richtiger Satz", "Redacted by order", "Art. 17 DSGVO")] == [True] * 3
        assert "Eva Unverwechselbar" not in page


def test_what_people_write_is_text_and_nothing_else(office: Office, opened: list[Case]) -> None:
    office.take(opened[0], Move.ASSIGN, unit="<script>alert(1)</script>")
    pages = [office.page(opened[0]), office.client.get(f"{office.base}/").text]
    pages += [office.read(path) for path in ("recommendations/1", "follow-up/register")]
    assert ["<script>alert(1)" in page for page in pages] == [False] * 4


def test_drafts_are_neither_in_the_register_nor_pages(office: Office, opened: list[Case], organiser: User) -> None:
    draft = {"title": "Geheimer Entwurf", "text": "Noch nicht."}
    office.session.add(Recommendation(assembly_id=office.assembly.id, number=77, **draft))
    office.session.commit()
    given = office.read("follow-up/register")
    assert rows(given) == ["Radweg 1", "Radweg 2", "Radweg 3"]
    assert [one in given for one in ("Geheimer Entwurf", organiser.name, "Lene Marx")] == [False] * 3
    assert office.client.get(f"{office.public}/recommendations/77").status_code == 404


def test_an_organiser_acts_for_the_members_group_alone(office: Office, opened: list[Case], organiser: User) -> None:
    """The group asks for a better answer and replies; answering, deciding and closing is not theirs."""
    office.go(opened[0], (*BEGUN, (1, Move.ANSWER, {"outcome": "rejected"})))
    [membership] = [one for one in accounts.roles_of(office.session, organiser) if one.role is Role.COUNCIL_OFFICE]
    accounts.revoke(office.session, membership, by=organiser)
    office.session.commit()
    office.sign_in(organiser)
    page = office.page(opened[0])
    assert "what the members’ follow-up group has decided" in page
    assert set(re.findall(r"/steps/(\w+)", page)) == {"ask_better", "reply"}
    assert office.take(opened[0], Move.REPLY, about=3).status_code == 302
    assert office.take(opened[0], Move.ASK_BETTER).status_code == 302
    assert office.client.get(f"{office.base}/{opened[1].id}/steps/assign").status_code == 409


def test_the_lists_send_the_same_number_of_queries_however_long_they_are(office: Office, organiser: User) -> None:
    session, sent = office.session, []
    for first, count in ((1, 1), (2, 9)):
        hand_over(session, office.assembly, by=organiser, on=HANDED_OVER, count=count, first=first)
        session.commit()
        for address in (f"{office.base}/", f"{office.public}/follow-up/register", "/cases/"):
            session.expire_all()
            with counted(session.get_bind().engine) as statements:
                assert len(rows(office.client.get(address).text)) == first + count - 1
            sent.append(len(statements))
    assert sent[:3] == sent[3:]


def test_changed_wording_is_shown_as_what_differs_from_the_recommendation(office: Office, opened: list[Case]) -> None:
    office.go(opened[0], BEGUN)
    office.take(opened[0], Move.ANSWER, outcome="with_changes", changed_text="Am Ufer, bis 2040.")
    public = office.read("recommendations/1")
    assert re.search(
        r"Am <del><span[^>]*>removed: </span>Ufer.</del><ins><span[^>]*>new: </span>Ufer, bis 2040.</ins>", public
    )


def test_addresses_that_nobody_would_write_are_no_fault(office: Office, opened: list[Case]) -> None:
    huge = 10**20
    for query in (f"addressee={huge}", "theme=%00", "unit=a%00b", "state=x", "outcome=%00", "addressee=-1"):
        assert office.client.get(f"{office.public}/follow-up/register?{query}").status_code == 200, query
    for address in (f"{office.public}/recommendations/{huge}", f"{office.base}/{huge}", f"/assemblies/{huge}"):
        assert office.client.get(address).status_code == 404, address


def test_the_register_says_what_share_was_done_in_time(office: Office, opened: list[Case]) -> None:
    office.go(opened[0], BEGUN)
    office.after(20)
    office.take(opened[1], Move.ASSIGN)  # late; the third is overdue
    register = office.read("follow-up/register")
    assert re.search(r"Stadtrat Auenfurt</th>(\s*<td[^>]*>[^<]*</td>){3}\s*<td[^>]*>33[^<]*%</td>", register)


def test_the_council_office_sees_what_is_owed_in_the_whole_city_and_finds_it_from_everywhere(
    office: Office, opened: list[Case]
) -> None:
    office.go(opened[0], WAYS["rejected"])
    assert 'href="/cases/"' in office.client.get("/assemblies/").text
    page = office.client.get("/cases/").text
    assert rows(page) == ["Radweg 2", "Radweg 3"]
    assert page.count("Overdue for") == 2
    for query, count in (("search=Ufers", 2), ("search=Tunnel", 0), ("overdue=1", 2), ("unit=Tiefbauamt", 0)):
        assert len(rows(office.client.get(f"/cases/?{query}").text)) == count, query


def test_the_city_s_register_has_all_public_assemblies_and_is_searched(
    office: Office, opened: list[Case], session: Session, assembly: Assembly
) -> None:
    page = office.client.get("/follow-up").text
    assert (rows(page), assembly.title in page) == (rows(office.read("follow-up/register")), True)
    assert 'href="/follow-up"' in office.client.get("/").text
    for query, count in (("search=Ufers", len(opened)), ("search=Tunnel", 0), (f"assembly={assembly.slug}x", 0)):
        assert len(rows(office.client.get(f"/follow-up?{query}").text)) == count, query
    assembly.is_public = False
    session.commit()
    assert office.client.get("/follow-up").status_code == 404
    assert 'href="/follow-up"' not in office.client.get("/").text


def test_across_assemblies_an_addressee_is_found_by_its_name(
    office: Office, opened: list[Case], session: Session, organiser: User
) -> None:
    """Each assembly counts its own: the first of one is not the first of another."""
    other = assemblies.create_assembly(session, WORDS | {"title": "Zweiter Rat", "is_public": True}, by=organiser)
    case, *_ = hand_over(session, other, by=organiser, on=HANDED_OVER)
    case.addressee.name, case.recommendation.title = "Kreistag & Landrat", "Radweg 17"
    session.commit()
    for page in ("/follow-up", "/cases/"):
        found = office.client.get(page, query_string={"addressee": "Kreistag & Landrat"}).text
        assert rows(found) == ["Radweg 17"], page
        assert '<option value="Kreistag &amp; Landrat" selected>' in found
        named = office.client.get(page, query_string={"addressee": "Stadtrat Auenfurt"}).text
        assert len(rows(named)) == len(opened), page
        assert rows(office.client.get(page, query_string={"addressee": "1"}).text) == [], page
    assert len(rows(office.read("follow-up/register?addressee=Kreistag"))) == len(opened)  # no number of its own


def test_odd_parameters_make_no_fault_and_no_other_page(office: Office, opened: list[Case]) -> None:
    assert opened
    slug = office.public.removeprefix("/a/")
    for odd in ("slug=1", "endpoint=1", "_method=DELETE", "_external=1", "x=1", "page=9", "search=%00"):
        for page in (f"{office.public}/follow-up/register", f"{office.public}/follow-up.atom", "/follow-up"):
            answer = office.client.get(f"{page}?{odd}")
            assert (answer.status_code, f"/a/{slug}/" in answer.text) == (200, True), (page, odd)
