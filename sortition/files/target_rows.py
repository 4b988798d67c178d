"""The rows of a targets file, checked one by one and put together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from sortition.files.amounts import NumberProblem, parse_count, parse_share
from sortition.files.folding import fold, fold_loosely, listed, nearest, shown
from sortition.files.problems import ProblemReport
from sortition.files.tables import Row, Table
from sortition.message import Message, rounded
from sortition.model import NOT_STATED, Quota

SHARES_TOLERANCE = Fraction(1, 100)
"""How far a feature's shares may be from 100 % in sum: published percentages are rounded."""

NOT_STATED_SPELLINGS = frozenset(
    {
        *("notstated", "keineangabe", "keineangaben", "ohneangabe", "ka", "prefernottosay", "prefernottoanswer"),
        *("prefernottostate", "rathernotsay", "noanswer", "na", "moechteichnichtangeben", "moechteichnichtsagen"),
    }
)
"""What people write, folded loosely, when they do not state a voluntary feature."""

_YES = frozenset({"yes", "y", "ja", "j", "true", "wahr", "x", "1", "voluntary", "freiwillig"})
_NO = frozenset({"", "no", "n", "nein", "false", "falsch", "0", "mandatory", "pflicht"})


def is_not_stated(text: str) -> bool:
    """Tell whether a cell says that a voluntary feature is not stated; a blank one does."""
    loose = fold_loosely(text)
    return not loose or loose in NOT_STATED_SPELLINGS


@dataclass(slots=True)
class Draft:
    """A feature while its rows are read: for each value its row, its quota and its share, as far as given.

    `blank` are the values for which neither is given.
    """

    name: str
    first_row: int
    voluntary: bool = False
    rows: dict[str, int] = field(default_factory=dict)
    quotas: dict[str, Quota] = field(default_factory=dict)
    shares: dict[str, Fraction] = field(default_factory=dict)
    blank: set[str] = field(default_factory=set)

    def value_like(self, text: str) -> str | None:
        """Return the value already read that counts as the same."""
        return next((value for value in self.rows if fold(value) == fold(text)), None)


class TargetRows:
    """Reads rows into drafts, adding what is wrong to the report, then completes the drafts."""

    def __init__(self, table: Table, columns: Mapping[str, int], report: ProblemReport) -> None:
        self.drafts: dict[str, Draft] = {}
        self._table = table
        self._columns = columns
        self._report = report

    def add(self, row: Row) -> None:
        """Take in one row."""
        feature, value = row.cells[self._columns["feature"]], row.cells[self._columns["value"]]
        if not feature:
            self._problem(
                row.number,
                "feature",
                Message("The feature is blank."),
                Message("Write the feature in every row, also below merged cells; delete rows that are not targets."),
            )
            return
        draft = self.drafts.setdefault(fold(feature), Draft(feature, row.number))
        self._read_voluntary(row, draft)
        if not value:
            self._problem(
                row.number,
                "value",
                Message("The value is blank."),
                Message("Write the value, or delete the row if it is a sum or a heading."),
            )
            return
        if (same := draft.value_like(value)) is not None:
            self._problem(
                row.number,
                "value",
                Message(
                    "“{value}” of “{feature}” already has a target in row {row}.",
                    {"value": shown(value), "feature": shown(draft.name), "row": draft.rows[same]},
                ),
                Message("Keep one of the two rows."),
            )
            return
        draft.rows[value] = row.number
        self._read_bounds(row, draft, value)
        self._read_share(row, draft, value)

    def complete(self, *, size: int, voluntary: Collection[str]) -> None:
        """Settle which features are voluntary, give those their value `not_stated`, and check what spans rows."""
        self._mark_voluntary(voluntary)
        for draft in self.drafts.values():
            if draft.voluntary:
                self._settle_not_stated(draft, size)
            self._check_shares(draft)
            self._require_bounds_or_shares(draft)

    def _read_voluntary(self, row: Row, draft: Draft) -> None:
        answer = fold(self._cell(row, "voluntary"))
        if answer in _YES:
            draft.voluntary = True
        elif answer not in _NO:
            self._problem(
                row.number,
                "voluntary",
                Message("“{text}” is neither yes nor no.", {"text": shown(answer)}),
                Message("Write yes (ja) or no (nein), or leave the cell blank for no."),
            )

    def _read_bounds(self, row: Row, draft: Draft, value: str) -> None:
        given = [role for role in ("min", "max", "min_flex", "max_flex") if self._cell(row, role)]
        if not given and "share" in self._columns:
            if not self._cell(row, "share"):
                draft.blank.add(value)
            return
        bounds = {role: self._count(row, role) for role in given}
        for role in ("min", "max"):
            if role not in given:
                self._problem(
                    row.number,
                    role,
                    Message("There is no {bound}.", {"bound": role}),
                    Message("Write a whole number of seats, 0 if none."),
                )
        lower, upper = bounds.get("min"), bounds.get("max")
        if lower is None or upper is None or None in bounds.values():
            return
        lower_flex, upper_flex = bounds.get("min_flex"), bounds.get("max_flex")
        ordered = self._require_order(row, ("min", lower), ("max", upper))
        if lower_flex is not None:
            ordered &= self._require_order(row, ("min_flex", lower_flex), ("min", lower))
        if upper_flex is not None:
            ordered &= self._require_order(row, ("max", upper), ("max_flex", upper_flex))
        if ordered:
            draft.quotas[value] = Quota(lower, upper, lower_flex, upper_flex)

    def _require_order(self, row: Row, smaller: tuple[str, int], larger: tuple[str, int]) -> bool:
        if smaller[1] <= larger[1]:
            return True
        values = {"small": smaller[0], "small_count": smaller[1], "large": larger[0], "large_count": larger[1]}
        self._problem(
            row.number,
            smaller[0],
            Message("{small} is {small_count}, more than {large}, which is {large_count}.", values),
            Message("Write numbers with min_flex ≤ min ≤ max ≤ max_flex."),
        )
        return False

    def _count(self, row: Row, role: str) -> int | None:
        try:
            return parse_count(self._cell(row, role))
        except NumberProblem as problem:
            self._problem(row.number, role, problem.what, Message("Write a whole number of seats."))
            return None

    def _read_share(self, row: Row, draft: Draft, value: str) -> None:
        text = self._cell(row, "share")
        if not text:
            return
        try:
            share, percent = parse_share(text)
        except NumberProblem as problem:
            self._problem(
                row.number, "share", problem.what, Message("Write a share such as 48.5 % (48,5 %), or 0.485 (0,485).")
            )
            return
        draft.shares[value] = share / 100 if percent else share

    def _mark_voluntary(self, voluntary: Collection[str]) -> None:
        for name in voluntary:
            if draft := self.feature_like(name):
                draft.voluntary = True
                continue
            features = [draft.name for draft in self.drafts.values()]
            guess = nearest(name, features)
            advice = Message("The features are {features}.", {"features": listed(features)})
            if guess is not None:
                advice = Message("Did you mean “{guess}”?", {"guess": shown(guess)})
            self._report.add(
                Message("The voluntary feature “{feature}” has no targets.", {"feature": shown(name)}),
                advice,
                file=self._table.file,
                sheet=self._table.sheet,
            )

    def feature_like(self, name: str) -> Draft | None:
        """Return the feature called `name`, folded, else folded loosely."""
        if found := self.drafts.get(fold(name)):
            return found
        loose = fold_loosely(name)
        return next((draft for draft in self.drafts.values() if loose and fold_loosely(draft.name) == loose), None)

    def _settle_not_stated(self, draft: Draft, size: int) -> None:
        """Call the value that means it `not_stated`; without one, let nobody be held back for not stating it."""
        spelled = [value for value in draft.rows if is_not_stated(value)]
        if len(spelled) > 1:
            self._problem(
                draft.rows[spelled[1]],
                "value",
                Message(
                    "{values} of “{feature}” mean the same: not stated.",
                    {"values": listed(spelled), "feature": shown(draft.name)},
                ),
                Message("Keep one of these rows."),
            )
        for value in spelled[:1]:
            draft.blank.discard(value)
            for parts in (draft.rows, draft.quotas, draft.shares):
                _rename(parts, value, NOT_STATED)
        draft.rows.setdefault(NOT_STATED, draft.first_row)
        if NOT_STATED not in draft.shares and size > 0:
            draft.quotas.setdefault(NOT_STATED, Quota(0, size))

    def _check_shares(self, draft: Draft) -> None:
        """Bring the shares of a feature to a sum of exactly 1, if they are percentages or parts of one."""
        if not draft.shares:
            return
        total = sum(draft.shares.values(), Fraction(0))
        for whole in (1, 100):
            if abs(total / whole - 1) <= SHARES_TOLERANCE:
                draft.shares = {value: share / total for value, share in draft.shares.items()}
                return
        self._problem(
            draft.first_row,
            "share",
            Message(
                "The shares of “{feature}” add up to {total}, neither to 100 % nor to 1.",
                {"feature": shown(draft.name), "total": rounded(total, digits=4)},
            ),
            Message("Correct the shares, or add the values that are missing."),
        )
        draft.shares.clear()

    def _require_bounds_or_shares(self, draft: Draft) -> None:
        """Report values that have neither, or a share while others of the feature have bounds."""
        for value in draft.rows:
            if value in draft.blank:
                self._problem(
                    draft.rows[value],
                    "share",
                    Message(
                        "“{value}” of “{feature}” has neither min and max nor a share.",
                        {"value": shown(value), "feature": shown(draft.name)},
                    ),
                    Message("Give min and max for all values of a feature, or shares for all."),
                )
        stated = [value for value in draft.rows if value != NOT_STATED]
        if not stated:
            self._problem(
                draft.first_row,
                "feature",
                Message("“{feature}” has no value.", {"feature": shown(draft.name)}),
                Message("Add a row for each of its values."),
            )
        if any(value in draft.quotas for value in stated) and (
            lacking := [value for value in stated if value not in draft.quotas and value in draft.shares]
        ):
            self._problem(
                draft.rows[lacking[0]],
                "min" if "min" in self._columns else "share",
                Message(
                    "Some values of “{feature}” have min and max, others only a share.", {"feature": shown(draft.name)}
                ),
                Message("Give min and max for all values of a feature, or shares for all."),
            )

    def _cell(self, row: Row, role: str) -> str:
        position = self._columns.get(role)
        return "" if position is None else row.cells[position]

    def _problem(self, row: int, role: str, what: Message, what_to_do: Message) -> None:
        position = self._columns.get(role)
        self._report.add(
            what,
            what_to_do,
            file=self._table.file,
            sheet=self._table.sheet,
            row=row,
            column=role if position is None else self._table.header[position],
        )


def _rename(parts: dict[str, int] | dict[str, Quota] | dict[str, Fraction], old: str, new: str) -> None:
    """Rename a key and keep its place."""
    items = [(new if key == old else key, part) for key, part in parts.items()]
    parts.clear()
    parts.update(items)  # type: ignore[arg-type]  # the same parts under other keys
