"""Drafts: written in versions, traced to result sheets, addressed, merged with the originals kept, given up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import (
    Assembly,
    EntryKind,
    Recommendation,
    RecommendationState,
    ResultSheet,
    SheetEntry,
    User,
    recommendation_sources,
)
from assembly.services import freezing
from assembly.services.errors import NotFoundError, RuleError, marked
from assembly.services.recommendations.texts import (
    MOST,
    checked,
    keep_version,
    lock,
    log,
    require_version,
    rules_of,
    said_by,
)

FEWEST_MERGED = 2
TITLE_OF_ENTRY = 80
"""Characters of a sheet's entry that become the title of its draft."""


def draft(
    session: Session, assembly: Assembly, values: Mapping[str, Any], *, sources: Collection[int] = (), by: User
) -> Recommendation:
    """Begin a draft, with the entries of result sheets that it comes from.

    Raises RuleError for what cannot be kept, NotFoundError for an entry that is not the assembly's.
    """
    freezing.lock_pool(session, assembly.id)
    made = _add(session, assembly, values, by=by)
    made.sources = _entries(session, assembly, sources)
    log(session, assembly, made, "recommendation_drafted", by=by)
    return made


def save(
    session: Session,
    recommendation: Recommendation,
    values: Mapping[str, Any],
    *,
    version: int,
    sources: Collection[int] | None = None,
    by: User,
) -> None:
    """Save what was written on a `version` of a draft, as a new version if the text changed.

    Raises ConflictError if somebody saved another version meanwhile, or it is no draft any more, RuleError for what
    cannot be kept, NotFoundError for an entry that is not the assembly's.
    """
    assembly = lock(session, recommendation, RecommendationState.DRAFT)
    require_version(recommendation, version)
    said = checked(values)
    if sources is not None:
        recommendation.sources = _entries(session, assembly, sources)
    if said != said_by(recommendation):
        _set(recommendation, said)
        recommendation.version += 1
        keep_version(session, recommendation, by=by)
    log(session, assembly, recommendation, "recommendation_saved", by=by)


def address(session: Session, recommendation: Recommendation, numbers: Collection[int], *, by: User) -> None:
    """Choose who owes an answer, by their numbers in the published rules; possible until the handover.

    Raises RuleError for a number that the rules do not know, ConflictError without rules or after the handover.
    """
    assembly = lock(session, recommendation, RecommendationState.DRAFT, RecommendationState.ADOPTED)
    known = {one.number for one in rules_of(session, assembly).addressees}
    if not known.issuperset(numbers):
        raise RuleError(marked("Choose addressees from the list."), field="addressees")
    recommendation.addressee_numbers = sorted(set(numbers))
    log(
        session,
        assembly,
        recommendation,
        "recommendation_addressed",
        by=by,
        addressees=recommendation.addressee_numbers,
    )


def merge(
    session: Session, assembly: Assembly, originals: Sequence[Recommendation], values: Mapping[str, Any], *, by: User
) -> Recommendation:
    """Make one draft of several; their texts stay, and are shown with it. It has the sources and addressees of all.

    Raises RuleError for fewer than two, or for what cannot be kept, ConflictError if one is no draft any more.
    """
    if len(originals) < FEWEST_MERGED:
        raise RuleError(marked("Choose at least two drafts."), field="chosen")
    for one in originals:
        lock(session, one, RecommendationState.DRAFT)
    made = _add(session, assembly, values, by=by)
    made.sources = _entries(session, assembly, {entry.id for one in originals for entry in one.sources})
    made.addressee_numbers = sorted({number for one in originals for number in one.addressee_numbers})
    for one in originals:
        one.state, one.merged_into_id = RecommendationState.MERGED, made.id
    numbers = sorted(one.number for one in originals)
    log(session, assembly, made, "recommendations_merged", by=by, originals=numbers)
    return made


def discard(session: Session, recommendation: Recommendation, *, by: User) -> None:
    """Give up a draft; its text stays. Raises ConflictError if it is none any more."""
    assembly = lock(session, recommendation, RecommendationState.DRAFT)
    recommendation.state = RecommendationState.DISCARDED
    log(session, assembly, recommendation, "recommendation_discarded", by=by)


def proposed_entries(session: Session, assembly: Assembly, *more: int) -> Sequence[SheetEntry]:
    """Return the drafts of recommendations on result sheets, in the order of the sheets, and the entries `more`."""
    found = (
        sa.select(SheetEntry)
        .join(SheetEntry.sheet)
        .where(
            ResultSheet.assembly_id == assembly.id,
            sa.or_(SheetEntry.kind == EntryKind.DRAFT_RECOMMENDATION, SheetEntry.id.in_(more)),
        )
        .order_by(ResultSheet.event_id, ResultSheet.round, ResultSheet.table_number, SheetEntry.id)
    )
    return session.scalars(found).all()


def open_entries(session: Session, assembly: Assembly) -> Sequence[SheetEntry]:
    """Return the drafts on result sheets that no recommendation comes from yet."""
    used = set(
        session.scalars(
            sa.select(recommendation_sources.c.entry_id)
            .join(Recommendation, Recommendation.id == recommendation_sources.c.recommendation_id)
            .where(Recommendation.assembly_id == assembly.id)
        )
    )
    return [entry for entry in proposed_entries(session, assembly) if entry.id not in used]


def from_entry(session: Session, assembly: Assembly, entry_id: int) -> dict[str, str]:
    """Return the text with which a draft begins that comes from an entry of a sheet. Raises NotFoundError."""
    (entry,) = _entries(session, assembly, [entry_id])
    return {"title": _shortened(entry.text), "text": entry.text}


def from_originals(originals: Sequence[Recommendation]) -> dict[str, str]:
    """Return the text with which a draft begins that is made of several: all of theirs, one below the other."""
    themes = {one.theme for one in originals}
    joined = {
        field: "\n\n".join(text for one in originals if (text := getattr(one, field)))
        for field in ("text", "reasons", "plain")
    }
    title = max((one.title for one in originals), key=len, default="")
    return joined | {"title": title, "theme": themes.pop() if len(themes) == 1 else ""}


def _add(session: Session, assembly: Assembly, values: Mapping[str, Any], *, by: User) -> Recommendation:
    last = sa.select(sa.func.max(Recommendation.number)).where(Recommendation.assembly_id == assembly.id)
    number = (session.scalar(last) or 0) + 1
    made = Recommendation(assembly_id=assembly.id, number=number, version=1, **checked(values))
    session.add(made)
    session.flush()
    keep_version(session, made, by=by)
    return made


def _entries(session: Session, assembly: Assembly, numbers: Collection[int]) -> list[SheetEntry]:
    found = session.scalars(
        sa.select(SheetEntry)
        .join(SheetEntry.sheet)
        .where(SheetEntry.id.in_(numbers), ResultSheet.assembly_id == assembly.id)
        .order_by(SheetEntry.id)
    ).all()
    if len(found) != len(set(numbers)):
        raise NotFoundError
    return list(found)


def _set(recommendation: Recommendation, said: Mapping[str, str]) -> None:
    for field in MOST:
        setattr(recommendation, field, said[field])


def _shortened(text: str) -> str:
    """Return a text that fits a title.

    >>> _shortened("Mehr Bäume.")
    'Mehr Bäume'
    """
    if len(text) <= TITLE_OF_ENTRY:
        return text.rstrip(".")
    return text[:TITLE_OF_ENTRY].rsplit(" ", 1)[0] + " …"
