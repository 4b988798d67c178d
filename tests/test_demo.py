"""What `make demo` runs: the sample drawn end to end by the command line, then the application with the city."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from tests import patience
from tests.assembly.engines import SECRET, free_port
from tests.demo import LEFT_OVER, command, environment, kept, served_demo
from tests.project import ROOT, run_python


def test_the_demo_draws_a_proven_panel_that_meets_every_quota(tmp_path: Path) -> None:
    printed = run_python("data/demo.py", "--output", tmp_path)
    for heading in ("The panel", "The quotas", "The fairness", "The files in"):
        assert heading in printed
    assert "✓" in printed
    assert "✗" not in printed
    assert "not proven" not in printed
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {
        *("lottery.json", "public.json", "audit.json", "drawn.json"),
        *("selected.csv", "remaining.csv", "notice.pdf", "receipts"),
    }
    assert len(list((tmp_path / "receipts").iterdir())) == 640


class Visitor:
    """A browser without scripts: keeps cookies, follows redirects, sends forms with their token."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def open(self, path: str, **fields: str) -> str:
        data = urllib.parse.urlencode(fields).encode() if fields else None
        with self._opener.open(self.address + path, data=data, timeout=patience.SECONDS) as answer:
            return str(answer.read().decode())

    def sign_in(self, email: str, password: str) -> str:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.open("/account/login"))
        assert token
        return self.open("/account/login", email=email, password=password, csrf_token=token.group(1))


def test_the_demo_serves_the_city_and_keeps_it_from_one_start_to_the_next(demo_city: Path) -> None:
    port, found = free_port(), kept(demo_city)
    with served_demo(demo_city, port) as output:
        printed = output.read_text(encoding="utf-8")
        visitor = Visitor(port)
        assert [one["slug"] in printed for one in found["assemblies"]] == [True] * 6
        assert [visitor.open(f"/a/{one['slug']}/lottery").count("<h1") for one in found["assemblies"]] == [1] * 6
        assert f"password: {found['password']}" in printed
        [followed] = [one["slug"] for one in found["assemblies"] if one["key"] == "followed"]
        feed = visitor.open(f"/a/{followed}/follow-up.atom")
        [redacted] = re.findall(r"<id>[^<]*(/a/[^<#]*)#redaction-\d+</id>", feed)
        page = visitor.open(redacted)
        assert ("wurden Wörter geschwärzt" in page, "[auf Anordnung geschwärzt]" in page) == (True, True)
        assert "Hedwig Sommer" not in feed + page
        assert "Sichere Schulwege" in visitor.sign_in("orga@example.org", found["password"])
        before = head_in(visitor.open("/assemblies/4/log"))
    with served_demo(demo_city, port):
        visitor = Visitor(port)
        visitor.sign_in("orga@example.org", found["password"])
        assert head_in(visitor.open("/assemblies/4/log")) == before
        refused = subprocess.run(command(demo_city, "--fresh"), env=environment(), check=False, capture_output=True)
        assert (refused.returncode, refused.stderr.decode()) == (
            1,
            "The demo is running. Stop it with Ctrl-C first, then start over.\n",
        )
    assert kept(demo_city) == found


def head_in(log: str) -> list[str]:
    """Return every digest on the page of the log."""
    found = re.findall(r"\b[0-9a-f]{64}\b", log)
    assert found
    return found


def test_starting_over_forgets_what_was_there(seeded_city: Path) -> None:
    """The fixture started over in a folder that an earlier demo had left."""
    found = kept(seeded_city)
    assert found["password"] != LEFT_OVER["password"]
    keys = [one["key"] for one in found["assemblies"]]
    assert keys == ["collecting", "solved", "committed", "due", "drawn", "followed"]


def test_the_demo_never_enters_a_real_installation(tmp_path: Path) -> None:
    """Its accounts have a password that is printed, so they must not exist anywhere else."""
    real = {
        "ASSEMBLY_DATA": str(tmp_path),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "SECRET_KEY": SECRET,
        "PASSWORD_SALT": SECRET,
        "PUBLIC_URL": "https://buergerrat.example.org",
    }
    program = (
        "import os, demo_city; from assembly.config import Config; demo_city.seed(Config.from_environment(os.environ))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=environment() | {"PYTHONPATH": f"{ROOT}:{ROOT / 'data'}"} | real,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.stderr.splitlines()[-1].startswith("demo_city.NotForRealDataError: The demo keeps its data")
