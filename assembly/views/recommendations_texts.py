"""Recommendations in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from assembly.models import Recommendation, RecommendationState, RecommendationVersion, RedactionGround
from assembly.services.recommendations.differences import Part, difference
from assembly.services.recommendations.handing_over import Obstacle
from assembly.services.recommendations.texts import FIELDS as TEXT_FIELDS

STATES = {
    RecommendationState.DRAFT: _l("Draft"),
    RecommendationState.MERGED: _l("Merged"),
    RecommendationState.DISCARDED: _l("Not pursued"),
    RecommendationState.ADOPTED: _l("Adopted"),
    RecommendationState.HANDED_OVER: _l("Handed over"),
}
BADGES = {
    RecommendationState.DRAFT: "warning",
    RecommendationState.MERGED: "info",
    RecommendationState.DISCARDED: "info",
    RecommendationState.ADOPTED: "success",
    RecommendationState.HANDED_OVER: "success",
}
FIELDS = {
    "title": _l("Title"),
    "text": _l("Recommendation"),
    "reasons": _l("Reasons"),
    "theme": _l("Theme"),
    "plain": _l("In plain language"),
}
REDACTION_GROUNDS = {
    RedactionGround.PERSONAL_DATA: _l("Names or other personal data"),
    RedactionGround.COURT: _l("Order of a court"),
    RedactionGround.LAW: _l("Another law"),
}
OBSTACLES = {
    Obstacle.NO_ADDRESSEE: _l("Nobody is named who has to answer."),
    Obstacle.OBJECTION_PERIOD: _l("Members can still object to an editorial change."),
    Obstacle.OBJECTION: _l("A member objects to an editorial change: take it back, or talk it over."),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Changed:
    """What changed in one field of a text, word by word."""

    field: str
    parts: Sequence[Part]


def changed(
    before: Recommendation | RecommendationVersion, after: Recommendation | RecommendationVersion
) -> list[Changed]:
    """Return the fields that differ between two texts, each with its difference."""
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in TEXT_FIELDS]
    return [Changed(name, difference(old, new)) for name, old, new in pairs if old != new]
