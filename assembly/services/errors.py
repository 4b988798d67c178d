"""What a service refuses, mapped to HTTP once, in `assembly.views.errors`."""

from __future__ import annotations

import dataclasses
from typing import Any

from sortition.message import marked

__all__ = [
    "ConflictError",
    "Elsewhere",
    "ForbiddenError",
    "NotFoundError",
    "RuleError",
    "ServiceError",
    "StorageError",
    "marked",
]


@dataclasses.dataclass(frozen=True, slots=True)
class Elsewhere:
    """The other event that a refusal is about, for the way to its page."""

    assembly_id: int
    event_id: int
    title: str


class ServiceError(Exception):
    """A rule forbids what was asked for.

    `message` is a translatable sentence in English with named placeholders, `values` what stands in them; `field`
    names the form field that it is about, if there is one, and `elsewhere` an event that the reader may look at.
    """

    def __init__(
        self, message: str, *, field: str | None = None, elsewhere: Elsewhere | None = None, **values: Any
    ) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.field = field
        self.elsewhere = elsewhere
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
