"""Answers as documents: the synopsis that lays them beside the recommendations, and the draft of a council paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from assembly.clock import now
from assembly.models import Assembly
from assembly.services.chapters import Block, Chapter, Document, Facts, Paragraph, Table, paragraphs, plain
from assembly.services.daily import today
from assembly.services.errors import marked
from assembly.services.follow_up.answer_rows import FACTS, Row
from assembly.services.follow_up.case_chapters import Texts
from assembly.services.follow_up.facts import Fact, Kind
from assembly.services.pdfs import PAGE, Words
from assembly.services.texts import catalogue

APART = frozenset({"outcome", "summary", "reasons", "legal", "financial"})
"""Facts that have a place of their own in a council paper."""


def synopsis_of(rows: Sequence[Row], assembly: Assembly, *, texts: Texts, language: str) -> Document:
    """Return the synopsis: recommendation, answer so far, proposed outcome, side by side."""
    words = Words(language, catalogue(language))
    columns = [words.say(text) for text in (marked("Recommendation"), marked("Answer"), marked("Proposed outcome"))]
    lines = [[_recommendation(words, row), _answer(words, texts, row), _outcome(words, texts, row)] for row in rows]
    kind, caption = words.say(marked("Synopsis of the answers")), words.say(marked("Recommendations and answers"))
    return _document(
        words,
        assembly,
        kind,
        [Chapter(1, caption, [Table(caption, columns, lines, (5, 7, 2))])],
        is_landscape=True,
    )


def paper_of(rows: Sequence[Row], assembly: Assembly, *, texts: Texts, language: str) -> Document:
    """Return the draft of a council paper: proposed resolution, facts of the case, legal and financial assessment."""
    words = Words(language, catalogue(language))
    resolution = [Paragraph(_resolved(words, texts, number, row)) for number, row in enumerate(rows, start=1)]
    chapters = [
        Chapter(1, words.say(marked("Proposed resolution")), resolution),
        Chapter(1, words.say(marked("Facts of the case")), [Paragraph(_opening(words, rows, assembly))]),
        *(Chapter(2, _title(words, row), list(_facts_of_case(words, texts, row))) for row in rows),
        *_assessment(words, words.say(marked("Legal assessment")), "legal", rows),
        *_assessment(words, words.say(marked("Financial assessment")), "financial", rows),
        *_annexes(words, rows),
    ]
    return _document(words, assembly, words.say(marked("Draft of a council paper")), chapters)


def _document(
    words: Words, assembly: Assembly, kind: str, chapters: Sequence[Chapter], *, is_landscape: bool = False
) -> Document:
    return Document(
        language=words.language,
        kind=kind,
        title=words.say(marked("Recommendations of “%(assembly)s”"), assembly=plain(assembly.title)),
        subtitle=plain(assembly.question),
        author=plain(assembly.commissioning_body or assembly.title),
        facts=[(words.say(marked("As of")), words.date(today()))],
        warning=words.say(marked("What is marked as a draft is not public.")),
        contents="",
        page=words.say(PAGE, page="{page}", pages="{pages}"),
        made_at=now(),
        chapters=chapters,
        is_landscape=is_landscape,
    )


def _title(words: Words, row: Row) -> str:
    it, addressee = row.case.recommendation, row.case.addressee.name
    return words.say(
        marked("Recommendation %(number)s: %(title)s (%(addressee)s)"),
        number=it.number,
        title=plain(it.title),
        addressee=plain(addressee),
    )


def _recommendation(words: Words, row: Row) -> str:
    return f"{_title(words, row)}\n{plain(row.case.recommendation.text)}"


def _answer(words: Words, texts: Texts, row: Row) -> str:
    said = [f"{name}: {value}" for name, value in _said(words, texts, row, but=frozenset({"outcome"}))]
    return "\n".join(said) if said else words.say(marked("No answer yet."))


def _outcome(words: Words, texts: Texts, row: Row) -> str:
    if "outcome" not in row.said:
        return words.say(marked("Open"))
    outcome = str(texts.fact_words("outcome", row.said["outcome"]))
    return outcome if row.draft is None else words.say(marked("%(outcome)s (draft)"), outcome=outcome)


def _resolved(words: Words, texts: Texts, number: int, row: Row) -> str:
    return words.say(
        marked("%(position)s. On recommendation %(number)s (%(title)s), addressed to %(addressee)s: %(outcome)s."),
        position=number,
        number=row.case.recommendation.number,
        title=plain(row.case.recommendation.title),
        addressee=plain(row.case.addressee.name),
        outcome=_outcome(words, texts, row),
    )


def _opening(words: Words, rows: Sequence[Row], assembly: Assembly) -> str:
    days = sorted({row.case.handover.handed_over_on for row in rows})
    return words.say(
        marked("The recommendations of “%(assembly)s” were handed over on %(days)s. Each is owed a reasoned answer."),
        assembly=plain(assembly.title),
        days=", ".join(words.date(day) for day in days),
    )


def _facts_of_case(words: Words, texts: Texts, row: Row) -> Iterator[Block]:
    yield Paragraph(words.say(marked("The recommendation")), "label")
    yield from paragraphs(row.case.recommendation.text, "quote")
    name = marked("Answer of the administration (draft)") if row.draft else marked("Answer of the administration")
    yield Paragraph(words.say(name), "label")
    texts_of_it = [text for name in ("summary", "reasons") if (text := row.said.get(name))]
    if not texts_of_it:
        yield Paragraph(words.say(marked("No answer yet.")))
    for text in texts_of_it:
        yield from paragraphs(text)
    yield Facts(
        [(words.say(marked("Proposed outcome")), _outcome(words, texts, row)), *_said(words, texts, row, APART)]
    )


def _assessment(words: Words, title: str, name: str, rows: Sequence[Row]) -> Iterator[Chapter]:
    said = [row for row in rows if row.said.get(name)]
    if said:
        yield Chapter(1, title)
    for row in said:
        yield Chapter(2, _title(words, row), paragraphs(row.said[name]))


def _annexes(words: Words, rows: Sequence[Row]) -> Iterator[Chapter]:
    cited = [
        (_title(words, row), f"{row.said['annex']} ({row.said.get('annex_ground') or '–'})")
        for row in rows
        if row.said.get("annex")
    ]
    if cited:
        yield Chapter(
            1, words.say(marked("Non-public annexes")), [Facts([(name, plain(text)) for name, text in cited])]
        )


def _said(words: Words, texts: Texts, row: Row, but: frozenset[str]) -> Iterator[tuple[str, str]]:
    for fact in FACTS:
        if fact.name not in but and row.said.get(fact.name) is not None:
            yield str(texts.facts[fact.name]), _in_words(words, texts, fact, row.said[fact.name])


def _in_words(words: Words, texts: Texts, fact: Fact, value: Any) -> str:
    return words.date(value) if fact.kind is Kind.DAY else plain(str(texts.fact_words(fact.name, value)))
