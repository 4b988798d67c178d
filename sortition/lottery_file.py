"""lottery.json, format sortition-lottery/1: the solved lottery with its proof, as the organiser keeps it.

The order of features, values and entries is kept, because the proof numbers rows and classes by it. Floats are
written so that reading gives the same floats again. The file holds ids and values: it is not for publication.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sortition.errors import InputError
from sortition.lottery import FORMAT, Certificate, Cut, Deviation, Level, Lottery, PortfolioPanel
from sortition.model import Entry, Instance, Quota
from sortition.protocol.canonical import parse_json
from sortition.shapes import (
    Boolean,
    Integer,
    ListOf,
    MapOf,
    Matching,
    Nullable,
    Number,
    OneOf,
    Record,
    Shape,
    Text,
    hexadecimal,
)

ROUNDING = 1e-9
"""How far a stored probability may be from the one recomputed from integers: rounding of floats, nothing else."""

_PROBABILITY = Number(0.0, 1.0 + ROUNDING)
_INDEX = Matching.of(r"[0-9]{1,9}", "a number, as text")
_ID = Text(one_line=False)
_VALUE = Text(may_be_empty=True, one_line=False)
_DEVIATION = Record({"shortfall": Number(0.0, 1.0), "excess": Number(0.0, 1.0)})
_QUOTA = Record(
    {"lower": Integer(), "upper": Integer(), "lower_flex": Integer(), "upper_flex": Integer()},
    optional=frozenset({"lower_flex", "upper_flex"}),
)
_ENTRY = Record(
    {
        "id": _ID,
        "values": MapOf(_VALUE),
        "household": Nullable(_VALUE),
        "class": Integer(),
        "ideal_probability": _PROBABILITY,
        "selection_probability": _PROBABILITY,
    }
)
_LEVEL = Record(
    {
        "value": Number(),
        "classes": ListOf(Integer()),
        "class_multipliers": MapOf(Number()),
        "row_multipliers": MapOf(Number()),
        "bound": Nullable(Number()),
    }
)
_CERTIFICATE = Record(
    {
        "proven": Boolean(),
        "proof": OneOf(("relaxation", "cuts", "pricing", "none")),
        "tolerance": Number(0.0),
        "gap": Number(0.0),
        "portfolio": _DEVIATION,
        "tickets": _DEVIATION,
        "levels": ListOf(_LEVEL),
        "cuts": ListOf(Record({"coefficients": MapOf(Number()), "upper": Number()})),
    }
)
LOTTERY_SHAPE: Shape = Record(
    {
        "format": OneOf((FORMAT,)),
        "size": Integer(1),
        "objective": Text(100),
        "seed": hexadecimal(32),
        "rehearsal": Boolean(),
        "parent": Nullable(hexadecimal(32)),
        "features": MapOf(MapOf(_QUOTA, at_least=1)),
        "entries": ListOf(_ENTRY, at_least=1),
        "required": ListOf(_ID),
        "excluded": ListOf(_ID),
        "unreachable": ListOf(_ID),
        "portfolio": ListOf(Record({"probability": _PROBABILITY, "counts": MapOf(Integer(1))})),
        "tickets": ListOf(ListOf(Integer(), at_least=1), at_least=1),
        "certificate": _CERTIFICATE,
    }
)


def lottery_document(lottery: Lottery) -> dict[str, Any]:
    """Return the lottery as plain JSON values, in the format sortition-lottery/1."""
    instance, entries = lottery.instance, lottery.instance.entries
    return {
        "format": FORMAT,
        "size": instance.size,
        "objective": lottery.objective,
        "seed": f"{instance.seed():064x}",
        "rehearsal": lottery.rehearsal,
        "parent": lottery.parent,
        "features": {
            feature: {value: _quota_document(quota) for value, quota in values.items()}
            for feature, values in instance.quotas.items()
        },
        "entries": [
            {
                "id": entry.id,
                "values": {feature: entry.values[feature] for feature in instance.quotas},
                "household": entry.household,
                "class": int(lottery.class_of[position]),
                "ideal_probability": float(lottery.ideal_probability[position]),
                "selection_probability": float(lottery.selection_probability[position]),
            }
            for position, entry in enumerate(entries)
        ],
        "required": sorted(instance.required),
        "excluded": sorted(instance.excluded),
        "unreachable": [entries[position].id for position in sorted(lottery.unreachable)],
        "portfolio": [
            {"probability": float(panel.probability), "counts": {str(c): int(n) for c, n in panel.counts.items()}}
            for panel in lottery.portfolio
        ],
        "tickets": lottery.tickets.tolist(),
        "certificate": _certificate_document(lottery.certificate),
    }


def write_lottery(lottery: Lottery, path: Path) -> None:
    """Write lottery.json, which appears whole or not at all; only the owner may read it.

    Raises InputError if it cannot be written.
    """
    content = json.dumps(lottery_document(lottery), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content.encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}. Choose another file or folder.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def read_lottery(path: Path) -> Lottery:
    """Read lottery.json; raises InputError if it cannot be read or is not a consistent lottery."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    return parse_lottery(parse_json(content, name=path.name, floats=True), name=path.name)


def parse_lottery(document: Mapping[str, Any], *, name: str) -> Lottery:
    """Return the lottery that a document of the format sortition-lottery/1 describes.

    Raises InputError, with the place, if a field is missing, unknown or of the wrong kind, or if the parts do not
    fit together: entries sorted by id, tickets of distinct known entries, chances that the tickets really give.
    """
    LOTTERY_SHAPE.check(document, name)
    rows = document["entries"]
    instance = Instance(
        entries=tuple(Entry(row["id"], row["values"], row["household"]) for row in rows),
        quotas={
            feature: {value: Quota(**quota) for value, quota in values.items()}
            for feature, values in document["features"].items()
        },
        size=document["size"],
        required=frozenset(document["required"]),
        excluded=frozenset(document["excluded"]),
    )
    if [entry.id for entry in instance.entries] != [row["id"] for row in rows]:
        raise InputError(f"{name}: the entries must be sorted by id.")
    if any(row["values"].keys() != instance.quotas.keys() for row in rows):
        raise InputError(f"{name}: an entry has a value for a feature that has no quotas.")
    if f"{instance.seed():064x}" != document["seed"]:
        raise InputError(f"{name}: the seed is not the one derived from rows, quotas and size; the file was changed.")
    lottery = Lottery(
        instance=instance,
        objective=document["objective"],
        class_of=np.array([row["class"] for row in rows], dtype=np.int64),
        ideal_probability=np.array([row["ideal_probability"] for row in rows], dtype=float),
        selection_probability=np.array([row["selection_probability"] for row in rows], dtype=float),
        portfolio=tuple(PortfolioPanel(p["probability"], _numbered(p["counts"])) for p in document["portfolio"]),
        tickets=_tickets(document["tickets"], instance, name),
        certificate=_certificate(document["certificate"]),
        unreachable=_positions(document["unreachable"], instance, name),
        parent=document["parent"],
        rehearsal=document["rehearsal"],
    )
    _require_stated_chances(lottery, name)
    return lottery


def _tickets(rows: Sequence[Sequence[int]], instance: Instance, name: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    for number, row in enumerate(rows):
        if len(row) != instance.size or list(row) != sorted(set(row)) or row[-1] >= len(instance.entries):
            raise InputError(f"{name}: ticket {number} must name {instance.size} different entries in ascending order.")
    return np.array(rows, dtype=np.int64)


def _positions(ids: Sequence[str], instance: Instance, name: str) -> frozenset[int]:
    try:
        return frozenset(instance.index_of(entry_id) for entry_id in ids)
    except KeyError as error:
        raise InputError(f"{name}: an unreachable id is not in the pool.") from error


def _require_stated_chances(lottery: Lottery, name: str) -> None:
    times = np.bincount(lottery.tickets.ravel(), minlength=len(lottery.instance.entries))
    if np.abs(times / len(lottery.tickets) - lottery.selection_probability).max() > ROUNDING:
        raise InputError(f"{name}: a selection_probability is not the one that the tickets give.")
    classes = set(lottery.class_of.tolist())
    sizes = Counter(lottery.class_of.tolist())
    for number, panel in enumerate(lottery.portfolio):
        if panel.counts.keys() - classes or any(seats > sizes[c] for c, seats in panel.counts.items()):
            raise InputError(f"{name}: portfolio panel {number} has more seats for a class than it has entries.")
    if lottery.portfolio and abs(sum(panel.probability for panel in lottery.portfolio) - 1) > ROUNDING:
        raise InputError(f"{name}: the probabilities of the portfolio do not sum to 1.")


def _quota_document(quota: Quota) -> dict[str, int]:
    document = {"lower": quota.lower, "upper": quota.upper}
    if quota.lower_flex is not None:
        document["lower_flex"] = quota.lower_flex
    if quota.upper_flex is not None:
        document["upper_flex"] = quota.upper_flex
    return document


def _certificate_document(certificate: Certificate) -> dict[str, Any]:
    return {
        "proven": certificate.proven,
        "proof": certificate.proof,
        "tolerance": float(certificate.tolerance),
        "gap": float(certificate.gap),
        "portfolio": _deviation_document(certificate.portfolio),
        "tickets": _deviation_document(certificate.tickets),
        "levels": [
            {
                "value": float(level.value),
                "classes": [int(number) for number in level.classes],
                "class_multipliers": _texts(level.class_multipliers),
                "row_multipliers": _texts(level.row_multipliers),
                "bound": None if level.bound is None else float(level.bound),
            }
            for level in certificate.levels
        ],
        "cuts": [{"coefficients": _texts(cut.coefficients), "upper": float(cut.upper)} for cut in certificate.cuts],
    }


def _certificate(document: Mapping[str, Any]) -> Certificate:
    levels = tuple(
        Level(
            value=level["value"],
            classes=tuple(level["classes"]),
            class_multipliers=_numbered(level["class_multipliers"]),
            row_multipliers=_numbered(level["row_multipliers"]),
            bound=level["bound"],
        )
        for level in document["levels"]
    )
    return Certificate(
        proven=document["proven"],
        proof=document["proof"],
        tolerance=document["tolerance"],
        gap=document["gap"],
        portfolio=Deviation(**document["portfolio"]),
        tickets=Deviation(**document["tickets"]),
        levels=levels,
        cuts=tuple(Cut(_numbered(cut["coefficients"]), cut["upper"]) for cut in document["cuts"]),
    )


def _deviation_document(deviation: Deviation) -> dict[str, float]:
    return {"shortfall": max(0.0, float(deviation.shortfall)), "excess": max(0.0, float(deviation.excess))}


def _texts(numbers: Mapping[int, float]) -> dict[str, float]:
    return {str(key): float(value) for key, value in numbers.items()}


def _numbered(document: Mapping[str, Any]) -> dict[int, Any]:
    for key in document:
        _INDEX.check(key, "a class or row number")
    return {int(key): value for key, value in document.items()}
