"""Seeds what follows the draw of the demo's drawn panel: people are called, leave, and are replaced by another draw."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from sqlalchemy.orm import Session

from assembly.models import Assembly, AttemptOutcome, Channel, Job, Lottery, Member, NeedKind, Role, Status, User
from assembly.services import draws
from assembly.services.needs.people import Wish
from assembly.services.panel import calling, replacing, seats, telling
from assembly.services.panel.telling import Letter

NEEDS = (
    Wish(NeedKind.MOBILITY, text="Rollstuhlgerechter Zugang"),
    Wish(NeedKind.CHILDCARE, children=2, ages="3 und 6 Jahre"),
    Wish(NeedKind.SIGN_LANGUAGE, language="Deutsche Gebärdensprache"),
    Wish(NeedKind.SPOKEN_LANGUAGE, language="Ukrainisch"),
    Wish(NeedKind.DIET, text="Vegan, ohne Nüsse"),
)
AGREE_AT_ONCE = 16
"""Of the drawn people, in the order in which they are called. The two after them decline and cannot be reached."""


@dataclasses.dataclass(frozen=True, slots=True)
class Calls:
    """The weeks after the draw.

    `day` is that of the draw, `refilled` that of the draw of the free seats; `perform` starts jobs, and waits until
    they are done.
    """

    session: Session
    assembly: Assembly
    staff: Mapping[Role, User]
    day: int
    refilled: int
    on: Callable[..., AbstractContextManager[None]]
    perform: Callable[[Callable[[], Sequence[Job | Lottery]]], None]

    def make(self) -> None:
        """Let everything happen up to yesterday."""
        with self.on(self.day + 1):
            self._tell()
        drawn = self._waiting()
        agreeing, (declining, silent), late = (
            drawn[:AGREE_AT_ONCE],
            drawn[AGREE_AT_ONCE:][:2],
            drawn[AGREE_AT_ONCE + 2 :],
        )
        with self.on(self.day + 2):
            for number, member in enumerate(agreeing):
                self._call(member, AttemptOutcome.REACHED)
                self._confirm(member, needs=NEEDS[number : number + 1])
            self._call(declining, AttemptOutcome.REACHED, "Pflegt zurzeit die Mutter.")
            calling.decline(self.session, declining.respondent, by=self._caller)
            for member in (silent, *late):
                self._call(member, AttemptOutcome.NO_ANSWER)
        with self.on(self.day + 6):
            self._call(silent, AttemptOutcome.LEFT_MESSAGE)
            self._call(silent, AttemptOutcome.SENT, channel=Channel.SMS)
            for member in late:
                self._call(member, AttemptOutcome.REACHED)
                self._confirm(member)
        with self.on(self.day + 10):
            calling.mark_not_reached(self.session, silent.respondent, by=self._caller)
        self._replace()
        with self.on(self.refilled + 1):
            self._tell()
        first, *others = self._waiting()
        with self.on(self.refilled + 2):
            self._call(first, AttemptOutcome.REACHED)
            self._confirm(first)
        with self.on(-1):
            for member in others:
                self._call_back(member)
            leaving = agreeing[-1].respondent
            calling.withdraw(self.session, leaving, by=self._caller)

    def confirm_all(self) -> None:
        """Let everybody who was drawn take the seat."""
        for member in self._waiting():
            self._confirm(member)

    @property
    def _caller(self) -> User:
        return self.staff[Role.CALLER]

    def _tell(self) -> None:
        organiser = self.staff[Role.ORGANISER]
        self.perform(lambda: [telling.start(self.session, self.assembly, Letter.DRAWN, by=organiser)])

    def _waiting(self) -> list[Member]:
        return [m for m in seats.members_of(self.session, self.assembly) if m.respondent.status is Status.DRAWN]

    def _call(
        self, member: Member, outcome: AttemptOutcome, note: str = "", *, channel: Channel = Channel.PHONE
    ) -> None:
        calling.record_attempt(
            self.session, member.respondent, channel=channel, outcome=outcome, note=note, by=self._caller
        )

    def _call_back(self, member: Member) -> None:
        tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        calling.record_attempt(
            self.session,
            member.respondent,
            channel=Channel.PHONE,
            outcome=AttemptOutcome.CALL_BACK,
            callback_on=tomorrow,
            note="Möchte erst mit der Familie sprechen.",
            by=self._caller,
        )

    def _confirm(self, member: Member, needs: Sequence[Wish] = ()) -> None:
        age = calling.age_of(member.respondent)
        if age is not None and age < calling.OF_AGE:
            calling.record_consent(
                self.session,
                member.respondent,
                guardian="Elternteil, am Telefon",
                channel=Channel.PHONE,
                by=self._caller,
            )
        calling.confirm(
            self.session,
            member.respondent,
            channel=Channel.MAIL,
            language="de",
            needs=needs,
            is_of_age=age is None,
            by=self._caller,
        )

    def _replace(self) -> None:
        """Fill the vacated seats by another lottery, committed and drawn by the rule of the first."""
        organiser = self.staff[Role.ORGANISER]
        with self.on(self.day + 11):
            self.perform(lambda: [replacing.start(self.session, self.assembly, relax=True, by=organiser)])
        with self.on(self.day + 12):
            lottery = replacing.newest_lottery(self.session, self.assembly)
            if lottery is None:
                raise RuntimeError("The replacement lottery was not found.")
            commitment = replacing.commit(self.session, self.assembly, lottery, by=organiser)
        with self.on(self.refilled, minutes=20):
            for role in (Role.ORGANISER, Role.WITNESS):
                draws.enter_value(self.session, self.assembly, commitment, "2086", by=self.staff[role])
                self.session.commit()
