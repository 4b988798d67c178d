"""The picture of the panel against its quotas: a bar of seats per value, over the band that its quota allows."""

from __future__ import annotations

from html import escape

from flask_babel import gettext

from assembly.services.panel.make_up import FeatureSeats

ROW, LABELS, BAR, WIDTH = 34, 190, 420, 660
BAND, CONFIRMED, OPEN = "#d0d5dd", "#1a5fb4", "#8fb5e3"


def seats_chart(feature: FeatureSeats) -> str:
    """Return an SVG: grey what the quota allows, dark who confirmed, light who was drawn and is still asked."""
    most = max([1, *(max(v.upper, v.confirmed + v.open) for v in feature.values)])
    unit = BAR / most
    parts = []
    for number, value in enumerate(feature.values):
        top = number * ROW
        name = gettext("not stated") if value.name == "not_stated" else value.name
        label = escape(name if len(name) <= 26 else f"{name[:25]}…")
        lower, upper = value.lower * unit, value.upper * unit
        parts += [
            f'<text x="0" y="{top + 21}" font-size="14" font-family="sans-serif" fill="#171a2b">{label}</text>',
            _bar(LABELS + lower, top + 4, max(upper - lower, 3), 26, BAND),
            _bar(LABELS, top + 10, value.confirmed * unit, 14, CONFIRMED),
            _bar(LABELS + value.confirmed * unit, top + 10, value.open * unit, 14, OPEN),
        ]
    height = max(1, len(feature.values)) * ROW
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
    return head + "".join(parts) + "</svg>"


def _bar(left: float, top: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{height}" fill="{colour}"/>'
