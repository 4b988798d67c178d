"""Features that follow from date of birth or address: rules as people write them, and whom they change."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from assembly.models import Assembly, Derivation, Feature, Lottery, LotteryState, User
from assembly.services import assemblies, derivations, features, logbook, pool
from assembly.services.derivations import rule_field, set_derivation, written
from assembly.services.errors import ConflictError, RuleError
from assembly.services.features import FeatureSpec, ValueSpec
from sortition import NOT_STATED
from tests.assembly.conftest import WORDS
from tests.assembly.sample import add_feature, as_csv
from tests.assembly.services.test_imports import take

PEOPLE = [
    {"id": "K1", "Geburtsdatum": "2.1.1996", "PLZ": "01067", "Straße": "Lange Straße 12 a"},
    {"id": "K2", "Geburtsdatum": "1.1.1950", "PLZ": "1099", "Straße": "Platz der Einheit"},
    {"id": "K3"},
]


@pytest.fixture
def people(session: Session, assembly: Assembly, organiser: User) -> Assembly:
    """Three people, of whom the third gave neither date of birth nor address."""
    assembly.reference_date = dt.date(2026, 1, 1)
    add_feature(session, assembly, "Alter", ["16–29", "30+"])
    add_feature(session, assembly, "Stadtteil", ["Altstadt", "Neustadt"])
    for feature in features.features_of(session, assembly):
        feature.is_voluntary = True
    take(session, assembly, organiser, as_csv(PEOPLE))
    return assembly


def feature_named(session: Session, assembly: Assembly, name: str) -> Feature:
    return next(feature for feature in features.features_of(session, assembly) if feature.name == name)


def texts(feature: Feature, **rules: str) -> dict[str, str | None]:
    """Return the fields of the form for rules by the values' names."""
    return {rule_field(value): rules.get(value.name) for value in feature.values}


def values(session: Session, assembly: Assembly, name: str) -> dict[str, str | None]:
    """Return code → value of a feature."""
    return {row.code: row.values.get(name) for row in pool.pool_rows(session, assembly).rows}


def test_ages_follow_from_the_date_of_birth_at_the_reference_date(
    session: Session, people: Assembly, organiser: User
) -> None:
    age = feature_named(session, people, "Alter")
    suggested = {rule_field(value): written(age, value) for value in age.values}
    assert list(suggested.values()) == ["16–29", "30+"]
    assert set_derivation(session, people, age, Derivation.BIRTH_DATE, suggested, by=organiser) == 2
    assert values(session, people, "Alter") == {"K1": "16–29", "K2": "30+", "K3": NOT_STATED}
    assert [written(age, value) for value in age.values] == ["16–29", "30+"]
    *_, last = logbook.entries_of(session, people)
    assert (last.action, last.details["people"]) == ("derivation_changed", 2)


def test_another_reference_date_makes_people_older(session: Session, people: Assembly, organiser: User) -> None:
    age = feature_named(session, people, "Alter")
    suggested = {rule_field(value): written(age, value) for value in age.values}
    set_derivation(session, people, age, Derivation.BIRTH_DATE, suggested, by=organiser)
    assemblies.describe(session, people, WORDS | {"reference_date": dt.date(2026, 1, 2)}, by=organiser)
    assert values(session, people, "Alter") == {"K1": "30+", "K2": "30+", "K3": NOT_STATED}


def test_a_district_follows_from_the_postcode_even_without_its_zero(
    session: Session, people: Assembly, organiser: User
) -> None:
    place = feature_named(session, people, "Stadtteil")
    rules = texts(place, Altstadt="01067, 01069", Neustadt="01097\n01099")
    assert set_derivation(session, people, place, Derivation.POSTCODE, rules, by=organiser) == 2
    assert values(session, people, "Stadtteil") == {"K1": "Altstadt", "K2": "Neustadt", "K3": NOT_STATED}
    assert [written(place, value) for value in place.values] == ["01067, 01069", "01097, 01099"]


def test_a_district_follows_from_the_street_however_it_is_spelled(
    session: Session, people: Assembly, organiser: User
) -> None:
    place = feature_named(session, people, "Stadtteil")
    rules = texts(place, Altstadt="Lange Str.\nKurze Str.", Neustadt="Platz der Einheit")
    assert set_derivation(session, people, place, Derivation.STREET, rules, by=organiser) == 2
    assert values(session, people, "Stadtteil") == {"K1": "Altstadt", "K2": "Neustadt", "K3": NOT_STATED}


def test_what_people_said_stays_where_nothing_follows_any_more(
    session: Session, people: Assembly, organiser: User
) -> None:
    place = feature_named(session, people, "Stadtteil")
    rules = texts(place, Altstadt="01067", Neustadt="01099")
    set_derivation(session, people, place, Derivation.POSTCODE, rules, by=organiser)
    assert set_derivation(session, people, place, None, {}, by=organiser) == 0
    assert values(session, people, "Stadtteil") == {"K1": "Altstadt", "K2": "Neustadt", "K3": NOT_STATED}
    assert [written(place, value) for value in place.values] == ["", ""]


@pytest.mark.parametrize(
    "case",
    [
        (Derivation.BIRTH_DATE, {"16–29": "jung"}, "16–29"),
        (Derivation.BIRTH_DATE, {"16–29": "29-16"}, "16–29"),
        (Derivation.BIRTH_DATE, {"16–29": "16-30", "30+": "ab 30"}, "30+"),
        (Derivation.POSTCODE, {"16–29": "01067 01069", "30+": "01069"}, "30+"),
        (Derivation.STREET, {"16–29": "Lange Straße", "30+": "Lange Str."}, "30+"),
        (Derivation.STREET, {}, None),
    ],
)
def test_rules_that_are_no_rules_are_refused_at_their_field(
    session: Session, people: Assembly, organiser: User, case: tuple[Derivation, dict[str, str], str | None]
) -> None:
    source, rules, field = case
    age = feature_named(session, people, "Alter")
    with pytest.raises(RuleError) as refused:
        set_derivation(session, people, age, source, texts(age, **rules), by=organiser)
    expected = {value.name: rule_field(value) for value in age.values}
    assert refused.value.field == (expected[field] if field else "source")


def test_ages_need_a_reference_date(session: Session, people: Assembly, organiser: User) -> None:
    people.reference_date = None
    age = feature_named(session, people, "Alter")
    with pytest.raises(RuleError, match="reference date"):
        set_derivation(session, people, age, Derivation.BIRTH_DATE, texts(age, **{"30+": "30+"}), by=organiser)


def test_when_the_lottery_is_fixed_nothing_that_people_are_drawn_by_changes(
    session: Session, people: Assembly, organiser: User
) -> None:
    session.add(
        Lottery(
            assembly_id=people.id,
            state=LotteryState.COMMITTED,
            is_rehearsal=False,
            one_per_household=True,
            started_at=dt.datetime.now(dt.UTC),
            started_by_id=organiser.id,
            inputs="0" * 64,
        )
    )
    session.flush()
    age = feature_named(session, people, "Alter")
    spec = FeatureSpec("Beruf", [ValueSpec("a"), ValueSpec("b")])
    deeds = (
        lambda: derivations.set_derivation(session, people, age, None, {}, by=organiser),
        lambda: features.add_feature(session, people, spec, by=organiser),
        lambda: features.change_feature(session, people, age, spec, by=organiser),
        lambda: features.remove_feature(session, people, age, by=organiser),
        lambda: features.set_quota(session, people, age.values[0], lower=0, upper=1, reason="x", by=organiser),
        lambda: assemblies.describe(session, people, WORDS | {"reference_date": dt.date(2020, 1, 1)}, by=organiser),
        lambda: assemblies.describe(session, people, WORDS | {"panel_size": 5}, by=organiser),
    )
    for deed in deeds:
        with pytest.raises(ConflictError, match="frozen"):
            deed()
