"""Everyone who registered is written to once, in the transaction of the deed, whatever happens to their import."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assembly.models import Assembly, Exclusion, Import, Job, Mail, MailState, User
from assembly.services import acknowledgements, imports, mail, registrations, respondents
from assembly.services.privacy import retention
from assembly.services.privacy.erasing import CLEAR_COPIES
from tests.assembly.queries import counted
from tests.assembly.sample import as_csv
from tests.assembly.services.test_imports import take

ONE = {"id": "K1", "Vorname": "Zerlina", "Nachname": "Quast", "E-Mail": "zerlina@example.org"}
BY_POST = ONE | {"id": "K2", "E-Mail": "", "Straße": "Amselweg", "Hausnummer": "3", "PLZ": "12345", "Ort": "Auenfurt"}
NOBODY = ONE | {"id": "K3", "E-Mail": "ohne"}
COLUMNS = {"Straße": "", "Hausnummer": "", "PLZ": "", "Ort": ""}


def mails(session: Session) -> list[Mail]:
    session.expire_all()
    written = sa.select(Mail).where(Mail.template == "acknowledgement", Mail.state != MailState.ERASED)
    return list(session.scalars(written.order_by(Mail.id)))


def bring(session: Session, assembly: Assembly, organiser: User, *rows: dict[str, str]) -> Import:
    made = take(session, assembly, organiser, as_csv([COLUMNS | row for row in rows]))
    session.commit()
    return made


def send(session: Session) -> None:
    """Send everything, as the worker does."""
    while (one := mail.claim_next(session)) is not None:
        mail.record_sent(session, one, "250 OK")
    session.commit()


def test_mail_letter_or_nothing(session: Session, assembly: Assembly, organiser: User) -> None:
    bring(session, assembly, organiser, ONE, BY_POST, NOBODY)
    by_mail, by_letter = mails(session)
    assert (by_mail.recipient, by_mail.state) == ("zerlina@example.org", MailState.QUEUED)
    assert "Zerlina Quast" in by_mail.text
    assert "K1" in by_mail.text
    assert (by_letter.recipient, by_letter.state) == (None, MailState.TO_PRINT)
    assert by_letter.address == ["Zerlina Quast", "Amselweg 3", "12345 Auenfurt"]
    people, count = acknowledgements.unreachable(session, assembly, limit=10)
    assert ([one.code for one in people], count) == (["K3"], 1)


def test_it_is_part_of_the_deed(session: Session, assembly: Assembly, organiser: User) -> None:
    registrations.register(session, assembly, {"last_name": "Quast", "email": "q@example.org"}, by=organiser)
    session.rollback()
    assert mails(session) == []
    registrations.register(session, assembly, {"last_name": "Quast", "email": "q@example.org"}, by=organiser)
    session.commit()
    assert [one.recipient for one in mails(session)] == ["q@example.org"]


def test_whoever_is_changed_by_a_later_file_is_not_written_to_again(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    bring(session, assembly, organiser, ONE)
    bring(session, assembly, organiser, ONE | {"Straße": "Amselweg"})
    assert len(mails(session)) == 1


def test_whoever_could_not_be_reached_is_written_to_as_soon_as_they_can(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    bring(session, assembly, organiser, NOBODY)
    person = respondents.find_by_code(session, assembly, "K3")
    registrations.change(session, person, {"email": "z@example.org"}, by=organiser)
    registrations.change(session, person, {"phone": "0170"}, by=organiser)
    assert [one.recipient for one in mails(session)] == ["z@example.org"]
    assert acknowledgements.unreachable(session, assembly, limit=10) == ([], 0)


def test_an_undone_import_takes_back_what_was_not_sent(session: Session, assembly: Assembly, organiser: User) -> None:
    first = bring(session, assembly, organiser, ONE, BY_POST)
    imports.undo_import(session, first, by=organiser)
    session.commit()
    assert mails(session) == []
    assert "zerlina" not in str(session.execute(sa.select(Mail.__table__)).all()).lower()
    bring(session, assembly, organiser, ONE, BY_POST)
    assert len(mails(session)) == 2


def test_whoever_had_it_before_their_import_was_undone_does_not_get_it_again(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    first = bring(session, assembly, organiser, ONE, ONE | {"id": "K4", "E-Mail": "vier@example.org"})
    send(session)
    imports.undo_import(session, first, by=organiser)
    session.commit()
    bring(session, assembly, organiser, ONE, ONE | {"id": "K4", "E-Mail": "neu@example.org"})
    assert [(one.recipient, one.state) for one in mails(session)] == [("neu@example.org", MailState.QUEUED)]
    person = respondents.find_by_code(session, assembly, "K1")
    assert session.scalars(sa.select(Mail.state).where(Mail.respondent_id == person.id)).all() == [MailState.ERASED]


@pytest.mark.parametrize("ended", [MailState.SENT, MailState.PERHAPS_SENT, MailState.REFUSED, MailState.PRINTED])
def test_an_undone_import_leaves_nothing_of_what_was_written(
    session: Session, assembly: Assembly, organiser: User, ended: MailState
) -> None:
    """Of people who are not registered any more, neither name nor address stays, whatever became of their mails."""
    first = bring(session, assembly, organiser, BY_POST if ended is MailState.PRINTED else ONE)
    (written,) = mails(session)
    if ended is MailState.PRINTED:
        mail.mark_as_printed(session, [written])
    else:
        mail.move(session, written.id, MailState.SENDING)
        mail.move(session, written.id, ended, reply="250 zerlina@example.org")
    imports.undo_import(session, first, by=organiser)
    session.commit()
    left = str(session.execute(sa.select(Mail.__table__)).all()).lower()
    assert not [word for word in ("zerlina", "quast", "amselweg", "k1", "k2") if word in left]
    assert session.scalars(sa.select(Job.kind)).all() == [CLEAR_COPIES]
    bring(session, assembly, organiser, BY_POST if ended is MailState.PRINTED else ONE)
    assert len(mails(session)) == (0 if ended in {MailState.SENT, MailState.PRINTED} else 1)


def test_what_was_being_sent_while_its_import_was_undone_goes_with_the_daily_deletion(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    first = bring(session, assembly, organiser, ONE)
    claimed = mail.claim_next(session)
    assert claimed
    imports.undo_import(session, first, by=organiser)
    session.commit()
    mail.record_sent(session, claimed, "250 OK")
    assert [one.recipient for one in mails(session)] == ["zerlina@example.org"]
    assert retention.delete_mails(session, assembly) == {"mails": 1}
    assert retention.delete_mails(session, assembly) == {}
    assert mails(session) == []


def test_another_person_with_the_same_code_gets_their_own(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    first = bring(session, assembly, organiser, ONE)
    send(session)
    imports.undo_import(session, first, by=organiser)
    session.commit()
    bring(session, assembly, organiser, {"id": "K1", "Nachname": "Anders", "E-Mail": "anders@example.org"})
    assert [one.recipient for one in mails(session)] == ["anders@example.org"]


def test_whoever_is_too_young_is_told_so_and_whoever_was_excluded_is_left_alone(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    assembly.reference_date = dt.date(2027, 1, 1)
    child = {"last_name": "Klein", "email": "k@example.org", "birth_date": dt.date(2015, 1, 1)}
    registrations.register(session, assembly, child, by=organiser)
    bring(session, assembly, organiser, NOBODY)
    person = respondents.find_by_code(session, assembly, "K3")
    respondents.exclude(session, person, Exclusion.NOT_RESIDENT, by=organiser)
    registrations.change(session, person, {"email": "z@example.org"}, by=organiser)
    (only,) = mails(session)
    assert "mindestens 16 Jahre" in only.text


def test_erasing_a_person_erases_what_was_written_to_them(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    bring(session, assembly, organiser, ONE)
    send(session)
    respondents.erase(session, respondents.find_by_code(session, assembly, "K1"), by=organiser)
    session.commit()
    assert mails(session) == []
    assert "zerlina" not in str(session.execute(sa.select(Mail.__table__)).all()).lower()


@pytest.mark.parametrize("count", [10, 300])
def test_many_are_written_at_once(session: Session, assembly: Assembly, organiser: User, count: int) -> None:
    """The number of statements does not depend on the number of people."""
    rows = [COLUMNS | ONE | {"id": f"K{n}", "E-Mail": f"p{n}@example.org"} for n in range(count)]
    upload = imports.upload(session, assembly, as_csv(rows), name="a.csv", by=organiser)
    session.commit()
    with counted(session.get_bind()) as sent:  # type: ignore[arg-type]  # an engine
        imports.apply_import(session, upload, by=organiser)
    assert len(mails(session)) == count
    assert len([statement for statement in sent if "mails" in statement]) == 4
