"""Reports of problems are complete for programs, readable for people, and bounded."""

from __future__ import annotations

import json
import pickle

import pytest

from sortition.errors import InputError
from sortition.files.folding import listed, shown
from sortition.files.problems import GROUPS_KEPT, Problem, ProblemReport, ProblemsError
from sortition.message import Message

FIX = Message("Correct it.")


def report_of(*places: tuple[str | None, str | None, int | None, str | None, str]) -> ProblemReport:
    report = ProblemReport()
    for file, sheet, row, column, word in places:
        report.add(Message("“{w}” is wrong.", {"w": word}), FIX, file=file, sheet=sheet, row=row, column=column)
    return report


def test_the_text_groups_by_file_and_shortens_long_lists() -> None:
    report = report_of(
        (None, None, None, None, "size"),
        *(("r.csv", None, row, "age", "old") for row in range(2, 10)),
        ("r.csv", None, 3, "age", "young"),
        ("t.xlsx", "Quotas", 4, None, "x"),
        ("t.xlsx", "Quotas", 6, None, "x"),
        *(("t.xlsx", None, row, "min", str(row)) for row in range(20)),
    )
    text = ProblemsError(report.problems()).render()
    expected = """The input has 32 problems.

Options
  “size” is wrong.
    → Correct it.

r.csv
  Rows 2, 3, 4, 5, 6, 7 and 2 more, column “age”: “old” is wrong.
    → Correct it.
  Row 3, column “age”: “young” is wrong.

t.xlsx, sheet “Quotas”
  Rows 4 and 6: “x” is wrong.
    → Correct it.

t.xlsx
  Row 0, column “min”: “0” is wrong.
    → Correct it.
"""
    assert text.startswith(expected)
    assert text.endswith("  Row 9, column “min”: “9” is wrong.\n  … and 10 more like these.")


def test_one_problem_is_one_problem() -> None:
    assert str(ProblemsError(report_of(("r.csv", None, None, None, "x")).problems())) == (
        "The input has 1 problem.\n\nr.csv\n  “x” is wrong.\n    → Correct it."
    )


def test_json_has_every_row() -> None:
    report = report_of(*(("r.csv", "S", row, "age", "old") for row in range(2, 100)))
    assert json.loads(json.dumps(ProblemsError(report.problems()).to_json())) == {
        "error": "input",
        "count": 98,
        "problems": [
            {
                "file": "r.csv",
                "sheet": "S",
                "rows": list(range(2, 100)),
                "column": "age",
                "what": "“old” is wrong.",
                "what_to_do": "Correct it.",
                "count": 98,
            }
        ],
    }


def test_a_hundred_thousand_different_problems_are_counted_but_not_kept() -> None:
    report = ProblemReport()
    for row in range(100_000):
        report.add(Message("“{w}” is wrong.", {"w": row}), FIX, file="r.csv", row=row, column="age")
    problems = report.problems()
    assert len(problems) == GROUPS_KEPT
    error = ProblemsError(problems)
    assert error.to_json()["count"] == 100_000
    assert error.render().endswith("… and 99990 more like these.")
    assert len(error.render()) < 1_000


def test_reports_put_together_keep_their_counts() -> None:
    first = report_of(*(("r.csv", None, row, "age", str(row)) for row in range(GROUPS_KEPT + 5)))
    second = report_of(("r.csv", None, 1, "age", "1"), ("r.csv", None, 2, "age", "new"))
    second.extend(first.problems())
    assert sum(problem.count for problem in second.problems()) == GROUPS_KEPT + 7
    assert second.problems()[0].rows == (1, 1)


def test_a_report_is_true_when_it_holds_something_and_then_raises() -> None:
    report = ProblemReport()
    assert not report
    report.raise_if_any()
    report.add(Message("x"), FIX)
    assert report
    with pytest.raises(InputError) as caught:
        report.raise_if_any()
    assert str(caught.value) == "The input has 1 problem.\n\nOptions\n  x\n    → Correct it."


def test_the_error_survives_the_way_between_processes() -> None:
    error = ProblemsError(report_of(("r.csv", None, 2, "age", "old")).problems())
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (copy.problems, str(copy)) == (error.problems, str(error))


def test_the_first_row_is_at_hand() -> None:
    assert Problem(FIX, FIX, rows=(3, 9)).row == 3
    assert Problem(FIX, FIX).row is None


def test_cells_are_shown_harmless_and_short() -> None:
    assert shown("\x1b[31mred\nline\u202e") == "\ufffd[31mred line\ufffd"
    assert shown("x" * 100) == "x" * 59 + "…"
    assert str(listed("abc", at_most=2)) == "“a”, “b” and 1 more"
