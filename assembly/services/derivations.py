"""Rules by which a feature follows from a birth date, a postcode or a street, as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from assembly.models import Assembly, Derivation, Feature, FeatureValue, User
from assembly.services import derived, freezing, logbook
from assembly.services.errors import RuleError, marked
from sortition import NOT_STATED
from sortition.files.folding import fold

_AGES = re.compile(r"(?P<low>\d{1,3}) ?(?:(?:-|bis|to) ?(?P<high>\d{1,3})|(?P<open>\+|und älter|and older))?")
_FROM = re.compile(r"(?:ab|from) (?P<low>\d{1,3})")
_YEARS = re.compile(r" ?(?:jahren?|years?)\b")
_BETWEEN_CODES = re.compile(r"[,;\s]+")
_BETWEEN_STREETS = re.compile(r"[,;\n]+")


def stated_values(feature: Feature) -> list[FeatureValue]:
    """Return the values that people can have, in order."""
    return [value for value in feature.values if value.name != NOT_STATED]


def rule_field(value: FeatureValue) -> str:
    """Return the name of the form's field for the rule of a value."""
    return f"rule_{value.id}"


def written(feature: Feature, value: FeatureValue) -> str:
    """Return the rule of a value as somebody would write it; where there is none yet, what its name suggests."""
    rule = feature.rules.get(value.name)
    if feature.derived_from is None:
        return value.name if _ages(value.name) else ""
    if rule is None:
        return ""
    if feature.derived_from is Derivation.BIRTH_DATE:
        low, high = rule
        return f"{low}+" if high is None else f"{low}–{high}"
    return ("\n" if feature.derived_from is Derivation.STREET else ", ").join(rule)


def set_derivation(
    session: Session,
    assembly: Assembly,
    feature: Feature,
    source: Derivation | None,
    texts: Mapping[str, str | None],
    *,
    by: User,
) -> int:
    """Let the values of a feature follow from something, or from nothing any more; return how many people's changed.

    `texts` maps field names (see rule_field) to rules. Raises RuleError if a rule cannot be understood or two of them
    claim the same, ConflictError if the pool is frozen.
    """
    freezing.require_open(session, assembly)
    before = {"from": feature.derived_from, "rules": feature.rules}
    rules = _rules(assembly, feature.values, source, texts) if source else {}
    feature.derived_from, feature.rules = source, rules
    session.flush()
    changed = derived.derive_again(session, assembly, [feature])
    after = {"from": source, "rules": rules}
    if after != before:
        details = {"feature": feature.name, "before": before, "after": after, "people": changed}
        logbook.record(session, assembly, "derivation_changed", by=by, subject=f"feature:{feature.id}", details=details)
    return changed


def _rules(
    assembly: Assembly, values: Sequence[FeatureValue], source: Derivation, texts: Mapping[str, str | None]
) -> dict[str, Any]:
    if source is Derivation.BIRTH_DATE and assembly.reference_date is None:
        raise RuleError(
            marked("An age needs the day on which it counts: enter the reference date of the assembly first."),
            field="source",
        )
    filled = {value: text for value in values if (text := (texts.get(rule_field(value)) or "").strip())}
    if not filled:
        raise RuleError(marked("Say for at least one value what it follows from."), field="source")
    if source is Derivation.BIRTH_DATE:
        rules: dict[FeatureValue, Any] = {value: _ages_of(value, text) for value, text in filled.items()}
    else:
        pattern = _BETWEEN_STREETS if source is Derivation.STREET else _BETWEEN_CODES
        rules = {
            value: [part.strip() for part in pattern.split(text) if part.strip()] for value, text in filled.items()
        }
    _require_disjoint(source, rules)
    return {value.name: rule for value, rule in rules.items()}


def _ages(text: str) -> list[int | None] | None:
    """Return [from, to or None]; None if a text names no ages.

    >>> _ages("16–24"), _ages("70+"), _ages("ab 70 Jahren"), _ages("18"), _ages("jung")
    ([16, 24], [70, None], [70, None], [18, 18], None)
    """
    folded = _YEARS.sub("", fold(text)).strip()
    if match := _FROM.fullmatch(folded):
        return [int(match["low"]), None]
    if (match := _AGES.fullmatch(folded)) is None:
        return None
    low = int(match["low"])
    return [low, None if match["open"] else int(match["high"] or low)]


def _ages_of(value: FeatureValue, text: str) -> list[int | None]:
    ages = _ages(text)
    if ages is None or (ages[1] is not None and ages[0] is not None and ages[0] > ages[1]):
        raise RuleError(marked("Write ages such as 16–24, 70+ or 18."), field=rule_field(value))
    return ages


def _require_disjoint(source: Derivation, rules: Mapping[FeatureValue, Any]) -> None:
    """Raise RuleError, at the second of them, if two values claim the same age, postcode or street."""
    claimed: dict[Any, str] = {}
    for value, rule in rules.items():
        for part in derived.keys_of(source, rule):
            other = claimed.setdefault(part, value.name)
            if other != value.name:
                raise RuleError(
                    marked("“%(part)s” belongs to “%(other)s” already."),
                    field=rule_field(value),
                    part=str(part),
                    other=other,
                )
