"""Features and their targets: typed in, pasted or imported; from population shares to quotas."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.models import Assembly, Feature, FeatureValue, RespondentValue, User
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from sortition import NOT_STATED, InputError, Quota
from sortition.message import rounded
from sortition.shares import quotas_from_shares

STATED_AT_LEAST = Decimal("0.9")
"""Of the members, so many are counted on to state a voluntary feature."""


@dataclasses.dataclass(frozen=True, slots=True)
class ValueSpec:
    """A value as somebody wants it: share of the population in percent, and its quota, if given."""

    name: str
    share: Decimal | None = None
    lower: int | None = None
    upper: int | None = None
    lower_flex: int | None = None
    upper_flex: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class FeatureSpec:
    """A feature as somebody wants it."""

    name: str
    values: Sequence[ValueSpec]
    is_voluntary: bool = False
    is_special_category: bool = False
    consent: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Sums:
    """What a feature's quotas add up to: the seats must lie between both sums.

    `unstated` are the seats, part of `upper`, that people who do not answer may take.
    """

    lower: int
    upper: int
    size: int
    unstated: int = 0

    @property
    def fits(self) -> bool:
        """Whether as many seats as the panel has can be filled."""
        return self.lower <= self.size <= self.upper


def features_of(session: Session, assembly: Assembly) -> list[Feature]:
    """Return the features with their values, in order."""
    return list(session.scalars(_FEATURES, {"assembly_id": assembly.id}).unique())


def get_feature(session: Session, feature_id: int, *, assembly: Assembly) -> Feature:
    """Return a feature of an assembly. Raises NotFoundError."""
    feature = session.get(Feature, feature_id)
    if feature is None or feature.assembly_id != assembly.id:
        raise NotFoundError
    return feature


def sums_of(feature: Feature, size: int) -> Sums:
    """Return what the quotas of a feature add up to; who does not state a voluntary one may take any seat."""
    unstated = size if _lets_seats_open(feature) else 0
    upper = sum(value.upper for value in feature.values) + unstated
    return Sums(sum(value.lower for value in feature.values), upper, size, unstated)


def all_sums(session: Session, assembly: Assembly) -> list[Sums]:
    """Return what the quotas of each feature add up to, in one small query: every page asks whether they fit."""
    sums = []
    for lower, upper, lets_seats_open in session.execute(_SUMS, {"assembly_id": assembly.id}):
        unstated = assembly.panel_size if lets_seats_open else 0
        sums.append(Sums(lower, upper + unstated, assembly.panel_size, unstated))
    return sums


_HERE = sa.bindparam("assembly_id", type_=sa.Integer)
_FEATURES = (
    sa.select(Feature)
    .where(Feature.assembly_id == _HERE)
    .options(joinedload(Feature.values))
    .order_by(Feature.position)
)
_SUMS = (
    sa.select(
        sa.func.coalesce(sa.func.sum(FeatureValue.lower), 0),
        sa.func.coalesce(sa.func.sum(FeatureValue.upper), 0),
        Feature.is_voluntary & (sa.func.count(FeatureValue.id).filter(FeatureValue.name == NOT_STATED) == 0),
    )
    .select_from(Feature)
    .outerjoin(Feature.values)
    .where(Feature.assembly_id == _HERE)
    .group_by(Feature.id)
    .order_by(Feature.position, Feature.id)
)
"""Put together once, as the one above it: many pages ask."""


def quotas_of(features: Iterable[Feature], size: int) -> dict[str, dict[str, Quota]]:
    """Return the quotas as the engine wants them, those of people who stated nothing among them."""
    quotas = {
        feature.name: {v.name: Quota(v.lower, v.upper, v.lower_flex, v.upper_flex) for v in feature.values}
        for feature in features
    }
    for feature in features:
        if _lets_seats_open(feature):
            quotas[feature.name][NOT_STATED] = Quota(0, size)
    return quotas


def _lets_seats_open(feature: Feature) -> bool:
    return feature.is_voluntary and all(value.name != NOT_STATED for value in feature.values)


def add_feature(session: Session, assembly: Assembly, spec: FeatureSpec, *, by: User) -> Feature:
    """Add a feature at the end. Raises RuleError, ConflictError."""
    freezing.require_open(session, assembly)
    last = session.scalar(sa.select(sa.func.max(Feature.position)).where(Feature.assembly_id == assembly.id))
    feature = Feature(assembly_id=assembly.id, position=0 if last is None else last + 1, name=spec.name)
    _require_free_name(session, assembly, spec.name, feature)
    session.add(feature)
    _fill(feature, spec, assembly.panel_size)
    session.flush()
    details = {"name": feature.name, "quotas": _plain(feature)}
    logbook.record(session, assembly, "feature_added", by=by, subject=f"feature:{feature.id}", details=details)
    return feature


def change_feature(session: Session, assembly: Assembly, feature: Feature, spec: FeatureSpec, *, by: User) -> None:
    """Change a feature; values keep their row by name. Raises RuleError, ConflictError."""
    freezing.require_open(session, assembly)
    before = {"name": feature.name, "quotas": _plain(feature)}
    _require_free_name(session, assembly, spec.name, feature)
    _require_unused(session, [v for v in feature.values if v.name not in {value.name for value in spec.values}])
    feature.name = spec.name
    _fill(feature, spec, assembly.panel_size)
    session.flush()
    after = {"name": feature.name, "quotas": _plain(feature)}
    if after != before:
        details = {"before": before, "after": after}
        logbook.record(session, assembly, "feature_changed", by=by, subject=f"feature:{feature.id}", details=details)


def remove_feature(session: Session, assembly: Assembly, feature: Feature, *, by: User) -> None:
    """Remove a feature that no respondent has a value of. Raises ConflictError."""
    freezing.require_open(session, assembly)
    _require_unused(session, feature.values)
    details = {"name": feature.name, "quotas": _plain(feature)}
    logbook.record(session, assembly, "feature_removed", by=by, subject=f"feature:{feature.id}", details=details)
    session.delete(feature)
    session.flush()


def import_features(session: Session, assembly: Assembly, specs: Sequence[FeatureSpec], *, by: User) -> tuple[int, int]:
    """Add the features that are new and change those that are there; return how many of each."""
    known = {feature.name: feature for feature in features_of(session, assembly)}
    for spec in specs:
        if (feature := known.get(spec.name)) is None:
            add_feature(session, assembly, spec, by=by)
        else:
            kept = dataclasses.replace(
                spec,
                is_special_category=feature.is_special_category,
                consent=feature.consent,
            )
            change_feature(session, assembly, feature, kept, by=by)
    added = sum(spec.name not in known for spec in specs)
    return added, len(specs) - added


def recompute_quotas(session: Session, assembly: Assembly, *, tolerance: int, by: User) -> int:
    """Compute the quotas of every feature whose values all have shares; return how many features that were.

    Raises RuleError, ConflictError.
    """
    count = 0
    for feature in features_of(session, assembly):
        values = [value for value in feature.values if value.name != NOT_STATED]
        if not values or any(value.share is None for value in values):
            continue
        spec = FeatureSpec(
            feature.name,
            [ValueSpec(value.name, value.share) for value in values],
            feature.is_voluntary,
            feature.is_special_category,
            feature.consent,
        )
        change_feature(session, assembly, feature, with_quotas(spec, assembly.panel_size, tolerance=tolerance), by=by)
        count += 1
    return count


def set_quota(
    session: Session, assembly: Assembly, value: FeatureValue, *, lower: int, upper: int, reason: str, by: User
) -> None:
    """Change one quota, with the reason in the log. Raises RuleError, ConflictError."""
    freezing.require_open(session, assembly)
    if not reason.strip():
        raise RuleError(marked("Say why: the change is public."), field="reason")
    before = {"lower": value.lower, "upper": value.upper}
    value.lower, value.upper = lower, upper
    value.lower_flex = None if value.lower_flex is None else min(value.lower_flex, lower)
    value.upper_flex = None if value.upper_flex is None else max(value.upper_flex, upper)
    session.flush()
    details = {
        "feature": value.feature.name,
        "value": value.name,
        "before": before,
        "after": {"lower": lower, "upper": upper},
        "reason": reason.strip(),
    }
    logbook.record(session, assembly, "quota_changed", by=by, subject=f"feature_value:{value.id}", details=details)


def with_quotas(spec: FeatureSpec, size: int, *, tolerance: int) -> FeatureSpec:
    """Return the feature with quotas computed from its shares: largest remainder, `tolerance` seats wider.

    For a voluntary feature the lower bounds leave room for members who do not state it (STATED_AT_LEAST).
    Raises RuleError if the shares do not add up.
    """
    stated = [value for value in spec.values if value.name != NOT_STATED]
    shares = {value.name: value.share or Decimal(0) for value in stated}
    try:
        computed = quotas_from_shares({spec.name: shares}, size, tolerance_seats=tolerance).quotas[spec.name]
    except InputError:
        raise RuleError(
            marked("The shares of “%(feature)s” add up to %(sum)s %%, not to 100 %%."),
            feature=spec.name,
            sum=rounded(sum(shares.values())),
        ) from None
    values = [value for value in spec.values if value.name == NOT_STATED]
    for value in reversed(stated):
        quota = computed[value.name]
        room = math.floor(shares[value.name] * size * STATED_AT_LEAST / 100) if spec.is_voluntary else quota.lower
        values.insert(
            0,
            dataclasses.replace(
                value, lower=min(quota.lower, room), upper=quota.upper, lower_flex=None, upper_flex=None
            ),
        )
    return dataclasses.replace(spec, values=values)


def _fill(feature: Feature, spec: FeatureSpec, size: int) -> None:
    _check(spec)
    feature.is_voluntary = spec.is_voluntary
    feature.is_special_category = spec.is_special_category
    feature.consent = spec.consent
    known = {value.name: value for value in feature.values}
    kept = []
    for position, wanted in enumerate(spec.values):
        value = known.get(wanted.name) or FeatureValue(name=wanted.name)
        value.position = position
        value.share = wanted.share
        value.lower = 0 if wanted.lower is None else wanted.lower
        value.upper = size if wanted.upper is None else wanted.upper
        value.lower_flex, value.upper_flex = wanted.lower_flex, wanted.upper_flex
        kept.append(value)
    feature.values = kept


def _check(spec: FeatureSpec) -> None:
    if len([value for value in spec.values if value.name != NOT_STATED]) < 2:  # with one, nobody is told apart
        raise RuleError(marked("“%(feature)s” needs at least two values."), feature=spec.name)
    names = [value.name for value in spec.values]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise RuleError(marked("The value “%(value)s” is there twice."), value=twice)
    if spec.is_special_category and not spec.consent.strip():
        raise RuleError(
            marked("Special categories need recorded consent (Art. 9 GDPR): say how it is obtained."), field="consent"
        )
    for value in spec.values:
        bounds = [b for b in (value.lower_flex, value.lower, value.upper, value.upper_flex) if b is not None]
        if bounds != sorted(bounds) or (bounds and bounds[0] < 0):
            raise RuleError(
                marked("“%(value)s”: the numbers must not fall from “at least, relaxed” to “at most, relaxed”."),
                value=value.name,
            )


def _require_free_name(session: Session, assembly: Assembly, name: str, feature: Feature) -> None:
    with session.no_autoflush:
        other = session.scalar(sa.select(Feature.id).where(Feature.assembly_id == assembly.id, Feature.name == name))
    if other is not None and other != feature.id:
        raise ConflictError(marked("There is a feature “%(name)s” already."), field="name", name=name)


def _require_unused(session: Session, values: Sequence[FeatureValue]) -> None:
    ids = [value.id for value in values if value.id is not None]
    used = session.scalar(sa.select(RespondentValue.value_id).where(RespondentValue.value_id.in_(ids)).limit(1))
    if used is not None:
        name = next(value.name for value in values if value.id == used)
        raise ConflictError(
            marked("People are registered with the value “%(value)s”; change them or their import first."), value=name
        )


def _plain(feature: Feature) -> dict[str, list[int | None]]:
    return {v.name: [v.lower_flex, v.lower, v.upper, v.upper_flex] for v in feature.values}
