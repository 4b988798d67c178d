"""One application with everything in it, for tests that visit all of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from tests.assembly.conftest import Visitor
from tests.assembly.views.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One application for all these tests; whatever a POST changes is undone."""
    folder = tmp_path_factory.mktemp("routes")
    app = create_app(Config.from_environment({"ASSEMBLY_DATA": str(folder)}))
    app.testing = True
    app.test_client_class = Visitor
    app.config["RATELIMIT_ENABLED"] = False
    with app.app_context():
        made = World.made(app, db.session, folder / "assembly.sqlite")
        yield made
        made.close()
        db.session.close()
        db.engine.dispose()
        app.extensions["assembly.queue"].close()
