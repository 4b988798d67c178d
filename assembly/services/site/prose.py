"""Text of the site's pages as HTML: headings, lists, paragraphs, and addresses as links; HTML in it stays text.

It is a small part of CommonMark: “# ” begins a heading, “## ” one below it, “- ” an item of a list. Empty lines end
paragraphs and lists; other line ends stay, since postal addresses have them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

GAP = re.compile(r"\[[^\[\]\n]+\]")
"""What is still to be filled in, in square brackets."""
HEADINGS: Mapping[str, tuple[str, str]] = {"h1": ("h2", "medium"), "h2": ("h3", "small")}
"""A page has its own first heading: these stand one below, in the size of their level; deeper ones as the last."""
OF_CITIES = ("bayern", "berlin", "cologne", "hamburg", "koeln", "nrw", "ruhr", "saarland")
"""Ends of mail addresses that are to be found beside the usual ones; of the web, only what begins with http is."""
CLASSES = {"p": "kern-body", "li": "kern-body", "a": "kern-link"}


def gaps(text: str) -> list[str]:
    """Return what is still to be filled in, once each.

    >>> gaps("[Name der Stadt], [Straße]; noch einmal [Straße]")
    ['[Name der Stadt]', '[Straße]']
    """
    return list(dict.fromkeys(GAP.findall(text)))


def html_of(text: str) -> Markup:
    r"""Return a text as HTML; nothing that it holds becomes HTML by itself.

    >>> html_of("Rathaus <b>")
    Markup('<p class="kern-body">Rathaus &lt;b&gt;</p>\n')
    """
    return Markup(_PARSER.render(text))  # noqa: S704  # the parser escapes what is written


class _Renderer(RendererHTML):
    """Writes the tags with the classes of our design system."""

    def renderToken(  # noqa: N802  # the library's name
        self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        token = tokens[idx]
        if token.type in {"heading_open", "heading_close"}:
            token.tag, size = HEADINGS.get(token.tag, HEADINGS["h2"])
            token.attrSet("class", f"kern-heading-{size}")
        elif token.tag in CLASSES:
            token.attrSet("class", CLASSES[token.tag])
        if token.nesting < 0:
            token.attrs = {}
        return super().renderToken(tokens, idx, options, env)


_PARSER = MarkdownIt("zero", {"breaks": True, "linkify": True}, renderer_cls=_Renderer)
_PARSER.enable(["heading", "list", "newline", "linkify"])
_PARSER.linkify = LinkifyIt(options={"fuzzy_link": False}).tlds(list(OF_CITIES), keep_old=True)
