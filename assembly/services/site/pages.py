"""The pages of the site: written, published and taken back by administrators; what is missing keeps one unpublished."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import PageKind, SitePage, SiteSettings, User
from assembly.services.accounts import CITY_LOG
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.site import prose, settings
from assembly.services.site.requirements import Demand, Requirement, requirement_of

FIELDS = ("text_de", "text_en", "video", "is_required", "source")


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """Where a page stands. `is_elsewhere` if the city has it on a site of its own."""

    kind: PageKind
    page: SitePage | None
    requirement: Requirement
    is_elsewhere: bool

    @property
    def is_published(self) -> bool:
        """Whether everyone can read it here."""
        return self.page is not None and self.page.published_at is not None

    @property
    def is_owed(self) -> bool:
        """Whether it has to be there, and is not."""
        return self.requirement.demand is Demand.REQUIRED and not (self.is_published or self.is_elsewhere)


def standings(session: Session, elsewhere: Collection[PageKind] = ()) -> list[Standing]:
    """Return where each page stands, given those that the city has on a site of its own."""
    written = {page.kind: page for page in session.scalars(sa.select(SitePage))}
    state = settings.current(session).state
    return [
        Standing(kind, written.get(kind), requirement_of(kind, written.get(kind), state), kind in elsewhere)
        for kind in PageKind
    ]


def published(session: Session) -> Sequence[PageKind]:
    """Return which pages everyone can read, for the footers."""
    return session.scalars(sa.select(SitePage.kind).where(SitePage.published_at.is_not(None))).all()


def find(session: Session, kind: PageKind) -> SitePage | None:
    """Return a page as administrators see it; None as long as nothing is written."""
    return session.scalar(sa.select(SitePage).where(SitePage.kind == kind))


def public_page(session: Session, kind: PageKind) -> SitePage:
    """Return a page that is published. Raises NotFoundError."""
    page = find(session, kind)
    if page is None or page.published_at is None:
        raise NotFoundError
    return page


def save(session: Session, kind: PageKind, values: dict[str, Any], *, by: User) -> SitePage:
    """Write a page; one that is published says it at once.

    Raises RuleError if it is settled without source, or is published and something would be missing in it.
    """
    if values["is_required"] is not None and not values["source"]:
        raise RuleError(marked("Say what this follows from."), field="source")
    page = find(session, kind)
    try:
        with session.begin_nested():
            if page is None:
                page = SitePage(kind=kind, version=0, changed_at=now())
                session.add(page)
            for name in FIELDS:
                setattr(page, name, values[name])
            page.version += 1
            page.changed_at, page.changed_by_id = now(), by.id
    except IntegrityError:  # somebody else was the first at this moment
        raise ConflictError(marked("Somebody else has just changed this. Load the page again.")) from None
    if page.published_at is not None:
        require_complete(page, settings.current(session))
    CITY_LOG.info("page_changed page:%s version %s by account %s", kind.value, page.version, by.id)
    return page


def publish(session: Session, kind: PageKind, *, by: User) -> SitePage:
    """Let everyone read a page. Raises NotFoundError if nothing is written, RuleError if something is missing in it."""
    page = find(session, kind)
    if page is None:
        raise NotFoundError
    require_complete(page, settings.current(session))
    if page.published_at is None:
        page.published_at = now()
        CITY_LOG.info("page_published page:%s version %s by account %s", kind.value, page.version, by.id)
    session.flush()
    return page


def withdraw(session: Session, kind: PageKind, *, by: User) -> None:
    """Take a page back; it can be published again. Raises NotFoundError if it is not published."""
    page = public_page(session, kind)
    page.published_at = None
    session.flush()
    CITY_LOG.info("page_withdrawn page:%s by account %s", kind.value, by.id)


def require_complete(page: SitePage, site: SiteSettings) -> None:
    """Raise RuleError if something is missing that everyone would miss: text, gaps, video, enforcement body."""
    if not page.text_de.strip():
        raise RuleError(marked("The German text is missing."), field="text_de")
    for name in ("text_de", "text_en"):
        if left := prose.gaps(getattr(page, name)):
            raise RuleError(
                marked("Fill in what stands in square brackets: %(gaps)s"), field=name, gaps=", ".join(left)
            )
    if page.kind is PageKind.SIGN_LANGUAGE and not page.video:
        raise RuleError(marked("The address of the video is missing."), field="video")
    if page.kind is PageKind.ACCESSIBILITY and not site.enforcement.strip():
        raise RuleError(marked("The declaration has to name the enforcement body: enter it under “State and periods”."))
