"""The signed-in person's own account."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField, SubmitField
from wtforms.validators import InputRequired, Length

from assembly.extensions import db
from assembly.i18n import LANGUAGES
from assembly.services import accounts
from assembly.views.forms import LANGUAGE_NAMES, BaseForm, SelectField, stripped
from assembly.views.guard import account, signed_in, without_second_factor
from assembly.views.roles import ROLE_NAMES

blueprint = Blueprint("accounts", __name__)


class AccountForm(BaseForm):
    """What the account says of its person."""

    name = StringField(
        _l("Name"), [InputRequired(), Length(max=200)], filters=[stripped], render_kw={"autocomplete": "name"}
    )
    language = SelectField(
        _l("Language"),
        choices=[language for language in LANGUAGE_NAMES if language.value in LANGUAGES],
        description=_l("Of the pages, and of mails to you."),
    )
    submit = SubmitField(_l("Save"))


@blueprint.route("/account", methods=["GET", "POST"])
@without_second_factor
def own() -> ResponseReturnValue:
    """Show the account and how it is secured; change name and language."""
    signed_in()
    user = account()
    form = AccountForm(obj=user)
    if form.validate_on_submit():
        accounts.describe_account(user, name=str(form.name.data), language=form.language.data)
        db.session.commit()
        session.pop("language", None)
        flash(gettext("Saved."), "success")
        return redirect(url_for("accounts.own"))
    page = render_template(
        "accounts/own.html",
        form=form,
        user=user,
        has_second_factor=accounts.has_second_factor(user),
        needs_second_factor=_is_demanded() and accounts.needs_second_factor(user),
        roles=accounts.roles_of(db.session, user),
        role_names=ROLE_NAMES,
    )
    return page, 422 if form.errors else 200


@blueprint.get("/account/second-factor")
@without_second_factor
def second_factor() -> ResponseReturnValue:
    """Say why a second factor is needed, and lead to it."""
    signed_in()
    user = account()
    if accounts.has_second_factor(user) or not _is_demanded():
        return redirect(url_for("accounts.own"))
    return render_template("accounts/second_factor.html")


def _is_demanded() -> bool:
    """Whether this installation demands a second factor of the roles that see personal data; the demo does not."""
    return bool(current_app.extensions["assembly.config"].require_totp)
