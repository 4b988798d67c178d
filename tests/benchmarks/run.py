"""Measure every pool, ours and the peer by turns, and write the table: what `make bench` runs.

This process imports nothing large: a measured child starts as its copy, and would be charged for its memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import child
import growth
import report
from instances import DATA, ROOT, Instance, instances, sample
from programs import Ours, Peer, environment, make_venv, versions

HERE = Path(__file__).parent
BUILD = ROOT / "build" / "bench"
OUR_LIMIT = 600.0
"""Seconds after which one of our own runs is ended; far above every goal."""
ROUNDS = ((5.0, 5), (30.0, 3))
"""A program whose first run took less than so many seconds runs so many times; else once."""
SOURCES = ("sortition-foundation-150", "chile-survey-1000", "sample-city-640")
"""Pools whose drawn panels lose members,"""
TICKETS = (0, 1, 2)
"""the panels that were drawn,"""
VACATED = (1, 2, 3, 5, 8)
"""and the seats vacated at once."""
SEATED, TABLE_ROUNDS, TABLE_PROGRAMS = (30, 48, 100, 160), (3, 12), ("ours", "dream", "best", "legacy")
"""How many people are split into tables, over how many rounds, by which programs of tables.py."""
PACKAGES = ("highspy", "numpy", "scipy")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; return 0 if every figure measured is met, else 1."""
    options = _parser().parse_args(arguments)
    pools = [pool for pool in instances(options.data) if not options.only or pool.name in options.only]
    if unknown := set(options.only) - {pool.name for pool in instances(options.data)}:
        _parser().error(f"no such pool: {', '.join(sorted(unknown))}")
    for pool in pools:
        pool.check()
    BUILD.mkdir(parents=True, exist_ok=True)
    results = Results(BUILD / "results.json", resume=options.resume)
    peer = None if options.no_peer else Peer(make_venv(BUILD / "peer", HERE / "requirements-peer.txt"))
    results.put("facts", _facts(peer))
    for pool in pools:
        measure(pool, peer, results, limit=options.limit)
    if not options.no_replacements:
        measure_replacements(options.data, results)
    if not options.no_growth:
        measure_growth(options.data, results)
    if not options.no_tables:
        measure_tables(results)
    text = report.render(results.content, pools)
    if options.only:
        _say(text)
    else:
        report.write(HERE / "README.md", text)
        _say(f"Written: {HERE.relative_to(ROOT) / 'README.md'}")
    return int("**Missed:**" in text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure every pool, ours and the peer by turns, and write the table.")
    parser.add_argument("--only", action="append", default=[], metavar="POOL", help="print this pool's figures only")
    parser.add_argument("--no-peer", action="store_true", help="measure ours alone")
    parser.add_argument("--limit", type=float, default=1200, metavar="SECONDS", help="for each run of the peer")
    parser.add_argument("--resume", action="store_true", help="keep what an interrupted run measured")
    parser.add_argument("--no-replacements", action="store_true", help="leave the replacement lotteries out")
    parser.add_argument("--no-growth", action="store_true", help="leave the growth out")
    parser.add_argument("--no-tables", action="store_true", help="leave the tables out")
    parser.add_argument("--data", type=Path, default=DATA, metavar="FOLDER", help="the pools; %(default)s by default")
    return parser


class Results:
    """What was measured so far, on disk after every run, so that an interrupted benchmark can go on."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        self._path = path
        self.content: dict[str, Any] = json.loads(path.read_text()) if resume and path.exists() else {}
        for section in ("runs", "replacements", "growth", "tables"):
            self.content.setdefault(section, {})

    def put(self, section: str, value: Any, key: str | None = None) -> None:
        """Record a section, or one entry of it."""
        if key is None:
            self.content[section] = value
        else:
            self.content[section][key] = value
        draft = self._path.with_suffix(".part")
        draft.write_text(json.dumps(self.content, indent=1), encoding="utf-8")
        draft.replace(self._path)


def measure(pool: Instance, peer: Peer | None, results: Results, *, limit: float) -> None:
    """Run both programs by turns, the quick ones several times."""
    programs: list[tuple[Ours | Peer, float]] = [(Ours(), OUR_LIMIT)]
    if peer is not None:
        programs.append((peer, limit))
    rounds = {program.name: 1 for program, _ in programs}
    number = 0
    while number < max(rounds.values()):
        for program, longest in programs:
            if number < rounds[program.name]:
                run = _measured(program, pool, results, number, longest)
                if number == 0:
                    rounds[program.name] = next((times for below, times in ROUNDS if run["seconds"] < below), 1)
        number += 1


def _measured(program: Ours | Peer, pool: Instance, results: Results, number: int, limit: float) -> dict[str, Any]:
    key = f"{pool.name} {program.name} {number}"
    known: dict[str, Any] | None = results.content["runs"].get(key)
    if known is not None:
        return known
    run = {"instance": pool.name, "who": program.name} | _run(program, pool, limit)
    results.put("runs", run, key)
    smallest = f", smallest chance {run['smallest']:.7f}" if "smallest" in run else f", {run['message']}"
    _say(f"{key}: {run['seconds']:.2f} s, {run['megabytes']:.0f} MB{smallest}")
    return run


def _run(program: Ours | Peer, pool: Instance, limit: float) -> dict[str, Any]:
    folder = BUILD / pool.name
    folder.mkdir(exist_ok=True)
    log = folder / f"{program.name}.log"
    command = program.command(pool, folder)
    outcome = child.run(command, cwd=folder, log=log, limit=limit, environment=program.environment())
    return {
        "seconds": outcome.seconds,
        "megabytes": outcome.megabytes,
        "code": outcome.code,
        "ended": outcome.ended,
    } | program.result(folder, log)


def measure_replacements(data: Path, results: Results) -> None:
    """Refill vacated seats of panels that our lotteries of some pools drew."""
    pools = {pool.name: pool for pool in [*instances(data), sample()]}
    for name in SOURCES:
        lottery = BUILD / name / "lottery.json"
        if not lottery.exists():
            _run(Ours(), pools[name], OUR_LIMIT)
        if not lottery.exists():
            _say(f"{name}: no lottery to take a panel from")
            continue
        for vacated in VACATED:
            for ticket in TICKETS:
                key = f"{name} {vacated} {ticket}"
                if key not in results.content["replacements"]:
                    results.put("replacements", _replaced(lottery, name, vacated, ticket), key)


def _replaced(lottery: Path, name: str, vacated: int, ticket: int) -> dict[str, Any]:
    log = lottery.with_name("replacement.log")
    command = [sys.executable, HERE / "replacements.py", lottery, str(vacated), str(ticket)]
    outcome = child.run(command, cwd=ROOT, log=log, limit=OUR_LIMIT, environment=Ours().environment())
    record = {"instance": name, "vacated": vacated, "ticket": ticket, "seconds": outcome.seconds}
    if outcome.code == 0:
        record |= json.loads(log.read_text(encoding="utf-8"))
    _say(f"{name}, {vacated} vacated, panel {ticket}: {record.get('proof', 'failed')} in {outcome.seconds:.2f} s")
    return record


def measure_growth(data: Path, results: Results) -> None:
    """Measure our program along the pool's size and the number of features, and draw it."""
    for point in growth.points(data, BUILD / "growth"):
        key = f"{point.axis} {point.x}"
        if key not in results.content["growth"]:
            results.put("growth", {"axis": point.axis, "x": point.x} | _run(Ours(), point.instance, OUR_LIMIT), key)
            _say(f"{key}: {results.content['growth'][key]['seconds']:.2f} s")
    python = make_venv(BUILD / "plot", HERE / "requirements-plot.txt")
    rows = BUILD / "growth.json"
    rows.write_text(json.dumps(list(results.content["growth"].values())), encoding="utf-8")
    subprocess.run([python, HERE / "plot.py", rows, HERE / "growth.svg"], check=True, env=environment())


def measure_tables(results: Results) -> None:
    """Split people into tables, by our own program and by those of the peer."""
    log = BUILD / "tables.log"
    for people in SEATED:
        for rounds in TABLE_ROUNDS:
            for who in TABLE_PROGRAMS:
                key = f"{people} {rounds} {who}"
                if key in results.content["tables"]:
                    continue
                command = [sys.executable, HERE / "tables.py", who, str(people), str(rounds)]
                outcome = child.run(command, cwd=ROOT, log=log, limit=OUR_LIMIT, environment=Ours().environment())
                record = {"people": people, "rounds": rounds, "who": who, "seconds": outcome.seconds}
                if outcome.code == 0:
                    record |= json.loads(log.read_text(encoding="utf-8"))
                results.put("tables", record, key)
                _say(f"{people} people, {rounds} rounds, {who}: {record.get('distinct', 'failed')} meetings")


def _facts(peer: Peer | None) -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    found = {"sortition": commit.stdout.strip() or "without history", "Python": platform.python_version()}
    found |= versions(sys.executable, PACKAGES)
    if peer is not None:
        theirs = versions(peer.python, ["sortition-algorithms", *PACKAGES])
        found |= {name if name == "sortition-algorithms" else f"its {name}": v for name, v in theirs.items()}
    return {"date": dt.date.today().isoformat(), "machine": _machine(), "versions": found}  # noqa: DTZ011  # the date of the place where it is measured


def _machine() -> str:
    """The processor's model, cores and memory, without anything that names the machine."""
    info, model = Path("/proc/cpuinfo"), platform.processor() or platform.machine()
    if info.exists():
        models = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = models[0] if models else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
