"""Draw a panel from the sample in this folder, from registrations to verification, with the command line alone.

python data/demo.py --output FOLDER
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from city import VOLUNTARY
from generate import PANEL_SIZE
from rich.console import Console
from rich.table import Table

SAMPLE = Path(os.path.relpath(Path(__file__).parent))
HOUSEHOLD = ("Straße", "Hausnummer", "PLZ")  # with a street among them, the surname counts as well

console = Console(highlight=False)


def main() -> None:
    """Run the five commands and show what they wrote."""
    parser = argparse.ArgumentParser(description="Draw a panel from the sample city.")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="where the files are written")
    output: Path = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    lottery, public, audit, drawn = (str(output / f"{name}.json") for name in ("lottery", "public", "audit", "drawn"))
    selected, remaining = str(output / "selected.csv"), str(output / "remaining.csv")
    respondents = ["--respondents", str(SAMPLE / "respondents.csv")]
    pool = ["--targets", str(SAMPLE / "targets.csv"), *respondents, "--size", str(PANEL_SIZE)]
    pool += [part for feature in VOLUNTARY for part in ("--voluntary", feature)]
    pool += [part for column in HOUSEHOLD for part in ("--household", column)]

    run("Can the quotas be met with these registrations?", "check", *pool)
    run("Find the fairest lottery that meets them", "solve", *pool, "--output", lottery)
    documents = ["--public", public, "--audit", audit]
    documents += ["--receipts", str(output / "receipts"), "--notice", str(output / "notice.pdf")]
    run("Fix it before the draw", "commit", lottery, "--draw-rule", str(SAMPLE / "RULE.toml"), *documents)
    lists = [*respondents, "--selected", selected, "--remaining", remaining]
    rehearsal = "Draw (a rehearsal: in earnest, the number is drawn in public)"
    run(rehearsal, "draw", audit, "--system-randomness", "--output", drawn, *lists)
    commitment = hashlib.sha256(Path(public).read_bytes()).hexdigest()
    run("Check everything", "verify", public, audit, drawn, "--commitment", commitment)
    show(json.loads(Path(lottery).read_text(encoding="utf-8")), selected_ids(Path(selected)))
    show_files(output)


def run(purpose: str, *arguments: str) -> None:
    """Print and run one command; end the demo with its exit code if it fails."""
    console.rule(f"[bold]{purpose}", align="left")
    console.print(f"$ sortition {shlex.join(arguments)}", style="dim", soft_wrap=True, markup=False)
    result = subprocess.run([sys.executable, "-m", "sortition", *arguments], check=False)
    if result.returncode:
        console.print(f"The command ended with exit code {result.returncode}; the demo stops here.", style="red")
        sys.exit(result.returncode)


def selected_ids(path: Path) -> list[str]:
    """Return the ids of the drawn persons."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row["id"] for row in csv.DictReader(file)]


def show(lottery: dict[str, Any], panel: Sequence[str]) -> None:
    """Print the panel (ids and features only), the quotas met and the fairness figures."""
    entries = {entry["id"]: entry for entry in lottery["entries"]}
    features = lottery["features"]
    members = Table("id", *features, title="The panel")
    for member in panel:
        members.add_row(member, *(entries[member]["values"][feature] for feature in features))
    console.print(members)

    met = Table("feature", "value", "quota", "panel", "pool", title="The quotas")
    for feature, quotas in features.items():
        seats = Counter(entries[member]["values"][feature] for member in panel)
        pool = Counter(entry["values"][feature] for entry in entries.values())
        for value, quota in quotas.items():
            lower, upper = int(quota["lower"]), int(quota["upper"])
            mark = "✓" if lower <= seats[value] <= upper else "✗"
            met.add_row(feature, value, f"{lower}–{upper}", f"{seats[value]} {mark}", str(pool[value]))
        met.add_section()
    console.print(met)
    console.print(fairness_table(lottery))


def fairness_table(lottery: dict[str, Any]) -> Table:
    """Return the fairness figures of the lottery as it is drawn."""
    chances = sorted(float(entry["selection_probability"]) for entry in lottery["entries"])
    certificate = lottery["certificate"]
    mean = sum(chances) / len(chances)
    gini = sum((2 * rank - len(chances) - 1) * chance for rank, chance in enumerate(chances, start=1))
    gini /= len(chances) * sum(chances)
    table = Table("figure", "value", title="The fairness")
    table.add_row("registrations, seats", f"{len(chances)}, {lottery['size']}")
    table.add_row("objective", str(lottery["objective"]))
    table.add_row("smallest chance", f"{chances[0]:.2%}")
    table.add_row("mean chance", f"{mean:.2%}")
    table.add_row("largest chance", f"{chances[-1]:.2%}")
    table.add_row("Gini coefficient of the chances", f"{gini:.3f}")
    table.add_row("as fair as any lottery can be", "proven" if certificate["proven"] else "not proven")
    for name, label in (("portfolio", "portfolio"), ("tickets", "numbered tickets")):
        largest = max(float(certificate[name][side]) for side in ("shortfall", "excess"))
        table.add_row(f"largest deviation from it, {label}", f"{largest:.1e}")
    table.add_row("tickets", f"{len(lottery['tickets']):,}")
    return table


def show_files(output: Path) -> None:
    """Print where the files are and who may see them."""
    table = Table("file", "what it is", title=f"The files in {output}")
    for name, meaning in {
        "public.json": "to be published before the draw; its SHA-256 is the commitment",
        "notice.pdf": "one page for the press and the notice board",
        "receipts": "one for each registered person, sent before the draw",
        "audit.json": "for a notary or auditor only",
        "drawn.json": "the drawn ticket",
        "selected.csv": "the panel, for the organiser only",
        "remaining.csv": "everyone else, for replacements",
        "lottery.json": "the solved lottery, for the organiser only",
    }.items():
        table.add_row(name, meaning)
    console.print(table)


if __name__ == "__main__":
    main()
