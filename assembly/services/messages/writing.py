"""Writing one message to many: rendered once for each language and way, then filled in for each person."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from markupsafe import escape
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import Assembly, Channel, Event, Mail, MailState, MemberMessage, MessageKind, Mode
from assembly.services import mail
from assembly.services.messages.people import Reader
from assembly.services.messages.truth import SMS

NAME, WARD = "\ue000", "\ue001"
"""Stand in rendered texts for whom they are to: characters that nobody types."""
Rendered = tuple[str, str, str]
ContextFor = Callable[[str], Mapping[str, Any]]
"""Given a language, what stands in a template."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Addressed:
    """A message to one reader: by which deed it is never written twice, what it is about, and when it is due."""

    reader: Reader
    kind: MessageKind
    deed: str
    due_at: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class About:
    """What a message is about, as it is kept beside the mail."""

    event: Event | None = None
    change_id: int | None = None
    announcement_id: int | None = None


class Texts:
    """The texts of one message, each rendered when it is first needed."""

    def __init__(self, template: str, context_for: ContextFor) -> None:
        """Say which message it is."""
        self._template, self._context_for = template, context_for
        self._rendered: dict[tuple[bool, str, bool], Rendered] = {}

    def template_for(self, reader: Reader) -> str:
        """Return the template that is rendered for a reader."""
        return SMS[self._template] if reader.way is Channel.SMS else self._template

    def text_for(self, reader: Reader) -> Rendered:
        """Return subject, text and HTML for a reader."""
        is_sms = reader.way is Channel.SMS
        key = (is_sms, reader.language, reader.is_copy)
        if key not in self._rendered:
            context = {**self._context_for(reader.language), "name": NAME, "ward": WARD if reader.is_copy else None}
            template = self.template_for(reader)
            self._rendered[key] = (
                ("", mail.render_text(template, reader.language, context), "")
                if is_sms
                else mail.render(template, reader.language, context)
            )
        subject, text, html = self._rendered[key]
        return (
            subject,
            _filled(text, reader.name, reader.ward),
            _filled(html, *map(_escaped, (reader.name, reader.ward))),
        )


def alike(context: Mapping[str, Any]) -> ContextFor:
    """Return that in every language the same stands in a template."""
    return lambda _language: context


def _filled(text: str, name: str | None, ward: str | None) -> str:
    return text.replace(NAME, name or "").replace(WARD, ward or "")


def _escaped(name: str | None) -> str | None:
    return str(escape(name)) if name is not None else None


def deed_of(kind: MessageKind, event: Event, reader: Reader) -> str:
    """Return by which deed a reminder is written once for each time at which its event was to begin."""
    copy = ":copy" if reader.is_copy else ""
    return f"{kind.value}:{event.id}:{reader.respondent_id}:{int(event.starts_at.timestamp())}{copy}"


def known_deeds(session: Session, event: Event) -> set[str | None]:
    """Return the deeds of all that was written about an event."""
    about = sa.select(Mail.deed).join(MemberMessage, MemberMessage.mail_id == Mail.id)
    return set(session.scalars(about.where(MemberMessage.event_id == event.id)))


def write(session: Session, assembly: Assembly, texts: Texts, to: Iterable[Addressed], about: About) -> int:
    """Write messages whose deeds have none yet; return how many. Whoever calls holds the lock of the pool."""
    addressed = list(to)
    ids = mail.add_rows(session, [_row(assembly, texts, one) for one in addressed])
    event = about.event
    messages = [
        {
            "mail_id": ids[one.deed],
            "kind": one.kind,
            "event_id": event.id if event else None,
            "starts_at": event.starts_at if event else None,
            "sequence": event.sequence if event else None,
            "change_id": about.change_id,
            "announcement_id": about.announcement_id,
            "is_copy": one.reader.is_copy,
        }
        for one in addressed
    ]
    if messages:
        session.execute(sa.insert(MemberMessage).execution_options(render_nulls=True), messages)
    return len(messages)


def _row(assembly: Assembly, texts: Texts, one: Addressed) -> dict[str, Any]:
    reader = one.reader
    subject, text, html = texts.text_for(reader)
    return {
        "template": texts.template_for(reader),
        "language": reader.language,
        "recipient": reader.to,
        "address": list(reader.address),
        "subject": subject,
        "text": text,
        "html": html,
        "assembly_id": assembly.id,
        "respondent_id": reader.respondent_id,
        "deed": one.deed,
        "created_at": now(),
        "due_at": one.due_at,
        "state": MailState.TO_PRINT if reader.to is None else MailState.QUEUED,
    }


def facts_of(event: Event, assembly: Assembly, *, page: str) -> dict[str, Any]:
    """Return what templates say of an event: when, where, what to bring, and where the member's page is."""
    place = event.room.place if event.room else None
    town = f"{place.postcode} {place.city}".strip() if place else ""
    lines = [f"{place.name}, {event.room.name}", place.street, town] if place and event.room else []
    way = [place.transit_stop, *place.directions.splitlines()] if place else []
    return {
        "assembly": assembly.title,
        "contact": assembly.contact,
        "page": page,
        "event": event.title,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "place": [line for line in lines if line],
        "way": [line.strip() for line in way if line.strip()],
        "is_online": event.mode is not Mode.ON_SITE,
        "to_bring": event.to_bring,
    }
