"""The pool is searched, filtered, sorted and counted right, with as many queries for many people as for few."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from assembly import database
from assembly.models import Assembly, Exclusion, Respondent, Status, User
from assembly.services import (
    accounts,
    assemblies,
    duplicates,
    exports,
    households,
    imports,
    logbook,
    pool,
    registrations,
    respondents,
)
from assembly.services.contacts import CONTACT_FIELDS
from assembly.services.errors import ConflictError, RuleError
from assembly.services.imports.columns import possible_meanings
from assembly.services.pool import Filter, Sort
from assembly.services.registrations import value_field
from tests.assembly.conftest import WORDS
from tests.assembly.engines import Engines
from tests.assembly.queries import counted
from tests.assembly.sample import DATA, add_feature, add_features, as_csv
from tests.assembly.services.test_imports import take


@pytest.fixture
def sample(session: Session, assembly: Assembly, organiser: User) -> Assembly:
    add_features(session, assembly)
    take(session, assembly, organiser, (DATA / "respondents.csv").read_bytes())
    return assembly


def codes(session: Session, assembly: Assembly, wanted: Filter, **more: Any) -> list[str]:
    return [one.code for one in pool.find(session, assembly, wanted, **more).people]


def test_a_page_has_50_and_the_last_one_the_rest(session: Session, sample: Assembly) -> None:
    first = pool.find(session, sample, Filter())
    assert (len(first.people), first.number, first.pages, first.total) == (50, 1, 13, 640)
    beyond = pool.find(session, sample, Filter(), page=99)
    assert (beyond.number, len(beyond.people), beyond.people[-1].code) == (13, 40, "A0640")
    searched = [pool.find(session, sample, Filter(search="example"), page=number) for number in (1, 2, 10**30)]
    assert [one.number for one in searched] == [1, 2, searched[0].pages]
    assert {one.total for one in searched} == {searched[0].total}
    assert len(searched[2].people) == searched[0].total - 50 * (searched[0].pages - 1) > 0
    nobody = pool.find(session, sample, Filter(search="zzz"), page=99)
    assert (nobody.people, nobody.total, nobody.number, nobody.pages) == ([], 0, 1, 1)
    assert nobody.by_status == {Status.REGISTERED: 640}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("a0003", ["A0003"]),
        ("krawczyk anton", ["A0003"]),
        ("anton a0003 kraw", ["A0003"]),
        ("ANTON.krawczyk@", ["A0003"]),
        ("jaeger franziska", ["A0005"]),
        ("Jäger FRANZ", ["A0005"]),
        ("100%", []),
        ("_", []),
    ],
)
def test_people_are_found_however_their_name_is_written(
    session: Session, sample: Assembly, search: str, found: list[str]
) -> None:
    assert codes(session, sample, Filter(search=search)) == found


def test_people_are_found_by_their_code_after_a_correction_its_undoing_and_their_erasure(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    take(session, assembly, organiser, as_csv([{"id": "KÄ-1", "Nachname": "Roth"}, {"id": "KÄ-2", "Nachname": "Blau"}]))
    corrected = take(session, assembly, organiser, as_csv([{"id": "KÄ-1", "Nachname": "Grün"}]), overwrite=True)
    assert codes(session, assembly, Filter(search="kä-1 grün")) == ["KÄ-1"]
    imports.undo_import(session, corrected, by=organiser)
    assert codes(session, assembly, Filter(search="kä-1 roth")) == ["KÄ-1"]
    person = respondents.find_by_code(session, assembly, "KÄ-1")
    registrations.change(session, person, {"last_name": "Gelb"}, by=organiser)
    assert codes(session, assembly, Filter(search="gelb kä-1")) == ["KÄ-1"]
    long = registrations.register(session, assembly, {"last_name": "Weiß", "street": "Ä" * 200}, by=organiser)
    assert codes(session, assembly, Filter(search=long.code)) == [long.code]
    respondents.erase(session, person, by=organiser)
    assert codes(session, assembly, Filter(search=f"erased-{person.id}")) == [f"erased-{person.id}"]
    assert [codes(session, assembly, Filter(search=text)) for text in ("kä-1", "gelb")] == [[], []]


def test_a_search_goes_through_an_index_and_not_the_rows(session: Session, assembly: Assembly) -> None:
    with counted(session.get_bind()) as sent:  # type: ignore[arg-type]  # an engine
        pool.find(session, assembly, Filter(search="krawczyk anton"))
    [search] = [statement for statement in sent if "LIKE" in statement]
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {search}", tuple("x" * search.count("?")))
    steps = [row[3] for row in plan]
    assert "SCAN contacts USING COVERING INDEX ix_contacts_search" in steps
    assert "SEARCH respondents USING INTEGER PRIMARY KEY (rowid=?)" in steps


def test_both_databases_find_the_same_and_postgresql_goes_by_the_parts_of_texts(
    sessions: sessionmaker[Session], engines: Engines
) -> None:
    with sessions() as session:
        organiser = accounts.create_account(session, email="o@example.org", name="O")
        assembly = assemblies.create_assembly(session, WORDS, by=organiser)
        people = [
            {"id": f"K{number:04}", "Nachname": "Ärmel" if number % 500 == 7 else "Roth"} for number in range(2000)
        ]
        take(session, assembly, organiser, as_csv([*people, {"id": "L1", "Nachname": "O_%"}]))
        seven = [f"K{number:04}" for number in range(7, 2000, 500)]
        for search, found in (("aermel", seven), ("ÄRM k05", seven[1:2]), ("l1", ["L1"]), ("_%", ["L1"]), ("zzzz", [])):
            assert codes(session, assembly, Filter(search=search)) == found
        if session.get_bind().dialect.name == "postgresql":
            plan = "EXPLAIN SELECT respondent_id FROM contacts WHERE search LIKE '%aermel%'"
            steps = "\n".join(session.connection().exec_driver_sql(plan.replace("%", "%%"), ()).scalars())
            assert "ix_contacts_search_parts" in steps


def test_filters_are_combined(session: Session, sample: Assembly, organiser: User) -> None:
    gender = pool.composition(session, sample)[0]
    diverse = next(value for value in gender.values if value.name == "divers")
    everybody = codes(session, sample, Filter(value_id=diverse.value_id))
    assert len(everybody) == diverse.count > 1
    person = respondents.find_by_code(session, sample, everybody[0])
    respondents.exclude(session, person, Exclusion.OWN_WISH, by=organiser)
    wanted = Filter(value_id=diverse.value_id, status=Status.EXCLUDED, exclusion=Exclusion.OWN_WISH)
    assert codes(session, sample, wanted) == everybody[:1]
    assert codes(session, sample, Filter(exclusion=Exclusion.TOO_YOUNG)) == []
    assert len(codes(session, sample, Filter(shares_household=True))) == 50
    degree = pool.composition(session, sample)[3]
    assert degree.is_voluntary
    assert pool.find(session, sample, Filter(lacking=degree.feature_id)).total == degree.lacking > 0


def test_names_are_sorted_as_germans_sort_them(session: Session, assembly: Assembly, organiser: User) -> None:
    rows = [{"id": str(n), "Nachname": name} for n, name in enumerate(["Zorn", "Ähre", "müller", "Mucha", "Abel"])]
    take(session, assembly, organiser, as_csv(rows))
    found = pool.find(session, assembly, Filter(), sort=Sort.NAME).people
    assert [one.last_name for one in found] == ["Abel", "Ähre", "Mucha", "müller", "Zorn"]
    assert codes(session, assembly, Filter(), sort=Sort.CODE, descending=True) == ["4", "3", "2", "1", "0"]


def test_a_page_says_what_everybody_on_it_answered(session: Session, sample: Assembly) -> None:
    page = pool.find(session, sample, Filter(search="schuster"))
    people = [session.get_one(Respondent, one.id) for one in page.people]
    assert people
    assert page.values == {one.id: {v.feature_id: v.value.name for v in one.values if v.value} for one in people}


def test_a_list_of_many_takes_as_many_queries_as_one_of_few(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    add_features(session, assembly)
    rows = (DATA / "respondents.csv").read_bytes().splitlines(keepends=True)
    numbers = []
    for count in (3, 300):
        take(session, assembly, organiser, b"".join(rows[: count + 1]))
        session.expire_all()
        with counted(session.get_bind()) as sent:  # type: ignore[arg-type]  # an engine
            pool.find(session, assembly, Filter(search="e", is_suspected=True))
            page = pool.find(session, assembly, Filter())
            for one in page.people:
                assert set(page.values[one.id].values())
            pool.pool_rows(session, assembly)
            pool.composition(session, assembly)
        numbers.append(len(sent))
    assert numbers[0] == numbers[1] <= 12


def test_the_composition_is_one_query_and_counts_only_the_pool(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    feature = add_feature(session, assembly, "Haltung", ["dafür", "dagegen"], voluntary=True)
    feature.values[0].share = Decimal(60)
    stances = ["dafür", "dafür", "dagegen", "keine Angabe", "", "dafür"]
    take(session, assembly, organiser, as_csv([{"id": f"K{n}", "Haltung": text} for n, text in enumerate(stances)]))
    out = respondents.find_by_code(session, assembly, "K0")
    respondents.exclude(session, out, Exclusion.NOT_RESIDENT, by=organiser)
    session.commit()
    assembly.id  # noqa: B018  # loaded anew before counting
    with counted(session.get_bind()) as sent:  # type: ignore[arg-type]  # an engine
        (found,) = pool.composition(session, assembly)
    assert len(sent) == 1
    assert [(value.name, value.count, value.share) for value in found.values] == [
        ("dafür", 2, Decimal(60)),
        ("dagegen", 1, None),
    ]
    assert (found.pool, found.lacking) == (5, 2)
    assert pool.status_counts(session, assembly) == (
        {Status.REGISTERED: 5, Status.EXCLUDED: 1},
        {Exclusion.NOT_RESIDENT: 1},
    )


def test_counts_are_kept_until_a_door_changes_them(session: Session, assembly: Assembly, organiser: User) -> None:
    """Each door that adds, removes or moves somebody, in turn: pages count as if nothing were kept."""

    def shown() -> pool.Counts:
        session.commit()
        assembly.id  # noqa: B018  # loaded anew before counting
        with database.reading(), counted(session.get_bind()) as sent:  # type: ignore[arg-type]  # an engine
            found = pool.status_counts(session, assembly)
            session.rollback()
        statements.append(len(sent))
        return found

    def person(code: str) -> Respondent:
        return respondents.find_by_code(session, assembly, code)

    statements: list[int] = []
    take(session, assembly, organiser, as_csv([{"id": f"K{number}", "Nachname": "A"} for number in range(9)]))
    for _ in range(2):
        assert shown() == ({Status.REGISTERED: 9}, {})
    assert statements[-1] == 1  # the head alone
    upload = take(session, assembly, organiser, as_csv([{"id": "L1", "Nachname": "B"}]))
    assert shown() == ({Status.REGISTERED: 10}, {})
    imports.undo_import(session, upload, by=organiser)
    assert shown() == ({Status.REGISTERED: 9}, {})
    registrations.register(session, assembly, {"code": "M1", "last_name": "C"}, by=organiser)
    assert shown() == ({Status.REGISTERED: 10}, {})
    respondents.exclude(session, person("K1"), Exclusion.NOT_RESIDENT, by=organiser)
    assert shown() == ({Status.REGISTERED: 9, Status.EXCLUDED: 1}, {Exclusion.NOT_RESIDENT: 1})
    respondents.readmit(session, person("K1"), by=organiser)
    assert shown() == ({Status.REGISTERED: 10}, {})
    respondents.move(session, person("K1"), Status.WITHDRAWN, by=organiser)
    assert shown() == ({Status.REGISTERED: 9, Status.WITHDRAWN: 1}, {})
    duplicates.decide_same(session, person("K2"), person("K3"), by=organiser)
    assert shown() == (
        {Status.REGISTERED: 8, Status.EXCLUDED: 1, Status.WITHDRAWN: 1},
        {Exclusion.DUPLICATE: 1},
    )
    respondents.erase(session, person("K1"), by=organiser)
    assert shown() == ({Status.REGISTERED: 8, Status.EXCLUDED: 1, Status.ERASED: 1}, {Exclusion.DUPLICATE: 1})


def test_counts_of_what_is_not_written_yet_are_not_kept(session: Session, assembly: Assembly, organiser: User) -> None:
    take(session, assembly, organiser, as_csv([{"id": "K1"}, {"id": "K2"}]))
    session.commit()
    respondents.find_by_code(session, assembly, "K1").status = Status.DRAWN
    session.flush()
    assert pool.status_counts(session, assembly) == ({Status.REGISTERED: 1, Status.DRAWN: 1}, {})
    session.rollback()
    with database.reading():
        assert pool.status_counts(session, assembly) == ({Status.REGISTERED: 2}, {})


def test_who_lacks_a_compulsory_value_is_not_in_the_pool_rows(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
    add_feature(session, assembly, "Haltung", ["dafür", "dagegen"], voluntary=True)
    rows = [{"id": "K1", "Geschlecht": "w", "Haltung": ""}, {"id": "K2", "Geschlecht": "", "Haltung": "dafür"}]
    take(session, assembly, organiser, as_csv(rows))
    found = pool.pool_rows(session, assembly)
    assert [(row.code, row.values) for row in found.rows] == [
        ("K1", {"Geschlecht": "weiblich", "Haltung": "not_stated"})
    ]
    assert [(row.code, row.features, row.feature) for row in found.lacking] == [("K2", ["Geschlecht"], "Geschlecht")]
    assert repr(found.rows[0]) == f"PoolRow({found.rows[0].respondent_id})"


def test_a_household_of_which_one_was_excluded_binds_nobody(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    home = {"Nachname": "Roth", "Straße": "Amselweg", "Hausnummer": "3", "PLZ": "62104"}
    take(session, assembly, organiser, as_csv([home | {"id": "K1"}, home | {"id": "K2"}, home | {"id": "K3"}]))
    assert [row.household for row in pool.pool_rows(session, assembly).rows] == ["h1", "h1", "h1"]
    for code in ("K1", "K2"):
        respondents.exclude(
            session, respondents.find_by_code(session, assembly, code), Exclusion.OWN_WISH, by=organiser
        )
    assert [row.household for row in pool.pool_rows(session, assembly).rows] == [None]


def test_an_edit_logs_which_fields_changed_and_not_what_stands_in_them(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    feature = add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
    woman, man = (value.id for value in feature.values)
    values = {"first_name": "Ada", "last_name": "Roth", "street": "Amselweg", value_field(feature): woman}
    person = registrations.register(session, assembly, values, by=organiser)
    assert (person.code, pool.values_of(session, person)) == ("H0001", {feature.id: "weiblich"})
    changed = registrations.change(
        session, person, values | {"last_name": "Geheim", value_field(feature): man}, by=organiser
    )
    assert changed == ["last_name", f"feature:{feature.id}"]
    assert pool.values_of(session, person) == {feature.id: "männlich"}
    entry = list(logbook.entries_of(session, assembly))[-1]
    assert (entry.action, entry.details) == ("registration_changed", {"fields": changed})
    assert registrations.change(session, person, {}, by=organiser) == []
    assert codes(session, assembly, Filter(search="geheim")) == ["H0001"]
    assert codes(session, assembly, Filter(search="roth")) == []


def test_a_registration_by_hand_needs_a_name_a_free_code_and_the_compulsory_values(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    feature = add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
    values = {"last_name": "Roth", "code": "K1", value_field(feature): feature.values[0].id}
    registrations.register(session, assembly, values, by=organiser)
    for wrong, field, kind in (
        ({"code": "K1"}, "code", ConflictError),
        ({"code": "", "last_name": " "}, "last_name", RuleError),
        ({"code": "", value_field(feature): None}, value_field(feature), RuleError),
        ({"code": "", value_field(feature): 4711}, value_field(feature), RuleError),
    ):
        with pytest.raises(kind) as caught:
            registrations.register(session, assembly, values | wrong, by=organiser)
        assert caught.value.field == field


def test_an_address_that_is_edited_makes_a_household(session: Session, assembly: Assembly, organiser: User) -> None:
    home = {"last_name": "Roth", "street": "Amselweg", "house_number": "3"}
    one = registrations.register(session, assembly, home, by=organiser)
    other = registrations.register(session, assembly, home | {"street": "Am Hang"}, by=organiser)
    assert pool.housemates(session, one) == []
    registrations.change(session, other, {"street": "Amsel-Weg"}, by=organiser)
    session.refresh(one)
    assert pool.housemates(session, one) == [other]


def test_exports_are_safe_and_can_be_imported_without_change(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
    rows = [
        {"id": "K1", "Vorname": "=1+1", "Nachname": "Groß", "Telefon": "+49 171 5550199", "Geschlecht": "w"},
        {"id": "K2", "Vorname": "@SUM(A1)", "Nachname": "-2", "Telefon": "0171", "Geschlecht": "m"},
    ]
    take(session, assembly, organiser, as_csv(rows))
    before = [(row.code, row.values) for row in pool.pool_rows(session, assembly).rows]
    names = dict(zip(exports.COLUMNS, exports.COLUMNS, strict=True)) | {"first_name": "Vorname", "phone": "Telefon"}
    words = {status.value: status.value for status in Status}
    for kind in ("csv", "xlsx"):
        content = exports.export_pool(session, assembly, kind=kind, names=names, words=words, by=organiser)  # type: ignore[arg-type]  # one of the two
        if kind == "csv":
            assert content.startswith(b"\xef\xbb\xbf")
            assert "'=1+1" in content.decode()
            assert ",=" not in content.decode()
        upload = imports.upload(session, assembly, content, name=f"pool.{kind}", by=organiser)
        found = imports.preview(session, assembly, upload)
        assert (found.comparison.unchanged, found.changes, len(found.hints)) == (2, 0, 0)
    assert [(row.code, row.values) for row in pool.pool_rows(session, assembly).rows] == before
    assert list(logbook.entries_of(session, assembly))[-1].details == {"kind": "xlsx", "people": 2}


def test_every_contact_field_can_be_imported() -> None:
    assert set(CONTACT_FIELDS) < set(possible_meanings([]))


def test_values_of_a_filter_never_end_in_a_log() -> None:
    assert repr(Filter(search="Zerlina")) == "Filter(…)"


def test_the_sample_has_households(session: Session, sample: Assembly) -> None:
    found, total = households.shared_households(session, sample, page=1, size=1000)
    assert total == len(found) > 20
    people = session.scalar(sa.select(sa.func.count()).where(Respondent.household_id.is_not(None)))
    assert people == sum(len(home.respondents) for home in found)
