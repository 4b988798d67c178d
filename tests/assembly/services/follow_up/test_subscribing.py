"""Subscriptions: nothing before they are confirmed, everything once, nothing after they are ended, no address left."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.config import Config
from assembly.models import (
    Assembly,
    Case,
    Mail,
    MailState,
    Move,
    Recommendation,
    RedactionGround,
    Subscription,
    User,
)
from assembly.services import accounts, assemblies
from assembly.services.daily import today
from assembly.services.errors import NotFoundError, RuleError
from assembly.services.follow_up import cases, news, subscribing
from assembly.services.follow_up.transitions import Actor
from assembly.services.recommendations import redacting
from assembly.services.smtp import message_of
from tests.assembly.conftest import WORDS
from tests.assembly.services.follow_up.recommended import hand_over

START = dt.datetime(2035, 3, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
EMAIL = "Eva@example.org"


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=True) as made:
        yield made


@pytest.fixture
def session(sessions: sessionmaker[Session], traveller: time_machine.Traveller) -> Iterator[Session]:
    """An assembly that has handed over two recommendations."""
    with sessions() as made:
        organiser = accounts.create_account(made, email="orga@example.org", name="Olga Organ")
        assembly = assemblies.create_assembly(made, WORDS | {"is_public": True}, by=organiser)
        hand_over(made, assembly, by=organiser, on=today(), count=2)
        made.commit()
        yield made


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config.from_environment({"ASSEMBLY_DATA": str(tmp_path / "instance")})


def ask(session: Session, config: Config, **about: Any) -> Subscription:
    assembly = session.scalars(sa.select(Assembly)).one()
    wanted: dict[str, Any] = {"recommendation": None, "theme": "", "is_overdue": False, "language": "en"}
    of_city = about.pop("of_city", False)
    subscribing.ask(session, None if of_city else assembly, EMAIL, **(wanted | about), config=config)
    return session.scalars(sa.select(Subscription).order_by(Subscription.id.desc())).first()  # type: ignore[return-value]  # there is one


def assign(session: Session, number: int) -> None:
    found = session.scalars(sa.select(Case).order_by(Case.id)).all()[number - 1]
    organiser = session.scalars(sa.select(User)).one()
    cases.move(session, found, Move.ASSIGN, {"unit": "Tiefbauamt"}, actor=Actor.OFFICE, by=organiser)


def mails(session: Session, template: str = subscribing.NEWS) -> list[Mail]:
    return list(session.scalars(sa.select(Mail).where(Mail.template == template).order_by(Mail.id)))


def token_in(text: str) -> str:
    found = re.search(rf"{subscribing.PAGE}/(\S+)", text)
    assert found
    return found[1]


@pytest.mark.parametrize("of_city", [True, False])
def test_two_clicks_at_once_make_one_subscription(
    session: Session, sessions: sessionmaker[Session], config: Config, *, of_city: bool
) -> None:
    both = threading.Barrier(2)

    def click() -> None:
        with sessions.begin() as own:
            both.wait()
            ask(own, config, of_city=of_city)

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(session.scalars(sa.select(Subscription)).all()) == 1
    assert len(mails(session, subscribing.CONFIRM)) == 1


def test_only_whoever_confirms_is_written_to_and_each_news_once(
    session: Session, config: Config, traveller: time_machine.Traveller
) -> None:
    subscription = ask(session, config)
    asked = mails(session, subscribing.CONFIRM)
    assert [one.recipient for one in asked] == ["eva@example.org"]
    traveller.shift(DAY)
    assign(session, 1)
    subscribing.confirm(session, subscribing.get_by_token(session, token_in(asked[0].text)))
    traveller.shift(DAY)
    assert subscribing.tell(session, subscription, config=config) == 0
    assign(session, 2)
    assert subscribing.tell(session, subscription, config=config) == 1
    for _again in range(2):
        assert subscribing.tell(session, subscription, config=config) == 0
    [written] = mails(session)
    assert "Recommendation 2: Radweg 2" in written.text
    assert "Assigned to a department" in written.text
    assert "Recommendation 1" not in written.text
    message = message_of(written, sender="buergerrat@example.org", to=written.recipient)
    lines = message.as_bytes().splitlines()
    link = f"{config.public_url}{subscribing.PAGE}/{token_in(written.text)}"
    assert f"List-Unsubscribe: <{link}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


@pytest.mark.parametrize(
    ("about", "counts"),
    [
        ({"recommendation": 1}, (1, 1)),
        ({"theme": "Bus"}, (0, 0)),
        ({"is_overdue": True}, (0, 3)),
        ({}, (1, 3)),
        ({"of_city": True}, (1, 3)),
    ],
)
def test_a_subscription_is_to_what_was_asked_for(
    session: Session, config: Config, traveller: time_machine.Traveller, about: dict[str, Any], counts: tuple[int, int]
) -> None:
    """A step in the first case; then its answer is overdue, and in the second one the assignment, too."""
    subscription = ask(session, config, **about)
    subscribing.confirm(session, subscription)
    traveller.shift(DAY)
    assign(session, 1)
    told = subscribing.tell(session, subscription, config=config)
    traveller.shift(100 * DAY)
    late = subscribing.tell(session, subscription, config=config)
    assert (told, late) == counts


def test_subscribers_read_when_and_why_words_were_redacted_and_never_which(
    session: Session, config: Config, traveller: time_machine.Traveller
) -> None:
    """Once, whoever subscribed to all or to this recommendation; not who subscribed to another, or what is overdue."""
    one = session.scalars(sa.select(Recommendation).where(Recommendation.number == 1)).one()
    one.text = "Das will Erika Beispiel."
    abouts: tuple[dict[str, Any], ...] = ({}, {"recommendation": 1}, {"recommendation": 2}, {"is_overdue": True})
    subscriptions = []
    for about in abouts:
        subscriptions.append(ask(session, config, **about))
        subscribing.confirm(session, subscriptions[-1])
    traveller.shift(DAY)
    order = {"ground": RedactionGround.PERSONAL_DATA, "reference": "Az. 12/2035", "ordered_on": today()}
    redacting.redact(session, one, "Erika Beispiel", **order, by=session.scalars(sa.select(User)).one())
    for expected in ([1, 1, 0, 0], [0, 0, 0, 0]):
        assert [subscribing.tell(session, each, config=config) for each in subscriptions] == expected
    written = mails(session)
    assert len(written) == 2
    for mail in written:
        said = "Words redacted by order of 2 March 2035. Ground: Names or other personal data"
        assert (said in mail.text, "Stadtrat" in mail.text, "Beispiel" in mail.text) == (True, False, False)


def test_whoever_ends_it_leaves_no_address(
    sessions: sessionmaker[Session], session: Session, config: Config, traveller: time_machine.Traveller
) -> None:
    subscription = ask(session, config)
    token = token_in(mails(session, subscribing.CONFIRM)[0].text)
    subscribing.confirm(session, subscription)
    traveller.shift(DAY)
    assign(session, 1)
    subscribing.tell(session, subscription, config=config)
    subscribing.end(session, subscribing.get_by_token(session, token))
    session.commit()
    with sessions() as fresh:
        assert fresh.scalars(sa.select(Subscription)).all() == []
        assert {(one.recipient, one.text, one.unsubscribe, one.state) for one in fresh.scalars(sa.select(Mail))} == {
            (None, "", None, MailState.ERASED)
        }
    ask(session, config)
    with pytest.raises(NotFoundError):
        subscribing.get_by_token(session, token)


def test_strangers_fill_no_inbox_and_learn_nothing(
    session: Session, config: Config, traveller: time_machine.Traveller
) -> None:
    for _again in range(3):
        ask(session, config)
    assert len(mails(session, subscribing.CONFIRM)) == 1
    for number in range(30):
        ask(session, config, theme=f"Thema {number}")
    assert len(mails(session, subscribing.CONFIRM)) == subscribing.MOST_ASKED
    traveller.shift(subscribing.ASK_AGAIN + DAY)
    ask(session, config)
    assert len(mails(session, subscribing.CONFIRM)) == subscribing.MOST_ASKED + 1
    first = session.scalars(sa.select(Subscription).order_by(Subscription.id)).first()
    assert first is not None
    assert first.asked_at < first.told_at  # asking again does not put off that it is forgotten
    for wrong in ("gAAAA", "x" * 300, "ä"):
        with pytest.raises(NotFoundError):
            subscribing.get_by_token(session, wrong)
    traveller.shift(2 * DAY)
    for values in ({"recommendation": 7}, {"recommendation": 1, "of_city": True}):
        with pytest.raises(RuleError):
            ask(session, config, **values)


def test_nothing_is_left_out_however_much_happened(
    session: Session, config: Config, traveller: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscription = ask(session, config)
    subscribing.confirm(session, subscription)
    traveller.shift(DAY)
    monkeypatch.setattr(news, "MOST", 1)
    for number in (1, 2):
        assign(session, number)
    assert subscribing.tell(session, subscription, config=config) == 2


def test_whoever_never_confirms_is_forgotten(
    session: Session, config: Config, traveller: time_machine.Traveller
) -> None:
    ask(session, config)
    kept = ask(session, config, theme="Bus")
    subscribing.confirm(session, kept)
    traveller.shift(subscribing.UNCONFIRMED - DAY)
    assert subscribing.forget_unconfirmed(session) == 0
    traveller.shift(2 * DAY)
    assert subscribing.forget_unconfirmed(session) == 1
    assert session.scalars(sa.select(Subscription)).all() == [kept]
    [gone, still] = mails(session, subscribing.CONFIRM)
    assert (gone.recipient, still.recipient) == (None, "eva@example.org")
