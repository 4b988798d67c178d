"""Receipts find their person, whatever the ids look like, and their codes survive being typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sortition.protocol.documents import ReceiptDocument
from sortition.protocol.hashes import SECRET_BYTES, code_of
from sortition.protocol.receipts import file_names, grouped, short_code, typed_code

ids = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=150)


@given(st.sets(ids, max_size=20))
def test_every_id_has_a_name_of_its_own_that_stays_in_the_folder(entry_ids: set[str]) -> None:
    names = file_names(entry_ids)
    assert names.keys() == entry_ids
    assert len({name.casefold() for name in names.values()}) == len(entry_ids)
    allowed = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-%~.")
    assert all(set(name) <= allowed and name.count(".") == 1 and len(name) <= 200 for name in names.values())


def test_plain_ids_stay_and_odd_ones_are_escaped() -> None:
    assert file_names(["p17", "a/b", "..", "ä", "%41"]) == {
        "p17": "p17.json",
        "a/b": "a%2Fb.json",
        "..": "%2E%2E.json",
        "ä": "%C3%A4.json",
        "%41": "%2541.json",
    }


def test_ids_that_a_file_system_may_confuse_get_their_hash() -> None:
    names = file_names(["a", "A", "b"])
    assert names["b"] == "b.json"
    assert names["a"].startswith("a~")
    assert names["A"].startswith("A~")
    assert names["a"].casefold() != names["A"].casefold()
    assert len(file_names(["x" * 500])["x" * 500]) == 100 + 1 + 16 + 5


def receipt(secret: bytes) -> ReceiptDocument:
    row = {"id": "a", "values": {}, "household": None}
    return {"format": "", "assembly": "", "commitment": "", "row": row, "secret": secret.hex()}


@given(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES))
def test_the_code_is_eighty_bits_of_the_secrets_hash(secret: bytes) -> None:
    code, number = short_code(receipt(secret)), 0
    for character in code:
        number = number * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(character)
    assert number.to_bytes(10, "big") == code_of(secret)
    assert typed_code(grouped(code).lower()) == code


def test_a_code_of_zeros_keeps_its_length_and_misread_letters_are_understood() -> None:
    assert typed_code("OOOO oooo llll-IIII") == "0000000011111111"
    assert [typed_code(text) for text in ("", "0" * 15, "0" * 17, "U" * 16, "Ä" * 16, "²" * 16)] == [None] * 6
