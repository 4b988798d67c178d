"""What the city has settled for its whole site."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assembly.models import PageKind, Programme, SitePage, SiteSettings, User
from assembly.periods import Period
from assembly.services.accounts import CITY_LOG
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.working_days import STATES

THE_ONE = 1
DEFAULTS = {"state": "", "enforcement": "", "answer_period": "P1M", "remind_days": 7}
"""What holds as long as nothing else was settled."""
PERIODS = ("P7D", "P14D", "P21D", "P1M", "P2M")
"""How long an answer to a reported barrier may take; § 12b (4) BGG gives federal bodies a month."""


def stored(session: Session) -> SiteSettings | None:
    """Return what was settled; None as long as nothing was."""
    return session.get(SiteSettings, THE_ONE)


def current(session: Session) -> SiteSettings:
    """Return what holds: what was settled, or the defaults."""
    return stored(session) or SiteSettings(id=THE_ONE, **DEFAULTS)


def state_of(session: Session, assembly_id: int | None) -> str:
    """Return the state whose holidays are kept, by its two letters: the one chosen for an assembly, or the site's.

    That none is kept can be chosen, too.
    """
    programme = session.get(Programme, assembly_id) if assembly_id is not None else None
    return programme.state if programme is not None else current(session).state


def answer_period(settings: SiteSettings) -> Period:
    """Return how long an answer to a reported barrier may take."""
    return Period.parse(settings.answer_period)


def save(session: Session, values: dict[str, Any], *, by: User) -> SiteSettings:
    """Settle it.

    Raises RuleError for a state or a period that does not exist, or without the enforcement body that the published
    declaration on accessibility names.
    """
    if values["state"] and values["state"] not in STATES:
        raise RuleError(marked("Choose a state from the list."), field="state")
    if values["answer_period"] not in PERIODS:
        raise RuleError(marked("Choose a period from the list."), field="answer_period")
    declared = sa.exists().where(SitePage.kind == PageKind.ACCESSIBILITY, SitePage.published_at.is_not(None))
    if not values["enforcement"] and session.scalar(sa.select(declared)):
        raise RuleError(
            marked("The declaration on accessibility is public, and has to name this body."), field="enforcement"
        )
    settings = stored(session)
    try:
        with session.begin_nested():
            if settings is None:
                settings = SiteSettings(id=THE_ONE)
                session.add(settings)
            for name in DEFAULTS:
                setattr(settings, name, values[name])
    except IntegrityError:  # somebody else was the first at this moment
        raise ConflictError(marked("Somebody else has just changed this. Load the page again.")) from None
    CITY_LOG.info("site_settings_changed by account %s", by.id)
    return settings
