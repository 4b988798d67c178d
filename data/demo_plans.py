"""Who has an account in the sample city, and which assemblies it has."""

from __future__ import annotations

import dataclasses

from demo_offices import CLERK, MAYOR

from assembly.models import Role


@dataclasses.dataclass(frozen=True, slots=True)
class Account:
    """A demo account: its roles in every assembly, and city-wide."""

    email: str
    name: str
    purpose: str
    roles: tuple[Role, ...]


ACCOUNTS = (
    Account("orga@example.org", "Jule Brandt", "organiser: runs everything", (Role.ORGANISER, Role.COUNCIL_OFFICE)),
    Account("telefon@example.org", "Tomma Lux", "caller: reaches drawn people", (Role.CALLER,)),
    Account("moderation@example.org", "Nuri Falk", "facilitator: leads events", (Role.FACILITATOR,)),
    Account("hilfe@example.org", "Kim Ahrens", "support: sees what members need", (Role.SUPPORT,)),
    Account("zeugin@example.org", "Dr. Esra Sander", "witness: enters the drawn number, too", (Role.WITNESS,)),
    Account("pruefung@example.org", "Ada Voss", "auditor: sees all, changes nothing", (Role.AUDITOR,)),
    Account("rat@example.org", "Lene Marx", "council office: creates assemblies", (Role.COUNCIL_OFFICE,)),
    Account(CLERK, "Ines Kaya", "department: drafts answers", (Role.DEPARTMENT,)),
    Account(MAYOR, "Paul Winter", "mayor's office: approves answers", (Role.DEPARTMENT,)),
    Account("admin@example.org", "Ole Prigge", "site administrator: accounts and roles", (Role.SITE_ADMINISTRATOR,)),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """An assembly to seed. `rows` are those of respondents.csv; without them, the messy workbook is imported.

    `draw` is the day of its draw, counted from today; what comes before it moves with it. It is a working day: the
    next one if the draw is to come, else the last one until then.
    """

    key: str
    stands: str
    title: str
    question: str
    size: int
    rows: slice | None
    draw: int


PLANS = (
    Plan(
        "collecting",
        "people are registering; a second file waits to be confirmed",
        "Bürgerrat Sichere Schulwege",
        "Wie kommen Kinder in Auenfurt sicher und selbstständig zur Schule?",
        48,
        slice(0, 400),
        20,
    ),
    Plan(
        "solved",
        "the fairest lottery is found; publish its commitment next",
        "Bürgerrat Grünes Ufer",
        "Was soll am Auenfurter Ufer wachsen, und wer darf dort was?",
        24,
        slice(200, 480),
        14,
    ),
    Plan(
        "committed",
        "committed; the draw is in a week",
        "Bürgerrat Innenstadt mit weniger Autos",
        "Wie soll die Auenfurter Innenstadt aussehen, wenn dort weniger Autos fahren?",
        48,
        None,
        7,
    ),
    Plan(
        "due",
        "committed, and the moment of the draw has come: hold it",
        "Bürgerrat Kultur für alle",
        "Wie erreicht Kultur in Auenfurt auch Menschen, die heute nicht kommen?",
        24,
        slice(0, 320),
        0,
    ),
    Plan(
        "drawn",
        "drawn three weeks ago; the panel is being called",
        "Bürgerrat Hitzeschutz",
        "Wie schützt Auenfurt die Menschen in heißen Sommern?",
        24,
        slice(320, 640),
        -21,
    ),
)
FOLLOWED = Plan(
    "followed",
    "handed over almost a year ago; the recommendations have to be answered",
    "Bürgerrat Mobilität",
    "Wie kommen alle in Auenfurt gut ans Ziel, auch ohne eigenes Auto?",
    24,
    slice(0, 240),
    -455,
)
"""Its draw is counted from the last Tuesday before today, so that its result falls on a sitting of the council. Its
members met long before the others; their data are deleted a year after the result."""
