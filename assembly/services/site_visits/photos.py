"""Photos of observation sheets: added with a description, shown once the people in them agreed."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, undefer

from assembly.clock import now
from assembly.models import (
    Assembly,
    ConsentKind,
    Event,
    Member,
    MemberConsent,
    ObservationSheet,
    Openness,
    Respondent,
    User,
    VisitPhoto,
)
from assembly.services import freezing
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.programme.events import VISIBLE
from assembly.services.site_visits.observations import log, require_changeable
from assembly.services.site_visits.pictures import Picture

MOST_OF_SHEET = 6
LONGEST_ALT_TEXT = 500


class Size(enum.StrEnum):
    """In which size a photo is given."""

    SMALL = "small"
    LARGE = "large"


def add_photo(
    session: Session, sheet: ObservationSheet, picture: Picture, alt_text: str, *, by: User | None
) -> VisitPhoto:
    """Add a photo, which nobody sees until its people agreed. Raises RuleError without description, ConflictError."""
    _lock(session, sheet)
    require_changeable(session, sheet, by=by)
    if not alt_text.strip():
        raise RuleError(marked("Describe the photo in a sentence, for those who do not see it."), field="alt_text")
    if len(sheet.photos) >= MOST_OF_SHEET:
        raise ConflictError(marked("A sheet has at most %(most)s photos."), field="file", most=MOST_OF_SHEET)
    photo = VisitPhoto(
        alt_text=alt_text.strip(),
        width=picture.width,
        height=picture.height,
        added_at=now(),
        content=picture.content,
        thumbnail=picture.thumbnail,
    )
    sheet.photos.append(photo)
    log(session, sheet, "visit_photo_added", by=by)
    return photo


def agree(session: Session, sheet: ObservationSheet, photo: VisitPhoto, *, by: User) -> None:
    """Note that the people in a photo agreed that it is published, or that it shows none."""
    _lock(session, sheet)
    session.refresh(photo, ["agreed_at"])
    if photo.agreed_at is None:
        photo.agreed_at = now()
        log(session, sheet, "visit_photo_agreed", by=by)


def disagree(session: Session, sheet: ObservationSheet, photo: VisitPhoto, *, by: User) -> None:
    """Note that somebody in a photo does not agree: nobody but staff and its member sees it from now on."""
    _lock(session, sheet)
    session.refresh(photo, ["agreed_at"])
    if photo.agreed_at is not None:
        photo.agreed_at = None
        log(session, sheet, "visit_photo_withheld", by=by)


def remove_photo(session: Session, sheet: ObservationSheet, photo: VisitPhoto, *, by: User | None) -> None:
    """Remove a photo; nothing of it is left."""
    _lock(session, sheet)
    sheet.photos.remove(photo)
    log(session, sheet, "visit_photo_removed", by=by)


def of_sheet(sheet: ObservationSheet, photo_id: int) -> VisitPhoto:
    """Return a photo of a sheet, without its content. Raises NotFoundError."""
    found = next((photo for photo in sheet.photos if photo.id == photo_id), None)
    if found is None:
        raise NotFoundError
    return found


def staffs_picture(session: Session, assembly: Assembly, photo_id: int, size: Size, *, of_all: bool) -> bytes:
    """Return a photo for staff: `of_all`, or of those that readers see. Raises NotFoundError."""
    photo = _get(session, assembly, photo_id, size)
    if not of_all and not _is_shown(photo):
        raise NotFoundError
    return _bytes(photo, size)


def members_picture(session: Session, member: Member, photo_id: int, size: Size) -> bytes:
    """Return a photo for a member: of their own sheets, or one that readers see. Raises NotFoundError."""
    photo = _get(session, member.respondent.assembly, photo_id, size)
    if photo.sheet.respondent_id != member.respondent_id and not _is_shown(photo):
        raise NotFoundError
    return _bytes(photo, size)


def public_picture(session: Session, assembly: Assembly, photo_id: int, size: Size) -> bytes:
    """Return a photo for everyone, of a visit that everyone may know of. Raises NotFoundError."""
    photo = _get(session, assembly, photo_id, size)
    if not _is_shown(photo) or photo.sheet.event.openness is Openness.MEMBERS:
        raise NotFoundError
    return _bytes(photo, size)


def taken_back_since(session: Session, assembly: Assembly, moment: dt.datetime) -> bool:
    """Whether a member took back since then that photos of them may be shown: then all are to be looked at again."""
    ended = (
        sa.select(MemberConsent.respondent_id)
        .join(Respondent, Respondent.id == MemberConsent.respondent_id)
        .where(
            Respondent.assembly_id == assembly.id,
            MemberConsent.kind == ConsentKind.PHOTO,
            MemberConsent.ended_at >= moment,
        )
    )
    return bool(session.scalar(sa.select(ended.exists())))


def _is_shown(photo: VisitPhoto) -> bool:
    sheet: ObservationSheet = photo.sheet
    event: Event = sheet.event
    return sheet.is_published and photo.agreed_at is not None and event.state in VISIBLE


def _get(session: Session, assembly: Assembly, photo_id: int, size: Size) -> VisitPhoto:
    column = VisitPhoto.thumbnail if size is Size.SMALL else VisitPhoto.content
    photo = session.scalars(
        sa.select(VisitPhoto)
        .join(VisitPhoto.sheet)
        .join(ObservationSheet.event)
        .where(VisitPhoto.id == photo_id, Event.assembly_id == assembly.id)
        .options(joinedload(VisitPhoto.sheet).joinedload(ObservationSheet.event), undefer(column))
    ).one_or_none()
    if photo is None:
        raise NotFoundError
    return photo


def _bytes(photo: VisitPhoto, size: Size) -> bytes:
    return photo.thumbnail if size is Size.SMALL else photo.content


def _lock(session: Session, sheet: ObservationSheet) -> None:
    freezing.lock_pool(session, sheet.event.assembly_id)
    session.refresh(sheet, ["photos"])
