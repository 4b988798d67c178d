"""Text of the site's pages: what is a heading, a list, a link, and that nothing else becomes HTML."""

from __future__ import annotations

import pytest

from assembly.services.site import prose


def test_lines_become_headings_lists_and_paragraphs() -> None:
    text = "# Kontakt\nMarktplatz 1\n62101 Auenfurt\n\n## Wann\n- montags\n- freitags\n\nSonst nie.\n"
    assert prose.html_of(text).splitlines() == [
        '<h2 class="kern-heading-medium">Kontakt</h2>',
        '<p class="kern-body">Marktplatz 1<br>',
        "62101 Auenfurt</p>",
        '<h3 class="kern-heading-small">Wann</h3>',
        "<ul>",
        '<li class="kern-body">montags</li>',
        '<li class="kern-body">freitags</li>',
        "</ul>",
        '<p class="kern-body">Sonst nie.</p>',
    ]


def test_addresses_become_links_without_the_full_stop_behind_them() -> None:
    def link(address: str, text: str) -> str:
        return f'<a href="{address}" class="kern-link">{text}</a>'

    found = prose.html_of("Siehe https://auenfurt.example/a?b=1. Oder stadt@auenfurt.de, rat@elbe.hamburg.")
    site = link("https://auenfurt.example/a?b=1", "https://auenfurt.example/a?b=1")
    mails = [link(f"mailto:{one}", one) for one in ("stadt@auenfurt.de", "rat@elbe.hamburg")]
    assert found == f'<p class="kern-body">Siehe {site}. Oder {", ".join(mails)}.</p>\n'


@pytest.mark.parametrize(
    "text",
    ["<b>fett</b>", "javascript:x()", "[Name der Stadt]", "[hier](javascript:x)", "Amt.de", "*so* `oder` ![so](x.png)"],
)
def test_nothing_else_becomes_html(text: str) -> None:
    escaped = text.replace("<", "&lt;").replace(">", "&gt;")
    assert prose.html_of(text) == f'<p class="kern-body">{escaped}</p>\n'


def test_nothing_stays_nothing_and_a_mark_alone_is_a_paragraph() -> None:
    assert (prose.html_of(" \n\n"), prose.html_of("#kein")) == ("", '<p class="kern-body">#kein</p>\n')
