"""A small application with one page that uses every macro, for the tests of the frame and the macros."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from flask import Flask, flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.wrappers import Response
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    DecimalField,
    EmailField,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TelField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.form import Form
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from assembly.i18n import Languages
from assembly.views import tables
from assembly.views.charts import Bar, BarChart
from tests.project import ROOT

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def pair(english: str, german: str) -> str:
    """Return the sample's own text in the language of the page."""
    return german if str(get_locale()) == "de" else english


class AddressForm(Form):
    """Fields within a field."""

    street = StringField("Straße und Hausnummer", [InputRequired()], render_kw={"autocomplete": "street-address"})
    postcode = StringField("Postleitzahl", [InputRequired(), Length(5, 5)], render_kw={"autocomplete": "postal-code"})


class SampleForm(FlaskForm):
    """One field of every kind."""

    version = HiddenField(default="3")
    title = StringField(
        "Titel des Bürgerrats",
        [InputRequired("Bitte geben Sie einen Titel ein.")],
        description="So heißt er auf der öffentlichen Seite.",
        render_kw={"autocomplete": "off", "class": "own-class"},
    )
    question = TextAreaField("Fragestellung", render_kw={"rows": 4})
    seats = IntegerField(
        "Zahl der Plätze", [InputRequired(), NumberRange(10, 200, "Zwischen 10 und 200 Plätze sind möglich.")]
    )
    share = DecimalField("Anteil in Prozent", description="Mit Komma oder Punkt.")
    email = EmailField("E-Mail-Adresse", render_kw={"autocomplete": "email"})
    phone = TelField("Telefon", render_kw={"autocomplete": "tel"})
    day = DateField("Stichtag", [InputRequired()])
    moment = DateTimeLocalField("Zeitpunkt der öffentlichen Ziehung")
    hour = TimeField("Uhrzeit")
    rule = SelectField("Losverfahren", choices=[SelectChoice("leximin", "Leximin"), SelectChoice("nash", "Nash")])
    languages = SelectMultipleField(
        "Sprachen",
        choices=[SelectChoice("de", "Deutsch"), SelectChoice("tr", "Türkisch"), SelectChoice("uk", "Ukrainisch")],
    )
    channel = RadioField(
        "Bevorzugter Weg",
        [InputRequired("Bitte wählen Sie einen Weg.")],
        choices=[SelectChoice("mail", "E-Mail"), SelectChoice("letter", "Brief"), SelectChoice("phone", "Telefon")],
        description="Darüber erreichen wir Sie zuerst.",
    )
    needs = SelectMultipleField(
        "Unterstützungsbedarf",
        choices=[
            SelectChoice("child", "Kinderbetreuung"),
            SelectChoice("sign", "Gebärdensprache"),
            SelectChoice("wheel", "Rollstuhlgerechter Zugang"),
        ],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    public = BooleanField(
        "Die Seite ist öffentlich",
        [InputRequired("Das muss bestätigt werden.")],
        description="Änderbar bis zur Ziehung.",
    )
    file = FileField("Anmeldungen als Datei", description="CSV oder XLSX, höchstens 32 MB.")
    password = PasswordField("Passwort", render_kw={"autocomplete": "new-password"})
    address = FormField(AddressForm, "Anschrift")
    dates = FieldList(DateField("Termin"), "Termine", min_entries=2)
    submit = SubmitField("Speichern")


def ages() -> BarChart:
    """Return a picture with everything that one can have."""
    counts = {"16–29": (60, 40), "30–59": (90, 50), "60+": (60, 0)}
    return BarChart(
        key="ages",
        title=pair("Pool by age", "Lostopf nach Alter"),
        description=pair("Most people are between 30 and 59.", "Die meisten Personen sind zwischen 30 und 59."),
        bars=[
            Bar(label, parts, f"{sum(parts)}", [sum(parts)], band=(50, 120), mark=95) for label, parts in counts.items()
        ],
        columns=[pair("Age", "Alter"), {"label": pair("People", "Personen"), "numeric": True}],
        parts=[pair("Confirmed", "Bestätigt"), pair("Still asked", "Noch gefragt")],
        band=pair("Quota", "Quote"),
        mark=pair("Population", "Bevölkerung"),
    )


def steps() -> list[dict[str, object]]:
    """Return the organiser's ten steps, the fourth being current."""
    labels = [
        pair("Assembly", "Bürgerrat"),
        pair("Invitation record", "Einladungsprotokoll"),
        pair("Features and targets", "Merkmale und Zielwerte"),
        pair("Registrations", "Anmeldungen"),
        pair("Pool", "Lostopf"),
        pair("Check", "Machbarkeitsprüfung"),
        pair("Lottery", "Auslosung"),
        pair("Commit and draw", "Festlegung und Ziehung"),
        pair("Panel", "Zusammensetzung"),
        pair("Exports", "Exporte"),
    ]
    states = ["done"] * 3 + ["current"] + ["next"] * 6
    return [
        {"label": label, "state": state, "href": f"/?step={index}" if state != "next" else None}
        for index, (label, state) in enumerate(zip(labels, states, strict=True))
    ]


def create_sample() -> Flask:
    """Return the application."""
    app = Flask(__name__, static_folder=str(ROOT / "assembly" / "static"), static_url_path="/static")
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(ROOT / "templates"), FileSystemLoader(Path(__file__).parent / "templates")]
    )
    app.config.update(
        SECRET_KEY=secrets.token_hex(),
        TESTING=True,
    )
    Languages(app, locale_selector=lambda: session.get("language") or request.accept_languages.best_match(["de", "en"]))
    CSRFProtect(app)
    app.jinja_env.globals.update(get_locale=get_locale, pair=pair)
    app.context_processor(frame)
    tables.init_app(app)
    add_views(app)
    return app


def frame() -> dict[str, Any]:
    """Return what the frame of the page shows."""
    return {
        "site_name": pair("Citizens’ assemblies in Sample City", "Bürgerräte in Musterstadt"),
        "navigation": [
            {"label": pair("Assemblies", "Bürgerräte"), "href": "/", "current": request.path == "/"},
            {"label": pair("Recommendations", "Empfehlungen"), "href": "/recommendations", "current": False},
            {"label": pair("Verify a draw", "Ziehung prüfen"), "href": "/verify", "current": False},
        ],
        "user_menu": {
            "name": "organisation@musterstadt.example",
            "links": [{"label": pair("My account", "Mein Konto"), "href": "/account"}],
            "sign_out_url": "/sign-out",
        },
        "footer_links": [
            {"label": pair("Imprint", "Impressum"), "href": "/imprint"},
            {"label": pair("Privacy", "Datenschutz"), "href": "/privacy"},
            {"label": pair("Accessibility", "Barrierefreiheit"), "href": "/accessibility"},
        ],
    }


def add_views(app: Flask) -> None:
    """Add the pages."""

    @app.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.route("/", methods=["GET", "POST"])
    def sample() -> ResponseReturnValue:
        form = SampleForm()
        if request.args.get("flash"):
            flash(pair("The panel was drawn.", "Der Bürgerrat wurde gezogen."), "success")
            flash(pair("Two letters came back.", "Zwei Briefe kamen zurück."), "warning")
        if form.is_submitted() and not form.validate():
            form.form_errors = [pair("The dates overlap.", "Die Termine überschneiden sich.")]
            return render_template("sample.html", form=form, steps=steps(), ages=ages()), 422
        return render_template("sample.html", form=form, steps=steps(), ages=ages())

    @app.get("/progress")
    def progress() -> ResponseReturnValue:
        return render_template("sample_progress.html")

    @app.get("/broken")
    def broken() -> ResponseReturnValue:
        text = pair("This page does not exist, or not for your account.", "Diese Seite gibt es nicht.")
        return render_template("error.html", status=404, text=text), 404

    @app.get("/forbidden-script")
    def forbidden_script() -> ResponseReturnValue:
        return "<!doctype html><title>x</title><link rel=icon href=data:,><script>document.title = 'ran'</script>"

    @app.post("/language/<language>", endpoint="language.choose")
    def choose_language(language: str) -> ResponseReturnValue:
        session["language"] = language
        return redirect(request.form["next"])

    @app.post("/deed")
    def deed() -> ResponseReturnValue:
        flash(pair("Version %s confirmed.", "Fassung %s bestätigt.") % request.form["version"], "success")
        return redirect("/")
