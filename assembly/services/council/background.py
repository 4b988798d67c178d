"""The jobs that ask council information systems: for their bodies once, for what is new every day."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Iterator, Mapping
from typing import Any

from assembly.models import CouncilSource
from assembly.services.council import bodies, sources
from assembly.services.council.client import Client
from assembly.services.council.walking import GoneError, Walker
from assembly.services.errors import RuleError
from assembly.services.handlers import Run, StoppedError, handler

MIRRORS = "council_mirrors"
"""The kind of the daily job that asks for the synchronisation of all."""
SECONDS_BETWEEN_LOOKS = 1.0


def wait(run: Run, seconds: float) -> None:
    """Wait, unless the job is to stop."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        run.go_on()
        time.sleep(min(left, SECONDS_BETWEEN_LOOKS))


@contextlib.contextmanager
def client_of(run: Run) -> Iterator[Client]:
    """Yield a client as the operator allows it."""
    client = Client(run.config.council_networks, pause=functools.partial(wait, run))
    try:
        yield client
    finally:
        client.close()


@handler(sources.LOOK, repeatable=True)
def look(run: Run) -> None:
    """Find the bodies at the address of a source; if another one is named meanwhile, at that."""
    with client_of(run) as client:
        while True:
            run.go_on()
            address = _address(run)
            try:
                found = bodies.find(client, address)
            except RuleError:
                if _address(run) == address:
                    raise
                continue
            with run.sessions.begin() as session:
                source = session.get(CouncilSource, run.payload["source_id"], with_for_update=True)
                if source is not None and source.address == address and not source.body:
                    source.version, source.name = found.version, found.name
                    source.bodies = [dict(one) for one in found.bodies]
                    run.finish(session)
                    return


def _address(run: Run) -> str:
    """Return the address to look at. Raises StoppedError if there is none any more."""
    with run.sessions() as session:
        source = session.get(CouncilSource, run.payload["source_id"])
    if source is None or source.body:
        raise StoppedError
    return source.address


@handler(sources.SYNCHRONISE, repeatable=True)
def synchronise(run: Run) -> None:
    """Bring the mirror of a source up to date; an interrupted run goes on where it was."""

    def between(progress: Mapping[str, Any]) -> None:
        run.go_on()
        run.report(progress)

    with client_of(run) as client:
        try:
            Walker(run.sessions, client, run.payload["source_id"], between=between).walk()
        except GoneError:
            raise StoppedError from None


@handler(MIRRORS, repeatable=True)
def mirrors(run: Run) -> None:
    """Ask for the synchronisation of every source."""
    with run.sessions.begin() as session:
        sources.enqueue_all(session)
        run.finish(session)
