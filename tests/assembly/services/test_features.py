"""Features: quotas from shares, sums, what is refused, and target files of all kinds."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from assembly.models import Assembly, Feature, Respondent, RespondentValue, Source, User
from assembly.services import features, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.feature_templates import TEMPLATES
from assembly.services.features import FeatureSpec, ValueSpec
from assembly.services.target_files import FileProblemsError, read_target_file
from sortition import NOT_STATED, Quota

DATA = Path(__file__).parents[3] / "data"
GENDER = FeatureSpec(
    "Geschlecht", [ValueSpec("weiblich", Decimal(51), 24, 25), ValueSpec("männlich", Decimal(49), 23, 24)]
)


@pytest.fixture
def gender(session: Session, assembly: Assembly, organiser: User) -> Feature:
    """A feature of the assembly."""
    return features.add_feature(session, assembly, GENDER, by=organiser)


def test_a_feature_is_kept_with_its_quotas_and_logged(session: Session, assembly: Assembly, gender: Feature) -> None:
    (found,) = features.features_of(session, assembly)
    assert features.quotas_of([found], 48) == {"Geschlecht": {"weiblich": Quota(24, 25), "männlich": Quota(23, 24)}}
    assert features.sums_of(found, 48) == features.Sums(47, 49, 48)
    assert features.sums_of(found, 48).fits
    assert not features.sums_of(found, 50).fits
    assert not features.sums_of(found, 46).fits
    *_, last = logbook.entries_of(session, assembly)
    assert last.details["quotas"] == {"weiblich": [None, 24, 25, None], "männlich": [None, 23, 24, None]}


def test_a_voluntary_feature_lets_seats_open(session: Session, assembly: Assembly, organiser: User) -> None:
    voluntary = dataclasses.replace(GENDER, is_voluntary=True)
    feature = features.add_feature(session, assembly, voluntary, by=organiser)
    assert features.quotas_of([feature], 48)["Geschlecht"][NOT_STATED] == Quota(0, 48)
    assert features.sums_of(feature, 90).fits


def test_the_sums_of_all_features_are_those_of_each(session: Session, assembly: Assembly, organiser: User) -> None:
    assert features.all_sums(session, assembly) == []
    voluntary = dataclasses.replace(GENDER, name="Haltung", is_voluntary=True)
    answered = dataclasses.replace(
        voluntary, name="Abschluss", values=[*GENDER.values, ValueSpec(NOT_STATED, lower=0, upper=5)]
    )
    for spec in (GENDER, voluntary, answered):
        features.add_feature(session, assembly, spec, by=organiser)
    session.add(Feature(assembly_id=assembly.id, position=9, name="leer"))
    session.flush()
    found = features.features_of(session, assembly)
    sums = features.all_sums(session, assembly)
    assert sums == [features.sums_of(feature, assembly.panel_size) for feature in found]
    assert [(one.lower, one.upper) for one in sums] == [(47, 49), (47, 97), (47, 54), (0, 0)]


def test_values_keep_their_row_by_name(session: Session, assembly: Assembly, gender: Feature, organiser: User) -> None:
    before = {value.name: value.id for value in gender.values}
    values = [ValueSpec("divers", lower=0, upper=1), ValueSpec("weiblich", lower=24, upper=24), GENDER.values[1]]
    changed = dataclasses.replace(GENDER, name="Gender", values=values)
    features.change_feature(session, assembly, gender, changed, by=organiser)
    session.expire_all()
    assert [value.name for value in gender.values] == ["divers", "weiblich", "männlich"]
    assert {value.name: value.id for value in gender.values}.items() >= before.items()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (FeatureSpec("x", [ValueSpec("only")]), "at least two values"),
        (FeatureSpec("x", [ValueSpec("a"), ValueSpec(NOT_STATED)]), "at least two values"),
        (FeatureSpec("x", [ValueSpec("a"), ValueSpec("a")]), "“a” is there twice"),
        (FeatureSpec("x", [ValueSpec("a"), ValueSpec("b", lower=3, upper=2)]), "“b”: the numbers must not fall"),
        (FeatureSpec("x", [ValueSpec("a", lower=1, upper=2, lower_flex=2), ValueSpec("b")]), "“a”: the numbers must"),
        (FeatureSpec("x", [ValueSpec("a"), ValueSpec("b")], is_special_category=True), "need recorded consent"),
    ],
)
def test_what_cannot_be_is_refused(
    session: Session, assembly: Assembly, organiser: User, spec: FeatureSpec, message: str
) -> None:
    with pytest.raises(RuleError, match=message):
        features.add_feature(session, assembly, spec, by=organiser)


def test_a_name_is_there_once(session: Session, assembly: Assembly, gender: Feature, organiser: User) -> None:
    with pytest.raises(ConflictError, match="“Geschlecht” already"):
        features.add_feature(session, assembly, GENDER, by=organiser)


def test_what_people_are_registered_with_stays(
    session: Session, assembly: Assembly, gender: Feature, organiser: User
) -> None:
    person = Respondent(assembly_id=assembly.id, code="A1", registered_at=assembly.created_at, source=Source.BY_HAND)
    person.values = [RespondentValue(feature_id=gender.id, value_id=gender.values[0].id)]
    session.add(person)
    session.flush()
    with pytest.raises(ConflictError, match="registered with the value “weiblich”"):
        features.remove_feature(session, assembly, gender, by=organiser)
    less = dataclasses.replace(GENDER, values=[ValueSpec("divers"), GENDER.values[1]])
    with pytest.raises(ConflictError, match="registered with the value “weiblich”"):
        features.change_feature(session, assembly, gender, less, by=organiser)


def test_an_unused_feature_goes(session: Session, assembly: Assembly, gender: Feature, organiser: User) -> None:
    features.remove_feature(session, assembly, gender, by=organiser)
    assert features.features_of(session, assembly) == []
    with pytest.raises(NotFoundError):
        features.get_feature(session, 1, assembly=assembly)


def test_a_quota_is_changed_with_its_reason_and_its_flex_follows(
    session: Session, assembly: Assembly, gender: Feature, organiser: User
) -> None:
    value = gender.values[0]
    value.lower_flex, value.upper_flex = 23, 26
    with pytest.raises(RuleError, match="Say why"):
        features.set_quota(session, assembly, value, lower=22, upper=25, reason=" ", by=organiser)
    features.set_quota(session, assembly, value, lower=22, upper=27, reason="Too few registered", by=organiser)
    assert (value.lower_flex, value.lower, value.upper, value.upper_flex) == (22, 22, 27, 27)
    *_, last = logbook.entries_of(session, assembly)
    assert (last.action, last.details["reason"]) == ("quota_changed", "Too few registered")


def test_quotas_follow_from_shares(session: Session, assembly: Assembly, gender: Feature, organiser: User) -> None:
    assert features.recompute_quotas(session, assembly, tolerance=2, by=organiser) == 1
    assert [(value.lower, value.upper) for value in gender.values] == [(22, 26), (22, 26)]
    gender.values[0].share = None
    assert features.recompute_quotas(session, assembly, tolerance=0, by=organiser) == 0


def test_a_voluntary_feature_leaves_room_for_members_who_do_not_state_it() -> None:
    values = [ValueSpec("ja", Decimal(20)), ValueSpec("nein", Decimal(80)), ValueSpec(NOT_STATED, lower=0, upper=5)]
    spec = features.with_quotas(FeatureSpec("Sorgearbeit", values, is_voluntary=True), 50, tolerance=1)
    assert [(value.lower, value.upper) for value in spec.values] == [(9, 11), (36, 41), (0, 5)]


def test_shares_that_do_not_add_up_are_refused() -> None:
    spec = FeatureSpec("x", [ValueSpec("a", Decimal(50)), ValueSpec("b", Decimal("47.5"))])
    with pytest.raises(RuleError, match=r"“x” add up to 97.5 %, not to 100 %"):
        features.with_quotas(spec, 48, tolerance=1)


def test_the_samples_targets_come_in_and_again_change_nothing(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    read = read_target_file((DATA / "targets.csv").read_bytes(), "targets.csv", size=48)
    assert features.import_features(session, assembly, read.features, by=organiser) == (7, 0)
    entries = len(list(logbook.entries_of(session, assembly)))
    assert features.import_features(session, assembly, read.features, by=organiser) == (0, 7)
    assert len(list(logbook.entries_of(session, assembly))) == entries
    quotas = features.quotas_of(features.features_of(session, assembly), 48)
    assert quotas["Geschlecht"]["weiblich"] == Quota(24, 25, 22, 27)


def test_population_figures_become_quotas() -> None:
    read = read_target_file((DATA / "population.csv").read_bytes(), "population.csv", size=48)
    gender = read.features[0]
    assert [(value.name, value.lower, value.upper) for value in gender.values] == [
        ("weiblich", 23, 25),
        ("männlich", 23, 25),
        ("divers", 0, 1),
    ]
    assert gender.values[0].share == Decimal("50.244976")


def test_pasted_cells_are_read() -> None:
    pasted = "Merkmal\tAusprägung\tmin\tmax\nStadtteil\tNord\t3\t5\nStadtteil\tSüd\t4\t6\n"
    read = read_target_file(pasted.encode(), "text.csv", size=9)
    assert read.features == [FeatureSpec("Stadtteil", [ValueSpec("Nord", None, 3, 5), ValueSpec("Süd", None, 4, 6)])]


def test_problems_come_all_at_once_and_with_their_row() -> None:
    with pytest.raises(FileProblemsError) as caught:
        read_target_file(b"feature,value,min,max\nage,young,5,x\nage,old,9,3\n", "t.csv", size=9)
    assert [problem.rows for problem in caught.value.problems] == [(2,), (3,)]


def test_templates_can_be_added_as_they_are(session: Session, assembly: Assembly, organiser: User) -> None:
    for template in TEMPLATES:
        spec = template.spec(assembly.panel_size, consent="On the form, page 2")
        features.add_feature(session, assembly, spec, by=organiser)
    assert all(features.sums_of(feature, 48).fits for feature in features.features_of(session, assembly))
