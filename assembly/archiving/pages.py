"""What a page becomes in an archive: its links lead to the files beside it, and what needs a server is gone."""

from __future__ import annotations

import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Callable
from urllib.parse import urldefrag, urljoin, urlsplit

import lxml.html
from lxml.html import HtmlElement

HTML = "text/html"
LIVE = re.compile(r"/(follow-up/subscribe|receipt|receipt/.*|verify)$")
"""Pages that are of use with a server alone."""
OF_THE_SERVER = "//footer//a[starts-with(@href, '/')] | //header//a[starts-with(@href, '/pages/')]"
"""Links to pages of the whole site, such as its imprint: they are no part of an assembly."""
STYLE = re.compile(rb"url\(([^)]+)\)")
_LANGUAGE = re.compile(r"^/language/(\w+)")


def is_archived(address: str, root: str) -> bool:
    """Whether what stands at an address, without its fragment, belongs into the archive of the assembly at `root`."""
    path = urlsplit(address).path
    if urlsplit(address).netloc:
        return False
    if path.startswith("/static/"):
        return not path.endswith(".js")
    return (path == root or path.startswith(f"{root}/")) and not LIVE.search(path)


def file_of(address: str, mimetype: str, *, root: str, language: str) -> str:
    """Return the file in the archive for what stands at an address: pages by language, everything else once.

    >>> file_of("/a/verkehr", "text/html", root="/a/verkehr", language="de")
    'de/index.html'
    >>> file_of("/a/verkehr/follow-up/register?page=2", "text/html", root="/a/verkehr", language="de")
    'de/follow-up/register-page-2.html'
    >>> file_of("/a/verkehr/follow-up.json", "application/json", root="/a/verkehr", language="de")
    'files/follow-up.json'
    >>> file_of("/static/app.css", "text/css", root="/a/verkehr", language="de")
    'static/app.css'
    """
    parts = urlsplit(address)
    if parts.path.startswith("/static/"):
        return parts.path.removeprefix("/")
    name = parts.path.removeprefix(root).strip("/") or "index"
    if parts.query:
        stem, ending = posixpath.splitext(name)
        name = f"{stem}-{_readable(parts.query)}{ending}"
    if mimetype == HTML:
        return f"{language}/{name}.html"
    known = mimetypes.guess_extension(mimetype) or ".bin"
    return f"files/{name}" if posixpath.splitext(name)[1] else f"files/{name}{known}"


def _readable(query: str) -> str:
    """Return a query as a part of a file's name: as it is if it is plain, else with a hash of its own."""
    plain = re.sub(r"[^\w]+", "-", query).strip("-")
    if re.fullmatch(r"\w+=\w+", query):
        return plain
    return f"{plain[:40]}-{hashlib.sha256(query.encode()).hexdigest()[:8]}"


def links_of(content: bytes, address: str) -> list[str]:
    """Return the addresses that a page leads to or shows, without fragments, in their order."""
    page = lxml.html.fromstring(content)
    found = [urldefrag(urljoin(address, link))[0] for _element, _attribute, link, _at in page.iterlinks()]
    return list(dict.fromkeys(found))


def rewritten(
    content: bytes, address: str, target: Callable[[str], str], *, note: str, other: tuple[str, str]
) -> bytes:
    """Return a page with its links as `target` says, given whole addresses; a note says what it is.

    What needs the server is gone: forms, and the links of header and footer to pages of the whole site.

    `other` is the name of the other language and the file of the same page in it.
    """
    page: HtmlElement = lxml.html.fromstring(content)
    for form in page.xpath("//form"):
        form.drop_tree()
    for script in page.xpath("//script"):
        script.drop_tree()
    for link in page.xpath(OF_THE_SERVER):
        (link.getparent() if link.getparent().tag == "li" else link).drop_tree()
    for empty in page.xpath("//footer//nav[not(.//a)]"):
        empty.drop_tree()
    page.rewrite_links(lambda link: _with_fragment(link, address, target))
    for main in page.xpath("//main"):
        main.insert(0, _note(note, other))
    return b"<!doctype html>\n" + bytes(lxml.html.tostring(page, encoding="utf-8"))


def _with_fragment(link: str, address: str, target: Callable[[str], str]) -> str:
    if link.startswith(("data:", "mailto:", "tel:")):
        return link
    whole, fragment = urldefrag(urljoin(address, link))
    if whole == address and fragment and link.startswith("#"):
        return link
    found = target(whole)
    return f"{found}#{fragment}" if fragment else found


def _note(note: str, other: tuple[str, str]) -> HtmlElement:
    element = lxml.html.Element("p")
    element.set("class", "kern-body")
    element.text = f"{note} "
    link = lxml.html.Element("a")
    link.set("class", "kern-link")
    link.set("href", other[1])
    link.text = other[0]
    element.append(link)
    return element
