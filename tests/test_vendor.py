"""What browsers get from others is copied only as the committed checksums say."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.project import ROOT

SCRIPT = ROOT / "assembly" / "vendor.py"


@pytest.fixture
def vendor(tmp_path: Path) -> dict[str, Any]:
    """Return the script's names, working on two small files in a folder of the test."""
    for name in ("a", "b"):
        (tmp_path / "packages" / name).mkdir(parents=True)
        (tmp_path / "packages" / name / "file.css").write_text(name, encoding="utf-8")
    names = runpy.run_path(str(SCRIPT))
    script: dict[str, Any] = names["copy"].__globals__
    script.update(
        PACKAGES=tmp_path / "packages",
        CHECKSUMS=tmp_path / "vendor.sha256",
        TARGET=tmp_path / "static",
        FILES={"x/a.css": "a/file.css", "b.css": "b/file.css"},
    )
    script["update"]()
    return script


def copied(vendor: dict[str, Any]) -> dict[str, str]:
    files = (path for path in vendor["TARGET"].rglob("*") if path.is_file())
    return {path.relative_to(vendor["TARGET"]).as_posix(): path.read_text(encoding="utf-8") for path in files}


def test_files_are_copied_and_what_was_there_before_is_gone(vendor: dict[str, Any]) -> None:
    vendor["TARGET"].mkdir()
    (vendor["TARGET"] / "old.css").touch()
    assert vendor["copy"]() == []
    sums = vendor["CHECKSUMS"].read_text(encoding="utf-8")
    assert copied(vendor) == {"x/a.css": "a", "b.css": "b", "SHA256SUMS": sums}


def test_a_changed_and_a_missing_file_are_said_and_nothing_is_copied(vendor: dict[str, Any]) -> None:
    (vendor["PACKAGES"] / "a" / "file.css").write_text("changed", encoding="utf-8")
    (vendor["PACKAGES"] / "b" / "file.css").unlink()
    assert vendor["copy"]() == ["b.css: its package has no b/file.css", "x/a.css: differs from its checksum"]
    assert copied(vendor) == {}


def test_a_file_without_checksum_is_said(vendor: dict[str, Any]) -> None:
    vendor["FILES"]["c.css"] = "a/file.css"
    assert vendor["copy"]() == ["c.css: not both in vendor.py and in vendor.sha256"]


def test_the_lock_file_of_the_packages_names_no_address() -> None:
    assert "://" not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
