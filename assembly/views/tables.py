"""Tables whose rows stand below each other where it is narrow: each cell is told its column and its role.

The macros of templates/macros/tables.html make the cells; what they lack is only known to the table around them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from flask import Flask

_PART = re.compile(r'<(tr|td|th)( class="kern-table__(?:row|cell|header)[^"]*")(?=( colspan=)?)')
_ROLES = {"tr": "row", "td": "cell", "th": "rowheader"}


def init_app(app: Flask) -> None:
    """Give templates the filter `stacked`."""
    app.add_template_filter(stacked)


def stacked(rows: str, labels: Sequence[Any]) -> str:
    """Return the rows of a table with the role of each part, and with the label of its column at each cell.

    A browser forgets the roles when a style sheet lays the parts out as blocks; the style sheet shows the labels. The
    rows are markup and stay so: labels are escaped. A cell of several columns belongs to none of them.

    >>> stacked('<td class="kern-table__cell">3</td>', ["<Seats>"])
    '<td class="kern-table__cell" role="cell" data-label="&lt;Seats&gt;">3</td>'
    >>> stacked('<td class="kern-table__cell" colspan="2">None yet.</td>', ["Day", "Seats"])
    '<td class="kern-table__cell" role="cell" colspan="2">None yet.</td>'
    """
    texts = [html.escape(str(label)) for label in labels]
    column = -1

    def told(part: re.Match[str]) -> str:
        nonlocal column
        tag, attributes, colspan = part.groups()
        column = -1 if tag == "tr" else column + 1
        label = f' data-label="{texts[column]}"' if tag == "td" and not colspan and column < len(texts) else ""
        return f'<{tag}{attributes} role="{_ROLES[tag]}"{label}'

    return _PART.sub(told, str(rows))
