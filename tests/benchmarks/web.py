"""Measures how fast pages are for many people at once: 20,000 respondents, 100 users, one request each per second.

python -m tests.benchmarks.web [--engines sqlite postgresql] [--users 100] [--seconds 30] [--rows 20000]

An open loop: every request is sent when it is due, whatever has become of those before, and its time counts from when
it was due. A third of the requests asks for the pool's list, a third for a search in it, a third for the public page.
Cold is the first five seconds after the servers have started. All on this machine, over the loopback interface.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask

from assembly import database
from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Role
from assembly.services import accounts, assemblies, imports
from tests.assembly.conftest import WORDS
from tests.assembly.engines import SECRET, execute, free_port, running_postgresql, running_redis
from tests.assembly.sample import add_features
from tests.benchmarks.imports import workbook
from tests.project import ROOT

COLD_SECONDS = 5
GOAL_SECONDS, GOAL_SHARE = 0.150, 0.95
GOAL_IMPORT_SECONDS = 20
GIVEN_UP_SECONDS = 30
SEARCHES = ("krawczyk", "anton", "schulstraße", "b0001", "p77@example", "maria", "hafen", "nguyen")
HEAD = (
    "| Engines | | Page | Requests | p50, ms | p95, ms | Worst, ms | Errors | Load generator, CPU | Servers, CPU |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)
ENDS = (b"</html>", b"END:VCALENDAR", b"}")
"""How the answers end, if all of them has come."""
GZIP = b"\x1f\x8b"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Site:
    """The application with its people: where it is served, and `pages`: the addresses its users ask for.

    Each with a line of the request's head, such as a cookie, or none.
    """

    environment: dict[str, str]
    web: int
    workers: int
    pages: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    import_seconds: float = 0.0


@contextlib.contextmanager
def application(site: Site) -> Iterator[Flask]:
    """Yield the application of a site with its tables, before any server answers for it."""
    config = Config.from_environment(site.environment)
    engine = database.make_engine(config.database_url)
    database.migrate(engine)
    engine.dispose()
    app = create_app(config)
    with app.app_context():
        yield app
        db.session.close()
        db.engine.dispose()
        app.extensions["assembly.queue"].close()


def fill(site: Site, rows: int, users: int) -> None:
    """Register so many people from a workbook, and give as many users a session."""
    content = workbook(rows)
    with application(site) as app:
        organiser = accounts.create_account(db.session, email="a@example.org", name="A")
        assembly = assemblies.create_assembly(db.session, WORDS | {"is_public": True}, by=organiser)
        add_features(db.session, assembly)
        db.session.commit()
        start = time.perf_counter()
        upload = imports.upload(db.session, assembly, content, name="b.xlsx", by=organiser)
        imports.preview(db.session, assembly, upload)
        imports.apply_import(db.session, upload, by=organiser)
        db.session.commit()
        site.import_seconds = time.perf_counter() - start
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask’s own interface has it
        sessions, searches = [], []
        for number in range(users):
            user = accounts.create_account(db.session, email=f"user{number}@example.org", name=f"User {number}")
            accounts.grant(db.session, user, Role.AUDITOR, assembly=assembly, by=organiser)
            user.tf_primary_method = user.tf_totp_secret = "set"  # a second factor is demanded with real engines
            kept: dict[str, Any] = {"_user_id": user.fs_uniquifier, "_fresh": True, "fs_cc": "set", "language": "de"}
            sessions.append(signer.dumps(kept))
            wanted = {"assembly": assembly.id, "search": SEARCHES[number % len(SEARCHES)]}
            searches.append(signer.dumps(kept | {"pool_filter": wanted}))
        db.session.commit()
        pool = f"/assemblies/{assembly.id}/pool/"
        site.pages = {
            "pool": [(pool, f"Cookie: assembly={one}") for one in sessions],
            "search": [(pool, f"Cookie: assembly={one}") for one in searches],
            "public": [(f"/a/{assembly.slug}", "")],
        }


@contextlib.contextmanager
def served(site: Site) -> Iterator[tuple[list[int], list[int]]]:
    """Start the web processes and the workers; yield the ports, and the processes' numbers."""
    ports, environment = [free_port() for _ in range(site.web)], {**os.environ, **site.environment}
    commands = [["serve", "--port", str(port)] for port in ports] + [["worker"]] * site.workers
    with contextlib.ExitStack() as running:
        output = running.enter_context((Path(site.environment["ASSEMBLY_DATA"]) / "output").open("wb"))
        started = []
        for command in commands:
            process = subprocess.Popen(
                [sys.executable, "-m", "assembly", *command], cwd=ROOT, env=environment, stdout=output, stderr=output
            )
            running.callback(process.wait)
            running.callback(process.terminate)
            started.append(process.pid)
        for port in ports:
            _wait_for(port)
        yield ports, started


def _wait_for(port: int) -> None:
    """Wait until somebody listens; no page is asked for, so that the first visitor meets a cold server."""
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise RuntimeError("The application did not start; its output stands in the data folder.")


@dataclass
class Asked:
    """What became of the requests for one page."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


async def ask(port: int, address: str, line: str, due: float, asked: Asked) -> None:
    """Ask for a page, as a new visitor does; note how long it took since it was due."""
    await asyncio.sleep(max(0.0, due - time.perf_counter()))
    lines = [f"GET {address} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    lines += [line] if line else []
    try:
        async with asyncio.timeout(GIVEN_UP_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write("\r\n".join([*lines, "", ""]).encode())
            content = await reader.read()
            writer.close()
    except (OSError, TimeoutError) as error:
        asked.errors.append(type(error).__name__)
        return
    asked.seconds.append(time.perf_counter() - due)
    head, _, body = content.partition(b"\r\n\r\n")
    if b"content-encoding: gzip" in head.lower():
        whole = body.startswith(GZIP) and f"content-length: {len(body)}".encode() in head.lower()
    else:
        whole = body.rstrip().endswith(ENDS) if head.startswith(b"HTTP/1.1 200") else not body
    if not whole or not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304")):
        asked.errors.append(content[:40].decode(errors="replace"))


async def visit(site: Site, ports: list[int], users: int, seconds: int) -> dict[str, Asked]:
    """Let every user ask for a page per second, spread over each second; kinds of pages take turns."""
    kinds, start = list(site.pages), time.perf_counter() + 0.1
    found = {kind: Asked() for kind in kinds}
    requests = []
    for number in range(users * seconds):
        second, user = divmod(number, users)
        kind = kinds[(user + second) % len(kinds)]
        address, line = site.pages[kind][user % len(site.pages[kind])]
        due = start + second + user / users
        requests.append(ask(ports[number % len(ports)], address, line, due, found[kind]))
    await asyncio.gather(*requests)
    return found


def used_seconds(pids: Iterable[int]) -> float:
    """Return the processor's time that these processes, and those that they started, have used."""
    ticks = 0
    for pid in [*pids, *(one for parent in pids for one in started_by(parent))]:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


def started_by(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]


def measure(site: Site, name: str, users: int, seconds: int, *, goal: float = GOAL_SECONDS) -> list[str]:
    """Visit the site cold and warm; print a row for each kind of page; return what misses a goal."""
    missed = []
    with served(site) as (ports, pids):
        for phase, length in (("cold", COLD_SECONDS), ("warm", seconds)):
            own, theirs, start = time.process_time(), used_seconds(pids), time.perf_counter()
            found = asyncio.run(visit(site, ports, users, length))
            wall = time.perf_counter() - start
            own, theirs = (time.process_time() - own) / wall, (used_seconds(pids) - theirs) / wall
            for kind, asked in found.items():
                times = sorted(asked.seconds)
                p50, p95, worst = (1000 * times[min(len(times) - 1, int(len(times) * q))] for q in (0.5, 0.95, 1))
                say(
                    f"| {name} | {phase} | {kind} | {len(times)} | {p50:.0f} | {p95:.0f} | {worst:.0f} "
                    f"| {len(asked.errors)} | {own:.0%} | {theirs:.0%} |"
                )
                if asked.errors:
                    missed.append(f"{name}, {phase}, {kind}: {sorted(set(asked.errors))}")
            everything = sorted(second for asked in found.values() for second in asked.seconds)
            quick = sum(second <= goal for second in everything) / len(everything)
            if quick < GOAL_SHARE:
                missed.append(f"{name}, {phase}: {quick:.1%} within {goal:.3f} s")
    return missed


@contextlib.contextmanager
def sites(engines: str) -> Iterator[Site]:
    """Yield an empty site on one of the two pairs of engines."""
    with tempfile.TemporaryDirectory(prefix="assembly-bench-") as folder:
        if engines == "sqlite":
            yield Site({"ASSEMBLY_DATA": folder}, web=1, workers=0)
            return
        with running_postgresql() as address, running_redis() as queue:
            execute(address, "CREATE DATABASE bench TEMPLATE migrated")
            environment = {
                "ASSEMBLY_DATA": folder,
                "DATABASE_URL": f"{address}/bench",
                "REDIS_URL": queue,
                "SECRET_KEY": SECRET,
                "PASSWORD_SALT": SECRET,
                "PUBLIC_URL": "https://buergerrat.example.org",
            }
            yield Site(environment, web=2, workers=2)


def end(missed: Sequence[str]) -> NoReturn:
    """Say which goals are missed, and end with code 1 if any is."""
    say("\n".join(["", *(f"Missed: {one}" for one in missed)] if missed else ["", "Every goal is met."]))
    sys.exit(bool(missed))


def say(line: str) -> None:
    """Print one line at once."""
    print(line, flush=True)  # noqa: T201  # the benchmark's output


def main() -> None:
    """Measure, and end with code 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description="Measure the pages under load.")
    parser.add_argument("--engines", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rows", type=int, default=20_000)
    arguments = parser.parse_args()
    say(HEAD)
    missed: list[str] = []
    for engines in arguments.engines:
        with sites(engines) as site:
            fill(site, arguments.rows, arguments.users)
            missed += measure(site, engines, arguments.users, arguments.seconds)
            if site.import_seconds > GOAL_IMPORT_SECONDS:
                missed.append(f"{engines}: import of the workbook took {site.import_seconds:.1f} s")
            say(f"| {engines} | import of the workbook, s | {site.import_seconds:.1f} |")
    end(missed)


if __name__ == "__main__":
    main()
