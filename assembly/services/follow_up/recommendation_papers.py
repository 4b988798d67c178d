"""A recommendation as a document to print and keep: all that its public page says, on the day on which it is made."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy.orm import Session

from assembly.models import Assembly, Case, Recommendation
from assembly.services.chapters import Block, Chapter, Document, Facts, Paragraph, changes_of, paragraphs, plain
from assembly.services.daily import today
from assembly.services.errors import marked
from assembly.services.follow_up import cases, reading
from assembly.services.follow_up.agenda_items import AgendaItem
from assembly.services.follow_up.case_chapters import Texts, duties_table, measure_blocks, stands, step_blocks
from assembly.services.follow_up.courses import Course
from assembly.services.pdfs import PAGE, Words
from assembly.services.programme import times
from assembly.services.recommendations import reading as recommendations
from assembly.services.recommendations.differences import difference
from assembly.services.recommendations.reading import Shown
from assembly.services.recommendations.report_content import minority_blocks, redaction_blocks, vote_blocks
from assembly.services.recommendations.texts import FIELDS
from assembly.services.texts import catalogue


@dataclasses.dataclass(frozen=True, slots=True)
class Addresses:
    """Where the page is, the licence, and the agenda items of each case by its number."""

    page: str
    licence: str
    agenda: Mapping[int, Sequence[tuple[AgendaItem, str]]]


@dataclasses.dataclass(frozen=True, slots=True)
class _Paper:
    words: Words
    texts: Texts
    shown: Shown
    addresses: Addresses
    day: dt.date


def document_of(
    session: Session, assembly: Assembly, number: int, *, language: str, texts: Texts, addresses: Addresses
) -> Document:
    """Return a recommendation that everyone reads as a document. Raises NotFoundError, also for what is not adopted.

    Pages speak `texts` in the same language. The document is the same all day long, as long as nothing happens.
    """
    shown = recommendations.get_shown(session, assembly, number)
    it, day = shown.recommendation, today()
    paper = _Paper(Words(language, catalogue(language)), texts, shown, addresses, day)
    words = paper.words
    return Document(
        language=language,
        kind=words.say(marked("Recommendation")),
        title=words.say(marked("%(number)s. %(title)s"), number=it.number, title=plain(it.title)),
        subtitle=plain(assembly.title),
        author=plain(assembly.commissioning_body or assembly.title),
        facts=list(_about(paper)),
        warning="",
        contents="",
        page=words.say(PAGE, page="{page}", pages="{pages}"),
        made_at=times.moment(day, dt.time()).astimezone(dt.UTC),
        chapters=[
            *_redactions(words, it),
            *_texts(words, it, words.say(marked("The recommendation")), level=1),
            *(part for case in cases.cases_about(session, assembly, number) for part in _followed(paper, case)),
            *_adopted(paper),
            *_handed_over(paper),
            *_edited(paper),
            *_originals(paper),
        ],
    )


def _about(paper: _Paper) -> Iterator[tuple[str, str]]:
    words, it = paper.words, paper.shown.recommendation
    if it.theme:
        yield words.say(marked("Theme")), plain(it.theme)
    if paper.shown.addressees:
        names = ", ".join(plain(one.name) for one in paper.shown.addressees)
        yield words.say(marked("Who has to answer")), names
    yield words.say(marked("As of")), words.date(paper.day)
    yield words.say(marked("Public page")), paper.addresses.page
    yield words.say(marked("Licence")), paper.addresses.licence


def _redactions(words: Words, it: Recommendation) -> Iterator[Chapter]:
    if it.redactions:
        yield Chapter(1, words.say(marked("Redacted by order")), redaction_blocks(words, it))


def _texts(words: Words, it: Recommendation, title: str, *, level: int) -> Iterator[Chapter]:
    yield Chapter(level, title, paragraphs(it.text))
    if it.reasons:
        yield Chapter(level + 1, words.say(marked("Reasons")), paragraphs(it.reasons))
    if it.plain:
        yield Chapter(level + 1, words.say(marked("In plain language")), paragraphs(it.plain))


def _followed(paper: _Paper, case: Case) -> Iterator[Chapter]:
    """Say what became of it with one addressee: where it stands, each step in full, and all deadlines."""
    words, texts, course = paper.words, paper.texts, cases.course_of_case(case)
    yield Chapter(1, plain(case.addressee.name), [Facts(list(_standing(paper, case, course)))])
    if measure := reading.measure_of(case, course, paper.day):
        yield Chapter(2, words.say(marked("What is done")), measure_blocks(words, texts, measure))
    step_title = marked("%(number)s. %(step)s, %(day)s")
    for one in reading.read(case):
        number, move, day = one.step.number, texts.moves[one.step.move], words.date(one.step.taken_on)
        title = words.say(step_title, number=number, step=move, day=day)
        yield Chapter(2, title, step_blocks(words, texts, one))
    yield Chapter(2, words.say(marked("Deadlines")), [duties_table(words, texts, course, paper.day)])


def _standing(paper: _Paper, case: Case, course: Course) -> Iterator[tuple[str, str]]:
    words, texts = paper.words, paper.texts
    yield words.say(marked("Stands")), str(texts.states[course.state])
    if course.decided:
        yield words.say(marked("Decision")), str(texts.outcomes[course.decided])
    if course.result:
        yield words.say(marked("Result")), str(texts.results[course.result])
    if course.unit:
        yield words.say(marked("Department in charge")), plain(course.unit)
    for one in course.open:
        owed = marked("%(duty)s: %(day)s (%(stands)s)")
        said = words.say(
            owed, duty=texts.duties[one.duty], day=words.date(one.due), stands=stands(words, one, paper.day)
        )
        yield words.say(marked("What is owed by when")), said
    for item, address in paper.addresses.agenda.get(case.id, ()):
        yield words.say(marked("Item for the council’s agenda of %(day)s"), day=words.date(item.day)), address


def _adopted(paper: _Paper) -> Iterator[Chapter]:
    words = paper.words
    if paper.shown.recommendation.count:
        yield Chapter(1, words.say(marked("Votes")), vote_blocks(words, paper.shown))
    if paper.shown.recommendation.minority_views:
        yield Chapter(1, words.say(marked("Minority views")), minority_blocks(words, paper.shown.recommendation))


def _handed_over(paper: _Paper) -> Iterator[Chapter]:
    words, it = paper.words, paper.shown.recommendation
    if it.handover is None or it.digest is None:
        return
    meaning = (
        marked("The fingerprint is that of the content as it was handed over, before words were redacted by order.")
        if it.redactions
        else marked(
            "Since the handover nothing about this recommendation changes. The fingerprint is computed from its text, "
            "and anyone can compute it from the public page."
        )
    )
    rows = [
        (words.say(marked("Handed over on")), words.date(it.handover.handed_over_on)),
        (words.say(marked("Received by")), plain(it.handover.received_by)),
        (words.say(marked("Fingerprint of the recommendation")), it.digest),
    ]
    yield Chapter(1, words.say(marked("Handover")), [Paragraph(words.say(meaning)), Facts(rows)])


def _edited(paper: _Paper) -> Iterator[Chapter]:
    """Show what was edited between the vote and the handover, word by word."""
    words, before, it = paper.words, paper.shown.voted_on, paper.shown.recommendation
    blocks: list[Block] = []
    for name in FIELDS if before else ():
        old, new = getattr(before, name), getattr(it, name)
        if old != new:
            blocks += [Paragraph(str(paper.texts.fields[name]), "label"), changes_of(difference(old, new), words)]
    if blocks:
        yield Chapter(1, words.say(marked("Edited after the vote")), blocks)


def _originals(paper: _Paper) -> Iterator[Chapter]:
    if paper.shown.originals:
        yield Chapter(1, paper.words.say(marked("Drafts that went into it")))
    for one in paper.shown.originals:
        title = paper.words.say(marked("Draft %(number)s: %(title)s"), number=one.number, title=plain(one.title))
        yield from _texts(paper.words, one, title, level=2)
