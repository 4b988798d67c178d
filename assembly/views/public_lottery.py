"""The lottery for everyone: what was committed, the drawn number, the documents, and how to check them."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from assembly.extensions import db, limiter
from assembly.models import Commitment
from assembly.services import commitments, lottery_reports
from assembly.services import public as service
from assembly.views.downloads import download
from assembly.views.guard import load_public_assembly, public
from assembly.views.pictures import make_up_pictures
from assembly.views.public import blueprint

DOCUMENTS = "120 per minute"
"""Of one address: a hall full of people has one. What is made for them is kept, so that few are made anew."""


@blueprint.get("/a/<slug>/lottery")
@public
def lottery(slug: str) -> ResponseReturnValue:
    """Show every commitment of an assembly, and the panel's make-up once it is drawn."""
    assembly = load_public_assembly(slug)
    found = commitments.commitments_of(db.session, assembly)
    standing = commitments.current_commitment(db.session, assembly)
    make_up = service.shown_make_up(db.session, assembly) if standing else None
    return render_template(
        "public/lottery.html",
        assembly=assembly,
        commitments=found,
        replacements=[one for one in found if one.voided_at is None and one != standing],
        standing=standing,
        rule=commitments.rule_of(standing) if standing else None,
        make_up=make_up,
        pictures=make_up_pictures(make_up.features) if make_up else [],
    )


@blueprint.get("/a/<slug>/commitments/<fingerprint>/verify")
@public
def verify(slug: str, fingerprint: str) -> ResponseReturnValue:
    """Let visitors check a commitment on their own device."""
    return render_template(
        "public/verify.html", assembly=load_public_assembly(slug), commitment=_commitment(slug, fingerprint)
    )


@blueprint.get("/a/<slug>/commitments/<fingerprint>/public.json")
@public
def public_document(slug: str, fingerprint: str) -> ResponseReturnValue:
    """Hand out the public document: exactly the bytes whose SHA-256 is the fingerprint."""
    return download(_commitment(slug, fingerprint).public_document, "public.json")


@blueprint.get("/a/<slug>/commitments/<fingerprint>/notice.pdf")
@public
@limiter.limit(DOCUMENTS)
def notice(slug: str, fingerprint: str) -> ResponseReturnValue:
    """Hand out the one-page notice."""
    return download(commitments.notice(_commitment(slug, fingerprint)), "notice.pdf")


@blueprint.get("/a/<slug>/commitments/<fingerprint>/report.pdf")
@public
@limiter.limit(DOCUMENTS)
def report(slug: str, fingerprint: str) -> ResponseReturnValue:
    """Hand out the report for everyone."""
    assembly, commitment = load_public_assembly(slug), _commitment(slug, fingerprint)
    content = lottery_reports.public_report(db.session, assembly, commitment, language=str(get_locale()))
    return download(content, "report.pdf")


def _commitment(slug: str, fingerprint: str) -> Commitment:
    found = commitments.find_commitment(db.session, fingerprint, assembly=load_public_assembly(slug))
    if found is None:
        abort(404)
    return found
