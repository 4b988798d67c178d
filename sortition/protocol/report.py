"""What verify says: one line for each thing checked, failed, not checkable here, or beyond any document."""

from __future__ import annotations

import enum
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
    """One line of the report. `key` names the check for programs and tests."""

    key: str
    outcome: Outcome
    message: Message


@dataclass(slots=True)
class Checklist:
    """Collects lines while checking."""

    lines: list[Line] = field(default_factory=list)

    @property
    def failures(self) -> list[Line]:
        """The lines that failed, in order."""
        return [line for line in self.lines if line.outcome is Outcome.FAILED]

    def check(self, key: str, *, holds: bool, passed: str, failed: str, **values: object) -> bool:
        """Add the line that fits, with the same placeholders for both sentences; returns `holds`."""
        outcome = Outcome.PASSED if holds else Outcome.FAILED
        self.lines.append(Line(key, outcome, Message(passed if holds else failed, values)))
        return holds

    def passed(self, key: str, template: str, **values: object) -> None:
        """Add something that was checked and holds."""
        self.lines.append(Line(key, Outcome.PASSED, Message(template, values)))

    def failed(self, key: str, template: str, **values: object) -> None:
        """Add something that was checked and does not hold."""
        self.lines.append(Line(key, Outcome.FAILED, Message(template, values)))

    def note(self, key: str, template: str, **values: object) -> None:
        """Add something the reader should know."""
        self.lines.append(Line(key, Outcome.NOTE, Message(template, values)))

    def needs_more(self, key: str, template: str, **values: object) -> None:
        """Add something that another document or piece of knowledge would show."""
        self.lines.append(Line(key, Outcome.NEEDS_MORE, Message(template, values)))

    def beyond(self, key: str, template: str, **values: object) -> None:
        """Add something that no document can show."""
        self.lines.append(Line(key, Outcome.BEYOND, Message(template, values)))
