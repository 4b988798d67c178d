"""Subscriptions by mail to the public follow-up: asked for, confirmed by a link, and ended by one.

The links hold a sealed number and nothing about anybody. Whoever never confirms is forgotten after a week; whoever
ends a subscription is forgotten at once.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.config import Config
from assembly.models import Assembly, Mail, MailState, Recommendation, Subscription
from assembly.services import freezing, mail, sealing
from assembly.services.daily import SUBSCRIPTIONS, today
from assembly.services.errors import NotFoundError, RuleError, marked
from assembly.services.follow_up import news
from assembly.services.follow_up.register import Filter
from assembly.services.handlers import Run, handler
from assembly.services.privacy.deadlines import PERIODS
from assembly.services.privacy.declaring import Deadline
from assembly.services.recommendations.reading import PUBLIC
from assembly.services.sealing import Purpose

CONFIRM, NEWS = "subscription_confirm", "subscription_news"
"""Templates."""
UNCONFIRMED = PERIODS[Deadline.SUBSCRIPTIONS]
"""How long a subscription waits for its confirmation."""
ASK_AGAIN = dt.timedelta(days=1)
"""How soon the same address is asked again about the same; nobody's inbox is filled by a stranger."""
MOST_ASKED = 3
"""Questions to one address in a day, as long as it confirms none of them."""
PAGE = "/follow-up/subscription"
"""Where the links lead; a test holds it against the address that the page has."""
BATCH = 200


def ask(
    session: Session,
    assembly: Assembly | None,
    email: str,
    *,
    recommendation: int | None,
    theme: str,
    is_overdue: bool,
    language: str,
    config: Config,
) -> None:
    """Ask an address whether it wants to subscribe, once for two clicks; nothing tells whether it does already.

    Raises RuleError for an address that cannot be one, or a recommendation that is not public.
    """
    address = email.strip().lower()
    if "@" not in address or len(address) > 255:
        raise RuleError(marked("Enter an e-mail address."), field="email")
    if recommendation is not None and not _is_public(session, assembly, recommendation):
        raise RuleError(marked("There is no such recommendation."), field="recommendation")
    about = {
        "assembly_id": assembly.id if assembly else None,
        "recommendation": recommendation,
        "theme": theme,
        "is_overdue": is_overdue,
        "email": address,
    }
    _lock(session, assembly)
    known = session.scalar(sa.select(Subscription).filter_by(**about).order_by(Subscription.id).limit(1))
    if _asked_lately(session, address) >= MOST_ASKED or (known and known.confirmed_at):
        return
    if known is None:
        known = Subscription(**about, key=secrets.token_hex(8), language=language, asked_at=now(), told_at=now())
        session.add(known)
        session.flush()
    elif known.told_at > now() - ASK_AGAIN:
        return
    known.told_at, known.language = now(), language
    context = _about(known) | {"link": _link(session, known, config), "days": UNCONFIRMED.days}
    mail.queue_mail(
        session, CONFIRM, to=address, language=language, context=context, deed=f"{_deeds(known)}ask:{_seconds()}"
    )


def get_by_token(session: Session, token: str, *, to_change: bool = False) -> Subscription:
    """Return the subscription that a link is about. Raises NotFoundError if it is ended, or the link is not ours."""
    try:
        number, _, key = sealing.open_token(session, token, Purpose.SUBSCRIPTION).partition(":")
    except InvalidToken:
        raise NotFoundError from None
    found = session.get(Subscription, int(number), with_for_update=to_change, populate_existing=to_change)
    if found is None or found.key != key:
        raise NotFoundError
    return found


def confirm(session: Session, subscription: Subscription) -> None:
    """Begin to write about what happens from now on."""
    if subscription.confirmed_at is None:
        subscription.confirmed_at = subscription.told_at = now()
        session.flush()


def end(session: Session, subscription: Subscription) -> None:
    """Forget a subscription and its address, in its mails too; one that is on its way goes with the old mails."""
    deeds = Mail.deed.startswith(_deeds(subscription), autoescape=True)
    mail.erase(session, sa.and_(deeds, Mail.state != MailState.SENDING))
    session.delete(subscription)
    session.flush()


@handler(SUBSCRIPTIONS, repeatable=True)
def write_to_subscribers(run: Run) -> None:
    """Write to everybody who subscribes, once a day if anything happened; forget who never confirmed."""
    with run.sessions.begin() as session:
        forget_unconfirmed(session)
    run.each(_confirmed(run), lambda session, number: _tell(session, number, config=run.config))
    with run.sessions.begin() as session:
        run.finish(session)


def _confirmed(run: Run) -> Iterator[int]:
    """Yield the numbers of all subscriptions that are confirmed, some at a time."""
    last = 0
    while ids := _next(run, last):
        yield from ids
        last = ids[-1]


def _tell(session: Session, number: int, *, config: Config) -> None:
    subscription = session.get(Subscription, number, with_for_update=True)
    if subscription is not None:
        tell(session, subscription, config=config)


def tell(session: Session, subscription: Subscription, *, config: Config) -> int:
    """Write about what happened since the last time; return how much that was. What is written of is never again."""
    assembly = subscription.assembly
    if assembly is not None and not assembly.is_public:
        return 0
    asked = Filter(
        recommendation=subscription.recommendation, theme=subscription.theme, is_overdue=subscription.is_overdue
    )
    _lock(session, assembly)  # whatever is recorded before `at` is there to be read
    at = now()
    found = news.news_of(session, assembly, asked, since=subscription.told_at)
    subscription.told_at = at
    if found:
        slugs, link = _slugs(session, found), _link(session, subscription, config)
        entries = [_entry(one, config, slugs) for one in found]
        mail.queue_mail(
            session,
            NEWS,
            to=subscription.email,
            language=subscription.language,
            context=_about(subscription) | {"news": entries, "end": link},
            deed=f"{_deeds(subscription)}{today().isoformat()}:{_seconds()}",
            unsubscribe=link,
        )
    session.flush()
    return len(found)


def forget_unconfirmed(session: Session) -> int:
    """Forget whoever was asked and never confirmed; return how many."""
    old = session.scalars(
        sa.select(Subscription)
        .where(Subscription.confirmed_at.is_(None), Subscription.asked_at < now() - UNCONFIRMED)
        .with_for_update()
    ).all()
    for subscription in old:
        end(session, subscription)
    return len(old)


def _lock(session: Session, assembly: Assembly | None) -> None:
    """Let steps in what is subscribed to, and others who subscribe to it, wait.

    Several assemblies are locked one after another in the order of their numbers.
    """
    every = sa.select(Assembly.id).where(Assembly.is_public).order_by(Assembly.id)
    for number in [assembly.id] if assembly else session.scalars(every).all():
        freezing.lock_pool(session, number)


def _next(run: Run, after: int) -> Sequence[int]:
    """Return the numbers of the next subscriptions that are confirmed."""
    with run.sessions() as session:
        found = sa.select(Subscription.id).where(Subscription.confirmed_at.is_not(None), Subscription.id > after)
        return session.scalars(found.order_by(Subscription.id).limit(BATCH)).all()


def _is_public(session: Session, assembly: Assembly | None, number: int) -> bool:
    if assembly is None:
        return False
    found = sa.exists().where(
        Recommendation.assembly_id == assembly.id, Recommendation.number == number, Recommendation.state.in_(PUBLIC)
    )
    return bool(session.scalar(sa.select(found)))


def _asked_lately(session: Session, address: str) -> int:
    """Return how often an address was asked in the last day about what it did not confirm."""
    asked = (Subscription.confirmed_at.is_(None), Subscription.told_at > now() - dt.timedelta(days=1))
    return session.scalar(sa.select(sa.func.count()).where(Subscription.email == address, *asked)) or 0


def _about(subscription: Subscription) -> dict[str, Any]:
    return {
        "assembly": subscription.assembly.title if subscription.assembly else None,
        "recommendation": subscription.recommendation,
        "theme": subscription.theme,
        "is_overdue": subscription.is_overdue,
    }


def _entry(one: news.News, config: Config, slugs: dict[int, str]) -> dict[str, Any]:
    said = one.case.recommendation
    return {
        "number": said.number,
        "title": said.title,
        "addressee": None if one.redaction else one.case.addressee.name,
        "move": one.step.step.move.value if one.step else None,
        "overdue_since": one.overdue.due if one.overdue else None,
        "agenda_item": one.agenda is not None,
        "redacted_on": one.redaction.ordered_on if one.redaction else None,
        "redaction_ground": one.redaction.ground.value if one.redaction else None,
        "link": f"{config.public_url}/a/{slugs[one.case.assembly_id]}/recommendations/{said.number}",
    }


def _slugs(session: Session, found: Sequence[news.News]) -> dict[int, str]:
    ids = {one.case.assembly_id for one in found}
    rows = session.execute(sa.select(Assembly.id, Assembly.slug).where(Assembly.id.in_(ids)))
    return {number: slug for number, slug in rows}  # noqa: C416  # rows are no pairs for the type checker


def _link(session: Session, subscription: Subscription, config: Config) -> str:
    token = sealing.token_of(session, f"{subscription.id}:{subscription.key}", Purpose.SUBSCRIPTION)
    return f"{config.public_url}{PAGE}/{token}"


def _deeds(subscription: Subscription) -> str:
    return f"subscription:{subscription.id}:{subscription.key}:"


def _seconds() -> int:
    return int(now().timestamp())
