"""What members read is also there in plain German: all of it, in short sentences, with the same placeholders."""

from __future__ import annotations

import functools
import re
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from assembly.services.texts import CATALOGUES, PLAIN, catalogue, joined
from assembly.translations.extraction import extracted
from tests.assembly.test_translations import NOT_OURS, decided, strings_of

OF_MEMBERS = re.compile(r"templates/(member/|mail/member_)|assembly/views/member")
SOURCES = sorted(CATALOGUES.glob(f"{PLAIN}/LC_MESSAGES/*.po"))
LONGEST_SENTENCE = 12
"""Words; what is longer is divided."""
SENTENCE = re.compile(r"[.!?:]\s|[.!?:]$")
WORD = re.compile(r"[^\W_]+")


@functools.cache
def plain() -> Catalog:
    """What is said in plain words, and nothing that falls back on German."""
    whole = Catalog(locale="de")
    for path in SOURCES:
        for message in read_po(BytesIO(path.read_bytes()), locale="de"):
            if message.id:
                assert message.id not in whole, f"{message.id} stands in two files"
                whole[message.id] = message
    return whole


def longest_sentence(text: str) -> int:
    """Return how many words the longest sentence has."""
    return max(len(WORD.findall(sentence)) for sentence in SENTENCE.split(re.sub(r"%\(\w+\)s", "x", text)))


def read_by_members() -> set[object]:
    """Return the sentences of members' pages and mails."""
    return {
        message.id for message in extracted() if message.id and any(OF_MEMBERS.match(at) for at, _ in message.locations)
    }


def test_everything_that_members_read_is_there_in_plain_words() -> None:
    wanted, found = read_by_members(), {message.id for message in plain() if message.id}
    assert len(wanted) > 50
    assert sorted(map(str, wanted - found)) == []


def test_nothing_is_there_that_nobody_says() -> None:
    said = {message.id for message in extracted() if message.id}
    assert sorted(str(message.id) for message in plain() if message.id and message.id not in said) == []


def test_sentences_are_short_and_keep_their_placeholders() -> None:
    faults = []
    for message in plain():
        for english, text in strings_of(message) if message.id else ():
            if longest_sentence(text) > LONGEST_SENTENCE:
                faults.append(f"long: {text}")
            if set(decided(english)) != set(decided(text)):
                faults.append(f"other placeholders: {text}")
            if ";" in text:
                faults.append(f"divide it: {text}")
    assert faults == []


def test_what_is_long_in_german_is_said_otherwise() -> None:
    german = joined("de")
    same = [
        text
        for message in plain()
        if message.id
        for (_, text), (_, usual) in zip(strings_of(message), strings_of(german[message.id]), strict=True)
        if text == usual and longest_sentence(usual) > LONGEST_SENTENCE
    ]
    assert same == []
    assert sum(plain()[id_].string != german[id_].string for id_ in read_by_members()) > 50


def test_the_count_finds_long_sentences() -> None:
    assert longest_sentence("Wir treffen uns. " + "Wort " * 13 + ".") == 13
    assert longest_sentence("Wo? %(place)s um %(time)s.") == 3


@pytest.mark.parametrize(("pattern", "instead"), NOT_OURS.items(), ids=NOT_OURS.values())
def test_plain_texts_use_the_projects_words(pattern: str, instead: str) -> None:
    texts = [text for message in plain() if message.id for _, text in strings_of(message)]
    assert [text for text in texts if re.search(pattern, text, re.IGNORECASE)] == [], instead


def test_what_is_not_said_in_plain_words_is_said_in_german() -> None:
    assert catalogue(PLAIN).ugettext("Skip to the content") == catalogue("de").ugettext("Skip to the content")
    assert catalogue(PLAIN).ugettext("My schedule") == "Meine Termine"
    assert catalogue("de").ugettext("My schedule") == "Mein Programm"
