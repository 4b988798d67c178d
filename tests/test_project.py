"""Promises about the project's own files: lock file, hosts, ignores, metadata."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from tests.project import ROOT, tracked_files

PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
CONFIGURATION = tomllib.loads(PYPROJECT)
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

# Put together from parts, so that this file does not name what it forbids.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("archive", "ubuntu", "com"),
    )
]
DEVELOPERS_PATH = re.compile(rb"(?<![\w.-])/(?:home|Users|root|work)/[\w.-]|\b[A-Z]:\\+Users")


def locked() -> dict[str, list[tuple[Version, int]]]:
    """Return name → (version, number of hashes), one pair per environment marker."""
    packages: dict[str, list[tuple[Version, int]]] = {}
    for block in re.split(r"\n(?=\w)", LOCK.strip()):
        match = re.match(r"(?P<name>[\w.-]+)==(?P<version>[^\s;]+)", block)
        assert match, block
        hashes = len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", block))
        packages.setdefault(match["name"], []).append((Version(match["version"]), hashes))
    return packages


def test_lock_file_names_no_host() -> None:
    assert "://" not in LOCK
    assert not re.search(r"^\s*(-i|--(extra-)?index-url|--find-links|-f)\b", LOCK, re.MULTILINE)


def test_everything_in_the_lock_file_has_hashes() -> None:
    assert [name for name, versions in locked().items() if not all(hashes for _, hashes in versions)] == []


@pytest.mark.parametrize(
    "requirement",
    [
        *CONFIGURATION["project"]["dependencies"],
        *CONFIGURATION["dependency-groups"]["dev"],
        *CONFIGURATION["build-system"]["requires"],
    ],
)
def test_every_requirement_is_locked_to_a_version_it_allows(requirement: str) -> None:
    wanted = Requirement(requirement)
    versions = locked()[wanted.name.lower()]
    assert [str(version) for version, _ in versions if version not in wanted.specifier] == []


def test_tracked_files_name_no_registry_and_no_developers_machine() -> None:
    found = []
    for path in tracked_files():
        content = path.read_bytes()
        hosts = [host for host in REGISTRY_HOSTS if host.encode() in content]
        paths = [match.group().decode() for match in DEVELOPERS_PATH.finditer(content)]
        found += [(path.relative_to(ROOT).as_posix(), what) for what in (*hosts, *paths)]
    assert found == []


def test_the_search_for_developers_paths_finds_them() -> None:
    for path in ("home/ada/x", "Users/ada", "root/.cache", "work/main"):
        assert DEVELOPERS_PATH.search(f"see /{path}".encode())
    address = "/".join(["https:", "", "example.org", "work", "x and Framework", "network"])
    assert not DEVELOPERS_PATH.search(address.encode())


def test_every_dependency_and_every_ignored_rule_has_a_reason() -> None:
    listed = re.compile(r'^ {4}"[^"]+",(?P<comment>.*)$', re.MULTILINE)
    unexplained = [match.group() for match in listed.finditer(PYPROJECT) if not re.match(r"\s+# \S", match["comment"])]
    assert unexplained == []
    lists = [
        *CONFIGURATION["project"]["dependencies"],
        *CONFIGURATION["dependency-groups"]["dev"],
        *CONFIGURATION["tool"]["ruff"]["lint"]["ignore"],
        *(rule for rules in CONFIGURATION["tool"]["ruff"]["lint"]["per-file-ignores"].values() for rule in rules),
        *CONFIGURATION["tool"]["pytest"]["ini_options"]["filterwarnings"],
    ]
    assert len(listed.findall(PYPROJECT)) == len(lists), "each stands on a line of its own"


def test_every_exception_in_the_code_has_a_reason() -> None:
    exception = re.compile(
        r"#\s*(?:noqa(?::[A-Z0-9, ]+)?|type: ignore[^#\s]*|pragma: no (?:cover|branch))(?P<reason>.*)$"
    )
    unexplained = []
    for path in tracked_files():
        if path.suffix != ".py" or path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            match = exception.search(line)
            if match and not re.search(r"[#-] \w", match["reason"]):
                unexplained.append(f"{path.relative_to(ROOT).as_posix()}:{number}")
    assert unexplained == []


def test_licence_is_the_whole_eupl() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\n")
    assert re.findall(r"^(\d+)\.\S", text, re.MULTILINE) == [str(number) for number in range(1, 16)]
    assert "Appendix" in text


def test_publiccode_is_valid_and_says_what_pyproject_says() -> None:
    """The mandatory keys of the standard, their limits, and no contradiction to the package's metadata."""
    metadata = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    project = CONFIGURATION["project"]
    assert metadata["publiccodeYmlVersion"] == "0.5"
    assert metadata["name"] == project["name"]
    assert metadata["softwareVersion"] == project["version"]
    assert metadata["legal"]["license"] == project["license"]
    assert metadata["url"].startswith("https://")
    assert metadata["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert metadata["softwareType"] == "standalone/web"
    assert metadata["platforms"]
    assert metadata["categories"]
    maintenance = metadata["maintenance"]
    assert maintenance["type"] in {"internal", "contract", "community", "none"}
    assert maintenance["type"] == "none" or maintenance.get("contacts") or maintenance.get("contractors")
    assert isinstance(metadata["localisation"]["localisationReady"], bool)
    assert metadata["localisation"]["availableLanguages"]
    assert set(metadata["description"]) == {"de", "en"}
    for description in metadata["description"].values():
        assert 0 < len(description["shortDescription"]) <= 150
        assert 150 <= len(description["longDescription"]) <= 10_000
        assert len(description["features"]) >= 5


def make(target: str, *, path: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run make in a copy of the Makefile, finding commands only in `path`."""
    make_command = shutil.which("make")
    assert make_command
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, cwd)
    environment = {"PATH": str(path), "HOME": os.environ.get("HOME", "")}
    return subprocess.run([make_command, target], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """Return a folder with the commands of a machine that has no Python but one that is too old."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "touch", "grep", "sed", "expand"):
        command = shutil.which(name)
        assert command
        (folder / name).symlink_to(command)
    old = folder / "python3"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    return folder


def test_make_says_what_to_do_when_there_is_no_usable_python(commands: Path, tmp_path: Path) -> None:
    result = make(".venv/.installed", path=commands, cwd=tmp_path)
    assert result.returncode == 2
    assert "Python 3.11 or newer with venv is needed" in result.stderr
    assert not (tmp_path / ".venv").exists()


def test_make_prefers_the_newest_supported_python(commands: Path, tmp_path: Path) -> None:
    """Every command here is a fake that says its name and stops where the environment would be made."""
    for name in ("python3", "python3.11", "python3.12"):
        fake = commands / name
        fake.write_text(
            f'#!/bin/sh\ncase "$1" in -c) exit 0;; --version) echo fake {name};; *) exit 3;; esac\n', encoding="utf-8"
        )
        fake.chmod(0o755)
    result = make(".venv/.installed", path=commands, cwd=tmp_path)
    assert "Setting up .venv with fake python3.12" in result.stdout
    assert result.returncode == 2


def test_ci_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "\nexec make test " in script.read_text(encoding="utf-8")
