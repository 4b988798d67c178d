"""Features whose values follow from something else: age group from the birth date, district from postcode or street."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Contact, Derivation, Feature, Respondent, RespondentValue, Status
from sortition.files.folding import fold_loosely
from sortition.files.households import fold_address

GERMAN_POSTCODE = 5
"""Digits; a spreadsheet that took a postcode for a number dropped its leading zero."""

_HOUSE_NUMBER = re.compile(r"\s+\d+\s*[a-zA-Z]?\b.*$")

OLDEST = 150
"""Years."""
ABSENT = -1
"""Stands for a value that is not there, where None is one that was expressly not stated."""


def age_on(birth_date: dt.date, day: dt.date) -> int:
    """Return the age in completed years; who was born on 29 February is a year older from 1 March.

    >>> age_on(dt.date(2008, 2, 29), dt.date(2026, 2, 28)), age_on(dt.date(2008, 2, 29), dt.date(2026, 3, 1))
    (17, 18)
    """
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def is_too_young(assembly: Assembly, birth_date: dt.date | None) -> bool:
    """Tell whether somebody is below the minimum age on the reference date; False where that is not known."""
    if birth_date is None or assembly.reference_date is None:
        return False
    return age_on(birth_date, assembly.reference_date) < assembly.minimum_age


class Deriver:
    """Tells the derived values of people of one assembly from their birth dates and addresses."""

    def __init__(self, features: Iterable[Feature], reference_date: dt.date | None) -> None:
        self._reference_date = reference_date
        self._sources: list[tuple[int, Derivation, dict[Any, int]]] = []
        for feature in features:
            if feature.derived_from is not None:
                by_key: dict[Any, int] = {}
                for value in feature.values:
                    for key in keys_of(feature.derived_from, feature.rules.get(value.name)):
                        by_key.setdefault(key, value.id)
                self._sources.append((feature.id, feature.derived_from, by_key))

    def value_ids(self, contact: Mapping[str, Any]) -> dict[int, int]:
        """Return feature id → value id for the derived features whose value follows from a contact."""
        found: dict[int, int] = {}
        for feature_id, source, by_key in self._sources:
            value = next((by_key[key] for key in self._keys(source, contact) if key in by_key), None)
            if value is not None:
                found[feature_id] = value
        return found

    def _keys(self, source: Derivation, contact: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return what a contact may be found by, best first."""
        if source is Derivation.BIRTH_DATE:
            birth_date = contact.get("birth_date")
            return (age_on(birth_date, self._reference_date),) if birth_date and self._reference_date else ()
        if source is Derivation.STREET:
            return (_street(str(contact.get("street") or "")),)
        postcode = fold_loosely(str(contact.get("postcode") or ""))
        return (postcode, postcode.zfill(GERMAN_POSTCODE)) if postcode else ()


def keys_of(source: Derivation, rule: Any) -> list[Any]:
    """Return the ages, postcodes or streets, as they are compared, that a value's rule names."""
    if not rule:
        return []
    if source is Derivation.BIRTH_DATE:
        lowest, highest = rule
        return list(range(lowest, (OLDEST if highest is None else highest) + 1))
    return [_street(part) if source is Derivation.STREET else fold_loosely(str(part)) for part in rule]


def _street(text: str) -> str:
    """Return a street as it is compared, without the number of a house.

    >>> _street("Lange Straße 12 a") == _street("Lange Str.")
    True
    """
    return fold_address(_HOUSE_NUMBER.sub("", text))


def derive_again(session: Session, assembly: Assembly, features: Sequence[Feature]) -> int:
    """Compute the values of features anew for everybody, and return how many changed.

    For when the reference date or the rules of a feature change; what does not follow from a contact stays as it is.
    """
    contacts = session.execute(
        sa.select(Contact.respondent_id, Contact.birth_date, Contact.postcode, Contact.street)
        .join(Respondent)
        .where(Respondent.assembly_id == assembly.id, Respondent.status != Status.ERASED)
    ).all()
    stored = {
        (row.respondent_id, row.feature_id): row.value_id
        for row in session.execute(
            sa.select(RespondentValue.respondent_id, RespondentValue.feature_id, RespondentValue.value_id)
            .join(Respondent)
            .where(Respondent.assembly_id == assembly.id)
        )
    }
    deriver = Deriver(features, assembly.reference_date)
    changed = []
    for contact in contacts:
        for feature_id, value_id in deriver.value_ids(contact._asdict()).items():
            if stored.get((contact.respondent_id, feature_id)) != value_id:
                changed.append((contact.respondent_id, feature_id, value_id))
    replace_values(session, changed)
    return len(changed)


def replace_values(session: Session, rows: Iterable[tuple[int, int, int | None]]) -> None:
    """Set values in bulk: respondent, feature, value; the value ABSENT removes the row."""
    new = [{"respondent_id": one, "feature_id": feature, "value_id": value} for one, feature, value in rows]
    if not new:
        return
    table = RespondentValue.metadata.tables[RespondentValue.__tablename__]
    one, of = table.c.respondent_id == sa.bindparam("one"), table.c.feature_id == sa.bindparam("of")
    session.flush()
    session.connection().execute(
        sa.delete(table).where(one, of), [{"one": row["respondent_id"], "of": row["feature_id"]} for row in new]
    )
    present = [row for row in new if row["value_id"] != ABSENT]
    if present:
        session.execute(sa.insert(RespondentValue).execution_options(render_nulls=True), present)
