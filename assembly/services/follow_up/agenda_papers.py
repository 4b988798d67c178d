"""The draft of an agenda item as a document: what the council is asked to resolve, what was missed, and what happened.

Its wording is neutral; the day until which the council asks is left open, since it depends on the day of its meeting.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from assembly.models import Assembly, Binding, Case, Duty, Move
from assembly.periods import days
from assembly.services.chapters import Block, Chapter, Document, Facts, Paragraph, Table, paragraphs, plain
from assembly.services.errors import marked
from assembly.services.follow_up import dates, reading
from assembly.services.follow_up.agenda_items import AgendaItem
from assembly.services.follow_up.case_chapters import Texts, duties_table, in_short
from assembly.services.follow_up.courses import Course, Owed
from assembly.services.follow_up.rules import FIELD_OF
from assembly.services.pdfs import PAGE, Words
from assembly.services.recommendations.report_content import redaction_blocks
from assembly.services.texts import catalogue

LANGUAGES = ("de", "en")
"""In which an item can be written."""
OPEN_DAY = "____________"


@dataclasses.dataclass(frozen=True, slots=True)
class Addresses:
    """Where everyone reads about the recommendation, and about the rules; blank without a public page."""

    recommendation: str
    rules: str


def language_of(assembly: Assembly) -> str:
    """Return the first language of an assembly that an item can be written in."""
    return next((one for one in assembly.languages if one in LANGUAGES), LANGUAGES[0])


@dataclasses.dataclass(frozen=True, slots=True)
class _Paper:
    words: Words
    texts: Texts
    item: AgendaItem
    assembly: Assembly
    addresses: Addresses


def document_of(item: AgendaItem, assembly: Assembly, *, texts: Texts, addresses: Addresses) -> Document:
    """Return an agenda item as a document; `texts` speak the language of the assembly."""
    language = language_of(assembly)
    words = Words(language, catalogue(language))
    paper, it = _Paper(words, texts, item, assembly, addresses), item.case.recommendation
    return Document(
        language=language,
        kind=words.say(marked("Agenda item for the council (draft)")),
        title=words.say(marked("Recommendation %(number)s: %(title)s"), number=it.number, title=plain(it.title)),
        subtitle=words.say(marked("Overdue: %(duties)s"), duties=_duties(paper)),
        author=plain(assembly.commissioning_body or assembly.title),
        facts=list(_about(paper)),
        warning="",
        contents="",
        page=words.say(PAGE, page="{page}", pages="{pages}"),
        made_at=item.given_at,
        chapters=[
            Chapter(1, words.say(marked("Proposed resolution")), _resolution(paper)),
            Chapter(1, words.say(marked("What has been missed")), _missed(paper)),
            *_recommendation(words, item.case),
            Chapter(1, words.say(marked("What has happened so far")), _history(paper)),
            Chapter(1, words.say(marked("Deadlines")), [duties_table(words, texts, item.course, item.day)]),
        ],
    )


def _duties(paper: _Paper) -> str:
    return "; ".join(str(paper.texts.duties[one.duty]) for one in paper.item.missed)


def _about(paper: _Paper) -> Iterator[tuple[str, str]]:
    words, case = paper.words, paper.item.case
    addressee = case.addressee
    yield words.say(marked("Recommended by")), plain(paper.assembly.title)
    yield words.say(marked("Addressed to")), plain(addressee.name)
    if addressee.binding is Binding.BOUND and addressee.resolved_on:
        bound = words.say(
            marked("%(resolution)s of %(day)s"),
            resolution=plain(addressee.resolution),
            day=words.date(addressee.resolved_on),
        )
    else:
        bound = words.say(marked("Asked, not bound"))
    yield words.say(marked("Binding")), bound
    yield words.say(marked("Handed over on")), words.date(case.handover.handed_over_on)
    yield words.say(marked("As of")), words.date(paper.item.day)
    if paper.addresses.recommendation:
        yield words.say(marked("Public page")), paper.addresses.recommendation


def _resolution(paper: _Paper) -> list[Block]:
    words, item = paper.words, paper.item
    noted = words.say(
        marked(
            "1. The council takes note that on recommendation %(number)s of “%(assembly)s” the following was due and "
            "had not been done by %(day)s: %(duties)s."
        ),
        number=item.case.recommendation.number,
        assembly=plain(paper.assembly.title),
        day=words.date(item.day),
        duties=_duties(paper),
    )
    asked = words.say(
        marked("2. The council asks the addressee (%(addressee)s) to do so in public by %(day)s."),
        addressee=plain(item.case.addressee.name),
        day=OPEN_DAY,
    )
    return [Paragraph(noted), Paragraph(asked)]


def _missed(paper: _Paper) -> list[Block]:
    """Say what was owed by when, by which rule and in which version, and for how long it has been missing."""
    words, course = paper.words, paper.item.course
    columns = [
        words.say(text)
        for text in (marked("What was owed"), marked("Was due on"), marked("Days overdue"), marked("Rule"))
    ]
    rows = [
        [
            str(paper.texts.duties[one.duty]),
            words.date(one.due),
            words.number((paper.item.day - one.due).days),
            _rule(paper, one),
        ]
        for one in paper.item.missed
    ]
    published = course.rules.published_at or paper.item.case.handover.recorded_at  # nothing is handed over before
    version = words.say(
        marked("Version %(version)s, published on %(day)s"), version=course.rules.version, day=words.day(published)
    )
    facts = [(words.say(marked("Rules of the follow-up")), version)]
    if paper.addresses.rules:
        facts.append((words.say(marked("Where the rules stand")), paper.addresses.rules))
    table = Table(
        words.say(marked("Overdue on %(day)s"), day=words.date(paper.item.day)), columns, rows, (3, 2, 1.5, 4), (2,)
    )
    return [table, Facts(facts)]


def _rule(paper: _Paper, one: Owed) -> str:
    course, texts = paper.item.course, paper.texts
    said = []
    if term := rule_of(course, one):
        said.append(f"{texts.terms[term]}: {texts.period(getattr(course.rules, term))}")
    if course.extension and one.duty in dates.BEFORE_DECISION[dates.BEFORE_DECISION.index(course.extension.duty) :]:
        extended = texts.period(days(course.extension.days))
        said.append(paper.words.say(marked("extended by %(period)s"), period=extended))
    return "; ".join(said) or "–"


def rule_of(course: Course, one: Owed) -> str | None:
    """Return the term of the rules that says how long there was for a duty; None if none says it by itself."""
    begun = {step.move for step in course.steps if step.on == one.since}
    if one.duty is Duty.ANSWER and one.since != course.handed_over:
        for move, term in ((Move.ASK_BETTER, "better_answer"), (Move.DECIDE, "examined")):
            if move in begun:
                return term
    if one.duty in {Duty.DEBATE, Duty.DECIDE} and one.since != course.handed_over:
        return None  # as long after something as it would be after a handover
    return FIELD_OF.get(one.duty) or _FURTHER.get(one.duty)


_FURTHER: Mapping[Duty, str] = {
    Duty.REPORT: "report",
    Duty.FORWARD: "assigned",
    Duty.FORWARDED_REPLY: "forwarded",
}


def _recommendation(words: Words, case: Case) -> Iterator[Chapter]:
    it = case.recommendation
    yield Chapter(1, words.say(marked("The recommendation")), [*redaction_blocks(words, it), *paragraphs(it.text)])
    if it.reasons:
        yield Chapter(2, words.say(marked("Reasons")), paragraphs(it.reasons))


def _history(paper: _Paper) -> list[Block]:
    words, item = paper.words, paper.item
    columns = [words.say(text) for text in (marked("Day"), marked("What happened"), marked("In short"))]
    handed_over = [words.date(item.case.handover.handed_over_on), words.say(marked("Handed over")), "–"]
    steps = [
        [words.date(one.step.taken_on), str(paper.texts.moves[one.step.move]), in_short(words, paper.texts, one)]
        for one in reading.read(item.case, until=item.given_at)
    ]
    table = Table(words.say(marked("The steps so far")), columns, [handed_over, *steps], (2, 3, 5))
    if not paper.addresses.recommendation:
        return [table]
    later = marked("What has happened since then stands on the public page, with every text in full.")
    return [table, Paragraph(words.say(later))]
