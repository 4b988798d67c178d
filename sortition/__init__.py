"""A stratified lottery that is provably as fair as the quotas allow, and that anyone can check.

The same steps as on the command line: solve, commit, draw, verify.

>>> from datetime import datetime, timezone
>>> from sortition import Entry, Instance, Quota, solve_lottery
>>> entries = tuple(Entry(name, {"gender": gender}) for name, gender in zip("abcdef", "ffffmm"))
>>> quotas = {"gender": {"f": Quota(1, 1), "m": Quota(1, 1)}}
>>> lottery = solve_lottery(Instance(entries, quotas, size=2))
>>> lottery.certificate.proven
True
>>> [round(float(chance), 6) for chance in lottery.ideal_probability]
[0.25, 0.25, 0.25, 0.25, 0.5, 0.5]
>>> len(lottery.tickets)
1000

Fix it before the draw, draw, and let anyone check:

>>> from sortition import DrawRule, commit, draw, verify, documents
>>> rule = DrawRule.from_toml(RULE, name="RULE.toml")
>>> before, after = (datetime(2035, 1, day, tzinfo=timezone.utc) for day in (1, 31))
>>> commitment = commit(lottery, rule, now=before)
>>> drawn = draw(commitment.audit, how="digits", value="042", now=after)
>>> drawn["ticket"], len(drawn["members"])
(42, 2)
>>> report = verify(documents(commitment.public_bytes()), commitments=[commitment.hash], ticket="042")
>>> report.verified
True

Those who have been drawn sit at tables: see `sortition.tables`.
"""

from sortition.errors import (
    CancelledError,
    InfeasibleQuotasError,
    InputError,
    NotProvenError,
    SolverError,
    SortitionError,
    VerificationError,
)
from sortition.lottery import Certificate, Lottery
from sortition.model import NOT_STATED, Entry, Instance, Quota
from sortition.monitor import Monitor, Progress
from sortition.properties import properties
from sortition.protocol.commit import Commitment, commit
from sortition.protocol.documents import LoadedDocument, parse_document
from sortition.protocol.draw import draw
from sortition.protocol.draw_rule import DrawRule
from sortition.protocol.verify import verify
from sortition.solve import solve_lottery

RULE = b"""
assembly = "An assembly"
title = "Drawing of the members"
language = "en"
moment = 2035-01-30T18:00:00Z
[draw]
kind = "digits"
digits = 3
source = "Three digits drawn from an urn, with replacement."
format = "Three digits, in the order drawn."
fallback = "The same, a week later."
"""
"""A minimal draw rule, as an example."""


def documents(*contents: bytes) -> list[LoadedDocument]:
    """Return documents of any kind, told apart by their format; raises InputError if one is none of ours."""
    return [parse_document(content, name=f"document {number}") for number, content in enumerate(contents, start=1)]


__all__ = [
    "NOT_STATED",
    "RULE",
    "CancelledError",
    "Certificate",
    "Commitment",
    "DrawRule",
    "Entry",
    "InfeasibleQuotasError",
    "InputError",
    "Instance",
    "LoadedDocument",
    "Lottery",
    "Monitor",
    "NotProvenError",
    "Progress",
    "Quota",
    "SolverError",
    "SortitionError",
    "VerificationError",
    "commit",
    "documents",
    "draw",
    "properties",
    "solve_lottery",
    "verify",
]
