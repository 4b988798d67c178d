"""The sample city in data/: made by its generator, lifelike where it matters, and its panel can be drawn."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from sortition.model import NOT_STATED, Entry, Instance, Quota
from sortition.polytope import Polytope
from tests.project import ROOT, run_python

DATA = ROOT / "data"
GENERATOR = DATA / "generate.py"
SIZE = 48
VOLUNTARY = ("Bildungsabschluss", "Migrationshintergrund", "Sorgearbeit", "Haltung")
FEATURES = ("Geschlecht", "Altersgruppe", "Stadtteil", *VOLUNTARY)
UNSTATED = ("", "keine Angabe", "k. A.")
ADDRESS = ("Straße", "Hausnummer", "PLZ", "Ort")


def read(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with everything the generator makes."""
    folder = tmp_path_factory.mktemp("sample")
    run_python(GENERATOR, "--sample", folder)
    run_python(GENERATOR, "--register", folder / "register.csv")
    return folder


@pytest.fixture(scope="module")
def respondents() -> list[dict[str, str]]:
    return read(DATA / "respondents.csv")


@pytest.fixture(scope="module")
def households(respondents: list[dict[str, str]]) -> dict[tuple[str, ...], list[str]]:
    """Return address and surname → ids."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in respondents:
        groups[(*(row[column] for column in ADDRESS), row["Nachname"])].append(row["id"])
    return groups


@pytest.mark.parametrize("name", ["respondents.csv", "population.csv", "targets.csv"])
def test_the_generator_makes_the_committed_tables_byte_for_byte(made: Path, name: str) -> None:
    assert (made / name).read_bytes() == (DATA / name).read_bytes()


def test_the_generator_makes_the_committed_workbook_cell_for_cell(made: Path) -> None:
    def cells(path: Path) -> list[tuple[str, list[tuple[object, ...]]]]:
        return [(sheet.title, list(sheet.values)) for sheet in openpyxl.load_workbook(path)]

    assert cells(made / "respondents.xlsx") == cells(DATA / "respondents.xlsx")


def test_the_register_has_fifty_thousand_residents_and_only_what_registers_know(made: Path) -> None:
    register = read(made / "register.csv")
    assert len(register) == 50_000
    assert list(register[0]) == [
        *("Registernummer", "Nachname", "Vorname", "Geschlecht", "Geburtsdatum"),
        *(*ADDRESS, "Stadtteil"),
    ]
    assert max(row["Geburtsdatum"] for row in register) <= "2010-03-01", "everyone is 16 or more"


def test_registrants_come_from_the_register(made: Path, respondents: list[dict[str, str]]) -> None:
    known = ("Nachname", "Vorname", "Geschlecht", *ADDRESS, "Stadtteil")
    register = Counter(tuple(row[column] for column in known) for row in read(made / "register.csv"))
    assert not Counter(tuple(row[column] for column in known) for row in respondents) - register


def test_population_shares_are_the_residents(made: Path) -> None:
    shares = read(DATA / "population.csv", delimiter=";")
    register = read(made / "register.csv")
    for feature in ("Geschlecht", "Stadtteil"):
        counts = Counter(row[feature] for row in register)
        assert {row["Ausprägung"]: int(row["Personen"]) for row in shares if row["Merkmal"] == feature} == counts
    for row in shares:
        assert row["Anteil"] == f"{int(row['Personen']) / 500:.2f}".replace(".", ",")


def test_registrations_are_synthetic_and_complete(respondents: list[dict[str, str]]) -> None:
    assert list(respondents[0]) == ["id", "Vorname", "Nachname", "E-Mail", *ADDRESS, *FEATURES]
    assert [row["id"] for row in respondents] == [f"A{number:04}" for number in range(1, 641)]
    assert len({row["E-Mail"] for row in respondents}) == 640
    assert all(row["E-Mail"].isascii() and row["E-Mail"].endswith("@example.org") for row in respondents)
    assert all(row["PLZ"].startswith("62") for row in respondents)


def test_only_voluntary_features_are_left_out_and_in_every_way(respondents: list[dict[str, str]]) -> None:
    for feature in FEATURES:
        ways = {row[feature] for row in respondents} & set(UNSTATED)
        assert ways == (set(UNSTATED) if feature in VOLUNTARY else set())


def test_registrants_select_themselves_by_schooling_and_age(respondents: list[dict[str, str]]) -> None:
    population = {
        (row["Merkmal"], row["Ausprägung"]): int(row["Personen"]) for row in read(DATA / "population.csv", ";")
    }

    def excess(feature: str, value: str) -> float:
        stated = [row[feature] for row in respondents if row[feature] not in UNSTATED]
        return stated.count(value) / len(stated) - population[feature, value] / 50_000

    assert excess("Bildungsabschluss", "Hochschule") > 0.1
    assert excess("Bildungsabschluss", "Hauptschule oder keiner") < -0.1
    assert excess("Altersgruppe", "55-69") > 0.04
    assert excess("Altersgruppe", "70+") < -0.04


def test_couples_families_and_strangers_under_one_roof(
    respondents: list[dict[str, str]], households: dict[tuple[str, ...], list[str]]
) -> None:
    sizes = Counter(len(ids) for ids in households.values())
    assert sizes[2] >= 50
    assert sum(number for size, number in sizes.items() if size >= 3) >= 5
    names_at: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in respondents:
        names_at[tuple(row[column] for column in ADDRESS)].add(row["Nachname"])
    assert sum(len(names) > 4 for names in names_at.values()) >= 2


def test_the_messy_workbook_holds_the_same_registrations(respondents: list[dict[str, str]]) -> None:
    """Read with the least care that suffices; the reader of the engine has a test of its own."""
    header, *rows = openpyxl.load_workbook(DATA / "respondents.xlsx").worksheets[0].values
    names = [" ".join(str(name).split()).lower() for name in header]
    seen = []
    for row in rows:
        texts = {name: " ".join(str(cell or "").split()) for name, cell in zip(names, row, strict=True)}
        if texts["id"]:
            seen.append({column: texts[column.lower()] for column in respondents[0]})
    for clean, messy in zip(respondents, seen, strict=True):
        messy["Straße"] = messy["Straße"].replace("str.", "straße")
        for feature in FEATURES:
            if messy[feature].replace("–", "-").lower() == clean[feature].lower():
                messy[feature] = clean[feature]
    assert seen == respondents


def test_the_quotas_can_be_met_with_at_most_one_member_per_household(
    respondents: list[dict[str, str]], households: dict[tuple[str, ...], list[str]]
) -> None:
    quotas: dict[str, dict[str, Quota]] = defaultdict(dict)
    for row in read(DATA / "targets.csv"):
        bounds = (int(row[column]) for column in ("min", "max", "min_flex", "max_flex"))
        quotas[row["Merkmal"]][row["Ausprägung"]] = Quota(*bounds)
    for feature in VOLUNTARY:
        quotas[feature][NOT_STATED] = Quota(0, SIZE)
    household_of = {member: str(number) for number, ids in enumerate(households.values()) for member in ids}
    entries = tuple(
        Entry(
            row["id"],
            {feature: NOT_STATED if row[feature] in UNSTATED else row[feature] for feature in FEATURES},
            household_of[row["id"]],
        )
        for row in respondents
    )
    polytope = Polytope.of(Instance(entries, quotas, SIZE))
    assert sum(label.kind == "household" for label in polytope.labels) >= 50
    solution = polytope.program(integer=True).solve()
    assert solution.has_point
    assert polytope.contains_panel(np.rint(solution.x).astype(int))
