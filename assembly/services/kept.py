"""What is costly to make and everyone may ask for: made once at a time, and kept in memory for whoever asks next."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """The things last asked for, by keys that say everything that they depend on.

    So nothing is ever outdated, and no personal data may be kept here: erasing does not reach it. While one thing is
    made, whoever asks for another one waits; many strangers who ask at once keep one processor busy in each process
    that answers pages, and of these there are two unless the operator says otherwise.
    """

    def __init__(self, most: int) -> None:
        """Keep no more than so many."""
        self._most = most
        self._made: OrderedDict[object, Made] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: object, make: Callable[[], Made]) -> Made:
        """Return what is kept under a key, or else make it."""
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
                if len(self._made) > self._most:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return self._made[key]
