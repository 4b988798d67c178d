"""Papers, meetings and resolutions of the mirror are found, chosen, and stand in the form of a step, in one or many."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from sqlalchemy.orm import Session

from assembly.models import (
    Assembly,
    Case,
    CouncilAgendaItem,
    CouncilMeeting,
    CouncilPaper,
    CouncilSource,
    Move,
)
from assembly.services.council.reading import folded
from assembly.services.follow_up import attaching
from assembly.services.follow_up.transitions import TABLE
from tests.assembly.views.test_cases import BEGUN, Office, office, opened
from tests.assembly.web import post

__all__ = ["office", "opened"]  # fixtures
SITE = "https://ris.example.org"
PAPER, MEETING, RESOLUTION = f"{SITE}/vorlage/7", f"{SITE}/sitzung/1", f"{SITE}/top/4"
DAY = "2035-03-02"


MET_AT = dt.datetime(2035, 3, 2, 17, tzinfo=dt.UTC)


def mirror(session: Session, assembly: Assembly, *, met_at: dt.datetime = MET_AT) -> dict[str, str]:
    """Mirror a paper, a meeting and what it resolved; return their keys."""
    source = CouncilSource(assembly_id=assembly.id, address=f"{SITE}/oparl", name="Stadt", body=f"{SITE}/body")
    session.add(source)
    session.flush()
    paper = CouncilPaper(
        source_id=source.id,
        oparl_id=f"{SITE}/p",
        reference="2035/7",
        name="Radweg <am> Ufer",
        dated_on=dt.date(2035, 2, 20),
        web=PAPER,
        search=folded("2035/7 Radweg am Ufer"),
    )
    meeting = CouncilMeeting(
        source_id=source.id,
        oparl_id=f"{SITE}/m",
        name="Stadtrat, öffentliche Sitzung",
        organizations=["Stadtrat"],
        starts_at=met_at,
        web=MEETING,
        search=folded("Stadtrat öffentliche Sitzung Radweg am Ufer"),
    )
    item = CouncilAgendaItem(
        oparl_id=f"{SITE}/t", position=0, number="Ö 4", name="Radweg am Ufer", result="beschlossen", web=RESOLUTION
    )
    item.paper = paper.oparl_id
    meeting.items.append(item)
    session.add_all([paper, meeting])
    session.commit()
    return {"paper": f"paper:{paper.id}", "meeting": f"meeting:{meeting.id}", "resolution": f"resolution:{item.id}"}


@pytest.fixture
def keys(office: Office) -> dict[str, str]:
    """The keys of what is mirrored."""
    return mirror(office.session, office.assembly)


def search(office: Office, chosen: list[Case], move: str, **asked: str) -> str:
    """Return the page on which something is chosen."""
    query = [("case", str(one.id)) for one in chosen] + [("move", move), *asked.items()]
    answer = office.client.get(f"{office.base}/council", query_string=query)
    assert answer.status_code == 200
    return answer.text


def ways(page: str) -> dict[str, str]:
    """Return the addresses of the form with what can be chosen, by the keys."""
    found = re.findall(r'href="([^"]*(?:steps|together)[^"]*reference=([a-z]+)(?::|%3A)\d+)"', page)
    return {kind: address.replace("&amp;", "&") for address, kind in found}


def value_of(page: str, name: str) -> str | None:
    """Return what a field of a form begins with."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    return found[1] if found else None


def debate_of(office: Office, chosen: list[Case]) -> None:
    """Let cases come to where a debate is next."""
    for case in chosen:
        office.go(case, (*((0, kind, values) for _, kind, values in BEGUN), (0, Move.ANSWER, {"outcome": "rejected"})))


def test_a_meeting_and_a_paper_are_chosen_and_stand_in_the_step_and_on_the_public_page(
    office: Office, opened: list[Case], keys: dict[str, str]
) -> None:
    debate_of(office, opened[:1])
    office.after(2)
    form = office.client.get(f"{office.base}/{opened[0].id}/steps/debate").text
    assert "Choose a paper, a meeting or a resolution" in form
    offered = ways(search(office, opened[:1], "debate", q="radweg ufer"))
    assert set(offered) == {"paper", "meeting"}
    office.client.get(offered["paper"])
    both = f"{offered['paper']}&reference={keys['meeting']}"
    form = office.client.get(both).text
    names = ("taken_on", "body", "link", "paper", "paper_link")
    assert [value_of(form, name) for name in names] == [
        DAY,
        "Stadtrat",
        MEETING,
        "2035/7: Radweg &lt;am&gt; Ufer",
        PAPER,
    ]
    said = {name: value_of(form, name) for name in names} | {"is_public": "y", "paper": "2035/7: Radweg <am> Ufer"}
    assert post(office.client, both, **said).status_code == 302
    office.session.expire_all()
    assert opened[0].steps[-1].facts == {
        "body": "Stadtrat",
        "is_public": True,
        "link": MEETING,
        "paper": "2035/7: Radweg <am> Ufer",
        "paper_link": PAPER,
    }
    public = office.read("recommendations/1")
    assert ("2035/7: Radweg &lt;am&gt; Ufer" in public, f'href="{PAPER}"' in public) == (True, True)
    assert PAPER in office.read("follow-up.json")


def test_a_resolution_is_chosen_once_for_many_cases(office: Office, opened: list[Case], keys: dict[str, str]) -> None:
    debate_of(office, opened)
    for case in opened:
        office.go(case, ((0, Move.DEBATE, {}),))
    office.after(2)
    offered = ways(search(office, opened, "decide", outcome="rejected"))
    assert set(offered) == {"paper", "meeting", "resolution"}
    form = office.client.get(offered["resolution"]).text
    names = ("taken_on", "resolution", "link")
    assert [value_of(form, name) for name in names] == [DAY, "2035/7", RESOLUTION]
    said = {name: value_of(form, name) for name in names}
    assert post(office.client, offered["resolution"], **said, yes=20, no=3, abstained=0).status_code == 302
    office.session.expire_all()
    assert [case.steps[-1].facts["link"] for case in opened] == [RESOLUTION] * 3
    assert [case.decided_on for case in opened] == [dt.date(2035, 3, 2)] * 3


def test_without_a_mirror_everything_is_written_by_hand(office: Office, opened: list[Case]) -> None:
    debate_of(office, opened[:1])
    form = office.client.get(f"{office.base}/{opened[0].id}/steps/debate").text
    assert ("council information" in form, 'name="paper"' in form) == (False, True)
    office.go(opened[0], ((0, Move.DEBATE, {"paper": "2035/9", "paper_link": f"{SITE}/9"}),))
    assert opened[0].steps[-1].facts["paper"] == "2035/9"
    assert office.take(opened[0], Move.MINUTES, paper_link="javascript:alert(1)").status_code == 422


def test_what_is_not_there_or_anothers_is_not_found(office: Office, opened: list[Case], keys: dict[str, str]) -> None:
    number = opened[0].id
    asked: tuple[dict[str, Any], ...] = (
        {"move": "assign"},
        {"case": number},
        {"case": number, "move": "x"},
        {"case": 10**20, "move": "assign"},
    )
    for query in asked:
        assert office.client.get(f"{office.base}/council", query_string=query).status_code == 404, query
    for key in ("paper:999", "x", "paper:", "meeting:99999999999999999999"):
        address = f"{office.base}/{number}/steps/assign"
        assert office.client.get(address, query_string={"reference": key}).status_code == 404, key
    assert "Nothing was found" in search(office, opened[:1], "debate", q="\0gibt es nicht")


def test_only_steps_with_a_place_for_it_offer_it(session: Session, assembly: Assembly) -> None:
    mirror(session, assembly)
    offered = {move.value for move in TABLE if attaching.kinds_for(session, assembly, move)}
    assert offered == {"answer", "debate", "minutes", "decide", "review", "on_agenda", "close"}
