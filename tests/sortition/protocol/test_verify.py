"""Whatever is changed, and every hash computed again: what exposes it, and that verify never calls it verified."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sortition.errors import InputError
from sortition.protocol.canonical import canonical_bytes
from sortition.protocol.commit import Commitment, Voided, commit
from sortition.protocol.documents import AuditDocument, LoadedDocument, commitment_of, parse_audit, parse_document
from sortition.protocol.draw import draw
from sortition.protocol.receipts import redact
from sortition.protocol.report import Outcome
from sortition.protocol.verify import Report, verify

from . import tamperer
from .factory import AFTER, NOW, PUBLIC_VALUE, committed, content, fixed_bytes, loaded, lottery_of, pool, rule
from .tamperer import Change, recompute, repointed, tampered


@pytest.fixture(scope="module")
def honest() -> Commitment:
    """A commitment that voided an earlier one, over the lottery of the factory."""
    first = commit(lottery_of(pool()), rule(), now=NOW, random_bytes=fixed_bytes("first"))
    voids = Voided(first.public, "A registration was overlooked.")
    return commit(lottery_of(pool()), rule(), now=NOW, voids=voids, random_bytes=fixed_bytes("honest"))


def receipt_of(made: Commitment, entry_id: str) -> Any:
    return next(receipt for receipt in made.receipts() if receipt["row"]["id"] == entry_id)


def failed(report: Report) -> set[str]:
    return {line.key for line in report.lines if line.outcome is Outcome.FAILED}


def keys(report: Report) -> list[str]:
    return [line.key for line in report.lines]


def test_honest_documents_are_verified_by_a_commitment_or_a_receipt_from_outside(honest: Commitment) -> None:
    drawn = draw(honest.audit, how="digits", value="7", now=AFTER)
    files = loaded(honest.public, honest.audit, drawn, lottery_of(pool()))
    for report in (
        verify(files, commitments=[honest.hash], ticket="7"),
        verify(files, receipt=receipt_of(honest, "03")),
        verify(loaded(honest.public), commitments=[honest.hash]),
    ):
        assert report.verified
        assert not failed(report)


def test_documents_alone_are_consistent_but_not_verified(honest: Commitment) -> None:
    report = verify(loaded(honest.public, honest.audit, receipt_of(honest, "03")))
    assert report.consistent
    assert not report.verified
    assert "outside" in keys(report)


def test_a_commitment_is_accepted_as_people_copy_it(honest: Commitment) -> None:
    copied = f" {honest.hash[:8].upper()} {honest.hash[8:40]}\n{honest.hash[40:]} "
    assert verify(loaded(honest.public), commitments=[copied]).verified
    for wrong in (honest.hash[:-1], honest.hash[:-1] + "g", ""):
        with pytest.raises(InputError, match="64 hexadecimal digits"):
            verify(loaded(honest.public), commitments=[wrong])


COMMITMENT, RECEIPT, ROW, AUDIT, ALONE = "commitment", "receipt", "row", "audit", "alone"

EXPOSED_BY: dict[Change, set[str]] = {
    # what only a commitment known from outside shows (a receipt names it)
    tamperer.move_the_moment: {COMMITMENT, RECEIPT},
    tamperer.change_the_source: {COMMITMENT, RECEIPT},
    tamperer.hide_a_voided_commitment: {COMMITMENT, RECEIPT},
    tamperer.invent_a_parent: {COMMITMENT, RECEIPT},
    tamperer.name_other_software: {COMMITMENT, RECEIPT},
    tamperer.widen_a_quota: {COMMITMENT, RECEIPT},
    tamperer.claim_a_proof: {COMMITMENT, RECEIPT},
    tamperer.renumber_the_tickets: {COMMITMENT, RECEIPT},
    tamperer.seat_a_friend: {COMMITMENT, RECEIPT},
    # what the person concerned sees even if they remember no commitment, only their row and secret
    tamperer.rename_the_assembly: {COMMITMENT, RECEIPT, ROW},
    tamperer.change_a_row: {COMMITMENT, RECEIPT, ROW},
    tamperer.leave_somebody_out: {COMMITMENT, RECEIPT, ROW},
    tamperer.give_everyone_new_secrets: {COMMITMENT, RECEIPT, ROW},
    # what the audit document shows, even one whose public part was forged along
    tamperer.claim_a_smaller_deviation: {COMMITMENT, RECEIPT, AUDIT},
    tamperer.forge_the_pool_counts: {COMMITMENT, RECEIPT, AUDIT},
    tamperer.forge_the_ticket_counts: {COMMITMENT, RECEIPT, AUDIT},
    tamperer.forge_the_histogram: {COMMITMENT, RECEIPT, AUDIT},
    tamperer.replace_a_token: {COMMITMENT, RECEIPT, AUDIT},
    tamperer.claim_an_exclusion: {COMMITMENT, RECEIPT, AUDIT},
    tamperer.replace_a_leaf: {COMMITMENT, RECEIPT, ROW, AUDIT},
}


@pytest.mark.parametrize("change", EXPOSED_BY, ids=lambda change: change.__name__)
def test_who_recomputes_every_hash_is_exposed(honest: Commitment, change: Change) -> None:
    forged = tampered(honest.audit, change)
    public = forged["public"]
    assert public != honest.public
    own = receipt_of(honest, "03")
    reports = {
        COMMITMENT: verify(loaded(public), commitments=[honest.hash]),
        RECEIPT: verify(loaded(public), receipt=own),
        ROW: verify(loaded(public, repointed(own, commitment_of(public)))),
        AUDIT: verify(loaded(public, forged)),
        ALONE: verify(loaded(public)),
    }
    assert {name for name, report in reports.items() if failed(report)} == EXPOSED_BY[change]
    assert not any(report.verified for report in reports.values())
    # The honest audit document, kept by a notary, exposes every change of the public one.
    assert "chain" in failed(verify(loaded(public, honest.audit), commitments=[commitment_of(public)]))


def test_the_tamperer_recomputes_well(honest: Commitment) -> None:
    """Recomputing without a change changes nothing, so what the table says is not an accident of bad forgery."""
    assert tampered(honest.audit, recompute) == honest.audit


def public_only(*path: object, to: object) -> Change:
    def change(audit: AuditDocument) -> None:
        place: Any = audit["public"]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (public_only("draw_rule", "moment", to="soon"), "rule"),
        (public_only("draw_rule", "draw", "digits", to=2), "rule"),
        (public_only("draw_rule", "draw", "pattern", to="[0-9]"), "rule"),
        (public_only("leaves", to=["00" * 32]), "leaves"),
        (public_only("tickets", 0, to=["00" * 16]), "tickets"),
        (public_only("tickets", 0, to=["00" * 16] * 4), "tickets"),
        (public_only("pool", "counts", "area", to=[{"values": ["north", "south"], "count": 11}]), "pool_counts"),
        (public_only("pool", "counts", "area", 0, "values", to=["south"]), "pool_counts"),
        (public_only("pool", "counts", to={}), "pool_counts"),
        (public_only("ticket_counts", "area", "north", 0, to=3), "quotas"),
        (public_only("ticket_counts", "area", "north", to=[2]), "quotas"),
        (public_only("ticket_counts", "area", to={}), "quotas"),
        (public_only("ticket_counts", to={}), "quotas"),
        (public_only("quotas", "gender", "male", "upper", to=1), "quotas"),
        (public_only("chances", to=[{"tickets": 4, "entries": 10}]), "chances"),
        (public_only("pool", "required", to=1), "chances"),
        (public_only("pool", "excluded", to=1), "chances"),
    ],
)
def test_what_contradicts_itself_is_exposed_by_the_public_document_alone(
    honest: Commitment, change: Change, key: str
) -> None:
    assert key in failed(verify(loaded(tampered(honest.audit, change)["public"])))


@pytest.mark.parametrize("columns", [{"north": [2] * 10}, {"north": [2] * 10, "south": [2] * 9}])
def test_incomplete_counts_are_exposed_by_the_audit_document_too(honest: Commitment, columns: Any) -> None:
    forged = tampered(honest.audit, public_only("ticket_counts", "area", to=columns))
    assert {"quotas", "audit_ticket_counts"} <= failed(verify(loaded(forged)))


def audit_only(*path: object, to: object) -> Change:
    def change(audit: AuditDocument) -> None:
        place: Any = audit
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to

    return change


def swap_positions(audit: AuditDocument) -> None:
    row = audit["tickets"][0]
    outside = next(position for position in range(12) if position not in row)
    audit["tickets"][0] = sorted([outside, *row[1:]])


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (audit_only("tickets", to=[[0, 1, 2, 3]]), "audit_lists"),
        (audit_only("tickets", 0, to=[0, 1, 2]), "audit_lists"),
        (audit_only("tickets", 0, to=[3, 2, 1, 0]), "audit_lists"),
        (audit_only("tickets", 0, to=[0, 1, 2, 12]), "audit_lists"),
        (audit_only("entries", 0, "secret", to=None), "audit_lists"),
        (audit_only("entries", 0, "row", "values", to={"gender": "male"}), "audit_lists"),
        (audit_only("entries", 0, "row", "values", "gender", to="other"), "audit_lists"),
        (audit_only("entries", 0, "row", "id", to="nobody"), "audit_leaves"),
        (audit_only("entries", 0, "leaf", to="00" * 32), "audit_leaves"),
        (audit_only("entries", 0, "secret", to="00" * 32), "audit_tokens"),
        (swap_positions, "audit_tokens"),
        (audit_only("entries", 0, "settled", to="required"), "audit_settled"),
        (audit_only("entries", 0, "ideal_probability", to="0.123456789012"), "audit_deviation"),
    ],
)
def test_an_audit_document_that_does_not_fit_its_public_document(honest: Commitment, change: Change, key: str) -> None:
    report = verify(loaded(honest.public, tampered(honest.audit, change)), commitments=[honest.hash])
    assert key in failed(report)


def break_quotas(audit: AuditDocument) -> None:
    audit["public"]["quotas"]["gender"]["female"]["upper"] = 1
    audit["public"]["ticket_counts"] = None


def share_households(audit: AuditDocument) -> None:
    for entry in audit["entries"]:
        assert entry["row"] is not None
        entry["row"]["household"] = 1
    recompute(audit)


def treat_equals_unequally(audit: AuditDocument) -> None:
    entry = audit["entries"][tamperer.position_of(audit, "03")]
    entry["ideal_probability"] = "0.100000000000"
    recompute(audit)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (break_quotas, "audit_quotas"),
        (share_households, "audit_households"),
        (treat_equals_unequally, "audit_equals"),
    ],
)
def test_the_audit_document_shows_what_the_public_one_cannot(honest: Commitment, change: Change, key: str) -> None:
    forged = tampered(honest.audit, change)
    report = verify(loaded(forged), commitments=[commitment_of(forged["public"])])
    assert key in failed(report)


def test_erased_entries_leave_everything_else_verifiable(honest: Commitment) -> None:
    erased = redact(honest.audit, {"03", "06"})
    text = content(erased).decode()
    for entry_id in ("03", "06"):
        assert receipt_of(honest, entry_id)["secret"] not in text
        assert f'"id":"{entry_id}"' not in text
    report = verify(loaded(honest.public, erased), commitments=[honest.hash])
    assert report.verified
    line = next(line for line in report.lines if line.key == "erased")
    assert (line.outcome, line.message.values["count"]) == (Outcome.NEEDS_MORE, 2)
    assert redact(erased, {"01"})["entries"] != erased["entries"]
    with pytest.raises(InputError, match="1 of the ids"):
        redact(erased, {"03", "01"})


@pytest.mark.parametrize("change", [c for c, by in EXPOSED_BY.items() if AUDIT in by], ids=lambda c: c.__name__)
def test_a_forged_figure_is_exposed_even_with_an_erased_entry(honest: Commitment, change: Change) -> None:
    """Except a count that the erased person might explain."""
    explained = change in {tamperer.forge_the_pool_counts, tamperer.forge_the_ticket_counts}
    forged = tampered(honest.audit, change)
    assert bool(failed(verify(loaded(redact(forged, {"12"}))))) or explained


def test_too_low_counts_are_exposed_even_with_an_erased_entry(honest: Commitment) -> None:
    def lower(audit: AuditDocument) -> None:
        audit["public"]["pool"]["counts"]["area"] = [
            {"values": ["north"], "count": 3},
            {"values": ["south"], "count": 9},
        ]
        for column, value in (("north", 0), ("south", 4)):
            assert audit["public"]["ticket_counts"] is not None
            audit["public"]["ticket_counts"]["area"][column][0] = value

    forged = redact(tampered(honest.audit, lower), {"12"})
    assert {"audit_pool_counts", "audit_ticket_counts"} <= failed(verify(loaded(forged)))


def test_lottery_json_is_bound_by_the_commitment(honest: Commitment) -> None:
    lottery = lottery_of(pool())
    other = replace(lottery, certificate=replace(lottery.certificate, gap=0.01))
    assert "seal" not in failed(verify(loaded(honest.audit, lottery)))
    stray = replace(lottery, parent="ab" * 32)
    assert "seal" in failed(verify(loaded(honest.audit, other)))
    assert "seal" in failed(verify(loaded(honest.audit, stray)))


def test_results_of_draws_are_checked(honest: Commitment) -> None:
    drawn = draw(honest.audit, how="digits", value="7", now=AFTER)
    for change, key in (
        ({"ticket": 6}, "drawn"),
        ({"value": "6"}, "drawn"),
        ({"value": "77"}, "drawn"),
        ({"how": "public_value"}, "drawn"),
        ({"rehearsal": True}, "drawn"),
        ({"how": "system_randomness"}, "drawn"),
        ({"commitment": "00" * 32}, "drawn"),
        ({"tokens": honest.public["tickets"][6]}, "drawn"),
        ({"members": drawn["members"][1:]}, "drawn"),
        ({"members": ["friend", *drawn["members"][1:]]}, "drawn_members"),
        ({"members": drawn["members"][::-1]}, "drawn_members"),
        ({"members": [drawn["members"][1], *drawn["members"][1:]]}, "drawn_members"),
    ):
        report = verify(loaded(honest.public, honest.audit, {**drawn, **change}), commitments=[honest.hash])
        assert key in failed(report)


def test_the_drawn_ticket_can_be_given_by_hand(honest: Commitment) -> None:
    drawn = draw(honest.audit, how="digits", value="7", now=AFTER)
    files = loaded(honest.public, drawn)
    assert "ticket_drawn" not in failed(verify(files, ticket="7"))
    assert "ticket_drawn" in failed(verify(files, ticket="6"))
    with pytest.raises(InputError, match="exactly the 1 digits"):
        verify(files, ticket="07")


def test_a_rehearsal_is_flagged(honest: Commitment) -> None:
    drawn = draw(honest.audit, how="system_randomness", value="", now=NOW)
    report = verify(loaded(honest.public, honest.audit, drawn), commitments=[honest.hash])
    assert report.verified
    assert "drawn_rehearsal" in keys(report)
    rehearsed = commit(replace(lottery_of(pool()), rehearsal=True), rule(), now=NOW)
    assert "rehearsal" in keys(verify(loaded(rehearsed.public)))


def test_an_unproven_lottery_is_not_called_fair() -> None:
    lottery = lottery_of(pool())
    unproven = replace(lottery, certificate=replace(lottery.certificate, proven=False, gap=0.02))
    report = verify(loaded(commit(unproven, rule(), now=NOW).public))
    texts = [str(line.message) for line in report.lines if line.key == "certificate"]
    assert texts == [
        "It is NOT claimed that this lottery is as fair as the quotas allow (leximin, gap 0.020000000000)."
    ]


def test_a_voided_commitment_known_from_outside_is_explained(honest: Commitment) -> None:
    old = honest.public["voided"][0]["commitment"]
    report = verify(loaded(honest.public), commitments=[old])
    assert "commitment" in failed(report)
    assert any("A registration was overlooked." in str(line.message) for line in report.lines)


def test_receipts_tell_their_person_whether_they_were_drawn(honest: Commitment) -> None:
    drawn = draw(honest.audit, how="digits", value="7", now=AFTER)
    for receipt in honest.receipts():
        report = verify(loaded(honest.public, drawn), receipt=receipt)
        texts = [str(line.message) for line in report.lines if line.key == "receipt_drawn"]
        was = receipt["row"]["id"] in drawn["members"]
        assert texts == [
            "The person of this receipt was drawn." if was else "The person of this receipt was not drawn."
        ]


def test_receipts_among_the_files_anchor_nothing(honest: Commitment) -> None:
    assert not verify(loaded(honest.public, *honest.receipts())).anchored


def test_what_no_document_can_show_is_said(honest: Commitment) -> None:
    beyond = [line.key for line in verify(loaded(honest.public)).lines if line.outcome is Outcome.BEYOND]
    assert beyond == ["real_people", "left_out", "in_time"]


def test_documents_without_a_lottery_cannot_be_verified(honest: Commitment) -> None:
    with pytest.raises(InputError, match="public document or an audit document"):
        verify(loaded(receipt_of(honest, "03")))


@pytest.mark.parametrize("source", [None, PUBLIC_VALUE])
def test_every_kind_of_draw_verifies(source: Any) -> None:
    made = committed(source=source)
    how, value = ("digits", "3") if source is None else ("public_value", "0" * 32)
    drawn = draw(made.audit, how=cast("Any", how), value=value, now=AFTER)
    assert verify(loaded(made.public, made.audit, drawn), commitments=[made.hash]).verified


def nodes(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [path] + [place for key, item in inner for place in nodes(item, (*path, key))]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_document_makes_verify_fail_in_an_unplanned_way(honest: Commitment, data: st.DataObject) -> None:
    """Anything may stand anywhere: verify says what is wrong or refuses the file, and never calls it verified."""
    drawn = draw(honest.audit, how="digits", value="7", now=AFTER)
    originals = [honest.public, honest.audit, drawn, receipt_of(honest, "03")]
    documents = cast("list[Any]", copy.deepcopy(originals))
    number = data.draw(st.integers(0, 3))
    place = data.draw(st.sampled_from(nodes(documents[number])[1:]))
    parent: Any = documents[number]
    for key in place[:-1]:
        parent = parent[key]
    old = parent[place[-1]]
    odd = [None, True, 0, -1, 1, 2**53 - 1, "", "x", "٣", "00" * 16, "00" * 32, "0.000000000000", [], [[]], {}, {"": 0}]
    if isinstance(old, list) and len(old) > 1:
        odd += [old[::-1], old[1:], [*old, old[0]]]
    parent[place[-1]] = data.draw(st.sampled_from(odd))
    try:
        files = [parse_document(canonical_bytes(document), name="x") for document in documents]
        report = verify(files, commitments=[honest.hash])
    except InputError:
        return
    unchanged = json.dumps(documents) == json.dumps(originals)
    needs_lottery_json = number == 1 and place[0] in {"flex", "lottery_salt"}
    assert failed(report) or unchanged or needs_lottery_json
    assert report.verified == (not failed(report))


def test_damaged_audit_documents_are_refused_where_they_are_used(honest: Commitment) -> None:
    for change in (
        audit_only("tickets", to=[[0, 1, 2, 3]]),
        audit_only("tickets", 0, to=[0, 1, 2]),
        audit_only("tickets", 0, to=[0, 1, 2, 12]),
        audit_only("entries", to=honest.audit["entries"][1:]),
    ):
        with pytest.raises(InputError, match="is damaged"):
            parse_audit(content(tampered(honest.audit, change)), name="audit.json")
    assert parse_audit(content(honest.audit), name="audit.json") == honest.audit


def test_kinds_of_files_are_recognised_and_confused_ones_refused(honest: Commitment) -> None:
    assert isinstance(parse_document(honest.public_bytes(), name="a"), LoadedDocument)
    with pytest.raises(InputError, match="not an audit document"):
        parse_audit(honest.public_bytes(), name="public.json")
    for unknown in (b"{}", b'{"format":"sortition-public/2"}', b'{"format":1}'):
        with pytest.raises(InputError, match="known format"):
            parse_document(unknown, name="x")


def test_two_results_of_one_draw_contradict_each_other() -> None:
    made = committed()
    first, second = (draw(made.audit, how="digits", value=digit, now=AFTER) for digit in "37")
    report = verify(loaded(made.public, first, second), commitments=[made.hash])
    assert not report.verified
    assert "drawn" in failed(report)
    assert verify(loaded(made.public, first, first), commitments=[made.hash]).verified


def test_a_tampered_audit_document_is_not_passed_over_beside_the_honest_one(honest: Commitment) -> None:
    """In whatever order the two are given; their public parts are the same."""
    forged = tampered(honest.audit, audit_only("entries", 0, "ideal_probability", to="0.123456789012"))
    for audits in ([honest.audit, forged], [forged, honest.audit]):
        report = verify(loaded(honest.public, *audits), commitments=[honest.hash])
        assert "audit" in failed(report)
    assert verify(loaded(honest.public, honest.audit, honest.audit), commitments=[honest.hash]).verified
