"""Who asks, as far as limits need to know: an address, and keys that name nobody."""

from __future__ import annotations

import hashlib
import ipaddress

from flask import current_app, request

PREFIX_OF_A_HOUSEHOLD = 64
"""Bits of an IPv6 address that a subscriber cannot change at will."""


def address() -> str:
    """Return the visitor's address, of IPv6 only the part that stays the same."""
    found = ipaddress.ip_address(request.remote_addr or "127.0.0.1")
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, PREFIX_OF_A_HOUSEHOLD), strict=False))


def hashed(*parts: str) -> str:
    """Return a hash of these parts, which nobody can guess them from."""
    secret = current_app.config["SECRET_KEY"].encode()[:64]
    return hashlib.blake2b("\0".join(parts).encode(), key=secret, digest_size=16).hexdigest()


def address_key() -> str:
    """Return the key of the visitor's address."""
    return hashed(address())
