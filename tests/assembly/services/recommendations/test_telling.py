"""Members are written to when the wording of what they adopted is edited: each by their way, once, with both texts."""

from __future__ import annotations

import sqlalchemy as sa

from assembly.models import Announcement, LogEntry, Mail, Recommendation, Status
from assembly.services.recommendations import editing, telling
from assembly.services.texts import PLAIN
from tests.assembly.services.recommendations.conftest import TEXT, Hall

NEW = "Bis 2031 pflanzt die Stadt 500 Bäume."
TOLD = """\
Der Wortlaut der Empfehlung 1, die der Bürgerrat beschlossen hat, wurde redaktionell bearbeitet. Sie können bis zum \
17. März 2035 widersprechen: auf Ihrer Seite unter „Unsere Empfehlungen“, oder sagen Sie es uns.

Empfehlung, vorher:
Bis 2030 pflanzt die Stadt 500 Bäume.

Empfehlung, jetzt:
Bis 2031 pflanzt die Stadt 500 Bäume."""

IN_PLAIN_WORDS = (
    "Wir haben den Text der Empfehlung 1 geändert. Sind Sie damit nicht einverstanden? Dann sagen Sie es bis zum "
    "17. März 2035. Das geht auf Ihrer Seite bei „Unsere Empfehlungen“. Oder Sie sagen es uns."
)
IN_ENGLISH = (
    "The wording of recommendation 1, which the panel adopted, was edited. You can object until 17 March 2035: on "
    "your page under “Our recommendations”, or tell us."
)


def edited(hall: Hall) -> Recommendation:
    """Return an adopted recommendation whose wording was edited."""
    one = hall.adopted(1)
    editing.change(hall.session, one, TEXT | {"text": NEW}, version=one.version, **hall.by)
    return one


def tell(hall: Hall, one: Recommendation) -> int:
    """Write to the members."""
    return telling.tell_members(hall.session, one, config=hall.panel.config, **hall.by)


def test_everybody_is_written_to_by_their_way_and_in_their_words(hall: Hall) -> None:
    """Who has no address for mail gets a letter, in which both texts stand."""
    members = [one.respondent for one in hall.members]
    for one in members:
        one.status = Status.CONFIRMED
    assert members[0].contact is not None
    members[0].contact.email = ""
    hall.session.flush()
    assert tell(hall, edited(hall)) == 4
    (message,) = hall.session.scalars(sa.select(Announcement)).all()
    assert (message.subject, message.text) == ("Der Wortlaut der Empfehlung 1 wurde bearbeitet", TOLD)
    assert message.plain_text.split("\n")[0] == IN_PLAIN_WORDS
    assert message.english_text.split("\n")[0] == IN_ENGLISH
    written = hall.session.scalars(sa.select(Mail).where(Mail.template == "member_message")).all()
    assert sorted(one.recipient is None for one in written) == [False, False, False, True]
    assert [one.id for one in written if NEW not in one.text] == []
    assert {one.language for one in written} <= {"de", "en", PLAIN}


def test_the_log_has_no_word_of_it(hall: Hall) -> None:
    for one in hall.members:
        one.respondent.status = Status.CONFIRMED
    hall.session.flush()
    tell(hall, edited(hall))
    details = [str(one.details) for one in hall.session.scalars(sa.select(LogEntry))]
    assert [text for text in details if "500" in text] == []


def test_without_anybody_to_write_to_or_an_open_change_nothing_is_written(hall: Hall) -> None:
    assert tell(hall, edited(hall)) == 0
    assert tell(hall, hall.adopted(1, title="Bänke")) == 0
    assert hall.session.scalars(sa.select(Announcement)).all() == []
