"""Which addresses the server may ask: the council's are typed by people and named by foreign servers.

Without this, whoever may connect a council information system could let our server ask what only it can reach (server-
side request forgery). Names are looked up once; what is connected to is the address that was judged.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from assembly.config import Network
from assembly.services.errors import RuleError, marked

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LONGEST = 500
PORTS = {"https": 443, "http": 80}
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses behind which a translator reaches the IPv4 address of their last 32 bits."""
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""All IPv6 addresses that the internet routes; what lies elsewhere may be somebody's own."""


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """Where to ask: the numeric `address` to connect to, the name that its certificate must have, what to ask for."""

    scheme: str
    host: str
    address: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """The header Host."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"


def target_of(url: str, allowed: Collection[Network], *, turn: int = 0) -> Target:
    """Return where a url leads, if our server may ask there; of several addresses, each has its `turn`.

    That is https at a public address, or at one in the `allowed` networks; on this machine, if it is allowed, http
    too. Raises RuleError.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:  # what is no address, also in the host or the port of one
        host, port = "", 0
    if not host or not port or len(url) > LONGEST or parts.username is not None:
        raise RuleError(marked("This is no address: “%(url)s”. It must begin with https://."), url=url[:LONGEST])
    found = _looked_up(host, port)
    if not all(_is_allowed(one, allowed) for one in found):
        raise RuleError(
            marked(
                "%(host)s is in a network that is not public. If it is to be asked, whoever runs the server allows the "
                "network by the setting COUNCIL_NETWORKS."
            ),
            host=host,
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and all(one.is_loopback for one in found)):
        raise RuleError(marked("%(host)s must be asked by https, so the address must begin with https://."), host=host)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return Target(parts.scheme, host, str(found[turn % len(found)]), port, path)


def _looked_up(host: str, port: int) -> list[Address]:
    """Return the addresses of a name. Raises RuleError if it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    except (OSError, ValueError) as error:
        raise RuleError(marked("There is no server named %(host)s. Please check the address."), host=host) from error


def _is_allowed(address: Address, allowed: Collection[Network]) -> bool:
    meant = _meant(address)
    if any(meant.version == network.version and meant in network for network in allowed):
        return True
    if meant.version == GLOBAL_UNICAST.version and meant not in GLOBAL_UNICAST:
        return False
    return meant.is_global and not meant.is_multicast


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, if it stands for one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
