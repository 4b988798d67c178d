"""Allowances: amounts by rates, two people for every claim, lists for the cash office, and sealed bank data."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import io
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assembly.clock import now
from assembly.models import (
    Assembly,
    AssemblyRates,
    AttendanceState,
    BankAccount,
    Channel,
    Claim,
    ClaimReceipt,
    ClaimState,
    Event,
    EventKind,
    GuardianConsent,
    Member,
    PaymentList,
    Presence,
    Respondent,
    Role,
    Status,
    User,
)
from assembly.services import accounts, logbook, sealing
from assembly.services.allowances import bank, claims, expiry, payments, rates, receipts
from assembly.services.attendance import noting
from assembly.services.errors import ConflictError, NotFoundError, RuleError, StorageError
from assembly.services.materials.files import UploadedFile
from assembly.services.panel import calling
from assembly.services.privacy import deadlines, erasing, person, retention
from assembly.services.programme import events
from tests import patience
from tests.assembly.engines import free_port
from tests.assembly.scanner import EICAR
from tests.assembly.services.panels import DrawnPanel, members_in

IBAN = "DE89370400440532013000"
PHOTO = UploadedFile(b"\x89PNG\r\n\x1a\n Fahrkarte von Vera", ".png")
RATES = {
    "whole_day": 8000,
    "half_day": 4000,
    "per_km": 30,
    "childcare_hour": 1500,
    "care_hour": 2000,
    "cost_centre": "4711",
}


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
        self.traveller = drawn.traveller
        self.event = self.hold()

    def add_event(self, title: str = "=Auftakt") -> Event:
        """Plan an event, called what a spreadsheet would take for a formula."""
        begin = now().replace(microsecond=0) + dt.timedelta(days=1)
        values = {
            "kind": EventKind.PLENARY,
            "title": title,
            "starts_at": begin,
            "ends_at": begin + dt.timedelta(hours=6),
        }
        return events.add_event(self.session, self.assembly, values, by=self.organiser)

    def hold(self, title: str = "=Auftakt") -> Event:
        """Plan an event, and let it pass."""
        event = self.add_event(title)
        events.publish(self.session, event, by=self.organiser)
        self.traveller.shift(dt.timedelta(days=2))
        return event

    def note(self, state: AttendanceState) -> None:
        """Note how the member was there."""
        noting.note(self.session, self.event, self.member.respondent_id, state, by=self.organiser)

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
    claim = office.claim(ticket_cents=290)
    with pytest.raises(RuleError, match="by receipt"):
        claims.submit(office.session, claim, by=None)
    claims.change_claim(office.session, claim, {"has_paper_receipts": True}, by=None)
    claims.submit(office.session, claim, by=None)
    with pytest.raises(RuleError, match="not here yet"):
        claims.check(office.session, claim, by=office.organiser)
    claims.note_paper(office.session, claim, by=office.second)
    with pytest.raises(ConflictError):
        claims.note_paper(office.session, claim, by=office.second)
    claims.check(office.session, claim, by=office.organiser)
    assert claim.state is ClaimState.CHECKED


def test_a_claim_passes_two_people_a_list_and_the_cash_office(office: Office) -> None:
    session, claim = office.session, office.approved()
    made = payments.make_list(session, office.assembly, by=office.organiser)
    assert (claim.state, claim.list_id, made.claims, made.cents) == (ClaimState.LISTED, made.id, 1, 8000)
    with pytest.raises(ConflictError, match="no approved claim"):
        payments.make_list(session, office.assembly, by=office.organiser)
    assert claims.sums_of(session, office.assembly).totals == [claims.Total("4711", open=0, approved=8000, paid=0)]
    payments.mark_paid(session, office.assembly, made, by=office.organiser)
    assert claim.state is ClaimState.PAID
    assert claims.sums_of(session, office.assembly).totals == [claims.Total("4711", open=0, approved=0, paid=8000)]
    with pytest.raises(ConflictError, match="before"):
        payments.mark_paid(session, office.assembly, made, by=office.organiser)
    moved = [one.details for one in logbook.entries_of(session, office.assembly) if one.action == "claim_moved"]
    states = ("submitted", "checked", "approved", "listed", "paid")
    assert moved == [{"state": state} for state in states]
    log = str([one.details for one in logbook.entries_of(session, office.assembly) if one.action != "rates_changed"])
    assert "80.00" not in log
    assert "8000" not in log


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


def test_bank_data_and_receipts_open_with_the_secret_alone(office: Office) -> None:
    office.give_account()
    receipt = receipts.add_receipt(office.session, office.claim(), PHOTO, by=None)
    engine: Any = office.session.get_bind()
    before = engine.get_execution_options()[sealing._OPTION]
    sealing.attach_keys(engine, "another secret")
    try:
        with pytest.raises(ConflictError, match="SECRET_KEY"):
            bank.account_of(office.session, office.member)
        with pytest.raises(ConflictError, match="SECRET_KEY"):
            receipts.content_of(office.session, receipt)
    finally:
        engine.update_execution_options(**{sealing._OPTION: before})


@pytest.mark.parametrize("has_account", [True, False])
def test_the_file_for_the_cash_office_has_no_formula_and_leaves_a_gap_for_cash(
    office: Office, *, has_account: bool
) -> None:
    if has_account:
        office.give_account()
    claim = office.approved()
    made = payments.make_list(office.session, office.assembly, by=office.organiser)
    content = payments.export_list(
        office.session, office.assembly, made, kind="csv", language="en", by=office.organiser
    )
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    account = ["Vera Konto", IBAN] if has_account else ["", ""]
    way = "Transfer" if has_account else "In cash against signature"
    row = [str(claim.id), payments.name_of(claim), *account, "'=Auftakt", "80.00", "4711", way]
    assert rows == [list(payments.COLUMNS), row]
    last = list(logbook.entries_of(office.session, office.assembly))[-1]
    assert (last.action, last.details) == ("payment_list_exported", {"claims": 1})


def test_bank_data_go_90_days_after_the_last_payment_but_not_while_money_is_owed(
    office: Office, drawn: DrawnPanel
) -> None:
    office.give_account()
    session, assembly = office.session, office.assembly
    office.approved()
    made = payments.make_list(session, assembly, by=office.organiser)
    drawn.traveller.shift(dt.timedelta(days=200))
    assert expiry.delete_bank_data(session, assembly) == {}  # never paid yet
    payments.mark_paid(session, assembly, made, by=office.organiser)
    drawn.traveller.shift(dt.timedelta(days=89))
    assert expiry.delete_bank_data(session, assembly) == {}
    drawn.traveller.shift(dt.timedelta(days=2))
    other = office.hold("Zweites")
    owed = claims.add_claim(session, office.member, other, by=None)
    claims.change_claim(session, owed, {"presence": Presence.HALF_DAY}, by=None)
    claims.submit(session, owed, by=None)
    assert expiry.delete_bank_data(session, assembly) == {}
    claims.reject(session, owed, reason="Not there", by=office.organiser)
    drawn.traveller.shift(dt.timedelta(days=91))
    assert expiry.delete_bank_data(session, assembly) == {}  # it can be handed in again
    session.delete(owed)
    office.add_event("Drittes")
    drawn.traveller.shift(dt.timedelta(days=91))
    assert expiry.delete_bank_data(session, assembly) == {}
    drawn.traveller.shift(dt.timedelta(days=2))
    assert expiry.delete_bank_data(session, assembly) == {"bank_data": 1}
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
    paper = str(payments.payment_list_of(office.session, office.assembly, made, language="en"))
    assert ("it held 1 claims with the sum of €80.00" in paper, "€0.00" in paper) == (True, True)


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


@pytest.mark.parametrize(
    ("hours", "half_day", "proposed"),
    [
        (2, 4000, Presence.HALF_DAY),
        (5, 4000, Presence.HALF_DAY),
        (5.5, 4000, Presence.WHOLE_DAY),
        (2, 0, Presence.WHOLE_DAY),  # where half days are not paid, each event is paid alike
    ],
)
def test_a_short_event_is_proposed_as_half_a_day(
    office: Office, hours: float, half_day: int, proposed: Presence
) -> None:
    rates.change_rates(office.session, office.assembly, RATES | {"half_day": half_day}, by=office.organiser)
    office.event.ends_at = office.event.starts_at + dt.timedelta(hours=hours)
    office.note(AttendanceState.PRESENT)
    assert claims.add_claim(office.session, office.member, office.event, by=None).presence is proposed


def test_what_was_noted_at_the_event_is_proposed(office: Office) -> None:
    office.note(AttendanceState.PRESENT_HALF)
    claim = claims.add_claim(office.session, office.member, office.event, by=None)
    assert (claim.presence, claim.cents, claim.cost_centre) == (Presence.HALF_DAY, 4000, "4711")
    claims.submit(office.session, claim, by=None)
    assert claim.state is ClaimState.SUBMITTED


def test_nothing_is_claimed_before_an_event_but_for_one_that_was_cancelled(office: Office) -> None:
    event = office.add_event("Bald")
    events.publish(office.session, event, by=office.organiser)
    with pytest.raises(ConflictError, match="begun"):
        claims.add_claim(office.session, office.member, event, by=None)
    assert claims.claimable_events(office.session, office.member) == [office.event]
    events.cancel(office.session, event, reason="Sturm", by=office.organiser)
    assert claims.claimable_events(office.session, office.member) == [office.event, event]
    claim = claims.add_claim(office.session, office.member, event, by=None)
    assert claim.presence is Presence.NONE
    with pytest.raises(RuleError, match="was cancelled") as refused:
        claims.change_claim(office.session, claim, {"presence": Presence.WHOLE_DAY}, by=None)
    assert refused.value.field == "presence"
    claim.presence = Presence.NONE
    claims.change_claim(office.session, claim, {"childcare_minutes": 120}, by=None)
    claims.submit(office.session, claim, by=None)
    assert (claim.state, claim.attendance_cents) == (ClaimState.SUBMITTED, 0)


def test_whoever_has_left_is_paid_for_what_was_theirs_alone(office: Office) -> None:
    calling.withdraw(office.session, office.member.respondent, by=office.organiser)
    office.session.flush()
    later = office.hold("Danach")
    assert claims.claimable_events(office.session, office.member) == [office.event]
    with pytest.raises(NotFoundError):
        claims.add_claim(office.session, office.member, later, by=office.organiser)
    assert office.claim().cents == 8000


def test_whoever_entered_a_claim_neither_checks_nor_approves_it(office: Office) -> None:
    session = office.session
    claim = claims.add_claim(session, office.member, office.event, by=office.organiser)
    claims.change_claim(session, claim, {"presence": Presence.WHOLE_DAY}, by=office.organiser)
    claims.submit(session, claim, by=office.organiser)
    with pytest.raises(ConflictError, match="entered this claim yourself"):
        claims.check(session, claim, by=office.organiser)
    claims.check(session, claim, by=office.second)
    with pytest.raises(ConflictError, match="entered this claim yourself"):
        claims.approve(session, claim, by=office.organiser)
    with pytest.raises(IntegrityError, match="not_own_entry"), session.begin_nested():
        session.execute(sa.update(Claim).values(approved_by_id=office.organiser.id))


def test_receipts_are_sealed_and_change_no_more_once_the_claim_is_handed_in(office: Office) -> None:
    session, claim = office.session, office.claim(ticket_cents=290)
    receipt = receipts.add_receipt(session, claim, PHOTO, by=None)
    raw = session.scalar(sa.select(ClaimReceipt.sealed))
    assert raw is not None
    assert (b"Fahrkarte" in raw, receipts.content_of(session, receipt)) == (False, PHOTO.content)
    claims.submit(session, claim, by=None)
    for deed in (
        lambda: receipts.add_receipt(session, claim, PHOTO, by=None),
        lambda: receipts.remove_receipt(session, claim, receipt, by=None),
    ):
        with pytest.raises(ConflictError, match="submitted"):
            deed()
    claims.check(session, claim, by=office.organiser)
    claims.reject(session, claim, reason="Unlesbar", by=office.organiser)
    receipts.remove_receipt(session, claim, receipt, by=None)
    assert receipts.receipts_of(session, claim) == []
    with pytest.raises(NotFoundError):
        receipts.get_receipt(session, claim, receipt.id)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"just a text", "photo"),
        (b"<html>", "not taken"),
        (b"%PDF-" + b"0" * receipts.MOST_BYTES, "larger than"),
    ],
)
def test_receipts_are_photos_and_pdfs_by_their_content(content: bytes, problem: str) -> None:
    with pytest.raises(RuleError, match=problem):
        receipts.looked_at(content, clamd=None)


def test_receipts_are_scanned(clamds: tuple[str, str]) -> None:
    """A photo that holds malware is refused at its field; a clean one is kept as it came."""
    assert receipts.looked_at(PHOTO.content, clamd=clamds[0]) == PHOTO
    with pytest.raises(RuleError, match="found malware") as refused:
        receipts.looked_at(PHOTO.content + EICAR, clamd=clamds[0])
    assert refused.value.field == "file"


def test_a_receipt_that_no_scanner_saw_is_not_kept() -> None:
    with pytest.raises(StorageError, match="could not be scanned"):
        receipts.looked_at(PHOTO.content, clamd=f"127.0.0.1:{free_port()}")


def test_two_lists_made_and_paid_at_the_same_moment_are_one(drawn: DrawnPanel) -> None:
    with drawn.sessions.begin() as session:
        Office(session, drawn).approved()
    both = threading.Barrier(2)

    def at_once(deed: Callable[[Session, Assembly, User], object]) -> list[str]:
        def act(_number: int) -> str:
            both.wait(timeout=patience.SECONDS)
            try:
                with drawn.sessions.begin() as session:
                    assembly, by = drawn.load(session)
                    deed(session, assembly, by)
            except ConflictError:
                return "refused"
            return "done"

        with ThreadPoolExecutor(2) as pool:
            return sorted(pool.map(act, range(2)))

    assert at_once(lambda session, assembly, by: payments.make_list(session, assembly, by=by)) == ["done", "refused"]
    assert at_once(
        lambda session, assembly, by: payments.mark_paid(
            session, assembly, payments.lists_of(session, assembly)[0], by=by
        )
    ) == ["done", "refused"]
    with drawn.sessions() as session:
        assert session.scalars(sa.select(PaymentList.claims)).all() == [1]
        assert session.scalars(sa.select(Claim.state)).all() == [ClaimState.PAID]


def test_a_claim_has_so_many_receipts_and_no_more(office: Office) -> None:
    claim = office.claim()
    for _ in range(receipts.MOST_FILES):
        receipts.add_receipt(office.session, claim, PHOTO, by=None)
    with pytest.raises(ConflictError, match="at most"):
        receipts.add_receipt(office.session, claim, PHOTO, by=None)


def test_for_a_minor_the_guardian_gives_the_account_and_hands_in(office: Office) -> None:
    assert office.member.respondent.contact
    office.member.respondent.contact.birth_date = dt.date(2018, 5, 1)
    claim = office.claim()
    deeds: list[Callable[[User | None], None]] = [
        lambda by: claims.submit(office.session, claim, by=by),
        lambda by: bank.change_account(
            office.session, office.assembly, office.member, holder="Ida Vormund", iban=IBAN, by=by
        ),
    ]
    for deed in deeds:
        for by in (None, office.second):
            with pytest.raises(RuleError, match="guardian"):
                deed(by)
    agreed = {"guardian": "Ida Vormund", "channel": Channel.LETTER, "recorded_by_id": office.organiser.id}
    office.session.add(GuardianConsent(respondent_id=office.member.respondent_id, recorded_at=now(), **agreed))
    office.session.flush()
    for deed in deeds:
        with pytest.raises(RuleError, match="guardian"):
            deed(None)
        deed(office.second)
    assert claim.state is ClaimState.SUBMITTED


def test_receipts_go_before_claims_and_each_by_its_own_clock(office: Office) -> None:
    session, assembly = office.session, office.assembly
    claim = office.claim()
    receipts.add_receipt(session, claim, PHOTO, by=None)
    claims.submit(session, claim, by=None)
    office.traveller.shift(dt.timedelta(days=600))
    assert expiry.delete_claim_receipts(session, assembly) == expiry.delete_claims(session, assembly) == {}
    claims.reject(session, claim, reason="Zu spät", by=office.organiser)
    office.traveller.shift(dt.timedelta(days=179))
    assert expiry.delete_claim_receipts(session, assembly) == {}
    office.traveller.shift(dt.timedelta(days=2))
    assert expiry.delete_claim_receipts(session, assembly) == {"claim_receipts": 1}
    office.traveller.shift(dt.timedelta(days=368))
    assert expiry.delete_claims(session, assembly) == {}
    office.traveller.shift(dt.timedelta(days=2))
    assert expiry.delete_claims(session, assembly) == {"claims": 1}


def test_the_persons_file_holds_account_and_receipts_readable_and_erasing_takes_them(office: Office) -> None:
    office.give_account()
    receipts.add_receipt(office.session, office.claim(), PHOTO, by=None)
    data = person.person_data(office.session, office.member.respondent)
    parts = {part["table"]: part["rows"] for part in data["parts"]}
    assert parts["bank_accounts"][0]["sealed"] == {"holder": "Vera Konto", "iban": IBAN}
    assert base64.b64decode(parts["claim_receipts"][0]["sealed"]) == PHOTO.content
    assert parts["allowance_claims"][0]["attendance_cents"] == 8000
    erasing.clear(office.session, [office.member.respondent_id])
    assert office.session.scalars(sa.select(ClaimReceipt.id)).all() == []


def test_who_entered_something_for_the_member_is_kept_when_the_member_saves_it(office: Office) -> None:
    session, claim = office.session, office.claim()
    claims.change_claim(session, claim, {"kilometres": 7}, by=office.organiser)
    claims.change_claim(session, claim, {"kilometres": 8}, by=None)
    assert claim.entered_by_id == office.organiser.id
    receipt = receipts.add_receipt(session, claim, PHOTO, by=office.second)
    assert claim.entered_by_id == office.second.id
    receipts.remove_receipt(session, claim, receipt, by=office.organiser)
    claims.submit(session, claim, by=None)
    with pytest.raises(ConflictError, match="entered this claim yourself"):
        claims.check(session, claim, by=office.organiser)


def test_whoever_still_works_on_a_claim_keeps_its_receipts(office: Office) -> None:
    session, claim, day = office.session, office.claim(), dt.timedelta(days=170)
    office.traveller.shift(day)
    first = receipts.add_receipt(session, claim, PHOTO, by=None)
    for deed in (
        lambda: claims.change_claim(session, claim, {"kilometres": 7}, by=None),
        lambda: receipts.add_receipt(session, claim, PHOTO, by=None),
        lambda: receipts.remove_receipt(session, claim, first, by=None),
    ):
        office.traveller.shift(day)
        deed()
        assert expiry.delete_claim_receipts(session, office.assembly) == {}
    office.traveller.shift(day)
    assert expiry.delete_claim_receipts(session, office.assembly) == {}


def test_whoever_left_and_is_still_to_be_paid_is_kept_like_a_member(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, claim = office.session, office.approved()
    calling.withdraw(session, office.member.respondent, by=office.organiser)
    respondent_id = office.member.respondent_id
    office.traveller.shift(dt.timedelta(days=120))
    due = {retention.Deadline.NOT_DRAWN}
    monkeypatch.setattr(deadlines, "is_due", lambda _session, _assembly, which: which in due)
    retention.delete_not_drawn(session, office.assembly)
    session.expire_all()
    assert session.scalars(sa.select(Claim.id)).all() == [claim.id]
    made = payments.make_list(session, office.assembly, by=office.organiser)
    payments.mark_paid(session, office.assembly, made, by=office.organiser)
    retention.delete_not_drawn(session, office.assembly)
    session.expire_all()
    assert session.get_one(Respondent, respondent_id).cleared_at is not None


@pytest.mark.parametrize("what", ["account", "rates", "event_rates"])
def test_two_people_who_save_something_for_the_first_time_at_once_both_can(drawn: DrawnPanel, what: str) -> None:
    with drawn.sessions.begin() as session:
        office = Office(session, drawn)
        member_id, event_id = office.member.respondent_id, office.event.id
        session.execute(sa.delete(AssemblyRates))
    both = threading.Barrier(2)

    def save(_number: int) -> None:
        with drawn.sessions() as session:
            assembly, by = drawn.load(session)
            member, event = session.get_one(Member, member_id), session.get_one(Event, event_id)
            session.commit()
            both.wait(timeout=patience.SECONDS)
            match what:
                case "account":
                    bank.change_account(session, assembly, member, holder="Vera", iban=IBAN, by=by)
                case "rates":
                    rates.change_rates(session, assembly, RATES, by=by)
                case _:
                    rates.change_event_rates(session, event, RATES, by=by)
            time.sleep(0.2)
            session.commit()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(save, range(2)))


def test_an_account_needs_a_holder(office: Office) -> None:
    with pytest.raises(RuleError) as refused:
        bank.change_account(office.session, office.assembly, office.member, holder="  ", iban=IBAN, by=None)
    assert refused.value.field == "holder"


def test_a_persons_file_says_what_cannot_be_opened_any_more(office: Office) -> None:
    office.give_account()
    receipts.add_receipt(office.session, office.claim(), PHOTO, by=None)
    engine: Any = office.session.get_bind()
    before = engine.get_execution_options()[sealing._OPTION]
    sealing.attach_keys(engine, "another secret")
    try:
        data = person.person_data(office.session, office.member.respondent, words=str.upper)
    finally:
        engine.update_execution_options(**{sealing._OPTION: before})
    parts = {part["table"]: part["rows"] for part in data["parts"]}
    for table in ("bank_accounts", "claim_receipts"):
        assert parts[table][0]["sealed"].startswith("THIS CANNOT BE OPENED")
