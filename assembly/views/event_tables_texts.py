"""Tables of events in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from assembly.models import PairKind, Seated
from assembly.services.tables.sheets import TITLES

SEATED = {
    Seated.EXPECTED: _l("Everybody who is not excused"),
    Seated.CONFIRMED: _l("Whoever has confirmed to come"),
    Seated.PRESENT: _l("Whoever is there, by the check-in list"),
}
PAIRS = {PairKind.TOGETHER: _l("sit together"), PairKind.APART: _l("do not sit together")}
SHEETS = {sheet: _l(title) for sheet, title in TITLES.items()}


def sentences(figures: dict[str, Any]) -> Iterator[str]:
    """Yield how good a computed plan is; nothing for one that was changed by hand."""
    if not figures:
        return
    if figures["moved"] is not None:
        moved = ngettext(
            "%(num)s person sits at another table than before.",
            "%(num)s people sit at other tables than before.",
            figures["moved"],
        )
        yield f"{moved} {gettext('It might be less.')}" if figures["moves_gap"] else moved
    met = ngettext("%(num)s pair meets over all events.", "%(num)s pairs meet over all events.", figures["distinct"])
    if figures["meetings_gap"]:
        more = ngettext(
            "At most %(num)s more pair could.", "At most %(num)s more pairs could.", figures["meetings_gap"]
        )
    else:
        more = gettext("More are not possible.")
    yield f"{met} {more}"
    if figures["deviation"]:
        mixed = ngettext(
            "To be mixed evenly, %(num)s person would have to sit elsewhere.",
            "To be mixed evenly, %(num)s people would have to sit elsewhere.",
            figures["deviation"],
        )
        less = gettext("It might be less.") if figures["deviation_gap"] else gettext("It cannot be less.")
        yield f"{mixed} {less}"
