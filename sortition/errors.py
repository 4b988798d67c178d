"""The errors that sortition raises on purpose; anything else that escapes is a defect."""

from __future__ import annotations


class SortitionError(Exception):
    """Base of all errors raised on purpose. The message is meant for a person and holds no personal data."""


class InputError(SortitionError):
    """The input cannot be used as it is; the message says what is wrong, where, and what to do."""


class InfeasibleQuotasError(SortitionError):
    """No panel meets the quotas (and household and fixed-seat rules) with this pool."""


class NotProvenError(SortitionError):
    """A lottery was found, but not the proof that it is as fair as the quotas allow."""


class VerificationError(SortitionError):
    """A document does not say what its hashes, its rules or a known commitment require."""


class CancelledError(SortitionError):
    """The caller asked to stop; nothing was written."""


class SolverError(SortitionError):
    """The solver ended in a state that proves nothing (numerical trouble, a limit where none was set)."""
