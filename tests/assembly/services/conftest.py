"""What several tests of services start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from tests.assembly.services.panels import START, DrawnPanel, drawn_panel


@pytest.fixture
def drawn(sessions: sessionmaker[Session], tmp_path: Path) -> Iterator[DrawnPanel]:
    """A panel of four, drawn from twelve, on both databases, an hour after the draw."""
    with time_machine.travel(START, tick=True) as traveller:
        yield drawn_panel(sessions, tmp_path, traveller)
