"""Replacement lotteries against brute force: every completion of the panel is enumerated."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse

from sortition.errors import InfeasibleQuotasError
from sortition.highs import Program
from sortition.model import Entry, Instance, Quota
from sortition.protocol.commit import Commitment, commit
from sortition.protocol.documents import DrawnDocument
from sortition.protocol.draw import draw
from sortition.protocol.verify import verify
from sortition.replacement import replacement_instance, replacement_relaxations, solve_replacement

from .protocol.factory import AFTER, LATER, NOW, loaded, lottery_of, pool, rule

GENDERS, AREAS = ("female", "male"), ("north", "south")


def first_stage(instance: Instance) -> tuple[Commitment, DrawnDocument]:
    made = commit(lottery_of(instance), rule(replacements=True), now=NOW)
    return made, draw(made.audit, how="digits", value="7", now=AFTER)


def completions(instance: Instance) -> list[tuple[int, ...]]:
    """All panels of the instance by trying every choice of people for the vacated seats, household by household."""
    entries = instance.entries
    fixed = tuple(i for i, entry in enumerate(entries) if entry.id in instance.required)
    free = [i for i, entry in enumerate(entries) if entry.id not in instance.required | instance.excluded]
    panels = []
    for chosen in itertools.combinations(free, instance.size - len(fixed)):
        panel = (*fixed, *chosen)
        households = [entries[i].household for i in panel if entries[i].household is not None]
        counts_hold = all(
            quota.lower <= sum(entries[i].values[feature] == value for i in panel) <= quota.upper
            for feature, values in instance.quotas.items()
            for value, quota in values.items()
        )
        if counts_hold and len(set(households)) == len(households):
            panels.append(tuple(sorted(panel)))
    return panels


def largest_minimum(instance: Instance, panels: list[tuple[int, ...]]) -> float:
    """The largest smallest chance of the people on some panel, over all mixes of all panels."""
    reachable = sorted({i for panel in panels for i in panel})
    rows = [[float(i in panel) for panel in panels] + [-1.0] for i in reachable]
    rows.append([1.0] * len(panels) + [0.0])
    lower = np.array([0.0] * len(reachable) + [1.0])
    upper = np.array([np.inf] * len(reachable) + [1.0])
    cost = np.array([0.0] * len(panels) + [1.0])
    ones = np.ones(len(panels) + 1)
    return Program(sparse.csr_matrix(rows), lower, upper, 0 * ones, ones, cost=cost).solve().objective


@st.composite
def pools(draw_from: st.DrawFn) -> tuple[Instance, int]:
    """Nine to twelve people, two features, some households; quotas around a random panel of four; seats to vacate."""
    count = draw_from(st.integers(9, 12))
    rows = [(draw_from(st.sampled_from(GENDERS)), draw_from(st.sampled_from(AREAS))) for _ in range(count)]
    homes = [draw_from(st.sampled_from([None, None, None, "a", "b"])) for _ in range(count)]
    entries = tuple(
        Entry(f"{i:02d}", {"gender": g, "area": a}, home)
        for i, ((g, a), home) in enumerate(zip(rows, homes, strict=True))
    )
    panel = draw_from(st.permutations(range(count)))[:4]
    quotas = {}
    for feature, values in (("gender", GENDERS), ("area", AREAS)):
        held = [sum(entries[i].values[feature] == value for i in panel) for value in values]
        room = draw_from(st.integers(0, 1))
        quotas[feature] = {v: Quota(max(0, n - room), min(4, n + room)) for v, n in zip(values, held, strict=True)}
    kept = [entries[i].household for i in panel if entries[i].household is not None]
    assume(len(set(kept)) == len(kept))
    return Instance(entries, quotas, 4), draw_from(st.integers(1, 3))


@settings(max_examples=40)
@given(pools())
def test_replacements_are_as_fair_as_brute_force_and_meet_the_quotas_of_the_whole_panel(
    drawn_pool: tuple[Instance, int],
) -> None:
    original, vacated = drawn_pool
    made, result = first_stage(original)
    instance = replacement_instance(made.audit, result, result["members"][:vacated])
    panels = completions(instance)
    if not panels:
        with pytest.raises(InfeasibleQuotasError):
            solve_replacement(made.audit, result, instance)
        return
    lottery = solve_replacement(made.audit, result, instance).lottery
    assert {tuple(ticket) for ticket in lottery.tickets.tolist()} <= set(panels)
    assert lottery.certificate.proven
    reachable = {i for panel in panels for i in panel}
    assert set(np.flatnonzero(lottery.ideal_probability > 0).tolist()) == reachable
    smallest = min(lottery.ideal_probability[i] for i in reachable)
    assert smallest == pytest.approx(largest_minimum(instance, panels), abs=1e-6)
    assert lottery.parent == made.hash


def test_a_replacement_is_committed_drawn_and_verified_like_the_first_lottery() -> None:
    made, result = first_stage(pool())
    instance = replacement_instance(made.audit, result, result["members"][:2])
    lottery = solve_replacement(made.audit, result, instance).lottery
    second = commit(lottery, rule(replacements=True), now=AFTER)
    drawn = draw(second.audit, how="public_value", value="0123456789abcdef" * 2, now=LATER[0])
    assert set(result["members"][2:]) < set(drawn["members"])
    files = loaded(made.audit, result, second.audit, drawn, lottery)
    report = verify(files, commitments=[second.hash])
    assert report.verified, [str(line.message) for line in report.lines]


def dead_end() -> tuple[Commitment, DrawnDocument, Instance]:
    """The only diverse person leaves a panel that needs one."""
    entries = (Entry("01", {"gender": "diverse", "area": "north"}), *pool().entries[1:-1])
    quotas = {
        "gender": {"female": Quota(1, 2), "male": Quota(1, 2), "diverse": Quota(1, 1)},
        "area": {"north": Quota(2, 2), "south": Quota(2, 2)},
    }
    made, result = first_stage(Instance(entries, quotas, 4))
    return made, result, replacement_instance(made.audit, result, ["01"])


def test_if_impossible_the_smallest_relaxation_is_named_and_made_on_request() -> None:
    made, result, instance = dead_end()
    with pytest.raises(InfeasibleQuotasError):
        solve_replacement(made.audit, result, instance)
    found = replacement_relaxations(made.audit, instance)
    assert "Lower the minimum of gender “diverse” from 1 to 0." in {str(c.message) for c in found[0].changes}
    solved = solve_replacement(made.audit, result, instance, relax=True)
    assert solved.relaxation is not None
    assert solved.relaxation.changes == found[0].changes
    assert solved.lottery.instance.quotas["gender"]["diverse"].lower == 0


def test_relaxing_where_nothing_needs_it_changes_nothing() -> None:
    made, result = first_stage(pool())
    instance = replacement_instance(made.audit, result, result["members"][:1])
    solved = solve_replacement(made.audit, result, instance, relax=True)
    assert solved.relaxation is None
    assert solved.lottery.instance.quotas == instance.quotas


def test_after_a_rehearsal_the_replacement_is_one_too() -> None:
    made, result = first_stage(pool())
    instance = replacement_instance(made.audit, result, result["members"][:1])
    assert not solve_replacement(made.audit, result, instance).lottery.rehearsal
    rehearsed: DrawnDocument = {**result, "rehearsal": True}
    assert solve_replacement(made.audit, rehearsed, instance).lottery.rehearsal


def test_the_seed_does_not_depend_on_the_random_numbers_of_households() -> None:
    lottery = lottery_of(pool())
    seeds = set()
    for _ in range(2):
        made = commit(lottery, rule(replacements=True), now=NOW)
        result = draw(made.audit, how="digits", value="7", now=AFTER)
        instance = replacement_instance(made.audit, result, result["members"][:1])
        seeds.add(instance.seed())
        assert replace(instance).seed() == instance.seed()
    assert len(seeds) == 1


@pytest.mark.parametrize("digits", [3, 4])
def test_it_has_as_many_tickets_as_the_fixed_digits_number_although_chances_are_small(digits: int) -> None:
    """Of a hundred people one is drawn: 10,000 tickets would be better, but three digits fixed before number 1,000."""
    entries = tuple(Entry(f"{n:03}", {"gender": GENDERS[n % 2]}) for n in range(200))
    original = Instance(entries, {"gender": {gender: Quota(2, 2) for gender in GENDERS}}, 4)
    fixed, source = rule(replacements=True), rule(tickets=10**digits).draw
    assert fixed.replacements is not None
    fixed = replace(fixed, replacements=replace(fixed.replacements, draw=source, relaxation_order=()))
    made = commit(lottery_of(original), fixed, now=NOW)
    result = draw(made.audit, how="digits", value="7", now=AFTER)
    instance = replacement_instance(made.audit, result, result["members"][:1])
    lottery = solve_replacement(made.audit, result, instance).lottery
    assert (len(lottery.tickets), lottery.certificate.proven) == (10**digits, True)
    second = commit(lottery, fixed, now=AFTER)
    drawn = draw(second.audit, how="digits", value="7".zfill(digits), now=LATER[0])
    report = verify(loaded(made.audit, result, second.audit, drawn, lottery), commitments=[second.hash])
    assert report.verified, [str(line.message) for line in report.lines]
