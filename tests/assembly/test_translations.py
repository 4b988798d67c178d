"""The German catalogue is complete, says the same as the English, and uses the project's words."""

from __future__ import annotations

import ast
import functools
import re
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import Environment
from wtforms.i18n import messages_path

from assembly.services.texts import CATALOGUES
from assembly.translations.extraction import OF_WTFORMS, extracted
from assembly.views.log_table import FIELDS
from assembly.views.log_texts import ACTIONS
from tests.project import ROOT

SOURCES = sorted(CATALOGUES.glob("de/LC_MESSAGES/*.po"))
SAME = {
    "Baden-Württemberg": "its name",
    "Berlin": "its name",
    "Brandenburg": "its name",
    "Bremen": "its name",
    "Hamburg": "its name",
    "Saarland": "its name",
    "Schleswig-Holstein": "its name",
    "%(duty)s: %(day)s (%(stands)s)": "nothing but placeholders",
    "%(field)s: %(error)s": "nothing but placeholders",
    "%(files)s: %(text)s": "nothing but placeholders",
    "%(name)s, %(role)s": "nothing but placeholders",
    "%(number)s. %(step)s, %(day)s": "nothing but placeholders",
    "%(number)s. %(title)s": "nothing but placeholders",
    "%(state)s: %(number)s": "nothing but placeholders",
    "{count} × {values}": "nothing but placeholders",
    "%(size)s kB": "nothing but a placeholder and a unit",
    "%(who)s: %(date)s": "nothing but placeholders",
    "(optional)": "the same word",
    "Code": "the same word",
    "Export": "the same word",
    "IBAN": "the same word",
    "Import": "the same word",
    "Link": "the same word",
    "Material": "the same word",
    "Name": "the same word",
    "Online": "the same word",
    "Person": "the same word",
    "SMS": "the same word",
    "Status": "the same word",
    "Text": "the same word",
    "Video": "the same word",
}
"""What German writes as English does, and why."""
NOT_OURS = {
    r"\bLosung": "Auslosung",
    r"\bLotterie": "Auslosung",
    r"\bPrüfsumme": "Fingerabdruck",
    r"\bBeleg": "Quittung",
    r"\bTeilnehmer|\bBürger\b|\bBürgern\b|\w[:*_]in(nen)?\b": "a word for everybody: Person, Mitglied",
    r"\b(du|dich|dir|dein\w*|euch|euer)\b": "Sie",
    r"“\w|”|\w'\w": "„…“ and ’",
    r"\.\.\.": "…",
}
"""Words and signs that German texts do not use, and what stands there instead."""
DECIDED = re.compile(r"%\(\w+\)[sd]|%%|(?<!%)\{\w+\}|</?\w+[^>]*>")
"""Placeholders and tags: the same in both languages."""


def strings_of(message: Message) -> list[tuple[str, str]]:
    """Return each form of a message with its translation."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string or ""))]
    return list(zip(message.id, message.string or ("", ""), strict=True))


def decided(text: str) -> Counter[str]:
    return Counter(DECIDED.findall(text))


def faults(catalogue: Catalog, wanted: Catalog) -> list[str]:
    """Return what is wrong with a catalogue: what it lacks, what it has too much, and what says something else."""
    found = {message.id: message for message in catalogue if message.id}
    ids = {message.id for message in wanted if message.id}
    lines = [f"missing: {id_}" for id_ in ids - found.keys()]
    lines += [f"obsolete: {id_}" for id_ in [*(found.keys() - ids), *catalogue.obsolete]]
    for id_ in ids & found.keys():
        message = found[id_]
        if message.fuzzy:
            lines.append(f"fuzzy: {id_}")
        for english, german in strings_of(message):
            if not german:
                lines.append(f"missing: {english}")
            elif decided(english) != decided(german):
                lines.append(f"other placeholders or tags: {english} → {german}")
            elif english == german and english not in SAME:
                lines.append(f"not translated: {english}")
            elif english[-1:].isspace() != german[-1:].isspace():
                lines.append(f"other blanks: {english}")
    return sorted(lines)


@functools.cache
def parts() -> dict[str, Catalog]:
    """The files of the folder, each by itself."""
    return {path.name: read_po(BytesIO(path.read_bytes()), locale="de") for path in SOURCES}


def german() -> Catalog:
    """All files as one, as they are loaded."""
    whole = Catalog(locale="de")
    for part in parts().values():
        for message in part:
            if message.id:
                whole[message.id] = message
        whole.obsolete |= part.obsolete
    return whole


def test_every_sentence_has_its_german() -> None:
    assert faults(german(), extracted()) == []


def test_a_sentence_stands_in_one_file_only() -> None:
    times = Counter(str(message.id) for part in parts().values() for message in part if message.id)
    assert [id_ for id_, number in times.items() if number > 1] == []


def test_what_is_the_same_in_both_languages_is_listed_with_a_reason() -> None:
    same = {english for message in german() for english, text in strings_of(message) if english and english == text}
    assert same == set(SAME)


@pytest.mark.parametrize(("pattern", "instead"), NOT_OURS.items(), ids=NOT_OURS.values())
def test_german_texts_use_the_projects_words(pattern: str, instead: str) -> None:
    texts = [text for message in german() if message.id for _, text in strings_of(message)]
    assert [text for text in texts if re.search(pattern, re.sub(r"<[^>]*>", "", text), re.IGNORECASE)] == [], instead


@pytest.mark.parametrize(
    ("german_text", "fault"),
    [
        ("", "missing: Drawn on %(day)s."),
        ("Gelost am %(tag)s.", "other placeholders or tags: Drawn on %(day)s. → Gelost am %(tag)s."),
        ("Drawn on %(day)s.", "not translated: Drawn on %(day)s."),
        ("Gelost am %(day)s.", None),
    ],
)
def test_the_check_finds_what_it_is_for(german_text: str, fault: str | None) -> None:
    wanted, catalogue = Catalog(), Catalog(locale="de")
    wanted.add("Drawn on %(day)s.")
    catalogue.add("Drawn on %(day)s.", german_text)
    assert faults(catalogue, wanted) == ([fault] if fault else [])


def test_the_check_finds_lacking_fuzzy_and_obsolete_entries() -> None:
    wanted, catalogue = Catalog(), Catalog(locale="de")
    wanted.add("One")
    wanted.add(("%(num)s seat", "%(num)s seats"))
    catalogue.add(("%(num)s seat", "%(num)s seats"), ("%(num)s Platz", ""), flags=["fuzzy"])
    catalogue.add("Two", "Zwei")
    expected = ["fuzzy: ('%(num)s seat', '%(num)s seats')", "missing: %(num)s seats", "missing: One", "obsolete: Two"]
    assert faults(catalogue, wanted) == expected


PAGES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})
WORD = re.compile(r"[^\W\d_]{2,}")
SPOKEN = re.compile(r"\b(?:aria-label|title|alt|placeholder)\s*=\s*\"([^\"]*)\"")
"""Attributes that people read or hear."""


def untranslated(source: str) -> Iterator[str]:
    """Find words of a template that stand outside of what is translated."""
    text, inside = "", False
    for _, kind, value in Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).lex(source):
        if kind == "name" and value in {"trans", "endtrans"}:
            inside = value == "trans"
        if kind == "data" and not inside:
            text += value
        elif kind in {"block_begin", "variable_begin"}:
            text += "\0"  # something stands here
    yield from (words for words in SPOKEN.findall(text) if WORD.search(words))
    bare = re.sub(r"<(?:!doctype|/?[a-z])[^>]*>|&\w+;", "\n", text, flags=re.IGNORECASE)
    yield from (line.strip() for line in bare.splitlines() if WORD.search(line))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_has_no_words_outside_of_what_is_translated(path: Path) -> None:
    assert list(untranslated(path.read_text(encoding="utf-8"))) == []


def test_the_search_finds_words_that_are_not_translated() -> None:
    source = (
        """{# note #}<p title="A {{ x }} hint">Plain {{ _("marked") }}</p>{% trans %}fine{% endtrans %}<b>&nbsp;7</b>"""
    )
    assert list(untranslated(source)) == ["A \0 hint", "Plain \0"]


def test_what_wtforms_says_is_what_we_translate() -> None:
    own = Path(messages_path()) / "de" / "LC_MESSAGES" / "wtforms.po"
    ids = {message.id for message in read_po(BytesIO(own.read_bytes()))}
    assert [text for text in OF_WTFORMS if text not in ids] == []


SERVICES = sorted((ROOT / "assembly" / "services").rglob("*.py"))


def logged() -> tuple[set[str], set[str]]:
    """Return the actions that services write into the log, and the names of what they tell about them."""
    actions, names = set(), set()
    for path in SERVICES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "logbook.record":
                actions |= {one.value for one in node.args[2:3] if isinstance(one, ast.Constant)}
            for told in _told(node):
                names |= {key.value for key in told.keys if isinstance(key, ast.Constant)}
    return actions, names


def _told(node: ast.AST) -> Iterator[ast.Dict]:
    """Yield the dictionaries that are given as `details`."""
    if isinstance(node, ast.keyword) and node.arg == "details":
        yield from (one for one in ast.walk(node.value) if isinstance(one, ast.Dict))
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "details":
        yield from (one for one in ast.walk(node.value) if isinstance(one, ast.Dict))


def test_everything_in_the_log_has_words() -> None:
    actions, names = logged()
    assert len(actions) > 20
    assert len(names) > 20
    assert sorted(actions - ACTIONS.keys()) == []
    assert sorted(names - FIELDS.keys() - {"before", "after"}) == []
