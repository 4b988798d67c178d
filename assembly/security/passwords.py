"""How strong a password is: judged offline by zxcvbn, said in the reader's language."""

from __future__ import annotations

from typing import Any

import zxcvbn
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_security import PasswordUtil as LibraryPasswordUtil
from flask_security.utils import get_message, password_length_validator

LONGEST_PASSWORD = 200
LONGEST_JUDGED = 72
"""zxcvbn refuses more; whoever types more is judged by the beginning."""
LEAST_SCORE = 3
"""Of 4: safe against 10^8 guesses and more."""
OBVIOUS_WORDS = ("bürgerrat", "buergerrat", "passwort", "kennwort", "losverfahren", "assembly", "sortition", "rathaus")
ADVICE = (
    _l("Use a few words, avoid common phrases."),
    _l("No need for symbols, digits, or uppercase letters."),
    _l("Add another word or two. Uncommon words are better."),
    _l("Straight rows of keys are easy to guess."),
    _l("Short keyboard patterns are easy to guess."),
    _l("Use a longer keyboard pattern with more turns."),
    _l('Repeats like "aaa" are easy to guess.'),
    _l('Repeats like "abcabcabc" are only slightly harder to guess than "abc".'),
    _l("Avoid repeated words and characters."),
    _l('Sequences like "abc" or "6543" are easy to guess.'),
    _l("Avoid sequences."),
    _l("Recent years are easy to guess."),
    _l("Avoid recent years."),
    _l("Avoid years that are associated with you."),
    _l("Dates are often easy to guess."),
    _l("Avoid dates and years that are associated with you."),
    _l("This is a top-10 common password."),
    _l("This is a top-100 common password."),
    _l("This is a very common password."),
    _l("This is similar to a commonly used password."),
    _l("A word by itself is easy to guess."),
    _l("Names and surnames by themselves are easy to guess."),
    _l("Common names and surnames are easy to guess."),
    _l("Capitalization doesn't help very much."),
    _l("All-uppercase is almost as easy to guess as all-lowercase."),
    _l("Reversed words aren't much harder to guess."),
    _l("Predictable substitutions like '@' instead of 'a' don't help very much."),
)
"""What zxcvbn may say, so that it is translated."""


class PasswordUtil(LibraryPasswordUtil):
    """Length and strength of a new password."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:  # noqa: FBT001, ARG002  # the library's signature
        """Return what is wrong with a password, or None, and the password as it is kept."""
        normal = self.normalize(password)
        if len(normal) > LONGEST_PASSWORD:
            return [gettext("The password may have at most %(length)s characters.", length=LONGEST_PASSWORD)], normal
        problems: list[str] | None = password_length_validator(normal) or _weakness(normal, kwargs.get("user"))
        return problems and [str(problem) for problem in problems], normal


def _weakness(password: str, user: Any) -> list[str] | None:
    own_words = [*user.name.split(), *user.email.replace("@", ".").split(".")] if user else []
    result = zxcvbn.zxcvbn(password[:LONGEST_JUDGED], user_inputs=[*own_words, *OBVIOUS_WORDS])
    if result["score"] >= LEAST_SCORE:
        return None
    feedback = result["feedback"]
    texts = [feedback["warning"], *feedback["suggestions"][:1]]
    return [get_message("PASSWORD_TOO_SIMPLE")[0], *(gettext(text) for text in texts if text)]
