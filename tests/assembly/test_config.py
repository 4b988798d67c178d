"""Settings: safe by default, refused where they are not."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from assembly.config import Config, ConfigurationError

STRONG = {"SECRET_KEY": "k8Jq" * 3 + "zQ9-vWx_4mNp7RtLd2Hs", "PASSWORD_SALT": "p2Lx" * 3 + "uC5-bEy_8gKf3TaMo6Ri"}
REAL = {"DATABASE_URL": "postgres://user:word@db/assembly", "PUBLIC_URL": "https://buergerrat.example.org/", **STRONG}


def test_embedded_needs_nothing_and_keeps_its_secrets_to_itself(tmp_path: Path) -> None:
    environment = {"ASSEMBLY_DATA": str(tmp_path / "new")}
    first, again = Config.from_environment(environment), Config.from_environment(environment)
    assert (first.embedded, first.database_url) == (True, f"sqlite:///{tmp_path / 'new' / 'assembly.sqlite'}")
    assert first.secret_key == again.secret_key != first.password_salt
    assert stat.S_IMODE((tmp_path / "new" / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_database_makes_it_real() -> None:
    config = Config.from_environment(REAL)
    assert config.embedded is False
    assert config.database_url == "postgresql+psycopg://user:word@db/assembly"
    assert config.public_url == "https://buergerrat.example.org"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too weak"),
        ({"SECRET_KEY": "a" * 50}, "SECRET_KEY is too weak"),
        ({"PASSWORD_SALT": ""}, "PASSWORD_SALT is not set"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL must be the address"),
        ({"PUBLIC_URL": "http://buergerrat.example.org"}, "PUBLIC_URL must be the address"),
        ({"IMPRINT_URL": "javascript:alert(1)"}, "IMPRINT_URL must be the address of a page"),
        ({"PRIVACY_URL": "//elsewhere.example.org"}, "PRIVACY_URL must be the address of a page"),
        ({"SMS_GATEWAY": "sms.example.org"}, "SMS_GATEWAY must be the address"),
        ({"SMS_GATEWAY": "{number}@sms"}, "SMS_GATEWAY must be the address"),
        ({"OPEN_DATA_LICENCE": "CC0"}, "OPEN_DATA_LICENCE must be the address of a page"),
        ({"COUNCIL_NETWORKS": "ris.example.org"}, "COUNCIL_NETWORKS must be networks"),
        ({"COUNCIL_NETWORKS": "10.1.2.3/16"}, "COUNCIL_NETWORKS must be networks"),
    ],
)
def test_what_is_unsafe_is_refused_with_what_to_do(change: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Config.from_environment(REAL | change)


def test_networks_are_separated_by_commas() -> None:
    assert Config.from_environment(REAL).council_networks == ()
    config = Config.from_environment(REAL | {"COUNCIL_NETWORKS": "10.1.0.0/16, fd00::/8"})
    assert [str(one) for one in config.council_networks] == ["10.1.0.0/16", "fd00::/8"]


def test_secrets_are_in_no_text() -> None:
    config = Config.from_environment(REAL)
    assert config.secret_key not in f"{config!r} {config}"


@pytest.mark.parametrize("said", ["127.0.0.1:3310", "scanner.example:3310", "/run/clamav/clamd.ctl"])
def test_clamd_is_named_by_its_port_or_its_socket(tmp_path: Path, said: str) -> None:
    assert Config.from_environment({"ASSEMBLY_DATA": str(tmp_path), "CLAMD": said}).clamd == said


@pytest.mark.parametrize("said", ["scanner", ":3310", "scanner:", "scanner:port"])
def test_what_names_no_clamd_is_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(ConfigurationError, match="CLAMD must be host:port"):
        Config.from_environment({"ASSEMBLY_DATA": str(tmp_path), "CLAMD": said})


def test_without_clamd_none_is_asked(tmp_path: Path) -> None:
    assert Config.from_environment({"ASSEMBLY_DATA": str(tmp_path)}).clamd is None
