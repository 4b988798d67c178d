"""The pages of the site in words: their names, who demands them, and where they are if the city has them elsewhere."""

from __future__ import annotations

from flask import current_app
from flask_babel import lazy_gettext as _l

from assembly.config import Config
from assembly.models import PageKind
from assembly.services.errors import NotFoundError
from assembly.services.site.requirements import Demand

TITLES = {
    PageKind.IMPRINT: _l("Imprint"),
    PageKind.PRIVACY: _l("Privacy notice"),
    PageKind.ACCESSIBILITY: _l("Declaration on accessibility"),
    PageKind.EASY_LANGUAGE: _l("Information in easy-to-read German"),
    PageKind.SIGN_LANGUAGE: _l("Information in German sign language"),
}
LINKS = {
    PageKind.IMPRINT: _l("Imprint"),
    PageKind.PRIVACY: _l("Privacy"),
    PageKind.ACCESSIBILITY: _l("Accessibility"),
    PageKind.EASY_LANGUAGE: _l("Easy-to-read German"),
    PageKind.SIGN_LANGUAGE: _l("Sign language"),
}
"""What the links in header and footer say."""
DEMANDS = {
    Demand.REQUIRED: _l("Required"),
    Demand.NOT_REQUIRED: _l("Not required"),
    Demand.UNCLEAR: _l("Unclear: ask your office for accessibility"),
}
PERIODS = {
    "P7D": _l("one week"),
    "P14D": _l("two weeks"),
    "P21D": _l("three weeks"),
    "P1M": _l("one month"),
    "P2M": _l("two months"),
}
SETTINGS = {
    PageKind.IMPRINT: "IMPRINT_URL",
    PageKind.PRIVACY: "PRIVACY_URL",
    PageKind.ACCESSIBILITY: "ACCESSIBILITY_URL",
}


def elsewhere() -> dict[PageKind, str]:
    """Return the addresses of pages that the city has on a site of its own."""
    config: Config = current_app.extensions["assembly.config"]
    return {kind: config.legal_pages[name] for kind, name in SETTINGS.items() if name in config.legal_pages}


def kind_of(name: str) -> PageKind:
    """Return the kind of page that an address names. Raises NotFoundError."""
    if name not in set(PageKind):
        raise NotFoundError
    return PageKind(name)
