"""The sample city's features and registrations, for tests."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from assembly.models import Assembly, Feature, FeatureValue
from tests.project import ROOT

DATA = ROOT / "data"
VOLUNTARY = {"Bildungsabschluss", "Migrationshintergrund", "Sorgearbeit", "Haltung"}


def add_features(session: Session, assembly: Assembly) -> list[Feature]:
    """Add the features of data/targets.csv."""
    values: dict[str, list[FeatureValue]] = {}
    with (DATA / "targets.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            own = values.setdefault(row["Merkmal"], [])
            own.append(
                FeatureValue(position=len(own), name=row["Ausprägung"], lower=int(row["min"]), upper=int(row["max"]))
            )
    features = [
        Feature(assembly_id=assembly.id, position=position, name=name, is_voluntary=name in VOLUNTARY, values=own)
        for position, (name, own) in enumerate(values.items())
    ]
    session.add_all(features)
    session.commit()
    return features


def add_feature(
    session: Session, assembly: Assembly, name: str, values: Sequence[str], *, voluntary: bool = False, **more: object
) -> Feature:
    """Add one feature without quotas."""
    feature = Feature(
        assembly_id=assembly.id,
        position=0,
        name=name,
        is_voluntary=voluntary,
        values=[FeatureValue(position=n, name=value, lower=0, upper=1000) for n, value in enumerate(values)],
        **more,
    )
    session.add(feature)
    session.commit()
    return feature


def as_csv(rows: Sequence[Mapping[str, str]], *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Return rows as the bytes of a CSV file."""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in line] for line in lines]
    return "\r\n".join(delimiter.join(line) for line in quoted).encode(encoding)
