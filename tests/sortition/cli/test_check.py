from __future__ import annotations

import json

import pytest
from rich.console import Console

from sortition.cli import check as check_command
from sortition.cli.check import render, run_check
from sortition.feasibility import check, unreachable
from sortition.model import Entry, Instance, Quota


@pytest.fixture
def instance():
    entries = tuple(
        Entry(f"secret-{n}", {"District": "North" if n < 3 else "South"}, "home" if n < 2 else None) for n in range(8)
    )
    return Instance(entries, {"District": {"North": Quota(3, 3, 3, 3), "South": Quota(1, 1)}}, 4)


def changed(instance, quotas, **settled):
    return Instance(instance.entries, {"District": quotas}, 4, **settled)


def test_infeasible_quotas_are_explained_and_exit_1(instance, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert run_check(instance, as_json=False) == 1
    out = capsys.readouterr().out
    assert [line.rstrip() for line in out.splitlines()] == [
        "Not feasible: no panel of 4 from these 8 people meets the quotas.",
        "",
        "Why",
        (
            "  • District “North” needs at least 3 members; 3 people are registered, 2 of them in 1 household, "
            "so at most 2 can be drawn."
        ),
        (
            "  • District: the maximums and the registrations together fill at most 3 of 4 seats; "
            "too few people can be drawn for: “North”."
        ),
        "",
        "What to change",
        "  • Nothing within min_flex and max_flex helps. The smallest change beyond them:",
        "  • Choice 1:",
        "    • Lower the minimum of District “North” from 3 to 2, which is beyond its min_flex.",
        "    • Raise the maximum of District “South” from 1 to 2.",
        "",
        "Or whom to invite",
        "  • 1 more registration would make a panel possible: 1 × District “North”.",
    ]
    assert "secret" not in out


def test_json_holds_the_sentences_and_what_they_are_made_of(instance, capsys):
    assert run_check(instance, as_json=True) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["feasible"] is False
    assert [change["new"] for change in report["relaxations"][0]["changes"]] == [2, 2]
    assert report["additions"]["kinds"] == [
        {"count": 1, "values": {"District": "North"}, "examples": [{"District": "North"}]}
    ]
    assert "secret" not in json.dumps(report)


def test_feasible_quotas_exit_0(instance, capsys):
    feasible = changed(instance, {"North": Quota(0, 4), "South": Quota(0, 4)})
    assert run_check(feasible, as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Feasible: panels of 4 can be drawn from 8 people.",
        "Everyone in the pool who may be drawn can be selected.",
    ]


def test_json_of_people_who_can_never_be_selected(instance):
    (group,) = check(changed(instance, {"North": Quota(0, 0), "South": Quota(4, 4)})).to_json()["unreachable"]
    assert (group["values"], group["count"], group["single_changes"]) == ({"District": "North"}, 3, [])
    assert [change["text"] for change in group["relaxation"]["changes"]] == [
        "Raise the maximum of District “North” from 0 to 1.",
        "Lower the minimum of District “South” from 4 to 3.",
    ]


def text_of(report, capsys):
    Console(width=200, highlight=False).print(render(report))
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_people_who_can_never_be_selected_are_explained(instance, capsys):
    closed = changed(instance, {"North": Quota(0, 0, 0, 0), "South": Quota(4, 4)})
    lines = text_of(check(closed), capsys)
    assert lines[2:6] == [
        "Some people can never be selected:",
        "• Nobody with District “North” can be selected (3 people are registered).",
        "• District “North” may have at most 0 members, but at least 1 must be drawn while the following holds:",
        "• One of these people is on the panel.",
    ]


def test_each_way_to_let_people_in_is_said(instance, capsys, monkeypatch):
    loose = changed(instance, {"North": Quota(0, 0), "South": Quota(0, 4)})
    assert "• Any one of these changes would let them in:" in text_of(check(loose), capsys)
    tight = changed(instance, {"North": Quota(0, 0), "South": Quota(4, 4)})
    assert "• These changes together would let them in:" in text_of(check(tight), capsys)
    given = changed(instance, {"North": Quota(0, 4), "South": Quota(0, 4)}, required=frozenset(["secret-0"]))
    assert "• No change of the quotas would let them in." in text_of(check(given), capsys)
    monkeypatch.setattr(unreachable, "GROUP_LIMIT", 0)
    assert "• 3 more." in text_of(check(loose), capsys)


def test_what_nothing_can_help_is_said(instance, capsys):
    clash = changed(
        instance, {"North": Quota(0, 4), "South": Quota(0, 4)}, required=frozenset(["secret-0", "secret-1"])
    )
    lines = text_of(check(clash), capsys)
    assert "• The seats already given include several from the same household (in 1 household)." in lines
    assert "• No change of the quotas helps; it is the pool, its households or the seats already given." in lines
    assert "• No number of further registrations helps; the quotas or the size have to change." in lines


def test_more_reasons_than_anyone_reads_are_cut_short(capsys, monkeypatch):
    monkeypatch.setattr(check_command, "REASONS_SHOWN", 0)
    entries = tuple(Entry(str(n), {"a": "x" if n < 4 else "y", "b": "x" if n < 4 else "y"}) for n in range(8))
    quotas = {"a": {"x": Quota(3, 4), "y": Quota(0, 4)}, "b": {"x": Quota(0, 2), "y": Quota(0, 4)}}
    assert "• And 1 more; --json lists them all." in text_of(check(Instance(entries, quotas, 4)), capsys)


def test_conflicts_beyond_counting_are_printed(capsys):
    entries = tuple(Entry(str(n), {"a": "x" if n < 4 else "y", "b": "x" if n < 4 else "y"}) for n in range(8))
    quotas = {"a": {"x": Quota(3, 4), "y": Quota(0, 4)}, "b": {"x": Quota(0, 2), "y": Quota(0, 4)}}
    report = check(Instance(entries, quotas, 4))
    assert report.to_json()["conflicts"][0]["rules"] == [
        {"kind": "lower", "feature": "a", "value": "x"},
        {"kind": "upper", "feature": "b", "value": "x"},
    ]
    assert "• b “x” may have at most 2 members." in text_of(report, capsys)
