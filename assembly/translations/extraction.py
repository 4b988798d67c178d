"""Which sentences there are to translate: those of pages, of services, and of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

from assembly.resources import resource_folder

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = Path(__file__).parent / "de" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "_l": None,
    "marked": None,
    "ServiceError": None,
    "RuleError": None,
    "ConflictError": None,
    "Message": None,
}
"""Functions and classes whose first text is a sentence for people."""
OPTIONS = {"jinja2": {"silent": "false", "trimmed": "true"}}


def extracted() -> Catalog:
    """Return all sentences with where they stand, without translations."""
    catalogue = Catalog(locale="de", project="sortition-assembly", charset="utf-8")
    for place, line, message, comments in _found():
        catalogue.add(message, locations=[(place, line)], auto_comments=comments)
    return catalogue


def _found() -> Iterator[tuple[str, int, str | tuple[str, ...], list[str]]]:
    for folder, method in (
        (ROOT / "assembly", [("**.py", "python")]),
        (ROOT / "sortition", [("**.py", "python")]),
        (resource_folder("templates"), [("**.html", "jinja2"), ("**.txt", "jinja2")]),
    ):
        for name, line, message, comments, _ in extract_from_dir(
            folder, method_map=method, options_map={"**.html": OPTIONS["jinja2"]}, keywords=KEYWORDS
        ):
            yield f"{folder.name}/{name}", line, message, comments
