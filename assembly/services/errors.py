"""What a service refuses, mapped to HTTP once, in `assembly.views.errors`."""

from __future__ import annotations

from typing import Any

from sortition.message import marked

__all__ = [
    "ConflictError",
    "ForbiddenError",
    "NotFoundError",
    "RuleError",
    "ServiceError",
    "StorageError",
    "marked",
]


class ServiceError(Exception):
    """A rule forbids what was asked for.

    `message` is a translatable sentence in English with named placeholders, `values` what stands in them; `field`
    names the form field that it is about, if there is one.
    """

    def __init__(self, message: str, *, field: str | None = None, **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.field = field
        self.values = values


class NotFoundError(ServiceError):
    """It does not exist, or not for this account."""

    def __init__(self) -> None:
        super().__init__(marked("This page does not exist, or not for your account."))


class ForbiddenError(ServiceError):
    """The account knows it, but may not do this."""

    def __init__(self) -> None:
        super().__init__(marked("Your role in this assembly does not allow this."))


class ConflictError(ServiceError):
    """What was asked for contradicts what is there, such as a state that has changed meanwhile."""


class RuleError(ServiceError):
    """The values are not acceptable."""


class StorageError(ServiceError):
    """There is no room for it at the moment."""
