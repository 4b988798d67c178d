"""What everyone may see: which assemblies, and the numbers from the letters to the panel. Never names or codes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from assembly.models import Assembly, Commitment, Exclusion, InvitationRecord, Lottery, Status
from assembly.services import features, pool
from assembly.services.invitation_records import Funnel, funnel_of
from sortition.protocol.figures import SMALLEST_SHOWN_COUNT, merged_counts

LEFT: Final = "left"
"""Why somebody is not in the pool who was not excluded: they withdrew, or had their data erased."""


def public_assemblies(session: Session) -> list[Assembly]:
    """Return the assemblies whose public page is open, newest first."""
    return list(session.scalars(sa.select(Assembly).where(Assembly.is_public).order_by(Assembly.id.desc())))


def public_assembly(session: Session, slug: str) -> Assembly | None:
    """Return an assembly by the name in its address if its public page is open."""
    return session.scalar(sa.select(Assembly).where(Assembly.slug == slug, Assembly.is_public))


@dataclasses.dataclass(frozen=True, slots=True)
class Outside:
    """People who registered and are not in the pool, and why: excluded for a reason, or LEFT; None says no reason.

    With `and_few`, those are among them whose reasons fewer than three people share.
    """

    why: Exclusion | Literal["left"] | None
    people: int
    and_few: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Numbers:
    """From the letters to the panel, as everyone sees them; None where it would be, or give away, less than three.

    `pool` is the committed one, or today's before a commitment; `drawn` are seats. If fewer than three people are not
    in the pool, `registered` leaves them out. `outreach` is what each of the record's outreach brought.

    One look at the page gives no number of registered people under three, and neither does any sum or difference. Over
    time: once a pool is committed, its numbers stand still, whoever is excluded, leaves or is erased afterwards; before
    that, no reasons are given, so whoever looks twice sees how many have registered and are in the pool, and so that
    somebody left it, never why. Not protected: two commitments to the same panel, of which one was voided, can be
    compared, as their public documents can; and whoever knows all but one of a group knows that one. Letters that came
    back and reminders are exact: they are about addresses of whom nobody else knows.
    """

    funnel: Funnel
    registered: int | None
    pool: int | None
    outside: Sequence[Outside]
    drawn: int | None
    by_outreach: int | None
    outreach: Sequence[int | None]


def numbers_of(session: Session, assembly: Assembly, record: InvitationRecord, standing: Commitment | None) -> Numbers:
    """Return the numbers of an assembly; `standing` is its commitment that was not voided."""
    counts = (standing.registrations if standing else None) or counts_of(session, assembly)
    in_pool = standing.lottery.summary["people"] if standing else counts["pool"]
    outside = counts["registered"] - in_pool
    registered = counts["registered"] if outside >= SMALLEST_SHOWN_COUNT else in_pool
    shows_pool = in_pool >= SMALLEST_SHOWN_COUNT
    groups: list[Outside] = []
    if not shows_pool:
        registered = counts["registered"]
    elif outside >= SMALLEST_SHOWN_COUNT:
        groups = _reasons(counts["excluded"], outside) if standing else [Outside(None, outside, and_few=False)]
    by_outreach, outreach = _outreach(record, registered)
    return Numbers(
        funnel_of(record, registered),
        _shown(registered),
        in_pool if shows_pool else None,
        groups,
        assembly.panel_size if standing and standing.drawn_at else None,
        by_outreach,
        outreach,
    )


def counts_of(session: Session, assembly: Assembly) -> dict[str, Any]:
    """Return how many have registered by now, are in the pool, and were excluded for each reason: for no page as such.

    Lotteries are committed with them, so that the public page says the same ever after.
    """
    by_status, by_reason = pool.status_counts(session, assembly)
    return {
        "registered": sum(by_status.values()),
        "pool": by_status.get(Status.REGISTERED, 0),
        "excluded": {reason.value: count for reason, count in by_reason.items()},
    }


def _shown(count: int) -> int | None:
    return count if count >= SMALLEST_SHOWN_COUNT else None


def _reasons(excluded: Mapping[str, int], outside: int) -> list[Outside]:
    """Return why people are not in the pool; what fewer than three share, or nobody, stands with the most frequent."""
    people = {reason.value: excluded.get(reason.value, 0) for reason in Exclusion}
    people[LEFT] = max(0, outside - sum(people.values()))
    found = []
    for group in merged_counts(people):
        why: Exclusion | Literal["left"] | None
        frequent = [name for name in group["values"] if people[name] >= SMALLEST_SHOWN_COUNT]
        why = None if not frequent else LEFT if frequent == [LEFT] else Exclusion(frequent[0])
        found.append(Outside(why, group["count"], and_few=len(group["values"]) > 1))
    return found


def _outreach(record: InvitationRecord, registered: int) -> tuple[int | None, list[int | None]]:
    """Return how many registrations all outreach brought, and each; nothing that gives a number under three away."""
    brought = [one.registrations for one in record.outreach]
    total = sum(brought)
    if brought and registered - total < SMALLEST_SHOWN_COUNT:
        return None, [None] * len(brought)
    each = [_shown(count) for count in brought]
    return (None if None in each else total), each


@dataclasses.dataclass(frozen=True, slots=True)
class Seats:
    """How many members have one of some values, beside their share of the population in percent."""

    values: Sequence[str]
    members: int
    share: Decimal | None


@dataclasses.dataclass(frozen=True, slots=True)
class MakeUp:
    """The panel's make-up that everyone sees: by which draw, and how many seats were filled anew since.

    `has_replacements` tells that seats were filled anew before, so that it is not the one of the first draw.
    """

    features: Mapping[str, Sequence[Seats]]
    drawn_at: dt.datetime
    has_replacements: bool
    refilled: int


def shown_make_up(session: Session, assembly: Assembly) -> MakeUp | None:
    """Return the newest make-up of the panel that points at nobody; None before the draw.

    What two make-ups differ in are the values of those who left and of those who came: of one person, all of them. So
    it follows the documents, which hold no counts where a replacement fills few seats: then the make-up stays the one
    before, and only the number of seats that were filled anew since is said.
    """
    drawn = session.scalars(
        sa.select(Commitment)
        .join(Commitment.lottery)
        .where(Commitment.assembly_id == assembly.id, Commitment.drawn_at.is_not(None))
        .options(contains_eager(Commitment.lottery))
        .order_by(Commitment.drawn_at, Commitment.id)
    ).all()
    found: MakeUp | None = None
    for number, one in enumerate(drawn):
        if one.drawn_at is not None and one.make_up:
            found = MakeUp(make_up_of(session, assembly, one), one.drawn_at, number > 0, 0)
        elif found is not None:
            found = dataclasses.replace(found, refilled=found.refilled + _seats_of(one.lottery))
    return found


def _seats_of(lottery: Lottery) -> int:
    return int(lottery.summary.get("seats", len(lottery.vacated or ())))


def make_up_of(
    session: Session, assembly: Assembly, commitment: Commitment, *, merged: bool = True
) -> dict[str, list[Seats]]:
    """Return what a drawn panel is made of, feature by feature, in one query.

    For everyone, values with fewer than three members are merged with each other and with the most frequent one, as
    the engine does with the pool; not `merged`, each stands for itself.
    """
    found = {}
    for feature in features.features_of(session, assembly):
        if (counts := commitment.make_up.get(feature.name)) is None:
            continue
        shares = {value.name: value.share for value in feature.values}
        groups = [group["values"] for group in merged_counts(counts)] if merged else [[value] for value in counts]
        found[feature.name] = [
            Seats(group, sum(counts[value] for value in group), _sum([shares.get(value) for value in group]))
            for group in in_order(groups, list(shares))
        ]
    return found


def in_order(groups: Sequence[Sequence[str]], values: Sequence[str]) -> list[list[str]]:
    """Return merged groups of a feature's values, and each within itself, in the order of the values.

    What the feature does not know, such as that somebody stated nothing, comes last.
    """
    position = {value: number for number, value in enumerate(values)}

    def place(value: str) -> int:
        return position.get(value, len(position))

    return sorted((sorted(group, key=place) for group in groups), key=lambda group: place(group[0]))


def _sum(shares: Sequence[Decimal | None]) -> Decimal | None:
    return None if None in shares else sum((share for share in shares if share is not None), Decimal(0))
