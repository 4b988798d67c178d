"""Documents of chapters as text, and as they were last approved."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_babel import force_locale

from assembly import i18n
from assembly.services.chapters import Changes, Document, Facts, Paragraph, Table

SNAPSHOTS = Path(__file__).parent / "reports"


def text_of(made: Document) -> str:
    """Return the words of a document, a line each; fingerprints differ each time."""
    lines = [made.author, made.kind, f"# {made.title}", made.subtitle, made.warning]
    lines += [f"{name}: {value}" for name, value in made.facts]
    for chapter in made.chapters:
        lines += ["", f"{'#' * (chapter.level + 1)} {chapter.title}"]
        for block in chapter.blocks:
            match block:
                case Paragraph():
                    lines.append({"quote": f"> {block.text}", "label": f"[{block.text}]"}.get(block.style, block.text))
                case Facts():
                    lines += [f"{name}: {value}" for name, value in block.rows]
                case Changes():
                    marks = {"same": "%s", "removed": f"[{block.removed} %s]", "added": f"[{block.added} %s]"}
                    lines.append("".join(marks[kind] % text for kind, text in block.parts))
                case Table():
                    lines += [f"[{block.caption}]", " | ".join(block.columns), *(" | ".join(row) for row in block.rows)]
    return re.sub("[0-9a-f]{64}", "FINGERPRINT", "\n".join(lines)) + "\n"


def approve(name: str, text: str) -> str:
    """Return what was last approved; with UPDATE_SNAPSHOTS=1 that is this text: read what changed before a commit."""
    stored = SNAPSHOTS / name
    if "UPDATE_SNAPSHOTS" in os.environ:
        stored.write_text(text, encoding="utf-8")
    return stored.read_text(encoding="utf-8")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let the words of pages be in a language, as they are while a view makes a document."""
    app = Flask(__name__)
    i18n.init_app(app)
    with app.test_request_context(), force_locale(language):
        yield
