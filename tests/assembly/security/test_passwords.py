"""Choosing a password: judged offline, said in the reader's language."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from babel.messages.extract import extract_python
from flask import Flask
from flask_babel import force_locale
from zxcvbn import feedback

from assembly.extensions import security
from assembly.models import User
from assembly.security import passwords
from tests.assembly.web import PASSWORD


def judged(app: Flask, password: str, user: User, language: str = "de") -> list[str] | None:
    with app.test_request_context(), force_locale(language):
        problems: list[str] | None = security.password_util.validate(password, False, user=user)[0]
        return problems


@pytest.mark.parametrize(
    ("password", "problems"),
    [
        (PASSWORD, None),
        ("correct horse battery staple", None),
        ("kurz", ["Das Passwort muss mindestens 12 Zeichen haben."]),
        (
            "password1234",
            [
                "Dieses Passwort ist leicht zu erraten.",
                "Das ist ein sehr häufiges Passwort.",
                "Fügen Sie noch ein oder zwei Wörter hinzu. Ungewöhnliche Wörter sind besser.",
            ],
        ),
        (
            "aaaaaaaaaaaaaa",
            [
                "Dieses Passwort ist leicht zu erraten.",
                "Wiederholungen wie „aaa“ sind leicht zu erraten.",
                "Fügen Sie noch ein oder zwei Wörter hinzu. Ungewöhnliche Wörter sind besser.",
            ],
        ),
        ("x" * 201, ["Das Passwort darf höchstens 200 Zeichen haben."]),
    ],
)
def test_a_password_is_judged(app: Flask, organiser: User, password: str, problems: list[str] | None) -> None:
    assert judged(app, password, organiser) == problems


def test_it_is_said_in_english_too(app: Flask, organiser: User) -> None:
    said = judged(app, "aaaaaaaaaaaaaa", organiser, "en") or []
    assert said[1] == 'Repeats like "aaa" are easy to guess.'


@pytest.mark.parametrize("password", ["quiblborg1999", "Buergerrat2026", "sortition-2026"])
def test_own_names_and_the_words_of_the_application_count_as_known(app: Flask, organiser: User, password: str) -> None:
    organiser.name = "Xaverina Quiblborg"
    assert judged(app, password, organiser) is not None


def test_other_people_s_names_do_not(app: Flask, organiser: User) -> None:
    assert judged(app, "quiblborg1999", organiser) is None


def test_a_long_passphrase_is_welcome(app: Flask, organiser: User) -> None:
    """zxcvbn itself refuses more than 72 characters."""
    assert judged(app, PASSWORD * 5, organiser) is None


def test_everything_that_the_judge_may_say_is_known_to_the_translators() -> None:
    with Path(inspect.getfile(feedback)).open("rb") as source:
        said = {text for _, _, text, _ in extract_python(source, ["_"], [], {})}
    assert said == {text._args[0] for text in passwords.ADVICE}
