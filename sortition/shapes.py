"""What a JSON document must look like, written down once and checked with the place of the first fault.

Faults raise InputError and name the place, never a value: the value may be a person's.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sortition.errors import InputError

LARGEST_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8785)."""

LARGEST_FLOAT = sys.float_info.max
"""Infinity is beyond it, and so are integers that no float can hold."""


class Shape(Protocol):
    """Something a JSON value can be held against."""

    def check(self, value: object, where: str) -> None:
        """Raise InputError if the value at this place does not have the shape."""


def _fault(where: str, expected: str) -> InputError:
    return InputError(f"{where} must be {expected}.")


@dataclass(frozen=True, slots=True)
class Text:
    """A string of at most `longest` characters, on one line and not empty unless allowed."""

    longest: int = 1000
    may_be_empty: bool = False
    one_line: bool = True

    def check(self, value: object, where: str) -> None:
        """See Shape."""
        if not isinstance(value, str) or len(value) > self.longest or not (value or self.may_be_empty):
            raise _fault(where, f"a text of {0 if self.may_be_empty else 1} to {self.longest} characters")
        if self.one_line and any(ord(character) < 32 or ord(character) == 127 for character in value):
            raise _fault(where, "a text without control characters or line breaks")


@dataclass(frozen=True, slots=True)
class Matching:
    """A string that matches a regular expression; `expected` says it in words."""

    pattern: re.Pattern[str]
    expected: str

    @classmethod
    def of(cls, pattern: str, expected: str) -> Matching:
        """Return the shape of a pattern that is not compiled yet."""
        return cls(re.compile(pattern), expected)

    def check(self, value: object, where: str) -> None:
        """See Shape."""
        if not isinstance(value, str) or not self.pattern.fullmatch(value):
            raise _fault(where, self.expected)


def hexadecimal(size: int) -> Matching:
    """Return the shape of `size` bytes in lower-case hexadecimal."""
    return Matching.of(f"[0-9a-f]{{{2 * size}}}", f"{2 * size} lower-case hexadecimal digits")


DECIMAL = Matching.of(r"[0-9]{1,12}\.[0-9]{12}", "a decimal number with twelve decimals, as text")
"""A number in a committed document, which holds no floats."""


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer between two bounds, both included."""

    minimum: int = 0
    maximum: int = LARGEST_INTEGER

    def check(self, value: object, where: str) -> None:
        """See Shape."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.minimum <= value <= self.maximum:
            raise _fault(where, f"an integer between {self.minimum} and {self.maximum}")


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number between two bounds, both included."""

    minimum: float = -math.inf
    maximum: float = math.inf

    def check(self, value: object, where: str) -> None:
        """See Shape."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_FLOAT:
            raise _fault(where, "a number")
        if not self.minimum <= value <= self.maximum:
            raise _fault(where, f"a number between {self.minimum:g} and {self.maximum:g}")


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""

    def check(self, value: object, where: str) -> None:
        """See Shape."""
        if not isinstance(value, bool):
            raise _fault(where, "true or false")


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some strings."""

    choices: tuple[str, ...]

    def check(self, value: object, where: str) -> None:
        """See Shape."""
        if value not in self.choices:
            raise _fault(where, "one of " + ", ".join(f"“{choice}”" for choice in self.choices))


@dataclass(frozen=True, slots=True)
class Nullable:
    """Null or another shape."""

    shape: Shape

    def check(self, value: object, where: str) -> None:
        """See Shape."""
        if value is not None:
            self.shape.check(value, where)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape."""

    shape: Shape
    at_least: int = 0

    def check(self, value: object, where: str) -> None:
        """See Shape."""
        if not isinstance(value, list) or len(value) < self.at_least:
            raise _fault(where, f"a list of at least {self.at_least}" if self.at_least else "a list")
        for position, item in enumerate(value):
            self.shape.check(item, f"{where}[{position}]")


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object with free keys, which are texts that may be shown, and values of one shape."""

    shape: Shape
    at_least: int = 0

    def check(self, value: object, where: str) -> None:
        """See Shape."""
        if not isinstance(value, dict) or len(value) < self.at_least:
            raise _fault(where, f"an object with at least {self.at_least} keys" if self.at_least else "an object")
        for key, item in value.items():
            self.shape.check(item, f"{where}.{key}")


@dataclass(frozen=True, slots=True)
class Record:
    """An object with exactly these keys, except that those in `optional` may be absent."""

    fields: Mapping[str, Shape]
    optional: frozenset[str] = frozenset()

    def check(self, value: object, where: str) -> None:
        """See Shape."""
        if not isinstance(value, dict):
            raise _fault(where, "an object")
        if missing := sorted(self.fields.keys() - value.keys() - self.optional):
            raise InputError(f"{where} lacks “{missing[0]}”.")
        if unknown := sorted(value.keys() - self.fields.keys()):
            known = ", ".join(sorted(self.fields))
            raise InputError(f"{where} has the unknown field “{unknown[0]}”; known are {known}.")
        for key, shape in self.fields.items():
            if key in value:
                shape.check(value[key], f"{where}.{key}")
