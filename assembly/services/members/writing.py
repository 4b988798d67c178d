"""How to write to a member: where they want it, in the language that they chose, plain German among them."""

from __future__ import annotations

import dataclasses

from assembly.models import Channel, Contact, Member
from assembly.services.recipients import LANGUAGES, Recipient, recipient_of
from assembly.services.texts import PLAIN

WRITTEN = (*LANGUAGES, PLAIN)
"""Languages of members' pages, mails and letters."""
_NOBODY = Contact(first_name="", last_name="", email="", street="", house_number="", postcode="", city="", language="")


def recipient_for(member: Member) -> Recipient:
    """Return how to write to a member; without e-mail, also for whoever wants letters, it becomes a letter."""
    recipient = recipient_of(member.respondent.contact or _NOBODY)
    language = member.language if member.language in WRITTEN else recipient.language
    wants_letters = member.channel is Channel.LETTER and bool(recipient.address)
    return dataclasses.replace(recipient, language=language, email=None if wants_letters else recipient.email)
