"""Replacements: drawn by the rule fixed at the start, and the chain of commitments shows it."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from sortition.errors import InputError
from sortition.model import Entry, Instance, Quota
from sortition.protocol.canonical import canonical_bytes
from sortition.protocol.commit import Commitment, commit
from sortition.protocol.documents import AuditDocument, DrawnDocument, LoadedDocument, commitment_of
from sortition.protocol.draw import draw
from sortition.protocol.draw_rule import DrawRule
from sortition.protocol.receipts import redact
from sortition.protocol.report import Outcome
from sortition.protocol.verify import Report, verify
from sortition.replacement import replacement_instance

from .factory import AFTER, LATER, MOMENT, NOW, loaded, lottery_of, pool, rule


@dataclass(frozen=True)
class Drawn:
    made: Commitment
    result: DrawnDocument


def first_draw(instance: Instance | None = None) -> Drawn:
    made = commit(lottery_of(instance or pool()), rule(replacements=True), now=NOW)
    return Drawn(made, draw(made.audit, how="digits", value="7", now=AFTER))


def replaced(before: Drawn, out: set[str], *, now: Any = AFTER, draw_rule: DrawRule | None = None) -> Drawn:
    """Replace some members by a lottery over the remaining pool, drawn by a public value at the next fixed moment."""
    instance = replacement_instance(before.made.audit, before.result, out)
    lottery = lottery_of(instance, parent=before.made.hash)
    made = commit(lottery, draw_rule or rule(replacements=True), now=now)
    moment = DrawRule.from_document(made.public["draw_rule"], name="x").moment
    value = hashlib.sha256(made.hash.encode()).hexdigest()[:32]
    kind = made.public["draw_rule"]["draw"]["kind"]
    return Drawn(made, draw(made.audit, how=kind, value="3" if kind == "digits" else value, now=moment))


def failed(report: Report) -> set[str]:
    return {line.key for line in report.lines if line.outcome is Outcome.FAILED}


def outcome(report: Report, key: str) -> list[Outcome]:
    return [line.outcome for line in report.lines if line.key == key]


def test_replacements_keep_the_panel_its_quotas_and_the_rule_fixed_at_the_start() -> None:
    first = first_draw()
    gone = first.result["members"][0]
    second = replaced(first, {gone})
    third = replaced(second, {second.result["members"][1]}, now=LATER[0] + timedelta(days=1))
    assert [stage.made.public["draw_rule"]["moment"] for stage in (first, second, third)] == [
        moment.isoformat() for moment in (MOMENT, LATER[0], LATER[1])
    ]
    assert set(first.result["members"]) - {gone} < set(second.result["members"])
    assert gone not in second.result["members"]
    stages = (third, first, second)
    files = loaded(*(document for s in stages for document in (s.made.public, s.made.audit, s.result)))
    report = verify(files, commitments=[third.made.hash])
    assert report.verified, [str(line.message) for line in report.lines if line.outcome is Outcome.FAILED]
    assert outcome(report, "chain_rule") == outcome(report, "chain_people") == [Outcome.PASSED] * 2
    assert outcome(report, "stage") == [Outcome.NOTE] * 3


def test_a_commitment_vouches_for_those_before_it_only() -> None:
    first = first_draw()
    second = replaced(first, {first.result["members"][0]})
    files = loaded(first.made.public, second.made.public)
    assert verify(files, commitments=[second.made.hash]).verified
    assert not verify(files, commitments=[first.made.hash]).anchored
    assert verify(files, receipt=second.made.receipts()[0]).verified


def test_a_replacement_alone_says_what_came_before_it() -> None:
    first = first_draw()
    second = replaced(first, {first.result["members"][0]})
    report = verify(loaded(second.made.public), commitments=[second.made.hash])
    assert report.verified
    assert outcome(report, "chain_start") == [Outcome.NEEDS_MORE]


def test_few_seats_publish_nothing_that_describes_who_left_or_joined() -> None:
    first = first_draw()
    public = replaced(first, {first.result["members"][0]}).made.public
    assert public["ticket_counts"] is None
    assert public["pool"]["counts"] is None
    assert public["quotas"] == first.made.public["quotas"]  # those of the whole panel; no residual ones
    assert (public["pool"]["required"], public["pool"]["entries"]) == (3, 11)


def test_one_seat_published_with_counts_would_give_the_new_member_away() -> None:
    """Why the counts are withheld: minus those of the members who stay, they are one person's row."""
    first = first_draw()
    second = replaced(first, {first.result["members"][0]})
    rows = {e["row"]["id"]: e["row"]["values"] for e in second.made.audit["entries"] if e["row"]}
    staying = set(first.result["members"]) & set(second.result["members"])
    (new,) = set(second.result["members"]) - staying
    panel, rest = (sorted(rows[m]["gender"] for m in members) for members in (second.result["members"], staying))
    for gender in rest:
        panel.remove(gender)
    assert panel == [rows[new]["gender"]]
    text = canonical_bytes(dict(second.made.public)).decode()
    assert '"ticket_counts":null' in text


def large_pool() -> Instance:
    entries = tuple(Entry(f"{i:02d}", {"area": "north" if i % 2 else "south"}) for i in range(16))
    return Instance(entries, {"area": {"north": Quota(3, 4), "south": Quota(3, 4)}}, 7)


def test_five_seats_and_more_publish_counts_per_ticket() -> None:
    plain = replace(rule(replacements=True), replacements=None)
    made = commit(lottery_of(large_pool()), plain, now=NOW)
    first = Drawn(made, draw(made.audit, how="digits", value="7", now=AFTER))
    own = replace(plain, moment=LATER[0])
    second = replaced(first, set(first.result["members"][:5]), draw_rule=own)
    assert second.made.public["ticket_counts"] is not None
    assert second.made.public["pool"]["counts"] is None
    third = replaced(second, set(second.result["members"][:4]), now=LATER[0], draw_rule=replace(own, moment=LATER[1]))
    assert third.made.public["ticket_counts"] is None
    stages = (first, second, third)
    files = loaded(*(document for s in stages for document in (s.made.audit, s.result)))
    report = verify(files, commitments=[third.made.hash])
    assert report.verified
    assert outcome(report, "chain_rule") == [Outcome.NOTE] * 2  # nothing was fixed in the first commitment


def test_relaxed_quotas_are_named() -> None:
    first = first_draw()
    instance = replacement_instance(first.made.audit, first.result, {first.result["members"][0]})
    quotas = {**instance.quotas, "gender": {**instance.quotas["gender"], "male": Quota(0, 3)}}
    lottery = lottery_of(replace(instance, quotas=quotas), parent=first.made.hash)
    made = commit(lottery, rule(replacements=True), now=AFTER)
    report = verify(loaded(first.made.public, made.public), commitments=[made.hash])
    assert report.verified
    texts = [str(line.message) for line in report.lines if line.key == "chain_relaxed"]
    assert texts == ["The replacement relaxed the quota of gender: male from 1–2 to 0–3."]


def own_rule(public: Any) -> None:
    public["draw_rule"]["draw"]["source"] = "Another source."


def other_moment(public: Any) -> None:
    public["draw_rule"]["moment"] = "2031-04-10T12:00:00+00:00"


def broken_rule(public: Any) -> None:
    public["draw_rule"]["moment"] = "soon"


def larger_pool(public: Any) -> None:
    public["pool"]["entries"] += 5


def other_features(public: Any) -> None:
    public["quotas"]["shoe size"] = {"44": {"lower": 0, "upper": 4}}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (own_rule, "chain_rule"),
        (other_moment, "chain_rule"),
        (broken_rule, "rule"),
        (larger_pool, "chain_pool"),
        (other_features, "chain_pool"),
    ],
)
def test_a_replacement_that_departs_from_the_first_commitment_is_exposed(
    change: Callable[[Any], None], key: str
) -> None:
    first = first_draw()
    public = copy.deepcopy(replaced(first, {first.result["members"][0]}).made.public)
    change(public)
    assert key in failed(verify(loaded(first.made.public, public), commitments=[commitment_of(public)]))


def row_of(audit: AuditDocument, settled: str | None) -> Any:
    return next(e["row"] for e in audit["entries"] if e["settled"] == settled)


def another_row(audit: AuditDocument) -> None:
    row_of(audit, None)["values"]["gender"] = "female" if row_of(audit, None)["values"]["gender"] == "male" else "male"


def a_stranger(audit: AuditDocument) -> None:
    row_of(audit, None)["id"] = "99"


def a_seat_for_a_friend(audit: AuditDocument) -> None:
    next(entry for entry in audit["entries"] if entry["settled"] is None)["settled"] = "required"


def a_member_back_in_the_pool(audit: AuditDocument) -> None:
    next(entry for entry in audit["entries"] if entry["settled"] == "required")["settled"] = None


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (another_row, "chain_people"),
        (a_stranger, "chain_people"),
        (a_seat_for_a_friend, "chain_people"),
        (a_member_back_in_the_pool, "chain_members"),
    ],
)
def test_audit_documents_show_that_the_pool_stayed_the_same(change: Callable[[Any], None], key: str) -> None:
    first = first_draw()
    audit = copy.deepcopy(replaced(first, {first.result["members"][0]}).made.audit)
    change(audit)
    report = verify(loaded(first.made.audit, first.result, audit))
    assert key in failed(report)


def test_people_who_left_the_pool_without_a_seat_are_counted() -> None:
    first = first_draw()
    bystander = next(e.id for e in pool().entries if e.id not in first.result["members"])
    second = replaced(first, {first.result["members"][0], bystander})
    report = verify(loaded(first.made.audit, first.result, second.made.audit), commitments=[second.made.hash])
    assert report.verified
    (line,) = [line for line in report.lines if line.key == "chain_left"]
    assert line.message.values["count"] == 1


def test_documents_of_different_lotteries_are_no_chain() -> None:
    first = first_draw()
    gone = first.result["members"][0]
    branches = [replaced(first, {gone}).made.public for _ in range(2)]
    assert "chain" in failed(verify(loaded(first.made.public, *branches)))
    assert "chain" in failed(verify(loaded(first.made.public, first_draw().made.public)))


def test_a_forged_link_is_told_from_the_honest_ones_by_the_commitment_known_from_outside() -> None:
    first = first_draw()
    second = replaced(first, {first.result["members"][0]})
    forged = {**second.made.public, "software": "another"}
    files = [
        LoadedDocument("first.json", first.made.public),
        LoadedDocument("forged.json", forged),  # type: ignore[arg-type]  # tests handle documents loosely
        LoadedDocument("audit.json", second.made.audit),
    ]
    report = verify(files, commitments=[second.made.hash])
    blamed = [line.files for line in report.lines if line.outcome is Outcome.FAILED and line.key == "commitment"]
    assert blamed == [("forged.json",)]
    assert failed(report) == {"chain", "commitment"}


def test_a_commitment_missing_in_the_chain_is_named() -> None:
    first = first_draw()
    second = replaced(first, {first.result["members"][0]})
    third = replaced(second, {second.result["members"][1]}, now=LATER[0] + timedelta(days=1))
    report = verify(loaded(first.made.public, third.made.public), commitments=[third.made.hash])
    assert failed(report) == {"chain"}
    assert "chain_start" not in {line.key for line in report.lines}
    (line,) = [line for line in report.lines if line.key == "chain_missing"]
    assert str(line.message) == (
        f"{third.made.hash[:12]}… is a replacement after the commitment {second.made.hash}, "
        "of which no document was given."
    )


def test_a_replacement_needs_a_moment_fixed_for_it() -> None:
    first = first_draw()
    with pytest.raises(InputError, match="have passed"):
        replaced(first, {first.result["members"][0]}, now=LATER[-1])


def test_the_instance_of_a_replacement() -> None:
    first = first_draw()
    gone, stays = first.result["members"][0], set(first.result["members"][1:])
    instance = replacement_instance(first.made.audit, first.result, {gone})
    assert instance.required == stays
    assert {entry.id for entry in instance.entries} == {entry.id for entry in pool().entries} - {gone}
    assert instance.size == 4
    assert {f: dict(v) for f, v in instance.quotas.items()} == {f: dict(v) for f, v in pool().quotas.items()}
    households = {entry.id: entry.household for entry in instance.entries}
    shared = [(a, b) for a, b in (("02", "06"), ("05", "10")) if gone not in (a, b)]
    assert shared
    assert all(households[a] == households[b] is not None for a, b in shared)


def test_erased_members_vacate_their_seat_and_excluded_people_stay_excluded() -> None:
    instance = replace(pool(), excluded=frozenset({"01"}))
    first = first_draw(instance)
    gone = first.result["members"][0]
    after = replacement_instance(redact(first.made.audit, {gone}), first.result, set())
    assert after.required == set(first.result["members"]) - {gone}
    assert gone not in {entry.id for entry in after.entries}
    assert after.excluded == {"01"}


def test_a_replacement_that_makes_no_sense_is_refused() -> None:
    first, other = first_draw(), first_draw()
    outside = next(e.id for e in pool().entries if e.id not in first.result["members"])
    for drawn, out, message in (
        (first.result, {"99"}, "“99” is neither"),
        (first.result, {outside}, "no seat is vacated"),
        (first.result, set(), "no seat is vacated"),
        (other.result, {outside}, "another commitment"),
        ({**first.result, "ticket": 10}, {outside}, "another commitment"),
        ({**first.result, "ticket": 6}, {outside}, "not those on its ticket"),
    ):
        with pytest.raises(InputError, match=message):
            replacement_instance(first.made.audit, drawn, out)  # type: ignore[arg-type]  # tests handle documents loosely
