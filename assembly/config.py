"""Settings from the environment, with safe defaults."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 10
"""A secret with fewer different characters was typed, not drawn."""
SECRETS_FILE = "secrets.json"


class ConfigurationError(Exception):
    """A setting is missing, wrong or unsafe; the text says which, and what to do."""


@dataclass(frozen=True, slots=True, repr=False)
class Config:
    """Everything the application is told from outside. Has no repr, since it holds secrets.

    Embedded means one process with SQLite, its own worker and a queue in a file; it migrates its database itself.
    """

    data_folder: Path
    database_url: str
    redis_url: str | None
    secret_key: str
    password_salt: str
    public_url: str
    mail_url: str | None
    mail_sender: str
    embedded: bool

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Config:
        """Read ASSEMBLY_DATA, DATABASE_URL, REDIS_URL, SECRET_KEY, PASSWORD_SALT, PUBLIC_URL, MAIL_URL, MAIL_SENDER.

        Without DATABASE_URL the application is embedded: everything lies in the folder ASSEMBLY_DATA (`instance`),
        secrets are drawn once and kept there, readable by their owner only. With it, secrets and PUBLIC_URL must be
        given. Raises ConfigurationError.
        """
        folder = Path(environment.get("ASSEMBLY_DATA", "instance")).absolute()
        embedded = "DATABASE_URL" not in environment
        if embedded:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = _kept_secrets(folder) if embedded else {}
        public_url = environment.get("PUBLIC_URL") or ("http://127.0.0.1:8000" if embedded else "")
        if not embedded:
            _require_address(public_url)
        return cls(
            data_folder=folder,
            database_url=_driver(environment.get("DATABASE_URL") or f"sqlite:///{folder / 'assembly.sqlite'}"),
            redis_url=environment.get("REDIS_URL"),
            secret_key=_secret("SECRET_KEY", environment, kept),
            password_salt=_secret("PASSWORD_SALT", environment, kept),
            public_url=public_url.rstrip("/"),
            mail_url=environment.get("MAIL_URL"),
            mail_sender=environment.get("MAIL_SENDER", f"buergerrat@{urlsplit(public_url).hostname}"),
            embedded=embedded,
        )


def _kept_secrets(folder: Path) -> dict[str, str]:
    path = folder / SECRETS_FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    drawn = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "PASSWORD_SALT")}
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(drawn, file)
    return drawn


def _secret(name: str, environment: Mapping[str, str], kept: Mapping[str, str]) -> str:
    value = environment.get(name) or kept.get(name)
    if value is None:
        raise ConfigurationError(
            f"{name} is not set. Draw one and keep it: python -c 'import secrets; print(secrets.token_urlsafe(48))'."
        )
    if len(value) < SHORTEST_SECRET or len(set(value)) < FEWEST_CHARACTERS:
        raise ConfigurationError(
            f"{name} is too weak: it needs at least {SHORTEST_SECRET} characters drawn at random. Draw one: "
            "python -c 'import secrets; print(secrets.token_urlsafe(48))'."
        )
    return value


def _require_address(public_url: str) -> None:
    parts = urlsplit(public_url)
    if parts.scheme != "https" or not parts.hostname:
        raise ConfigurationError(
            "PUBLIC_URL must be the address under which people reach the application, such as "
            f"https://buergerrat.example.org; it is “{public_url}”."
        )


def _driver(url: str) -> str:
    """Name the driver that is installed, whatever the operator wrote before “://”."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
