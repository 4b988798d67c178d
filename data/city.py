"""The invented city of Auenfurt: its districts, streets, names, and how its residents live. Nothing here is real."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from typing import TypeVar

import numpy as np

T = TypeVar("T")

CITY = "Auenfurt"
RESIDENTS = 50_000
REFERENCE_DATE = dt.date(2026, 3, 1)
"""The day on which the register extract was taken; ages are ages on this day."""

FEATURES: dict[str, tuple[str, ...]] = {
    "Geschlecht": ("weiblich", "männlich", "divers"),
    "Altersgruppe": ("16-24", "25-39", "40-54", "55-69", "70+"),
    "Stadtteil": ("Altstadt", "Hafen", "Neuhof", "Nordfeld", "Südaue", "Weinberg"),
    "Bildungsabschluss": ("Hauptschule oder keiner", "Mittlere Reife", "Abitur", "Hochschule"),
    "Migrationshintergrund": ("ja", "nein"),
    "Sorgearbeit": ("ja", "nein"),
    "Haltung": ("dafür", "unentschieden", "dagegen"),
}
VOLUNTARY = ("Bildungsabschluss", "Migrationshintergrund", "Sorgearbeit", "Haltung")


@dataclass(frozen=True)
class District:
    """A district: residents, postcode, streets, dwellings per building (drawn evenly), and how its people differ."""

    name: str
    residents: int
    postcode: str
    streets: tuple[str, ...]
    dwellings: tuple[int, ...]
    schooling: float  # factor on the odds of a university degree
    migration: float  # share of residents with a migration background


DISTRICTS = (
    District(
        "Altstadt",
        7_000,
        "62101",
        ("Marktgasse", "Kirchgasse", "Gerberstraße", "Obere Brückenstraße", "Kornplatz", "Wollgasse"),
        (2, 4, 6, 8),
        1.6,
        0.26,
    ),
    District(
        "Hafen",
        7_500,
        "62102",
        ("Kaistraße", "Am Alten Kran", "Speicherstraße", "Lotsenweg", "Werftstraße", "Zollstraße"),
        (4, 8, 10, 24),
        0.8,
        0.44,
    ),
    District(
        "Neuhof",
        9_000,
        "62103",
        ("Bahnhofstraße", "Ziegelstraße", "Fabrikstraße", "Siedlerweg", "Eisenbahnstraße", "Neuhofer Straße"),
        (1, 2, 8, 10),
        0.7,
        0.35,
    ),
    District(
        "Nordfeld",
        10_000,
        "62104",
        ("Am Wasserturm", "Finkenweg", "Amselweg", "Nordring", "Birkenstraße", "Theodor-Ahrend-Straße"),
        (1, 8, 24, 90),
        0.5,
        0.47,
    ),
    District(
        "Südaue",
        9_500,
        "62105",
        (
            "Auenstraße",
            "Weidenweg",
            "Mühlstraße",
            "Am Wehr",
            "Fischerstraße",
            "Uferstraße",
            "Libellenweg",
            "Erlenweg",
            "Kiesstraße",
        ),
        (1, 2, 4, 6),
        1.1,
        0.22,
    ),
    District(
        "Weinberg",
        7_000,
        "62106",
        (
            "Rebenweg",
            "Kelterstraße",
            "Sonnenhang",
            "Winzerstraße",
            "Panoramastraße",
            "Steinweg",
            "Am Hang",
            "Burgweg",
            "Talblick",
        ),
        (1, 1, 2, 4),
        1.9,
        0.15,
    ),
)

# Given names: (women, men). The first two lists are for people born before and after 1975.
GERMAN_OLD = (
    "Angelika Barbara Brigitte Christa Elke Gabriele Heike Helga Ingrid Karin Marion Monika Petra Renate Sabine Ursula",
    "Bernd Dieter Frank Gerhard Günter Hans Heinz Jürgen Karl-Heinz Klaus Manfred Michael Peter Rainer Thomas Wolfgang",
)
GERMAN_YOUNG = (
    "Anna Carla Emma Franziska Hannah Jana Johanna Julia Katharina Laura Lena Lisa Luise Mia Nele Nora Pauline Sarah",
    "Anton Ben Daniel David Felix Florian Jakob Jan Jonas Julian Leon Lukas Max Moritz Noah Paul Sebastian Till",
)
OTHER = (
    (
        "Aylin Ayşe Elif Emine Fatma Hatice Leyla Merve Zeynep",
        "Ahmet Burak Can Emre Hasan Kemal Mehmet Murat Yusuf",
        "Aksoy Arslan Aydın Çelik Demir Doğan Kaya Koç Öztürk Şahin Yıldız Yılmaz",
    ),
    (
        "Agnieszka Danuta Ewa Joanna Katarzyna Magdalena Małgorzata Zofia",
        "Andrzej Jacek Krzysztof Łukasz Marek Paweł Piotr Tomasz",
        "Dąbrowska Jankowiak Kowalczyk Krawczyk Mazur Nowak Wieczorek Wójcik Zając",
    ),
    (
        "Amal Dunja Hala Layla Mariam Nour Rania Samira Yasmin",
        "Ali Bassam Hamid Karim Khaled Mahmoud Omar Samir Tarek",
        "al-Hamdan Darwisch Haddad Ibrahim Khalil Mansour Nasser Rahimi Saleh",
    ),
    (
        "Anastasia Irina Ljudmila Natalia Oksana Olena Olga Swetlana Tetjana",
        "Alexej Andrij Dmitri Igor Oleg Oleksandr Sergej Viktor Wladimir",
        "Bondarenko Fedorenko Kravchenko Melnyk Petrenko Schewtschenko Sidorenko Tkachenko",
    ),
    (
        "Adriana Chiara Elena Francesca Giulia Ioana Ivana Lucia Mirjana Sofia",
        "Alessandro Dragan Giuseppe Goran Ion Luca Marco Milan Nikola Paolo",
        "Bianchi Colombo Dimitriou Horvat Ionescu Jovanović Marinelli Papadopoulou Popescu Ricci",
    ),
    (
        "Abena Adaeze Aisha Linh Mai Mei Priya Thi Wanjiru",
        "Anh Chidi Duc Emmanuel Kofi Kwame Minh Rajesh Tuan",
        "Adeyemi Boateng Đặng Mensah Nguyen Okafor Pham Sharma Tran",
    ),
)
GERMAN_SURNAMES = (
    "Ackermann Albrecht Arnold Bauer Baumann Beck Becker Berger Böhm Brandt Braun Busch Dietrich Engel Fischer Frank "
    "Friedrich Fuchs Groß Günther Haas Hahn Hartmann Heinrich Herrmann Hoffmann Hofmann Horn Huber Jäger Jung Kaiser "
    "Keller Klein Koch König Kraus Krause Krüger Kuhn Lang Lange Lehmann Lorenz Ludwig Maier Martin Mayer Meyer "
    "Möller Müller Neumann Otto Peters Pfeiffer Pohl Richter Roth Sauer Schäfer Schmid Schmidt Schmitt Schneider "
    "Scholz Schreiber Schröder Schubert Schulte Schulz Schumacher Schuster Schwarz Seidel Simon Sommer Stein Thomas "
    "Vogel Vogt Voigt Wagner Walter Weber Weiß Werner Winkler Winter Wolf Ziegler Zimmermann"
)
DOUBLE_NAME = 0.02


class Dice:
    """Random choices that are the same with every version of numpy.

    Only `Generator.random` is used, which scales the guaranteed stream of PCG64 by a power of two; numpy may
    change how `choice` or `shuffle` consume that stream.
    """

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return bool(self._random.random() < probability)

    def number(self, low: int, high: int) -> int:
        """Return an integer from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, options: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """Return one option, all equally likely or by weight."""
        if weights is None:
            return options[int(self._random.random() * len(options))]
        sums = list(accumulate(weights))
        return options[bisect_right(sums, self._random.random() * sums[-1], hi=len(options) - 1)]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in random order (Fisher and Yates)."""
        result = list(items)
        for last in range(len(result) - 1, 0, -1):
            other = self.number(0, last)
            result[last], result[other] = result[other], result[last]
        return result


@dataclass(frozen=True)
class Resident:
    """A resident from the age of 16; `household` is a running number, `values` has one value per feature."""

    first_name: str
    surname: str
    born: dt.date
    street: str
    house_number: str
    postcode: str
    household: int
    values: dict[str, str]


def residents() -> list[Resident]:
    """Return the 50,000 residents, building by building."""
    dice = Dice(20260301)
    household = count()
    people: list[Resident] = []
    for district in DISTRICTS:
        here: list[Resident] = []
        for street, house_number in _dwellings(district, dice):
            here += _household(district, street, house_number, next(household), dice)
            if len(here) >= district.residents:
                break
        people += here[: district.residents]
    return people


def _dwellings(district: District, dice: Dice) -> Iterator[tuple[str, str]]:
    """Yield the address of every dwelling, building by building, street after street."""
    for number in count(1):
        for street in district.streets:
            letters = ("", "a", "b") if dice.chance(0.05) else ("",)
            for letter in letters:
                for _ in range(dice.pick(district.dwellings)):
                    yield street, f"{number}{letter}"


def _household(district: District, street: str, house_number: str, household: int, dice: Dice) -> list[Resident]:
    """Return the people of 16 and more in one dwelling."""
    kind = dice.pick(("alone", "couple", "family", "single parent", "flat share"), (37, 41, 11, 4, 7))
    first_age, age_gap = dice.number(20, 88), dice.number(-6, 6)
    ages = {
        "alone": [first_age],
        "couple": [first_age, max(20, first_age + age_gap)],
        "family": [first_age % 21 + 40, first_age % 21 + 42, *(dice.number(16, 23) for _ in range(dice.number(1, 2)))],
        "single parent": [first_age % 21 + 40, dice.number(16, 22)],
        "flat share": [dice.number(19, 32) for _ in range(dice.number(2, 3))],
    }[kind]
    small_children = kind == "couple" and 27 <= first_age <= 48 and dice.chance(0.55)
    migrant = dice.chance(district.migration)
    surname = _surname(dice, migrant=migrant)
    other_surname = _surname(dice, migrant=dice.chance(district.migration))
    people: list[Resident] = []
    for position, age in enumerate(ages):
        if kind == "flat share":
            migrant = dice.chance(district.migration)
            surname = _surname(dice, migrant=migrant)
        keeps_own_name = position == 1 and kind in {"couple", "family"} and dice.chance(0.22)
        born = REFERENCE_DATE - dt.timedelta(days=int(365.2425 * age) + dice.number(1, 364))
        values = _values(district, age, migrant=migrant, cares=small_children or kind == "family", dice=dice)
        if position == 1 and kind in {"couple", "family"} and dice.chance(0.94):
            before = people[0].values["Geschlecht"]
            values["Geschlecht"] = {"weiblich": "männlich", "männlich": "weiblich"}.get(before, before)
        first_name = _first_name(values["Geschlecht"], born, surname, dice, migrant=migrant)
        name = other_surname if keeps_own_name else surname
        people.append(
            Resident(first_name, name, born, street, house_number, district.postcode, household, values),
        )
    return people


def _origin(surname: str) -> int | None:
    return next((number for number, names in enumerate(OTHER) if surname in names[2].split()), None)


def _surname(dice: Dice, *, migrant: bool) -> str:
    if dice.chance(0.82 if migrant else 0.05):
        return dice.pick(dice.pick(OTHER)[2].split())
    surname = dice.pick(GERMAN_SURNAMES.split())
    return f"{surname}-{dice.pick(GERMAN_SURNAMES.split())}" if dice.chance(DOUBLE_NAME) else surname


def _first_name(gender: str, born: dt.date, surname: str, dice: Dice, *, migrant: bool) -> str:
    origin = _origin(surname)
    german = GERMAN_OLD if born.year < 1975 else GERMAN_YOUNG
    women, men = german if origin is None or not migrant else OTHER[origin][:2]
    names = {"weiblich": women, "männlich": men}.get(gender, f"{women} {men}")
    return dice.pick(names.split())


def age_group(age: int) -> str:
    """Return the age group of an age of at least 16."""
    return FEATURES["Altersgruppe"][bisect_right((25, 40, 55, 70), age)]


def _values(district: District, age: int, *, migrant: bool, cares: bool, dice: Dice) -> dict[str, str]:
    group = age_group(age)
    gender = dice.pick(FEATURES["Geschlecht"], (50.4, 49.2, 0.4))
    weights = {
        "16-24": [18, 38, 40, 6],
        "25-39": [16, 25, 24, 35],
        "40-54": [20, 31, 19, 30],
        "55-69": [30, 33, 13, 24],
        "70+": [52, 24, 8, 16],
    }[group]
    weights[3] = int(10 * weights[3] * district.schooling) // 10
    education = dice.pick(FEATURES["Bildungsabschluss"], weights)
    elderly_care = {"16-24": 3, "25-39": 8, "40-54": 17, "55-69": 21, "70+": 13}[group] / 100
    care = dice.chance((0.85 if gender == "weiblich" else 0.6) if cares and age >= 25 else elderly_care)
    against = 30 + 12 * (age >= 55) - 10 * (education == "Hochschule") + 6 * (district.name == "Weinberg")
    favour = 38 + 14 * (age < 40) + 12 * (education == "Hochschule") + 8 * (district.name in {"Altstadt", "Hafen"})
    return {
        "Geschlecht": gender,
        "Altersgruppe": group,
        "Stadtteil": district.name,
        "Bildungsabschluss": education,
        "Migrationshintergrund": "ja" if migrant else "nein",
        "Sorgearbeit": "ja" if care else "nein",
        "Haltung": dice.pick(FEATURES["Haltung"], (favour, 28, against)),
    }
