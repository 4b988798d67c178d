"""Which sentences there are to translate: those of pages, of services, and of the engine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_python

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


_LINES = frozenset({"passed", "failed", "note", "needs_more", "beyond"})
"""What adds a line to the report of a verification, with the line's sentence as second argument; `check` takes two, by
the names of the first two."""


def _of_the_engine(file: IO[bytes], keywords: Any, tags: Any, options: Any) -> Iterator[tuple[Any, ...]]:
    """Read Python as Babel does; of `counted(number, one, many)` both sentences are looked up by themselves."""
    yield from ((text.lineno, "marked", text.value, []) for text in _report_lines(ast.parse(file.read())))
    file.seek(0)
    calls: Iterator[tuple[Any, ...]] = extract_python(file, {**dict.fromkeys(keywords), "counted": None}, tags, options)
    for line, function, message, comments in calls:
        if function == "counted":
            yield from ((line, "marked", text, comments) for text in message if text)
        else:
            yield line, function, message, comments


OF_WTFORMS: tuple[str | tuple[str, str], ...] = (
    "This field is required.",
    "Not a valid choice.",
    "Invalid Choice: could not coerce.",
    "Invalid choice(s): one or more data inputs could not be coerced.",
    ("'%(value)s' is not a valid choice for this field.", "'%(value)s' are not valid choices for this field."),
    "Invalid email address.",
    "Not a valid date value.",
    "Not a valid datetime value.",
    "Not a valid integer value.",
    "Not a valid decimal value.",
    "Number must be at least %(min)s.",
    "Number must be at most %(max)s.",
    "Number must be between %(min)s and %(max)s.",
    ("Field cannot be longer than %(max)d character.", "Field cannot be longer than %(max)d characters."),
)
"""What WTForms says of the input of our fields: its own German is rough, and lacks some of them."""


def _report_lines(tree: ast.AST) -> Iterator[Any]:
    """Yield the sentences of a report's lines."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        sentences = [keyword.value for keyword in call.keywords if keyword.arg in {"passed", "failed"}]
        if call.func.attr in _LINES:
            sentences += call.args[1:2]
        for sentence in sentences:
            for text in ast.walk(sentence):
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield text


PLACES: tuple[tuple[Path, list[tuple[str, Any]]], ...] = (
    (ROOT / "assembly", [("**.py", "python")]),
    (ROOT / "sortition", [("**.py", _of_the_engine)]),
    (resource_folder("templates"), [("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.xml", "jinja2")]),
)
"""Folders, and how files in them are read."""
OPTIONS = {ending: {"silent": "false", "trimmed": "true"} for ending in ("**.html", "**.txt", "**.xml")}
"""A template with a mistake is reported, not passed over."""


def extracted() -> Catalog:
    """Return all sentences with where they stand, without translations."""
    catalogue = Catalog(locale="de", project="sortition-assembly", charset="utf-8")
    for folder, methods in PLACES:
        for name, line, message, comments, _ in extract_from_dir(
            folder, method_map=methods, options_map=OPTIONS, keywords=KEYWORDS
        ):
            if re.search(r"\w", str(message)):  # of `Message(", ".join(…))` nothing is a sentence
                catalogue.add(message, locations=[(f"{folder.name}/{name}", line)], auto_comments=comments)
    for text in OF_WTFORMS:
        catalogue.add(text)
    return catalogue
