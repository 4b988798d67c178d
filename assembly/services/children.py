"""Long computations in a child process: ended at once when cancelled, limited in memory, seen when they die."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

PRELOADED = "assembly.services.solving"
"""What the process that children are forked from has imported: with the engine there, they start in milliseconds."""
ASK_SECONDS = 0.3
"""How often the parent asks whether to stop."""


class ChildError(Exception):
    """A child process gave no result."""


class ChildCancelledError(ChildError):
    """It was ended because it was cancelled."""


class ChildDiedError(ChildError):
    """It ended without result or error: killed, or crashed. `exit_code` is the negative number of the signal."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(f"The child process died with exit code {exit_code}.")
        self.exit_code = exit_code


class ChildMemoryError(ChildError):
    """It needed more memory than it may have."""


class ChildFailedError(ChildError):
    """It raised an error that cannot travel between processes; the text is the error's type."""


def run_in_child(
    target: Callable[..., Any],
    args: tuple[Any, ...] = (),
    *,
    on_progress: Callable[[Any], None] = lambda _progress: None,
    cancelled: Callable[[], bool] = lambda: False,
    memory_bytes: int | None = None,
) -> Any:
    """Return `target(*args, report)`, computed in a child process.

    `target` is a function of a module, `args` and the result can be pickled. What it passes to `report` arrives at
    `on_progress`, in the caller's thread. Between, `cancelled` is asked; once it says yes, the child is killed. An
    error of the target is raised here. The child ends when its parent does.

    Raises ChildCancelledError, ChildMemoryError, ChildDiedError, ChildFailedError.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(there, memory_bytes, target, args), daemon=True)
    with here:
        with there:
            process.start()
        try:
            kind, content = _listen(here, process, on_progress, cancelled)
        finally:
            process.kill()
            process.join()
            exit_code = process.exitcode
            process.close()
    if kind == "result":
        return content
    if kind == "error":
        raise content
    if kind == "memory":
        raise ChildMemoryError("The child process needed more memory than it may have.")
    if kind == "failed":
        raise ChildFailedError(content)
    raise ChildDiedError(exit_code)


def forget_script() -> None:
    """Keep children from running the script that this process began with: they would import all that it imports.

    They are told its file, if it has one and is no module (`spawn.get_preparation_data` in the standard library). The
    targets here are functions of modules, so that no child needs it.
    """
    script = sys.modules["__main__"]
    if script.__spec__ is None:
        vars(script).pop("__file__", None)


def _listen(
    connection: Connection, process: BaseProcess, on_progress: Callable[[Any], None], cancelled: Callable[[], bool]
) -> tuple[str, Any]:
    """Return the child's last message, or that it died, for which it is waited so that its exit code is known."""
    ask_at = 0.0
    while True:
        if time.monotonic() >= ask_at:
            if cancelled():
                raise ChildCancelledError("The child process was cancelled.")
            ask_at = time.monotonic() + ASK_SECONDS
        if not connection.poll(ASK_SECONDS):
            continue
        try:
            kind, content = connection.recv()
        except (EOFError, OSError):
            process.join(timeout=1)
            return "died", None
        if kind != "progress":
            return kind, content
        on_progress(content)


def _child(connection: Connection, memory_bytes: int | None, target: Callable[..., Any], args: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    threading.Thread(target=end_with_parent, daemon=True).start()
    if memory_bytes is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    lock = threading.Lock()

    def send(kind: str, content: Any) -> None:
        with lock, contextlib.suppress(BrokenPipeError):
            connection.send((kind, content))

    try:
        result = target(*args, lambda progress: send("progress", progress))
    except MemoryError:
        send("memory", None)
    except Exception as error:  # whatever it is, the parent raises it
        send(*_portable(error))
    else:
        send("result", result)


def _portable(error: Exception) -> tuple[str, Any]:
    """Return an error as it can travel: exceptions whose arguments are not those of their class cannot."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    except Exception:  # a class may do anything here
        return "failed", type(error).__name__
    return "error", error


def end_with_parent() -> None:
    """Wait for the parent's end: a computation whose worker was killed has nobody left to tell."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
