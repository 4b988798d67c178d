"""Flask-Security's mails go through the outbox like all others."""

from __future__ import annotations

from typing import Any

from flask import Response, after_this_request, current_app, has_request_context
from flask_babel import get_locale
from flask_security import MailUtil
from sqlalchemy.orm import Session

from assembly.models import Mail, User
from assembly.services.mail import write_mail


class QueueingMailUtil(MailUtil):
    """Queues instead of sending."""

    def send_mail(  # noqa: PLR0917  # the library's signature
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],  # noqa: ARG002  # all our mails come from one address
        body: str | None,
        html: str | None,
        **context: Any,
    ) -> None:
        """Write the mail into the outbox. Not all of the library's pages commit, so the end of the request does."""
        user = context.get("user")
        write_mail(
            _session(),
            Mail(
                template=template,
                language=str(get_locale() or "de")[:2],
                recipient=recipient if isinstance(recipient, str) else recipient[1],
                subject=str(subject),
                text=body or "",
                html=html or "",
                user_id=user.id if isinstance(user, User) else None,
                is_confidential=True,
            ),
        )
        if has_request_context():
            after_this_request(_commit)


def _commit(response: Response) -> Response:
    _session().commit()
    return response


def _session() -> Session:
    """Return the request's session by the extension's place, since `assembly.extensions` needs this module."""
    session: Session = current_app.extensions["sqlalchemy"].session
    return session
