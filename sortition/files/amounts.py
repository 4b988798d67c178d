"""Numbers as people type them: decimal comma or point, percent signs; what is ambiguous is refused."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from sortition.files.folding import shown
from sortition.message import Message

LARGEST_COUNT = 1_000_000_000
"""A larger number of seats is a slip."""

_NUMBER = re.compile(r"[+]?([0-9]{1,15})(?:[.,]([0-9]{0,20}))?")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:[.,'\u2019 ][0-9]{3})+")


class NumberProblem(ValueError):  # noqa: N818 - it becomes a Problem of a report, it is not one of our errors
    """A cell is not the number that is expected; `what` says why."""

    def __init__(self, what: Message) -> None:
        super().__init__(str(what))
        self.what = what


def parse_count(text: str) -> int:
    """Return a whole number of seats.

    >>> parse_count("11,0")
    11

    Raises NumberProblem for anything else: fractions, negative numbers, and `1.000`, which may be 1 or 1000.
    """
    compact = unicodedata.normalize("NFKC", text).strip()
    if _THOUSANDS.fullmatch(compact):
        raise NumberProblem(
            Message(
                "It is unclear whether the separator in “{text}” marks thousands or decimals.", {"text": shown(text)}
            )
        )
    number = _number(compact, text)
    if number.denominator != 1:
        raise NumberProblem(Message("“{text}” is not a whole number.", {"text": shown(text)}))
    if number > LARGEST_COUNT:
        raise NumberProblem(Message("The number “{text}” is too large.", {"text": shown(text)}))
    return int(number)


def parse_share(text: str) -> tuple[Fraction, bool]:
    """Return a share as written, and whether a percent sign follows it.

    >>> parse_share("48,5 %")
    (Fraction(97, 2), True)

    Raises NumberProblem for anything that is not a number of at least 0.
    """
    compact = unicodedata.normalize("NFKC", text).strip()
    return _number(compact.removesuffix("%").rstrip(), text), compact.endswith("%")


def _number(compact: str, text: str) -> Fraction:
    if compact.startswith(("-", "\u2212")):
        raise NumberProblem(Message("“{text}” is negative.", {"text": shown(text)}))
    match = _NUMBER.fullmatch(compact)
    if match is None:
        raise NumberProblem(Message("“{text}” is not a number.", {"text": shown(text)}))
    whole, decimals = match.groups()
    return Fraction(f"{whole}.{decimals or 0}")
