"""Experts, materials and answers as data: what everyone may read on the programme's page, for other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from assembly.clock import ZONE
from assembly.models import Event, Expert, Material, MaterialVersion, RequestAnswer

FileAddress = Callable[[int], str]


def knowledge_document(
    experts: Iterable[Expert],
    materials: Iterable[Material],
    answers: Iterable[RequestAnswer],
    *,
    events: Sequence[Event],
    file_address: FileAddress,
) -> dict[str, Any]:
    """Return for JSON what the programme's page shows beside the events.

    All of it is public already; experts and materials name only those events that are among the public `events`.
    `file_address` gives the address of a version's file. Neither fee nor gender is in it, nor who asked for anything.
    """
    uids = {event.id: event.uid for event in events}
    return {
        "experts": [_expert(expert, uids) for expert in experts],
        "materials": [_material(material, uids, file_address) for material in materials],
        "answers": [
            {
                "kind": answer.kind.value,
                "request": answer.wording,
                "answer": answer.answer,
                "answered_on": answer.answered_on.isoformat(),
            }
            for answer in answers
        ],
    }


def _expert(expert: Expert, uids: dict[int, str]) -> dict[str, Any]:
    return {
        "name": expert.name,
        "role": expert.role.value,
        "affiliation": expert.affiliation,
        "perspectives": [perspective.name for perspective in expert.perspectives],
        "interests": expert.interests,
        "proposed_by": expert.proposed_by,
        "chosen_by": expert.chosen_by,
        "speaks_at": [
            {"event": uids[one.event_id], "minutes": one.minutes} for one in expert.inputs if one.event_id in uids
        ],
    }


def _material(material: Material, uids: dict[int, str], file_address: FileAddress) -> dict[str, Any]:
    return {
        "title": material.title,
        "kind": material.kind.value,
        "language": material.language,
        "source": material.source,
        "licence": material.licence,
        "dated_on": material.dated_on.isoformat() if material.dated_on else None,
        "event": uids.get(material.event_id or 0),
        "plain_text": material.plain_text,
        "versions": [_version(version, file_address) for version in material.shown],
    }


def _version(version: MaterialVersion, file_address: FileAddress) -> dict[str, Any]:
    return {
        "number": version.number,
        "added_at": version.added_at.astimezone(ZONE).isoformat(),
        "note": version.note,
        "address": file_address(version.id) if version.suffix else version.address,
        "has_captions": version.has_captions,
        "transcript": version.transcript,
    }
