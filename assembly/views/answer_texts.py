"""Words of files with answers: headers and choices, as files say them and as they are understood in either language."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l

from assembly.services.follow_up.answer_import import Headings
from assembly.services.follow_up.answer_rows import FACTS
from assembly.services.follow_up.answer_sheets import Words
from assembly.services.follow_up.facts import ANSWER, ANSWER_OF, Kind
from assembly.views import case_texts

LANGUAGES = ("de", "en")
ABOUT: Mapping[str, Any] = {
    "key": _l("Key of the row (do not change)"),
    "number": _l("No. of the recommendation"),
    "title": _l("Title of the recommendation"),
    "text": _l("Text of the recommendation"),
    "addressee": _l("Addressed to"),
    "stands_with": _l("Stands with department"),
    "due": _l("Due on"),
}


def words() -> Words:
    """Return the words of a workbook in the language of the page."""
    every = str(gettext("every answer"))
    guide = [(str(gettext("Outcome")), str(gettext("What is to be filled in")))]
    guide += [(every, _names(fact.name for fact in ANSWER if fact.is_required))]
    guide += [
        (str(case_texts.OUTCOMES[outcome]), _names(fact.name for fact in more if fact.is_required))
        for outcome, more in ANSWER_OF.items()
    ]
    guide += [("", str(gettext("Leave the grey columns as they are. Rows and columns that are not needed can go.")))]
    return Words(
        headers=_headers(),
        choices=_choices(),
        answers=gettext("Answers"),
        guide=gettext("How to fill it in"),
        lists=gettext("Lists"),
        guide_rows=guide,
        too_long=gettext("Too long for a cell: work on it on its page."),
    )


@functools.cache
def headings() -> Headings:
    """Return what files may say, in all languages."""
    spoken = []
    for language in LANGUAGES:
        with force_locale(language):
            spoken.append((_headers(), _choices()))
    return Headings.of(spoken)


def _headers() -> dict[str, str]:
    labels = {**ABOUT, **{fact.name: case_texts.FACTS[fact.name] for fact in FACTS}}
    return {name: str(label) for name, label in labels.items()}


def _choices() -> dict[str, dict[str, str]]:
    of_facts = {fact.name: case_texts.CHOICES[fact.name] for fact in FACTS if fact.kind is Kind.CHOICE}
    return {name: {value: str(text) for value, text in offered.items()} for name, offered in of_facts.items()}


def _names(names: Iterator[str]) -> str:
    return "; ".join(str(case_texts.FACTS[name]) for name in names)
