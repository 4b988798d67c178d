"""The character NUL, which PostgreSQL takes in no text: it gets into no row, and leads to no error."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from flask import request

from assembly.app import create_app
from assembly.extensions import db
from assembly.models import Barrier
from tests.assembly.engines import Engines
from tests.assembly.web import post


def test_what_is_sent_with_nul_is_kept_without(engines: Engines) -> None:
    """In both databases."""
    app = create_app(engines.config)
    client = app.test_client()
    said = {"page": "/\0", "text": "Zu\0 klein", "email": "eva@example.org"}
    assert post(client, "/report-a-barrier", **said).status_code < 400
    with app.app_context():
        found = db.session.scalars(sa.select(Barrier)).one()
        assert (found.page, found.text) == ("/", "Zu klein")
        db.session.close()
        db.engine.dispose()
    app.extensions["assembly.queue"].close()


@pytest.mark.parametrize(
    ("address", "status"), [("/a/mobi%00litaet", 404), ("/%00", 404), ("/report-a-barrier?page=%00", 200)]
)
def test_addresses_with_nul_are_no_error(engines: Engines, address: str, status: int) -> None:
    """In both databases."""
    app = create_app(engines.config)
    assert app.test_client().get(address).status_code == status
    with app.app_context():
        db.engine.dispose()
    app.extensions["assembly.queue"].close()


def test_fields_and_names_of_files_are_clean(engines: Engines) -> None:
    """Several of one name stay several."""
    app = create_app(engines.config)
    data = {"eins": ["a\0b", "c"], "datei": (io.BytesIO(b"\0"), "bild\0.png")}
    with app.test_request_context("/?x=1%00&x=2", method="POST", data=data):
        assert request.args.getlist("x") == ["1", "2"]
        assert request.form.getlist("eins") == ["ab", "c"]
        assert request.files["datei"].read() == b"\0"
    app.extensions["assembly.queue"].close()
