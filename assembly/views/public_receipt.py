"""The page on which a registrant sees what their receipt says, by code or by file; neither is ever in an address."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField, SubmitField
from wtforms.validators import InputRequired, Length

from assembly.extensions import db
from assembly.models import Assembly, Receipt
from assembly.services import receipt_search
from assembly.services.errors import ServiceError
from assembly.views.forms import BaseForm, stripped
from assembly.views.guard import load_public_assembly, public
from assembly.views.public import blueprint


class CodeForm(BaseForm):
    """A receipt's code."""

    code = StringField(
        _l("Code of your receipt"),
        [InputRequired(), Length(max=100)],
        filters=[stripped],
        description=_l("16 letters and digits from your mail or letter, with or without hyphens."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    submit = SubmitField(_l("Check my receipt"))


class UploadForm(BaseForm):
    """A receipt's file."""

    file = FileField(
        _l("File of your receipt"),
        [FileRequired()],
        description=_l("receipt.json, if you have saved it on this page before."),
        render_kw={"accept": ".json,application/json"},
    )
    submit = SubmitField(_l("Check this file"))


@blueprint.get("/a/<slug>/receipt")
@public
def receipt(slug: str) -> ResponseReturnValue:
    """Ask for a code or a file."""
    return _page(load_public_assembly(slug))


@blueprint.post("/a/<slug>/receipt")
@public
def show_receipt(slug: str) -> ResponseReturnValue:
    """Show what the receipt with a code says."""
    assembly, form = load_public_assembly(slug), CodeForm()
    if form.validate_on_submit():
        code = str(form.code.data)
        try:
            return _page(assembly, found=receipt_search.find_by_code(db.session, assembly, code), code=code)
        except ServiceError as error:
            form.add(error)
    return _page(assembly, form=form), 422


@blueprint.post("/a/<slug>/receipt/upload")
@public
def show_uploaded_receipt(slug: str) -> ResponseReturnValue:
    """Show what the receipt in a file says."""
    assembly, form = load_public_assembly(slug), UploadForm()
    if form.validate_on_submit():
        content = form.file.data.read(receipt_search.LARGEST_FILE)
        try:
            return _page(assembly, found=receipt_search.find_by_file(db.session, assembly, content))
        except ServiceError as error:
            form.add(error)
    return _page(assembly, upload_form=form), 422


@blueprint.post("/a/<slug>/receipt/file")
@public
def receipt_file(slug: str) -> ResponseReturnValue:
    """Hand out the file of a receipt, to whoever has its code."""
    found = receipt_search.find_by_code(db.session, load_public_assembly(slug), request.form.get("code", ""))
    headers = {"Content-Disposition": 'attachment; filename="receipt.json"'}
    return Response(found.document, mimetype="application/json", headers=headers)


def _page(
    assembly: Assembly,
    *,
    form: CodeForm | None = None,
    upload_form: UploadForm | None = None,
    found: Receipt | None = None,
    code: str | None = None,
) -> str:
    return render_template(
        "public/receipt.html",
        assembly=assembly,
        form=form or CodeForm(formdata=None),
        upload_form=upload_form or UploadForm(formdata=None),
        found=receipt_search.shown(found) if found else None,
        code=code,
    )
