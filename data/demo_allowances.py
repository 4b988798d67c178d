"""Seeds the allowances of the demo's drawn panel: claims in every state, one payment list paid and one to be paid."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from sqlalchemy.orm import Session

from assembly.models import Assembly, AttendanceState, Claim, Event, Member, Role, Status, User
from assembly.services.allowances import bank, claims, payments, rates, receipts
from assembly.services.attendance import people
from assembly.services.pdfs import REPORT, compiled, section

RATES = {
    "whole_day": 8000,
    "half_day": 4000,
    "per_km": 30,
    "childcare_hour": 1500,
    "care_hour": 1500,
    "cost_centre": "1110-4711",
}
VISIT_RATES = {"whole_day": 5000, "half_day": 2500}
IBANS = ("DE02120300000000202051", "DE02500105170137075030", "DE02100500000054540402")
"""Numbers of accounts that banks print in examples."""
QUANTITIES: tuple[dict[str, int], ...] = (
    {"kilometres": 14},
    {"ticket_cents": 580},
    {"childcare_minutes": 240},
    {},
    {"kilometres": 22, "care_minutes": 180},
    {"ticket_cents": 290},
    {},
    {"kilometres": 6},
)


@dataclasses.dataclass(frozen=True, slots=True)
class Money:
    """What members of the panel claim for its first two events."""

    session: Session
    assembly: Assembly
    staff: Mapping[Role, User]

    def set_rates(self, visit: Event) -> None:
        """Say what is paid; the site visit is shorter, and so has rates of its own."""
        rates.change_rates(self.session, self.assembly, RATES, by=self._organiser)
        rates.change_event_rates(self.session, visit, VISIT_RATES, by=self._organiser)

    def pay(self, event: Event) -> None:
        """Let members claim for an event: one list is paid already, another waits, and some are on their way."""
        there = self._there(event)
        for number, member in enumerate(there[: len(IBANS)]):
            self._give_account(member, IBANS[number])
        made = [self._claim(member, event, number) for number, member in enumerate(there[: len(QUANTITIES)])]
        for claim in made[:3]:
            self._approve(claim)
        paid = payments.make_list(self.session, self.assembly, by=self._organiser)
        payments.mark_paid(self.session, self.assembly, paid, by=self._organiser)
        for claim in made[3:5]:
            self._approve(claim)
        payments.make_list(self.session, self.assembly, by=self._organiser)
        self._approve(made[5])
        claims.check(self.session, made[6], by=self._support)
        reason = "Bitte geben Sie auch den Rückweg an: Es zählen Hin- und Rückweg zusammen."
        claims.reject(self.session, made[7], reason=reason, by=self._support)

    def claim_for(self, event: Event) -> None:
        """Let some claim for another event: handed in, and one of them only begun."""
        first, *others = self._there(event)[:4]
        for number, member in enumerate(others):
            self._claim(member, event, number)
        claims.add_claim(self.session, first, event, by=None)

    def _there(self, event: Event) -> list[Member]:
        """Return the confirmed members who were there, as the list has them."""
        return [
            one.member
            for one in people.people_of(self.session, event)
            if one.state is AttendanceState.PRESENT and one.member.respondent.status is Status.CONFIRMED
        ]

    def _claim(self, member: Member, event: Event, number: int) -> Claim:
        claim, quantities = claims.add_claim(self.session, member, event, by=None), QUANTITIES[number]
        claims.change_claim(self.session, claim, quantities, by=None)
        if "ticket_cents" in quantities:
            file = receipts.looked_at(_ticket(claim), clamd=None)
            receipts.add_receipt(self.session, claim, file, by=None)
        claims.submit(self.session, claim, by=None)
        return claim

    def _approve(self, claim: Claim) -> None:
        claims.check(self.session, claim, by=self._support)
        claims.approve(self.session, claim, by=self._organiser)

    def _give_account(self, member: Member, iban: str) -> None:
        contact = member.respondent.contact
        holder = f"{contact.first_name} {contact.last_name}" if contact else member.respondent.code
        bank.change_account(self.session, self.assembly, member, holder=holder, iban=iban, by=self._organiser)

    @property
    def _support(self) -> User:
        return self.staff[Role.SUPPORT]

    @property
    def _organiser(self) -> User:
        return self.staff[Role.ORGANISER]


def _ticket(claim: Claim) -> bytes:
    """Return a ticket of the city's buses as PDF."""
    facts = [
        ("Preis", f"{claim.ticket_cents / 100:.2f} EUR"),
        ("Gültig", claim.event.starts_at.strftime("%d.%m.%Y")),
    ]
    data = {"language": "de", "author": "Stadtwerke Auenfurt", "title": "Fahrkarte", "warning": "", "page": ""}
    return compiled(REPORT, data | {"sections": [section("", facts=facts)]}, made_at=claim.event.starts_at)
