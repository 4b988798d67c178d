"""Asking an OParl server: by https, within limits of time and size, again where it is worth it."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urljoin

import urllib3
from urllib3.exceptions import HTTPError, InvalidHeader, NewConnectionError, SSLError, TimeoutError  # noqa: A004  # its own
from urllib3.util import Retry, Timeout

from assembly.config import Network
from assembly.services.council.addresses import Target, target_of
from assembly.services.errors import RuleError, marked

MOST_BYTES = 16 * 2**20
"""A page of a list is some hundred objects, each of some kB."""
CHUNK = 2**16
MOST_REDIRECTS = 5
TRIES = 4
FIRST_WAIT = 1.0
"""Seconds before the second try; each further wait is twice as long."""
LONGEST_WAIT = 60.0
"""A server that asks for a longer rest is asked again another day."""
AGAIN = frozenset({429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
OK = 200
AGENT = "sortition-assembly (OParl 1.0, 1.1)"


class StatusError(RuleError):
    """The server answered that it will not, or cannot."""

    def __init__(self, host: str, status: int) -> None:
        super().__init__(marked("%(host)s refuses to answer (status %(status)s)."), host=host, status=str(status))
        self.status = status


class _TryAgainError(Exception):
    """What went wrong may be over soon: after `wait` seconds, if the server said how many."""

    def __init__(self, error: RuleError, wait: float | None = None) -> None:
        super().__init__()
        self.error, self.wait = error, wait


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait for a server, in seconds: until it connects or says something, and until all is there."""

    silence: float = 20.0
    whole: float = 120.0


class Client:
    """Asks OParl servers. `pause` waits for so many seconds, and may raise to stop."""

    def __init__(
        self,
        allowed: Collection[Network] = (),
        *,
        pause: Callable[[float], None] = time.sleep,
        limits: Limits = Limits(),
    ) -> None:
        self._allowed, self._pause, self._limits = tuple(allowed), pause, limits
        self._pools: dict[tuple[str, str, str, int], urllib3.HTTPConnectionPool] = {}

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()

    def get(self, url: str) -> dict[str, Any]:
        """Return the object at a url, tried up to four times.

        Raises StatusError for any other status than 200, RuleError for what is unreachable, forbidden (see
        `addresses.target_of`), too slow, too large, or no object of JSON; its text is for people.
        """
        for number in range(TRIES):
            try:
                return self._followed(url, number)
            except _TryAgainError as again:
                wait = FIRST_WAIT * 2**number if again.wait is None else again.wait
                if number == TRIES - 1 or wait > LONGEST_WAIT:
                    raise again.error from None
                self._pause(wait)
        raise AssertionError("The last try returns or raises.")

    def _followed(self, url: str, turn: int) -> dict[str, Any]:
        """Ask once, and wherever the server leads to: each place is judged anew."""
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._asked(target_of(url, self._allowed, turn=turn))
            if isinstance(answer, dict):
                return answer
            url = urljoin(url, answer)
        raise RuleError(marked("%(url)s leads on and on, but to no answer."), url=url[:200])

    def _asked(self, target: Target) -> dict[str, Any] | str:
        """Return what the server says, or where else it leads."""
        ends_at = time.monotonic() + self._limits.whole
        try:
            answer = self._pool(target).urlopen(
                "GET",
                target.path,
                headers={"Host": target.named, "Accept": "application/json", "User-Agent": AGENT},
                redirect=False,
                retries=False,
                preload_content=False,
            )
            try:
                return self._read(target, answer, ends_at)
            finally:
                answer.close()
        except SSLError as error:
            raise RuleError(
                marked("The certificate of %(host)s is not valid, so it is not asked."), host=target.host
            ) from error
        except (HTTPError, OSError) as error:
            is_slow = isinstance(error, TimeoutError) and not isinstance(error, NewConnectionError)
            away = RuleError(marked("%(host)s cannot be reached at the moment."), host=target.host)
            raise _TryAgainError(_too_slow(target) if is_slow else away) from error

    def _pool(self, target: Target) -> urllib3.HTTPConnectionPool:
        key = (target.scheme, target.host, target.address, target.port)
        if key not in self._pools:
            timeout = Timeout(connect=self._limits.silence, read=self._limits.silence)
            self._pools[key] = (
                urllib3.HTTPSConnectionPool(
                    target.address,
                    target.port,
                    timeout=timeout,
                    server_hostname=target.host,
                    assert_hostname=target.host,
                    cert_reqs="CERT_REQUIRED",
                )
                if target.scheme == "https"
                else urllib3.HTTPConnectionPool(target.address, target.port, timeout=timeout)
            )
        return self._pools[key]

    def _read(self, target: Target, answer: urllib3.BaseHTTPResponse, ends_at: float) -> dict[str, Any] | str:
        if answer.status in REDIRECTS and answer.headers.get("Location"):
            return answer.headers["Location"]
        if answer.status in AGAIN:
            raise _TryAgainError(StatusError(target.host, answer.status), _wanted_wait(answer.headers))
        if answer.status != OK:
            raise StatusError(target.host, answer.status)
        content = bytearray()
        for chunk in answer.stream(CHUNK, decode_content=True):
            content += chunk
            if len(content) > MOST_BYTES:
                raise RuleError(marked("%(host)s says more at once than can be read."), host=target.host)
            if time.monotonic() > ends_at:
                raise _TryAgainError(_too_slow(target))
        try:
            found = json.loads(bytes(content))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise RuleError(marked("What %(host)s says is not OParl: no object in JSON."), host=target.host)
        return found


def _too_slow(target: Target) -> RuleError:
    return RuleError(marked("%(host)s is too slow: no whole answer came in time."), host=target.host)


def _wanted_wait(headers: Any) -> float | None:
    """Return the seconds that a server asks to wait, if it says so in a way that can be read."""
    said = headers.get("Retry-After")
    try:
        return None if said is None else float(Retry().parse_retry_after(said))
    except (InvalidHeader, OverflowError, ValueError):
        return None
