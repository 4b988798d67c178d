"""Writing to all members that the wording of an adopted recommendation was edited, and until when they may object.

It goes as any message to them does: by mail, SMS with a link, or letter, in their language. Who can only be called is
the organisers' to call.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from assembly.config import Config
from assembly.models import Announcement, Assembly, Audience, Channel, Recommendation, RecommendationVersion, User
from assembly.services.errors import marked
from assembly.services.messages import announcements, people
from assembly.services.messages.background import page_of
from assembly.services.pdfs import Words
from assembly.services.recommendations import editing
from assembly.services.recommendations.texts import FIELDS
from assembly.services.texts import PLAIN, catalogue

NAMES = {
    "title": marked("Title"),
    "text": marked("Recommendation"),
    "reasons": marked("Reasons"),
    "theme": marked("Theme"),
    "plain": marked("In plain language"),
}


def tell_members(session: Session, recommendation: Recommendation, *, config: Config, by: User) -> int:
    """Write to the members about the open change of a wording; return how many mails, SMS and letters.

    If nobody can be written to, nothing is.
    """
    assembly, changed = session.get_one(Assembly, recommendation.assembly_id), editing.pending(recommendation)
    has_gateway = config.sms_gateway is not None
    readers = people.readers_of(session, assembly, has_gateway=has_gateway)
    if changed is None or all(one.way is Channel.PHONE for one in readers):
        return 0
    announcement = _written(session, assembly, recommendation, changed, by=by)
    return announcements.send(session, announcement, page=page_of(config), has_gateway=has_gateway, by=by)


def _written(
    session: Session, assembly: Assembly, recommendation: Recommendation, changed: RecommendationVersion, *, by: User
) -> Announcement:
    german, plain, english = (Words(language, catalogue(language)) for language in ("de", PLAIN, "en"))
    texts = {words.language: _text(words, recommendation, changed) for words in (german, plain, english)}
    values = {
        "audience": Audience.ALL,
        "event_id": None,
        "table_number": None,
        "subject": _subject(german, recommendation),
        "text": texts["de"],
        "plain_text": texts[PLAIN],
        "english_subject": _subject(english, recommendation),
        "english_text": texts["en"],
    }
    return announcements.draft(session, assembly, values, by=by)


def _subject(words: Words, recommendation: Recommendation) -> str:
    return words.say(marked("The wording of recommendation %(number)s was edited"), number=recommendation.number)


def _text(words: Words, recommendation: Recommendation, changed: RecommendationVersion) -> str:
    """Return what was changed, in full, since a letter has no link; then how to object."""
    said = marked(
        "The wording of recommendation %(number)s, which the panel adopted, was edited. You can object until %(day)s: "
        "on your page under “Our recommendations”, or tell us."
    )
    day = changed.objections_until
    parts = [words.say(said, number=recommendation.number, day=words.date(day) if day else "")]
    earlier = editing.before(recommendation, changed)
    for name in FIELDS:
        old, new = getattr(earlier, name), getattr(changed, name)
        if old != new:
            field = words.say(NAMES[name])
            parts.append(words.say(marked("%(field)s, before:"), field=field) + f"\n{old or '–'}")
            parts.append(words.say(marked("%(field)s, now:"), field=field) + f"\n{new or '–'}")
    return "\n\n".join(parts)
