"""What is the same for everybody is made once: parts of public pages, feeds and open data, until something happens.

What is public about an assembly changes only with an entry in its log, or with the day. So whatever is kept stands
under the heads of the logs that it depends on, the day, and the language; nothing has to be thrown away by hand.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable
from typing import cast

from cachetools import LRUCache, cached
from flask import Flask, Response, current_app, request
from flask_babel import get_locale

from assembly.extensions import db
from assembly.i18n import text_language
from assembly.models import Assembly
from assembly.services import logbook
from assembly.services.daily import today

MOST_BYTES = 64 * 2**20
"""Of all that is kept by a web process: some hundred pages and a dozen open data."""
LEVEL = 5
"""Of compression: a tenth of the time of the best one, and hardly larger."""
EXTENSION = "assembly.kept"
Make = Callable[[], bytes]


def init_app(app: Flask) -> None:
    """Give the application a place for what is kept; whoever asks while it is being made waits for it."""
    place: LRUCache[object, bytes] = LRUCache(MOST_BYTES, getsizeof=len)

    @cached(place, key=lambda key, _make: key, condition=threading.Condition())
    def keep(_key: object, make: Make) -> bytes:
        return make()

    app.extensions[EXTENSION] = keep


def part(assembly: Assembly | None, make: Callable[[], str], *asked: object) -> str:
    """Return a part of the public page that is asked for, about one assembly or all that are public.

    `asked` is all else in the address that it depends on; nothing else in there makes another one.
    """
    return _kept(assembly, "part", lambda: make().encode(), asked).decode()


def document(assembly: Assembly, make: Make, mimetype: str, *asked: object) -> Response:
    """Answer with a public file: compressed if the program can read that, and not at all if it has it already."""
    content = _kept(assembly, "document", lambda: gzip.compress(make(), LEVEL, mtime=0), asked)
    answer = Response(mimetype=mimetype)
    answer.set_etag(hashlib.sha256(content).hexdigest(), weak=True)
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"]:
        answer.content_encoding = "gzip"
        answer.data = content
    else:
        answer.data = gzip.decompress(content)
    answer.make_conditional(request)
    return answer


def _kept(assembly: Assembly | None, kind: str, make: Make, asked: tuple[object, ...]) -> bytes:
    heads = logbook.head_of(db.session, assembly) if assembly else logbook.public_heads(db.session)
    words = (text_language(), str(get_locale()))
    if assembly is not None:
        db.session.refresh(assembly)  # at least as new as its log
    key = (kind, request.path, asked, words, today(), heads)
    return cast("bytes", current_app.extensions[EXTENSION](key, make))
