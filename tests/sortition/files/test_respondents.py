"""The respondents file is understood, or everything wrong with it is said."""

from __future__ import annotations

import pytest

from sortition.files import ProblemReport, ProblemsError, load_instance
from sortition.files.respondents import RespondentOptions, read_respondents
from sortition.files.tables import open_table
from tests.sortition.files.support import RESPONDENTS, TARGETS, Case, Rows, texts, values_of, write_xlsx

ALIKE = "Did you mean the column “gendre”? Then use one name for both."
VOLUNTARY = "Make the feature voluntary (--voluntary), or add the value to the targets."


def with_header(*header: str) -> Rows:
    return (header, *RESPONDENTS[1:])


def test_values_become_those_of_the_targets_and_spellings_are_noted(case: Case) -> None:
    people = (
        ("id", "Gender ", "AGE"),
        ("a", " Female", "18–30"),
        ("b", "MALE", "31 - 60"),
        ("c", "female", "31-60"),
        ("d", "fe\u200bmale", "31-60"),
    )
    targets = (*TARGETS[:-1], ("age", "31 - 60", 0, 3))
    assert case.problems(targets, people) == ["4,5: AGE: “31-60” has no target in “age”."]
    loaded = case.load(targets, (*people[:3], ("c", "fe\u200bmale", "31 \u00a0- 60")))
    assert values_of(loaded, "a") == {"gender": "female", "age": "18-30"}
    assert values_of(loaded, "c") == {"gender": "female", "age": "31 - 60"}
    assert [n for n in texts(loaded.notes) if "spelled" in n] == [
        "3 values of “gender” are spelled otherwise than the targets: “Female”, “MALE”, “fe\ufffdmale”.",
        "2 values of “age” are spelled otherwise than the targets: “18–30”, “31 - 60”.",
    ]


def test_unknown_values_are_reported_together_with_the_nearest_known_one(case: Case) -> None:
    people = (*RESPONDENTS, ("e", "femal", "18-30", ""), ("f", "femal", "?", ""), ("g", "", "18-30", ""))
    with pytest.raises(ProblemsError) as caught:
        case.load(TARGETS, people)
    assert [(p.rows, p.column, str(p.what), str(p.what_to_do)) for p in caught.value.problems] == [
        (
            (6, 7),
            "gender",
            "“femal” has no target in “gender”.",
            "Did you mean “female”? Else add the value to the targets.",
        ),
        (
            (7,),
            "age",
            "“?” has no target in “age”.",
            VOLUNTARY,
        ),
        ((8,), "gender", "The cell is blank.", "Fill it in, or make the feature voluntary (--voluntary)."),
    ]


def test_all_problems_of_both_files_come_in_one_report(case: Case) -> None:
    targets = (*TARGETS, ("age", "61+", "x", "3"))
    people = (*RESPONDENTS, ("a", "female", "61+", ""), ("", "male", "", ""), ("f", "male", "18-30", "x", "y"))
    assert case.problems(targets, people, size=9) == [
        "6: min: “x” is not a number.",
        "6: id: Row 2 already has this id.",
        "7: id: The id is blank.",
        "7: age: The cell is blank.",
        "8: The row has more cells than the header.",
        "The panel has 9 seats, but only 5 people registered.",
    ]


def test_a_feature_without_column_is_reported_with_the_nearest_header(case: Case) -> None:
    with pytest.raises(ProblemsError) as caught:
        case.load(TARGETS, with_header("id", "gendre", "zzzz", "name"))
    assert [(str(p.what), str(p.what_to_do)) for p in caught.value.problems] == [
        (
            "There is no column for the feature “gender”.",
            ALIKE,
        ),
        ("There is no column for the feature “age”.", "Add the column, or correct the name; the headers are in row 1."),
    ]


def test_a_header_twice_is_a_problem_only_if_it_is_needed(case: Case) -> None:
    people = (("id", "gender", "age", "note", "Note"), *((*row, "x") for row in RESPONDENTS[1:]))
    assert case.load(TARGETS, people).instance.size == 3
    people = (("id", "gender", "age", "note", "Gender"), *people[1:])
    assert case.problems(TARGETS, people) == ["1: Several columns are headed “gender”."]
    people = (("id", "gender", "age", "ID", "note"), *people[1:])
    assert case.problems(TARGETS, people) == ["1: Several columns are headed “id”."]


@pytest.mark.parametrize(
    "name",
    ["ID", "unique_id", "NationBuilder ID", "external-id", "respondent_id", "Kennung", "Nr", "lfd. Nr.", "ID-Nummer"],
)
def test_common_names_of_id_columns_are_recognised(case: Case, name: str) -> None:
    loaded = case.load(TARGETS, with_header(name, "gender", "age", "x"))
    assert loaded.id_column == name
    assert f"“{name}” is taken as the column of ids." in texts(loaded.notes)


def test_a_feature_called_like_an_id_is_none(case: Case) -> None:
    targets = (TARGETS[0], *(("USERID", *row[1:]) if row[0] == "gender" else row for row in TARGETS[1:]))
    loaded = case.load(targets, with_header("id", "USERID", "age", "name"))
    assert loaded.id_column == "id"


def test_a_house_number_is_no_id(case: Case) -> None:
    people = (("Straße", "Nr.", "gender", "age"), ("A", "1", "male", "18-30"), ("B", "1", "female", "18-30"))
    loaded = case.load(TARGETS, people, size=2)
    assert loaded.id_column is None


def test_without_ids_the_row_numbers_serve_and_it_says_so(case: Case) -> None:
    loaded = case.load(TARGETS, with_header("x", "gender", "age", "name"))
    assert [entry.id for entry in loaded.instance.entries] == ["2", "3", "4", "5"]
    assert "respondents.csv has no column of ids; the row numbers are taken instead." in texts(loaded.notes)


def test_the_id_column_may_be_named(case: Case) -> None:
    loaded = case.load(TARGETS, RESPONDENTS, id_column="Name")
    assert [entry.id for entry in loaded.instance.entries] == ["Ada", "Bo", "Cy", "Di"]
    assert loaded.id_column == "name"
    assert case.problems(TARGETS, RESPONDENTS, id_column="nam") == ["1: There is no column “nam” of ids."]


def test_advice_on_a_blank_id_depends_on_who_chose_the_column(case: Case) -> None:
    people = (*RESPONDENTS, ("", "male", "18-30", ""))
    for column, advice in (
        (None, "Give every person an id, or name another column with --id-column."),
        ("id", "Give every person an id."),
    ):
        with pytest.raises(ProblemsError) as caught:
            case.load(TARGETS, people, id_column=column)
        assert [str(problem.what_to_do) for problem in caught.value.problems] == [advice]


def test_rows_without_id_and_values_are_skipped_with_a_warning(case: Case) -> None:
    loaded = case.load(TARGETS, (*RESPONDENTS, ("", "", "", "formula"), ("", "", "", "formula")))
    assert len(loaded.instance.entries) == 4
    assert texts(loaded.warnings) == ["2 rows of respondents.csv without id and values were skipped, the first row 6."]


def test_missing_cells_at_the_end_are_blank(case: Case) -> None:
    assert case.problems(TARGETS, (*RESPONDENTS, ("e", "male"))) == ["6: age: The cell is blank."]


def test_notes_beside_the_table_in_a_workbook_do_no_harm(case: Case) -> None:
    case.load()
    path = write_xlsx(case.folder / "r.xlsx", (*RESPONDENTS, ("e", "male", "18-30", "Ed", "", "called twice")))
    loaded = load_instance(case.folder / "targets.csv", path, size=3)
    assert len(loaded.instance.entries) == 5


def test_without_people_it_says_so(case: Case) -> None:
    assert case.problems(TARGETS, RESPONDENTS[:1]) == ["There are no people below the header."]


def test_unused_columns_are_listed(case: Case) -> None:
    assert "Columns of respondents.csv that the lottery does not use: “name”." in texts(case.load().notes)


def test_a_damaged_end_is_reported_with_what_came_before(case: Case) -> None:
    case.load()
    path = case.folder / "respondents.csv"
    path.write_text('id,gender,age\na,mal,18-30\nb,"male')
    with pytest.raises(ProblemsError) as caught:
        load_instance(case.folder / "targets.csv", path, size=3)
    assert [(p.row, p.column) for p in caught.value.problems] == [(2, "gender"), (3, None)]


class TestSeats:
    def test_required_and_excluded_people_are_taken(self, case: Case) -> None:
        instance = case.load(required=["a"], excluded=["d"]).instance
        assert (instance.required, instance.excluded) == ({"a"}, {"d"})

    def test_what_cannot_be_is_reported(self, case: Case) -> None:
        people = (*RESPONDENTS, ("anna", "male", "18-30", ""))
        assert case.problems(TARGETS, people, size=1, required=["a", "b", "ana"], excluded=["b", "zzzz"]) == [
            "Nobody has the id “ana” that is required or excluded.",
            "Nobody has the id “zzzz” that is required or excluded.",
            "The id “b” is both required and excluded.",
            "More people are required (3) than there are seats (1).",
        ]

    def test_a_size_below_one_is_reported(self, case: Case) -> None:
        assert case.problems(size=0) == ["The panel needs at least one seat."]

    def test_a_panel_larger_than_the_pool_is_reported(self, case: Case) -> None:
        assert case.problems(size=5) == ["The panel has 5 seats, but only 4 people registered."]


def test_nothing_personal_shows_in_repr(case: Case) -> None:
    loaded = case.load()
    report = ProblemReport()
    path = case.folder / "respondents.csv"
    respondents = read_respondents(path, targets=loaded.targets, options=RespondentOptions(), report=report)
    with open_table(path, score=len) as table:
        rows = list(table)
    assert repr(respondents) == "RespondentsTable(4 entries)"
    assert repr(rows) == "[Row(2), Row(3), Row(4), Row(5)]"
    assert "Ada" not in repr((loaded, report, table))
