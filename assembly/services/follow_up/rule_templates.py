"""Templates of follow-up rules, after real procedures; every city writes its own words into them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from assembly.periods import days, months
from assembly.services.errors import marked


@dataclasses.dataclass(frozen=True, slots=True)
class RuleTemplate:
    """Rules to start from; `name` and the texts in `words` are translatable, `terms` are what differs from default."""

    name: str
    words: Mapping[str, str]
    terms: Mapping[str, Any] = dataclasses.field(default_factory=dict)


COUNCIL_WORDS = {
    "who_answers": marked("The department in charge, signed by the mayor."),
    "who_decides": marked("The council, after its committee in charge."),
    "participation": marked(
        "Members present their recommendations to the committee in public, may ask once for a better answer, and may "
        "publish a reply beside each answer."
    ),
}
TEMPLATES = {
    "council": RuleTemplate(
        marked("Municipal council: answered after 90 days, decided after 180"),
        COUNCIL_WORDS,
    ),
    "permanent": RuleTemplate(
        marked("Permanent dialogue: two public committee meetings, review after about a year"),
        {
            "who_answers": marked("The committee in charge and the member of government in charge, together."),
            "who_decides": marked("The committee in charge."),
            "participation": marked(
                "In a first public committee meeting members present and explain their recommendations; in a second "
                "one committee and government answer, and members respond. About a year later all of them review in "
                "public what was done."
            ),
        },
        {"answered": days(120), "debated": days(150), "decided": days(180), "first_report": months(6)},
    ),
    "government": RuleTemplate(
        marked("Government: reasoned answer within 6 months"),
        {
            "who_answers": marked("The government, with reasons for each recommendation."),
            "who_decides": marked("The government; parliament debates the answer in public."),
            "participation": marked("Members meet the ministers in charge when the answer is debated."),
        },
        {
            "answered": months(6),
            "debated": months(8),
            "decided": months(9),
            "first_report": months(6),
            "review": months(18),
        },
    ),
}
"""The three: municipalities in Germany; the permanent citizens' dialogue of the German-speaking Community of Belgium
(Ostbelgien, decree of 25 February 2019); the answer of the Scottish Government to the Citizens' Assembly of 2021."""
