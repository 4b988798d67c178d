"""Make the sample in this folder: everything about it is invented, see README.md.

python data/generate.py --sample data             the committed files, byte for byte (the XLSX cell for cell)
python data/generate.py --register register.csv   the city's register extract of 50,000 residents
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import openpyxl
from city import CITY, FEATURES, REFERENCE_DATE, RESIDENTS, VOLUNTARY, Dice, Resident, residents

REGISTRATIONS = 640
PANEL_SIZE = 48
ADDRESS = ("Straße", "Hausnummer", "PLZ", "Ort")
COLUMNS = ("id", "Vorname", "Nachname", "E-Mail", *ADDRESS, *FEATURES)

RESPONSE = 0.055
"""How likely an average invited resident registers."""
RESPONSE_FACTORS = {
    "Bildungsabschluss": {"Hauptschule oder keiner": 0.35, "Mittlere Reife": 0.7, "Abitur": 1.1, "Hochschule": 1.9},
    "Altersgruppe": {"16-24": 0.6, "25-39": 0.8, "40-54": 1.0, "55-69": 1.5, "70+": 0.9},
    "Haltung": {"dafür": 1.3, "unentschieden": 0.6, "dagegen": 1.2},
}
COMPANION_FACTOR = 7.0
"""How much likelier somebody registers when another person of the household has."""
NOT_STATED = {"Bildungsabschluss": 0.04, "Migrationshintergrund": 0.08, "Sorgearbeit": 0.05, "Haltung": 0.07}
WAYS_NOT_TO_STATE = ("", "keine Angabe", "k. A.")

Row = dict[str, str]


def registrations(people: Sequence[Resident]) -> list[Row]:
    """Return the 640 registrations, in the order in which they came in.

    Letters go to households in random order; everyone of 16 and more may register, more likely with more
    schooling, between 55 and 69, with an opinion, and when somebody else of the household did.
    """
    dice = Dice(640)
    households: dict[int, list[Resident]] = {}
    for person in people:
        households.setdefault(person.household, []).append(person)
    registered: list[Resident] = []
    for household in dice.shuffled(list(households.values())):
        companions = 0
        for person in household:
            chance = RESPONSE * (COMPANION_FACTOR if companions else 1.0)
            for feature, factors in RESPONSE_FACTORS.items():
                chance *= factors[person.values[feature]]
            if len(registered) < REGISTRATIONS and dice.chance(chance):
                registered.append(person)
                companions += 1
    rows: list[Row] = []
    mailboxes: Counter[str] = Counter()
    for number, person in enumerate(dice.shuffled(registered), start=1):
        mailbox = _ascii(f"{person.first_name}.{person.surname}".lower())
        mailboxes[mailbox] += 1
        suffix = str(mailboxes[mailbox]) if mailboxes[mailbox] > 1 else ""
        contact = (f"A{number:04}", person.first_name, person.surname, f"{mailbox}{suffix}@example.org")
        address = (person.street, person.house_number, person.postcode, CITY)
        row = dict(zip(COLUMNS, (*contact, *address, *person.values.values()), strict=True))
        for feature in VOLUNTARY:
            if dice.chance(NOT_STATED[feature]):
                row[feature] = dice.pick(WAYS_NOT_TO_STATE, (5, 3, 2))
        rows.append(row)
    return rows


def _ascii(text: str) -> str:
    """Return the text in the letters of a mail address: ä becomes ae, ł becomes l."""
    for letter, replacement in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "đ": "d", "ı": "i"}.items():
        text = text.replace(letter, replacement)
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if letter.isascii())


def population(people: Sequence[Resident]) -> dict[tuple[str, str], int]:
    """Return how many residents have each (feature, value)."""
    counts = Counter((feature, value) for person in people for feature, value in person.values.items())
    return {(feature, value): counts[feature, value] for feature, values in FEATURES.items() for value in values}


def shares_table(counts: dict[tuple[str, str], int]) -> list[list[str]]:
    """Return the population shares in percent with a decimal comma, as a statistics office writes them."""
    return [
        [feature, value, str(number), f"{100 * number / RESIDENTS:.2f}".replace(".", ",")]
        for (feature, value), number in counts.items()
    ]


def targets_table(counts: dict[tuple[str, str], int]) -> list[list[object]]:
    """Return the quotas of the panel.

    For what everyone stated, the population's share of the seats, rounded down and up. For the voluntary features
    90 % to 105 % of it, rounded outwards, because some seats go to people who did not state it. In need, each may
    be relaxed by two seats in either direction (min_flex, max_flex).
    """
    rows: list[list[object]] = []
    for (feature, value), number in counts.items():
        low, high = (90, 105) if feature in VOLUNTARY else (100, 100)
        minimum = number * PANEL_SIZE * low // (100 * RESIDENTS)
        maximum = -(-number * PANEL_SIZE * high // (100 * RESIDENTS))
        rows.append([feature, value, minimum, maximum, max(0, minimum - 2), min(PANEL_SIZE, maximum + 2)])
    return rows


def register_table(people: Sequence[Resident]) -> Iterable[Sequence[str]]:
    """Return what the register of residents knows: no schooling, no migration background, no opinion."""
    for number, person in enumerate(people, start=1):
        values = person.values
        name = (person.surname, person.first_name, values["Geschlecht"], person.born.isoformat())
        yield (f"{number:05}", *name, person.street, person.house_number, person.postcode, CITY, values["Stadtteil"])


def messy_workbook(rows: Sequence[Row]) -> openpyxl.Workbook:
    """Return the same registrations as a town hall's table that has passed through many hands."""
    dice = Dice(2026)
    workbook = openpyxl.Workbook()
    sheet = workbook.create_sheet("Anmeldungen", 0)
    del workbook["Sheet"]
    spoiled = {"id": " ID", "Vorname": "Vorname ", "Nachname": "NACHNAME", "PLZ": "plz", "Ort": "Ort\N{NO-BREAK SPACE}"}
    spoiled |= {"Altersgruppe": "  Altersgruppe", "Stadtteil": "STADTTEIL", "Haltung": "haltung "}
    sheet.append(["Zeile", "Eingang", *(spoiled.get(column, column) for column in COLUMNS), "Bemerkung"])
    sheet.freeze_panes = "A2"
    remarks = ("Rückruf erbeten", "Unterlagen per Post", "braucht Kinderbetreuung", "doppelt? geprüft, nein")
    for number, row in enumerate(rows, start=1):
        came_in = dt.datetime.combine(REFERENCE_DATE, dt.time()) + dt.timedelta(days=14 + number // 32)
        cells = [_spoil(column, row[column], dice) for column in COLUMNS]
        sheet.append([number, came_in, *cells, dice.pick(remarks) if dice.chance(0.06) else None])
        if number in {100, 333, 334}:
            sheet.append([None, "   ", None])
    for _ in range(5):
        sheet.append([None, None, " "])
    notes = workbook.create_sheet("Hinweise")
    notes.append([f"Anmeldungen zum Bürgerrat {CITY} (erfundene Daten)"])
    notes.append(["Stand", dt.datetime(2026, 4, 15)])  # noqa: DTZ001  # a spreadsheet's dates have no time zone
    return workbook


def _spoil(column: str, text: str, dice: Dice) -> str | int | None:
    """Return a cell as many hands leave it: the same for a careful reader, different bytes."""
    if not text:
        return dice.pick((None, "  "))
    if column in VOLUNTARY and text in WAYS_NOT_TO_STATE:
        return dice.pick((text, text.upper(), text.capitalize(), f"{text} "))
    if column == "PLZ" or (column == "Hausnummer" and text.isdecimal()):
        return int(text) if dice.chance(0.5) else text
    if column == "Straße" and text.endswith("straße") and dice.chance(0.2):
        return text.removesuffix("aße") + "."
    if not dice.chance(0.06):
        return text
    ways = [f"{text} ", f" {text}", f"{text}\N{NO-BREAK SPACE}", text.replace(" ", "  ") + "  "]
    if column in FEATURES:
        ways += [text.upper(), text.capitalize(), text.replace("-", "\N{EN DASH}")]
    return dice.pick(ways)


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Iterable[object]], delimiter: str = ",") -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(buffer.getvalue().encode())


def write_register(path: Path) -> None:
    """Write the register extract."""
    name = ("Nachname", "Vorname", "Geschlecht", "Geburtsdatum")
    _write_csv(path, ("Registernummer", *name, *ADDRESS, "Stadtteil"), register_table(residents()))


def write_sample(folder: Path) -> None:
    """Write registrations (CSV and XLSX), population shares and targets into a folder."""
    people = residents()
    rows, counts = registrations(people), population(people)
    _write_csv(folder / "respondents.csv", COLUMNS, (row.values() for row in rows))
    messy_workbook(rows).save(folder / "respondents.xlsx")
    _write_csv(folder / "population.csv", ("Merkmal", "Ausprägung", "Personen", "Anteil"), shares_table(counts), ";")
    header = ("Merkmal", "Ausprägung", "min", "max", "min_flex", "max_flex")
    _write_csv(folder / "targets.csv", header, targets_table(counts))


def main() -> None:
    """Write what was asked for."""
    parser = argparse.ArgumentParser(description="Make the sample city. Everything about it is invented.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--sample", type=Path, metavar="FOLDER", help="write registrations, shares and targets")
    what.add_argument("--register", type=Path, metavar="FILE", help="write the register extract of 50,000 residents")
    arguments = parser.parse_args()
    if arguments.register:
        write_register(arguments.register)
        print(f"{RESIDENTS:,} residents written to {arguments.register}")
    else:
        write_sample(arguments.sample)
        print(f"{REGISTRATIONS} registrations, population shares and targets written to {arguments.sample}")


if __name__ == "__main__":
    main()
