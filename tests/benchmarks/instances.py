"""The pools that are measured, what each must achieve, and the checksums of their files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
MEMORY_LIMIT_MB = 1000
"""No instance may need more."""


@dataclass(frozen=True)
class Instance:
    """A pool: `limit` seconds from start to file, `smallest` its published smallest chance, both if there are any.

    Without `checksums` (SHA-256 of respondents and targets) it is the project's own sample, measured for
    replacements only.
    """

    name: str
    folder: Path
    size: int
    id_column: str | None
    limit: float | None = None
    smallest: float | None = None
    checksums: tuple[str, str] | None = None
    options: tuple[str, ...] = ()

    @property
    def respondents(self) -> Path:
        """The file of the people who registered."""
        return self.folder / "respondents.csv"

    @property
    def targets(self) -> Path:
        """The file of the quotas."""
        return self.folder / "targets.csv"

    def check(self) -> None:
        """Raise ValueError if a file is not the one whose figures are known."""
        for path, expected in zip((self.respondents, self.targets), self.checksums or (), strict=False):
            if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
                raise ValueError(f"{self.name}: {path.name} has another checksum than the one the figures are for.")


def instances(data: Path) -> list[Instance]:
    """Return the pools of a data folder, smallest work first, as the peer's time goes."""
    return [
        Instance(name, data / name, size, id_column, limit, smallest, _CHECKSUMS[name])
        for name, size, id_column, limit, smallest in _POOLS
    ]


def sample() -> Instance:
    """Return the project's own sample city."""
    voluntary = ("Bildungsabschluss", "Migrationshintergrund", "Sorgearbeit", "Haltung")
    options = [part for feature in voluntary for part in ("--voluntary", feature)]
    options += [part for column in ("Straße", "Hausnummer", "PLZ") for part in ("--household", column)]
    return Instance("sample-city-640", ROOT / "data", 48, "id", options=tuple(options))


_POOLS: list[tuple[str, int, str | None, float | None, float | None]] = [
    ("opendlp-monitoring-100", 30, "unique_id", None, None),
    ("nature-example-small-20", 20, None, None, 0.1),
    ("sortition-foundation-150", 22, "nationbuilder_id", 2, 1 / 11),
    ("nature-example-large-200", 200, None, 2, 0.1),
    ("generated-312-35-6", 35, "id", 3, None),
    ("generated-404-40-6", 40, "id", 3, None),
    ("generated-825-75-4", 75, "id", 3, None),
    ("generated-321-30-8", 30, "id", 20, None),
    ("chile-survey-1000", 100, "respondent_id", 6, None),
    ("generated-1727-110-7", 110, "id", 20, None),
    ("generated-2220-160-6", 160, "id", 20, None),
    ("generated-20000-200-5", 200, "id", 60, None),
]

_CHECKSUMS = {
    "chile-survey-1000": (
        "f468d6903986ff26874efa28a1e36f69e21bf33ca51c33a78accb2ea14353005",
        "5916d1dff7a9ecd7fe467a98fe58f33036c5e0c7f37553e77ba88a33e2d74c45",
    ),
    "generated-1727-110-7": (
        "34bdcbd6507f7ad840f2f5506cbf8062e6b584deed5d34ad1668c3cd19b4f620",
        "65dae3b5fd61b1d6f4dd94ba43f4b12872ff47ead720dfc0a617bb79dbb6c47e",
    ),
    "generated-20000-200-5": (
        "5002259d06dcd63104ad87b6afa52ba00470bd1e0c2d325b340dc751ce809a52",
        "81a25a25b40c2399c1f78b223c391be4ef82402cc8bdacb4db886a1f8d09af9e",
    ),
    "generated-2220-160-6": (
        "de7d02744cfd1a4566e729adbf1ab8b91d90c6f376da0d437cd9cdd6c315224a",
        "bbfe141326f15394740612f3cb51e60de52b2ded02bbaa26402758c56cec49a4",
    ),
    "generated-312-35-6": (
        "dd7bea754fda84816ee26b70b92195fae200fa345ebb942683ced0afd0f859e2",
        "4d614890db2cf1d7be205bd8baf37206aa2dc00cafe574c4cb6c0ee341596ed3",
    ),
    "generated-321-30-8": (
        "26e7400a3f8f51169580552f22d8dfdc5a10d2467621b24a6256fa90d64a8d24",
        "6521ed756faa964244da914c4b8c578618e037cf737001d6d18169174c3a0808",
    ),
    "generated-404-40-6": (
        "9c8d795796295e6fafd6f1f7df3493770ef9642eeba6ad1c63e0534e397b59b6",
        "4214aead1c494e4abfe22905411b97460d3970469b4f99efee68b126051f30c1",
    ),
    "generated-825-75-4": (
        "b3f35ad64a53af5bc6ffc758f7798f280a446a1fe1f2c415bfc276d114df9c5b",
        "6741a0f63960654cea6378dc9e18f802d43091359e006893347c006f3fb88687",
    ),
    "nature-example-large-200": (
        "30a671531eb9edea2395c941aa68fb00701c06c27b5f05f0d27a47e1ed594f1b",
        "496ee3591e5aff6beffc3304c093cf00330a5a205d467abe2576aa8c3814d8a9",
    ),
    "nature-example-small-20": (
        "57469621ffc5e48331249f275a0f11adfc3982e9ef5265de9ea47a1155b3e8ea",
        "85c028997e369d4354f5d393748cab21d55b1259abfd6ee81b9fe254a2f00d23",
    ),
    "opendlp-monitoring-100": (
        "ed06136641bd53a77c2dbb03be5ff5ea7e4341186bea3799adeade87b1c4eace",
        "8f00dec4f29a5a9cc724189be84a8c61af09055c82a12d975b0c8a0a6151288f",
    ),
    "sortition-foundation-150": (
        "27f0b51216331e7bd8f77bdfff8b455a219fcc956ae2c31b2d51d732aaf67c7c",
        "0f72d3abddcef6f4d347c78bbcd15d44c4dd49868e6cb4876254104f164cf4f5",
    ),
}
