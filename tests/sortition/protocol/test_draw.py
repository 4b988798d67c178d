"""Digits are the ticket, public values are hashed, rehearsals say so."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from sortition.errors import InputError
from sortition.protocol.commit import commit
from sortition.protocol.draw import draw, ticket_number
from sortition.protocol.receipts import redact

from .factory import AFTER, MOMENT, NOW, PUBLIC_VALUE, committed, lottery_of, pool, rule

VALUE = "0123456789abcdef" * 2


def test_the_digits_are_the_ticket() -> None:
    made, lottery = committed(tickets=100), lottery_of(pool(), tickets=100)
    for ticket in (0, 7, 42, 99):
        drawn = draw(made.audit, how="digits", value=f"{ticket:02d}", now=AFTER)
        assert drawn["ticket"] == ticket
        assert drawn["members"] == [lottery.instance.entries[p].id for p in lottery.tickets[ticket]]
        assert drawn["tokens"] == made.public["tickets"][ticket]
        assert (drawn["commitment"], drawn["rehearsal"], drawn["erased"]) == (made.hash, False, 0)


@pytest.mark.parametrize("digits", ["7", "", "0007", "-07", "+07", " 07", "07 ", "0x7", "٠٠٧", "1e2", "7,5", "00７"])
def test_exactly_the_digits_drawn_are_accepted(digits: str) -> None:
    made = committed(tickets=1000)
    assert ticket_number(made.public, "007") == 7
    with pytest.raises(InputError, match=r"000 to 999: give exactly the 3 digits drawn, .* such as 007"):
        draw(made.audit, how="digits", value=digits, now=AFTER)


def test_a_ticket_beyond_the_last_is_refused() -> None:
    made = commit(lottery_of(pool(), tickets=7), rule(source=PUBLIC_VALUE), now=NOW)
    assert ticket_number(made.public, "6") == 6
    with pytest.raises(InputError, match="7 tickets, 0 to 6"):
        ticket_number(made.public, "7")


def test_a_public_value_is_hashed_with_the_commitment() -> None:
    tickets = {committed(source=PUBLIC_VALUE).hash: None for _ in range(3)}
    assert len(tickets) == 3
    drawn = [
        draw(committed(source=PUBLIC_VALUE).audit, how="public_value", value=VALUE, now=AFTER)["ticket"]
        for _ in range(20)
    ]
    assert len(set(drawn)) > 1  # the same value draws other tickets under other commitments


@pytest.mark.parametrize("value", [VALUE[:-1], VALUE + "0", VALUE.upper(), VALUE + "\n", " " + VALUE[1:], ""])
def test_a_public_value_has_the_exact_format_of_the_rule(value: str) -> None:
    with pytest.raises(InputError, match="exact format that the rule fixed: 32 characters"):
        draw(committed(source=PUBLIC_VALUE).audit, how="public_value", value=value, now=AFTER)


def test_only_the_kind_of_draw_that_the_rule_fixed_is_possible() -> None:
    with pytest.raises(InputError, match="use --ticket"):
        draw(committed().audit, how="public_value", value=VALUE, now=AFTER)
    with pytest.raises(InputError, match="use --public-value"):
        draw(committed(source=PUBLIC_VALUE).audit, how="digits", value="7", now=AFTER)


def test_nothing_is_drawn_before_the_moment_except_in_rehearsal() -> None:
    audit = committed().audit
    before = MOMENT - timedelta(seconds=1)
    with pytest.raises(InputError, match="has not come"):
        draw(audit, how="digits", value="7", now=before)
    assert draw(audit, how="digits", value="7", now=MOMENT)["rehearsal"] is False
    rehearsal = draw(audit, how="system_randomness", value="", now=before, random_below=lambda m: m - 1)
    assert (rehearsal["rehearsal"], rehearsal["how"], rehearsal["ticket"]) == (True, "system_randomness", 9)
    assert rehearsal["value"] == "9"


def test_rehearsals_draw_every_ticket() -> None:
    audit = committed().audit
    drawn = Counter(draw(audit, how="system_randomness", value="", now=NOW)["ticket"] for _ in range(300))
    assert set(drawn) == set(range(10))  # one is missing with probability 10 · 0.9³⁰⁰ = 10⁻¹³


def test_a_lottery_solved_in_rehearsal_is_not_drawn_in_earnest() -> None:
    made = commit(replace(lottery_of(pool()), rehearsal=True), rule(), now=NOW)
    with pytest.raises(InputError, match="rehearsal"):
        draw(made.audit, how="digits", value="7", now=AFTER)
    assert draw(made.audit, how="system_randomness", value="", now=AFTER)["rehearsal"]


def test_an_erased_person_who_is_drawn_counts_as_drawn() -> None:
    made = committed()
    whole = draw(made.audit, how="digits", value="3", now=AFTER)
    gone = whole["members"][1]
    drawn = draw(redact(made.audit, {gone}), how="digits", value="3", now=AFTER)
    assert drawn["members"] == [member for member in whole["members"] if member != gone]
    assert drawn["erased"] == 1
    assert (drawn["ticket"], drawn["tokens"]) == (whole["ticket"], whole["tokens"])


def test_drawn_frequencies_follow_the_stated_chances() -> None:
    """Every ticket once: each person is drawn exactly as often as their chance says."""
    made, lottery = committed(), lottery_of(pool())
    times = Counter(
        member
        for ticket in range(10)
        for member in draw(made.audit, how="digits", value=str(ticket), now=AFTER)["members"]
    )
    chances = {entry.id: lottery.selection_probability[i] for i, entry in enumerate(lottery.instance.entries)}
    assert {member: times[member] / 10 for member in chances} == chances
