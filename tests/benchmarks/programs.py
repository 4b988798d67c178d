"""The two programs that are compared: ours, and sortition-algorithms with its default options as its users run it."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instances import ROOT, Instance

HERE = Path(__file__).parent
CHANCE = re.compile(r"^[^\S\n]*\S+[^\S\n]+(\d+\.\d+)%[^\S\n]+\d+[^\S\n]*$", re.MULTILINE)
"""A row of the peer's table: id, probability of selection in percent, number of committees."""


def environment() -> dict[str, str]:
    """The caller's environment without what would change which code runs."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "SORTITION", "VIRTUAL_ENV"))}


def make_venv(folder: Path, requirements: Path) -> Path:
    """Make a virtual environment with pinned requirements, unless it is there; return its Python."""
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    wanted = requirements.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", requirements], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def versions(python: Path | str, packages: Iterable[str]) -> dict[str, str]:
    """Return {package: version} as installed beside a Python."""
    code = "import importlib.metadata as m, json, sys; print(json.dumps({p: m.version(p) for p in sys.argv[1:]}))"
    output = subprocess.run([python, "-c", code, *packages], check=True, capture_output=True, text=True).stdout
    found: dict[str, str] = json.loads(output)
    return found


@dataclass(frozen=True)
class Ours:
    """`python -m sortition solve`, with the interpreter that runs the benchmark."""

    name = "ours"

    def environment(self) -> dict[str, str]:
        return environment() | {"PYTHONPATH": str(ROOT)}

    def command(self, instance: Instance, folder: Path) -> list[str | Path]:
        (folder / "lottery.json").unlink(missing_ok=True)
        command: list[str | Path] = [sys.executable, "-m", "sortition", "solve"]
        command += ["--targets", instance.targets, "--respondents", instance.respondents, "--size", str(instance.size)]
        if instance.id_column:
            command += ["--id-column", instance.id_column]
        return [*command, *instance.options, "--output", folder / "lottery.json"]

    def result(self, folder: Path, log: Path) -> dict[str, Any]:
        """What the file says: proof, smallest chance, and the largest change of a chance by the tickets, in 1/m."""
        path = folder / "lottery.json"
        if not path.exists():
            return {"message": _last_line(log)}
        lottery = json.loads(path.read_text(encoding="utf-8"))
        ideal = [float(entry["ideal_probability"]) for entry in lottery["entries"]]
        drawn = [float(entry["selection_probability"]) for entry in lottery["entries"]]
        tickets = len(lottery["tickets"])
        return {
            "smallest": min(chance for chance in ideal if chance > 0),
            "change": max(abs(a - b) for a, b in zip(ideal, drawn, strict=True)) * tickets,
            "tickets": tickets,
            "proven": lottery["certificate"]["proven"],
            "panels": len(lottery["portfolio"]),
            "classes": len({entry["class"] for entry in lottery["entries"]}),
        }


@dataclass(frozen=True)
class Peer:
    """`sortition csv` of the peer in an environment of its own; the algorithm and the solver are its defaults."""

    python: Path
    name = "peer"

    def environment(self) -> dict[str, str]:
        return environment()

    def command(self, instance: Instance, folder: Path) -> list[str | Path]:
        targets, respondents, id_column = self._prepare(instance, folder)
        settings = folder / "settings.toml"
        settings.write_text(
            f'id_column = "{id_column}"\ncheck_same_address = false\n'
            "check_same_address_columns = []\ncolumns_to_keep = []\n",
            encoding="utf-8",
        )
        command: list[str | Path] = [self.python.parent / "sortition", "csv", "--no-progress", "--settings", settings]
        command += ["--features-csv", targets, "--people-csv", respondents, "--number-wanted", str(instance.size)]
        command += ["--selected-csv", folder / "selected.csv", "--remaining-csv", folder / "remaining.csv"]
        return command

    def _prepare(self, instance: Instance, folder: Path) -> tuple[Path, Path, str]:
        """Write the pool with the headers and the id column that the peer wants."""
        targets, respondents = folder / "features.csv", folder / "people.csv"
        rows = _read(instance.targets)
        feature = "feature" if "value" in rows[0] else "category"
        value = next(column for column in ("value", "name", "feature") if column in rows[0] and column != feature)
        _write(targets, [[r[feature], r[value], r["min"], r["max"]] for r in rows], ["feature", "value", "min", "max"])
        people = _read(instance.respondents)
        if instance.id_column is None:
            people = [{"row": str(number)} | person for number, person in enumerate(people, start=2)]
        _write(respondents, [list(person.values()) for person in people], list(people[0]))
        return targets, respondents, instance.id_column or "row"

    def result(self, folder: Path, log: Path) -> dict[str, Any]:
        """The smallest positive chance in the table that the peer prints, to a millionth."""
        chances = [
            float(percent) / 100 for percent in CHANCE.findall(log.read_text(encoding="utf-8", errors="replace"))
        ]
        positive = [chance for chance in chances if chance > 0]
        return {"smallest": min(positive)} if positive else {"message": _last_line(log)}


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "no output"


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: Iterable[list[str]], header: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
