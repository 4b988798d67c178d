"""What every process of the application does when it begins, whether it answers pages or not."""

from __future__ import annotations

import logging
import sys
from typing import NoReturn


def log_to_stderr() -> None:
    """Say what happens where whoever started us sees it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def end(_signal: int, _frame: object) -> NoReturn:
    """End as Ctrl-C does, so that what runs is ended in order."""
    raise SystemExit(0)
