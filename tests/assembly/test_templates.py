"""Promises about all templates: the content security policy, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment

from tests.project import ROOT

TEMPLATES = ROOT / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "mail" not in path.parts)
"""Templates of pages; mails need style attributes, since mail programs know nothing else."""
STATIC = ROOT / "assembly" / "static"
FORBIDDEN = {
    "script without an address": r"<script(?![^>]*\ssrc=)",
    "style element": r"<style\b",
    "style attribute": r"\sstyle\s*=",
    "event handler": r"\son(?!ly\b)[a-z]+\s*=|\b(?:data-)?hx-on\b",
    "script as an address": r"javascript:",
    "expression for htmx": r"\bhx-(?:vals|headers|vars|request)\s*=\s*[\"']\s*js:|\bhx-trigger\s*=\s*[\"'][^\"']*\[",
    "address elsewhere": r"\b(?:src|srcset|href|action)\s*=\s*[\"'](?:https?:)?//",
    "the federal header": r"kern-kopfzeile",
}


def name_of(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


FILTERS = ("dateformat", "datetimeformat", "decimalformat", "numberformat", "percentformat", "sentence", "timeformat")
"""What the application adds to Jinja's own filters."""


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_template_needs_an_exception_from_the_content_security_policy(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("script without an address", "<script defer>x()</script>"),
        ("style element", "<style>p{}</style>"),
        ("style attribute", '<p style="color:red">'),
        ("event handler", '<a onclick="x()">'),
        ("event handler", '<a hx-on:click="x()">'),
        ("script as an address", '<a href="javascript:x()">'),
        ("expression for htmx", """<a hx-vals='js:{a: 1}'>"""),
        ("expression for htmx", '<a hx-trigger="click[ctrlKey]">'),
        ("address elsewhere", '<img src="//example.org/x.png">'),
        ("the federal header", "<kern-kopfzeile>"),
    ],
)
def test_the_search_finds_what_it_forbids(what: str, text: str) -> None:
    assert re.search(FORBIDDEN[what], text)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_template_can_be_compiled(path: Path) -> None:
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    environment.filters |= dict.fromkeys(FILTERS, str)
    environment.compile(path.read_text(encoding="utf-8"), name=name_of(path))


def test_stylesheets_ask_for_nothing_from_elsewhere() -> None:
    kern = (STATIC / "vendor" / "kern" / "kern.min.css").read_text(encoding="utf-8")
    ours = (STATIC / "assembly.css").read_text(encoding="utf-8")
    address = re.compile(r"url\(\s*[\"']?(.{0,40})")
    assert [found for found in address.findall(kern) if not found.startswith("data:image/svg+xml,")] == []
    assert [found for found in address.findall(ours) if not found.startswith("vendor/kern/FiraSans-")] == []
    assert "@import" not in kern + ours


def test_our_stylesheet_takes_its_colours_from_kern() -> None:
    ours = (STATIC / "assembly.css").read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-f]{3,8}\b(?![^{]*\{)|\b(?:rgba?|hsla?|oklch)\(", ours) == []
    used = set(re.findall(r"var\((--kern-[\w-]+)", ours))
    kern = (STATIC / "vendor" / "kern" / "kern.min.css").read_text(encoding="utf-8")
    assert sorted(name for name in used if f"{name}:" not in kern) == []
