"""What people read in German: numbers, days, what a form refuses, and the log."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, format_date, format_datetime
from sqlalchemy.orm import Session

from assembly.models import Assembly, Role, User
from assembly.services import accounts, assemblies, features, logbook
from assembly.services.errors import RuleError
from assembly.views import log_table
from assembly.views.errors import message_of
from assembly.views.messages import sentence, where
from sortition.files import Problem
from sortition.message import Message
from tests.assembly.conftest import sign_in
from tests.assembly.sample import add_feature
from tests.assembly.web import post

MOMENT = dt.datetime(2026, 11, 25, 13, 30, 59, tzinfo=dt.UTC)


@pytest.fixture
def german(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        yield


def texts_of(page: str) -> list[str]:
    """Return the texts between the tags."""
    return [html.unescape(text).strip() for text in re.findall(r">([^<]+)<", page)]


@pytest.mark.usefixtures("german")
def test_days_and_moments_have_the_whole_year_and_no_seconds() -> None:
    written = [
        format_date(MOMENT),
        format_date(MOMENT, "short"),
        format_datetime(MOMENT),
        format_datetime(MOMENT, "short"),
    ]
    assert written == ["25. November 2026", "25.11.2026", "25. November 2026, 14:30 Uhr", "25.11.2026, 14:30"]
    with force_locale("en"):
        written = [format_date(MOMENT), format_datetime(MOMENT, "short")]
    assert written == ["25 November 2026", "25 Nov 2026, 14:30"]


@pytest.mark.usefixtures("german")
def test_numbers_and_days_in_refusals_are_written_in_german() -> None:
    shares = RuleError("The shares of “%(feature)s” add up to %(sum)s %%, not to 100 %%.", feature="Alter", sum=98.25)
    assert message_of(shares) == "Die Anteile von „Alter“ ergeben zusammen 98,25 %, nicht 100 %."
    sent = "The letters have gone out on %(date)s; what they said can no longer be changed."
    expected = "Die Briefe wurden am 25. November 2026 verschickt; was darin stand, lässt sich nicht mehr ändern."
    assert message_of(RuleError(sent, date=MOMENT.date())) == expected


@pytest.mark.usefixtures("german")
def test_the_engines_sentences_are_german_throughout() -> None:
    label = Message("{feature} “{value}”", {"feature": "Haltung", "value": "not_stated"})
    need = Message(
        "{label} needs at least {members}", {"label": label, "members": Message("{count} members", {"count": 1500})}
    )
    whole = Message("{need}, but only {registered}.", {"need": need, "registered": Message("1 person is registered")})
    assert (
        sentence(whole)
        == "Haltung „keine Angabe“ braucht mindestens 1.500 Mitglieder, aber nur 1 Person ist angemeldet."
    )
    assert sentence(Message("Row {row} already has this id.", {"row": 1234})) == "Zeile 1234 hat diese Kennung schon."


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("rows", "expected"),
    [((3,), "Zeile 3"), ((3, 4), "Zeilen 3, 4"), (tuple(range(1, 10)), "Zeilen 1, 2, 3, 4, 5, 6, 7, 8 und 1 weitere")],
)
def test_where_a_problem_is(rows: tuple[int, ...], expected: str) -> None:
    assert where(Problem(Message("x"), Message("y"), rows=rows)) == expected


def test_what_a_form_refuses_is_said_in_german_also_in_a_row(
    client: FlaskClient, assembly: Assembly, organiser: User
) -> None:
    sign_in(client, organiser)
    fields = {"name": "", "values-0-name": "jung", "values-0-lower": "viele", "values-0-upper": "2000"}
    answer = post(client, f"/assemblies/{assembly.id}/features/new", **fields)
    assert answer.status_code == 422
    said = texts_of(answer.text)
    assert "Bitte füllen Sie dieses Feld aus." in said
    assert "Bitte geben Sie eine ganze Zahl ein." in said
    assert "Die Zahl muss zwischen 0 und 1000 liegen." in said


def test_the_log_is_readable(client: FlaskClient, session: Session, assembly: Assembly, organiser: User) -> None:
    feature = add_feature(session, assembly, "Alter", ["jung", "alt"])
    features.set_quota(
        session, assembly, feature.values[0], lower=1, upper=2, reason="Zu wenige Anmeldungen", by=organiser
    )
    values = {"decider": "Rat der Stadt", "result_date": dt.date(2026, 11, 25)}
    assemblies.set_timeline(session, assembly, values, by=organiser)
    session.commit()
    sign_in(client, organiser)
    said = texts_of(client.get(f"/assemblies/{assembly.id}/log", headers={"Accept-Language": "de"}).text)
    assert "Wer entscheidet: – → Rat der Stadt; Der Bürgerrat übergibt sein Ergebnis am: – → 25. November 2026" in said
    changed = "Mindestens 0, Höchstens 1.000 → Mindestens 1, Höchstens 2"
    assert f"{changed}; Merkmal: Alter; Ausprägung: jung; Grund: Zu wenige Anmeldungen" in said


def test_the_log_names_accounts_that_there_still_are(
    client: FlaskClient, session: Session, assembly: Assembly, organiser: User
) -> None:
    """The log itself holds numbers alone."""
    witness = accounts.create_account(session, email="zeug@example.org", name="Zita Zeugin")
    accounts.grant(session, witness, Role.WITNESS, assembly=assembly, by=organiser)
    session.commit()
    assert "Zita" not in str([(one.details, one.subject) for one in logbook.entries_of(session, assembly)])
    sign_in(client, organiser)
    said = texts_of(client.get(f"/assemblies/{assembly.id}/log", headers={"Accept-Language": "de"}).text)
    assert f"Olga Organ (Nr. {organiser.id})" in said
    assert f"Konto: Zita Zeugin (Nr. {witness.id})" in " ".join(said)
    (granted,) = [one for one in logbook.entries_of(session, assembly) if one.actor_id and "account" in one.details][
        -1:
    ]
    assert log_table.accounts_in([granted]) == {organiser.id, witness.id}
    with client.application.test_request_context():
        row = log_table.log_rows([granted], {})[0]
    assert (row[2], f"{witness.id}" in row[5], "Zita" in row[5]) == (str(organiser.id), True, False)
