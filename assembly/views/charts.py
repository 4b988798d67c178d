"""Pictures of numbers: bars with their labels and figures, drawn on the server by templates/macros/charts.html.

Widths are percentages of the picture, which is as wide as its place: texts keep their size on a phone and on paper.
Nothing is said by colour alone: parts differ by their pattern, a band is dashed, and each bar has its figure in words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

ROW = 54
"""Height of a bar with its label, in the picture's units."""
LEGEND_ROW = 26
NARROWEST_BAND = 3.0
"""In percent of the width."""
LONGEST_LABEL = 34
"""Characters of a label that fit beside its figure on a phone; the table has the whole label."""


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    """A bar of one or two `parts` side by side; `figure` is what it says in words.

    `band` is what would be allowed, from and to; `mark` one number to compare with. `cells` are the row of the table
    behind the label.
    """

    label: str
    parts: Sequence[float]
    figure: str
    cells: Sequence[str | int]
    band: tuple[float, float] | None = None
    mark: float | None = None

    @property
    def end(self) -> float:
        """The largest number that the bar shows."""
        return max(sum(self.parts), self.band[1] if self.band else 0, self.mark or 0)


@dataclasses.dataclass(frozen=True, slots=True)
class Stripe:
    """A part of a bar as it is drawn: start and width in percent."""

    number: int
    left: float
    width: float


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A bar as it is drawn: numbers in percent of the width, `top` in the picture's units."""

    top: int
    label: str
    figure: str
    stripes: Sequence[Stripe]
    band: tuple[float, float] | None
    mark: float | None


def _band(start: float, end: float) -> tuple[float, float]:
    """Return where a band is drawn and how wide; if it allows one number only, it is still to be seen around it."""
    missing = max(0.0, NARROWEST_BAND - (end - start))
    left = min(max(0.0, start - missing / 2), 100 - NARROWEST_BAND)
    return round(left, 2), round(end - start + missing, 2)


@dataclasses.dataclass(frozen=True, slots=True)
class BarChart:
    """A picture with its table. `key` is unique on the page; `description` says what the picture shows.

    `parts`, `band` and `mark` name in the legend what these are. `columns` are those of the table.
    """

    key: str
    title: str
    description: str
    bars: Sequence[Bar]
    columns: Sequence[str | Mapping[str, Any]]
    parts: Sequence[str] = ()
    band: str = ""
    mark: str = ""

    @property
    def rows(self) -> list[Row]:
        """The bars as they are drawn."""
        unit = 100 / (max((bar.end for bar in self.bars), default=0) or 1)
        return [self._row(number, bar, unit) for number, bar in enumerate(self.bars)]

    def _row(self, number: int, bar: Bar, unit: float) -> Row:
        starts = [sum(bar.parts[:index]) for index in range(len(bar.parts))]
        return Row(
            top=number * ROW,
            label=bar.label if len(bar.label) <= LONGEST_LABEL else f"{bar.label[: LONGEST_LABEL - 1]}…",
            figure=bar.figure,
            stripes=[
                Stripe(index, round(start * unit, 2), round(part * unit, 2))
                for index, (start, part) in enumerate(zip(starts, bar.parts, strict=True))
            ],
            band=_band(bar.band[0] * unit, bar.band[1] * unit) if bar.band else None,
            mark=None if bar.mark is None else round(bar.mark * unit, 2),
        )

    @property
    def legend(self) -> list[tuple[int, str, str]]:
        """What the signs mean, if there is more than one: top, sign, words."""
        named = [(f"part-{number}", words) for number, words in enumerate(self.parts)]
        named += [(sign, words) for sign, words in (("band", self.band), ("mark", self.mark)) if words]
        start = len(self.bars) * ROW + 6
        return [(start + number * LEGEND_ROW, sign, words) for number, (sign, words) in enumerate(named)]

    @property
    def height(self) -> int:
        """The height of the picture."""
        return max(1, len(self.bars)) * ROW + len(self.legend) * LEGEND_ROW

    @property
    def table(self) -> list[list[str | int]]:
        """The numbers as rows of a table."""
        return [[bar.label, *bar.cells] for bar in self.bars]
