"""What tests of pages share: forms with their token, codes of an app, what a page shows and what it must not hold."""

from __future__ import annotations

import hashlib
import re
import secrets
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from assembly.extensions import security
from assembly.models import User

PASSWORD = "vier Gänse tragen Hüte"
OTHER_PASSWORD = "sieben Otter stricken Schals"


def csrf_token(client: FlaskClient) -> str:
    """Return a token as the forms of this visitor's pages have it."""
    with client.session_transaction() as cookie:
        raw = cookie.setdefault("csrf_token", hashlib.sha1(secrets.token_bytes(16), usedforsecurity=False).hexdigest())
    token: str = URLSafeTimedSerializer(client.application.secret_key, salt="wtf-csrf-token").dumps(raw)  # type: ignore[arg-type]  # the key is text here
    return token


def post(client: FlaskClient, address: str, **values: Any) -> TestResponse:
    """Send a form."""
    return client.post(address, data={"csrf_token": csrf_token(client)} | values)


def overwrites_nothing(client: FlaskClient, page: str, **values: str) -> None:
    """Check that of two who have a form open the second to save is told, keeps the words, and may then save.

    `values` fill the form in; one of them is the text “…”, which differs between the two.
    """
    mark = mark_in(client.get(page).text)
    first, second = ({name: value.replace("…", word) for name, value in values.items()} for word in ("Eins", "Zwei"))
    assert post(client, page, mark=mark, **first).status_code == 302
    refused = post(client, page, mark=mark, **second)
    assert (refused.status_code, "Somebody else changed this while you wrote." in refused.text) == (422, True)
    assert ("Zwei" in refused.text, "Eins" in client.get(page).text) == (True, True)
    assert post(client, page, mark=mark_in(refused.text), **second).status_code == 302
    assert "Zwei" in client.get(page).text


def mark_in(page: str) -> str:
    """Return what a form holds of the row that it was made from."""
    [mark] = re.findall(r'name="mark"[^>]* value="([0-9a-f]{16})"', page)
    return str(mark)


def set_password(session: Session, user: User, password: str = PASSWORD) -> None:
    """Give an account a password."""
    user.password = security.pwd_context.hash(_peppered(password))
    session.commit()


def _peppered(password: str) -> bytes:
    from flask_security.utils import get_hmac  # noqa: PLC0415  # needs an application

    return get_hmac(security.password_util.normalize(password))


def set_up_second_factor(session: Session, user: User) -> str:
    """Give an account a second factor; return its secret."""
    secret = security.totp_factory.generate_totp_secret()
    user.tf_primary_method, user.tf_totp_secret = "authenticator", secret
    session.commit()
    return str(secret)


def code(secret: str) -> str:
    """Return what the app shows now."""
    return str(security.totp_factory.generate_totp_password(secret))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self._is_main = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.inline.append(tag)
        self.inline += [f"{tag} {name}" for name in names if name == "style" or name.startswith(("on", "hx-on"))]
        self.inline += [f"{tag} {name}" for name, value in attributes if (value or "").startswith("javascript:")]
        self._is_main = self._is_main or tag == "main"
        self._open.append(tag)
        if self._is_main:
            self.texts += [
                value for name, value in attributes if name in {"alt", "aria-label", "placeholder"} and value
            ]

    def handle_endtag(self, tag: str) -> None:
        self._is_main = self._is_main and tag != "main"
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and (self._is_main or "title" in self._open) and not {"script", "code"} & set(self._open):
            self.texts.append(" ".join(data.split()))


def inline_parts(page: str) -> list[str]:
    """Return what the content security policy would stop: scripts, styles and handlers inside the page."""
    reader = _Reader()
    reader.feed(page)
    return reader.inline


def texts(page: str) -> list[str]:
    """Return the texts of a page's title and main part, in their order."""
    reader = _Reader()
    reader.feed(page)
    return reader.texts
