"""The settings file (TOML) of `sortition-algorithms`, so that its users can switch without changing it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sortition.files.folding import listed, nearest, shown
from sortition.files.problems import ProblemReport
from sortition.message import Message

OBJECTIVES = ("leximin", "maximin", "nash", "legacy")
"""The values of `selection_algorithm` that sortition offers under the same name."""

_ELSEWHERE = frozenset({"max_attempts", "solver_backend"})
"""Keys that steer the other program only."""

_KEYS = (
    *("id_column", "check_same_address", "check_same_address_columns", "columns_to_keep", "selection_algorithm"),
    "random_number_seed",
)
_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True)
class FileSettings:
    """What a settings file says. `objective` and `random_number_seed` are None where it leaves the choice open.

    `household_columns` are the address columns if `check_same_address` is on, and else empty. As in the other
    program, the address alone decides who lives together.
    """

    id_column: str | None = None
    household_columns: tuple[str, ...] = ()
    columns_to_keep: tuple[str, ...] = ()
    objective: str | None = None
    random_number_seed: int | None = None
    notes: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()

    def output_columns(self) -> tuple[str, ...]:
        """Return the columns that the other program keeps: those listed, then the address columns not among them."""
        return tuple(dict.fromkeys((*self.columns_to_keep, *self.household_columns)))


def read_settings(path: Path, *, report: ProblemReport) -> FileSettings:
    """Read a settings file, adding what is wrong to `report`; what is wrong or absent has its default."""
    document = _parse(path, report)
    reader = _Reader(path.name, document, report)
    address_columns = reader.names("check_same_address_columns")
    check = reader.flag("check_same_address", default=False)
    if check and not address_columns:
        reader.problem(
            Message("The same address is to be checked, but check_same_address_columns lists no column."),
            Message("List the columns of the address, or set check_same_address = false."),
        )
    warnings = []
    algorithm = reader.text("selection_algorithm")
    if algorithm is not None and algorithm not in OBJECTIVES:
        values = {"algorithm": shown(algorithm), "objectives": listed(OBJECTIVES)}
        if algorithm == "diversimax":
            warnings.append(Message("{algorithm} is not offered here; the default is taken instead.", values))
        else:
            reader.problem(
                Message("There is no selection algorithm “{algorithm}”.", values),
                Message("Write one of {objectives}.", values),
            )
        algorithm = None
    seed = reader.whole_number("random_number_seed")
    if seed:
        warnings.append(
            Message(
                "The settings fix a random seed ({seed}): good for rehearsals, not for a real draw.", {"seed": seed}
            )
        )
    return FileSettings(
        id_column=reader.text("id_column"),
        household_columns=address_columns if check else (),
        columns_to_keep=reader.names("columns_to_keep"),
        objective=algorithm,
        random_number_seed=seed or None,
        notes=reader.notes_on_keys(),
        warnings=(*warnings, *reader.warnings_on_keys()),
    )


def _parse(path: Path, report: ProblemReport) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        report.add(
            Message("The settings are not valid TOML: {reason}.", {"reason": shown(str(error))}),
            Message("Correct the line; texts stand in quotation marks, lists in square brackets."),
            file=path.name,
            row=int(line[1]) if line else None,
        )
    except (UnicodeDecodeError, RecursionError):
        report.add(
            Message("The settings are not a TOML file in UTF-8."), Message("Save the file as UTF-8."), file=path.name
        )
    except OSError as error:
        report.add(
            Message("The settings cannot be read: {reason}.", {"reason": error.strerror or type(error).__name__}),
            Message("Look at the name and the folder."),
            file=path.name,
        )
    return {}


class _Reader:
    """Reads keys of the right type from a TOML document."""

    def __init__(self, file: str, document: Mapping[str, object], report: ProblemReport) -> None:
        self._file = file
        self._document = document
        self._report = report

    def problem(self, what: Message, what_to_do: Message) -> None:
        """Report a problem of the file."""
        self._report.add(what, what_to_do, file=self._file)

    def text(self, key: str) -> str | None:
        """Return a text that is not blank, or None."""
        value = self._document.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self._wrong_type(key, Message("Write a text in quotation marks."))
        return None

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._document.get(key, default)
        if isinstance(value, bool):
            return value
        self._wrong_type(key, Message("Write true or false, without quotation marks."))
        return default

    def whole_number(self, key: str) -> int:
        """Return a whole number, by default 0."""
        value = self._document.get(key, 0)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self._wrong_type(key, Message("Write a whole number, without quotation marks."))
        return 0

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of column names."""
        value = self._document.get(key, [])
        if isinstance(value, list):
            names = [name for name in value if isinstance(name, str) and name.strip()]
            if len(names) == len(value):
                return tuple(names)
        self._wrong_type(key, Message('Write a list of texts, such as ["street", "postcode"].'))
        return ()

    def notes_on_keys(self) -> tuple[Message, ...]:
        """Return the remark on keys that steer the other program only."""
        if keys := [key for key in self._document if key in _ELSEWHERE]:
            return (Message("Settings without a meaning here: {keys}.", {"keys": listed(keys)}),)
        return ()

    def warnings_on_keys(self) -> tuple[Message, ...]:
        """Return a remark on each unknown key."""
        warnings = []
        for key in self._document:
            if key in _KEYS or key in _ELSEWHERE:
                continue
            guess = nearest(key, _KEYS)
            values = {"key": shown(key), "guess": guess}
            if guess is None:
                warnings.append(Message("The setting “{key}” is unknown and was ignored.", values))
            else:
                warnings.append(Message("The setting “{key}” is unknown and was ignored; is it “{guess}”?", values))
        return tuple(warnings)

    def _wrong_type(self, key: str, advice: Message) -> None:
        self.problem(Message("The value of “{key}” is of the wrong kind.", {"key": key}), advice)
