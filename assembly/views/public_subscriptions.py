"""Subscribing by mail to the public follow-up: asked for here, confirmed and ended by links that change nothing."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, SubmitField
from wtforms.validators import Email, InputRequired, Length

from assembly.extensions import csrf, db, limiter
from assembly.i18n import LANGUAGES, text_language
from assembly.models import Assembly
from assembly.services.follow_up import register, subscribing
from assembly.services.follow_up.register import Filter
from assembly.views.cases import asked_for, choices_of
from assembly.views.forms import BaseForm, SelectField, choice, committing, stripped
from assembly.views.guard import load_public_assembly, public
from assembly.views.public import blueprint

ASKED = "20 per hour"
"""Subscriptions from one address of a visitor."""
ALL, OVERDUE, THEME = "all", "overdue", "theme:"


class SubscriptionForm(BaseForm):
    """Who wants to be written to, about what."""

    about = SelectField(_l("About what?"))
    email = EmailField(_l("Your e-mail address"), [InputRequired(), Email(), Length(max=255)], filters=[stripped])
    submit = SubmitField(_l("Subscribe"))


@blueprint.route("/follow-up/subscribe", methods=["GET", "POST"])
@public
@limiter.limit(ASKED, methods=["POST"])
def subscribe_to_city() -> ResponseReturnValue:
    """Ask for an address that is to be told what happens in all assemblies."""
    return _subscribe(None)


@blueprint.route("/a/<slug>/follow-up/subscribe", methods=["GET", "POST"])
@public
@limiter.limit(ASKED, methods=["POST"])
def subscribe(slug: str) -> ResponseReturnValue:
    """Ask for an address that is to be told what happens in an assembly, or about one of its recommendations."""
    return _subscribe(load_public_assembly(slug))


@blueprint.get("/follow-up/subscription/<token>")
@public
def subscription(token: str) -> ResponseReturnValue:
    """Show what a link is about; only the buttons change something, since programs open links, too."""
    found = subscribing.get_by_token(db.session, token)
    return render_template("public/subscription.html", found=found, token=token)


@blueprint.post("/follow-up/subscription/<token>/confirm")
@public
def confirm_subscription(token: str) -> ResponseReturnValue:
    """Begin to write."""
    subscribing.confirm(db.session, subscribing.get_by_token(db.session, token, to_change=True))
    db.session.commit()
    flash(gettext("You have subscribed. We write to you on days on which something happens."), "success")
    return redirect(url_for("public.subscription", token=token))


@blueprint.post("/follow-up/subscription/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]  # mail programs end subscriptions so (RFC 8058); whoever knows the link may
@public
def end_subscription(token: str) -> ResponseReturnValue:
    """End it, and forget the address."""
    subscribing.end(db.session, subscribing.get_by_token(db.session, token, to_change=True))
    db.session.commit()
    return render_template("public/unsubscribed.html")


def _subscribe(assembly: Assembly | None) -> ResponseReturnValue:
    form, asked = SubscriptionForm(), asked_for()
    form.about.choices = _choices(assembly, asked)
    if request.method == "GET":
        form.about.data = _chosen(asked)
    if form.validate_on_submit():
        with committing(form):
            subscribing.ask(
                db.session,
                assembly,
                form.email.data or "",
                **_about(form.about.data, asked),
                language=text_language() if text_language() in LANGUAGES else LANGUAGES[0],
                config=current_app.extensions["assembly.config"],
            )
        if not form.errors:
            return render_template("public/subscribed.html", assembly=assembly, days=subscribing.UNCONFIRMED.days)
    page = render_template("public/subscribe.html", assembly=assembly, form=form, action=request.full_path.rstrip("?"))
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _choices(assembly: Assembly | None, asked: Filter) -> list[Any]:
    if asked.recommendation is not None:
        return [choice(ALL, gettext("Recommendation %(number)s", number=asked.recommendation))]
    themes = choices_of(register.traits_of(db.session, assembly))["themes"] if assembly else {}
    return [
        choice(ALL, gettext("All recommendations")),
        choice(OVERDUE, gettext("What is overdue")),
        *(choice(f"{THEME}{theme}", gettext("Theme: %(theme)s", theme=theme)) for theme in themes),
    ]


def _chosen(asked: Filter) -> str:
    if asked.is_overdue:
        return OVERDUE
    return f"{THEME}{asked.theme}" if asked.theme else ALL


def _about(chosen: str, asked: Filter) -> dict[str, Any]:
    return {
        "recommendation": asked.recommendation,
        "theme": chosen.removeprefix(THEME) if chosen.startswith(THEME) else "",
        "is_overdue": chosen == OVERDUE,
    }
