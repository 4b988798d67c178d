"""Settings from the environment, with safe defaults."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 10
"""A secret with fewer different characters was typed, not drawn."""
SECRETS_FILE = "secrets.json"
SWITCH = {
    "": None,
    "1": True,
    "yes": True,
    "true": True,
    "on": True,
    "0": False,
    "no": False,
    "false": False,
    "off": False,
}
_GATEWAY = re.compile(r"[\w.+-]*\{number\}[\w.+-]*@[\w-]+(\.[\w-]+)+", re.ASCII)
LICENCE = "https://www.govdata.de/dl-de/by-2-0"
"""Of open data, unless the city chooses another one: Datenlizenz Deutschland, attribution, version 2.0."""
LEGAL_PAGES = ("IMPRINT_URL", "PRIVACY_URL", "ACCESSIBILITY_URL")
THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ConfigurationError(Exception):
    """A setting is missing, wrong or unsafe; the text says which, and what to do."""


@dataclass(frozen=True, slots=True, repr=False)
class OpenIdConnect:
    """A provider whose sign-in is accepted beside our own. Has no repr, since it holds a secret."""

    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True, repr=False)
class Config:
    """Everything the application is told from outside. Has no repr, since it holds secrets.

    Embedded means one command with SQLite, its own worker and a queue in a file; it migrates its database itself.
    """

    data_folder: Path
    database_url: str
    redis_url: str | None
    secret_key: str
    password_salt: str
    public_url: str
    city: str
    legal_pages: Mapping[str, str]
    mail_url: str | None
    mail_sender: str
    sms_gateway: str | None
    embedded: bool
    require_totp: bool
    openid_connect: OpenIdConnect | None
    clamd: str | None
    council_networks: tuple[Network, ...]
    licence: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Config:
        """Read the settings, and make the folder for data where it is missing.

        They are ASSEMBLY_DATA, DATABASE_URL, REDIS_URL, SECRET_KEY, PASSWORD_SALT, PUBLIC_URL, CITY_NAME,
        IMPRINT_URL, PRIVACY_URL, ACCESSIBILITY_URL, MAIL_URL, MAIL_SENDER, SMS_GATEWAY, REQUIRE_TOTP, OIDC_ISSUER,
        OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, CLAMD, COUNCIL_NETWORKS and OPEN_DATA_LICENCE.

        Without DATABASE_URL the application is embedded: everything lies in the folder ASSEMBLY_DATA (`instance`),
        secrets are drawn once and kept there, readable by their owner only. With it, secrets and PUBLIC_URL must be
        given, and a second factor is demanded of those who see personal data unless REQUIRE_TOTP says no.
        Raises ConfigurationError.
        """
        folder = Path(environment.get("ASSEMBLY_DATA", "instance")).absolute()
        embedded = "DATABASE_URL" not in environment
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
            city=environment.get("CITY_NAME", "").strip(),
            legal_pages={name: _web_address(name, environment) for name in LEGAL_PAGES if environment.get(name)},
            mail_url=environment.get("MAIL_URL"),
            mail_sender=environment.get("MAIL_SENDER", f"buergerrat@{urlsplit(public_url).hostname}"),
            sms_gateway=_sms_gateway(environment),
            embedded=embedded,
            require_totp=_switch("REQUIRE_TOTP", environment, default=not embedded),
            openid_connect=_openid_connect(environment),
            clamd=_clamd(environment),
            council_networks=_networks("COUNCIL_NETWORKS", environment),
            licence=_web_address("OPEN_DATA_LICENCE", {"OPEN_DATA_LICENCE": LICENCE, **environment}),
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


def _web_address(name: str, environment: Mapping[str, str]) -> str:
    address = environment[name].strip()
    if not address.startswith(("https://", "http://", "/")) or address.startswith("//"):
        raise ConfigurationError(f"{name} must be the address of a page, beginning with https://; it is “{address}”.")
    return address


def _switch(name: str, environment: Mapping[str, str], *, default: bool) -> bool:
    value = environment.get(name, "").strip().lower()
    if value not in SWITCH:
        raise ConfigurationError(f"{name} must be “yes” or “no”; it is “{value}”.")
    return default if value == "" else bool(SWITCH[value])


def _sms_gateway(environment: Mapping[str, str]) -> str | None:
    pattern = environment.get("SMS_GATEWAY", "").strip()
    if not pattern:
        return None
    if not _GATEWAY.fullmatch(pattern):
        raise ConfigurationError(
            "SMS_GATEWAY must be the address at which the gateway takes mails, with {number} where the phone number "
            f"stands, such as {{number}}@sms.example.org; it is “{pattern}”."
        )
    return pattern


def _openid_connect(environment: Mapping[str, str]) -> OpenIdConnect | None:
    names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    issuer, client_id, client_secret = (environment.get(name, "") for name in names)
    if not (issuer or client_id or client_secret):
        return None
    missing = [name for name in names if not environment.get(name)]
    if missing:
        raise ConfigurationError(f"{' and '.join(missing)} must be set too: sign-in by OpenID Connect needs all three.")
    parts = urlsplit(issuer)
    if not parts.hostname or (parts.scheme != "https" and parts.hostname not in THIS_MACHINE):
        raise ConfigurationError(f"OIDC_ISSUER must be an https address; it is “{issuer}”.")
    return OpenIdConnect(issuer, client_id, client_secret)


def _clamd(environment: Mapping[str, str]) -> str | None:
    said = environment.get("CLAMD", "").strip()
    if not said or said.startswith("/"):
        return said or None
    host, _, port = said.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()):
        raise ConfigurationError(
            "CLAMD must be host:port of clamd, or the path of its socket, such as /run/clamav/clamd.ctl; it is "
            f"“{said}”."
        )
    return said


def _networks(name: str, environment: Mapping[str, str]) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(one) for one in re.split(r"[,\s]+", environment.get(name, "")) if one)
    except ValueError as error:
        raise ConfigurationError(
            f"{name} must be networks with their lengths, such as 10.1.0.0/16, separated by commas; it is "
            f"“{environment[name]}”."
        ) from error


def _driver(url: str) -> str:
    """Name the driver that is installed, whatever the operator wrote before “://”."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
