"""Registrations by hand, for people who phoned or wrote, and changing what a registration says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    Contact,
    Exclusion,
    Feature,
    Respondent,
    RespondentValue,
    Source,
    Status,
    User,
)
from assembly.services import acknowledgements, derived, freezing, households, logbook, respondents
from assembly.services.contacts import CONTACT_FIELDS, contact_keys
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.features import features_of
from assembly.services.privacy.erased_codes import ErasedCodes

EARLIEST_BIRTH = dt.date(1900, 1, 1)


def value_field(feature: Feature) -> str:
    """Return the name under which a feature's value comes from a form."""
    return f"feature_{feature.id}"


def register(session: Session, assembly: Assembly, values: Mapping[str, Any], *, by: User) -> Respondent:
    """Add and acknowledge somebody who registered by phone or letter; whoever is too young is excluded at once.

    `values` are contact fields, `code` (drawn if blank) and a value id for each feature, see `value_field`. Raises
    RuleError if something is missing or not possible, ConflictError if the code is taken or the pool is frozen.
    """
    freezing.require_open(session, assembly)
    contact = _contact_of(values)
    stated = _stated_values(session, assembly, values, contact)
    code = _free_code(session, assembly, str(values.get("code") or ""))
    respondent = Respondent(
        assembly=assembly,
        code=code,
        status=Status.REGISTERED,
        registered_at=now(),
        source=Source.BY_HAND,
        contact=Contact(**contact, **contact_keys(contact, code)),
        values=[RespondentValue(feature_id=feature, value_id=value) for feature, value in stated.items()],
    )
    session.add(respondent)
    session.flush()
    logbook.record(session, assembly, "registration_added", by=by, subject=respondents.subject_of(respondent))
    if derived.is_too_young(assembly, contact["birth_date"]):
        respondents.exclude(session, respondent, Exclusion.TOO_YOUNG, by=None)
    _find_households(session, respondent)
    acknowledgements.acknowledge(session, assembly, [respondent.id])
    return respondent


def change(session: Session, respondent: Respondent, values: Mapping[str, Any], *, by: User) -> list[str]:
    """Change a registration, and return the names of the fields that changed; the log has these names alone.

    Who could not be reached before gets their acknowledgement now. What `values` do not name stays. Once the pool is
    frozen, only how to reach a person can change. Raises RuleError, ConflictError.
    """
    assembly = respondent.assembly
    freezing.lock_pool(session, assembly.id)
    if respondent.contact is None:
        raise ConflictError(marked("This person's data were erased."))
    contact = _contact_of(values, respondent.contact)
    stated = _stated_values(session, assembly, values, contact, is_partial=True)
    before = {value.feature_id: value.value_id for value in respondent.values}
    fields = [field for field in CONTACT_FIELDS if contact[field] != getattr(respondent.contact, field)]
    features = [feature for feature, value in stated.items() if before.get(feature) != value]
    if features and freezing.is_frozen(session, assembly):
        freezing.require_open(session, assembly)
    for name, text in (contact | contact_keys(contact, respondent.code)).items():
        setattr(respondent.contact, name, text)
    session.flush()
    derived.replace_values(session, [(respondent.id, feature, stated[feature]) for feature in features])
    session.expire(respondent, ["values"])
    changed = [*fields, *(f"feature:{feature}" for feature in features)]
    if changed:
        logbook.record(
            session,
            assembly,
            "registration_changed",
            by=by,
            subject=respondents.subject_of(respondent),
            details={"fields": changed},
        )
        if not freezing.is_frozen(session, assembly):
            _find_households(session, respondent)
        acknowledgements.acknowledge(session, assembly, [respondent.id])
    return changed


def _contact_of(values: Mapping[str, Any], stored: Contact | None = None) -> dict[str, Any]:
    contact: dict[str, Any] = {}
    for field in CONTACT_FIELDS:
        value = values[field] if field in values else getattr(stored, field, None)
        contact[field] = value if field == "birth_date" else str(value or "").strip()
    contact["language"] = contact["language"] or "de"
    if not (contact["first_name"] or contact["last_name"]):
        raise RuleError(marked("Give a name, so that the person can be called."), field="last_name")
    birth_date = contact["birth_date"]
    if birth_date is not None and not EARLIEST_BIRTH <= birth_date <= now().date():
        raise RuleError(marked("Nobody was born on this day. Look at the year."), field="birth_date")
    return contact


def _stated_values(
    session: Session,
    assembly: Assembly,
    values: Mapping[str, Any],
    contact: Mapping[str, Any],
    *,
    is_partial: bool = False,
) -> dict[int, int | None]:
    """Return feature → value id; of a partial change only for the features that it names or that follow from it."""
    features = features_of(session, assembly)
    follows = derived.Deriver(features, assembly.reference_date).value_ids(contact)
    stated: dict[int, int | None] = {}
    for feature in features:
        value_id = follows.get(feature.id, values.get(value_field(feature)))
        if is_partial and feature.id not in follows and value_field(feature) not in values:
            continue
        if value_id is None and feature.derived_from is not None:
            continue  # it cannot be told yet; the check of the pool says so
        if value_id is None and not feature.is_voluntary:
            raise RuleError(marked("Choose a value: the lottery needs it."), field=value_field(feature))
        if value_id is not None and value_id not in {value.id for value in feature.values}:
            raise RuleError(marked("This value does not belong to the feature."), field=value_field(feature))
        stated[feature.id] = value_id
    return stated


def _free_code(session: Session, assembly: Assembly, wanted: str) -> str:
    """Return the wanted code if it is free, or the next number for registrations by hand that nobody ever had."""
    wanted = " ".join(wanted.split())
    erased = ErasedCodes(session, assembly)
    if wanted:
        if wanted in erased:
            raise ConflictError(
                marked("The data of somebody with this code were erased; leave it blank to register anew."),
                field="code",
            )
        if _is_taken(session, assembly, [wanted]):
            raise ConflictError(marked("Somebody with this code is registered already."), field="code")
        return wanted
    number = 1 + (
        session.scalar(
            sa.select(sa.func.count()).where(Respondent.assembly_id == assembly.id, Respondent.source == Source.BY_HAND)
        )
        or 0
    )
    while (code := f"H{number:04}") in erased or _is_taken(session, assembly, [code]):
        number += 1
    return code


def _is_taken(session: Session, assembly: Assembly, codes: Sequence[str]) -> bool:
    taken = sa.exists().where(Respondent.assembly_id == assembly.id, Respondent.code.in_(codes))
    return bool(session.scalar(sa.select(taken)))


def _find_households(session: Session, respondent: Respondent) -> None:
    households.find_households(session, respondent.assembly)
    session.expire(respondent, ["household_id"])
