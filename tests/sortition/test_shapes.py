"""Shapes accept what they describe, and name the place of the first fault without the value there."""

from __future__ import annotations

import math

import pytest

from sortition.errors import InputError
from sortition.shapes import (
    DECIMAL,
    LARGEST_INTEGER,
    Boolean,
    Integer,
    ListOf,
    MapOf,
    Nullable,
    Number,
    OneOf,
    Record,
    Shape,
    Text,
    hexadecimal,
)

RECORD = Record({"a": Integer(), "b": Nullable(Text())}, optional=frozenset({"b"}))


@pytest.mark.parametrize(
    ("shape", "good", "bad"),
    [
        (Text(3), ["a", "äöü"], ["", "abcd", "a\nb", "\x7f", 1, None]),
        (Text(3, may_be_empty=True, one_line=False), ["", "a\nb"], ["abcd", None]),
        (Integer(1, 5), [1, 5], [0, 6, True, 1.0, "1", None]),
        (Integer(), [0, LARGEST_INTEGER], [-1, LARGEST_INTEGER + 1]),
        (Number(0, 1), [0, 0.5, 1.0], [-0.1, 1.1, math.nan, math.inf, True, "0"]),
        (Number(), [0, -1e308, 10**300], [math.nan, -math.inf, 10**400, -(10**400)]),
        (Boolean(), [True, False], [0, 1, None, "true"]),
        (OneOf(("x", "y")), ["x"], ["z", None, 1, ["x"]]),
        (Nullable(Integer()), [None, 1], ["1"]),
        (ListOf(Integer(), at_least=1), [[1], [1, 2]], [[], [1, "2"], {"a": 1}, None]),
        (MapOf(Integer(), at_least=1), [{"a": 1}], [{}, {"a": "1"}, [1], None]),
        (RECORD, [{"a": 1}, {"a": 1, "b": None}, {"a": 1, "b": "x"}], [{}, {"a": "1"}, {"a": 1, "c": 2}, [], None]),
        (hexadecimal(2), ["00ff"], ["00FF", "00f", "00ff0", " 00ff", "00ff\n", None]),
        (DECIMAL, ["0.000000000000", "12.123456789012"], ["0.1", "-0.000000000000", "0,000000000000", 0.1]),
    ],
)
def test_shape(shape: Shape, good: list[object], bad: list[object]) -> None:
    for value in good:
        shape.check(value, "place")
    for value in bad:
        with pytest.raises(InputError, match="place"):
            shape.check(value, "place")


def test_the_place_is_named_and_the_value_is_not() -> None:
    shape = Record({"entries": ListOf(Record({"values": MapOf(Integer())}))})
    with pytest.raises(InputError) as caught:
        shape.check({"entries": [{"values": {"age": 1}}, {"values": {"age": "Erika Mustermann"}}]}, "file.json")
    assert str(caught.value) == "file.json.entries[1].values.age must be an integer between 0 and 9007199254740991."
