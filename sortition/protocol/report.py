"""What verify says: one line for each thing checked, failed, not checkable here, or beyond any document."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sortition.message import Message


class Outcome(enum.Enum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOTE = "note"
    NEEDS_MORE = "needs more"
    BEYOND = "beyond"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report. `key` names the check for programs and tests, `files` are those it is about."""

    key: str
    outcome: Outcome
    message: Message
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class Checklist:
    """Collects lines while checking. `files` are those that the lines added next are about."""

    lines: list[Line] = field(default_factory=list)
    files: tuple[str, ...] = ()

    @property
    def failures(self) -> list[Line]:
        """The lines that failed, in order."""
        return [line for line in self.lines if line.outcome is Outcome.FAILED]

    @contextmanager
    def about(self, *files: str | None) -> Iterator[None]:
        """Let the lines added meanwhile name these files; None stands for one without a name."""
        before, self.files = self.files, tuple(dict.fromkeys(file for file in files if file is not None))
        try:
            yield
        finally:
            self.files = before

    def check(self, key: str, *, holds: bool, passed: str, failed: str, **values: object) -> bool:
        """Add the line that fits, with the same placeholders for both sentences; returns `holds`."""
        self._add(key, Outcome.PASSED if holds else Outcome.FAILED, passed if holds else failed, values)
        return holds

    def passed(self, key: str, template: str, **values: object) -> None:
        """Add something that was checked and holds."""
        self._add(key, Outcome.PASSED, template, values)

    def failed(self, key: str, template: str, **values: object) -> None:
        """Add something that was checked and does not hold."""
        self._add(key, Outcome.FAILED, template, values)

    def note(self, key: str, template: str, **values: object) -> None:
        """Add something the reader should know."""
        self._add(key, Outcome.NOTE, template, values)

    def needs_more(self, key: str, template: str, **values: object) -> None:
        """Add something that another document or piece of knowledge would show."""
        self._add(key, Outcome.NEEDS_MORE, template, values)

    def beyond(self, key: str, template: str, **values: object) -> None:
        """Add something that no document can show."""
        self._add(key, Outcome.BEYOND, template, values)

    def _add(self, key: str, outcome: Outcome, template: str, values: Mapping[str, object]) -> None:
        self.lines.append(Line(key, outcome, Message(template, values), self.files))
