"""Verify by upload: for visitors whose browser cannot check by itself, and for documents saved elsewhere."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime, format_decimal, gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import StringField, SubmitField
from wtforms.validators import Length, Optional, Regexp

from assembly.extensions import limiter
from assembly.services import verifying
from assembly.services.errors import ServiceError
from assembly.services.verifying import Outcome, Report
from assembly.views.forms import BaseForm
from assembly.views.guard import public
from assembly.views.messages import NOT_STATED, sentence, value_name
from assembly.views.public import blueprint

CHECKS = "20 per minute; 200 per day"
"""Of one address; each starts a process."""
WORDS_HERE = {
    "outside": _l(
        "The fingerprint {commitment} was computed from the document itself. A rewritten document would look the same: "
        "take the fingerprint from the notice, the newspaper or your receipt, and enter it above."
    ),
}
"""Sentences that speak of the command line, as this page says them."""
_DECIMAL = re.compile(r"[0-9]+\.[0-9]{12}")
_MOMENT = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9][+-][0-9]{2}:[0-9]{2}")
_NOT_STATED = re.compile(rf"\b{NOT_STATED}\b")
REHEARSALS = frozenset({"rehearsal", "drawn_rehearsal"})


def _without_blanks(value: str | None) -> str:
    return "".join((value or "").split()).lower()


class VerifyForm(BaseForm):
    """The documents, and what is known from outside of them."""

    documents = MultipleFileField(
        _l("Public document"),
        [FileRequired()],
        description=_l(
            "The file public.json as it was published, at most 32 MB. After a replacement draw, choose the documents "
            "of all draws together."
        ),
        render_kw={"accept": ".json,application/json"},
    )
    notice = FileField(
        _l("Notice"),
        description=_l("The PDF that was published before the draw; it names the fingerprint."),
        render_kw={"accept": ".pdf,application/pdf"},
    )
    commitment = StringField(
        _l("Fingerprint (commitment)"),
        [
            Optional(),
            Regexp("[0-9a-f]{64}$", message=_l("A fingerprint has 64 characters 0–9 and a–f; copy it whole.")),
        ],
        filters=[_without_blanks],
        description=_l(
            "Instead of the notice: 64 characters 0–9 and a–f, from the newspaper, say. Blanks do not matter."
        ),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    drawn = StringField(
        _l("Drawn number"),
        [Optional(), Length(max=200)],
        filters=[lambda value: (value or "").strip()],
        description=_l("As it was drawn in public, zeros included."),
        render_kw={"autocomplete": "off"},
    )
    submit = SubmitField(_l("Check now"))


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """A verification as the page shows it: kind and words of the verdict, and the lines by what became of them."""

    kind: str
    verdict: str
    lines: dict[str, list[str]]


@blueprint.get("/verify")
@public
def upload() -> ResponseReturnValue:
    """Offer to check documents here."""
    return _page(VerifyForm(formdata=None))


@blueprint.post("/verify")
@public
@limiter.limit(CHECKS)
def check_upload() -> ResponseReturnValue:
    """Check documents, and say line by line what they show."""
    form = VerifyForm()
    if not form.validate_on_submit():
        return _page(form), 422
    documents = [verifying.Upload(file.filename or "", _content(file)) for file in form.documents.data]
    notice = _content(form.notice.data) if form.notice.data else None
    try:
        report = verifying.verify_uploads(
            documents,
            folder=current_app.extensions["assembly.config"].data_folder,
            notice=notice,
            commitment=form.commitment.data or "",
            drawn=form.drawn.data or "",
        )
    except ServiceError as error:
        form.add(error)
        return _page(form), 422
    return _page(form, _shown(report))


def _content(file: FileStorage) -> bytes:
    """Return what was uploaded, and let its temporary file go."""
    with closing(file):
        content: bytes = file.read()
    return content


def _page(form: VerifyForm, shown: Shown | None = None) -> str:
    return render_template("public/upload.html", form=form, shown=shown)


def _shown(report: Report) -> Shown:
    lines: dict[str, list[str]] = {}
    for line in report.lines:
        message = dataclasses.replace(line.message, values=_readable(line.message.values))
        own = WORDS_HERE.get(line.key)
        text = sentence(message) if own is None else str(own).format_map(message.values)
        if line.files and line.outcome is Outcome.FAILED:
            text = gettext("%(files)s: %(text)s", files=", ".join(line.files), text=text)
        lines.setdefault(line.outcome.name, []).append(text)
    return Shown(*_verdict(report), lines)


def _readable(values: Mapping[str, object]) -> dict[str, object]:
    """Return what stands in a sentence as people write it: moments, decimal numbers, and what was not stated."""
    return {name: _as_people_write(value) if isinstance(value, str) else value for name, value in values.items()}


def _as_people_write(text: str) -> str:
    if _DECIMAL.fullmatch(text):
        return str(format_decimal(Decimal(text), "0.0###########"))
    if _MOMENT.fullmatch(text):
        return str(format_datetime(dt.datetime.fromisoformat(text), "medium"))
    return _NOT_STATED.sub(value_name(NOT_STATED), text)


def _verdict(report: Report) -> tuple[str, str]:
    """Return the kind and the words of the verdict, as careful as the engine's own."""
    failed = sum(line.outcome is Outcome.FAILED for line in report.lines)
    if failed:
        return "danger", ngettext("Not verified: %(num)s check failed.", "Not verified: %(num)s checks failed.", failed)
    if not report.anchored:
        return "warning", gettext(
            "Consistent, but not verified: nothing contradicts itself, but no fingerprint from outside was given."
        )
    if any(line.key in REHEARSALS for line in report.lines):
        return "warning", gettext(
            "Verified as a rehearsal: the documents are those committed to, but the draw decides nothing."
        )
    return "success", gettext("Verified: the documents are those committed to, and nothing contradicts them.")
