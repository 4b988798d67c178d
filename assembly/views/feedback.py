"""What members said about an event: for those who lead it, and published as numbers if an organiser chooses."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _l

from assembly.extensions import db
from assembly.services.authorisation import can_lead, can_manage
from assembly.services.errors import ServiceError
from assembly.services.programme import events, feedback
from assembly.services.programme.feedback import Rated, Results, Statement
from assembly.views.charts import Bar, BarChart
from assembly.views.errors import message_of
from assembly.views.guard import account, allows, load_assembly

blueprint = Blueprint(
    "feedback", __name__, url_prefix="/assemblies/<int:assembly_id>/programme/events/<int:event_id>/feedback"
)

STATEMENTS = {
    Statement.SPEAK: _l("I could say what I wanted to say."),
    Statement.HEARD: _l("Others listened to me."),
    Statement.INFORMED: _l("What I heard and read was understandable and balanced."),
    Statement.FAIR: _l("The facilitation was fair to everybody."),
    Statement.WELCOME: _l("I felt welcome: place, food, breaks, support."),
}

SHORT = {
    Statement.SPEAK: _l("Could say what I wanted"),
    Statement.HEARD: _l("Was listened to"),
    Statement.INFORMED: _l("Understandable and balanced"),
    Statement.FAIR: _l("Fair facilitation"),
    Statement.WELCOME: _l("Felt welcome"),
}
"""The same where a picture has room for a few words."""


@blueprint.get("/")
def show(assembly_id: int, event_id: int) -> ResponseReturnValue:
    """Show the ratings as a picture and a table, and the texts."""
    assembly = load_assembly(assembly_id, may=can_lead)
    event = events.get_event(db.session, assembly, event_id)
    results = feedback.results_of(db.session, event)
    return render_template(
        "programme/feedback.html",
        assembly=assembly,
        event=event,
        answers=feedback.count_of(db.session, event),
        fewest=feedback.FEWEST,
        results=results,
        picture=feedback_picture(f"feedback-{event.id}", results) if results else None,
        may_manage=allows(assembly, can_manage),
    )


@blueprint.post("/<any(publish, withhold):deed>")
def decide(assembly_id: int, event_id: int, deed: str) -> ResponseReturnValue:
    """Show the numbers on the public page, or no longer."""
    assembly = load_assembly(assembly_id, may=can_manage)
    event = events.get_event(db.session, assembly, event_id)
    try:
        (feedback.publish if deed == "publish" else feedback.withhold)(db.session, event, by=account())
    except ServiceError as error:
        db.session.rollback()
        flash(message_of(error), "danger")
    else:
        db.session.commit()
        text = gettext("The numbers are public.") if deed == "publish" else gettext("The numbers are no longer public.")
        flash(text, "success")
    return redirect(url_for("feedback.show", assembly_id=assembly_id, event_id=event_id))


def feedback_picture(key: str, results: Results) -> BarChart:
    """Return the mean of each statement as a bar, and how often each rating was given as its table."""
    ratings = [{"label": str(rating), "numeric": True} for rating in feedback.RATINGS]
    return BarChart(
        key=key,
        title=gettext("How members rate the event"),
        description=gettext(
            "The mean of all ratings from 1 (not at all) to 5 (fully); %(answers)s members answered.",
            answers=format_decimal(results.answers),
        ),
        bars=[_bar(rated) for rated in results.rated],
        columns=[gettext("Statement"), {"label": gettext("Mean"), "numeric": True}, *ratings],
    )


def _bar(rated: Rated) -> Bar:
    mean = "–" if rated.mean is None else str(format_decimal(rated.mean, "0.0"))
    figure = gettext("%(mean)s of 5", mean=mean)
    highest = max(feedback.RATINGS)
    return Bar(str(SHORT[rated.statement]), [rated.mean or 0], figure, [mean, *rated.counts], band=(0, highest))
