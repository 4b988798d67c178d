"""The targets file is understood, or everything wrong with it is said."""

from __future__ import annotations

from fractions import Fraction

import pytest

from sortition.files.amounts import NumberProblem, parse_count, parse_share
from sortition.files.targets import Shares
from sortition.model import NOT_STATED, Quota, Quotas
from tests.sortition.files.support import RESPONDENTS, TARGETS, Case, Rows, texts

HEAD = ("feature", "value", "min", "max", "min_flex", "max_flex")
PEOPLE = (("id", "gender"), ("a", "f"), ("b", "m"), ("c", "f"))


def one_feature(*rows: tuple[object, ...], head: tuple[str, ...] = HEAD) -> Rows:
    return (head, *(("gender", *row) for row in rows))


def test_bounds_and_flexes_are_read_and_blank_flexes_are_absent(case: Case) -> None:
    loaded = case.load(one_feature(("f", "1", "2", "0", "3"), ("m", "1,0", "2.0", "", "")), PEOPLE)
    assert loaded.instance.quotas == {"gender": {"f": Quota(1, 2, 0, 3), "m": Quota(1, 2)}}


def test_sums_of_bounds_are_not_judged_here(case: Case) -> None:
    loaded = case.load(one_feature(("f", 3, 9, "", ""), ("m", 3, 9, "", "")), PEOPLE)
    assert loaded.instance.quotas["gender"]["f"] == Quota(3, 9)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (("", 1, 2, "", ""), "2: value: The value is blank."),
        (("f", "", 2, "", ""), "2: min: There is no min."),
        (("f", 1, "", "", ""), "2: max: There is no max."),
        (("f", "x", 2, "", ""), "2: min: “x” is not a number."),
        (("f", "11,5", 12, "", ""), "2: min: “11,5” is not a whole number."),
        (("f", "-1", 2, "", ""), "2: min: “-1” is negative."),
        (("f", "−1", 2, "", ""), "2: min: “−1” is negative."),
        (
            ("f", 1, "1.000", "", ""),
            "2: max: It is unclear whether the separator in “1.000” marks thousands or decimals.",
        ),
        (("f", 1, "99999999999", "", ""), "2: max: The number “99999999999” is too large."),
        (("f", 3, 2, "", ""), "2: min: min is 3, more than max, which is 2."),
        (("f", 1, 2, 2, ""), "2: min_flex: min_flex is 2, more than min, which is 1."),
        (("f", 1, 2, "", 1), "2: max: max is 2, more than max_flex, which is 1."),
        (("f", 1, 2, "", "many"), "2: max_flex: “many” is not a number."),
        (("red", "1\x9b", 2, "", ""), "2: min: “1\ufffd” is not a number."),
    ],
)
def test_each_wrong_row_is_reported_with_row_and_column(case: Case, row: tuple[object, ...], what: str) -> None:
    found = case.problems(one_feature(row, ("m", 0, 3, "", "")), PEOPLE)
    assert found[0] == what


def test_duplicates_are_reported_with_both_rows_whatever_their_spelling(case: Case) -> None:
    rows = (("feature", "value", "min", "max"), ("gender", "f", 1, 2), ("Gender ", "m", 1, 2), ("gender", " F", 1, 2))
    assert case.problems(rows, PEOPLE) == ["4: value: “F” of “gender” already has a target in row 2."]


def test_a_row_without_feature_is_reported_not_skipped(case: Case) -> None:
    rows = (*one_feature(("f", 0, 3, "", ""), ("m", 0, 3, "", "")), ("", "x", 1, 2, "", ""))
    assert case.problems(rows, PEOPLE) == ["4: feature: The feature is blank."]


def test_a_feature_without_values_is_reported(case: Case) -> None:
    rows = (("feature", "value", "min", "max", "voluntary"), ("gender", "", "", "", "yes"))
    assert case.problems(rows, PEOPLE)[:2] == ["2: value: The value is blank.", "2: feature: “gender” has no value."]


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        (("feature", "valeu", "min", "max"), "1: The column “value” is missing."),
        (("Merkmal", "Ausprägung", "mininum", "max"), "1: The column “min” is missing."),
        (("category", "vvv", "min", "max"), "1: The column “value” is missing."),
    ],
)
def test_missing_columns_are_named(case: Case, header: tuple[str, ...], missing: str) -> None:
    assert case.problems((header, *TARGETS[1:]), RESPONDENTS)[0] == missing


def test_a_column_twice_is_a_problem_if_it_is_needed(case: Case) -> None:
    rows = (("feature", "value", "min", "max", "MIN ", "note", "note"), ("gender", "f", 1, 2, 3, "", ""))
    assert case.problems(rows, PEOPLE)[0] == "1: min: Several columns are headed like this."


def test_without_rows_it_says_so(case: Case) -> None:
    assert case.problems(TARGETS[:1])[0] == "There are no targets below the header."


def test_unused_columns_are_listed(case: Case) -> None:
    rows = (
        ("category", "name", "suggest min", "Current #", "min", "max"),
        ("gender", "f", "", "", 0, 3),
        *[("gender", "m", "", "", 0, 3)],
    )
    assert texts(case.load(rows, PEOPLE).notes)[0] == (
        "Columns of targets.csv that are not used: “suggest min”, “Current #”."
    )


@pytest.mark.parametrize(
    ("header", "pair"),
    [
        (("feature", "value", "category", "min", "max"), ("gender", "f")),
        (("category", "feature", "name", "min", "max"), ("gender", "note")),
        (("feature", "name", "x", "min", "max"), ("gender", "f")),
        (("category", "feature", "x", "min", "max"), ("gender", "f")),
        (("Kategorie", "Merkmal", "x", "min", "max"), ("gender", "f")),
    ],
)
def test_ambiguous_headers_are_taken_in_a_fixed_order(
    case: Case, header: tuple[str, ...], pair: tuple[str, str]
) -> None:
    people = (("id", "gender"), ("a", pair[1]), ("b", pair[1]), ("c", pair[1]))
    loaded = case.load((header, ("gender", "f", "note", 0, 3)), people)
    assert [(f, v) for f, values in loaded.instance.quotas.items() for v in values] == [pair]


class TestVoluntary:
    people = (("id", "care"), ("a", ""), ("b", "k. A."), ("c", "yes"), ("d", "Prefer not to say"))
    rows = (("feature", "value", "min", "max"), ("care", "yes", 0, 3), ("care", "no", 0, 3))

    def test_not_stated_may_be_anyone_up_to_the_whole_panel(self, case: Case) -> None:
        loaded = case.load(self.rows, self.people, voluntary=["Care "])
        assert loaded.instance.quotas["care"][NOT_STATED] == Quota(0, 3)
        assert [e.values["care"] for e in loaded.instance.entries] == [NOT_STATED, NOT_STATED, "yes", NOT_STATED]
        assert loaded.targets.voluntary == {"care"}

    @pytest.mark.parametrize("spelling", ["not_stated", "keine Angabe", "k.A.", "prefer not to say"])
    def test_the_targets_may_set_its_quota(self, case: Case, spelling: str) -> None:
        rows = (self.rows[0], ("care", spelling, 1, 2), *self.rows[1:])
        loaded = case.load(rows, self.people, voluntary=["care"])
        assert next(iter(loaded.instance.quotas["care"].items())) == (NOT_STATED, Quota(1, 2))

    def test_a_column_may_say_it(self, case: Case) -> None:
        rows = (
            ("Merkmal", "Ausprägung", "min", "max", "freiwillig"),
            ("care", "yes", 0, 3, "Ja"),
            ("care", "no", 0, 3, ""),
        )
        assert case.load(rows, self.people).targets.voluntary == {"care"}
        wrong = (*rows[:2], ("care", "no", 0, 3, "perhaps"))
        assert case.problems(wrong, self.people) == ["3: freiwillig: “perhaps” is neither yes nor no."]

    def test_without_it_blanks_and_refusals_are_problems(self, case: Case) -> None:
        assert case.problems(self.rows, self.people) == [
            "2: care: The cell is blank.",
            "3: care: “k. A.” has no target in “care”.",
            "5: care: “Prefer not to say” has no target in “care”.",
        ]

    def test_a_mandatory_feature_may_have_it_as_an_ordinary_value(self, case: Case) -> None:
        rows = (*self.rows, ("care", "k. A.", 0, 1))
        people = (self.people[0], self.people[2], self.people[3], ("e", "no"))
        loaded = case.load(rows, people)
        assert list(loaded.instance.quotas["care"]) == ["yes", "no", "k. A."]

    def test_two_spellings_of_it_are_a_problem(self, case: Case) -> None:
        rows = (*self.rows, ("care", "k. A.", 0, 1), ("care", "keine Angabe", 0, 1))
        assert case.problems(rows, self.people, voluntary=["care"]) == [
            "5: value: “k. A.”, “keine Angabe” of “care” mean the same: not stated."
        ]

    def test_an_unknown_voluntary_feature_is_a_problem_with_the_nearest(self, case: Case) -> None:
        assert case.problems(
            self.rows, (self.people[0], ("c", "yes"), ("x", "no"), ("y", "no")), voluntary=["cara"]
        ) == ["The voluntary feature “cara” has no targets."]

    def test_an_alike_name_of_a_feature_is_enough(self, case: Case) -> None:
        rows = (self.rows[0], ("care duties", "yes", 0, 3))
        people = (("id", "Care-Duties"), *self.people[1:])
        assert case.load(rows, people, voluntary=["care_duties"]).columns == {"care duties": "Care-Duties"}


class TestShares:
    head = ("Merkmal", "Ausprägung", "Anteil")

    @staticmethod
    def compute(shares: Shares, size: int) -> Quotas:
        return {f: {v: Quota(0, round(s * size)) for v, s in values.items()} for f, values in shares.items()}

    @pytest.mark.parametrize("pair", [("66,7", "33.3"), ("0.667", "0,333"), ("66,7 %", "33,3%"), ("0,667", "33,3 %")])
    def test_shares_in_any_notation_become_quotas(self, case: Case, pair: tuple[str, str]) -> None:
        rows = (self.head, ("gender", "f", pair[0]), ("gender", "m", pair[1]))
        loaded = case.load(rows, PEOPLE, quotas_from_shares=self.compute)
        assert loaded.shares == {"gender": {"f": Fraction(667, 1000), "m": Fraction(333, 1000)}}
        assert loaded.instance.quotas == {"gender": {"f": Quota(0, 2), "m": Quota(0, 1)}}

    def test_a_percent_header_and_rounded_shares_are_fine(self, case: Case) -> None:
        rows = (("feature", "value", "%"), ("gender", "f", 33.3), ("gender", "m", 33.3), ("gender", "x", 33.3))
        loaded = case.load(rows, PEOPLE, quotas_from_shares=self.compute)
        assert loaded.shares["gender"] == dict.fromkeys("fmx", Fraction(1, 3))

    def test_not_stated_keeps_its_own_quota_beside_shares(self, case: Case) -> None:
        rows = (
            ("feature", "value", "share", "min", "max"),
            ("gender", "f", 60, "", ""),
            ("gender", "m", 40, "", ""),
            ("gender", "k. A.", "", 0, 1),
        )
        loaded = case.load(rows, PEOPLE, quotas_from_shares=self.compute, voluntary=["gender"])
        assert loaded.instance.quotas["gender"] == {"f": Quota(0, 2), "m": Quota(0, 1), NOT_STATED: Quota(0, 1)}

    def test_bounds_go_before_shares(self, case: Case) -> None:
        rows = (
            ("feature", "value", "share", "min", "max"),
            ("gender", "f", 60, 1, 2),
            ("gender", "m", 40, 1, 2),
        )
        loaded = case.load(rows, PEOPLE)
        assert loaded.instance.quotas["gender"]["f"] == Quota(1, 2)
        assert loaded.shares["gender"]["f"] == Fraction(3, 5)

    def test_shares_without_means_to_compute_quotas_are_a_problem(self, case: Case) -> None:
        rows = (self.head, ("gender", "f", 60), ("gender", "m", 40))
        assert case.problems(rows, PEOPLE) == ["There are only shares, no min and max, for “gender”."]

    @pytest.mark.parametrize(
        ("rows", "what"),
        [
            (
                (("f", 60, "", ""), ("m", 30, "", "")),
                "2: share: The shares of “gender” add up to 90, neither to 100 % nor to 1.",
            ),
            ((("f", "half", "", ""), ("m", 50, "", "")), "2: share: “half” is not a number."),
            ((("f", "-5", "", ""), ("m", 50, "", "")), "2: share: “-5” is negative."),
            (
                (("f", 60, 1, 2), ("m", 40, "", "")),
                "3: min: Some values of “gender” have min and max, others only a share.",
            ),
            ((("f", 100, "", ""), ("m", "", "", "")), "3: share: “m” of “gender” has neither min and max nor a share."),
        ],
    )
    def test_wrong_shares_are_reported(self, case: Case, rows: Rows, what: str) -> None:
        head = ("feature", "value", "share", "min", "max")
        found = case.problems(one_feature(*rows, head=head), PEOPLE, quotas_from_shares=self.compute)
        assert what in found


def test_numbers_are_read_exactly() -> None:
    assert parse_count(" 007 ") == 7
    assert parse_count("+3") == 3
    assert parse_share("12.345") == (Fraction(12345, 1000), False)
    for text in ("", "1e3", "1/2", "½", "0x1", "nan", "inf", "1,2,3", "٣"):
        with pytest.raises(NumberProblem):
            parse_count(text)
