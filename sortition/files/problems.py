"""The report of everything that is wrong with the input files, collected before anything is said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from sortition.errors import InputError
from sortition.files.folding import shown
from sortition.message import Message

GROUPS_SHOWN = 10
"""Problems of one kind in one column that the text shows one by one."""

ROWS_SHOWN = 6
"""Row numbers that the text shows for one problem."""

GROUPS_KEPT = 1_000
"""Different problems of one kind in one column that are kept; more are only counted, which bounds memory."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, everywhere it occurs.

    `rows` are numbered as a spreadsheet shows them, the first row being 1; empty if the problem is not in a row.
    `count` is how often it occurs. `also` counts further, different problems of the same kind that are not listed.
    """

    what: Message
    what_to_do: Message
    file: str | None = None
    sheet: str | None = None
    rows: tuple[int, ...] = ()
    column: str | None = None
    also: int = 0

    @property
    def row(self) -> int | None:
        """The first row where it occurs."""
        return self.rows[0] if self.rows else None

    @property
    def count(self) -> int:
        """How often it occurs, the unlisted ones of the same kind included."""
        return max(1, len(self.rows)) + self.also

    def where(self) -> str:
        """Return row and column in words, or an empty text."""
        parts = [_rows_in_words(self.rows)] if self.rows else []
        if self.column is not None:
            parts.append(f"column “{shown(self.column)}”")
        return ", ".join(parts)

    def to_json(self) -> dict[str, object]:
        """Return the problem as JSON types, with all its rows."""
        return {
            "file": self.file,
            "sheet": self.sheet,
            "rows": list(self.rows),
            "column": self.column,
            "what": str(self.what),
            "what_to_do": str(self.what_to_do),
            "count": self.count,
        }


class ProblemsError(InputError):
    """The input files have problems; `problems` lists them all."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(render(self.problems))

    def __reduce__(self) -> tuple[type[ProblemsError], tuple[tuple[Problem, ...]]]:
        return (ProblemsError, (self.problems,))

    def render(self) -> str:
        """Return the report as English text, by file, long lists shortened."""
        return str(self)

    def to_json(self) -> dict[str, object]:
        """Return the report as JSON types."""
        return {
            "error": "input",
            "count": sum(problem.count for problem in self.problems),
            "problems": [problem.to_json() for problem in self.problems],
        }


_Kind: TypeAlias = tuple[str | None, str | None, str | None, str]


@dataclass(slots=True)
class _Found:
    """A problem in the making."""

    what: Message
    what_to_do: Message
    rows: list[int] = field(default_factory=list)
    also: int = 0


class ProblemReport:
    """Collects problems; like ones (same place but for the row, same words) become one with several rows."""

    def __init__(self) -> None:
        self._kinds: dict[_Kind, dict[str, _Found]] = {}

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def add(
        self,
        what: Message,
        what_to_do: Message,
        *,
        file: str | None = None,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        """Add one occurrence of a problem."""
        found, listed = self._find(Problem(what, what_to_do, file, sheet, (), column))
        if not listed:
            found.also += 1
        elif row is not None:
            found.rows.append(row)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add the problems of an error raised further down."""
        for problem in problems:
            found, listed = self._find(problem)
            if listed:
                found.rows.extend(problem.rows)
                found.also += problem.also
            else:
                found.also += problem.count

    def _find(self, problem: Problem) -> tuple[_Found, bool]:
        """Return the group of a problem and whether it is listed there (or else only to be counted)."""
        kind = (problem.file, problem.sheet, problem.column, problem.what.template)
        groups = self._kinds.setdefault(kind, {})
        text = str(problem.what)
        if text not in groups and len(groups) >= GROUPS_KEPT:
            return next(reversed(groups.values())), False
        return groups.setdefault(text, _Found(problem.what, problem.what_to_do)), True

    def problems(self) -> tuple[Problem, ...]:
        """Return what was collected, by file in the order of reading, then by kind."""
        return tuple(
            Problem(found.what, found.what_to_do, file, sheet, tuple(found.rows), column, found.also)
            for (file, sheet, column, _), groups in self._kinds.items()
            for found in groups.values()
        )

    def raise_if_any(self) -> None:
        """Raise ProblemsError with everything collected, if anything was."""
        if self._kinds:
            raise ProblemsError(self.problems())


def single_problem(
    what: Message,
    what_to_do: Message,
    *,
    file: str | None = None,
    sheet: str | None = None,
    row: int | None = None,
    column: str | None = None,
) -> ProblemsError:
    """Return the error for one problem after which nothing more can be read."""
    return ProblemsError([Problem(what, what_to_do, file, sheet, () if row is None else (row,), column)])


def render(problems: Iterable[Problem]) -> str:
    """Return the report as English text: by file and sheet, like problems together, long lists shortened."""
    places: dict[tuple[str | None, str | None], dict[tuple[str | None, str], list[Problem]]] = {}
    total = 0
    for problem in problems:
        kinds = places.setdefault((problem.file, problem.sheet), {})
        kinds.setdefault((problem.column, problem.what.template), []).append(problem)
        total += problem.count
    lines = ["The input has 1 problem." if total == 1 else f"The input has {total} problems."]
    for (file, sheet), kinds in places.items():
        lines += ["", _place_in_words(file, sheet)]
        for like in kinds.values():
            lines += _kind_in_words(like)
    return "\n".join(lines)


def _place_in_words(file: str | None, sheet: str | None) -> str:
    if file is None:
        return "Options"
    return shown(file) if sheet is None else f"{shown(file)}, sheet “{shown(sheet)}”"


def _kind_in_words(like: list[Problem]) -> list[str]:
    lines = []
    previous_advice = ""
    for problem in like[:GROUPS_SHOWN]:
        where = problem.where()
        lines.append(f"  {where[:1].upper()}{where[1:]}: {problem.what}" if where else f"  {problem.what}")
        advice = str(problem.what_to_do)
        if advice != previous_advice:
            lines.append(f"    → {advice}")
        previous_advice = advice
    if unlisted := sum(problem.count for problem in like) - sum(
        max(1, len(problem.rows)) for problem in like[:GROUPS_SHOWN]
    ):
        lines.append(f"  … and {unlisted} more like these.")
    return lines


def _rows_in_words(rows: tuple[int, ...]) -> str:
    if len(rows) == 1:
        return f"row {rows[0]}"
    if len(rows) <= ROWS_SHOWN:
        return f"rows {', '.join(map(str, rows[:-1]))} and {rows[-1]}"
    return f"rows {', '.join(map(str, rows[:ROWS_SHOWN]))} and {len(rows) - ROWS_SHOWN} more"
