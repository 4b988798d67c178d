"""People who live together are recognised however their address is spelled, and nobody else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortition.files.households import fold_address, household_names
from tests.sortition.files.support import Case, Rows, texts

TARGETS = (("feature", "value", "min", "max"), ("g", "x", 0, 9))
HEADER = ("id", "g", "Straße", "PLZ", "Nachname", "Vorname")


CROWDED = (
    "Households with more than 4 people: 1, the largest with 9; that is probably a house with several flats or an "
    "institution, and only one of these people can be drawn."
)


def people(*rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> Rows:
    return (header, *((name, "x", *row) for name, row in zip("abcdefghijklmnop", rows, strict=False)))


def households(case: Case, rows: Rows, **options: object) -> dict[str, str]:
    loaded = case.load(TARGETS, rows, **{"size": 2, **options})
    return {entry.id: entry.household for entry in loaded.instance.entries if entry.household is not None}


@pytest.mark.parametrize(
    "spelling",
    [
        "Hauptstraße 12a",
        "Hauptstrasse 12 a",
        "HAUPTSTR. 12A",
        "Haupt-Straße 12 a",
        " Haupt  Str. 12a ",
        "Hauptstr 12a",
        "Hauptstra\u00dfe\u00a012a",
        "Hauptstr.12a",
    ],
)
def test_spellings_of_one_address_are_the_same(spelling: str) -> None:
    assert fold_address(spelling) == "hauptstr 12 a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Schloßplatz 1", "Schlosspl. 1"),
        ("Grüner Weg 3", "Gruener Wg. 3"),
        ("Müllerallee 4", "Mu\u0308llerallee 04"),
        ("Straße des 17. Juni 135", "Str. d. 17. Juni 135".replace("d.", "des")),
        ("D-10115", "10115"),
        ("12/3", "12-3"),
    ],
)
def test_common_abbreviations_make_no_difference(one: str, other: str) -> None:
    assert fold_address(one) == fold_address(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hauptstr. 1 12", "Hauptstr. 11 2"),
        ("Hauptstr. 12", "Hauptstr. 12a"),
        ("Hauptstr. 1", "Hauptweg 1"),
        ("Am Markt 1", "Markt 1"),
    ],
)
def test_different_addresses_stay_different(one: str, other: str) -> None:
    assert fold_address(one) != fold_address(other)


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold_address(text)
    assert fold_address(once) == once


def test_an_explicit_column_tells_households(case: Case) -> None:
    rows = (("id", "g", "home"), ("a", "x", "7"), ("b", "x", " 7"), ("c", "x", ""), ("d", "x", ""), ("e", "x", "07"))
    assert households(case, rows, household_columns=["Home"]) == {"a": "h1", "b": "h1"}
    notes = texts(case.load(TARGETS, rows, size=2, household_columns=["home"]).notes)
    assert notes[1:] == [
        "Households with several registrations: 1 (2 people), told by column.",
        "2 people with blank cells there are taken as living alone.",
    ]


def test_address_columns_count_together_with_the_surname(case: Case) -> None:
    rows = people(
        ("Hauptstr. 1", "10115", "Müller", "A"),
        ("Hauptstraße 1", "D-10115", "MUELLER", "B"),
        ("Hauptstr. 1", "10115", "Meier", "C"),
        ("Hauptstr. 1", "10117", "Müller", "D"),
        ("", "10115", "Meier", "E"),
        ("", "10115", "Meier", "F"),
        ("Hauptstr. 1", "10115", "", "G"),
        ("Hauptstr. 1", "10115", "", "H"),
    )
    assert households(case, rows, household_columns=["Straße", "PLZ"]) == {"a": "h1", "b": "h1"}
    assert households(case, rows, household_columns=["Straße", "PLZ", "Vorname"]) == {}
    assert households(case, rows, household_columns=["PLZ", "Straße", "Nachname"]) == {"a": "h1", "b": "h1"}


def test_address_alone_on_request_with_the_largest_groups_and_a_warning(case: Case) -> None:
    flats = [("Turm 1", "1", f"N{n}", "") for n in range(9)]
    rows = people(*flats, ("Weg 2", "1", "A", ""), ("Weg 2", "1", "B", ""), ("Weg 3", "1", "C", ""))
    assert set(households(case, rows, household_columns=["Straße", "PLZ"], address_only=True).values()) == {"h1", "h2"}
    loaded = case.load(TARGETS, rows, size=2, address_only=True)
    assert texts(loaded.notes)[1:] == [
        "Columns of respondents.csv that the lottery does not use: “Nachname”, “Vorname”.",
        "Households with several registrations: 2 (11 people), told by address.",
        "One household with 9 people: rows 2, 3, 4, 5, 6, 7, 8, 9, ….",
        "One household with 2 people: rows 11, 12.",
    ]
    assert texts(loaded.warnings) == [CROWDED]


def test_a_second_address_line_may_be_blank(case: Case) -> None:
    header = ("id", "g", "primary_address1", "primary_address2", "last_name")
    rows = people(("1 Elm Drive", "", "Lee"), ("1 Elm Dr", "", "Lee"), ("1 Elm Drive", "Flat 2", "Lee"), header=header)
    assert households(case, rows, household_columns=header[2:4]) == {"a": "h1", "b": "h1"}


def test_several_of_a_household_may_be_allowed(case: Case) -> None:
    rows = people(("Weg 1", "1", "A", ""), ("Weg 1", "1", "A", ""))
    assert households(case, rows, household_columns=["Straße"], one_per_household=False) == {}


def test_names_of_households_tell_nothing_and_do_not_depend_on_the_order_of_rows() -> None:
    groups = {("weg 1", "lee"): ["d", "b"], ("weg 2", "kim"): ["c"], ("weg 3", "ono"): ["e", "a", "f"]}
    names = {"a": "h1", "e": "h1", "f": "h1", "b": "h2", "d": "h2"}
    assert household_names(groups) == names
    assert household_names(dict(reversed(groups.items()))) == names


class TestProblems:
    def test_unknown_and_double_columns(self, case: Case) -> None:
        rows = people(("Weg 1", "1", "A", ""), header=("id", "g", "Straße", "PLZ", "plz", "x"))
        assert case.problems(TARGETS, rows, size=1, household_columns=["Strase", "PLZ"]) == [
            "1: There is no column “Strase” to tell households by.",
            "1: Several columns are headed “PLZ”.",
        ]

    def test_no_surname(self, case: Case) -> None:
        rows = people(("Weg 1", "1"), header=("id", "g", "Adresse", "PLZ"))
        assert case.problems(TARGETS, rows, size=1, household_columns=["Adresse"]) == [
            "1: Households cannot be told by address and surname: there is no column of surnames."
        ]

    def test_no_address(self, case: Case) -> None:
        rows = (("id", "g", "E-Mail-Adresse"), ("a", "x", "y"))
        assert case.problems(TARGETS, rows, size=1, address_only=True) == ["1: There are no columns of an address."]


def test_a_column_called_name_serves_as_surname(case: Case) -> None:
    rows = people(("Weg 1", "Lee"), ("Weg 1", "Lee"), ("Weg 1", "Kim"), header=("id", "g", "Anschrift", "Name"))
    assert households(case, rows, household_columns=["anschrift"]) == {"a": "h1", "b": "h1"}
