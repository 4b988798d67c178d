"""Codes of authenticator apps, each accepted once."""

from __future__ import annotations

from typing import Any

from flask_security import Totp as LibraryTotp

from assembly.extensions import db
from assembly.models import User


class Totp(LibraryTotp):
    """Refuses a code that was used: whoever looked over a shoulder cannot use it a second time."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return the half minute of the last accepted code; the row is locked until the new one is written."""
        db.session.refresh(_account(user), ["last_totp_counter"], with_for_update=True)
        counter: int | None = user.last_totp_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Remember the half minute of the code."""
        _account(user).last_totp_counter = tmatch.counter


def _account(user: Any) -> User:
    account: User = getattr(user, "_get_current_object", lambda: user)()
    return account
