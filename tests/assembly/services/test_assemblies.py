"""Assemblies: names in addresses, what is logged, and dates that come too late."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from assembly.models import Assembly, Role, User
from assembly.services import accounts, assemblies, authorisation, logbook
from assembly.services.errors import ConflictError, ForbiddenError, NotFoundError, RuleError
from tests.assembly.conftest import WORDS


def test_addresses_are_german_words_and_never_taken(session: Session, organiser: User) -> None:
    titles = ["Bürgerrat Straßen & Plätze", "Bürgerrat Straßen & Plätze", "!!!"]
    slugs = [assemblies.create_assembly(session, WORDS | {"title": title}, by=organiser).slug for title in titles]
    assert slugs == ["buergerrat-strassen-plaetze", "buergerrat-strassen-plaetze-2", "assembly"]


def test_whoever_creates_it_organises_it(session: Session, assembly: Assembly, organiser: User) -> None:
    assert authorisation.standing_of(organiser, assembly.id).here == {Role.ORGANISER}
    assert [entry.action for entry in logbook.entries_of(session, assembly)] == ["assembly_created", "role_granted"]


def test_a_change_is_logged_with_before_and_after_and_no_change_is_not(
    session: Session, assembly: Assembly, organiser: User
) -> None:
    assemblies.describe(session, assembly, WORDS | {"panel_size": 50}, by=organiser)
    assemblies.describe(session, assembly, WORDS | {"panel_size": 50}, by=organiser)
    *_, last = logbook.entries_of(session, assembly)
    assert (last.number, last.details) == (3, {"panel_size": {"before": 48, "after": 50}})


def test_it_cannot_follow_itself(session: Session, assembly: Assembly, organiser: User) -> None:
    with pytest.raises(RuleError, match="cannot follow itself") as caught:
        assemblies.describe(session, assembly, WORDS | {"predecessor_id": assembly.id}, by=organiser)
    assert caught.value.field == "predecessor_id"


@pytest.mark.parametrize(
    ("result", "budget", "decision", "late"),
    [
        (None, dt.date(2026, 1, 1), dt.date(2026, 1, 1), []),
        (dt.date(2026, 5, 1), dt.date(2026, 5, 1), dt.date(2026, 6, 1), []),
        (dt.date(2026, 5, 1), dt.date(2026, 4, 30), dt.date(2026, 4, 1), [("budget", 1), ("decision", 30)]),
        (dt.date(2026, 5, 1), None, dt.date(2026, 4, 1), [("decision", 30)]),
    ],
)
def test_a_result_that_comes_too_late_is_said(
    result: dt.date | None, budget: dt.date | None, decision: dt.date | None, late: list[tuple[str, int]]
) -> None:
    assembly = Assembly(result_date=result, budget_date=budget, decision_date=decision)
    assert [(found.kind, found.days) for found in assemblies.lateness(assembly)] == late


def test_to_strangers_it_does_not_exist_and_to_others_it_is_forbidden(session: Session, assembly: Assembly) -> None:
    stranger = accounts.create_account(session, email="s@example.org", name="Sam Stranger")
    caller = accounts.create_account(session, email="c@example.org", name="Cora Caller")
    membership = accounts.grant(session, caller, Role.CALLER, assembly=assembly, by=None)
    with pytest.raises(NotFoundError):
        authorisation.get_assembly(session, assembly.id, user=stranger, may=authorisation.can_see)
    with pytest.raises(NotFoundError):
        authorisation.get_assembly(session, 99, user=caller, may=authorisation.can_see)
    with pytest.raises(ForbiddenError):
        authorisation.get_assembly(session, assembly.id, user=caller, may=authorisation.can_manage)
    assert authorisation.get_assembly(session, assembly.id, user=caller, may=authorisation.can_see) is assembly
    assert authorisation.assemblies_of(session, stranger) == []
    assert authorisation.assemblies_of(session, caller) == [assembly]
    accounts.revoke(session, membership, assembly=assembly, by=caller)
    with pytest.raises(NotFoundError):
        authorisation.get_assembly(session, assembly.id, user=caller, may=authorisation.can_see)
    assert authorisation.assemblies_of(session, caller) == []


def test_somebody_has_to_organise(session: Session, assembly: Assembly, organiser: User) -> None:
    (membership,) = accounts.memberships_in(session, assembly)
    with pytest.raises(RuleError, match="Somebody has to keep this role"):
        accounts.revoke(session, membership, assembly=assembly, by=organiser)


def test_accounts_and_roles_are_given_once(session: Session, assembly: Assembly, organiser: User) -> None:
    with pytest.raises(ConflictError, match="an account with this e-mail"):
        accounts.create_account(session, email=" ORGA@example.org ", name="Again")
    with pytest.raises(ConflictError, match="has this role already"):
        accounts.grant(session, organiser, Role.ORGANISER, assembly=assembly, by=organiser)
    with pytest.raises(RuleError, match="cannot be given here"):
        accounts.grant(session, organiser, Role.ORGANISER, by=organiser)
    with pytest.raises(NotFoundError):
        accounts.get_membership(session, 1, assembly=assembly)
