"""Whether a text names a member: result sheets name nobody, and people look before one is published."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Contact, Member, Respondent
from assembly.services.contacts import search_form

SHORTEST = 3
"""Letters of a name that is looked for: shorter ones are nearly always another word."""
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")


def names_in(session: Session, assembly: Assembly, texts: Iterable[str]) -> Sequence[str]:
    """Return the words of some texts that are a member's first name or surname, as they are written there.

    Only words with a capital letter count. A name can be an ordinary word too, so this warns and never decides. Its
    result is for the page of whoever wrote the text, never for a log.
    """
    words = {word for text in texts for word in _WORD.findall(text) if word[0].isupper()}
    if not words:
        return []
    known = _names_of_members(session, assembly)
    return sorted(word for word in words if known & {search_form(word), *_parts(word)})


def _names_of_members(session: Session, assembly: Assembly) -> set[str]:
    rows = session.execute(
        sa.select(Contact.first_name, Contact.last_name)
        .join(Respondent, Respondent.id == Contact.respondent_id)
        .join(Member, Member.respondent_id == Respondent.id)
        .where(Member.assembly_id == assembly.id)
    )
    return {part for row in rows for name in row for part in _parts(name or "")}


def _parts(name: str) -> set[str]:
    """Return the parts of a name: of Meyer-Schulz both, and the genitive of Meyer."""
    parts = {search_form(part) for part in re.split(r"[\s\-’']+", name)}
    return {form for part in parts for form in (part, part.removesuffix("s")) if len(form) >= SHORTEST}
