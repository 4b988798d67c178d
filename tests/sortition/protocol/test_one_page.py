"""The page of Python in the README checks a lottery without our software, and says no when it must."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from sortition.protocol.documents import commitment_of
from sortition.protocol.draw import draw
from tests import patience

from .factory import AFTER, PUBLIC_VALUE, committed, content
from .tamperer import forge_the_ticket_counts, replace_a_token, tampered, widen_a_quota

PAGE = Path(__file__).with_name("one_page.py")


def run(*arguments: object) -> tuple[int, str]:
    """Run the page in a Python that finds no installed package."""
    command = [sys.executable, "-I", "-S", str(PAGE), *map(str, arguments)]
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=patience.SECONDS, env={"PYTHONUTF8": "1"}
    )
    return result.returncode, result.stdout + result.stderr


def test_the_page_is_short_and_imports_only_the_standard_library() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 65
    imports = [line for line in text.splitlines() if line.startswith(("import ", "from "))]
    assert imports == ["import hashlib", "import json", "import sys", "from pathlib import Path"]


@pytest.mark.parametrize(("source", "value"), [(None, "07"), (PUBLIC_VALUE, "0123456789abcdef" * 2)])
def test_it_says_what_our_software_says(tmp_path: Path, source: object, value: str) -> None:
    made = committed(tickets=100, source=source)  # type: ignore[arg-type]  # tests handle documents loosely
    (tmp_path / "public.json").write_bytes(made.public_bytes())
    how = "digits" if source is None else "public_value"
    drawn = draw(made.audit, how=how, value=value, now=AFTER)  # type: ignore[arg-type]  # tests handle documents loosely
    receipt = made.receipts()[0]
    (tmp_path / "receipt.json").write_bytes(content(receipt))
    code, output = run(tmp_path / "public.json", made.hash, value, tmp_path / "receipt.json")
    assert code == 0, output
    assert f"{value} draws ticket {drawn['ticket']}:" in output
    last = output.splitlines()[-1]
    assert last.startswith("I stand on the tickets [")
    mine = [int(number) for number in last.removeprefix("I stand on the tickets [").removesuffix("]").split(",")]
    assert (drawn["ticket"] in mine) == (receipt["row"]["id"] in drawn["members"])


def test_another_commitment_is_refused(tmp_path: Path) -> None:
    made, other = committed(), committed()
    (tmp_path / "public.json").write_bytes(made.public_bytes())
    assert run(tmp_path / "public.json", other.hash) == (1, "NO: this is the document that the commitment fixed\n")
    (tmp_path / "receipt.json").write_bytes(content(other.receipts()[0]))
    code, output = run(tmp_path / "public.json", made.hash, tmp_path / "receipt.json")
    assert (code, output.splitlines()[-1]) == (1, "NO: my row is in the pool, unchanged")
    code, output = run(tmp_path / "public.json", made.hash, "007")
    assert (code, output.splitlines()[-1]) == (1, "NO: 007 is what this rule draws")


def test_wrong_or_missing_arguments_are_met_with_one_sentence(tmp_path: Path) -> None:
    made = committed()
    public, audit, broken = (tmp_path / f"{name}.json" for name in ("public", "audit", "broken"))
    public.write_bytes(made.public_bytes())
    audit.write_bytes(made.audit_bytes())
    broken.write_bytes(b"\xff{")
    usage = "Say: python one_page.py public.json COMMITMENT [what was drawn] [receipt.json]\n"
    assert run() == run(public) == (1, usage)
    for wrong in (tmp_path, broken, "nowhere.json"):
        code, output = run(wrong, made.hash)
        assert (code, output.startswith(f"{wrong} cannot be read as JSON: "), output.count("\n")) == (1, True, 1)
    assert run(audit, made.hash) == (1, "NO: this is the document that the commitment fixed\n")
    code, output = run(audit, hashlib.sha256(made.audit_bytes()).hexdigest())
    assert (code, output.splitlines()[-1]) == (1, "NO: it is a public document, in the one canonical way")
    for wrong in (tmp_path / "list.json", audit, "nowhere.json", "seven", "77", "²", "-7", ""):
        (tmp_path / "list.json").write_bytes(b"[]")
        code, output = run(public, made.hash, wrong)
        said = {
            "nowhere.json": "nowhere.json cannot be read as JSON: [Errno 2] No such file or directory: 'nowhere.json'",
            audit: "NO: my row is in the pool, unchanged",
            tmp_path / "list.json": "NO: my row is in the pool, unchanged",
        }
        assert (code, output.splitlines()[-1]) == (1, said.get(wrong, f"NO: {wrong} is what this rule draws"))
        assert "Traceback" not in output


def test_what_contradicts_itself_is_refused_even_with_its_own_commitment(tmp_path: Path) -> None:
    def twice(audit: object) -> None:
        public = audit["public"]  # type: ignore[index]  # tests handle documents loosely
        public["tickets"][1] = public["tickets"][0]

    def over_quota(audit: object) -> None:
        audit["public"]["quotas"]["gender"]["male"]["upper"] = 1  # type: ignore[index]  # tests handle documents loosely

    made = committed()
    for change, said in ((twice, "no token stands twice"), (over_quota, "gender, male: 2 to 2 on every ticket")):
        public = tampered(made.audit, change)["public"]
        (tmp_path / "public.json").write_bytes(content(public))
        code, output = run(tmp_path / "public.json", commitment_of(public))
        assert (code, output.splitlines()[-1]) == (1, f"NO: {said}")


@pytest.mark.parametrize("change", [forge_the_ticket_counts, replace_a_token, widen_a_quota])
def test_every_change_is_refused_with_the_commitment_from_outside(tmp_path: Path, change: object) -> None:
    made = committed()
    (tmp_path / "public.json").write_bytes(content(tampered(made.audit, change)["public"]))  # type: ignore[arg-type]  # tests handle documents loosely
    assert run(tmp_path / "public.json", made.hash)[0] == 1
