"""Who reads which materials: staff all, members what is published, the public what is published and public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from assembly.models import Assembly, Event, Material, MaterialVersion
from assembly.services.errors import NotFoundError


def materials_of(session: Session, assembly: Assembly) -> Sequence[Material]:
    """Return all materials of an assembly with their versions, by event and title."""
    return session.scalars(_of(assembly)).all()


def materials_at(session: Session, event: Event) -> Sequence[Material]:
    """Return the materials that belong to an event, drafts too, by title."""
    found = sa.select(Material).where(Material.event_id == event.id)
    return session.scalars(found.order_by(Material.title, Material.id)).all()


def members_materials_of(session: Session, assembly: Assembly) -> Sequence[Material]:
    """Return the materials that members read."""
    return session.scalars(_of(assembly).where(Material.is_published)).all()


def public_materials_of(session: Session, assembly: Assembly) -> Sequence[Material]:
    """Return the materials that everyone may read."""
    return session.scalars(_of(assembly).where(Material.is_published, Material.is_public)).all()


def get_material(session: Session, assembly: Assembly, material_id: int) -> Material:
    """Return a material of an assembly. Raises NotFoundError."""
    material = session.scalars(_of(assembly).where(Material.id == material_id)).one_or_none()
    if material is None:
        raise NotFoundError
    return material


def get_file(session: Session, assembly: Assembly, version_id: int) -> MaterialVersion:
    """Return a version that is a file, with its content. Raises NotFoundError."""
    version = session.scalars(
        sa.select(MaterialVersion)
        .join(Material)
        .where(MaterialVersion.id == version_id, Material.assembly_id == assembly.id, MaterialVersion.suffix != "")
        .options(joinedload(MaterialVersion.material), undefer(MaterialVersion.content))
    ).one_or_none()
    if version is None:
        raise NotFoundError
    return version


def get_members_file(session: Session, assembly: Assembly, version_id: int) -> MaterialVersion:
    """Return a file that members read, of whichever version that was not withdrawn. Raises NotFoundError."""
    version = get_file(session, assembly, version_id)
    if not version.material.is_published or version.withdrawn_at is not None:
        raise NotFoundError
    return version


def get_public_file(session: Session, assembly: Assembly, version_id: int) -> MaterialVersion:
    """Return a file that everyone may read, of whichever version. Raises NotFoundError."""
    version = get_members_file(session, assembly, version_id)
    if not version.material.is_public:
        raise NotFoundError
    return version


def read_before_for(session: Session, assembly: Assembly, events: Sequence[Event]) -> Mapping[int, Sequence[Material]]:
    """Return what members are to read before each of some events, by its number; in one query for all."""
    wanted = sa.select(Material).where(
        Material.assembly_id == assembly.id,
        Material.is_published,
        Material.is_to_read_before,
        Material.event_id.in_([event.id for event in events]),
    )
    found: dict[int, list[Material]] = {}
    for material in session.scalars(wanted.order_by(Material.title, Material.id)):
        found.setdefault(material.event_id or 0, []).append(material)
    return found


def _of(assembly: Assembly) -> sa.Select[Material]:
    return (
        sa.select(Material)
        .outerjoin(Event, Event.id == Material.event_id)
        .where(Material.assembly_id == assembly.id)
        .options(
            selectinload(Material.versions),
            joinedload(Material.event),
            joinedload(Material.item),
            joinedload(Material.expert),
        )
        .order_by(Event.starts_at.is_not(None), Event.starts_at, Material.title, Material.id)
    )
