"""A document that is uploaded in the form of a report: its fields, and its address among the evidence."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import gettext

from assembly.extensions import db
from assembly.models import Assembly, Case, MaterialVersion, Move
from assembly.services.follow_up import evidence
from assembly.services.materials.files import UploadedFile
from assembly.views.case_forms import OF_DOCUMENTS, TakingForm
from assembly.views.guard import account


def begun_in(case: Case, move: Move) -> dict[str, str]:
    """Return what the form of a report says of a document before anybody has typed: what it shows, and whose it is."""
    if move is not Move.REPORT:
        return {}
    about = case.recommendation
    title = gettext("Evidence for recommendation %(number)s: %(title)s", number=about.number, title=about.title)
    return {"title": title[:200], "source": case.unit or case.addressee.name}


def file_in(form: TakingForm) -> UploadedFile | None:
    """Return the file that was chosen, if any; it was looked at. Raises RuleError, StorageError."""
    if "file" not in form or not form["file"].data:
        return None
    clamd = current_app.extensions["assembly.config"].clamd
    return evidence.looked_at(form["file"].data.read(), clamd=clamd)


def published(assembly: Assembly, form: TakingForm, file: UploadedFile, values: dict[str, Any]) -> dict[str, Any]:
    """Publish a document, and return what the report says with it: beside a link that was entered, a further row."""
    said = {name: form[name].data or "" for name in OF_DOCUMENTS}
    address = address_of(assembly, evidence.publish(db.session, assembly, file, said, by=account()))
    if not values["evidence"]:
        return values | {"evidence": address}
    return values | {"more_evidence": [*values["more_evidence"], {"shows": said["title"], "link": address}]}


def address_of(assembly: Assembly, version: MaterialVersion) -> str:
    """Return where everyone finds a public document."""
    site = current_app.extensions["assembly.config"].public_url
    return f"{site}{url_for('public.material', slug=assembly.slug, version_id=version.id)}"
