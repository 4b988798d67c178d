"""Files of registrations: what is in them is understood, shown, imported whole or not at all, and undone exactly."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import (
    Assembly,
    Contact,
    Derivation,
    Exclusion,
    Household,
    Import,
    ImportState,
    LogEntry,
    Respondent,
    RespondentValue,
    Status,
    User,
)
from assembly.services import batches, households, imports, logbook, pool, registrations, respondents
from assembly.services.errors import ConflictError, RuleError, StorageError
from assembly.services.imports import reading
from assembly.services.imports.dates import ZONE
from assembly.services.imports.spellings import Certainty
from assembly.services.target_files import FileProblemsError
from sortition.files import load_instance
from tests.assembly.queries import counted
from tests.assembly.sample import DATA, add_feature, add_features, as_csv

ONE = {
    "id": "K1",
    "Vorname": "Ada",
    "Nachname": "Groß",
    "E-Mail": "ada@example.org",
    "Straße": "Hauptstr.",
    "PLZ": "62101",
}


def take(
    session: Session, assembly: Assembly, user: User, content: bytes, name: str = "a.csv", **decided: Any
) -> Import:
    """Upload, decide and import."""
    upload = imports.upload(session, assembly, content, name=name, by=user)
    if decided:
        columns = upload.mapping["columns"]
        decisions = {"columns": columns, "spellings": {}, "overwrite": False} | decided
        imports.decide(session, assembly, upload, **decisions)
    imports.apply_import(session, upload, by=user)
    session.commit()
    return upload


def look(session: Session, assembly: Assembly, user: User, content: bytes, name: str = "a.csv") -> imports.Preview:
    upload = imports.upload(session, assembly, content, name=name, by=user)
    return imports.preview(session, assembly, upload)


def snapshot(session: Session, assembly: Assembly) -> dict[str, Any]:
    """Return everything about the respondents that undoing must restore."""
    session.expire_all()
    homes: dict[int, list[str]] = {}
    people = list(session.scalars(sa.select(Respondent).where(Respondent.assembly_id == assembly.id)))
    for person in people:
        if person.household_id is not None:
            homes.setdefault(person.household_id, []).append(person.code)
    confirmed = {min(homes[one.id]): one.is_confirmed for one in session.scalars(sa.select(Household))}
    fields = [column.name for column in Contact.__table__.columns]
    return {
        "people": {
            person.code: (
                person.id,
                person.status,
                person.registered_at,
                {name: getattr(person.contact, name) for name in fields},
                {value.feature_id: value.value_id for value in person.values},
            )
            for person in people
        },
        "homes": sorted(sorted(codes) for codes in homes.values()),
        "confirmed": confirmed,
    }


def test_the_messy_workbook_becomes_the_same_pool_as_the_clean_file(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    add_features(session, assembly)
    take(session, assembly, organiser, (DATA / "respondents.xlsx").read_bytes(), "respondents.xlsx")
    clean = load_instance(
        DATA / "targets.csv",
        DATA / "respondents.csv",
        size=48,
        household_columns=["Straße", "Hausnummer", "PLZ"],
        voluntary=["Bildungsabschluss", "Migrationshintergrund", "Sorgearbeit", "Haltung"],
    ).instance
    found = pool.pool_rows(session, assembly)
    assert found.lacking == []
    assert len(found.rows) == 640
    assert [(row.code, row.values, row.household) for row in found.rows] == [
        (entry.id, entry.values, entry.household) for entry in clean.entries
    ]


def test_western_encodings_and_semicolons_are_read(session: Session, assembly: Assembly, organiser: User) -> None:
    add_features(session, assembly)
    with (DATA / "respondents.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if is_western("".join(row.values()))]
    take(session, assembly, organiser, as_csv(rows, delimiter=";", encoding="cp1252"))
    street = session.scalar(sa.select(Contact.street).join(Respondent).where(Respondent.code == "A0001"))
    assert street == rows[0]["Straße"] == "Mühlstraße"
    assert len(pool.pool_rows(session, assembly).rows) == len(rows) > 600


def is_western(text: str) -> bool:
    return text == text.encode("cp1252", "ignore").decode("cp1252")


def test_nothing_is_stored_before_it_is_confirmed(session: Session, assembly: Assembly, organiser: User) -> None:
    preview = look(session, assembly, organiser, as_csv([ONE]))
    assert preview.is_ready
    assert len(preview.comparison.adding) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(Respondent)) == 0


def test_headers_are_understood_in_german_and_english(session: Session, assembly: Assembly, organiser: User) -> None:
    feature = add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
    header = ["Lfd. Nr.", "Code", "First Name", "Familienname", "E-Mail-Adresse", "Telefonnr.", "Straße", "Nr."]
    header += ["PLZ", "Wohnort", "Geb.-Datum", "Sprache", "Eingegangen am", "Gender", "Bemerkung"]
    preview = look(session, assembly, organiser, as_csv([dict.fromkeys(header, "1")]))
    assert [column.meaning for column in preview.columns] == [
        *("", "code", "first_name", "last_name", "email", "phone", "street", "house_number", "postcode", "city"),
        *("birth_date", "language", "registered_at", f"feature:{feature.id}", ""),
    ]
    assert [column.header for column in preview.ignored] == ["Lfd. Nr.", "Bemerkung"]


def test_samples_are_the_first_different_cells(session: Session, assembly: Assembly, organiser: User) -> None:
    rows = [ONE | {"id": f"K{n}", "PLZ": plz} for n, plz in enumerate(["1", "1", "", "2", "3", "4"])]
    preview = look(session, assembly, organiser, as_csv(rows))
    assert preview.columns[5].samples == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("values", "text", "meaning"),
    [
        (["ja", "nein"], "JA ", "ja"),
        (["ja", "nein"], "x", "ja"),
        (["ja", "nein"], "yes", "ja"),
        (["weiblich", "männlich", "divers"], "w", "weiblich"),
        (["weiblich", "männlich", "divers"], "weibl.", "weiblich"),
        (["weiblich", "männlich", "divers"], "female", "weiblich"),
        (["16-24", "25-39", "70+"], "16 bis 24 Jahre", "16-24"),
        (["16-24", "25-39", "70+"], "70 und älter", "70+"),
        (["16-24", "25-39", "70+"], "ab 70", "70+"),
    ],
)
def test_well_known_spellings_are_recognised(
    session: Session, assembly: Assembly, organiser: User, *, values: list[str], text: str, meaning: str
) -> None:
    add_feature(session, assembly, "Merkmal", values)
    take(session, assembly, organiser, as_csv([{"id": "K1", "Merkmal": text}]))
    assert [row.values for row in pool.pool_rows(session, assembly).rows] == [{"Merkmal": meaning}]


def test_a_spelling_that_is_not_decided_yet_contradicts_nothing(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
    take(session, assembly, organiser, as_csv([{"id": "K1", "Geschlecht": "weiblich"}]))
    preview = look(session, assembly, organiser, as_csv([{"id": "K1", "Geschlecht": "weiblixh"}]))
    assert (preview.differences, preview.comparison.unchanged, len(preview.open_spellings)) == ([], 1, 1)


@pytest.mark.parametrize("text", ["70", "weiblich-ish", "16-25", "vielleicht", "m/w"])
def test_what_is_not_certain_is_asked(session: Session, assembly: Assembly, organiser: User, text: str) -> None:
    add_feature(session, assembly, "Merkmal", ["16-24", "70+", "weiblich", "männlich", "ja", "nein"])
    upload = imports.upload(session, assembly, as_csv([{"id": "K1", "Merkmal": text}]), name="a.csv", by=organiser)
    preview = imports.preview(session, assembly, upload)
    assert [(s.text, s.count, s.certainty) for s in preview.spellings] == [(text, 1, Certainty.OPEN)]
    with pytest.raises(RuleError, match="spellings"):
        imports.apply_import(session, upload, by=organiser)


def test_a_suggestion_is_confirmed_kept_for_the_next_file_and_forgotten_when_undone(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    feature = add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
    woman = feature.values[0]
    content = as_csv([{"id": "K1", "Geschlecht": "weiblixh"}, {"id": "K2", "Geschlecht": "Weiblixh"}])
    preview = look(session, assembly, organiser, content)
    (spelling,) = preview.spellings
    assert (spelling.count, spelling.suggestion) == (2, woman.id)
    done = take(session, assembly, organiser, content, spellings={feature.id: {spelling.key: woman.id}})
    assert [row.values for row in pool.pool_rows(session, assembly).rows] == [{"Geschlecht": "weiblich"}] * 2
    assert woman.spellings == ["weiblixh", "Weiblixh"]
    assert look(session, assembly, organiser, content).spellings == []
    imports.undo_import(session, done, by=organiser)
    assert woman.spellings == []


def test_a_spelling_can_be_decided_to_say_nothing(session: Session, assembly: Assembly, organiser: User) -> None:
    feature = add_feature(session, assembly, "Haltung", ["dafür", "dagegen"], voluntary=True)
    content = as_csv([{"id": "K1", "Haltung": "egal"}])
    key = look(session, assembly, organiser, content).spellings[0].key
    take(session, assembly, organiser, content, spellings={feature.id: {key: 0}})
    assert [row.values for row in pool.pool_rows(session, assembly).rows] == [{"Haltung": "not_stated"}]


def test_one_meaning_cannot_be_given_to_two_columns(session: Session, assembly: Assembly, organiser: User) -> None:
    upload = imports.upload(session, assembly, as_csv([ONE]), name="a.csv", by=organiser)
    columns = ["code", "first_name", "first_name", "", "", ""]
    with pytest.raises(RuleError, match="same meaning"):
        imports.decide(session, assembly, upload, columns=columns, spellings={}, overwrite=False)
    with pytest.raises(RuleError, match="do not fit"):
        imports.decide(session, assembly, upload, columns=["feature:99"] * 6, spellings={}, overwrite=False)


def test_problems_say_where_what_and_what_to_do(session: Session, assembly: Assembly, organiser: User) -> None:
    add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"])
    base = ONE | {"Geburtsdatum": "", "Geschlecht": "w"}
    rows = [
        base,
        base | {"id": "K2", "Nachname": "eins"},
        base | {"id": "K2", "Nachname": "zwei"},
        base | {"id": ""},
        base | {"id": "K4", "E-Mail": "keine"},
        base | {"id": "K5", "Geburtsdatum": "3/7/1985"},
        base | {"id": "K6", "Geschlecht": ""},
        base | {"id": "K7", "Vorname": "x" * 201},
        base | {"id": "K" * 101},
        base,
    ]
    preview = look(session, assembly, organiser, as_csv(rows))
    refused = {(p.rows, p.column): (str(p.what), str(p.what_to_do)) for p in preview.refused}
    assert refused[(3, 4), "id"][0] == "Several rows have this code, and they say different things."
    assert refused[(5,), "id"] == ("The code is blank.", "Give every person the code of their letter, or an id.")
    assert refused[(9,), "Vorname"][0] == "The text is longer than 200 characters."
    assert refused[(10,), "id"][0] == "The text is longer than 100 characters."
    assert preview.refused_rows == 5
    hints = {(p.rows, p.column): str(p.what) for p in preview.hints}
    assert hints == {
        ((6,), "E-Mail"): "This is no e-mail address.",
        ((7,), "Geburtsdatum"): "This is no date of birth, or it can be read in two ways.",
        ((8,), "Geschlecht"): "There is no value, but the lottery needs one.",
        ((11,), "id"): "This person stands in the file twice, in the same words.",
    }
    assert [change.draft.code for change in preview.comparison.adding] == ["K1", "K4", "K5", "K6"]


def test_nobody_has_registered_in_the_future(session: Session, assembly: Assembly, organiser: User) -> None:
    """A wrong year would keep everybody's data until then; today is as right as yesterday."""
    start = dt.datetime.now(dt.UTC).replace(microsecond=0)
    today = start.astimezone(ZONE).date()
    rows = [
        {"id": code, "Nachname": code, "Eingang": day}
        for code, day in (("K1", "2062-03-15"), ("K2", today.isoformat()), ("K3", "2026-03-15"))
    ]
    preview = look(session, assembly, organiser, as_csv(rows))
    assert [(p.rows, p.column, str(p.what)) for p in preview.hints] == [((2,), "Eingang", "This day is still to come.")]
    take(session, assembly, organiser, as_csv(rows))
    found = {code: respondents.find_by_code(session, assembly, code).registered_at for code in ("K1", "K2", "K3")}
    assert start <= found["K1"] <= dt.datetime.now(dt.UTC)
    assert [found[code].astimezone(ZONE).date() for code in ("K2", "K3")] == [today, dt.date(2026, 3, 15)]


def test_a_row_with_more_cells_than_the_header_is_left_out(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    preview = look(session, assembly, organiser, b"id,Nachname\nK1,Gross\nK2,Klein,von\n")
    assert [(p.rows, str(p.what)) for p in preview.refused] == [((3,), "The row has more cells than the header.")]


def test_a_file_without_codes_adds_everybody(session: Session, assembly: Assembly, organiser: User) -> None:
    upload = take(session, assembly, organiser, as_csv([{"Nachname": "Groß"}, {"Nachname": "Klein"}]))
    codes = list(session.scalars(sa.select(Respondent.code).order_by(Respondent.code)))
    assert codes == [f"I{upload.id}-2", f"I{upload.id}-3"]


def test_a_later_file_completes_and_shows_what_contradicts(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    add_feature(session, assembly, "Haltung", ["dafür", "dagegen"], voluntary=True)
    rows = [ONE | {"id": f"K{n}", "Haltung": "dafür"} for n in range(4)]
    take(session, assembly, organiser, as_csv([*rows[:3], rows[3] | {"E-Mail": "", "Haltung": ""}]))
    later = [rows[0], rows[1] | {"Nachname": "Gross", "Haltung": "keine Angabe"}, rows[2] | {"Nachname": ""}, rows[3]]
    new = ONE | {"id": "K9", "Haltung": "dagegen"}
    upload = imports.upload(session, assembly, as_csv([*later, new]), name="b.csv", by=organiser)
    preview = imports.preview(session, assembly, upload)
    found = preview.comparison
    assert (len(found.adding), len(found.completing), len(found.conflicting), found.unchanged) == (1, 1, 1, 2)
    haltung = preview.features[0]
    assert [(d.row, d.code, d.field, d.old, d.new) for d in preview.differences] == [
        (3, "K1", "last_name", "Groß", "Gross"),
        (3, "K1", f"feature:{haltung.id}", haltung.values[0].id, None),
    ]
    imports.apply_import(session, upload, by=organiser)
    names = dict(session.execute(sa.select(Respondent.code, Contact.last_name).join(Contact)).all())
    emails = dict(session.execute(sa.select(Respondent.code, Contact.email).join(Contact)).all())
    assert names["K1"] == "Groß"
    assert emails["K3"] == "ada@example.org"
    take(session, assembly, organiser, as_csv(later), overwrite=True)
    session.expire_all()
    person = respondents.find_by_code(session, assembly, "K1")
    assert person.contact is not None
    assert (person.contact.last_name, person.contact.surname_key) == ("Gross", "gross")
    assert [value.value_id for value in person.values] == [None]
    entry = session.scalars(sa.select(LogEntry).order_by(LogEntry.id.desc())).first()
    assert entry is not None
    assert entry.details["fields"] == {f"feature:{haltung.id}": 1, "last_name": 1}
    assert "Gross" not in str(entry.details)


def test_what_was_not_seen_is_not_imported(session: Session, assembly: Assembly, organiser: User) -> None:
    upload = imports.upload(session, assembly, as_csv([ONE]), name="a.csv", by=organiser)
    seen = imports.preview(session, assembly, upload).digest
    registrations.register(session, assembly, {"code": "K1", "last_name": "Anders"}, by=organiser)
    with pytest.raises(ConflictError, match="look again"):
        imports.apply_import(session, upload, by=organiser, seen=seen)
    assert upload.state is ImportState.UPLOADED


def test_an_equal_mailbox_only_suggests(session: Session, assembly: Assembly, organiser: User) -> None:
    take(session, assembly, organiser, as_csv([ONE]))
    partner = ONE | {"id": "K2", "Vorname": "Bo", "Straße": "Am Hang"}
    again = ONE | {"id": "K3", "Straße": "Hauptstraße"}
    preview = look(session, assembly, organiser, as_csv([partner, again]))
    assert [(one.code, one.other_code, one.kind) for one in preview.comparison.likenesses] == [
        ("K2", "K1", "email"),
        ("K3", "K1", "person"),
    ]
    assert len(preview.comparison.adding) == 2


def test_derived_values_follow_from_birth_date_and_postcode(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    assembly.reference_date = dt.date(2026, 3, 1)
    ages = {"16-24": [16, 24], "25+": [25, None]}
    add_feature(session, assembly, "Altersgruppe", list(ages), derived_from=Derivation.BIRTH_DATE, rules=ages)
    places = {"Nord": ["01067"], "Süd": ["62105"]}
    add_feature(session, assembly, "Stadtteil", list(places), derived_from=Derivation.POSTCODE, rules=places)
    rows = [
        {"id": "K1", "Geburtsdatum": "01.03.2001", "PLZ": "62105"},
        {"id": "K2", "Geburtsdatum": "2.3.2001", "PLZ": "1067"},
        {"id": "K3", "Geburtsdatum": "2011-01-01", "PLZ": "99999"},
    ]
    upload = imports.upload(session, assembly, as_csv(rows), name="a.csv", by=organiser)
    assert imports.preview(session, assembly, upload).comparison.too_young == [4]
    imports.apply_import(session, upload, by=organiser)
    found = pool.pool_rows(session, assembly)
    assert [(row.code, row.values) for row in found.rows] == [
        ("K1", {"Altersgruppe": "25+", "Stadtteil": "Süd"}),
        ("K2", {"Altersgruppe": "16-24", "Stadtteil": "Nord"}),
    ]
    young = respondents.find_by_code(session, assembly, "K3")
    assert (young.status, young.exclusion) == (Status.EXCLUDED, Exclusion.TOO_YOUNG)
    moved = take(session, assembly, organiser, as_csv([rows[0] | {"Geburtsdatum": "01.03.2002"}]), overwrite=True)
    assert pool.pool_rows(session, assembly).rows[0].values["Altersgruppe"] == "16-24"
    imports.undo_import(session, moved, by=organiser)
    assert pool.pool_rows(session, assembly).rows[0].values["Altersgruppe"] == "25+"


def test_undoing_restores_exactly_what_was(session: Session, assembly: Assembly, organiser: User) -> None:
    add_features(session, assembly)
    with (DATA / "respondents.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    take(session, assembly, organiser, as_csv(rows[:300]))
    homes, _ = households.shared_households(session, assembly, page=1, size=50)
    for home in homes:
        households.confirm(session, home, by=organiser)
    session.commit()
    before = snapshot(session, assembly)
    later = [row | {"Nachname": "Anders", "Haltung": "dagegen"} if n % 7 == 0 else row for n, row in enumerate(rows)]
    upload = take(session, assembly, organiser, as_csv(later), overwrite=True)
    changed = snapshot(session, assembly)
    assert len(changed["people"]) == 640
    assert changed["people"]["A0001"] != before["people"]["A0001"]
    assert changed["confirmed"] != before["confirmed"]
    imports.undo_import(session, upload, by=organiser)
    session.commit()
    assert snapshot(session, assembly) == before
    assert upload.state is ImportState.UNDONE
    assert logbook.first_fault(logbook.entries_of(session, assembly)) is None


def test_undoing_is_refused_once_somebody_was_drawn(session: Session, assembly: Assembly, organiser: User) -> None:
    upload = take(session, assembly, organiser, as_csv([ONE]))
    assert not imports.is_used(session, upload)
    respondents.move(session, respondents.find_by_code(session, assembly, "K1"), Status.WITHDRAWN, by=organiser)
    assert imports.is_used(session, upload)
    with pytest.raises(ConflictError, match="no longer be undone"):
        imports.undo_import(session, upload, by=organiser)


def test_undoing_is_refused_while_something_later_stands_on_it(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    early = imports.upload(session, assembly, as_csv([ONE | {"Nachname": "Neu"}]), name="b.csv", by=organiser)
    first = take(session, assembly, organiser, as_csv([ONE]))
    imports.decide(session, assembly, early, columns=early.mapping["columns"], spellings={}, overwrite=True)
    imports.apply_import(session, early, by=organiser)  # uploaded before the other one, but applied after it
    with pytest.raises(ConflictError, match="later one first"):
        imports.undo_import(session, first, by=organiser)
    imports.undo_import(session, early, by=organiser)
    registrations.change(
        session, respondents.find_by_code(session, assembly, "K1"), {"last_name": "Hand"}, by=organiser
    )
    with pytest.raises(ConflictError, match="1 of its registrations were changed by hand"):
        imports.undo_import(session, first, by=organiser)


def test_a_person_who_gets_the_number_of_a_removed_one_has_a_history_of_their_own(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    upload = take(session, assembly, organiser, as_csv([ONE]))
    person = respondents.find_by_code(session, assembly, "K1")
    respondents.exclude(session, person, Exclusion.NOT_RESIDENT, by=organiser)
    number = person.id
    imports.undo_import(session, upload, by=organiser)
    session.commit()
    other = registrations.register(session, assembly, {"code": "X", "last_name": "Andere"}, by=organiser)
    assert other.id == number
    assert [event.action for event in pool.history(session, other)] == ["registration_added"]


def test_an_interrupted_import_leaves_nothing(
    session: Session, assembly: Assembly, organiser: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    rows = [ONE | {"id": f"K{n}"} for n in range(5)]
    upload = imports.upload(session, assembly, as_csv(rows), name="a.csv", by=organiser)
    session.commit()

    def die(done: int, total: int) -> None:
        assert total == 5
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.apply_import(session, upload, by=organiser, progress=die)
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Respondent)) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(RespondentValue)) == 0
    told: list[tuple[int, int]] = []
    imports.apply_import(session, upload, by=organiser, progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 5), (4, 5), (5, 5)]
    assert upload.content == b""


def test_a_second_click_does_not_import_twice(session: Session, assembly: Assembly, organiser: User) -> None:
    upload = take(session, assembly, organiser, as_csv([ONE]))
    with pytest.raises(ConflictError, match="meanwhile"):
        imports.apply_import(session, upload, by=organiser)


def test_a_bomb_is_refused_before_it_is_opened(
    session: Session, assembly: Assembly, organiser: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"\0" * (90 << 20))
    assert len(stream.getvalue()) < 1 << 20
    monkeypatch.setattr(reading, "open_table", lambda *_args, **_more: pytest.fail("it was opened"))
    with pytest.raises(FileProblemsError) as caught:
        imports.upload(session, assembly, stream.getvalue(), name="a.xlsx", by=organiser)
    assert [str(problem.what) for problem in caught.value.problems] == ["The workbook is too large when unpacked."]


def test_too_many_rows_and_bytes_are_refused(
    session: Session, assembly: Assembly, organiser: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    with pytest.raises(FileProblemsError) as caught:
        imports.upload(session, assembly, as_csv([ONE] * 3), name="a.csv", by=organiser)
    assert [str(problem.what) for problem in caught.value.problems] == ["The table has more than 2 rows."]
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    with pytest.raises(FileProblemsError) as caught:
        imports.upload(session, assembly, as_csv([ONE]), name="a.csv", by=organiser)
    assert [str(problem.what) for problem in caught.value.problems] == ["The file is larger than 32 MB."]


def test_a_full_disk_is_said_and_stores_nothing(
    session: Session, assembly: Assembly, organiser: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="Nothing was stored"):
        imports.upload(session, assembly, as_csv([ONE]), name="a.csv", by=organiser)
    assert session.scalar(sa.select(sa.func.count()).select_from(Import)) == 0


def test_no_temporary_file_is_left(
    session: Session, assembly: Assembly, organiser: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading.tempfile, "tempdir", str(tmp_path / "empty"))
    (tmp_path / "empty").mkdir()
    imports.upload(session, assembly, as_csv([ONE]), name="a.csv", by=organiser)
    with pytest.raises(FileProblemsError):
        imports.upload(session, assembly, b"\0\1\2", name="a.csv", by=organiser)
    assert list((tmp_path / "empty").iterdir()) == []


def test_dates_of_workbooks_are_dates(session: Session, assembly: Assembly, organiser: User) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["ID", "Geburtsdatum", "Eingang"])
    sheet.append(["K1", dt.date(1980, 12, 31), dt.datetime.fromisoformat("2026-03-15T18:30")])
    stream = io.BytesIO()
    workbook.save(stream)
    take(session, assembly, organiser, stream.getvalue(), "a.xlsx")
    person = respondents.find_by_code(session, assembly, "K1")
    assert person.contact is not None
    assert person.contact.birth_date == dt.date(1980, 12, 31)
    assert person.registered_at == dt.datetime(2026, 3, 15, 17, 30, tzinfo=dt.UTC)


def test_gaps_in_the_rows_do_not_split_the_statements(session: Session, assembly: Assembly, organiser: User) -> None:
    """Answers left out in every second row are stored in the same statement as those that were given."""
    add_feature(session, assembly, "Geschlecht", ["weiblich", "männlich"], voluntary=True)
    rows = [{"id": f"K{n}", "Geschlecht": "weiblich" if n % 2 else ""} for n in range(40)]
    with counted(session.get_bind()) as sent:  # type: ignore[arg-type]  # an engine
        take(session, assembly, organiser, as_csv(rows))
    for table in ("respondents", "contacts", "respondent_values"):
        assert len([statement for statement in sent if statement.startswith(f"INSERT INTO {table} ")]) == 1


def refusal(session: Session, assembly: Assembly, user: User, content: bytes, name: str) -> str:
    with pytest.raises(FileProblemsError) as caught:
        imports.upload(session, assembly, content, name=name, by=user)
    (problem,) = caught.value.problems
    return str(problem.what)


def test_what_is_plainly_another_file_is_refused(session: Session, assembly: Assembly, organiser: User) -> None:
    add_features(session, assembly)
    found = [
        refusal(session, assembly, organiser, content, name)
        for content, name in (
            (as_csv([ONE]), "Anmeldungen.PDF"),
            (b"%PDF-1.7\n1 0 obj\n", "a.csv"),
            (b"Sehr geehrte Damen und Herren,\nich melde mich an.\n", "brief.txt"),
            ((DATA / "targets.csv").read_bytes(), "targets.csv"),
            ((DATA / "population.csv").read_bytes(), "population.csv"),
        )
    ]
    targets = "“Merkmal”, “Ausprägung”, “min”, “max”, “min_flex”, “max_flex”"
    assert found == [
        "The file is called “.pdf”: that is no table.",
        "The file is a document (PDF), not a table.",
        "This is no table of registrations: it has one column only, “Sehr geehrte Damen und Herren”.",
        f"This is likely the wrong file: it has the columns of targets ({targets}).",
        "This is likely the wrong file: it has the columns of targets (“Merkmal”, “Ausprägung”, “Personen”, “Anteil”).",
    ]
    assert session.scalar(sa.select(sa.func.count()).select_from(Import)) == 0


def test_a_sheet_of_targets_beside_the_registrations_does_no_harm(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    add_feature(session, assembly, "Geschlecht", ["weiblich"])
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    for row in (["Merkmal", "Ausprägung", "min", "max"], ["Geschlecht", "weiblich", 1, 2]):
        first.append(row)
    second = book.create_sheet("Anmeldungen")
    for row in (["id", "Nachname", "Geschlecht"], ["K1", "Groß", "weiblich"]):
        second.append(row)
    stream = io.BytesIO()
    book.save(stream)
    found = look(session, assembly, organiser, stream.getvalue(), "a.xlsx")
    assert [change.draft.code for change in found.comparison.adding] == ["K1"]


def test_a_file_without_a_known_column_is_looked_at_but_knows_nobody(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    found = look(session, assembly, organiser, as_csv([{"x": "1", "y": "2", "Zeitstempel": "2026-01-02"}]))
    assert (found.knows_people, found.changes) == (False, 0)
    assert look(session, assembly, organiser, as_csv([{"id": "K1", "y": "2"}])).knows_people


@pytest.mark.parametrize(
    ("stored", "written", "contradicts"),
    [
        ("Mühlstraße", "Mühlstr.", False),
        ("Mühlstr.", "Muehlstrasse", False),
        ("Sankt-Anna-Platz", "St. Anna Pl.", False),
        ("Mühlstraße", "Mühlweg", True),
        ("", "Mühlstr.", False),
    ],
)
def test_a_street_written_in_another_way_contradicts_nothing(
    session: Session, assembly: Assembly, organiser: User, stored: str, written: str, *, contradicts: bool
) -> None:
    take(session, assembly, organiser, as_csv([ONE | {"Straße": stored, "Hausnummer": "12 a"}]))
    found = look(session, assembly, organiser, as_csv([ONE | {"Straße": written, "Hausnummer": "12A"}])).comparison
    assert [len(found.conflicting), len(found.completing), found.unchanged] == (
        [1, 0, 0] if contradicts else [0, 1, 0] if not stored else [0, 0, 1]
    )
