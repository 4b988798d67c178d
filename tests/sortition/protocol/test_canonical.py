"""One document, one spelling, one hash."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortition.errors import InputError
from sortition.protocol.canonical import canonical_bytes, parse_canonical, parse_json
from sortition.shapes import LARGEST_INTEGER

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
leaves = st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | texts
documents = st.dictionaries(
    texts, st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)
)


@given(documents)
def test_what_is_written_canonically_is_read_as_it_was(document: dict[str, Any]) -> None:
    content = canonical_bytes(document)
    assert parse_canonical(content, name="x") == document


@given(documents, st.data())
def test_any_other_spelling_is_refused(document: dict[str, Any], data: st.DataObject) -> None:
    content = canonical_bytes(document)
    position = data.draw(st.integers(0, len(content)))
    blank = data.draw(st.sampled_from([b" ", b"\n", b"\t", b"\xef\xbb\xbf"]))
    with pytest.raises(InputError):
        parse_canonical(content[:position] + blank + content[position:] + b" ", name="x")


def test_order_of_keys_and_escapes_follow_the_standard() -> None:
    document = {"\u20ac": 1, "\r": 2, "1": 3, "\U0001f600": 4, "\ufb33": 5, "ö": '\u0007\u001f"\\/\u2028'}
    expected = '{"\\r":2,"1":3,"ö":"\\u0007\\u001f\\"\\\\/\u2028","€":1,"\U0001f600":4,"\ufb33":5}'
    assert canonical_bytes(document).decode() == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a":1,"a":1}', "repeats a key"),
        (b'{"a":{"b":1,"b":2}}', "repeats a key"),
        (b'{"a":1.0}', "number 1.0"),
        (b'{"a":1e3}', "number 1e3"),
        (b'{"a":NaN}', "number NaN"),
        (b'{"a":-Infinity}', "number -Infinity"),
        (b'{"a":9007199254740992}', "canonical form"),
        (b'{"a":' + b"9" * 5000 + b"}", "not a JSON document"),
        (b'{"b":1,"a":2}', "canonical form"),
        (b'{"a": 1}', "canonical form"),
        (b'{"a":"\\u00e4"}', "canonical form"),
        (b'{"a":-0}', "canonical form"),
        (b'{"a":1}\n', "canonical form"),
        (b'\xef\xbb\xbf{"a":1}', "not a JSON document"),
        (b'{"a":"\xff"}', "not a JSON document"),
        (b'{"a":"\\ud800"}', "canonical form"),
        (b'{"a":' * 100_000, "not a JSON document"),
        (b"[]", "not a JSON object"),
        (b"", "not a JSON document"),
    ],
)
def test_what_is_not_canonical_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_canonical(content, name="x.json")


def test_no_float_gets_into_a_committed_document() -> None:
    with pytest.raises(InputError, match="no floats"):
        canonical_bytes({"a": [{"b": 0.5}]})


def test_floats_are_read_where_they_are_allowed() -> None:
    assert parse_json(json.dumps({"a": 0.5}).encode(), name="x", floats=True) == {"a": 0.5}
