"""Materials and their versions: described, added to, published, removed; the one door for what readers see."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import AgendaItem, Assembly, Event, Expert, Material, MaterialKind, MaterialVersion, User
from assembly.services import freezing, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError, marked
from assembly.services.materials import scanning
from assembly.services.materials.files import UploadedFile, recognised

FIELDS = (
    *("title", "language", "source", "licence", "dated_on", "plain_text", "is_to_read_before", "is_public"),
    *("event_id", "item_id", "expert_id"),
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a version holds: a file of a document, the address of a link, or that of a video and how it can be read."""

    file: UploadedFile | None = None
    address: str = ""
    has_captions: bool = False
    transcript: str = ""
    note: str = ""


def looked_at(content: bytes, *, clamd: str | None) -> UploadedFile:
    """Return an uploaded file that may be kept: of a kind that is taken, and clean. Raises RuleError, StorageError.

    It takes as long as the scanner does, so it comes before anything is locked.
    """
    file = recognised(content)
    scanning.require_clean(content, clamd=clamd)
    return file


def add_material(
    session: Session, assembly: Assembly, kind: MaterialKind, values: Mapping[str, Any], content: Content, *, by: User
) -> Material:
    """Add a material as a draft, with its first version. Raises RuleError for what does not fit together."""
    freezing.lock_pool(session, assembly.id)
    material = Material(
        assembly_id=assembly.id, kind=kind, **{field: values[field] for field in FIELDS if field in values}
    )
    _check_place(session, material)
    session.add(material)
    session.flush()
    _add(session, material, content)
    _log(session, material, "material_added", by=by)
    return material


def change_material(session: Session, material: Material, values: Mapping[str, Any], *, by: User) -> None:
    """Describe a material anew. Raises RuleError for what does not fit together, or lacks what readers must know."""
    freezing.lock_pool(session, material.assembly_id)
    changed = logbook.assign(material, values, FIELDS)
    _check_place(session, material)
    if material.is_published:
        _require_readable(material)
    session.flush()
    if changed:
        session.refresh(material, ["event", "item", "expert"])
        _log(session, material, "material_changed", {"fields": sorted(changed)}, by=by)


def add_version(session: Session, material: Material, content: Content, *, by: User) -> MaterialVersion:
    """Add a version, which is shown first from now on; the old ones stay. Raises RuleError."""
    freezing.lock_pool(session, material.assembly_id)
    session.refresh(material, ["versions", "is_published"])
    version = _add(session, material, content)
    if material.is_published:
        _require_readable(material)
    _log(session, material, "material_version_added", {"version": version.number}, by=by)
    return version


def publish(session: Session, material: Material, *, by: User) -> None:
    """Show a material to its readers. Raises ConflictError if they see it, RuleError if something is missing."""
    freezing.lock_pool(session, material.assembly_id)
    session.refresh(material, ["versions", "is_published"])
    if material.is_published:
        raise ConflictError(marked("It is published already."))
    _require_readable(material)
    material.is_published, material.published_at = True, now()
    _log(session, material, "material_published", by=by)


def withhold(session: Session, material: Material, *, by: User) -> None:
    """Take a material back from its readers, all versions of it. Raises ConflictError if it is a draft already."""
    freezing.lock_pool(session, material.assembly_id)
    session.refresh(material, ["is_published"])
    if not material.is_published:
        raise ConflictError(marked("It is a draft already."))
    material.is_published = False
    _log(session, material, "material_withheld", by=by)


def withdraw_version(session: Session, material: Material, *, by: User) -> None:
    """Take back the version that readers see first; the one before it takes its place.

    Raises ConflictError if it is a draft or there is no other, RuleError if the former one cannot be read by all.
    """
    freezing.lock_pool(session, material.assembly_id)
    session.refresh(material, ["versions", "is_published"])
    current = _of_several(material)
    current.withdrawn_at = now()
    _require_readable(material)
    _log(session, material, "material_version_withdrawn", {"version": current.number}, by=by)


def _of_several(material: Material) -> MaterialVersion:
    current = material.current
    if not material.is_published or current is None:
        raise ConflictError(marked("It is a draft already."))
    if material.shown == [current]:
        raise ConflictError(marked("There is no former version that could be shown: take the material back."))
    return current


def remove_material(session: Session, material: Material, *, by: User) -> None:
    """Remove a material with all its versions; nothing of them is left."""
    freezing.lock_pool(session, material.assembly_id)
    _log(session, material, "material_removed", by=by)
    session.delete(material)
    session.flush()


def _add(session: Session, material: Material, content: Content) -> MaterialVersion:
    if material.kind is MaterialKind.DOCUMENT:
        if content.file is None:
            raise RuleError(marked("Choose a file."), field="file")
        content = dataclasses.replace(content, address="", has_captions=False, transcript="")
    else:
        if not content.address:
            raise RuleError(marked("Enter the address."), field="address")
        content = dataclasses.replace(content, file=None)
    if material.kind is MaterialKind.LINK:
        content = dataclasses.replace(content, has_captions=False, transcript="")
    version = MaterialVersion(
        number=1 + max((one.number for one in material.versions), default=0),
        added_at=now(),
        note=content.note,
        address=content.address,
        has_captions=content.has_captions,
        transcript=content.transcript,
    )
    if content.file is not None:
        version.suffix, version.content = content.file.suffix, content.file.content
        version.size = len(content.file.content)
    material.versions.insert(0, version)
    session.flush()
    return version


def _require_readable(material: Material) -> None:
    current = material.current
    if current is None:
        raise RuleError(marked("Add a version first."))
    if material.kind is MaterialKind.VIDEO and not (current.has_captions or current.transcript):
        raise RuleError(
            marked("A video needs captions or a transcript: add a version that has one of them."), field="has_captions"
        )
    for field, text in (("source", material.source), ("licence", material.licence)):
        if not text:
            said = marked("Before it is published, say under “Edit” where it comes from, and under which licence.")
            raise RuleError(said, field=field)


def _check_place(session: Session, material: Material) -> None:
    """Raise NotFoundError unless the item belongs to the event, and all of it to this assembly."""
    with session.no_autoflush:
        if material.event_id is not None:
            _require_here(session.get(Event, material.event_id), material.assembly_id)
        if material.expert_id is not None:
            _require_here(session.get(Expert, material.expert_id), material.assembly_id)
        if material.item_id is not None:
            item = session.get(AgendaItem, material.item_id)
            if item is None or item.event_id != material.event_id:
                raise NotFoundError


def _require_here(row: Event | Expert | None, assembly_id: int) -> None:
    if row is None or row.assembly_id != assembly_id:
        raise NotFoundError


def _log(
    session: Session, material: Material, action: str, details: Mapping[str, Any] | None = None, *, by: User
) -> None:
    session.flush()
    assembly = session.get_one(Assembly, material.assembly_id)
    said = {"title": material.title} | dict(details or {})
    logbook.record(session, assembly, action, by=by, subject=f"material:{material.id}", details=said)
