"""Which pages the law demands of a city's site, by the state whose law binds it, with the source.

Imprint, privacy notice and declaration on accessibility are demanded everywhere. Explanations in Leichte Sprache and in
German sign language are demanded of federal bodies (§ 4 BITV 2.0); of cities only where the state's law says so. What
is said about that here follows the comparison that the competence centre for accessible IT of Hesse publishes
(https://lbit.hessen.de/vergleichstabelle-bgg-bitv); where it is not clear there, cities have to ask. The table is the
default alone: an administrator settles for each page what holds, and why.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from types import MappingProxyType

from assembly.models import PageKind, SitePage

EXPLANATIONS = (PageKind.EASY_LANGUAGE, PageKind.SIGN_LANGUAGE)
DIRECTIVE = "Art. 7 RL (EU) 2016/2102"
FEDERAL = "§ 4 BITV 2.0"
SOURCES: Mapping[PageKind, str] = MappingProxyType(
    {PageKind.IMPRINT: "§ 5 DDG", PageKind.PRIVACY: "Art. 13 DSGVO", PageKind.ACCESSIBILITY: DIRECTIVE}
)
"""What demands a page everywhere."""


class Demand(enum.StrEnum):
    """Whether a page has to be there."""

    REQUIRED = "required"
    NOT_REQUIRED = "not_required"
    UNCLEAR = "unclear"
    """To be asked at the office for accessibility."""


@dataclasses.dataclass(frozen=True, slots=True)
class Law:
    """The law of a state on accessible sites, and whether it demands the explanations of cities, too."""

    laws: str
    explanations: Demand


@dataclasses.dataclass(frozen=True, slots=True)
class Requirement:
    """Whether a page is required, by which source, and whether the city itself has settled it."""

    demand: Demand
    source: str
    is_settled: bool = False


LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "BW": Law("§ 10 L-BGG", Demand.REQUIRED),
        "BY": Law("BayBGG, BayDiV", Demand.NOT_REQUIRED),
        "BE": Law("BIKTG Bln", Demand.REQUIRED),
        "BB": Law("BbgBGG, BbgBITV", Demand.UNCLEAR),
        "HB": Law("BremBGG", Demand.REQUIRED),
        "HH": Law("HmbBGG, HmbBITVO", Demand.REQUIRED),
        "HE": Law("HessBGG, BITV HE", Demand.NOT_REQUIRED),
        "MV": Law("LBGG M-V, BITVO M-V", Demand.NOT_REQUIRED),
        "NI": Law("NBGG, NBITVO", Demand.NOT_REQUIRED),
        "NW": Law("BGG NRW, BITVNRW", Demand.REQUIRED),
        "RP": Law("InklG RP, BITV RP", Demand.REQUIRED),
        "SL": Law("SBGG, SBGVO", Demand.REQUIRED),
        "SN": Law("SächsInklusG, BfWebG", Demand.UNCLEAR),
        "ST": Law("BGG LSA", Demand.UNCLEAR),
        "SH": Law("LBGG Schleswig-Holstein", Demand.UNCLEAR),
        "TH": Law("ThürBarrWebG", Demand.UNCLEAR),
    }
)


def default_for(kind: PageKind, state: str) -> Requirement:
    """Return what the law of a state, by its two letters, demands; without state, what is demanded everywhere."""
    law = LAWS.get(state)
    if kind not in EXPLANATIONS:
        named = f"{SOURCES[kind]}; {law.laws}" if law and kind is PageKind.ACCESSIBILITY else SOURCES[kind]
        return Requirement(Demand.REQUIRED, named)
    if law is None:
        return Requirement(Demand.UNCLEAR, FEDERAL)
    return Requirement(law.explanations, law.laws)


def requirement_of(kind: PageKind, page: SitePage | None, state: str) -> Requirement:
    """Return whether a page is required: as the city has settled it, else as the law of its state says."""
    if page is None or page.is_required is None:
        return default_for(kind, state)
    return Requirement(Demand.REQUIRED if page.is_required else Demand.NOT_REQUIRED, page.source, is_settled=True)
