"""Further processes that answer pages, beside the one that was started: one computes where another one waits for it."""

from __future__ import annotations

import contextlib
import gc
import itertools
import logging
import multiprocessing
import signal
import socket
import threading
import time
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from urllib.parse import urlencode

import waitress
from flask import Flask
from sqlalchemy.orm import configure_mappers
from waitress.server import BaseWSGIServer

from assembly.app import create_app
from assembly.config import Config
from assembly.database import FAULTS
from assembly.extensions import db
from assembly.i18n import LANGUAGES
from assembly.services import mail
from assembly.services.children import end_with_parent
from assembly.services.follow_up import register
from assembly.services.texts import catalogue
from assembly.starting import end, log_to_stderr

LOOK_SECONDS = 0.3
"""How often it is looked whether to end."""
AGAIN_SECONDS = 1.0
"""After how long another process takes the place of one that died."""
READY_SECONDS = 30.0
"""How long a process that can answer waits for the others."""
END_SECONDS = 10.0
"""How long a process may go on answering what was asked before it was told to end."""
FIRST_VISITED = ("/", "/account/login")
"""Pages that a process asks itself for before others do: after them it knows its addresses, languages and database."""

VISITED_SECONDS = 10.0
"""How long that may take."""

log = logging.getLogger(__name__)


def server_of(app: Flask, listener: socket.socket, threads: int) -> BaseWSGIServer:
    """Return the server of a process; several may take visitors from one listener, and from now on they come."""
    return waitress.create_server(app, sockets=[listener], threads=threads, ident=None)


def _of_registers(app: Flask) -> list[str]:
    """Return what of public registers takes longest to make, and is kept then: what is asked for most comes first."""
    with app.app_context():
        recommended = register.recommended_in_public(db.session)
        choices = register.choices_in_public(db.session)
        db.session.close()
    slugs = dict.fromkeys(slug for slug, _number in recommended)
    files = ("follow-up/register", "follow-up.json", "follow-up.atom")
    chosen = _in_turns(
        *([f"/a/{slug}/follow-up/register?{urlencode([choice])}" for choice in choices[slug]] for slug in slugs)
    )
    pages = [f"/a/{slug}/recommendations/{number}" for slug, number in recommended]
    whole_city = ["/follow-up"] if slugs else []
    return [*(f"/a/{slug}/{name}" for slug in slugs for name in files), *whole_city, *_in_turns(chosen, pages)]


def _in_turns(*found: Sequence[str]) -> list[str]:
    """Return the first of each, then the second of each, and so on."""
    return [one for turn in itertools.zip_longest(*found) for one in turn if one is not None]


def prepare(app: Flask, ready: Barrier | None) -> None:
    """Read what the first visitors would have to wait for; then wait for the other processes, if any begin, too."""
    for language in LANGUAGES:
        catalogue(language)
    for name in app.jinja_env.list_templates(extensions=["html"]):
        if not name.startswith(f"{mail.FOLDER}/"):
            app.jinja_env.get_template(name)
    configure_mappers()
    end_at = time.monotonic() + VISITED_SECONDS
    try:
        paths = _of_registers(app)
    except FAULTS:  # what is not made now is made when it is asked for
        log.warning("The database did not answer, so no page was made beforehand.")
        paths = []
    for path in (*FIRST_VISITED, *paths):
        if time.monotonic() < end_at:
            app.test_client().get(path).close()
    gc.collect()
    gc.freeze()  # what is there by now stays: looking through all of it again would stop every visitor for long
    if ready is not None:
        with contextlib.suppress(threading.BrokenBarrierError):  # whoever does not come is not waited for again
            ready.wait(READY_SECONDS)


class Processes:
    """So many processes that answer until `stop`; another one takes the place of one that dies."""

    def __init__(self, count: int, config: Config, listener: socket.socket, threads: int) -> None:
        """Prepare them. `ready` is where they, and the one that was started, wait until all can answer."""
        self._context = multiprocessing.get_context("spawn")
        self.ready = self._context.Barrier(count + 1) if count else None
        self._stopping = threading.Event()
        self._keepers = [
            threading.Thread(target=self._keep, args=(config, listener, threads), daemon=True) for _ in range(count)
        ]

    def start(self) -> None:
        """Begin."""
        for keeper in self._keepers:
            keeper.start()

    def stop(self) -> None:
        """Let them finish what they are at, and end them."""
        self._stopping.set()
        for keeper in self._keepers:
            if keeper.ident is not None:
                keeper.join()

    def _keep(self, config: Config, listener: socket.socket, threads: int) -> None:
        ready = self.ready
        while not self._stopping.is_set():
            process = self._context.Process(target=_answer, args=(config, listener, threads, ready))
            process.start()  # as no daemon: these may have no children, and uploads are verified in one
            while process.is_alive() and not self._stopping.is_set():
                process.join(LOOK_SECONDS)
            if self._stopping.is_set():
                process.terminate()
                process.join(END_SECONDS)
                process.kill()
                process.join()
            else:
                log.error("A process that answered pages ended with code %s; another one begins.", process.exitcode)
                if ready is not None:
                    ready.abort()
                    ready = None
                self._stopping.wait(AGAIN_SECONDS)


def _answer(config: Config, listener: socket.socket, threads: int, ready: Barrier | None) -> None:
    """Answer until told to end, or until the process that did the telling has ended."""
    log_to_stderr()
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    threading.Thread(target=end_with_parent, daemon=True).start()
    app = create_app(config)
    prepare(app, ready)
    server_of(app, listener, threads).run()
