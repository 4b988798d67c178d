"""Features whose values follow from something else: age group from the birth date, district from the postcode."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Contact, Derivation, Feature, Respondent, RespondentValue, Status
from assembly.services.features import features_of
from sortition.files.folding import fold_loosely

GERMAN_POSTCODE = 5
"""Digits; a spreadsheet that took a postcode for a number dropped its leading zero."""

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
    """Tells the derived values of people of one assembly from their birth dates and postcodes."""

    def __init__(self, features: Iterable[Feature], reference_date: dt.date | None) -> None:
        self._reference_date = reference_date
        self._ages: list[tuple[int, dict[int, int]]] = []
        self._postcodes: list[tuple[int, dict[str, int]]] = []
        for feature in features:
            ids = {value.name: value.id for value in feature.values}
            rules = {ids[name]: rule for name, rule in feature.rules.items() if name in ids}
            if feature.derived_from is Derivation.BIRTH_DATE:
                self._ages.append((feature.id, _ages(rules)))
            elif feature.derived_from is Derivation.POSTCODE:
                codes = {fold_loosely(str(code)): value for value, rule in rules.items() for code in rule}
                self._postcodes.append((feature.id, codes))

    def value_ids(self, contact: Mapping[str, Any]) -> dict[int, int]:
        """Return feature id → value id for the derived features whose value follows from a contact."""
        found: dict[int, int | None] = {}
        birth_date, postcode = contact.get("birth_date"), fold_loosely(str(contact.get("postcode") or ""))
        if birth_date is not None and self._reference_date is not None:
            age = age_on(birth_date, self._reference_date)
            found.update((feature, by_age.get(age)) for feature, by_age in self._ages)
        if postcode:
            full = postcode.zfill(GERMAN_POSTCODE)
            found.update((feature, codes.get(postcode, codes.get(full))) for feature, codes in self._postcodes)
        return {feature: value for feature, value in found.items() if value is not None}


def derive_again(session: Session, assembly: Assembly) -> int:
    """Compute the derived values of everybody anew, and return how many changed.

    For when the reference date or the rules of a feature change; what does not follow from a contact stays as it is.
    """
    contacts = session.execute(
        sa.select(Contact.respondent_id, Contact.birth_date, Contact.postcode)
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
    deriver = Deriver(features_of(session, assembly), assembly.reference_date)
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
        session.execute(sa.insert(RespondentValue), present)


def _ages(rules: Mapping[int, Any]) -> dict[int, int]:
    """Return age → value id; of rules that overlap, the first."""
    ages: dict[int, int] = {}
    for value, (lowest, highest) in rules.items():
        for age in range(lowest, (OLDEST if highest is None else highest) + 1):
            ages.setdefault(age, value)
    return ages
