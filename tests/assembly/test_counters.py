"""Rate limits hold for all processes together, also for tries at the same moment, and their file names nobody."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from limits import parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from assembly.counters import FILE, FileStorage, file_address
from assembly.extensions import limiter
from tests.assembly.web import post

NOON = dt.datetime(2035, 3, 1, 12, tzinfo=dt.UTC)
THREE = parse("3 per 15 minutes")


def counting(folder: Path) -> MovingWindowRateLimiter:
    """Return what a process counts with."""
    storage = storage_from_string(file_address(folder))
    assert isinstance(storage, FileStorage)
    return MovingWindowRateLimiter(storage)


def test_processes_count_together_and_the_oldest_try_is_forgotten_first(tmp_path: Path) -> None:
    one, other = counting(tmp_path), counting(tmp_path)
    with time_machine.travel(NOON, tick=False) as clock:
        assert one.get_window_stats(THREE, "a") == (NOON.timestamp() + 900, 3)
        assert one.hit(THREE, "a")
        clock.shift(dt.timedelta(minutes=10))
        assert [other.hit(THREE, "a"), one.hit(THREE, "a"), other.hit(THREE, "a")] == [True, True, False]
        assert one.hit(THREE, "b")
        assert other.get_window_stats(THREE, "a") == (NOON.timestamp() + 900, 0)
        assert not other.test(THREE, "a")
        clock.shift(dt.timedelta(minutes=5))
        assert other.get_window_stats(THREE, "a") == (NOON.timestamp() + 1500, 1)
        assert [other.hit(THREE, "a"), one.hit(THREE, "a")] == [True, False]
        one.clear(THREE, "a")
        assert other.get_window_stats(THREE, "a").remaining == 3
        assert other.get_window_stats(THREE, "b").remaining == 2


def test_of_tries_at_the_same_moment_no_more_than_the_limit_pass(tmp_path: Path) -> None:
    passed: list[bool] = []

    def try_often() -> None:
        own = counting(tmp_path)
        passed.extend(own.hit(parse("10 per day"), "a") for _ in range(5))

    threads = [threading.Thread(target=try_often) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(passed), sum(passed)) == (40, 10)


def test_counts_without_a_window_are_kept_and_forgotten_too(tmp_path: Path) -> None:
    storage = FileStorage(file_address(tmp_path))
    with time_machine.travel(NOON, tick=False):
        assert storage.get_expiry("a") == NOON.timestamp()
        assert (storage.incr("a", 60), storage.incr("a", 60, 2), storage.get("a"), storage.get("b")) == (1, 3, 3, 0)
        assert storage.get_expiry("a") == NOON.timestamp() + 60
    assert (storage.check(), storage.reset(), storage.reset()) == (True, 3, 0)


def test_a_file_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    storage = FileStorage(file_address(tmp_path / "missing"), wrap_exceptions=True)
    assert not storage.check()
    with pytest.raises(StorageError):
        storage.clear("a")


@pytest.mark.parametrize("damage", [b"no database at all" * 400, None])
def test_a_damaged_file_gives_way_to_a_new_one(tmp_path: Path, damage: bytes | None) -> None:
    """Its counts are lost, but sign-ins go on; the damage may be anywhere in it."""
    one, other, file = counting(tmp_path), counting(tmp_path), tmp_path / FILE
    assert [one.hit(THREE, "a") for _ in range(4)] == [True, True, True, False]
    whole = file.read_bytes()
    file.write_bytes(damage if damage is not None else whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert [one.hit(THREE, "a"), other.hit(THREE, "a"), one.hit(THREE, "a"), other.hit(THREE, "a")] == [
        *[True] * 3,
        False,
    ]


def test_of_many_who_find_the_file_damaged_none_takes_the_counts_of_another(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all" * 400)
    passed: list[bool] = []

    def try_once() -> None:
        passed.append(counting(tmp_path).hit(parse("10 per day"), "a"))

    threads = [threading.Thread(target=try_once) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(passed), sum(passed)) == (24, 10)


def test_the_file_names_nobody(app: Flask, client: FlaskClient) -> None:
    app.config["RATELIMIT_ENABLED"] = True
    address = {"REMOTE_ADDR": "192.0.2.77"}
    client.environ_base.update(address)
    post(client, "/account/login", email="zerlina@example.org", password="wrong")
    with app.test_request_context(environ_base=address):
        limiter.limiter.hit(THREE, limiter._key_func())
    content = (app.extensions["assembly.config"].data_folder / FILE).read_bytes()
    assert content.count(b"LIMITER") == 4
    assert b"192.0.2" not in content
    assert b"zerlina" not in content
