"""What `make demo` runs: the sample drawn end to end by the command line, then the application with the city."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from tests.assembly.engines import free_port
from tests.demo import command, environment, served_demo
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
        with self._opener.open(self.address + path, data=data, timeout=30) as answer:
            return str(answer.read().decode())

    def sign_in(self, email: str, password: str) -> str:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.open("/account/login"))
        assert token
        return self.open("/account/login", email=email, password=password, csrf_token=token.group(1))


def test_the_demo_serves_the_city_and_keeps_it_from_one_start_to_the_next(tmp_path: Path) -> None:
    folder, port = tmp_path / "site", free_port()
    with served_demo(folder, port) as output:
        printed = output.read_text(encoding="utf-8")
        kept = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
        visitor = Visitor(port)
        assert all(one["slug"] in printed for one in kept["assemblies"])
        assert [visitor.open(f"/a/{one['slug']}/lottery").count("<h1") for one in kept["assemblies"]] == [1, 1, 1, 1]
        assert f"password: {kept['password']}" in printed
        assert "Sichere Schulwege" in visitor.sign_in("orga@example.org", kept["password"])
        chosen = visitor.open("/assemblies/4/log")
    with served_demo(folder, port):
        visitor = Visitor(port)
        visitor.sign_in("orga@example.org", kept["password"])
        assert head_in(visitor.open("/assemblies/4/log")) == head_in(chosen)
    assert json.loads((folder / "demo.json").read_text(encoding="utf-8")) == kept


def head_in(log: str) -> list[str]:
    """Return every digest on the page of the log."""
    found = re.findall(r"\b[0-9a-f]{64}\b", log)
    assert found
    return found


def test_starting_over_forgets_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "demo.json").write_text(json.dumps({"password": "old", "assemblies": []}), encoding="utf-8")
    subprocess.run(
        command(folder, "--fresh", "--only-seed"), env=environment(), check=True, capture_output=True, cwd=ROOT
    )
    kept = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
    assert [one["key"] for one in kept["assemblies"]] == ["collecting", "committed", "due", "drawn"]
