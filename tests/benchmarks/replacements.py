"""Replacement lotteries, whose relaxations are often not tight: seats of a drawn panel fall vacant and are refilled.

Run as `replacements.py LOTTERY VACATED TICKET` with our own interpreter, one lottery per process; prints JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from sortition.errors import SortitionError
from sortition.model import Entry, Instance, Quota
from sortition.monitor import Monitor
from sortition.solve import solve_lottery


def residual(document: dict[str, Any], vacated: int, ticket: int) -> Instance:
    """Return the instance that refills the seats of a panel's first members, as a replacement lottery has it.

    The other members stay: their seats are taken off the quotas, their household mates out of the pool. Those who
    left do not come back.
    """
    entries, members = document["entries"], document["tickets"][ticket]
    # Equally spaced over the panel, so that those who leave are not all of one kind.
    gone = {members[i * len(members) // vacated] for i in range(vacated)}
    staying = [entries[m] for m in members if m not in gone]
    homes = {entry["household"] for entry in staying} - {None}
    pool = [e for i, e in enumerate(entries) if i not in members and e["household"] not in homes]
    quotas = {
        feature: {
            value: Quota(
                max(0, bounds["lower"] - sum(e["values"][feature] == value for e in staying)),
                max(0, bounds["upper"] - sum(e["values"][feature] == value for e in staying)),
            )
            for value, bounds in values.items()
        }
        for feature, values in document["features"].items()
    }
    return Instance(tuple(Entry(e["id"], e["values"], e["household"]) for e in pool), quotas, vacated)


def main() -> None:
    """Solve one replacement lottery and print how it went."""
    path, vacated, ticket = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    instance = residual(json.loads(path.read_text(encoding="utf-8")), vacated, ticket)
    started = time.monotonic()
    found: dict[str, Any] = {"pool": len(instance.entries)}
    try:
        lottery = solve_lottery(instance, objective="leximin", tickets=1000, tolerance=1e-6, monitor=Monitor())
    except SortitionError as error:
        found |= {"proven": False, "proof": type(error).__name__}
    else:
        certificate = lottery.certificate
        found |= {
            "proven": certificate.proven,
            "proof": certificate.proof,
            "cuts": len(certificate.cuts),
            "gap": certificate.gap,
            "deviation": certificate.portfolio.largest,
            "unreachable": len(lottery.unreachable),
        }
    sys.stdout.write(json.dumps(found | {"solve_seconds": time.monotonic() - started}) + "\n")


if __name__ == "__main__":
    main()
