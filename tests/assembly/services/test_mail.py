"""The outbox: one row per mail, written with the deed; its states; its texts in both languages."""

from __future__ import annotations

import datetime as dt
import itertools
import os
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from jinja2 import UndefinedError
from sqlalchemy.orm import Session, sessionmaker

from assembly.clock import now
from assembly.models import Assembly, Mail, MailState, Role, User
from assembly.queue import MAIL, Queue
from assembly.services import mail as outbox
from assembly.services.errors import ConflictError, NotFoundError
from assembly.services.recipients import LANGUAGES
from assembly.services.texts import PLAIN, catalogue
from tests.assembly.services.test_jobs import at_once
from tests.assembly.test_queue import messages

Sessions = sessionmaker[Session]
SNAPSHOTS = Path(__file__).parent / "snapshots"
INVITATION = {
    "name": "Eva <Muster>",
    "invited_by": "Olga & Co",
    "link": "https://buergerrat.example.org/account/reset/abc?next=/&x=1",
    "days": 3,
}
ROLE = {
    "name": "Eva Muster",
    "role": "witness",
    "assembly": "Bürgerrat „Mobilität“",
    "link": "https://buergerrat.example.org/",
}
PANEL = {
    "name": "Eva <Muster>",
    "assembly": "Bürgerrat „Mobilität“",
    "size": 48,
    "last_day": dt.date(2035, 4, 10),
    "deleted_on": dt.date(2035, 5, 10),
    "contact": "",
}
ACKNOWLEDGEMENT = {
    "name": "Eva <Muster>",
    "assembly": "Bürgerrat „Mobilität“",
    "code": "A0042",
    "too_young": False,
    "minimum_age": 16,
    "contact": "Rathausplatz 1\n12345 Auenfurt\nbuergerrat@auenfurt.example",
}
RECEIPT = {
    "name": "Eva <Muster>",
    "assembly": "Bürgerrat „Mobilität“",
    "moment": dt.datetime(2027, 3, 1, 17, 30, tzinfo=dt.UTC),
    "place": "Rathaus, Großer Saal",
    "page": "https://buergerrat.example.org/a/mobilitaet/receipt",
    "code": "0123-4567-89AB-CDEF",
    "fingerprint": "0123456789abcdef" * 4,
    "replaces": False,
    "of_free_seats": False,
    "contact": "Rathausplatz 1\n12345 Auenfurt",
}
MEMBER = {
    "name": "Eva <Muster>",
    "ward": None,
    "assembly": "Bürgerrat „Mobilität“",
    "link": "https://buergerrat.example.org/m/abcdefghijklmnopqrstuvwxyzabcdef",
    "page": "https://buergerrat.example.org/m/",
    "code": "ABCD-EFGH",
    "contact": "Rathausplatz 1\n12345 Auenfurt",
}
CODE = {
    "name": "Eva <Muster>",
    "assembly": "Bürgerrat „Mobilität“",
    "code": "012345",
    "minutes": 10,
    "contact": "Rathausplatz 1\n12345 Auenfurt",
}
EVENT = {
    "name": "Eva <Muster>",
    "ward": None,
    "assembly": "Bürgerrat „Mobilität“",
    "contact": "Rathausplatz 1\n12345 Auenfurt",
    "page": "https://buergerrat.example.org/m/",
    "event": "Auftakt & Kennenlernen",
    "starts_at": dt.datetime(2028, 2, 29, 17, 30, tzinfo=dt.UTC),
    "ends_at": dt.datetime(2028, 2, 29, 20, tzinfo=dt.UTC),
    "place": ["Rathaus, Großer Saal", "Marktplatz 1", "12345 Auenfurt"],
    "meeting_point": "",
    "way": ["Marktplatz (Linien 3 und 7)", "Über den Platz zum Nordeingang."],
    "is_online": False,
    "to_bring": "Etwas zu schreiben",
}
ONLINE = EVENT | {"place": [], "way": [], "to_bring": "", "is_online": True}
CHANGE = EVENT | {
    "before": dt.datetime(2028, 2, 22, 17, 30, tzinfo=dt.UTC),
    "title_before": None,
    "is_cancelled": False,
    "note": "",
}
MESSAGE = {
    **{name: EVENT[name] for name in ("name", "ward", "assembly", "contact", "page")},
    "subject": "Bitte um Rückmeldung",
    "text": "Bitte sagen Sie uns, ob Sie kommen.",
    "paragraphs": [["Bitte sagen Sie uns, ob Sie kommen."]],
    "is_only_german": False,
    "is_not_plain": False,
}
FOLLOW_UP = {**{name: EVENT[name] for name in ("name", "assembly", "contact", "page")}, "said": 3, "votes": 2}
COUNCIL = {
    "body": "Stadtrat <Auenfurt>",
    "day": dt.datetime(2028, 3, 14, 11, tzinfo=dt.UTC),
    "link": "https://rat.example.org/sitzung?id=7&tab=1",
}
COMMITTEE = {"body": "Bau- & Umweltausschuss", "day": dt.datetime(2028, 3, 21, 11, tzinfo=dt.UTC), "link": ""}
MEETINGS = {
    **{name: EVENT[name] for name in ("name", "ward", "assembly", "contact", "page")},
    "meetings": [COUNCIL, COMMITTEE],
    "cancelled": [],
}
ABOUT = {"assembly": "Bürgerrat „Mobilität“", "recommendation": 3, "theme": "", "is_overdue": False}
ASKED = ABOUT | {"link": "https://buergerrat.example.org/follow-up/subscription/token", "days": 7}
SAID = {
    "number": 3,
    "title": "Radweg <am Ufer>",
    "addressee": "Stadtverwaltung",
    "move": "answer",
    "overdue_since": None,
    "agenda_item": False,
    "redacted_on": None,
    "redaction_ground": None,
    "link": "https://buergerrat.example.org/a/mobilitaet/recommendations/3",
}
OVERDUE, ON_AGENDA = ({"move": None, "overdue_since": dt.date(2028, 2, 29)}, {"move": None, "agenda_item": True})
REDACTED = {"move": None, "addressee": None, "redacted_on": dt.date(2028, 2, 28), "redaction_ground": "court"}
NEWS = ABOUT | {"news": [SAID, SAID | OVERDUE, SAID | ON_AGENDA, SAID | REDACTED], "end": ASKED["link"]}
TASK = {
    "number": 7,
    "title": "Mehr <Bänke>",
    "assembly": "Bürgerrat „Mobilität“",
    "duty": "answer",
    "internal": dt.date(2028, 2, 4),
    "due": dt.date(2028, 2, 18),
    "is_overdue": True,
}
DIGEST = {
    "name": "Eva <Muster>",
    "tasks": [TASK, TASK | {"number": 8, "duty": "report", "is_overdue": False}],
    "waiting": [{"number": 9, "title": "Ein Rufbus"}],
    "link": "https://buergerrat.example.org/desk/",
}
OWED = {
    "number": 7,
    "title": "Radweg am Ufer & über die Brücke",
    "addressee": "Stadtverwaltung Auenfurt",
    "unit": "Tiefbauamt",
    "duty": "answer",
    "due_on": dt.date(2035, 5, 30),
    "page": "https://buergerrat.example.org/a/mobilitaet/recommendations/7",
    "agenda_item": None,
}
OTHERS_OWED = OWED | {"number": 8, "title": "Mehr Bänke", "unit": "", "duty": "decide"}
NOTICES = {
    "assembly": "Bürgerrat „Mobilität“",
    "parts": [{"urgency": "soon", "notices": [OWED, OTHERS_OWED]}],
    "page": "https://buergerrat.example.org/assemblies/1/cases/",
}
FOR_THE_AGENDA = OTHERS_OWED | {"agenda_item": f"{OWED['page']}/agenda-item-5.docx"}
ALL_PARTS = [
    {"urgency": "overdue_30", "notices": [FOR_THE_AGENDA]},
    *({"urgency": urgency, "notices": [OTHERS_OWED]} for urgency in ("overdue_14", "soon")),
]
REPORTED = {"number": 17, "day": dt.date(2035, 4, 2), "due_on": dt.date(2035, 5, 2), "city": "Auenfurt"}
ANSWERED = {
    "number": 17,
    "day": dt.date(2035, 4, 2),
    "text": "Die Tabelle hat jetzt Überschriften & wird vorgelesen.\nDanke!",
    "enforcement": "Ombudsstelle für barrierefreie Informationstechnik\nTelefon 0211 855-0",
    "city": "Auenfurt",
}
REMINDED = {
    "name": "Anke <Admin>",
    "barriers": [
        {"number": 16, "due_on": dt.date(2035, 4, 20), "is_overdue": True},
        {"number": 17, "due_on": dt.date(2035, 5, 2), "is_overdue": False},
    ],
    "page": "https://buergerrat.example.org/administration/barriers/",
}
GUARDIAN = {"name": "P. M.", "ward": "Eva <Muster>"}
CONTEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "account_invitation": ("account_invitation", INVITATION),
    "account_invitation_by_nobody": ("account_invitation", INVITATION | {"invited_by": None, "days": 1}),
    "acknowledgement": ("acknowledgement", ACKNOWLEDGEMENT),
    "acknowledgement_too_young": ("acknowledgement", ACKNOWLEDGEMENT | {"too_young": True, "contact": ""}),
    "receipt": ("receipt", RECEIPT),
    "receipt_of_a_new_lottery": ("receipt", RECEIPT | {"replaces": True, "place": "", "contact": ""}),
    "receipt_of_free_seats": ("receipt", RECEIPT | {"of_free_seats": True}),
    "receipt_of_free_seats_anew": ("receipt", RECEIPT | {"of_free_seats": True, "replaces": True, "place": ""}),
    "role_given": ("role_given", ROLE),
    "role_given_city_wide": ("role_given", ROLE | {"assembly": None, "role": "site_administrator"}),
    "digest": ("digest", DIGEST),
    "digest_of_the_mayors_office": ("digest", DIGEST | {"tasks": []}),
    "panel_drawn": ("panel_drawn", PANEL),
    "panel_not_drawn": ("panel_not_drawn", PANEL),
    "panel_not_drawn_for_good": ("panel_not_drawn", PANEL | {"last_day": None}),
    "member_access": ("member_access", MEMBER),
    "member_access_asked_for": ("member_access", MEMBER | {"code": None}),
    "member_access_by_letter": ("member_access", MEMBER | {"link": None}),
    "member_access_for_a_guardian": ("member_access", MEMBER | {"link": None, "name": "P. M.", "ward": "Eva <Muster>"}),
    "member_code": ("member_code", CODE),
    "member_reminder": ("member_reminder", EVENT),
    "member_reminder_online": ("member_reminder", ONLINE),
    "member_reminder_for_a_guardian": ("member_reminder", EVENT | GUARDIAN),
    "member_change_moved": ("member_change", CHANGE),
    "member_change_renamed": (
        "member_change",
        CHANGE | {"title_before": "Wege & <Ziele>", "note": "Der Saal ist frei."},
    ),
    "member_change_of_place": ("member_change", CHANGE | {"before": None, "note": "Der Saal ist größer."}),
    "member_change_cancelled": ("member_change", CHANGE | {"before": None, "is_cancelled": True, "note": "Sturm."}),
    "member_change_for_a_guardian": ("member_change", CHANGE | GUARDIAN),
    "member_message": ("member_message", MESSAGE),
    "member_message_in_german_only": ("member_message", MESSAGE | {"is_only_german": True}),
    "member_message_not_plain": ("member_message", MESSAGE | {"is_not_plain": True}),
    "case_notices": ("case_notices", NOTICES),
    "case_notices_to_mayor_and_chair": ("case_notices", NOTICES | {"parts": ALL_PARTS[1:2]}),
    "case_notices_of_all_kinds": ("case_notices", NOTICES | {"parts": ALL_PARTS}),
    "member_message_for_a_guardian": ("member_message", MESSAGE | GUARDIAN),
    "barrier_received": ("barrier_received", REPORTED),
    "barrier_answered": ("barrier_answered", ANSWERED),
    "barrier_answered_without_enforcement_body": ("barrier_answered", ANSWERED | {"enforcement": "", "city": ""}),
    "barrier_reminder": ("barrier_reminder", REMINDED),
    "barrier_reminder_of_one": ("barrier_reminder", REMINDED | {"barriers": REMINDED["barriers"][:1]}),
    "subscription_confirm": ("subscription_confirm", ASKED),
    "subscription_confirm_city": (
        "subscription_confirm",
        ASKED | {"assembly": None, "recommendation": None, "theme": "Rad & Fuß", "is_overdue": True, "days": 1},
    ),
    "subscription_news": ("subscription_news", NEWS),
    "subscription_news_city": ("subscription_news", NEWS | {"assembly": None}),
    "member_meetings": ("member_meetings", MEETINGS),
    "member_meetings_cancelled": ("member_meetings", MEETINGS | {"meetings": [], "cancelled": [COMMITTEE]}),
    "member_meetings_both": (
        "member_meetings",
        MEETINGS | {"meetings": [COMMITTEE], "cancelled": [COUNCIL, COMMITTEE]},
    ),
    "member_meetings_for_a_guardian": ("member_meetings", MEETINGS | GUARDIAN),
    "member_follow_up": ("member_follow_up", FOLLOW_UP),
    "member_follow_up_votes": ("member_follow_up", FOLLOW_UP | {"said": 0, "votes": 1}),
}


def invite(session: Session, **options: Any) -> Mail:
    settings: dict[str, Any] = {"to": "eva@example.org", "language": "de", "context": INVITATION} | options
    return outbox.queue_mail(session, "account_invitation", **settings)


def put(session: Session, state: MailState, **values: Any) -> Mail:
    """Put a mail into a state, past the door."""
    mail = invite(session, **values)
    session.execute(sa.update(Mail).where(Mail.id == mail.id).values(state=state, sending_at=now()))
    session.refresh(mail)
    return mail


APPROVED = [
    (name, language)
    for name, (template, _) in CONTEXTS.items()
    for language in (*LANGUAGES, *([PLAIN] if template.startswith("member_") else []))
]
"""Members may choose plain words."""


@pytest.mark.parametrize(("name", "language"), APPROVED)
def test_mails_read_as_they_were_last_approved(name: str, language: str) -> None:
    """After a change that is meant: run once with SNAPSHOTS=write, and read the difference in git."""
    template, context = CONTEXTS[name]
    for ending, text in zip(("subject.txt", "txt", "html"), outbox.render(template, language, context), strict=True):
        path = SNAPSHOTS / f"{name}.{language}.{ending}"
        if os.environ.get("SNAPSHOTS") == "write":
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")


def test_every_snapshot_belongs_to_a_mail() -> None:
    endings = itertools.product(APPROVED, ("subject.txt", "txt", "html"))
    assert {path.name for path in SNAPSHOTS.iterdir()} == {".".join((*kind, ending)) for kind, ending in endings}


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_name_in_the_mail_that_gives_it(role: Role) -> None:
    german, english = (
        outbox.render("role_given", language, ROLE | {"role": role.value})[1] for language in ("de", "en")
    )
    assert german.split("\n\n")[2] != english.split("\n\n")[2] != ""


def test_all_texts_of_mails_are_translated() -> None:
    """What stands in English in a German mail was forgotten."""
    for template, context in CONTEXTS.values():
        given = {context.get(name) for name in ("contact", "code", "note", "text", "enforcement")}
        english = outbox.render(template, "en", context)[1].split("\n\n")
        german = outbox.render(template, "de", context)[1].split("\n\n")
        assert [text for text in german if text in english and text.strip() not in given] == []
    assert catalogue("en").ugettext("Hello") == "Hello"


def test_a_name_that_a_template_needs_and_did_not_get_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        outbox.render("role_given", "de", {"name": "Eva"})


def test_a_subject_is_one_line_whatever_stands_in_it() -> None:
    subject, _, _ = outbox.render("role_given", "en", ROLE | {"assembly": "A\r\nBcc: all@example.org"})
    assert subject == "Your role in “A Bcc: all@example.org”"


def test_a_mail_is_written_in_the_transaction_of_the_deed(sessions: Sessions, queue: Queue) -> None:
    with sessions() as session:
        invite(session)
        session.rollback()
        assert session.scalar(sa.select(sa.func.count()).select_from(Mail)) == 0
        invite(session)
        assert messages(queue) == []
        session.commit()
    assert messages(queue) == [MAIL]


def test_the_same_deed_never_has_two_mails(sessions: Sessions) -> None:
    seen: list[int] = []

    def write() -> None:
        with sessions.begin() as session:
            seen.append(invite(session, deed="invitation:1").id)

    at_once(*[write] * 5)
    assert len(seen) == 5
    assert len(set(seen)) == 1


def test_a_mail_belongs_to_an_assembly_and_is_found_through_it_only(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    mail = invite(session, assembly=assembly, user=organiser)
    other = invite(session)
    assert mail.user_id == organiser.id
    assert list(outbox.mails_of(session, assembly)) == [mail]
    assert outbox.get_mail(session, mail.id, assembly=assembly) is mail
    assert outbox.counts_of(session, assembly) == {MailState.QUEUED: 1}
    with pytest.raises(NotFoundError):
        outbox.get_mail(session, other.id, assembly=assembly)
    with pytest.raises(NotFoundError):
        outbox.get_mail(session, mail.id, assembly=None)


def test_whoever_has_no_address_for_mail_gets_a_letter(sessions: Sessions, queue: Queue) -> None:
    with sessions.begin() as session:
        mail = invite(session, to=None, address=["Eva Muster", "Hauptstraße 1", "12345 Auenfurt"])
        assert mail.state is MailState.TO_PRINT
        outbox.mark_as_printed(session, [mail])
        assert mail.state is MailState.PRINTED
    assert messages(queue) == []


def test_nothing_of_a_person_stands_in_a_repr(session: Session) -> None:
    assert repr(invite(session)) == "Mail(1)"


def test_the_one_door_follows_the_table(session: Session) -> None:
    for before, after in itertools.product(MailState, MailState):
        mail = put(session, before)
        assert outbox.move(session, mail.id, after) == (after in outbox.TRANSITIONS[before])
        session.refresh(mail)
        assert mail.state is (after if after in outbox.TRANSITIONS[before] else before)


DECISIONS = {
    outbox.send_again: ({MailState.REFUSED, MailState.PERHAPS_SENT}, MailState.QUEUED),
    outbox.mark_as_sent: ({MailState.PERHAPS_SENT}, MailState.SENT),
    outbox.mark_as_not_sent: ({MailState.PERHAPS_SENT}, MailState.ERASED),
    outbox.print_instead: (
        {MailState.QUEUED, MailState.SENT, MailState.REFUSED, MailState.PERHAPS_SENT, MailState.PRINTED},
        MailState.TO_PRINT,
    ),
}


@pytest.mark.parametrize("state", MailState)
@pytest.mark.parametrize("decide", DECISIONS)
def test_a_person_decides_only_what_is_undecided(decide: Any, state: MailState, session: Session) -> None:
    """Above all: what is being sent at this moment is not sent again."""
    allowed, after = DECISIONS[decide]
    mail = put(session, state)
    if state in allowed:
        decide(session, mail)
    else:
        with pytest.raises(ConflictError):
            decide(session, mail)
    session.refresh(mail)
    assert mail.state is (after if state in allowed else state)


def test_the_confidential_ones_go_first_then_the_oldest(sessions: Sessions) -> None:
    with sessions.begin() as session:
        first, second, urgent = invite(session), invite(session), invite(session, confidential=True)
        claimed = []
        while (mail := outbox.claim_next(session)) is not None:
            claimed.append(mail.id)
        assert claimed == [urgent.id, first.id, second.id]
        assert {first.state, second.state, urgent.state} == {MailState.SENDING}


def test_each_mail_is_claimed_once(sessions: Sessions) -> None:
    with sessions.begin() as session:
        asked = {invite(session).id for _ in range(12)}
    claimed: list[int] = []

    def claim() -> None:
        while True:
            with sessions.begin() as session:
                mail = outbox.claim_next(session)
                if mail is None:
                    return
                claimed.append(mail.id)

    at_once(claim, claim, claim)
    assert sorted(claimed) == sorted(asked)


def test_a_mail_that_was_being_sent_for_too_long_is_perhaps_sent(sessions: Sessions) -> None:
    with sessions.begin() as session:
        mail = put(session, MailState.SENDING)
        assert outbox.sweep(session, stuck_after=dt.timedelta(minutes=10)) == 0
        with time_machine.travel(now() + dt.timedelta(minutes=11)):
            assert outbox.sweep(session, stuck_after=dt.timedelta(minutes=10)) == 1
        session.refresh(mail)
        assert mail.state is MailState.PERHAPS_SENT


def test_the_content_of_a_confidential_mail_goes_when_it_was_sent(sessions: Sessions) -> None:
    with sessions.begin() as session:
        secret, plain = put(session, MailState.SENDING, confidential=True), put(session, MailState.SENDING)
        for mail in (secret, plain):
            outbox.record_sent(session, mail, "250 OK")
            session.refresh(mail)
        assert (secret.text, secret.html) == ("", "")
        assert INVITATION["link"] in plain.text
        with pytest.raises(ConflictError):
            outbox.print_instead(session, secret)


def test_erasing_leaves_that_there_was_a_mail_and_nothing_more(session: Session, organiser: User) -> None:
    mail = put(session, MailState.SENT, user=organiser, deed="invitation:eva", address=["Eva Muster"])
    session.execute(sa.update(Mail).values(reply="550 eva@example.org unknown"))
    outbox.erase(session, Mail.id == mail.id)
    session.commit()
    row = session.execute(sa.select(Mail.__table__)).one()
    assert row.state == MailState.ERASED
    assert "eva" not in str(tuple(row)).lower()
    outbox.erase(session, Mail.id == mail.id)


def test_what_is_being_sent_cannot_be_erased_at_that_moment(session: Session) -> None:
    with pytest.raises(ConflictError):
        outbox.erase(session, Mail.id == put(session, MailState.SENDING).id)
