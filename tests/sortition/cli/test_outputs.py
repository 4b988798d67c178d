"""All outputs of a command appear or none, nothing is overwritten, and secrets are their owner's alone."""

from __future__ import annotations

import errno
import stat
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner

from sortition.cli import main
from sortition.cli.outputs import NewFile, NewFolder, read_bytes, write_new
from sortition.errors import InputError


def outputs(folder: Path) -> list[NewFile | NewFolder]:
    return [
        NewFile(folder / "audit.json", b"audit"),
        NewFolder(folder / "receipts", {"1.json": b"one", "2.json": b"two"}),
        NewFile(folder / "public.json", b"public", published=True),
    ]


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_everything_is_written_and_secrets_are_private(tmp_path: Path) -> None:
    write_new(outputs(tmp_path))
    assert names(tmp_path) == ["audit.json", "public.json", "receipts", "receipts/1.json", "receipts/2.json"]
    assert (tmp_path / "receipts" / "2.json").read_bytes() == b"two"
    modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("audit.json", "public.json", "receipts")}
    assert modes == {"audit.json": 0o600, "public.json": 0o644, "receipts": 0o700}


@pytest.mark.parametrize("existing", ["audit.json", "receipts", "public.json"])
def test_nothing_is_overwritten(tmp_path: Path, existing: str) -> None:
    (tmp_path / existing).mkdir()
    with pytest.raises(InputError, match=rf"{existing} exists already and is never overwritten"):
        write_new(outputs(tmp_path))
    assert names(tmp_path) == [existing]


def test_two_outputs_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="same name"):
        write_new([NewFile(tmp_path / "a", b""), NewFile(tmp_path / "a", b"")])
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [OSError(28, "No space left on device", "audit.json"), KeyboardInterrupt()])
@pytest.mark.parametrize(
    ("function", "calls"), [("os.fsync", 4), ("pathlib.Path.rename", 3), ("pathlib.Path.chmod", 1)]
)
def test_an_interruption_at_any_step_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, function: str, calls: int
) -> None:
    module, name = ("os", "fsync") if function == "os.fsync" else (Path, function.rsplit(".", 1)[1])
    original = getattr(__import__("os"), "fsync") if module == "os" else getattr(module, name)  # noqa: B009  # the name is a parameter
    for step in range(calls):
        folder = tmp_path / str(step)
        folder.mkdir()
        done = 0

        def interrupted(*arguments: object, step: int = step) -> object:
            nonlocal done
            done += 1
            if done > step:
                raise error
            return original(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(function, interrupted)
            with pytest.raises(InputError if isinstance(error, OSError) else KeyboardInterrupt):
                write_new(outputs(folder))
        assert names(folder) == []


def test_places_that_do_not_exist_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none does not exist"):
        write_new([NewFile(tmp_path / "none" / "a", b"")])
    with pytest.raises(InputError, match="cannot be read: No such file or directory"):
        read_bytes(tmp_path / "none")


COMMANDS = [
    "solve --targets no.csv --respondents no.csv --size 2 --output {}",
    "replace --audit no.json --drawn no.json --out x --output {}",
    "commit no.json --draw-rule no.toml --public public.json --audit {}",
    "commit no.json --draw-rule no.toml --audit audit.json --public {}",
    "commit no.json --draw-rule no.toml --audit audit.json --public public.json --notice {}",
    "commit no.json --draw-rule no.toml --audit audit.json --public public.json --receipts {}",
    "draw no.json --ticket 7 --output {}",
    "draw no.json --ticket 7 --output drawn.json --respondents no.csv --selected {} --remaining remaining.csv",
    "draw no.json --ticket 7 --output drawn.json --respondents no.csv --selected selected.csv --remaining {}",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file and a folder in it, as the current one; it holds none of the inputs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    return tmp_path


def refused(line: str) -> str:
    """Return what a command says that must end with exit code 2 before it looks at its inputs, which there are not."""
    result = CliRunner().invoke(main, line.split())
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert "no.json" not in result.stderr
    assert "no.csv" not in result.stderr
    return result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_place_that_cannot_be_written_is_found_before_any_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    assert refused(command.format("nowhere/x")) == (
        "Error: The folder nowhere does not exist. Make it, or choose another one.\n"
    )
    assert refused(command.format("file/x")) == "Error: file is no folder. Choose another one.\n"
    long = "x" * 300
    assert refused(command.format(long)) == (
        f"Error: {long} cannot be written: File name too long. Choose another file or folder.\n"
    )
    assert refused(command.format("folder"))

    def denied(**_options: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("tempfile.mkstemp", denied)
        assert "cannot be written: Permission denied." in refused(command.format("x"))
    assert names(folder) == ["file", "folder"]
