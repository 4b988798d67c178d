"""The page on which a registrant sees what their receipt says, by code or by file; neither is ever in an address."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import StringField, SubmitField
from wtforms.validators import Length

from assembly.extensions import db, limiter
from assembly.models import Assembly, Receipt
from assembly.services import receipt_search
from assembly.services.errors import RuleError, ServiceError, marked
from assembly.views.forms import BaseForm, stripped
from assembly.views.guard import load_public_assembly, public
from assembly.views.public import blueprint

LOOK_UPS = "30 per minute; 300 per hour"
"""From one address, behind which a whole town hall may be; a code of 80 bits is not guessed in any number."""
look_ups = limiter.shared_limit(LOOK_UPS, scope="receipts")


class ReceiptForm(BaseForm):
    """A receipt: its code, or its file."""

    code = StringField(
        _l("Code of your receipt"),
        [Length(max=100)],
        filters=[stripped],
        description=_l("16 letters and digits from your mail or letter, with or without hyphens."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    file = FileField(
        _l("Or the file of your receipt"),
        description=_l("receipt.json, if you have saved it."),
        render_kw={"accept": ".json,application/json"},
    )
    submit = SubmitField(_l("Check my receipt"))


@blueprint.get("/a/<slug>/receipt")
@public
def receipt(slug: str) -> ResponseReturnValue:
    """Ask for a code or a file."""
    return render_template(
        "public/receipt.html", assembly=load_public_assembly(slug), form=ReceiptForm(formdata=None), found=None
    )


@blueprint.post("/a/<slug>/receipt")
@public
@look_ups
def show_receipt(slug: str) -> ResponseReturnValue:
    """Show what a receipt says."""
    assembly, form, found = load_public_assembly(slug), ReceiptForm(), None
    if form.validate_on_submit():
        try:
            found = _find(assembly, form)
        except ServiceError as error:
            form.add(error)
    if found is None:
        return render_template("public/receipt.html", assembly=assembly, form=form, found=None), 422
    return render_template(
        "public/receipt.html",
        assembly=assembly,
        form=ReceiptForm(formdata=None),
        found=receipt_search.shown(found),
        code=form.code.data,
    )


@blueprint.post("/a/<slug>/receipt/file")
@public
@look_ups
def receipt_file(slug: str) -> ResponseReturnValue:
    """Hand out the file of a receipt, to whoever has its code."""
    found = receipt_search.find_by_code(db.session, load_public_assembly(slug), request.form.get("code", ""))
    headers = {"Content-Disposition": 'attachment; filename="receipt.json"'}
    return Response(found.document, mimetype="application/json", headers=headers)


def _find(assembly: Assembly, form: ReceiptForm) -> Receipt:
    if form.code.data:
        return receipt_search.find_by_code(db.session, assembly, form.code.data)
    if form.file.data:
        content = form.file.data.read(receipt_search.LARGEST_FILE)
        return receipt_search.find_by_file(db.session, assembly, content)
    raise RuleError(marked("Type the code of your receipt, or choose its file."), field="code")
