"""What counts as the same text: how headers, values and names are folded before they are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from sortition import message
from sortition.message import Message

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_NEAREST_CUTOFF = 60.0
"""Below this similarity (0 to 100) a suggestion misleads more often than it helps."""

_LONGEST_SHOWN = 60
"""Characters of a cell that a report repeats."""


def clean(text: str) -> str:
    """Return a cell as it is kept: without surrounding whitespace and invisible characters."""
    stripped = text.strip()
    if stripped.isascii():
        return stripped
    return stripped.strip("\ufeff\u200b\u200e\u200f\u2060").strip()


def fold(text: str) -> str:
    r"""Return the form under which two cells count as the same value.

    Letter case, Unicode composition, kinds of whitespace and of dashes make no difference.

    >>> fold("  30 – 44\u00a0Jahre") == fold("30 - 44 JAHRE")
    True
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(_INVISIBLE.sub("", composed).translate(_DASHES).split())


def spell_out(text: str) -> str:
    """Return a folded text with ä as ae, ö as oe and ü as ue.

    >>> spell_out(fold("Mühlweg"))
    'muehlweg'
    """
    return text if text.isascii() else text.translate(_UMLAUTS)


def fold_loosely(text: str) -> str:
    """Return the form under which two headers count as the same: letters and digits only, ä as ae, ß as ss.

    >>> fold_loosely("Alters-Gruppe") == fold_loosely("alters_gruppe")
    True
    """
    return _NOT_ALPHANUMERIC.sub("", spell_out(fold(text)))


def nearest(text: str, choices: Iterable[str]) -> str | None:
    """Return the choice most similar to `text`, or None if none is similar.

    >>> nearest("weiblch", ["männlich", "weiblich"]), nearest("age", ["Age group", "gender"]), nearest("x", ["age"])
    ('weiblich', 'Age group', None)
    """
    found = process.extractOne(
        _words(text), {choice: _words(choice) for choice in choices}, scorer=_similarity, score_cutoff=_NEAREST_CUTOFF
    )
    return None if found is None else str(found[2])


def _words(text: str) -> str:
    return " ".join(_NOT_ALPHANUMERIC.sub(" ", spell_out(fold(text))).split())


def _similarity(one: str, other: str, *, score_cutoff: float | None = None) -> float:
    """Return the similarity (0 to 100) of two texts; a whole word in common counts a little less than equal texts."""
    score = max(fuzz.ratio(one, other), 0.9 * fuzz.token_set_ratio(one, other))
    return score if score_cutoff is None or score >= score_cutoff else 0.0


def shown(text: str) -> str:
    """Return a cell fit for a report: one line, no control characters (a terminal obeys them), not endless."""
    printable = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))
    return printable if len(printable) <= _LONGEST_SHOWN else printable[: _LONGEST_SHOWN - 1] + "…"


def listed(texts: Iterable[str], *, at_most: int = 30) -> Message:
    """Return names as a list in typographic quotation marks, shortened if it is long.

    >>> str(listed(["id", "Alter"]))
    '“id”, “Alter”'
    """
    names = [Message("“{value}”", {"value": shown(text)}) for text in texts]
    some = message.listed(names[:at_most])
    if len(names) <= at_most:
        return some
    return Message("{names} and {count} more", {"names": some, "count": len(names) - at_most})
