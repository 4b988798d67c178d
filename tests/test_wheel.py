"""The wheel holds what the commands need, and works far away from the checkout."""

from __future__ import annotations

import hashlib
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.project import ROOT, run, run_python, tracked_files

PLACES = {"data": "assembly/data", "templates": "assembly/templates"}
"""Folders of the checkout that stand elsewhere in the wheel."""


VENDORED = "assembly/static/vendor"
"""Where assembly/vendor.py puts what browsers get from others."""


def vendored() -> dict[str, str]:
    """Return place → SHA-256 of what browsers get from others, by the committed checksums."""
    lines = (ROOT / "assembly" / "vendor.sha256").read_text(encoding="utf-8").splitlines()
    return {place: checksum for checksum, place in (line.split("  ") for line in lines)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    run_python("-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fresh virtual environment with the wheel; its dependencies are this environment's, by a path file.

    A path file's folder is searched, but the path files in it are not read, so the checkout that this environment
    may have installed stays out of sight. Nothing is asked of the network.
    """
    environment = tmp_path_factory.mktemp("installed") / "venv"
    run_python("-m", "venv", "--without-pip", environment)
    python = environment / "bin" / "python"
    run_python("-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps", wheel)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return environment / "bin"


def test_the_wheel_holds_code_data_templates_and_licence(wheel: Path) -> None:
    """Whatever is tracked in these folders is in, such as a notice's template; scripts and pictures of data are not.

    So is what git ignores because assembly/vendor.py brings it: exactly the files of the committed checksums.
    """
    expected = {f"{VENDORED}/{place}" for place in ("SHA256SUMS", *vendored())}
    for path in tracked_files():
        top, *rest = path.relative_to(ROOT).parts
        is_left_out = top == "data" and (path.suffix == ".py" or "pictures" in rest)
        if top in {"sortition", "assembly", *PLACES} and rest and not is_left_out:
            expected.add("/".join((PLACES.get(top, top), *rest)))
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == expected
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in zipfile.ZipFile(wheel).namelist())


def test_what_browsers_get_from_others_is_in_the_wheel_unchanged(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        found = {place: hashlib.sha256(archive.read(f"{VENDORED}/{place}")).hexdigest() for place in vendored()}
    assert found == vendored()


def test_the_installed_package_is_the_wheels_and_finds_its_data(installed: Path, tmp_path: Path) -> None:
    program = (
        "import sortition; from assembly.resources import resource_folder; "
        "print(sortition.__file__); print(resource_folder('data') / 'targets.csv')"
    )
    printed = run(installed / "python", "-c", program, cwd=tmp_path).split()
    packages = str(installed.parent)
    assert all(path.startswith(packages) for path in printed)
    assert Path(printed[1]).read_bytes() == (ROOT / "data" / "targets.csv").read_bytes()


@pytest.mark.parametrize("start", [["sortition"], ["python", "-m", "sortition"]])
def test_the_commands_run_outside_the_checkout(start: list[str], installed: Path, tmp_path: Path) -> None:
    printed = run(installed / start[0], *start[1:], "--help", cwd=tmp_path)
    for command in ("check", "solve", "commit", "draw", "verify", "replace"):
        assert command in printed


def test_this_environment_is_the_one_that_runs(installed: Path) -> None:
    """The path file trusts that both environments have the same Python."""
    version = run(installed / "python", "-c", "import sys; print(sys.version)")
    assert version.strip() == sys.version
