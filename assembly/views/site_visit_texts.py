"""Site visits in words: on what people walk or roll."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from assembly.models import Surface

SURFACES = {
    Surface.SMOOTH: _l("asphalt or smooth slabs"),
    Surface.PAVING: _l("paving stones"),
    Surface.COBBLES: _l("cobbles"),
    Surface.GRAVEL: _l("gravel or sand"),
    Surface.GRASS: _l("grass or earth"),
    Surface.STEPS: _l("steps"),
}
