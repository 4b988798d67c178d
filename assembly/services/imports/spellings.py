"""Which value of a feature a cell means, however it is spelled."""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from assembly.models import Feature
from sortition import NOT_STATED as NOT_STATED_VALUE
from sortition.files.folding import fold, fold_loosely, nearest, spell_out
from sortition.files.target_rows import is_not_stated

NO_VALUE = 0
"""What a spelling is decided to mean that says nothing: there is no value with this id."""

_SYNONYMS = (
    frozenset({"weiblich", "weibl", "w", "frau", "female", "f", "woman"}),
    frozenset({"maennlich", "maennl", "m", "mann", "male", "man"}),
    frozenset({"divers", "d", "div", "diverse", "nichtbinaer", "nonbinary"}),
    frozenset({"ja", "j", "yes", "y", "x", "true", "wahr", "1"}),
    frozenset({"nein", "n", "no", "false", "falsch", "0"}),
)
_RANGE_WORDS = frozenset({"", "bis", "to", "jahre", "jahren", "years", "year", "von", "from", "alt", "old"})
_OPEN_WORDS = frozenset({"+", "plus", "ab", "aelter", "older", "over", "mehr", "more", "and", "und", "oder", "or"})
_NUMBER = re.compile(r"[0-9]+")


class Certainty(enum.StrEnum):
    """How it is known what a spelling means."""

    EXACT = "exact"
    SYNONYM = "synonym"
    DECIDED = "decided"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a spelling means: a value id, or None for not stated; `suggestion` has to be confirmed."""

    value_id: int | None
    certainty: Certainty
    suggestion: int | None = None


NOT_STATED = Meaning(None, Certainty.EXACT)


def spelling_key(text: str) -> str:
    """Return a name for a spelling that fits into a form: the same for texts that fold equal."""
    return hashlib.sha256(fold(text).encode()).hexdigest()[:16]


@dataclass(slots=True)
class Spellings:
    """The spellings of one feature: what they mean, looked up once each. `decided` maps spelling keys to value ids."""

    feature: Feature
    decided: Mapping[str, int]
    _met: dict[str, Meaning] = field(default_factory=dict)
    _exact: dict[str, int] = field(init=False)
    _loose: dict[object, int] = field(init=False)

    def __post_init__(self) -> None:
        values = self.feature.values
        self._exact = {fold(text): value.id for value in values for text in (*value.spellings, value.name)}
        self._loose = {}
        for value in values:
            for form in _forms(value.name):
                self._loose[form] = NO_VALUE if self._loose.get(form, value.id) != value.id else value.id

    def meaning(self, text: str) -> Meaning:
        """Return what a cell means."""
        known = self._met.get(text)
        if known is None:
            known = self._met[text] = self._find(text)
        return known

    def _find(self, text: str) -> Meaning:
        decided = self.decided.get(spelling_key(text))
        if decided is not None:
            return Meaning(decided or None, Certainty.DECIDED)
        exact = self._exact.get(fold(text))
        if exact is not None:
            return Meaning(exact, Certainty.EXACT)
        if is_not_stated(text):
            return NOT_STATED
        for form in _forms(text):
            if self._loose.get(form, NO_VALUE) != NO_VALUE:
                return Meaning(self._loose[form], Certainty.SYNONYM)
        guess = nearest(text, [value.name for value in self.feature.values if value.name != NOT_STATED_VALUE])
        suggestion = next((value.id for value in self.feature.values if value.name == guess), None)
        return Meaning(None, Certainty.OPEN, suggestion)


def _forms(text: str) -> list[object]:
    """Return the forms under which a text surely means the same as another one, the closest first."""
    loose = fold_loosely(text)
    forms: list[object] = [loose] if loose and not loose.isdigit() else []
    forms.extend(group for group in _SYNONYMS if loose in group)
    numbers = _NUMBER.findall(text)
    words = set(re.split(r"[\s\W_]+", _NUMBER.sub(" ", spell_out(fold(text)).replace("+", " plus "))))
    if len(numbers) == 2 and words <= _RANGE_WORDS:
        forms.append(("range", *map(int, numbers)))
    if len(numbers) == 1 and words & _OPEN_WORDS and words <= _RANGE_WORDS | _OPEN_WORDS:
        forms.append(("from", int(numbers[0])))
    return forms
