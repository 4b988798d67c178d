"""Reading and writing the protocol's files: all outputs of a command appear, or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sortition.errors import InputError

READABLE_BY_ALL = 0o644
"""Mode of published files; all others stay readable by their owner alone, for they hold secrets."""


@dataclass(frozen=True, slots=True, repr=False)
class NewFile:
    """A file to be written; `published` files may be read by everybody on the machine."""

    path: Path
    content: bytes
    published: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class NewFolder:
    """A folder to be written, with its files by name; readable by its owner alone."""

    path: Path
    files: Mapping[str, bytes]


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; raises InputError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def require_new(paths: Sequence[Path]) -> None:
    """Find out before any work that none of the outputs exists yet, that they differ, and that each can be written.

    Raises InputError otherwise. What becomes impossible afterwards, `write_new` finds.
    """
    if len({path.resolve() for path in paths}) != len(paths):
        raise InputError("Two outputs have the same name; give each its own.")
    for path in paths:
        if os.path.lexists(path):
            raise InputError(f"{path} exists already and is never overwritten. Choose another name or move it away.")
        require_writable(path)


def require_writable(path: Path) -> None:
    """Find out before any work that an output can be written, by making a file beside its place and removing it.

    Raises InputError if its folder is missing, its name is impossible, or the system does not let us write there.
    """
    if path.parent.is_file():
        raise InputError(f"{path.parent} is no folder. Choose another one.")
    if not path.parent.is_dir():
        raise InputError(f"The folder {path.parent} does not exist. Make it, or choose another one.")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}. Choose another file or folder.") from error
    os.close(handle)
    Path(name).unlink()


def write_new(outputs: Sequence[NewFile | NewFolder]) -> None:
    """Write files and folders that do not exist yet, in this order, all or none.

    Everything is written beside its place under a temporary name first; only then is it renamed, and if that fails
    what was renamed is removed again. Nothing is ever overwritten: an older audit document may be the only copy of
    its secrets. Raises InputError if an output exists, appears twice, or cannot be written.
    """
    paths = [output.path for output in outputs]
    require_new(paths)
    with ExitStack() as undo:
        try:
            temporaries = [_write_temporary(output, undo) for output in outputs]
            for temporary, path in zip(temporaries, paths, strict=True):
                temporary.rename(path)
                undo.callback(_remove, path)
        except OSError as error:
            raise InputError(f"{error.filename} cannot be written: {error.strerror}.") from error
        undo.pop_all()


def _write_temporary(output: NewFile | NewFolder, undo: ExitStack) -> Path:
    folder, prefix = output.path.parent, f".{output.path.name}."
    if isinstance(output, NewFolder):
        temporary = Path(tempfile.mkdtemp(dir=folder, prefix=prefix, suffix=".tmp"))
        undo.callback(_remove, temporary)
        for name, content in output.files.items():
            _write(temporary / name, content)
        return temporary
    handle, text = tempfile.mkstemp(dir=folder, prefix=prefix, suffix=".tmp")
    os.close(handle)
    temporary = Path(text)
    undo.callback(_remove, temporary)
    _write(temporary, output.content)
    if output.published:
        temporary.chmod(READABLE_BY_ALL)
    return temporary


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
