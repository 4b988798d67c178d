"""A scanner that answers, and the file that it takes for malware."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assembly.engines import free_port, missing

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The file that every scanner takes for malware, and that does nothing (https://www.eicar.org)."""
SIGNATURE = "EICAR-Test:0:*:" + EICAR.hex()


@pytest.fixture(scope="session")
def clamds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address and the socket of a real clamd that knows nothing but the test file, and finds it in others, too."""
    program = shutil.which("clamd")
    if program is None:
        missing("clamd (apt: clamav-daemon)")
    folder, port = tmp_path_factory.mktemp("clamd"), free_port()
    (folder / "eicar.ndb").write_text(SIGNATURE + "\n", encoding="ascii")
    settings = folder / "clamd.conf"
    settings.write_text(
        f"LocalSocket {folder / 'socket'}\nTCPSocket {port}\nTCPAddr 127.0.0.1\n"
        f"DatabaseDirectory {folder}\nForeground yes\nStreamMaxLength 1M\n"
        f"LogFile {folder / 'log'}\nUser {Path.home().owner()}\n",
        encoding="ascii",
    )
    process = subprocess.Popen([program, "--config-file", str(settings)], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield f"127.0.0.1:{port}", str(folder / "socket")
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"clamd ended with code {process.returncode}.")
        try:
            with socket.create_connection(("127.0.0.1", port)):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("clamd does not answer.")
