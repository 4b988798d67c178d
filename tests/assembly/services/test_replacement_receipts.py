"""Receipts for the draw of free seats, on both databases: for whoever may be drawn, about this draw alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session, sessionmaker

from assembly.models import Commitment, Mail, MailState, Obstacle, Receipt, Respondent, Status
from assembly.services import commitments, posting, receipt_search, receipts, respondents
from assembly.services.errors import ConflictError
from assembly.services.panel import calling
from sortition.protocol.documents import parse_audit, parse_public, parse_receipt
from sortition.protocol.receipts import leaf_of, tickets_of
from tests.assembly.services.panels import REPLACEMENT, START, DrawnPanel, drawn_panel
from tests.assembly.services.test_panel import members_in

PAGE = "https://buergerrat.example.org/a/x/receipt"
LEFT = 8
"""Twelve people registered, four were drawn; one of these declines, so three of them stay."""


@pytest.fixture
def drawn(sessions: sessionmaker[Session], tmp_path: Path) -> Iterator[DrawnPanel]:
    """A drawn panel with its receipts sent before, and one seat free; of those left, two have no mail address."""
    with time_machine.travel(START, tick=True) as traveller:
        panel = drawn_panel(sessions, tmp_path, traveller)
        with sessions.begin() as session:
            assembly, organiser = panel.load(session)
            assembly.is_public = True
            by_letter, unreachable = members_in(session, Status.REGISTERED)[:2]
            for one in (by_letter, unreachable):
                assert one.contact
                one.contact.email = ""
            assert unreachable.contact
            unreachable.contact.street = unreachable.contact.postcode = unreachable.contact.city = ""
            calling.decline(session, members_in(session, Status.DRAWN)[0], by=organiser)
        yield panel


def send(panel: DrawnPanel, commitment_id: int) -> None:
    with panel.sessions.begin() as session:
        assembly, organiser = panel.load(session)
        commitment = session.get_one(Commitment, commitment_id)
        receipts.send_receipts(session, assembly, commitment, page=PAGE, by=organiser)


def of(session: Session, commitment_id: int) -> list[Receipt]:
    return list(session.scalars(sa.select(Receipt).where(Receipt.commitment_id == commitment_id).order_by(Receipt.id)))


def test_everyone_left_in_the_pool_gets_one_and_no_member(drawn: DrawnPanel) -> None:
    commitment_id = drawn.commit_replacement()
    with drawn.sessions() as session:
        progress = receipts.progress_of(session, session.get_one(Commitment, commitment_id))
        assert (progress.people, progress.waiting) == (LEFT, LEFT)
    send(drawn, commitment_id)
    with drawn.sessions() as session:
        assembly, _ = drawn.load(session)
        commitment = session.get_one(Commitment, commitment_id)
        made = of(session, commitment_id)
        assert {one.respondent.status for one in made} == {Status.REGISTERED}
        progress = receipts.progress_of(session, commitment)
        assert (progress.waiting, progress.missing) == (0, 1)
        assert progress.states == {MailState.QUEUED: LEFT - 2, MailState.TO_PRINT: 1}
        assert progress.obstacles == {Obstacle.NO_ADDRESS: 1}
        (subject,) = set(session.scalars(sa.select(Mail.subject).where(Mail.template == "receipt")))
        assert subject == f"Ihre Quittung für die Auslosung der freien Plätze: {assembly.title}"
        post = posting.post_of(session, assembly, "receipt", limit=10, commitment=commitment)
        assert [batch.count for batch in post.batches] == [1]
        assert receipts.commitment_of(session, post.batches[0].first) is commitment
    send(drawn, commitment_id)
    with drawn.sessions() as session:
        assert len(of(session, commitment_id)) == LEFT


def test_each_says_its_tickets_and_its_chance_of_this_draw(drawn: DrawnPanel) -> None:
    """The chance is that of one free seat among the left people of the same value, not that of the first draw."""
    commitment_id = drawn.commit_replacement()
    send(drawn, commitment_id)
    with drawn.sessions() as session:
        assembly, _ = drawn.load(session)
        commitment = session.get_one(Commitment, commitment_id)
        public = parse_public(commitment.public_document, name="public.json")
        leaves = {
            entry["leaf"] for entry in parse_audit(commitment.audit_document or b"", name="audit.json")["entries"]
        }
        chances = []
        for own in of(session, commitment_id):
            found = receipt_search.shown(receipt_search.find_by_code(session, assembly, own.code))
            assert (found.commitment, found.people, found.is_of_free_seats) == (commitment.hash, LEFT, True)
            receipt = parse_receipt(own.document, name="receipt.json")
            assert [int(number) for number in found.tickets] == tickets_of(receipt, public)
            assert leaf_of(receipt) in leaves
            assert receipt_search.find_by_file(session, assembly, own.document).id == own.id
            chances.append(float(found.chance))
        assert sum(chances) == pytest.approx(1)
        assert sorted(chances) == pytest.approx([0] * 4 + [0.25] * 4, abs=2e-4)


def test_the_receipt_of_the_first_draw_stays_what_it_was(drawn: DrawnPanel) -> None:
    """With codes of both draws, each leads to its own commitment; after the draw, the second says who was drawn."""
    commitment_id = drawn.commit_replacement()
    send(drawn, commitment_id)
    drawn.traveller.move_to(REPLACEMENT + dt.timedelta(minutes=5))
    for account in (drawn.organiser_id, drawn.witness_id):
        with drawn.sessions.begin() as session:
            drawn.enter(session, commitment_id, account)
    with drawn.sessions() as session:
        assembly, _ = drawn.load(session)
        shown = {
            own.respondent.code: receipt_search.shown(receipt_search.find_by_code(session, assembly, own.code))
            for own in of(session, commitment_id)
        }
        (code,) = (code for code, found in shown.items() if found.was_drawn)
        assert session.scalars(sa.select(Respondent).where(Respondent.code == code)).one().status is Status.DRAWN
        commitment = session.get_one(Commitment, commitment_id)
        with pytest.raises(ConflictError, match="free seats have been drawn already"):
            receipts.require_sendable(session, assembly, commitment)


def test_a_voided_replacement_is_told_to_whoever_had_a_receipt_for_it_and_to_nobody_else(drawn: DrawnPanel) -> None:
    first = drawn.commit_replacement()
    send(drawn, first)
    with drawn.sessions.begin() as session:
        assembly, organiser = drawn.load(session)
        had = of(session, first)[-1]
        assert had.mail
        had.mail.state, whose = MailState.SENT, had.respondent_id
        commitments.void(session, assembly, session.get_one(Commitment, first), reason="Noch eine Absage", by=organiser)
    with drawn.sessions() as session:
        states = sorted(session.scalars(sa.select(Mail.state).where(Mail.template == "receipt")))
        assert states == [MailState.ERASED] * (LEFT - 2) + [MailState.SENT]
    second = drawn.commit_replacement()
    send(drawn, second)
    with drawn.sessions() as session:
        words = {own.respondent_id: own.mail.text for own in of(session, second) if own.mail}
        told = {one for one, text in words.items() if "frühere wurde aufgehoben" in text}
        assert told == {whose}
        assert all("der freien Plätze" in text or "frei geworden" in text for text in words.values())


def test_they_are_not_sent_in_the_last_24_hours_and_the_way_out_is_said(drawn: DrawnPanel) -> None:
    commitment_id = drawn.commit_replacement()
    drawn.traveller.move_to(REPLACEMENT - dt.timedelta(hours=23))
    with pytest.raises(ConflictError, match="at the next moment that the rule fixed"):
        send(drawn, commitment_id)


def test_whoever_leaves_the_pool_afterwards_is_not_written_to(drawn: DrawnPanel) -> None:
    commitment_id = drawn.commit_replacement()
    with drawn.sessions.begin() as session:
        _, organiser = drawn.load(session)
        respondents.move(session, members_in(session, Status.REGISTERED)[-1], Status.WITHDRAWN, by=organiser)
    send(drawn, commitment_id)
    with drawn.sessions() as session:
        progress = receipts.progress_of(session, session.get_one(Commitment, commitment_id))
        assert progress.obstacles == {Obstacle.NO_ADDRESS: 1, Obstacle.WITHDRAWN: 1}
        assert sum(progress.states.values()) == LEFT - 2
