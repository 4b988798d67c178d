"""The invitation record: numbers that can be, and what the first letter locks."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from assembly.models import Assembly, OutreachKind, User
from assembly.services import invitation_records, logbook
from assembly.services.errors import ConflictError, NotFoundError, RuleError

LETTERS = {"letters_sent": 10_000, "undeliverable": 300, "reminders": 9_000, "legal_basis": "§ 46 BMG"}
VISITS = {
    "kind": OutreachKind.DOOR_VISITS,
    "held_on": dt.date(2026, 3, 1),
    "languages": ["de", "tr"],
    "people_reached": 200,
    "registrations": 21,
    "note": "",
}


def test_the_funnel_counts_from_letters_to_registrations(session: Session, assembly: Assembly, organiser: User) -> None:
    def funnel() -> invitation_records.Funnel:
        record = invitation_records.record_of(session, assembly)
        return invitation_records.funnel_of(record, invitation_records.registrations_of(session, assembly))

    assert funnel() == invitation_records.Funnel(0, 0, 0, 0, 0)
    invitation_records.change_record(session, assembly, LETTERS, by=organiser)
    invitation_records.add_outreach(session, assembly, VISITS, by=organiser)
    assert funnel() == invitation_records.Funnel(10_000, 300, 9_000, 0, 21)
    assert funnel().delivered == 9_700


def test_the_first_letter_locks_what_it_said(session: Session, assembly: Assembly, organiser: User) -> None:
    invitation_records.change_record(session, assembly, LETTERS | {"invited_on": dt.date(2026, 2, 1)}, by=organiser)
    invitation_records.change_record(session, assembly, {"reminders": 9_500}, by=organiser)
    for change in ({"legal_basis": "another"}, {"invited_on": None}, {"sampling_method": "friends"}):
        with pytest.raises(ConflictError, match="gone out on 2026-02-01") as caught:
            invitation_records.change_record(session, assembly, change, by=organiser)
        assert [caught.value.field] == list(change)
    assert invitation_records.record_of(session, assembly).legal_basis == "§ 46 BMG"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"undeliverable": 10_001}, "undeliverable"),
        ({"reminders": 10_001}, "reminders"),
        ({"invited_on": dt.date(2026, 2, 1), "registration_until": dt.date(2026, 1, 31)}, "registration_until"),
    ],
)
def test_impossible_numbers_are_refused(
    session: Session, assembly: Assembly, organiser: User, change: dict[str, object], field: str
) -> None:
    with pytest.raises(RuleError) as caught:
        invitation_records.change_record(session, assembly, LETTERS | change, by=organiser)
    assert caught.value.field == field


def test_outreach_can_be_removed_and_the_log_keeps_it(session: Session, assembly: Assembly, organiser: User) -> None:
    outreach = invitation_records.add_outreach(session, assembly, VISITS, by=organiser)
    invitation_records.remove_outreach(session, assembly, outreach.id, by=organiser)
    assert [entry.action for entry in logbook.entries_of(session, assembly)][-2:] == [
        "outreach_added",
        "outreach_removed",
    ]
    with pytest.raises(NotFoundError):
        invitation_records.remove_outreach(session, assembly, 1, by=organiser)
