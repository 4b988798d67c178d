"""From the draw to the confirmed panel: reaching people, confirming them, and filling seats that become free."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.clock import ZONE, now
from assembly.models import (
    AttemptOutcome,
    Channel,
    Commitment,
    ContactAttempt,
    GuardianConsent,
    Lottery,
    Member,
    NeedKind,
    Respondent,
    Status,
    SupportNeed,
    User,
)
from assembly.services import commitments, draws, logbook, lotteries, respondents
from assembly.services.errors import ConflictError, NotFoundError, RuleError
from assembly.services.needs import people
from assembly.services.needs.people import Wish
from assembly.services.panel import calling, make_up, replacing, seats
from tests.assembly.services.panels import (
    REPLACEMENT,
    START,
    WEEK,
    DrawnPanel,
    attempt,
    draw_panel,
    members_in,
    perform,
)

NEED = Wish(NeedKind.OTHER, text="Gebärdensprache")


def confirm(session: Session, one: Respondent, by: User, needs: Sequence[Wish] = ()) -> None:
    """Confirm somebody who prefers the phone."""
    calling.confirm(session, one, channel=Channel.PHONE, language="de", needs=needs, by=by)


def test_from_the_draw_to_a_confirmed_panel(drawn: DrawnPanel) -> None:
    """One declines, a replacement is drawn by the rule of the commitment, and the confirmed panel meets its quotas."""
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        first, *others = members_in(session, Status.DRAWN)
        left = first.code
        calling.decline(session, first, by=organiser)
        for one in others:
            confirm(session, one, organiser)
        assert seats.vacated_codes(session, assembly) == [left]
    drawn.replace()
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        [new] = members_in(session, Status.DRAWN)
        assert new.code != left
        assert [one.code for one in members_in(session, Status.REPLACED)] == [left]
        assert [m.respondent.code for m in seats.members_of(session, assembly) if m.replaced_at] == [left]
        confirm(session, new, organiser)
        found = make_up.make_up_of(session, assembly)
        assert [(v.name, v.confirmed, v.open, v.is_met) for v in found[0].values] == [
            ("a", 2, 0, True),
            ("b", 2, 0, True),
        ]
        assert seats.deletion_clock_starts(session, assembly) == REPLACEMENT
        chain = session.scalars(sa.select(Commitment).order_by(Commitment.id)).all()
        assert json.loads(chain[1].public_document)["parent"] == chain[0].hash
        assert [one.registrations is not None for one in chain] == [True, False]
        assert commitments.current_commitment(session, assembly) is chain[0]
        assert lotteries.standing_lottery(session, assembly) is chain[0].lottery


def test_a_panel_of_relaxed_quotas_is_held_against_these(drawn: DrawnPanel) -> None:
    """If nobody is left who fits, a replacement changes quotas: then the panel meets the changed ones."""
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        assert make_up.relaxations_of(session, assembly) == []
        leaving, *others = members_in(session, Status.DRAWN)
        value = leaving.values[0].value_id
        for one in members_in(session, Status.REGISTERED):
            if one.values[0].value_id == value:
                respondents.move(session, one, Status.WITHDRAWN, by=organiser)
        calling.decline(session, leaving, by=organiser)
        for one in others:
            confirm(session, one, organiser)
    drawn.replace(relax=True)
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        [new] = members_in(session, Status.DRAWN)
        confirm(session, new, organiser)
        [feature] = make_up.make_up_of(session, assembly)
        assert sorted((v.confirmed, v.is_met) for v in feature.values) == [(1, True), (3, True)]
        assert len(make_up.relaxations_of(session, assembly)) == 2


def test_who_left_before_the_draw_is_replaced_and_who_left_the_pool_is_not_in_it(drawn: DrawnPanel) -> None:
    """Nobody who withdrew returns: neither to their seat nor to the pool of a replacement."""
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        first, second, *_ = members_in(session, Status.DRAWN)
        gone, erased = members_in(session, Status.REGISTERED)[:2]
        respondents.move(session, gone, Status.WITHDRAWN, by=organiser)
        respondents.erase(session, second, by=organiser)
        respondents.erase(session, erased, by=organiser)
        calling.withdraw(session, first, by=organiser)
        codes = {gone.code, erased.code, first.code, second.code}
        vacated = sorted([first.code, second.code])
    drawn.replace()
    with drawn.sessions.begin() as session:
        assembly, _ = drawn.load(session)
        last = replacing.last_drawn(session, assembly)
        assert last is not None
        assert last.lottery.vacated == vacated
        pool = {entry["row"]["id"] for entry in json.loads(last.audit_document or b"")["entries"]}
        assert not pool & codes
        assert len(pool) == 12 - len(codes)
        assert len(members_in(session, Status.DRAWN)) == 4
        by_code = {one.code: one.status for one in session.scalars(sa.select(Respondent))}
        assert sorted(by_code[code] for code in vacated) == [Status.ERASED, Status.REPLACED]


def test_a_withdrawal_after_the_commitment_is_drawn_and_vacated(
    sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    """Whoever leaves between commitment and draw counts as drawn and withdrawn; their seat is free at once."""
    with time_machine.travel(START, tick=True) as traveller:
        drawn = draw_panel(sessions, tmp_path, traveller, leave=True)
        with sessions.begin() as session:
            assembly, _ = drawn.load(session)
            vacated = seats.vacated_codes(session, assembly)
            assert len(vacated) == 4
            assert len(members_in(session, Status.WITHDRAWN)) == 4


def test_two_replacement_draws_at_once_draw_once(drawn: DrawnPanel) -> None:
    """Two witnesses' second entries at one moment lead to one draw."""
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        calling.decline(session, members_in(session, Status.DRAWN)[0], by=organiser)
    commitment_id = drawn.commit_replacement()
    drawn.traveller.move_to(REPLACEMENT + dt.timedelta(minutes=5))
    with drawn.sessions.begin() as session:
        drawn.enter(session, commitment_id, drawn.organiser_id)
    ready, outcomes = threading.Barrier(2), []

    def second(account: int) -> None:
        ready.wait()
        try:
            with drawn.sessions.begin() as session:
                outcomes.append(drawn.enter(session, commitment_id, account))
        except (ConflictError, sa.exc.DBAPIError) as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=second, args=(one,)) for one in (drawn.witness_id, drawn.second_witness_id)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(draws.Outcome.DRAWN) == 1
    with drawn.sessions.begin() as session:
        assert len(members_in(session, Status.DRAWN)) == 4
        assert len(members_in(session, Status.REPLACED)) == 1


def test_two_starts_give_one_replacement_and_one_commitment(drawn: DrawnPanel) -> None:
    """Starting twice gives the same lottery; a second commitment is refused; no seat free, no lottery."""
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        with pytest.raises(ConflictError, match="No seat is free"):
            replacing.start(session, assembly, by=organiser)
        calling.decline(session, members_in(session, Status.DRAWN)[0], by=organiser)
        lottery = replacing.start(session, assembly, by=organiser)
        assert replacing.start(session, assembly, by=organiser) is lottery
        lottery_id = lottery.id
    perform(drawn.sessions, drawn.config)
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        lottery = session.get_one(Lottery, lottery_id)
        replacing.commit(session, assembly, lottery, by=organiser)
        with pytest.raises(ConflictError, match="waits for its draw"):
            replacing.commit(session, assembly, lottery, by=organiser)
        with pytest.raises(ConflictError, match="waits for its draw"):
            replacing.start(session, assembly, by=organiser)


def test_a_replacement_that_nobody_could_draw_is_not_committed(drawn: DrawnPanel) -> None:
    """Of the three accounts, each two have one that invited the other."""
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        calling.decline(session, members_in(session, Status.DRAWN)[0], by=organiser)
        for witness in (drawn.witness_id, drawn.second_witness_id):
            session.get_one(User, witness).invited_by_id = organiser.id
        session.get_one(User, drawn.second_witness_id).invited_by_id = drawn.witness_id
        session.get_one(User, organiser.id).invited_by_id = drawn.second_witness_id
    with pytest.raises(ConflictError, match="Nobody could enter the drawn number"):
        drawn.commit_replacement()
    with drawn.sessions() as session:
        assembly, _ = drawn.load(session)
        assert replacing.standing_commitment(session, assembly) is None


def test_who_leaves_after_the_start_makes_the_lottery_out_of_date(drawn: DrawnPanel) -> None:
    """A person who withdrew from the remaining pool cannot be drawn by a lottery that was computed before."""
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        calling.decline(session, members_in(session, Status.DRAWN)[0], by=organiser)
        lottery_id = replacing.start(session, assembly, by=organiser).id
    perform(drawn.sessions, drawn.config)
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        respondents.move(session, members_in(session, Status.REGISTERED)[0], Status.WITHDRAWN, by=organiser)
        with pytest.raises(ConflictError, match="has left since"):
            replacing.commit(session, assembly, session.get_one(Lottery, lottery_id), by=organiser)


def test_after_the_last_date_nobody_is_replaced(drawn: DrawnPanel) -> None:
    """The rule fixed one date; once it has passed, there is no further replacement."""
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        calling.decline(session, members_in(session, Status.DRAWN)[0], by=organiser)
        drawn.traveller.move_to(REPLACEMENT - dt.timedelta(hours=23))
        with pytest.raises(ConflictError, match="less than 24 hours"):
            replacing.start(session, assembly, by=organiser)
        drawn.traveller.move_to(REPLACEMENT + dt.timedelta(minutes=1))
        with pytest.raises(ConflictError, match="No moment is left"):
            replacing.start(session, assembly, by=organiser)


def test_not_reached_needs_two_channels_a_writing_and_seven_days(drawn: DrawnPanel) -> None:
    """Each part of the rule is asked for by itself."""
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        one = members_in(session, Status.DRAWN)[0]

        def refused() -> str:
            with pytest.raises(RuleError) as caught:
                calling.mark_not_reached(session, one, by=organiser)
            return caught.value.message

        attempt(session, one, Channel.PHONE, organiser)
        assert refused() == "Try a second channel first."
        attempt(session, one, Channel.VISIT, organiser)
        assert refused() == "Write to the person first: by mail, SMS or letter."
        attempt(session, one, Channel.SMS, organiser)
        assert refused() == "Wait until seven days have passed since the first attempt."
        drawn.traveller.shift(WEEK)
        calling.mark_not_reached(session, one, by=organiser)
        assert one.status is Status.NOT_REACHED


def test_who_was_not_reached_may_still_confirm_until_their_seat_is_fixed_for_another(drawn: DrawnPanel) -> None:
    """A late answer counts, but not once a lottery over the seat is committed."""
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        one, other = members_in(session, Status.DRAWN)[:2]
        for member in (one, other):
            attempt(session, member, Channel.PHONE, organiser)
            attempt(session, member, Channel.LETTER, organiser)
        drawn.traveller.shift(WEEK)
        calling.mark_not_reached(session, one, by=organiser)
        calling.mark_not_reached(session, other, by=organiser)
        confirm(session, one, organiser)
        assert one.status is Status.CONFIRMED
        code = other.code
    drawn.commit_replacement()
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        other = session.scalars(sa.select(Respondent).where(Respondent.code == code)).one()
        with pytest.raises(ConflictError, match="fixed already"):
            confirm(session, other, organiser)


def test_a_guardian_agrees_before_somebody_under_18_confirms(drawn: DrawnPanel) -> None:
    """On the day of the confirmation: whoever turns 18 on it needs nobody."""
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        today = now().astimezone(ZONE).date()
        birthday = dt.date(today.year - calling.OF_AGE, today.month, min(today.day, 28))
        young, of_age, unknown = members_in(session, Status.DRAWN)[:3]
        for one, birth in ((young, birthday + dt.timedelta(days=4)), (of_age, birthday), (unknown, None)):
            assert one.contact is not None
            one.contact.birth_date = birth
        confirm(session, of_age, organiser)
        with pytest.raises(RuleError, match="guardian"):
            confirm(session, young, organiser)
        calling.record_consent(session, young, guardian="Mia Mutter", channel=Channel.LETTER, by=organiser)
        confirm(session, young, organiser)
        with pytest.raises(RuleError, match="date of birth is not known"):
            confirm(session, unknown, organiser)
        calling.confirm(session, unknown, channel=Channel.MAIL, language="en", is_of_age=True, by=organiser)
        assert len(members_in(session, Status.CONFIRMED)) == 3
        *_, last = [entry for entry in logbook.entries_of(session, assembly) if entry.action == "said_of_age"]
        assert last.subject == f"respondent:{unknown.id}"


def test_a_callback_has_its_date(drawn: DrawnPanel) -> None:
    """No callback without date, no date without callback, none in the past."""
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        one = members_in(session, Status.DRAWN)[0]
        day = dt.date(2035, 4, 1)
        for outcome, on in ((AttemptOutcome.CALL_BACK, None), (AttemptOutcome.REACHED, day)):
            with pytest.raises(RuleError):
                calling.record_attempt(
                    session, one, channel=Channel.PHONE, outcome=outcome, callback_on=on, by=organiser
                )
        with pytest.raises(RuleError, match="passed"):
            calling.record_attempt(
                session,
                one,
                channel=Channel.PHONE,
                outcome=AttemptOutcome.CALL_BACK,
                callback_on=dt.date(2035, 1, 1),
                by=organiser,
            )


def test_erasing_clears_everything_of_a_member(drawn: DrawnPanel) -> None:
    """Attempts, notes, consent, needs and mails are gone; the row of the seat stays."""
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        one = members_in(session, Status.DRAWN)[0]
        attempt(session, one, Channel.LETTER, organiser)
        calling.record_consent(session, one, guardian="Mia Mutter", channel=Channel.PHONE, by=organiser)
        confirm(session, one, organiser, needs=[NEED])
        respondents.erase(session, one, by=organiser)
        for table in (ContactAttempt, GuardianConsent, SupportNeed):
            assert session.scalars(sa.select(table)).all() == []
        seat = session.get_one(Member, one.id, populate_existing=True)
        assert (seat.channel, seat.language) == (None, None)


@pytest.mark.parametrize("to", [Status.DECLINED, Status.WITHDRAWN])
def test_what_somebody_needs_goes_with_their_seat(drawn: DrawnPanel, to: Status) -> None:
    """In the transaction of the move; what others need stays."""
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        leaving, staying, *_ = members_in(session, Status.DRAWN)
        for one in (leaving, staying):
            people.add_need(session, one, NEED, by=organiser)
        respondents.move(session, leaving, to, by=organiser)
        assert session.scalars(sa.select(SupportNeed.respondent_id)).all() == [staying.id]


def test_what_somebody_needed_who_was_not_reached_goes_with_their_replacement(drawn: DrawnPanel) -> None:
    """Until then they may still answer."""
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        one = members_in(session, Status.DRAWN)[0]
        people.add_need(session, one, NEED, by=organiser)
        respondents.move(session, one, Status.NOT_REACHED, by=organiser)
        assert session.scalars(sa.select(SupportNeed.respondent_id)).all() == [one.id]
        respondents.move(session, one, Status.REPLACED, by=organiser)
        assert session.scalars(sa.select(SupportNeed.respondent_id)).all() == []


def test_callers_see_drawn_people_only(drawn: DrawnPanel) -> None:
    """Somebody of the pool who was not drawn does not exist for the pages of the panel."""
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        other = members_in(session, Status.REGISTERED)[0]
        with pytest.raises(NotFoundError):
            seats.get_member(session, other.id, user=organiser, may=lambda _standing: True, assembly_id=assembly.id)
