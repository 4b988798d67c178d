"""The commands as people run them: in processes of their own, with nothing but an environment."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from flask_security.recoverable import reset_password_token_status
from sqlalchemy.orm import Session, sessionmaker

from assembly import cli, database
from assembly.app import create_app
from assembly.extensions import db
from assembly.models import Assembly, LogEntry, Role, User
from assembly.services import accounts, assemblies, jobs, logbook
from assembly.worker import Worker
from tests import patience
from tests.assembly.conftest import WORDS
from tests.assembly.engines import SECRET, Engines, free_port
from tests.assembly.services.test_children import wait_until
from tests.project import ROOT

Sessions = sessionmaker[Session]
Ask = Callable[[str, str, dict[str, str], str | None], http.client.HTTPResponse]
COMMAND = (sys.executable, "-m", "assembly")
GENUINE = ROOT / "tests" / "sortition" / "protocol" / "vectors" / "public-digits.json"
SETTINGS = ("ASSEMBLY_DATA", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PASSWORD_SALT", "PUBLIC_URL", "MAIL_URL")


def run(environment: dict[str, str], *arguments: str) -> Result:
    """Run a command in this process, with these settings alone."""
    settings = {name: environment.get(name) for name in SETTINGS}
    handler = signal.getsignal(signal.SIGTERM)
    try:
        return CliRunner().invoke(cli.main, arguments, env=settings, catch_exceptions=False)
    finally:
        signal.signal(signal.SIGTERM, handler)


@contextlib.contextmanager
def started(
    environment: dict[str, str], *arguments: str, output: Path, command: tuple[str, ...] = COMMAND
) -> Iterator[subprocess.Popen[bytes]]:
    settings = {name: value for name, value in os.environ.items() if name not in SETTINGS} | environment
    with output.open("wb") as file:
        process = subprocess.Popen([*command, *arguments], cwd=ROOT, env=settings, stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def health(port: int) -> tuple[int, Any] | None:
    """Return what /health says, None while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status, json.load(answer)
    except OSError:
        return None
    finally:
        connection.close()


WELL = {"database": True, "disk": True, "queue": True, "worker": True}


def test_one_command_serves_works_and_ends_in_order(tmp_path: Path) -> None:
    """Embedded: an empty folder is enough, a second one in the same folder is refused, SIGTERM ends it."""
    environment, port, output = {"ASSEMBLY_DATA": str(tmp_path / "instance")}, free_port(), tmp_path / "output"
    with started(environment, "serve", "--port", str(port), output=output) as process:
        assert wait_until(lambda: health(port)) == (200, WELL)
        second = run(environment, "serve", "--port", str(free_port()))
        assert second.exit_code == 2
        assert "running already" in second.output
        others = children(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=patience.SECONDS) == 0
        assert len(others) == cli.EMBEDDED_PROCESSES - 1
        assert not any(Path(f"/proc/{other}").exists() for other in others)
    assert f"Serving at http://127.0.0.1:{port}" in output.read_text(encoding="utf-8")
    engine = database.make_engine(f"sqlite:///{tmp_path / 'instance' / 'assembly.sqlite'}")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM workers")) == 0
    engine.dispose()


def children(parent: int, kind: str = "spawn_main") -> set[int]:
    """Return the numbers of the processes with which a process answers, or of those of another kind."""
    found = {
        number for task in Path(f"/proc/{parent}/task").iterdir() for number in (task / "children").read_text().split()
    }
    return {int(number) for number in found if kind.encode() in Path(f"/proc/{number}/cmdline").read_bytes()}


def wrong_sign_in(port: int) -> int:
    """Try to sign in, as a new visitor does; return the answer's status."""
    with requests_to(port) as ask:
        token, headers = token_of(ask, "/account/login")
        form = urlencode({"csrf_token": token, "email": "nobody@example.org", "password": "wrong"})
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        return ask("POST", "/account/login", headers, form).status


def check_upload(port: int) -> tuple[int, str]:
    """Verify a genuine document by upload, as a new visitor does; return the answer's status and page."""
    with requests_to(port) as ask:
        token, headers = token_of(ask, "/verify")
        parts = {"csrf_token": ("", token), "documents": ('; filename="public.json"', GENUINE.read_text())}
        form = "".join(
            f'--part\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{content}\r\n'
            for name, (more, content) in parts.items()
        )
        headers |= {"Content-Type": "multipart/form-data; boundary=part", "Accept-Language": "en"}
        answer = ask("POST", "/verify", headers, form + "--part--\r\n")
        return answer.status, " ".join(answer.read().decode().split())


def token_of(ask: Ask, path: str) -> tuple[str, dict[str, str]]:
    """Return the token of a page's form, and the header with the cookie that belongs to it."""
    page = ask("GET", path, {}, None)
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    return re.findall(r'name="csrf_token" value="([^"]+)"', page.read().decode())[0], {"Cookie": cookie}


@contextlib.contextmanager
def requests_to(port: int) -> Iterator[Ask]:
    """Give a function that sends a request, each in a connection of its own."""
    with contextlib.ExitStack() as cleanup:

        def ask(method: str, path: str, headers: dict[str, str], body: str | None) -> http.client.HTTPResponse:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience.SECONDS)
            cleanup.callback(connection.close)
            connection.request(method, path, body=body and body.encode(), headers=headers)
            return connection.getresponse()

        yield ask


def test_several_processes_count_together_replace_who_died_and_end_with_the_first(tmp_path: Path) -> None:
    environment, port, output = {"ASSEMBLY_DATA": str(tmp_path / "instance")}, free_port(), tmp_path / "output"
    with started(environment, "serve", "--port", str(port), "--processes", "3", output=output) as process:
        assert wait_until(lambda: health(port)) == (200, WELL)
        assert [wrong_sign_in(port) for _ in range(11)] == [200] * 10 + [429]
        others = children(process.pid)
        assert len(others) == 2
        died = min(others)
        os.kill(died, signal.SIGKILL)
        wait_until(lambda: len(children(process.pid) - {died}) == 2)
        assert health(port) == (200, WELL)
        others = children(process.pid)
        process.kill()
        wait_until(lambda: not any(Path(f"/proc/{other}").exists() for other in others))
        assert health(port) is None
    assert "ended with code -9; another one begins" in output.read_text(encoding="utf-8")


def test_every_process_verifies_uploads_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """Each is asked while the other one stands still; both check in a process forked from one of their own.

    The command is a script, as pip makes it; its children do not run it again, for it imports the whole application.
    """
    environment = {"ASSEMBLY_DATA": str(tmp_path / "instance"), "PYTHONPATH": str(ROOT)}
    script, port, output = tmp_path / "assembly-script", free_port(), tmp_path / "output"
    script.write_text(
        "print('The script runs.', flush=True)\nfrom assembly.cli import main\nif __name__ == '__main__':\n    main()\n"
    )
    arguments, command = ("serve", "--port", str(port), "--processes", "2"), (sys.executable, str(script))
    with started(environment, *arguments, output=output, command=command) as process:
        assert wait_until(lambda: health(port)) == (200, WELL)
        (other,) = children(process.pid)
        for stopped in (process.pid, other):
            os.kill(stopped, signal.SIGSTOP)
            status, page = check_upload(port)
            os.kill(stopped, signal.SIGCONT)
            assert status == 200, page
        servers = [*children(process.pid, "forkserver"), *children(other, "forkserver")]
        assert len(servers) == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=patience.SECONDS) == 0
        assert not Path(f"/proc/{other}").exists()
        wait_until(lambda: not any(Path(f"/proc/{server}").exists() for server in servers))
    assert output.read_text(encoding="utf-8").count("The script runs.") == 1


@pytest.mark.parametrize(("engines", "command"), [("sqlite", "serve"), ("postgresql", "worker")], indirect=["engines"])
def test_a_signal_during_the_start_leaves_no_worker_behind(
    engines: Engines, sessions: Sessions, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Worker.start

    def start(made: Worker) -> None:
        begin(made)
        raise SystemExit(0)

    monkeypatch.setattr(Worker, "start", start)
    options = ("--port", str(free_port())) if command == "serve" else ()
    assert run(engines.environment, command, *options).exit_code == 0
    with sessions() as session:
        assert not jobs.has_worker(session)


@pytest.mark.parametrize("engines", ["postgresql"], indirect=True)
def test_web_and_worker_run_apart(engines: Engines, tmp_path: Path) -> None:
    port, environment = free_port(), engines.environment
    with started(environment, "serve", "--port", str(port), output=tmp_path / "web") as web:
        assert wait_until(lambda: health(port)) == (503, WELL | {"worker": False})
        with started(environment, "worker", output=tmp_path / "worker") as worker:
            wait_until(lambda: health(port) == (200, WELL))
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(timeout=patience.SECONDS) == 0
        assert health(port) == (503, WELL | {"worker": False})
        web.send_signal(signal.SIGTERM)
        assert web.wait(timeout=patience.SECONDS) == 0


@pytest.mark.parametrize("empty_engines", ["postgresql"], indirect=True)
def test_with_real_engines_the_schema_is_the_operators_to_bring_up_to_date(empty_engines: Engines) -> None:
    environment = empty_engines.environment
    for command in (["serve"], ["worker"], ["invite", "a@example.org", "A", "--role", "site_administrator"]):
        result = run(environment, *command)
        assert (result.exit_code, "Run: assembly migrate" in result.output) == (2, True)
    assert run(environment, "migrate").exit_code == 0
    assert run(environment, "audit", "verify", "nothing").output == "Error: There is no assembly “nothing”.\n"


def application(environment: dict[str, str]) -> Flask:
    return create_app(Engines(environment).config)


def test_the_first_account_gets_a_link_with_which_a_password_is_chosen(engines: Engines) -> None:
    environment = engines.environment
    invite = ("invite", "Admin@example.org", "Ada Min", "--role", "site_administrator")
    result = run(environment, *invite)
    assert result.exit_code == 0
    again = run(environment, *invite)
    assert again.exit_code == 0
    app = application(environment)
    for printed in (result.output, again.output):
        link = re.fullmatch(r"(https?://[^/]+)/account/reset/(\S+)\n", printed)
        assert link is not None
        assert link[1] == engines.config.public_url
        with app.test_request_context():
            expired, invalid, user = reset_password_token_status(link[2])
            assert (expired, invalid, user.email) == (False, False, "admin@example.org")
    with app.app_context():
        (user,) = db.session.scalars(sa.select(User))
        assert [(m.role, m.assembly_id) for m in user.memberships] == [(Role.SITE_ADMINISTRATOR, None)]
        db.session.close()
        db.engine.dispose()
    app.extensions["assembly.queue"].close()


def test_an_invitation_needs_an_address_and_a_city_wide_role(tmp_path: Path) -> None:
    environment = {"ASSEMBLY_DATA": str(tmp_path / "instance")}
    assert run(environment, "invite", "Ada", "Ada", "--role", "site_administrator").exit_code == 2
    assert run(environment, "invite", "a@example.org", "Ada", "--role", "organiser").exit_code == 2


@pytest.fixture
def logged(engines: Engines, sessions: Sessions) -> Assembly:
    """An assembly with three entries in its log."""
    with sessions(expire_on_commit=False) as session:
        user = accounts.create_account(session, email="orga@example.org", name="Olga Organ")
        assembly = assemblies.create_assembly(session, WORDS, by=user)
        assemblies.describe(session, assembly, {"panel_size": 50}, by=user)
        session.commit()
        return assembly


def head(sessions: Sessions, assembly: Assembly) -> str:
    with sessions() as session:
        return logbook.head_of(session, assembly)


def test_a_sound_log_is_verified_by_number_and_by_name(engines: Engines, sessions: Sessions, logged: Assembly) -> None:
    for name in (str(logged.id), logged.slug):
        result = run(engines.environment, "audit", "verify", name, "--head", head(sessions, logged).upper())
        assert result.exit_code == 0
        assert result.output == f"The log holds: 3 entries. Its head is {head(sessions, logged)}\n"
    assert "Without --head" in run(engines.environment, "audit", "verify", logged.slug).output


def test_a_changed_entry_is_found_and_named(engines: Engines, sessions: Sessions, logged: Assembly) -> None:
    with sessions.begin() as session:
        session.execute(sa.update(LogEntry).where(LogEntry.number == 2).values(action="nothing_happened"))
    result = run(engines.environment, "audit", "verify", logged.slug)
    assert (result.exit_code, result.output) == (1, "The log is broken. Entry 2 was changed.\n")


def test_a_log_that_was_cut_is_found_through_the_published_head(
    engines: Engines, sessions: Sessions, logged: Assembly
) -> None:
    published = head(sessions, logged)
    with sessions.begin() as session:
        session.execute(sa.delete(LogEntry).where(LogEntry.number == 3))
    assert run(engines.environment, "audit", "verify", logged.slug).exit_code == 0
    result = run(engines.environment, "audit", "verify", logged.slug, "--head", published)
    assert result.exit_code == 1
    assert "cut or rewritten" in result.output


REAL = {
    "DATABASE_URL": "postgresql://user:pa55word@127.0.0.1:1/nowhere",
    "SECRET_KEY": SECRET,
    "PASSWORD_SALT": SECRET,
    "PUBLIC_URL": "https://buergerrat.example.org",
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too weak"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL must be the address"),
        ({"MAIL_URL": "mail.example.org"}, "MAIL_URL must look like"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL is no address"),
        ({}, "The database does not answer"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_what_is_wrong_with_the_settings_is_said_in_one_sentence(
    command: str, changed: dict[str, str], said: str, tmp_path: Path
) -> None:
    result = run({"ASSEMBLY_DATA": str(tmp_path)} | REAL | changed, command)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output
    assert "pa55word" not in result.output


def test_an_embedded_application_has_no_separate_worker(tmp_path: Path) -> None:
    result = run({"ASSEMBLY_DATA": str(tmp_path)}, "worker")
    assert result.exit_code == 2
    assert "assembly serve" in result.output


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run({"ASSEMBLY_DATA": str(tmp_path)}, "serve", "--port", port)
    assert result.exit_code == 2
    assert f"127.0.0.1:{port} cannot be listened at" in result.output
