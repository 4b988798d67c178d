"""Servers that speak OParl, and clients that may ask them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest

from assembly.services.council.client import Client, Limits
from tests.assembly.services.council.server import OParl, running

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


@pytest.fixture(params=["1.0", "1.1"])
def oparl(request: pytest.FixtureRequest) -> Iterator[OParl]:
    """A server in each version."""
    with running(request.param) as made:
        yield made


@pytest.fixture
def one_oparl() -> Iterator[OParl]:
    """A server, where the version makes no difference."""
    with running("1.1") as made:
        yield made


@pytest.fixture
def waits() -> list[float]:
    """The seconds that the client would have waited."""
    return []


@pytest.fixture
def client(waits: list[float]) -> Iterator[Client]:
    """A client that may ask this machine, never waits, and is impatient."""
    made = Client([LOOPBACK], pause=waits.append, limits=Limits(silence=0.3, whole=2))
    yield made
    made.close()
