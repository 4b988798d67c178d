"""Draw the growth of the time as SVG; runs in the plot's own environment: `plot.py POINTS.json GROWTH.svg`."""

from __future__ import annotations

import json
import sys

import altair as alt


def main() -> None:
    """Two panels, both axes logarithmic along the pool's size, one mark per measured pool."""
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:  # noqa: PTH123  # the plot's environment holds nothing but altair
        rows = alt.Data(values=json.load(file))
    charts = []
    for axis, scale in (("pool size", "log"), ("features", "linear")):
        base = alt.Chart(rows, title=f"Whole process by {axis}", width=320, height=240).transform_filter(
            alt.datum.axis == axis
        )
        encoded = base.encode(
            x=alt.X("x:Q", scale=alt.Scale(type=scale, nice=False), title=axis),
            y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="seconds"),
        )
        charts.append(encoded.mark_line() + encoded.mark_point(filled=True, size=50))
    alt.hconcat(*charts).save(target)


if __name__ == "__main__":
    main()
