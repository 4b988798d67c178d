"""The draw rule is read strictly, and everything in it is committed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sortition.errors import InputError
from sortition.protocol.draw_rule import DrawRule, Pattern
from sortition.protocol.figures import require_fitting_order

from .factory import LATER, MOMENT, NOW, PUBLIC_VALUE, rule

EXAMPLE = Path(__file__).parents[3] / "data" / "RULE.toml"

MINIMAL = """
assembly = "A"
title = "T"
language = "en"
moment = 2031-03-14T18:00:00+01:00
[draw]
kind = "digits"
digits = 3
source = "S"
format = "F"
fallback = "B"
"""
PLANNED = """
[replacements]
moments = [2031-04-09T12:00:00+02:00, 2031-05-09T12:00:00+02:00]
[replacements.draw]
kind = "public_value"
source = "S"
format = "F"
fallback = "B"
pattern = "[0-9a-f]{64}"
entropy_bits = 256
"""


def read(text: str) -> DrawRule:
    return DrawRule.from_toml(text.encode(), name="RULE.toml")


def test_the_example_is_read_and_committed_whole() -> None:
    example = DrawRule.from_toml(EXAMPLE.read_bytes(), name="RULE.toml")
    assert DrawRule.from_document(example.document(), name="x") == example
    assert example.draw.digits == 3
    assert example.replacements is not None
    assert len(example.replacements.moments) == 3


def test_a_rule_needs_only_what_it_needs() -> None:
    minimal = read(MINIMAL)
    assert (minimal.publication, minimal.replacements) == (None, None)
    assert minimal.moment.isoformat() == "2031-03-14T18:00:00+01:00"
    assert read(MINIMAL + PLANNED).replacements is not None


def test_a_moment_may_be_written_as_text() -> None:
    assert read(MINIMAL.replace("2031-03-14T18:00:00+01:00", '"2031-03-14T18:00:00+01:00"')) == read(MINIMAL)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('assembly = "A"', "", "lacks “assembly”"),
        ('assembly = "A"', 'assembly = "A"\ncolour = "red"', "unknown field “colour”"),
        ('language = "en"', 'language = "fr"', "“de”, “en”"),
        ("2031-03-14T18:00:00+01:00", "2031-03-14T18:00:00", "offset"),
        ("2031-03-14T18:00:00+01:00", "2031-03-14", "moment must be"),
        ("2031-03-14T18:00:00+01:00", '"tomorrow"', "offset"),
        ("2031-03-14T18:00:00+01:00", '"2031-03-14 18:00:00+01:00"', "offset"),
        ("digits = 3", "", "how many `digits`"),
        ("digits = 3", "digits = 7", "digits must be"),
        ("digits = 3", 'digits = 3\npattern = "[0-9]"', "no pattern"),
        ('kind = "digits"', 'kind = "dice"', "“digits”, “public_value”"),
        ('kind = "digits"', 'kind = "public_value"', "needs `pattern`"),
        ("[draw]", "[drawing]", "lacks “draw”"),
        ("[draw]", "draw = 1\n[drawing]", "unknown field “drawing”"),
        ('title = "T"', 'title = "T', "not a TOML file"),
        ('title = "T"', 'title = "T\\nU"', "line breaks"),
    ],
)
def test_a_rule_that_leaves_something_open_is_refused(old: str, new: str, message: str) -> None:
    assert old in MINIMAL
    with pytest.raises(InputError, match=message):
        read(MINIMAL.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("entropy_bits = 256", "entropy_bits = 63", "between 64"),
        ("entropy_bits = 256", "entropy_bits = 257", "at most 256.0 bits"),
        ('"[0-9a-f]{64}"', '"[0-9]{20}"', "at most 66.4 bits"),
        ('"[0-9a-f]{64}"', '"(a|b)*"', "at character 1"),
        ('"[0-9a-f]{64}"', '"[0-9a-f]{64}$"', "at character 13"),
        ('"[0-9a-f]{64}"', '"[z-a]{64}"', "backwards"),
        ("2031-04-09T12:00:00+02:00, 2031-05-09T12:00:00+02:00", "", "at least 1"),
        ("2031-04-09T12:00:00+02:00, 2031-05-09", "2031-05-09T12:00:00+02:00, 2031-04-09", "ascending"),
        ("[2031-04-09T12:00:00+02:00, 2031-05-09T12:00:00+02:00]", "1", "moments must be a list"),
        ("[replacements.draw]", "[replacements.drawing]", "lacks “draw”"),
    ],
)
def test_rules_for_replacements_are_read_as_strictly(old: str, new: str, message: str) -> None:
    assert old in PLANNED
    with pytest.raises(InputError, match=message):
        read(MINIMAL + PLANNED.replace(old, new))


def test_replacements_must_be_a_table() -> None:
    with pytest.raises(InputError, match="replacements must be an object"):
        read("replacements = 1\n" + MINIMAL)


def test_the_next_replacement_is_drawn_at_the_first_fixed_moment_to_come() -> None:
    planned = rule(replacements=True)
    assert planned.next_replacement(NOW).moment == LATER[0]
    later = planned.next_replacement(LATER[0])
    assert (later.moment, later.draw) == (LATER[1], PUBLIC_VALUE)
    assert later.replacements == planned.replacements
    with pytest.raises(InputError, match="have passed"):
        planned.next_replacement(LATER[-1])
    with pytest.raises(InputError, match="have passed"):
        rule().next_replacement(NOW)
    with pytest.raises(InputError, match="fixes nothing"):
        rule().for_replacement(MOMENT)


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("[0-9]{3}", ["007"], ["7", "0071", "٠٠٧", "a07"]),
        ("[a-cx-]{2}/1", ["ax/1", "--/1"], ["ad/1", "ax/2"]),
        ("a{3}:b", ["aaa:b"], ["aa:b"]),
    ],
)
def test_patterns_match_exactly(pattern: str, good: list[str], bad: list[str]) -> None:
    regex = Pattern.parse(pattern).regex
    assert all(regex.fullmatch(text) for text in good)
    assert not any(regex.fullmatch(text) for text in bad)


def test_an_order_of_relaxations_names_every_feature_or_none() -> None:
    require_fitting_order([], {"a": 1, "b": 2})
    require_fitting_order(["b", "a"], {"a": 1, "b": 2})
    for order in (["a"], ["a", "b", "b"], ["a", "b", "c"]):
        with pytest.raises(InputError, match="every feature once"):
            require_fitting_order(order, {"a": 1, "b": 2})


def test_moments_of_any_zone_compare() -> None:
    assert datetime(2031, 3, 14, 17, tzinfo=UTC) - read(MINIMAL).moment == timedelta(0)
