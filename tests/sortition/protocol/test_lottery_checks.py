"""Beside the audit document, lottery.json shows whether its proof holds, and no changed one passes for it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sortition.errors import InputError
from sortition.lottery import Cut, Lottery
from sortition.lottery_file import lottery_document
from sortition.model import Entry, Instance, Quota
from sortition.protocol.canonical import canonical_bytes_with_floats
from sortition.protocol.commit import Commitment, commit
from sortition.protocol.documents import parse_document
from sortition.protocol.hashes import lottery_seal
from sortition.protocol.receipts import redact
from sortition.protocol.report import Outcome
from sortition.protocol.verify import Report, verify
from sortition.solve import solve_lottery

from .factory import NOW, loaded, rule
from .tamperer import tampered
from .test_verify import nodes


def uneven() -> Instance:
    """Three levels: 1/6 for “c”, 1/3 for “b”, 1/2 for “a”; two of “c” live together, and one is excluded."""
    entries = tuple(
        Entry(f"p{i:02d}", {"kind": kind}, "home" if i in {5, 6} else None) for i, kind in enumerate("aabbbccccccc")
    )
    quotas = {"kind": {kind: Quota(1, 1) for kind in "abc"}}
    return Instance(entries, quotas, 3, excluded=frozenset({"p11"}))


def not_tight() -> Instance:
    """The smallest pool whose averages promise too much: its proof needs exact search."""
    entries = tuple(Entry(row, dict(zip("abc", row, strict=True))) for row in ("000", "011", "101", "110"))
    return Instance(entries, {feature: {"0": Quota(0, 2), "1": Quota(0, 1)} for feature in "abc"}, 2)


@pytest.fixture(scope="module")
def solved() -> Lottery:
    return solve_lottery(uneven())


@pytest.fixture(scope="module")
def searched() -> Lottery:
    return solve_lottery(not_tight())


def committed(lottery: Lottery) -> Commitment:
    return commit(lottery, rule(tickets=len(lottery.tickets)), now=NOW)


def checked(lottery: Lottery, *, given_to: Lottery | None = None) -> Report:
    """The report on an audit document and lottery.json, which somebody changed before all was committed."""
    made = committed(given_to or lottery)
    return verify(loaded(made.public, made.audit, lottery), commitments=[made.hash])


def failed(report: Report) -> set[str]:
    return {line.key for line in report.lines if line.outcome is Outcome.FAILED}


def line_of(report: Report, key: str) -> tuple[Outcome, str]:
    (line,) = [line for line in report.lines if line.key == key]
    return line.outcome, str(line.message)


def with_level(lottery: Lottery, number: int, **changes: Any) -> Lottery:
    levels = lottery.certificate.levels
    changed = (*levels[:number], replace(levels[number], **changes), *levels[number + 1 :])
    return replace(lottery, certificate=replace(lottery.certificate, levels=changed))


def test_an_honest_proof_holds(solved: Lottery) -> None:
    report = checked(solved)
    assert report.verified
    assert line_of(report, "proof")[0] is Outcome.PASSED
    assert "proof_search" not in {line.key for line in report.lines}


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("step", [-0.01, 0.01])
def test_a_tampered_level_fails_even_if_it_was_committed_to(solved: Lottery, number: int, step: float) -> None:
    forged = with_level(solved, number, value=solved.certificate.levels[number].value + step)
    assert failed(checked(forged)) == {"proof"}
    assert failed(checked(forged, given_to=solved)) == {"seal", "proof"}


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": ()},
        {"classes": (99,)},
        {"class_multipliers": {99: 1.0}},
        {"row_multipliers": {99: 1.0}},
        {"row_multipliers": {}},
        {"class_multipliers": {}},
    ],
)
def test_a_proof_that_speaks_of_something_else_fails(solved: Lottery, changes: dict[str, Any]) -> None:
    assert failed(checked(with_level(solved, 1, **changes))) == {"proof"}


def test_a_proof_over_other_classes_or_another_portfolio_fails(solved: Lottery) -> None:
    assert failed(checked(replace(solved, class_of=np.roll(solved.class_of, 1)))) == {"proof"}
    half = replace(solved.portfolio[0], probability=solved.portfolio[0].probability / 2)
    assert failed(checked(replace(solved, portfolio=(half, *solved.portfolio[1:])))) == {"proof"}
    everyone = replace(solved, unreachable=frozenset({0, 11}))
    assert failed(checked(everyone)) == {"proof"}


def test_what_only_a_search_can_show_is_said(searched: Lottery) -> None:
    report = checked(searched)
    assert report.verified
    assert line_of(report, "proof")[0] is Outcome.PASSED
    outcome, text = line_of(report, "proof_search")
    assert outcome is Outcome.NEEDS_MORE
    assert "needs solving again" in text


def test_a_bound_or_a_cut_that_a_panel_of_the_lottery_exceeds_fails(solved: Lottery, searched: Lottery) -> None:
    first = solved.certificate.levels[0]
    bounded = with_level(solved, 0, bound=0.9 * sum(first.class_multipliers.values()), row_multipliers={})
    assert "proof" in failed(checked(bounded))
    cuts = (*searched.certificate.cuts, Cut({0: 1.0}, 0.9))
    assert "proof" in failed(checked(replace(searched, certificate=replace(searched.certificate, cuts=cuts))))


def test_people_said_to_be_on_no_panel_are_counted() -> None:
    pool = uneven()
    quotas = {"kind": {"a": Quota(0, 0), "b": Quota(1, 2), "c": Quota(1, 2)}}
    report = checked(solve_lottery(replace(pool, quotas=quotas)))
    assert report.verified
    assert "2 people can be on none" in line_of(report, "proof_search")[1]


def test_it_is_said_why_a_proof_cannot_be_checked(solved: Lottery) -> None:
    outcome, text = line_of(checked(solve_lottery(uneven(), objective="nash")), "proof")
    assert (outcome, "not that of nash" in text) == (Outcome.NEEDS_MORE, True)
    unproven = replace(solved, certificate=replace(solved.certificate, proven=False, proof="none", gap=0.1))
    outcome, text = line_of(checked(unproven), "proof")
    assert (outcome, "does not claim one" in text) == (Outcome.NOTE, True)


def other_quotas(lottery: Lottery) -> Lottery:
    quotas = {"kind": {**lottery.instance.quotas["kind"], "a": Quota(0, 1)}}
    return replace(lottery, instance=replace(lottery.instance, quotas=quotas))


def other_flex(lottery: Lottery) -> Lottery:
    quotas = {"kind": {**lottery.instance.quotas["kind"], "a": Quota(1, 1, 0, 2)}}
    return replace(lottery, instance=replace(lottery.instance, quotas=quotas))


def other_homes(lottery: Lottery) -> Lottery:
    entries = tuple(replace(e, household="home" if e.id in {"p05", "p07"} else None) for e in lottery.instance.entries)
    return replace(lottery, instance=replace(lottery.instance, entries=entries))


def other_people(lottery: Lottery) -> Lottery:
    entries = tuple(replace(e, id="p99") if e.id == "p11" else e for e in lottery.instance.entries)
    return replace(lottery, instance=replace(lottery.instance, entries=entries, excluded=frozenset({"p99"})))


def other_tickets(lottery: Lottery) -> Lottery:
    return replace(lottery, tickets=np.roll(lottery.tickets, 1, axis=0))


def other_claims(lottery: Lottery) -> Lottery:
    return replace(lottery, certificate=replace(lottery.certificate, tolerance=1e-3))


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (other_quotas, "quotas"),
        (other_flex, "quotas"),
        (other_homes, "households"),
        (other_people, "people"),
        (other_tickets, "tickets"),
        (other_claims, "claims"),
    ],
)
def test_a_lottery_sealed_beside_another_audit_document_fails(
    solved: Lottery, change: Callable[[Lottery], Lottery], parts: str
) -> None:
    made, other = committed(solved), change(solved)

    def seal(audit: Any) -> None:
        content = canonical_bytes_with_floats(lottery_document(other))
        audit["public"]["lottery_seal"] = lottery_seal(bytes.fromhex(audit["lottery_salt"]), content)

    report = verify(loaded(tampered(made.audit, seal), other))
    assert {"lottery"} <= failed(report) <= {"lottery", "proof"}
    assert line_of(report, "lottery")[1] == f"lottery.json and the audit document differ in: {parts}."


def test_erased_people_are_left_out_of_the_comparison(solved: Lottery) -> None:
    made = committed(solved)
    report = verify(loaded(made.public, redact(made.audit, {"p05", "p02"}), solved), commitments=[made.hash])
    assert report.verified


@pytest.fixture(scope="module")
def small() -> tuple[Lottery, Commitment]:
    """With ten tickets, so that many examples are fast."""
    made = solve_lottery(not_tight())
    tickets = made.tickets[:10]
    chances = np.bincount(tickets.ravel(), minlength=4) / 10
    lottery = replace(made, tickets=tickets, selection_probability=chances)
    return lottery, committed(lottery)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_lottery_file_makes_verify_fail_in_an_unplanned_way(
    small: tuple[Lottery, Commitment], data: st.DataObject
) -> None:
    lottery, made = small
    document = copy.deepcopy(lottery_document(lottery))
    place = data.draw(st.sampled_from([place for place in nodes(document)[1:] if place[0] != "tickets"]))
    parent: Any = document
    for key in place[:-1]:
        parent = parent[key]
    odd = [None, True, 0, -1, 1, 99, 1e308, -1e308, 10**400, 0.5, "", "x", [], [[]], {}, {"0": 1.0}, {"99": 1.0}, [99]]
    parent[place[-1]] = data.draw(st.sampled_from(odd))
    try:
        file = parse_document(json.dumps(document).encode(), name="lottery.json")
    except InputError:
        return
    report = verify([*loaded(made.public, made.audit), file], commitments=[made.hash])
    assert failed(report) or lottery_document(file.content) == lottery_document(lottery)  # type: ignore[arg-type]  # it is one
