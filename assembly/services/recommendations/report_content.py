"""What stands in the citizens' report, as chapters of words and tables: DOCX and PDF are made from the same.

Names of members never appear: nothing here reads who they are. Experts are named, as they are on the public page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    Event,
    EventKind,
    EventState,
    ExpertRole,
    Handover,
    Recommendation,
    RecommendationState,
    RedactionGround,
)
from assembly.services import commitments, invitation_records, public
from assembly.services.chapters import Block, Chapter, Document, Facts, Paragraph, Table, paragraphs, plain
from assembly.services.errors import NotFoundError, marked
from assembly.services.experts import inviting
from assembly.services.pdfs import PAGE, Words
from assembly.services.programme import events, times
from assembly.services.recommendations import reading
from assembly.services.recommendations.reading import Shown
from assembly.services.texts import catalogue

LANGUAGES = ("de", "en")
"""In which a report can be written."""
KINDS = {
    EventKind.PLENARY: marked("Plenary"),
    EventKind.SMALL_GROUPS: marked("Small groups"),
    EventKind.SITE_VISIT: marked("Site visit"),
    EventKind.EXPERT_INPUT: marked("Expert input"),
    EventKind.ONLINE_QUESTIONS: marked("Questions and answers online"),
    EventKind.PUBLIC_HEARING: marked("Public hearing"),
    EventKind.CLOSING: marked("Closing"),
}
ROLES = {
    ExpertRole.SCIENCE: marked("Science"),
    ExpertRole.ADMINISTRATION: marked("Administration"),
    ExpertRole.INTEREST_GROUP: marked("Interest group"),
    ExpertRole.AFFECTED: marked("People affected"),
}

REDACTION_GROUNDS = {
    RedactionGround.PERSONAL_DATA: marked("Names or other personal data"),
    RedactionGround.COURT: marked("Order of a court"),
    RedactionGround.LAW: marked("Another law"),
}


def report_of(session: Session, assembly: Assembly, *, is_public: bool) -> Document:
    """Return the citizens' report in the first language of the assembly that a report can be written in.

    Staff see with it what is adopted and not handed over yet. Raises NotFoundError if it `is_public` and nothing was
    handed over yet.
    """
    shown = reading.shown_of(session, assembly)
    if is_public:
        shown = [one for one in shown if one.recommendation.state is RecommendationState.HANDED_OVER]
    found = {one.recommendation.handover_id: one.recommendation.handover for one in shown}
    handovers = sorted((one for one in found.values() if one), key=lambda one: (one.handed_over_on, one.id))
    if is_public and not handovers:
        raise NotFoundError
    language = next((one for one in assembly.languages if one in LANGUAGES), LANGUAGES[0])
    words = Words(language, catalogue(language))
    is_final = all(one.recommendation.handover for one in shown) and bool(handovers)
    made_at = handovers[-1].recorded_at if is_final else now()
    facts = [(words.say(marked("Commissioned by")), assembly.commissioning_body)]
    facts.append((words.say(marked("Date")), words.day(_moment(handovers[-1]) if is_final else made_at)))
    last_day = handovers[-1].handed_over_on if is_final else None
    chapters = [
        _about(words, assembly),
        _drawing(words, session, assembly),
        _work(words, session, assembly, last_day),
        *_recommendations(words, shown),
        *([_handing_over(words, handovers)] if handovers else []),
    ]
    return Document(
        language=language,
        kind=words.say(marked("Citizens’ report")),
        title=plain(assembly.title),
        subtitle=plain(assembly.question),
        author=plain(assembly.commissioning_body),
        facts=[(name, plain(value)) for name, value in facts],
        warning="" if is_final else words.say(marked("Draft: not everything in it has been handed over yet.")),
        contents=words.say(marked("Contents")),
        page=words.say(PAGE, page="{page}", pages="{pages}"),
        made_at=made_at,
        chapters=chapters,
    )


def _moment(handover: Handover) -> dt.datetime:
    return times.moment(handover.handed_over_on, dt.time(12))


def _about(words: Words, assembly: Assembly) -> Chapter:
    blocks: list[Block] = [
        Paragraph(words.say(marked("This report holds what a panel of citizens drawn by lot recommends."))),
        *paragraphs(assembly.mandate),
    ]
    return Chapter(1, words.say(marked("About this assembly")), blocks)


def _drawing(words: Words, session: Session, assembly: Assembly) -> Chapter:
    """Say how the panel was drawn, with the numbers that everyone sees."""
    title = words.say(marked("How the panel was drawn"))
    drawn = [one for one in commitments.commitments_of(session, assembly) if one.drawn_at]
    if not drawn:
        return Chapter(1, title, [Paragraph(words.say(marked("This application knows of no draw of the panel.")))])
    record = invitation_records.record_of(session, assembly)
    standing = commitments.current_commitment(session, assembly)
    numbers = public.numbers_of(session, assembly, record, standing)
    known = (
        (marked("Letters sent"), record.letters_sent or None),
        (marked("People who registered"), numbers.registered),
        (marked("People in the pool"), numbers.pool),
        (marked("Seats on the panel"), assembly.panel_size),
    )
    facts = [(words.say(name), words.number(number)) for name, number in known if number is not None]
    for one in sorted(drawn, key=lambda one: (one.drawn_at or one.moment, one.id)):
        facts.append((words.say(marked("Drawn on")), words.day(one.drawn_at or one.moment)))
        facts.append((words.say(marked("Fingerprint (commitment)")), one.hash))
    rule = marked(
        "The members were drawn by lot from everybody who had registered, so that the panel looks like the population. "
        "The lottery was fixed before the draw and published as a fingerprint, so that anyone can check it."
    )
    return Chapter(1, title, [Paragraph(words.say(rule)), Facts(facts)])


def _work(words: Words, session: Session, assembly: Assembly, last_day: dt.date | None) -> Chapter:
    """Say when the assembly met and whom it heard; nothing of what came after the handover."""
    held = [
        event
        for event in events.public_events_of(session, assembly)
        if event.state is not EventState.CANCELLED
        and event.starts_at <= now()
        and (last_day is None or times.day_of(event.starts_at) <= last_day)
    ]
    experts = [one for one in inviting.public_experts_of(session, assembly) if one.inputs]
    blocks: list[Block] = []
    if held:
        columns = [words.say(marked("Day")), words.say(marked("Event")), words.say(marked("Kind"))]
        rows = [_event(words, event) for event in held]
        blocks.append(Table(words.say(marked("Published events")), columns, rows, (2, 4, 2)))
    if experts:
        columns = [words.say(text) for text in (marked("Name"), marked("Stands for"), marked("Declared interests"))]
        rows = [
            [plain(one.name), plain(", ".join(filter(None, (words.say(ROLES[one.role]), one.affiliation)))),
             plain(one.interests) or "–"]
            for one in experts
        ]  # fmt: skip
        blocks.append(Table(words.say(marked("Experts heard")), columns, rows, (2, 3, 3)))
    if not blocks:
        blocks.append(Paragraph(words.say(marked("No event of this assembly is published."))))
    return Chapter(1, words.say(marked("How the assembly worked")), blocks)


def _event(words: Words, event: Event) -> list[str]:
    return [words.day(event.starts_at), plain(event.title), words.say(KINDS[event.kind])]


def _recommendations(words: Words, shown: Sequence[Shown]) -> Iterable[Chapter]:
    title = words.say(marked("Recommendations"))
    if not shown:
        yield Chapter(1, title, [Paragraph(words.say(marked("No recommendation is adopted yet.")))])
        return
    columns = [words.say(text) for text in (marked("Recommendation"), marked("Theme"), marked("Yes"), marked("No"))]
    rows = []
    for one in shown:
        it, count = one.recommendation, one.recommendation.count
        votes = [words.number(count.yes), words.number(count.no)] if count else ["–", "–"]
        rows.append([_numbered(words, one), plain(it.theme) or "–", *votes])
    overview = Table(words.say(marked("All recommendations")), columns, rows, (5, 3, 1, 1), numeric=(2, 3))
    yield Chapter(1, title, [overview])
    for one in shown:
        yield from _recommendation(words, one)


def _numbered(words: Words, shown: Shown) -> str:
    it = shown.recommendation
    return words.say(marked("%(number)s. %(title)s"), number=it.number, title=plain(it.title))


def _recommendation(words: Words, shown: Shown) -> Iterable[Chapter]:
    it = shown.recommendation
    facts = [(words.say(marked("Theme")), plain(it.theme))] if it.theme else []
    if shown.addressees:
        names = ", ".join(plain(one.name) for one in shown.addressees)
        facts.append((words.say(marked("Who has to answer")), names))
    if it.digest:
        facts.append((words.say(marked("Fingerprint of the recommendation")), it.digest))
    yield Chapter(
        2,
        _numbered(words, shown),
        [*redaction_blocks(words, it), *paragraphs(it.text), *([Facts(facts)] if facts else [])],
    )
    if it.reasons:
        yield Chapter(3, words.say(marked("Reasons")), paragraphs(it.reasons))
    yield Chapter(3, words.say(marked("Votes")), vote_blocks(words, shown))
    if it.minority_views:
        yield Chapter(3, words.say(marked("Minority views")), minority_blocks(words, it))
    if it.plain:
        yield Chapter(3, words.say(marked("In plain language")), paragraphs(it.plain))


def redaction_blocks(words: Words, it: Recommendation) -> list[Block]:
    """Return that words of a recommendation were redacted by order, when and why."""
    said = marked(
        "Words were redacted by order of %(day)s. Ground: %(ground)s. Order: %(reference)s. So the fingerprint of the "
        "handover no longer matches the content."
    )
    return [
        Paragraph(
            words.say(
                said,
                day=words.date(one.ordered_on),
                ground=words.say(REDACTION_GROUNDS[one.ground]),
                reference=plain(one.reference),
            )
        )
        for one in it.redactions
    ]


def minority_blocks(words: Words, it: Recommendation) -> Sequence[Block]:
    """Return the minority views, each with how many members hold it."""
    text = marked("Number of members who think otherwise: %(number)s")
    return [
        block
        for view in it.minority_views
        for block in (
            Paragraph(words.say(text, number=words.number(view.supporters))),
            *paragraphs(view.text, "quote"),
        )
    ]


def vote_blocks(words: Words, shown: Shown) -> Sequence[Block]:
    """Return how those present voted on a recommendation."""
    count = shown.recommendation.count
    if count is None:
        return [Paragraph(words.say(marked("No count is recorded.")))]
    figures = {
        marked("Yes"): count.yes,
        marked("No"): count.no,
        marked("Abstentions"): count.abstained,
        marked("Present"): count.present,
    }
    caption = words.say(marked("Votes on recommendation %(number)s"), number=shown.recommendation.number)
    columns, row = [words.say(name) for name in figures], [words.number(number) for number in figures.values()]
    counted_on = times.moment(count.counted_on, dt.time(12))
    said = words.say(
        marked("Counted on %(day)s; the panel had %(size)s members."),
        day=words.day(counted_on),
        size=words.number(count.panel_size),
    )
    blocks: list[Block] = [Table(caption, columns, [row], (1, 1, 1, 1), numeric=(0, 1, 2, 3)), Paragraph(said)]
    if shown.voted_on is not None:
        edited = marked("The wording was edited after the vote; members could object.")
        blocks.append(Paragraph(words.say(edited)))
    return blocks


def _handing_over(words: Words, handovers: Sequence[Handover]) -> Chapter:
    facts: list[tuple[str, str]] = []
    for one in handovers:
        facts.append((words.say(marked("Handed over on")), words.day(_moment(one))))
        facts.append((words.say(marked("Received by")), plain(one.received_by)))
        facts.append((words.say(marked("Fingerprint of the handover")), one.digest))
    meaning = marked(
        "With the handover the texts stand still. Each fingerprint is computed from them: if a word changed, it would "
        "be another one. From this day on every recommendation has to be answered in public."
    )
    return Chapter(1, words.say(marked("Handover")), [Paragraph(words.say(meaning)), Facts(facts)])
