"""The signed-in person's own account."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from assembly.views.guard import account, signed_in

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/account")
def own() -> ResponseReturnValue:
    """Show the account and how it is secured."""
    signed_in()
    return render_template("accounts/own.html", user=account())
