"""Allowances: amounts by rates, two people for every claim, lists for the cash office, and sealed bank data."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assembly.models import (
    Assembly,
    BankAccount,
    Channel,
    Claim,
    ClaimState,
    Event,
    EventKind,
    Member,
    Presence,
    Role,
    Status,
)
from assembly.services import accounts, logbook
from assembly.services.allowances import bank, claims, payments, rates
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.panel import calling
from assembly.services.privacy import erasing, retention
from assembly.services.programme import events
from tests.assembly.services.panels import DrawnPanel, members_in

IBAN = "DE89370400440532013000"
RATES = {
    "whole_day": 8000,
    "half_day": 4000,
    "per_km": 30,
    "childcare_hour": 1500,
    "care_hour": 2000,
    "cost_centre": "4711",
}
NAMES = {column: column for column in payments.COLUMNS}


class Office:
    """An assembly with rates, a published event, a confirmed member, and two people who check."""

    def __init__(self, session: Session, drawn: DrawnPanel) -> None:
        """Make it."""
        self.session = session
        self.assembly, self.organiser = drawn.load(session)
        self.second = accounts.create_account(session, email="second@example.com", name="Zoe Zweit")
        accounts.grant(session, self.second, Role.SUPPORT, assembly=self.assembly, by=None)
        one = members_in(session, Status.DRAWN)[0]
        calling.confirm(session, one, channel=Channel.MAIL, language="de", by=self.organiser)
        self.member = session.get_one(Member, one.id)
        rates.change_rates(session, self.assembly, RATES, by=self.organiser)
        self.event = self.add_event()
        events.publish(session, self.event, by=self.organiser)

    def add_event(self, title: str = "=Auftakt") -> Event:
        """Plan an event, called what a spreadsheet would take for a formula."""
        begin = dt.datetime(2035, 5, 5, 8, tzinfo=dt.UTC)
        values = {
            "kind": EventKind.PLENARY,
            "title": title,
            "starts_at": begin,
            "ends_at": begin + dt.timedelta(hours=2),
        }
        return events.add_event(self.session, self.assembly, values, by=self.organiser)

    def claim(self, **values: Any) -> Claim:
        """Return the member's claim, a draft with these quantities."""
        claim = claims.add_claim(self.session, self.member, self.event, by=None)
        claims.change_claim(self.session, claim, {"presence": Presence.WHOLE_DAY, **values}, by=None)
        return claim

    def approved(self) -> Claim:
        """Return a claim that two people found right."""
        claim = self.claim()
        claims.submit(self.session, claim, by=None)
        claims.check(self.session, claim, by=self.organiser)
        claims.approve(self.session, claim, by=self.second)
        return claim

    def give_account(self) -> None:
        """Enter where the member's money goes."""
        bank.change_account(
            self.session, self.assembly, self.member, holder="Vera Konto", iban="de89 3704 0044 0532 0130 00", by=None
        )


@pytest.fixture
def office(drawn: DrawnPanel) -> Any:
    """On both databases."""
    with drawn.sessions.begin() as session:
        yield Office(session, drawn)


def test_amounts_follow_from_the_rates_and_hours_are_rounded_up(office: Office) -> None:
    claim = office.claim(kilometres=7, childcare_minutes=100, care_minutes=1, ticket_cents=290, has_paper_receipts=True)
    parts = (claim.attendance_cents, claim.travel_cents, claim.ticket_cents, claim.childcare_cents, claim.care_cents)
    assert parts == (8000, 210, 290, 2500, 34)
    assert (claim.cents, claim.cost_centre) == (11034, "4711")


def test_an_event_may_have_its_own_rates_and_saved_claims_keep_their_amounts(office: Office) -> None:
    claim = office.claim()
    rates.change_event_rates(office.session, office.event, {"whole_day": 9900}, by=office.organiser)
    assert (claim.cents, rates.rates_at(office.session, office.event).half_day) == (8000, 4000)
    claims.change_claim(office.session, claim, {}, by=None)
    assert claim.cents == 9900
    assert rates.rates_of(office.session, office.assembly).whole_day == 8000


def test_a_ticket_without_receipt_is_not_paid(office: Office) -> None:
    with pytest.raises(RuleError, match="by receipt"):
        office.claim(ticket_cents=290)


def test_a_claim_passes_two_people_a_list_and_the_cash_office(office: Office) -> None:
    session, claim = office.session, office.approved()
    made = payments.make_list(session, office.assembly, by=office.organiser)
    assert (claim.state, claim.list_id, made.claims, made.cents) == (ClaimState.LISTED, made.id, 1, 8000)
    with pytest.raises(ConflictError, match="no approved claim"):
        payments.make_list(session, office.assembly, by=office.organiser)
    assert claims.totals_of(session, office.assembly) == [claims.Total("4711", open=0, approved=8000, paid=0)]
    payments.mark_paid(session, office.assembly, made, by=office.organiser)
    assert claim.state is ClaimState.PAID
    assert claims.totals_of(session, office.assembly) == [claims.Total("4711", open=0, approved=0, paid=8000)]
    with pytest.raises(ConflictError, match="before"):
        payments.mark_paid(session, office.assembly, made, by=office.organiser)
    moved = [one.details for one in logbook.entries_of(session, office.assembly) if one.action == "claim_moved"]
    states = ("submitted", "checked", "approved", "listed", "paid")
    assert moved == [{"state": state, "amount": "80.00"} for state in states]


def test_nobody_approves_what_they_checked_themselves(office: Office) -> None:
    claim = office.claim()
    claims.submit(office.session, claim, by=None)
    claims.check(office.session, claim, by=office.second)
    with pytest.raises(ConflictError, match="another person"):
        claims.approve(office.session, claim, by=office.second)
    with pytest.raises(IntegrityError, match="two_people"), office.session.begin_nested():
        office.session.execute(sa.update(Claim).values(approved_by_id=office.second.id))


def test_a_rejected_claim_says_why_and_can_be_handed_in_again(office: Office) -> None:
    session, claim = office.session, office.approved()
    with pytest.raises(RuleError, match="Say why"):
        claims.reject(session, claim, reason=" ", by=office.organiser)
    claims.reject(session, claim, reason="Half a day", by=office.organiser)
    assert (claim.state, claim.reason, claim.checked_by_id, claim.approved_by_id) == (
        *(ClaimState.REJECTED, "Half a day"),
        *(None, None),
    )
    claims.change_claim(session, claim, {"presence": Presence.HALF_DAY}, by=None)
    claims.submit(session, claim, by=None)
    assert (claim.state, claim.cents, claim.reason) == (ClaimState.SUBMITTED, 4000, "")


def test_what_was_submitted_stays_as_it_is_and_no_step_can_be_left_out(office: Office) -> None:
    session, claim = office.session, office.claim()
    with pytest.raises(ConflictError):
        claims.check(session, claim, by=office.organiser)
    claims.submit(session, claim, by=None)
    with pytest.raises(ConflictError, match="submitted"):
        claims.change_claim(session, claim, {"kilometres": 900}, by=None)
    with pytest.raises(ConflictError):
        claims.approve(session, claim, by=office.organiser)
    assert (claim.kilometres, claim.state) == (0, ClaimState.SUBMITTED)


def test_an_empty_claim_is_not_handed_in(office: Office) -> None:
    claim = office.claim(presence=Presence.NONE)
    with pytest.raises(RuleError, match="nothing to pay"):
        claims.submit(office.session, claim, by=None)


def test_there_is_one_claim_per_event_for_confirmed_members_and_published_events_alone(office: Office) -> None:
    assert office.claim() is claims.add_claim(office.session, office.member, office.event, by=office.organiser)
    with pytest.raises(NotFoundError):
        claims.add_claim(office.session, office.member, office.add_event("Entwurf"), by=None)
    other = office.session.get_one(Member, members_in(office.session, Status.DRAWN)[0].id)
    with pytest.raises(ConflictError, match="confirmed"):
        claims.add_claim(office.session, other, office.event, by=None)


def test_bank_data_are_sealed_and_in_no_log_and_no_repr(office: Office) -> None:
    office.give_account()
    session = office.session
    account = bank.account_of(session, office.member)
    assert account is not None
    assert (account.holder, account.iban, account.masked) == ("Vera Konto", IBAN, "… 3000")
    row = session.get_one(BankAccount, office.member.respondent_id)
    log = str([(one.action, one.details) for one in logbook.entries_of(session, office.assembly)])
    for text in (row.sealed, log, repr(row), repr(account)):
        assert not [secret for secret in (IBAN, "Vera Konto", "3000") if secret in text]
    assert "bank_data_changed" in log


def test_a_wrong_iban_is_refused_and_not_repeated(office: Office) -> None:
    wrong = IBAN[:-1] + "1"
    with pytest.raises(RuleError) as refused:
        bank.change_account(office.session, office.assembly, office.member, holder="V", iban=wrong, by=None)
    error = refused.value
    assert (error.field, error.__context__, error.__cause__) == ("iban", None, None)
    assert wrong not in str(error)
    assert office.session.get(BankAccount, office.member.respondent_id) is None


def test_bank_data_open_with_the_secret_alone(office: Office) -> None:
    office.give_account()
    engine: Any = office.session.get_bind()
    before = engine.get_execution_options()[bank._OPTION]
    bank.attach_key(engine, "another secret")
    try:
        with pytest.raises(ConflictError, match="SECRET_KEY"):
            bank.account_of(office.session, office.member)
    finally:
        engine.update_execution_options(**{bank._OPTION: before})


@pytest.mark.parametrize("has_account", [True, False])
def test_the_file_for_the_cash_office_has_no_formula_and_leaves_a_gap_for_cash(
    office: Office, *, has_account: bool
) -> None:
    if has_account:
        office.give_account()
    claim = office.approved()
    made = payments.make_list(office.session, office.assembly, by=office.organiser)
    content = payments.export_list(office.session, office.assembly, made, kind="csv", names=NAMES, by=office.organiser)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    contact = claim.member.respondent.contact
    assert contact is not None
    account = ["Vera Konto", IBAN] if has_account else ["", ""]
    name = f"{contact.first_name} {contact.last_name}"
    assert rows == [list(payments.COLUMNS), [str(claim.id), "'=Auftakt", name, *account, "80.00", "4711"]]
    last = list(logbook.entries_of(office.session, office.assembly))[-1]
    assert (last.action, last.details) == ("payment_list_exported", {"claims": 1, "amount": "80.00"})


def test_bank_data_go_90_days_after_the_last_payment_but_not_while_money_is_owed(
    office: Office, drawn: DrawnPanel
) -> None:
    office.give_account()
    session, assembly = office.session, office.assembly
    office.approved()
    made = payments.make_list(session, assembly, by=office.organiser)
    drawn.traveller.shift(dt.timedelta(days=200))
    assert retention.delete_bank_data(session, assembly) == {}  # never paid yet
    payments.mark_paid(session, assembly, made, by=office.organiser)
    drawn.traveller.shift(dt.timedelta(days=89))
    assert retention.delete_bank_data(session, assembly) == {}
    drawn.traveller.shift(dt.timedelta(days=2))
    other = office.add_event("Zweites")
    events.publish(session, other, by=office.organiser)
    owed = claims.add_claim(session, office.member, other, by=None)
    claims.change_claim(session, owed, {"presence": Presence.HALF_DAY}, by=None)
    claims.submit(session, owed, by=None)
    assert retention.delete_bank_data(session, assembly) == {}
    claims.reject(session, owed, reason="Not there", by=office.organiser)
    assert retention.delete_bank_data(session, assembly) == {"bank_data": 1}
    assert session.scalars(sa.select(BankAccount)).all() == []


def test_erasing_a_person_takes_bank_data_and_claims_and_leaves_the_sum_of_the_list(office: Office) -> None:
    office.give_account()
    office.approved()
    made = payments.make_list(office.session, office.assembly, by=office.organiser)
    erasing.clear(office.session, [office.member.respondent_id])
    office.session.expire_all()
    assert office.session.scalars(sa.select(BankAccount.respondent_id)).all() == []
    assert office.session.scalars(sa.select(Claim.id)).all() == []
    assert (made.claims, made.cents) == (1, 8000)


def test_claims_and_lists_of_another_assembly_do_not_exist_here(office: Office) -> None:
    claim = office.approved()
    made = payments.make_list(office.session, office.assembly, by=office.organiser)
    elsewhere = Assembly(id=office.assembly.id + 1)
    for look in (
        lambda: claims.get_claim(office.session, elsewhere, claim.id),
        lambda: payments.get_list(office.session, elsewhere, made.id),
    ):
        with pytest.raises(NotFoundError):
            look()
    assert claims.get_claim(office.session, office.assembly, claim.id) is claim
    assert [one.id for one in payments.lists_of(office.session, office.assembly)] == [made.id]
