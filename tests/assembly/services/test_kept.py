"""What is kept is made once at a time, and no more of it than there is room for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from assembly.services.kept import Kept


def test_each_is_made_once_and_the_one_asked_for_longest_ago_goes_first() -> None:
    kept, made = Kept[str](2), []

    def get(key: str) -> str:
        return kept.get(key, lambda: made.append(key) or key)  # type: ignore[func-returns-value]  # it is None

    assert [get(key) for key in "aabacab"] == list("aabacab")
    assert made == ["a", "b", "c", "b"]


def test_what_many_ask_for_at_once_is_made_once() -> None:
    kept, begun, made = Kept[int](8), threading.Barrier(4), []

    def ask(number: int) -> int:
        begun.wait()
        return kept.get("report", lambda: made.append(number) or number)  # type: ignore[func-returns-value]  # as above

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(ask, range(4)))
    assert found == made * 4


def test_what_fails_is_made_anew() -> None:
    kept = Kept[int](2)
    for number in (0, 1):
        try:
            assert kept.get("report", lambda number=number: 1 // number) == 1
        except ZeroDivisionError:
            assert number == 0
