"""The pages of the panel in a real browser: accessible, never sideways, and usable without JavaScript."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
import time_machine
from playwright.sync_api import expect
from sqlalchemy.orm import Session, sessionmaker

from assembly.app import create_app
from assembly.config import Config
from assembly.extensions import db
from assembly.models import Assembly, MailState, NeedKind, Respondent, Role, Status, User
from assembly.services import accounts
from assembly.services import mail as outbox
from assembly.services.needs.people import Wish
from assembly.services.panel import calling, telling
from tests.assembly.conftest import sign_in
from tests.assembly.services.panels import START, draw_panel
from tests.browser.conftest import Axe, LiveServer, NewPage
from tests.browser.support import overflowing
from tests.browser.test_registrations import City, elsewhere

PAGES = ("", "{drawn}", "{drawn}/declined", "{confirmed}", "mails", "replacement")


def drawn_city(folder: Path, language: str) -> City:
    """Return a city whose panel is drawn, one seat confirmed, one free, and one person a minor."""
    app = create_app(Config.from_environment({"ASSEMBLY_DATA": str(folder / "instance")}))
    with app.app_context():
        with time_machine.travel(START, tick=True) as traveller:
            made = draw_panel(sessionmaker(db.engine, expire_on_commit=False), folder, traveller)
        session = db.session
        assembly, user = session.get_one(type(made.load(session)[0]), made.assembly_id), made.load(session)[1]
        user.language = language
        accounts.grant(session, user, Role.SUPPORT, assembly=assembly, by=None)
        members = session.scalars(
            sa.select(Respondent).where(Respondent.status == Status.DRAWN).order_by(Respondent.code)
        ).all()
        calling.confirm(
            session,
            members[0],
            channel=calling.Channel.MAIL,
            language="de",
            needs=[Wish(NeedKind.OTHER, text="Gebärdensprache")],
            by=user,
        )
        calling.decline(session, members[1], by=user)
        for letter in telling.Letter:
            for number, one in enumerate(members[2:]):
                write_mails(session, assembly, letter, one, refused=bool(number))
        contact = members[2].contact
        assert contact is not None
        contact.birth_date = START.date().replace(year=2010)
        session.commit()
        client = app.test_client()
        sign_in(client, session.get_one(User, user.id))
        cookie = client.get_cookie("assembly")
        assert cookie is not None
        return City(app, assembly.id, cookie.value, {"confirmed": members[0].id, "drawn": members[2].id})


def write_mails(
    session: Session, assembly: Assembly, letter: telling.Letter, one: Respondent, *, refused: bool
) -> None:
    """Write a letter to be printed, or a mail that was refused."""
    to = "person@example.org" if refused else None
    address = ["Vera Person", "Hauptstraße 1", "12345 Auenfurt"]
    context = {"name": "Vera", "assembly": "", "size": 4, "last_day": None, "deleted_on": START.date(), "contact": ""}
    mail = outbox.queue_mail(
        session,
        letter.value,
        to=to,
        language="de",
        context=context,
        assembly=assembly,
        respondent=one,
        deed=telling.deed_of(letter, one.id),
        address=address,
    )
    if refused:
        mail.state, mail.reply = MailState.REFUSED, "550 5.1.1 The mailbox person@example.org does not exist here"


def test_on_a_desktop_every_page_is_accessible_and_never_scrolls_sideways(
    tmp_path: Path, live_server: LiveServer, new_page: NewPage, axe: Axe
) -> None:
    city = elsewhere(lambda: drawn_city(tmp_path, "en"))
    page = new_page(language="en")
    base = city.open(page, live_server(city.app))
    for path in PAGES:
        page.goto(f"{base}/panel/{path.format(**city.names)}")
        assert page.get_attribute("html", "lang") == "en"
        assert (path, axe(page)) == (path, [])
        assert (path, overflowing(page)) == (path, [])


def test_without_javascript_an_attempt_is_recorded(tmp_path: Path, live_server: LiveServer, new_page: NewPage) -> None:
    city = elsewhere(lambda: drawn_city(tmp_path, "en"))
    page = new_page(javascript=False, language="en")
    base = city.open(page, live_server(city.app))
    page.goto(f"{base}/panel/{city.names['drawn']}")
    page.get_by_label("Note").fill("At work until five")
    page.get_by_role("button", name="Record attempt").click()
    expect(page.get_by_role("cell", name="At work until five")).to_be_visible()
