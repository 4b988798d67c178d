"""Checking an archive, without any database: no file changed, and each step of the follow-up is what its hash says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import rfc8785

from assembly.archiving.writing import FORMAT, MANIFEST
from assembly.services.errors import ConflictError, marked
from assembly.services.follow_up.cases import DOMAIN

REGISTER = "files/follow-up.json"


def faults_of(folder: Path) -> list[str]:
    """Return what is wrong with an archive, a sentence each; none if it is as it was written.

    Raises ConflictError if it is no archive.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        manifest = {}
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ConflictError(marked("This folder is no archive of an assembly: it has no MANIFEST.json of this format."))
    return [*_files(folder, manifest["files"]), *_steps(folder)]


def _files(folder: Path, stated: dict[str, Any]) -> Iterator[str]:
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    for name in sorted(stated.keys() - there):
        yield f"{name} is missing."
    for name in sorted(there - stated.keys()):
        yield f"{name} was added."
    for name in sorted(there & stated.keys()):
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != stated[name]["sha256"]:
            yield f"{name} was changed."


def _steps(folder: Path) -> Iterator[str]:
    """Yield the steps whose text is not what their hash is of."""
    path = folder / REGISTER
    if not path.is_file():
        return
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
        for step in case["steps"]:
            what = f"Step {step['number']} of case {case['id']}"
            if step["salt"] and _digest(case["id"], step) != step["digest"]:
                yield f"{what} is not what its hash says."


def _digest(case_id: int, step: dict[str, Any]) -> str:
    said = {name: step[name] for name in ("number", "move", "taken_on", "facts")}
    content = rfc8785.dumps({"case": case_id, **said})
    return hashlib.sha256(DOMAIN + bytes.fromhex(step["salt"]) + content).hexdigest()
