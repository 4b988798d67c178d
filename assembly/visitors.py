"""Whose visit it is, as far as limits count: the visitor's address, of IPv6 only the part that stays the same."""

from __future__ import annotations

import ipaddress

from flask import request

PREFIX_OF_A_HOUSEHOLD = 64
"""Bits of an IPv6 address that a subscriber cannot change at will."""


def visitor() -> str:
    """Return the visitor's address, or the network of their household."""
    address = ipaddress.ip_address(request.remote_addr or "127.0.0.1")
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, PREFIX_OF_A_HOUSEHOLD), strict=False))
