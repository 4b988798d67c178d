"""A drawn panel of four whose rules of the follow-up are published."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from assembly.models import Assembly, Binding, FollowUpRules, Member, Recommendation, Status, User
from assembly.services.daily import today
from assembly.services.follow_up import rules
from assembly.services.recommendations import adopting, drafting
from assembly.services.recommendations.adopting import Ballot, Votes
from tests.assembly.services.panels import DrawnPanel, members_in

TEXT = {"title": "Mehr Bäume", "text": "Bis 2030 pflanzt die Stadt 500 Bäume.", "reasons": "Schatten.", "theme": "Grün"}
BOUND = {
    "name": "Stadtverwaltung",
    "body": "Stadtrat",
    "binding": Binding.BOUND,
    "resolution": "12/2035",
    "resolved_on": dt.date(2035, 1, 1),
}
ASKED = {"name": "Verkehrsverbund", "body": "Verbandsversammlung", "binding": Binding.ASKED}


@dataclasses.dataclass(slots=True)
class Hall:
    """The assembly in its closing event; `session` is an open transaction."""

    panel: DrawnPanel
    session: Session
    assembly: Assembly
    organiser: User
    rules: FollowUpRules

    @property
    def by(self) -> dict[str, Any]:
        """Who does everything."""
        return {"by": self.organiser}

    @property
    def members(self) -> list[Member]:
        """Those drawn."""
        return [self.session.get_one(Member, one.id) for one in members_in(self.session, Status.DRAWN)]

    def draft(self, **said: str) -> Recommendation:
        """Begin a draft."""
        return drafting.draft(self.session, self.assembly, TEXT | said, **self.by)

    def adopt(self, one: Recommendation, *, yes: int = 4, no: int = 0, abstained: int = 0) -> None:
        """Record a count of all four."""
        ballot = Ballot(one.version, Votes(yes, no, abstained, 4))
        is_correction = one.count is not None
        adopting.record(self.session, one, ballot, counted_on=today(), is_correction=is_correction, **self.by)

    def adopted(self, *addressees: int, **said: str) -> Recommendation:
        """Return an adopted recommendation."""
        one = self.draft(**said)
        drafting.address(self.session, one, addressees or (1,), **self.by)
        self.adopt(one)
        return one

    def pass_days(self, days: int) -> None:
        """Let days pass."""
        self.panel.traveller.shift(dt.timedelta(days=days))


@pytest.fixture
def hall(drawn: DrawnPanel) -> Iterator[Hall]:
    """The rules are those of a municipal council: more than half of the votes, half of the panel, three members."""
    with drawn.sessions() as session:
        assembly, organiser = drawn.load(session)
        draft = rules.begin(session, assembly, "council", by=organiser)
        rules.change_addressee(session, assembly, draft.addressees[0], BOUND, by=organiser)
        rules.add_addressee(session, assembly, draft, ASKED, by=organiser)
        published = rules.publish_first(session, assembly, by=organiser)
        yield Hall(drawn, session, assembly, organiser, published)
