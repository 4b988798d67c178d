"""Flask-Security's mails go through the outbox."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask, current_app
from flask_security.recoverable import send_reset_password_instructions
from sqlalchemy.orm import Session

from assembly.extensions import db, security
from assembly.mail_util import QueueingMailUtil
from assembly.models import Mail, MailState, User
from assembly.queue import MAIL
from tests.assembly.test_queue import messages


@pytest.fixture
def mail_util(app: Flask) -> QueueingMailUtil:
    util = security.mail_util
    assert isinstance(util, QueueingMailUtil)
    return util


def test_a_mail_is_queued_in_the_requests_session(
    app: Flask, mail_util: QueueingMailUtil, session: Session, organiser: User
) -> None:
    sender, texts = "x@example.org", ("Text", "<p>Text</p>")
    with app.test_request_context():
        mail_util.send_mail("reset_notice", "Your password", organiser.email, sender, *texts, user=organiser)
        db.session.commit()
    (mail,) = session.scalars(sa.select(Mail))
    assert (mail.template, mail.subject, mail.text, mail.html) == (
        "reset_notice",
        "Your password",
        "Text",
        "<p>Text</p>",
    )
    assert (mail.recipient, mail.user_id, mail.state, mail.is_confidential) == (
        "orga@example.org",
        organiser.id,
        MailState.QUEUED,
        True,
    )


def test_the_end_of_the_request_commits_what_the_library_does_not(
    app: Flask, session: Session, organiser: User
) -> None:
    """Its page for a forgotten password commits nothing."""

    user_id = organiser.id

    def ask() -> str:
        send_reset_password_instructions(db.session.get_one(User, user_id))
        return "sent"

    app.add_url_rule("/test-reset", endpoint="security.test_reset", view_func=ask, methods=["POST"])
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/test-reset", headers={"Accept-Language": "de"}).status_code == 200
    (mail,) = session.scalars(sa.select(Mail))
    assert (mail.recipient, mail.language, mail.template) == (
        "orga@example.org",
        "de",
        "security/email/reset_instructions",
    )
    assert "/account/reset/" in mail.text
    assert messages(current_app.extensions["assembly.queue"]) == [MAIL]
