"""What is published holds no row, no id, no pseudonym and no order that says something."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import PackageNotFoundError
from typing import Any

import numpy as np
import pytest

from sortition.errors import InputError, VerificationError
from sortition.model import Entry, Instance, Quota
from sortition.protocol import commit as commit_module
from sortition.protocol.commit import Voided, commit
from sortition.protocol.documents import PUBLIC_SHAPE, LoadedDocument, commitment_of, parse_public
from sortition.protocol.receipts import leaf_of, tickets_of
from sortition.protocol.verify import verify

from .factory import AFTER, LATER, MOMENT, NOW, PUBLIC_VALUE, committed, fixed_bytes, lottery_of, pool, rule


def telling_pool() -> Instance:
    """The pool of the factory, with ids and households that would be recognised anywhere."""
    entries = [replace(entry, id=f"person-{entry.id}@example.org") for entry in pool().entries]
    return replace(pool(), entries=tuple(entries))


def test_the_public_document_names_nobody() -> None:
    made = committed(telling_pool())
    text = made.public_bytes().decode()
    audit = made.audit_bytes().decode()
    for entry in telling_pool().entries:
        assert entry.id not in text
        assert entry.id in audit
    assert not any(word in text for word in ("person-", "Meier", "Schulz", "household"))
    assert not any(word in audit for word in ("Meier", "Schulz", "Südweg"))
    for audited in made.audit["entries"]:
        assert audited["secret"] is not None
        assert audited["secret"] not in text
    assert made.audit["lottery_salt"] not in text


def test_all_strings_in_the_public_document_are_hashes_or_known_words() -> None:
    """A new field that says something about people would show up here."""
    made = committed()
    known = {*made.public["leaves"], *(token for tokens in made.public["tickets"] for token in tokens)}
    rest = {**made.public, "leaves": [], "tickets": [], "draw_rule": {}}
    assert json.loads(json.dumps(rest)).keys() == {
        "format", "software", "rehearsal", "parent", "voided", "draw_rule", "size", "quotas", "pool", "leaves",
        "tickets", "ticket_counts", "chances", "certificate", "lottery_seal",
    }  # fmt: skip
    assert len(known) == 12 + 10 * 4


def test_the_head_of_a_log_is_fixed_with_the_commitment() -> None:
    head = "5f" * 32
    made = commit(lottery_of(pool()), rule(), now=NOW, log_head=head)
    read = parse_public(made.public_bytes(), name="public.json")
    assert read["log_head"] == head
    document = LoadedDocument("public.json", read)
    assert any(head in str(line.message) for line in verify([document]).lines if line.key == "log")
    with pytest.raises(InputError, match="log_head"):
        PUBLIC_SHAPE.check({**read, "log_head": "5f"}, "public.json")


def test_small_counts_of_the_pool_are_merged() -> None:
    assert committed().public["pool"]["counts"] == {
        "area": [{"values": ["north"], "count": 6}, {"values": ["south"], "count": 6}],
        "gender": [{"values": ["diverse", "male"], "count": 7}, {"values": ["female"], "count": 5}],
    }


def test_tokens_of_different_tickets_cannot_be_linked() -> None:
    tokens = [token for tokens in committed().public["tickets"] for token in tokens]
    assert len(set(tokens)) == len(tokens)


def test_a_second_commitment_shares_no_leaf_and_no_token_with_the_first() -> None:
    first, second = committed(), committed()
    assert not set(first.public["leaves"]) & set(second.public["leaves"])
    tokens = [{token for tokens in made.public["tickets"] for token in tokens} for made in (first, second)]
    assert not tokens[0] & tokens[1]
    assert first.hash != second.hash


def test_orders_are_those_of_the_hashes() -> None:
    made = committed()
    assert made.public["leaves"] == sorted(made.public["leaves"])
    assert all(tokens == sorted(tokens) for tokens in made.public["tickets"])


def test_the_order_of_the_leaves_is_random() -> None:
    """Over 300 commitments each of twelve entries comes first about 25 times."""
    lottery = lottery_of(pool())
    first: Counter[str] = Counter()
    for number in range(300):
        made = commit(lottery, rule(), now=NOW, random_bytes=fixed_bytes(f"order {number}"))
        row = made.audit["entries"][0]["row"]
        assert row is not None
        first[row["id"]] += 1
    assert sum((first[entry.id] - 25) ** 2 / 25 for entry in pool().entries) < 31  # 11 degrees of freedom, 0.1 %


def test_households_are_random_numbers_and_only_shared_ones_are_kept() -> None:
    made = committed()
    households = {e["row"]["id"]: e["row"]["household"] for e in made.audit["entries"] if e["row"]}
    assert households["02"] == households["06"] is not None
    assert households["05"] == households["10"] is not None
    assert households["02"] != households["05"]
    assert households["11"] is None


def test_households_get_different_numbers_even_if_the_randomness_repeats() -> None:
    counter = iter(range(10_000))

    def repeating(size: int) -> bytes:
        return bytes(size) if size == 6 and next(counter) < 3 else fixed_bytes(str(next(counter)))(size)

    made = commit(lottery_of(pool()), rule(), now=NOW, random_bytes=repeating)
    numbers = {e["row"]["household"] for e in made.audit["entries"] if e["row"] and e["row"]["household"] is not None}
    assert len(numbers) == 2


def test_a_receipt_shows_exactly_the_tickets_of_its_person() -> None:
    made, lottery = committed(), lottery_of(pool())
    receipts = made.receipts()
    assert len(receipts) == 12
    for receipt in receipts:
        position = lottery.instance.index_of(receipt["row"]["id"])
        assert tickets_of(receipt, made.public) == np.flatnonzero((lottery.tickets == position).any(axis=1)).tolist()
        assert leaf_of(receipt) in made.public["leaves"]
        assert receipt["commitment"] == made.hash


def test_the_rule_must_fit_the_tickets_and_lie_ahead() -> None:
    lottery = lottery_of(pool())
    with pytest.raises(InputError, match="draws 2 digits, which number 100 tickets, but the lottery has 10"):
        commit(lottery, rule(tickets=100), now=NOW)
    with pytest.raises(InputError, match="has passed"):
        commit(lottery, rule(), now=MOMENT)
    planned = rule(replacements=True).replacements
    assert planned is not None
    with pytest.raises(InputError, match="every feature once"):
        commit(lottery, replace(rule(), replacements=replace(planned, relaxation_order=("age",))), now=NOW)
    assert commit(lottery_of(pool(), tickets=7), rule(source=PUBLIC_VALUE), now=NOW).public["size"] == 4


def test_an_earlier_commitment_is_voided_with_its_reason_and_stays_listed() -> None:
    lottery = lottery_of(pool())
    first = commit(lottery, rule(), now=NOW)
    second = commit(lottery, rule(), now=NOW, voids=Voided(first.public, " A registration was overlooked. "))
    third = commit(lottery, rule(), now=NOW, voids=Voided(second.public, "The hall was flooded."))
    assert third.public["voided"] == [
        {"commitment": first.hash, "reason": "A registration was overlooked."},
        {"commitment": second.hash, "reason": "The hall was flooded."},
    ]
    with pytest.raises(InputError, match="Say why"):
        commit(lottery, rule(), now=NOW, voids=Voided(first.public, " "))


def test_once_its_moment_has_passed_a_commitment_can_only_be_drawn() -> None:
    lottery = lottery_of(pool())
    first = commit(lottery, rule(), now=NOW)
    later = replace(rule(), moment=LATER[0])
    for now in (MOMENT, AFTER):
        with pytest.raises(InputError, match="can no longer be voided, only drawn"):
            commit(lottery, later, now=now, voids=Voided(first.public, "We did not like the number."))
    commit(lottery, later, now=MOMENT - timedelta(seconds=1), voids=Voided(first.public, "In time."))


def broken_quota() -> Any:
    lottery = lottery_of(pool())
    quotas = {**lottery.instance.quotas, "gender": {**lottery.instance.quotas["gender"], "male": Quota(3, 4)}}
    return replace(lottery, instance=replace(lottery.instance, quotas=quotas))


def broken_household() -> Any:
    lottery = lottery_of(pool())
    entries = [replace(entry, household="all of them") for entry in lottery.instance.entries]
    return replace(lottery, instance=replace(lottery.instance, entries=tuple(entries)))


def broken_equality() -> Any:
    lottery = lottery_of(pool())
    times = np.bincount(lottery.tickets.ravel(), minlength=12)
    tickets = lottery.tickets.copy()
    # 03 and 04 are equals; 04 gives all its seats to 03 where 03 does not sit yet
    for row in tickets:
        if 3 in row and 2 not in row:
            row[row == 3] = 2
    assert np.bincount(tickets.ravel(), minlength=12)[2] > times[2] + 1
    return replace(lottery, tickets=np.sort(tickets, axis=1))


@pytest.mark.parametrize("broken", [broken_quota, broken_household, broken_equality])
def test_a_lottery_that_breaks_its_own_rules_is_not_committed(broken: Any) -> None:
    with pytest.raises(VerificationError, match="not sound"):
        commit(broken(), rule(), now=NOW)


def test_the_software_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit_module, "version", lambda _: "1.2.3")
    assert committed().public["software"] == "sortition-assembly 1.2.3"

    def missing(_: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr(commit_module, "version", missing)
    assert committed().public["software"] == "sortition-assembly (run from its source)"


def test_a_rehearsal_says_so() -> None:
    made = commit(replace(lottery_of(pool()), rehearsal=True), rule(), now=NOW)
    assert made.public["rehearsal"] is True


def test_the_public_bytes_are_the_document_and_their_hash_the_commitment() -> None:
    made = committed()
    assert parse_public(made.public_bytes(), name="public.json") == made.public
    assert commitment_of(made.public) == made.hash
    assert repr(made) == f"Commitment({made.hash})"


def test_unusual_ids_and_values_survive() -> None:
    entries = [Entry(text, {"Größe": value}) for text, value in [("a\nb", "x"), ("😀", ""), ("../c", "x"), ("d", "")]]
    instance = Instance(tuple(entries), {"Größe": {"x": Quota(1, 1), "": Quota(1, 1)}}, 2)
    assert {receipt["row"]["id"] for receipt in committed(instance).receipts()} == {"a\nb", "😀", "../c", "d"}
