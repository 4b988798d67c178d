"""Draw: one public number becomes a ticket, and the ticket a panel."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from sortition.errors import InputError
from sortition.protocol.documents import (
    DRAWN_FORMAT,
    AuditDocument,
    DrawnDocument,
    PublicDocument,
    commitment_of,
    ticket_width,
)
from sortition.protocol.draw_rule import DrawRule, Pattern
from sortition.protocol.hashes import ticket_of_value

How = Literal["digits", "public_value", "system_randomness"]


def draw(
    audit: AuditDocument,
    *,
    how: How,
    value: str,
    now: datetime,
    random_below: Callable[[int], int] = secrets.randbelow,
) -> DrawnDocument:
    """Return the result of a draw: the ticket, its tokens, and the ids of its members.

    `value` is what was drawn, exactly in the format that the rule fixed; it is ignored with "system_randomness",
    which is a rehearsal, says so, and may be held before the moment of the draw.
    Raises InputError if the value is not of the kind and format of the rule, or the moment has not come.
    """
    public = audit["public"]
    rehearsal = how == "system_randomness"
    if rehearsal:
        value = padded(random_below(len(public["tickets"])), public)
    else:
        _require_in_earnest(public, now)
    ticket = ticket_of(public, how=how, value=value)
    rows = [audit["entries"][position]["row"] for position in audit["tickets"][ticket]]
    return {
        "format": DRAWN_FORMAT,
        "commitment": commitment_of(public),
        "rehearsal": rehearsal,
        "how": how,
        "value": value,
        "ticket": ticket,
        "tokens": public["tickets"][ticket],
        "members": sorted(row["id"] for row in rows if row is not None),
        "erased": sum(row is None for row in rows),
    }


def ticket_of(public: PublicDocument, *, how: str, value: str) -> int:
    """Return the ticket that a drawn value decides under the rule of a public document.

    Raises InputError if the value is not of the kind and format that the rule fixed.
    """
    source = DrawRule.from_document(public["draw_rule"], name="draw_rule").draw
    if how == "system_randomness":
        return ticket_number(public, value)
    if how != source.kind:
        option = {"digits": "--ticket with the digits drawn", "public_value": "--public-value with the value"}
        raise InputError(f"The rule of this lottery fixed another kind of draw: use {option[source.kind]}.")
    if source.pattern is None:
        return ticket_number(public, value)
    if not Pattern.parse(source.pattern).regex.fullmatch(value):
        raise InputError(f"The value does not have the exact format that the rule fixed: {source.format}")
    return ticket_of_value(commitment_of(public), value, len(public["tickets"]))


def ticket_number(public: PublicDocument, digits: str) -> int:
    """Return the ticket that digits name, which must be all digits as drawn: 007, not 7.

    Raises InputError if their number is another, something else stands between them, or there is no such ticket.
    """
    count, width = len(public["tickets"]), ticket_width(public)
    if not (digits.isascii() and digits.isdigit() and len(digits) == width and int(digits) < count):
        raise InputError(
            f"This lottery has {count} tickets, {padded(0, public)} to {padded(count - 1, public)}: give exactly the "
            f"{width} digits drawn, zeros included and nothing else, such as {padded(min(7, count - 1), public)}; "
            f"“{digits[:20]}” is not that."
        )
    return int(digits)


def padded(ticket: int, public: PublicDocument) -> str:
    """Return a ticket number with all its digits, as it is drawn and announced."""
    return f"{ticket:0{ticket_width(public)}d}"


def _require_in_earnest(public: PublicDocument, now: datetime) -> None:
    moment = DrawRule.from_document(public["draw_rule"], name="draw_rule").moment
    if public["rehearsal"]:
        raise InputError(
            "This lottery is a rehearsal (its seed was chosen by hand, or it follows one); it can only be drawn as "
            "one, with --system-randomness."
        )
    if now < moment:
        raise InputError(
            f"The rule fixed {moment.isoformat()} for the draw, which has not come. "
            "Before it, only a rehearsal with system randomness (--system-randomness) is possible."
        )
