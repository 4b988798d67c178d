"""The same step in many cases at once: in all of them, or in none, with what stands against it named."""

from __future__ import annotations

import datetime as dt
from typing import Any

from assembly.models import Case, CaseState, Move
from assembly.services.daily import today
from tests.assembly.queries import counted
from tests.assembly.services.follow_up.recommended import hand_over
from tests.assembly.services.follow_up.steps import said
from tests.assembly.views.test_cases import Office, office, opened, written
from tests.assembly.web import mark_in, post

__all__ = ["office", "opened"]  # fixtures
MANY = 48


def together(office: Office, chosen: list[Case], kind: Move, **values: Any) -> Any:
    """Send the form of a step in several cases."""
    complete = said(kind, today(), **values) | {"taken_on": today()}
    query = "&".join([f"move={kind}", *(f"case={one.id}" for one in chosen)])
    if "outcome" in complete:
        query += f"&outcome={complete.pop('outcome')}"
    return post(office.client, f"{office.base}/together?{query}", **{n: written(v) for n, v in complete.items()})


def states(office: Office, chosen: list[Case]) -> set[CaseState]:
    """Return where the cases stand."""
    office.session.expire_all()
    return {one.state for one in chosen}


def test_forty_eight_go_from_handover_to_decision_in_seven_forms(office: Office, organiser: Any) -> None:
    chosen = hand_over(office.session, office.assembly, by=organiser, on=dt.date(2035, 3, 1), count=MANY)
    office.session.commit()
    listed = office.client.get(f"{office.base}/").text
    assert listed.count('name="case"') == MANY
    assert "Assign to a department" in listed
    for kind in (Move.ASSIGN, Move.BEGIN_REVIEW, Move.ANSWER, Move.DEBATE, Move.MINUTES, Move.DECIDE, Move.IMPLEMENT):
        assert together(office, chosen, kind).status_code == 302, kind
    assert states(office, chosen) == {CaseState.IN_IMPLEMENTATION}


def test_what_is_not_possible_in_one_is_done_in_none_and_names_it(office: Office, opened: list[Case]) -> None:
    assert together(office, opened[1:2], Move.ASSIGN).status_code == 302
    refused = together(office, opened, Move.ASSIGN)
    assert refused.status_code == 422
    assert "Recommendation 2, Stadtrat Auenfurt: This step is not possible now." in refused.text
    assert 'value="Eine Zeile"' in refused.text, "nothing that was typed is lost"
    office.session.expire_all()
    assert [one.state for one in opened] == [CaseState.HANDED_OVER, CaseState.ASSIGNED, CaseState.HANDED_OVER]


def test_the_outcome_is_chosen_first_and_what_is_missing_is_said_once(office: Office, opened: list[Case]) -> None:
    for kind in (Move.ASSIGN, Move.BEGIN_REVIEW):
        together(office, opened, kind)
    query = "&".join(["move=answer", *(f"case={one.id}" for one in opened)])
    page = office.client.get(f"{office.base}/together?{query}").text
    assert f"?{query.replace('&', '&amp;')}&amp;outcome=rejected" in page
    assert "In 3 cases:" in page
    refused = together(office, opened, Move.ANSWER, outcome="rejected", legal="")
    assert (refused.status_code, refused.text.count('id="legal-error"') <= 1) == (422, True)
    assert states(office, opened) == {CaseState.UNDER_REVIEW}


def test_whoever_wrote_while_something_was_recorded_is_told_and_loses_nothing(
    office: Office, opened: list[Case]
) -> None:
    """In one case as in several: what a newer report says is not taken back by an older form."""
    query = "&".join(["move=assign", *(f"case={one.id}" for one in opened)])
    addresses = (f"{office.base}/{opened[0].id}/steps/extend", f"{office.base}/together?{query}")
    marks = [mark_in(office.client.get(address).text) for address in addresses]
    said_now = {"duty": "answer", "days": "9", "reason": "Ein Gutachten fehlt."}
    office.take(opened[2], Move.EXTEND, **said_now | {"days": 9})
    assert post(office.client, addresses[0], mark=marks[0], **said_now).status_code == 302, "another case"
    refused = post(office.client, addresses[1], mark=marks[1], unit="Tiefbauamt")
    assert (refused.status_code, "Something was recorded here while you wrote." in refused.text) == (422, True)
    assert 'value="Tiefbauamt"' in refused.text
    assert states(office, opened) == {CaseState.HANDED_OVER}
    assert post(office.client, addresses[1], mark=mark_in(refused.text), unit="Tiefbauamt").status_code == 302
    assert states(office, opened) == {CaseState.ASSIGNED}


def test_nothing_chosen_other_assemblies_and_single_steps_are_refused(office: Office, opened: list[Case]) -> None:
    assert office.client.get(f"{office.base}/together?move=assign").status_code == 302
    for number in (999, 10**20, -(10**20)):
        assert office.client.get(f"{office.base}/together?move=assign&case={number}").status_code == 404
    assert office.client.get(f"{office.base}/together?move=redact&case={opened[0].id}").status_code == 404


def test_the_number_of_queries_of_the_form_does_not_grow_with_the_cases(office: Office, opened: list[Case]) -> None:
    counts = []
    for chosen in (opened[:1], opened):
        query = "&".join(["move=assign", *(f"case={one.id}" for one in chosen)])
        with counted(office.session.get_bind().engine) as statements:
            assert office.client.get(f"{office.base}/together?{query}").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
