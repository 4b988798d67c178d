"""The sample city's follow-up: rules that the council bound itself to before the first letter, and its calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from assembly.models import Assembly, Binding, User
from assembly.periods import days
from assembly.services.follow_up import meetings, rules

COUNCIL = "Stadtrat Auenfurt"
MEETINGS = 25
"""Of the council after its resolution, which its calendar names."""


def draft_version(session: Session, assembly: Assembly, *, by: User) -> None:
    """Draft a second version, which is not published yet."""
    draft = rules.begin_version(session, assembly, by=by)
    rules.change(session, assembly, draft, {"minutes": days(21)}, by=by)


def add_rules(
    session: Session,
    assembly: Assembly,
    resolution: str,
    resolved_on: dt.date,
    sittings: Sequence[dt.date],
    *,
    by: User,
) -> None:
    """Draft the rules of a municipal council, with its resolution; the first letters publish them."""
    draft = rules.begin(session, assembly, "council", by=by)
    bound = {
        "name": "Stadtverwaltung Auenfurt",
        "body": COUNCIL,
        "binding": Binding.BOUND,
        "resolution": f"Beschluss {resolution} des Stadtrats",
        "resolved_on": resolved_on,
    }
    rules.change_addressee(session, assembly, draft.addressees[0], bound, by=by)
    asked = {"name": "Verkehrsverbund Auental", "body": "Verbandsversammlung", "binding": Binding.ASKED}
    rules.add_addressee(session, assembly, draft, asked, by=by)
    for day in sittings:
        meetings.add_meeting(session, assembly, {"body": COUNCIL, "held_on": day}, by=by)
