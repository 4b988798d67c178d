"""What a case of the follow-up refers to: a paper, a meeting or a resolution, as plain words and a link.

A reference is a value: it stays what it is when the mirror changes, and one written by hand is the same kind of thing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from assembly.models import (
    Assembly,
    CouncilAgendaItem,
    CouncilConsultation,
    CouncilMeeting,
    CouncilPaper,
    CouncilSource,
)
from assembly.services.council import searching
from assembly.services.council.reading import folded
from assembly.services.errors import NotFoundError
from assembly.services.programme.times import day_of

MOST_FOUND = 20
LONGEST_TITLE = 200


class ReferenceKind(enum.StrEnum):
    """What is referred to."""

    PAPER = "paper"
    MEETING = "meeting"
    RESOLUTION = "resolution"


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """A paper, a meeting or a resolution: `reference` is its number, such as “2027/114” or “Ö 5”.

    `title` has 200 characters at most, `link` 500. `body` is who met, for a meeting and what was resolved in it. `key`
    finds it again in the mirror (see `get_reference`), `text` is what was resolved and `result` how; all of these are
    empty for what was written by hand.
    """

    kind: ReferenceKind
    reference: str
    title: str
    link: str
    date: dt.date | None
    key: str = ""
    text: str = ""
    result: str = ""
    body: str = ""


def find(session: Session, assembly: Assembly, search: str) -> list[Reference]:
    """Return the first papers, meetings and resolutions that hold all words of a search; none without a source."""
    source = session.scalar(sa.select(CouncilSource).where(CouncilSource.assembly_id == assembly.id))
    if source is None:
        return []
    papers = searching.papers(session, source, search, size=MOST_FOUND).rows
    meetings = searching.meetings(session, source, search, size=MOST_FOUND).rows
    words = folded(search).split()
    resolved = [
        item
        for meeting in meetings
        for item in meeting.items
        if (item.resolution or item.result) and all(word in folded(item.name, item.resolution) for word in words)
    ][:MOST_FOUND]
    about = papers_of(session, source.id, resolved)
    resolutions = [of_resolution(item, about.get(item.id)) for item in resolved]
    return [*map(of_paper, papers), *map(of_meeting, meetings), *resolutions]


def get_reference(session: Session, assembly: Assembly, key: str) -> Reference:
    """Return the reference with a key, such as “paper:12”, from the mirror of this assembly. Raises NotFoundError."""
    kind, _, number = key.partition(":")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise NotFoundError
    match kind:
        case ReferenceKind.PAPER:
            paper = session.get(CouncilPaper, int(number))
            if paper is not None and _is_of(session, assembly, paper.source_id):
                return of_paper(paper)
        case ReferenceKind.MEETING:
            meeting = session.get(CouncilMeeting, int(number))
            if meeting is not None and _is_of(session, assembly, meeting.source_id):
                return of_meeting(meeting)
        case ReferenceKind.RESOLUTION:
            item = session.get(CouncilAgendaItem, int(number), options=[joinedload(CouncilAgendaItem.meeting)])
            if item is not None and _is_of(session, assembly, item.meeting.source_id):
                return of_resolution(item, papers_of(session, item.meeting.source_id, [item]).get(item.id))
        case _:
            pass
    raise NotFoundError


def get_meeting(session: Session, source: CouncilSource, meeting_id: int) -> CouncilMeeting:
    """Return a mirrored meeting. Raises NotFoundError."""
    meeting = session.get(CouncilMeeting, meeting_id)
    if meeting is None or meeting.source_id != source.id:
        raise NotFoundError
    return meeting


def of_paper(paper: CouncilPaper) -> Reference:
    """Return the reference to a mirrored paper."""
    return Reference(
        ReferenceKind.PAPER,
        paper.reference,
        _short(paper.name or paper.paper_type),
        paper.web or paper.main_file,
        paper.dated_on,
        key=f"{ReferenceKind.PAPER}:{paper.id}",
    )


def of_meeting(meeting: CouncilMeeting) -> Reference:
    """Return the reference to a mirrored meeting, which has no number."""
    return Reference(
        ReferenceKind.MEETING,
        "",
        _short(meeting.name or ", ".join(meeting.organizations)),
        meeting.web,
        day_of(meeting.starts_at) if meeting.starts_at else None,
        key=f"{ReferenceKind.MEETING}:{meeting.id}",
        body=_short(", ".join(meeting.organizations)),
    )


def of_resolution(item: CouncilAgendaItem, paper: CouncilPaper | None) -> Reference:
    """Return the reference to what was resolved on an agenda item; its number is the paper's, or else the item's."""
    meeting = item.meeting
    return Reference(
        ReferenceKind.RESOLUTION,
        paper.reference if paper and paper.reference else item.number,
        _short(item.name or (paper.name if paper else "")),
        item.web or meeting.web or (paper.web if paper else ""),
        day_of(meeting.starts_at) if meeting.starts_at else None,
        key=f"{ReferenceKind.RESOLUTION}:{item.id}",
        text=item.resolution,
        result=item.result,
        body=_short(", ".join(meeting.organizations)),
    )


def papers_of(session: Session, source_id: int, items: Sequence[CouncilAgendaItem]) -> dict[int, CouncilPaper]:
    """Return the papers that agenda items of a source are about, by the items' numbers.

    Servers say it in three ways: the item names its paper, or a consultation of it, or the paper names the item.
    """
    consultations = {one.consultation for one in items if one.consultation}
    found = session.execute(
        sa.select(CouncilPaper, CouncilConsultation.oparl_id, CouncilConsultation.agenda_item)
        .outerjoin(CouncilConsultation, CouncilConsultation.paper_id == CouncilPaper.id)
        .where(
            CouncilPaper.source_id == source_id,
            CouncilPaper.is_deleted.is_(False),
            sa.or_(
                CouncilPaper.oparl_id.in_({one.paper for one in items if one.paper}),
                CouncilConsultation.oparl_id.in_(consultations),
                CouncilConsultation.agenda_item.in_({one.oparl_id for one in items}),
            ),
        )
    ).all()
    by_name = {name: paper for paper, *names in found for name in (paper.oparl_id, *names) if name}
    named = {item.id: (item.paper, item.consultation, item.oparl_id) for item in items}
    return {
        number: next(by_name[name] for name in names if name in by_name)
        for number, names in named.items()
        if any(name in by_name for name in names)
    }


def _is_of(session: Session, assembly: Assembly, source_id: int) -> bool:
    return session.get_one(CouncilSource, source_id).assembly_id == assembly.id


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
