"""From the pool and the features to what the engine works on."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from assembly.models import Assembly, Check, Lottery
from assembly.services import features, pool
from assembly.services.errors import RuleError, marked
from sortition import Entry, InputError, Instance


def instance_of(session: Session, assembly: Assembly, *, one_per_household: bool) -> Instance:
    """Return the pool with the quotas, entries named by the respondents' codes.

    Raises RuleError if there is nothing to draw from yet, or somebody in the pool lacks a value.
    """
    found = features.features_of(session, assembly)
    if not found:
        raise RuleError(marked("There are no features yet. Enter the targets first."))
    for feature in found:
        if not features.sums_of(feature, assembly.panel_size).fits:
            raise RuleError(
                marked("The quotas of “%(feature)s” do not add up to %(size)s seats. Mend them first."),
                feature=feature.name,
                size=assembly.panel_size,
            )
    rows = pool.pool_rows(session, assembly)
    if rows.lacking:
        raise RuleError(
            marked("%(count)s people in the pool lack a value of “%(feature)s”. Complete or exclude them first."),
            count=len(rows.lacking),
            feature=rows.lacking[0].feature,
        )
    if len(rows.rows) < assembly.panel_size:
        raise RuleError(
            marked("The pool has %(people)s people, fewer than the %(size)s seats."),
            people=len(rows.rows),
            size=assembly.panel_size,
        )
    entries = tuple(Entry(r.code, r.values, r.household if one_per_household else None) for r in rows.rows)
    try:
        return Instance(entries, features.quotas_of(found, assembly.panel_size), assembly.panel_size)
    except InputError:
        raise RuleError(marked("The pool does not fit the features any more. Look at the pool page.")) from None


def is_out_of_date(session: Session, assembly: Assembly, made: Check | Lottery) -> bool:
    """Whether pool, quotas or size are others than when a check or a lottery was made from them."""
    try:
        instance = instance_of(session, assembly, one_per_household=made.one_per_household)
    except RuleError:
        return True
    return fingerprint(instance) != made.inputs


def fingerprint(instance: Instance) -> str:
    """Return the fingerprint of everything that a lottery depends on."""
    return hashlib.sha256(b"assembly/inputs/1" + instance.seed().to_bytes(32, "big")).hexdigest()
