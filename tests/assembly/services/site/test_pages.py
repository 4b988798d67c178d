"""Pages of the site: what each state demands, what keeps a page unpublished, and what the footers may lead to."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from sqlalchemy.orm import Session

from assembly.models import PageKind, Role, User
from assembly.services import accounts
from assembly.services.errors import NotFoundError, RuleError
from assembly.services.privacy.deadlines import PERIODS
from assembly.services.privacy.declaring import Deadline
from assembly.services.site import pages, prose, requirements, settings
from assembly.services.site.requirements import Demand
from assembly.services.site.starting_texts import starting_texts
from assembly.services.working_days import STATES

NOTHING: dict[str, Any] = {"text_de": "", "text_en": "", "video": "", "is_required": None, "source": ""}
SETTLED: dict[str, Any] = {"state": "NW", "enforcement": "Ombudsstelle", "answer_period": "P1M", "remind_days": 7}


@pytest.fixture
def administrator(session: Session) -> User:
    user = accounts.create_account(session, email="admin@example.org", name="Anke Admin")
    accounts.grant(session, user, Role.SITE_ADMINISTRATOR, by=None)
    session.commit()
    return user


def write(session: Session, kind: PageKind, by: User, **values: Any) -> None:
    pages.save(session, kind, NOTHING | values, by=by)


def test_the_table_knows_all_sixteen_states_and_a_source_for_everything() -> None:
    assert sorted(requirements.LAWS) == sorted(STATES)
    found = [requirements.default_for(kind, state) for kind in PageKind for state in ("", *STATES)]
    assert [one for one in found if not one.source] == []


def test_imprint_privacy_and_declaration_are_required_everywhere() -> None:
    everywhere = set(PageKind) - set(requirements.EXPLANATIONS)
    found = {requirements.default_for(kind, state).demand for kind in everywhere for state in ("", *STATES)}
    assert found == {Demand.REQUIRED}


def test_without_state_nobody_says_whether_explanations_are_required() -> None:
    found = {requirements.default_for(kind, "").demand for kind in requirements.EXPLANATIONS}
    assert found == {Demand.UNCLEAR}


def test_what_the_city_settles_counts_more_than_the_table(session: Session, administrator: User) -> None:
    settings.save(session, SETTLED, by=administrator)
    write(session, PageKind.SIGN_LANGUAGE, administrator, is_required=False, source="Auskunft vom 3. März")
    found = {one.kind: one.requirement for one in pages.standings(session)}
    assert found[PageKind.EASY_LANGUAGE] == requirements.Requirement(Demand.REQUIRED, "BGG NRW, BITVNRW")
    settled = requirements.Requirement(Demand.NOT_REQUIRED, "Auskunft vom 3. März", is_settled=True)
    assert found[PageKind.SIGN_LANGUAGE] == settled


def test_nothing_is_settled_without_saying_why(session: Session, administrator: User) -> None:
    with pytest.raises(RuleError) as raised:
        write(session, PageKind.SIGN_LANGUAGE, administrator, is_required=True)
    assert raised.value.field == "source"


def test_what_is_required_is_owed_until_it_is_here_or_on_another_site(session: Session, administrator: User) -> None:
    write(session, PageKind.IMPRINT, administrator, text_de="Stadt Auenfurt")
    pages.publish(session, PageKind.IMPRINT, by=administrator)
    found = {one.kind: one.is_owed for one in pages.standings(session, {PageKind.PRIVACY})}
    assert found == {
        PageKind.IMPRINT: False,
        PageKind.PRIVACY: False,
        PageKind.ACCESSIBILITY: True,
        PageKind.EASY_LANGUAGE: False,
        PageKind.SIGN_LANGUAGE: False,
    }


@pytest.mark.parametrize("kind", PageKind)
def test_no_starting_text_can_be_published_before_its_gaps_are_filled(
    session: Session, administrator: User, kind: PageKind
) -> None:
    settings.save(session, SETTLED, by=administrator)
    texts = starting_texts(kind, city="Auenfurt", address="https://buergerrat.example")
    more = {"video": "https://video.example/dgs"} if kind is PageKind.SIGN_LANGUAGE else {}
    for language, text in texts.items():
        others = {f"text_{one}": prose.GAP.sub("etwas", texts[one]) for one in texts if one != language}
        write(session, kind, administrator, **{f"text_{language}": text}, **others, **more)
        with pytest.raises(RuleError) as raised:
            pages.publish(session, kind, by=administrator)
        assert raised.value.field == f"text_{language}"
    filled = {f"text_{language}": prose.GAP.sub("etwas", text) for language, text in texts.items()}
    write(session, kind, administrator, **filled, **more)
    pages.publish(session, kind, by=administrator)
    assert pages.published(session) == [kind]


def test_starting_texts_know_the_city_and_are_there_in_german_and_english() -> None:
    for kind in PageKind:
        texts = starting_texts(kind, city="Auenfurt", address="https://buergerrat.example")
        assert set(texts) == ({"de"} if kind is PageKind.EASY_LANGUAGE else {"de", "en"})
        assert {one: ("[Name der Stadt]" in text, "Auenfurt" in text) for one, text in texts.items()} == dict.fromkeys(
            texts, (False, True)
        )


KEPT = {
    Deadline.NOT_DRAWN: ("Personen, die nicht ausgelost wurden", "People who were not drawn"),
    Deadline.MEMBERS: ("Mitglieder", "Members"),
    Deadline.FOLLOW_UP: (
        "Mitglieder, die der Nachverfolgung zugestimmt haben",
        "Members who agreed to the follow-up",
    ),
    Deadline.NEEDS: ("Unterstützungsbedarf", "Support needs"),
    Deadline.VISITS: ("Fotos und Entwürfe von Ortsbegehungen", "Photos and drafts from site visits"),
    Deadline.PAYMENTS: ("Bankverbindungen", "Bank data"),
    Deadline.RECEIPTS: ("Quittungen zu Abrechnungen", "Receipts of claims"),
    Deadline.CLAIMS: ("Abrechnungen von Aufwandsentschädigungen", "Claims of allowances"),
    Deadline.MAILS: ("Inhalt von E-Mails und Briefen", "Content of mails and letters"),
    Deadline.FILES: (
        "Dateien mit Anmeldungen, die nicht übernommen wurden",
        "Files with registrations that were not imported",
    ),
    Deadline.JOBS: ("Protokolle von Berechnungen", "Records of computations"),
    Deadline.ACCOUNTS: ("Konten der Mitarbeitenden", "Accounts of staff"),
    Deadline.SUBSCRIPTIONS: ("Abonnements", "Subscriptions"),
    Deadline.CONTACTS: ("Adressen für Hinweise auf Fristen", "Addresses for notices of the follow-up"),
    Deadline.BARRIERS: ("Gemeldete Barrieren", "Reported barriers"),
}
"""How the starting texts on privacy call what is deleted."""


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_starting_text_on_privacy_names_every_period_as_it_is(language: str) -> None:
    text = starting_texts(PageKind.PRIVACY, city="", address="")[language]
    said = dict(re.findall(r"^- ([^:]+): (.+)$", text, re.MULTILINE))
    days = {what: {int(number) for number in re.findall(r"(\d+) (?:Tage|days)", rule)} for what, rule in said.items()}
    place = ("de", "en").index(language)
    assert days == {KEPT[deadline][place]: {period.days} for deadline, period in PERIODS.items()}


def test_a_public_page_takes_no_change_that_leaves_a_gap(session: Session, administrator: User) -> None:
    write(session, PageKind.IMPRINT, administrator, text_de="Stadt Auenfurt")
    pages.publish(session, PageKind.IMPRINT, by=administrator)
    with pytest.raises(RuleError):
        write(session, PageKind.IMPRINT, administrator, text_de="Stadt [Name]")


def test_the_declaration_names_the_enforcement_body_as_long_as_it_is_public(
    session: Session, administrator: User
) -> None:
    write(session, PageKind.ACCESSIBILITY, administrator, text_de="Teilweise vereinbar.")
    with pytest.raises(RuleError):
        pages.publish(session, PageKind.ACCESSIBILITY, by=administrator)
    settings.save(session, SETTLED, by=administrator)
    pages.publish(session, PageKind.ACCESSIBILITY, by=administrator)
    with pytest.raises(RuleError) as raised:
        settings.save(session, SETTLED | {"enforcement": ""}, by=administrator)
    assert raised.value.field == "enforcement"


def test_sign_language_needs_its_video(session: Session, administrator: User) -> None:
    write(session, PageKind.SIGN_LANGUAGE, administrator, text_de="Das Video sagt: Willkommen.")
    with pytest.raises(RuleError) as raised:
        pages.publish(session, PageKind.SIGN_LANGUAGE, by=administrator)
    assert raised.value.field == "video"


def test_what_is_not_public_or_taken_back_is_unknown(session: Session, administrator: User) -> None:
    write(session, PageKind.IMPRINT, administrator, text_de="Stadt Auenfurt")
    with pytest.raises(NotFoundError):
        pages.public_page(session, PageKind.IMPRINT)
    pages.publish(session, PageKind.IMPRINT, by=administrator)
    pages.withdraw(session, PageKind.IMPRINT, by=administrator)
    with pytest.raises(NotFoundError):
        pages.public_page(session, PageKind.IMPRINT)


def test_the_log_says_who_did_what_to_which_version(
    session: Session, administrator: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "assembly.accounts"):
        write(session, PageKind.IMPRINT, administrator, text_de="Stadt Auenfurt")
        write(session, PageKind.IMPRINT, administrator, text_de="Stadt Auenfurt am Auenbach")
        pages.publish(session, PageKind.IMPRINT, by=administrator)
    who = f"by account {administrator.id}"
    assert caplog.messages == [
        f"page_changed page:imprint version 1 {who}",
        f"page_changed page:imprint version 2 {who}",
        f"page_published page:imprint version 2 {who}",
    ]


@pytest.mark.parametrize(("name", "value"), [("state", "XX"), ("answer_period", "P9D")])
def test_what_is_not_in_the_lists_is_refused(session: Session, administrator: User, name: str, value: str) -> None:
    with pytest.raises(RuleError) as raised:
        settings.save(session, SETTLED | {name: value}, by=administrator)
    assert raised.value.field == name
