"""Looking for malware in uploaded files by clamd, where one is configured; what it cannot look at is refused."""

from __future__ import annotations

import io
import logging

from clamav_client.clamd import BufferTooLongError, ClamdError, ClamdNetworkSocket, ClamdUnixSocket

from assembly.services.errors import RuleError, StorageError, marked

SECONDS = 60
"""How long clamd may take for one file."""
CLEAN, FOUND = "OK", "FOUND"
log = logging.getLogger(__name__)


def require_clean(content: bytes, *, clamd: str | None) -> None:
    """Let clamd look at a file; `clamd` is host:port or the path of a socket, None where there is no scanner.

    Raises RuleError if something is found or the file is too large for clamd, StorageError if clamd does not answer:
    unseen, no file is kept.
    """
    if clamd is None:
        return
    try:
        answer = _client(clamd).instream(io.BytesIO(content))
    except BufferTooLongError:
        raise RuleError(
            marked("The file is too large to be scanned for malware, so it is not kept."), field="file"
        ) from None
    except (ClamdError, OSError) as error:
        log.error("clamd does not answer: %s", type(error).__name__)  # noqa: TRY400  # a traceback says nothing more
        raise StorageError(
            marked("The file could not be scanned for malware, so it is not kept. Try again in a few minutes."),
            field="file",
        ) from None
    statuses = {status for status, _ in answer.values()}
    if FOUND in statuses:
        log.warning("clamd found malware in an upload")
        raise RuleError(marked("The scanner found malware in the file, so it is not kept."), field="file")
    if statuses != {CLEAN}:
        raise StorageError(
            marked("The file could not be scanned for malware, so it is not kept. Try again in a few minutes."),
            field="file",
        )


def _client(clamd: str) -> ClamdNetworkSocket:
    if clamd.startswith("/"):
        return ClamdUnixSocket(clamd, timeout=SECONDS)
    host, _, port = clamd.rpartition(":")
    return ClamdNetworkSocket(host, int(port), timeout=SECONDS)
