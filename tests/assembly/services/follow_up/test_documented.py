"""The table of the follow-up stands in its README as it stands in the code."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from assembly.models import CaseState
from assembly.services.follow_up.transitions import OPEN, TABLE
from tests.project import ROOT

README = ROOT / "assembly" / "services" / "follow_up" / "README.md"


def test_the_readme_has_every_step_as_it_is() -> None:
    rows = [line.split(" | ")[:4] for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    expected = [
        [
            f"| {move.value}",
            _names(transition.before),
            " or ".join(state.value for state in transition.after) or "–",
            ", ".join(sorted(actor.value for actor in transition.actors)),
        ]
        for move, transition in TABLE.items()
    ]
    assert rows[2:] == expected


def _names(states: AbstractSet[CaseState]) -> str:
    if states in (OPEN, frozenset(CaseState)):
        return "any but closed" if states == OPEN else "any"
    return ", ".join(state.value for state in CaseState if state in states)
