"""How the time grows with the size of the pool and with the number of features: pools cut from the generated ones."""

from __future__ import annotations

import csv
import math
import random
from dataclasses import dataclass
from pathlib import Path

from instances import Instance

POOL_SIZES = (250, 500, 1000, 2000, 4000, 8000, 16000, 20000)
POOL_SEATS = 50
POOL_SOURCE = "generated-20000-200-5"
FEATURE_SOURCE = "generated-321-30-8"
FEATURE_SEATS = 30


@dataclass(frozen=True)
class Point:
    """One measured pool: along which axis ("pool size" or "features") and where on it."""

    axis: str
    x: int
    instance: Instance


def points(data: Path, folder: Path) -> list[Point]:
    """Write the pools of both axes under a folder and return them.

    Along the pool's size, entries are a seeded sample of the 20,000 and the quotas of 50 seats are floor and ceiling of
    the same population shares, a seat wider. Along the features, the 321 entries and their quotas keep the first 1 … 8.
    """
    folder.mkdir(parents=True, exist_ok=True)
    targets, people = _read(data / POOL_SOURCE / "targets.csv"), _read(data / POOL_SOURCE / "respondents.csv")
    random.Random(20).shuffle(people)  # noqa: S311  # no secret hangs on which entries are kept
    scaled = [row | _scaled(row, targets) for row in targets]
    found = [
        Point("pool size", size, _write(folder / f"pool-{size}", scaled, people[:size], POOL_SEATS))
        for size in POOL_SIZES
    ]
    targets, people = _read(data / FEATURE_SOURCE / "targets.csv"), _read(data / FEATURE_SOURCE / "respondents.csv")
    features = list(dict.fromkeys(row["feature"] for row in targets))
    for count in range(1, len(features) + 1):
        kept = [row for row in targets if row["feature"] in features[:count]]
        pool = _write(folder / f"features-{count}", kept, people, FEATURE_SEATS)
        found.append(Point("features", count, pool))
    return found


def _scaled(row: dict[str, str], targets: list[dict[str, str]]) -> dict[str, str]:
    middle = sum(int(r["min"]) + int(r["max"]) for r in targets if r["feature"] == row["feature"])
    seats = POOL_SEATS * (int(row["min"]) + int(row["max"])) / middle
    return {"min": str(max(0, math.floor(seats) - 1)), "max": str(math.ceil(seats) + 1)}


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write(folder: Path, targets: list[dict[str, str]], people: list[dict[str, str]], size: int) -> Instance:
    folder.mkdir(exist_ok=True)
    for path, rows in ((folder / "targets.csv", targets), (folder / "respondents.csv", people)):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return Instance(folder.name, folder, size, "id")
