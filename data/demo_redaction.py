"""Seeds an order to redact: a recommendation named somebody who had never agreed to stand in it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Recommendation, RedactionGround, User
from assembly.services.daily import today
from assembly.services.recommendations import redacting

TITLE, NAME = "Rufbus", "Hedwig Sommer"
ORDER = "Landesbeauftragte für den Datenschutz, Az. 6.2-118"


def redact(session: Session, assembly: Assembly, *, by: User) -> None:
    """Take the name out of the recommendation whose title begins so."""
    named = sa.select(Recommendation).where(
        Recommendation.assembly_id == assembly.id, Recommendation.title.startswith(TITLE)
    )
    redacting.redact(
        session,
        session.scalars(named).one(),
        NAME,
        ground=RedactionGround.PERSONAL_DATA,
        reference=ORDER,
        ordered_on=today(),
        by=by,
    )
