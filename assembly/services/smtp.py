"""The mail server: one message to one person, and exactly what is known of its fate."""

from __future__ import annotations

import contextlib
import dataclasses
import email.policy
import enum
import smtplib
import ssl
from collections.abc import Iterator
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from assembly.config import ConfigurationError
from assembly.models import Mail
from assembly.services import codes
from assembly.services.mail import SMS_TEMPLATES
from assembly.services.texts import locale_of


class _Whole(UnstructuredHeader):
    """A header whose value stays in one line: an address that is folded is none any more."""

    def fold(self, *, policy: Policy) -> str:
        """Return the header as it stands in the message."""
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]  # the registry mixes BaseHeader in


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Whole)  # type: ignore[arg-type]  # as above
POLICY = email.policy.SMTP.clone(header_factory=_HEADERS)
SECONDS = 60
"""How long a mail server may take for one answer."""
PORTS = {"smtp": 587, "smtps": 465}
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
NO_ENCRYPTION = "The server offers no encryption, so the password was not sent."
_OK = range(200, 300)
_TEMPORARY = range(400, 500)


class Fate(enum.Enum):
    """What became of an attempt to send."""

    SENT = enum.auto()
    REFUSED = enum.auto()
    """For good: trying again would not help."""
    LATER = enum.auto()
    """Surely not sent, and worth another attempt."""
    UNKNOWN = enum.auto()
    """The connection broke when the server had the message already, perhaps with its end."""


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt, and the server's words."""

    fate: Fate
    reply: str


class ServerDownError(Exception):
    """There is no server, or it lets nobody in; the text says which, without a password."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class MailServer:
    """Where mail goes out. Has no repr, since it holds a password."""

    host: str
    port: int
    encrypted: bool
    user: str | None
    password: str | None

    @classmethod
    def from_url(cls, url: str) -> MailServer:
        """Read smtp://user:password@host:port (encrypted if the server can) or smtps://. Raises ConfigurationError."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in PORTS or not parts.hostname:
            raise ConfigurationError(
                "MAIL_URL must look like smtp://user:password@mail.example.org:587 or "
                "smtps://user:password@mail.example.org:465, special characters of the password as %40 and the like."
            )
        return cls(
            host=parts.hostname,
            port=port or PORTS[parts.scheme],
            encrypted=parts.scheme == "smtps",
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    @contextlib.contextmanager
    def connection(self) -> Iterator[smtplib.SMTP]:
        """Connect and sign in. Raises ServerDownError."""
        try:
            client = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise ServerDownError(_words(error)) from None
        try:
            yield client
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.quit()
            client.close()

    def _connect(self) -> smtplib.SMTP:
        tls = ssl.create_default_context()
        if self.encrypted:
            client: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=tls)
        else:
            client = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        try:
            client.ehlo_or_helo_if_needed()
            is_safe = self.encrypted or self.host in LOCAL_HOSTS
            if not self.encrypted and client.has_extn("starttls"):
                client.starttls(context=tls)
                client.ehlo()
                is_safe = True
            if self.user is not None:
                if not is_safe:
                    raise smtplib.SMTPException(NO_ENCRYPTION)  # noqa: TRY301  # the connection is closed below
                client.login(self.user, self.password or "")
        except BaseException:
            client.close()
            raise
        return client


def is_ready(client: smtplib.SMTP) -> bool:
    """Whether the connection still stands, and what went before is forgotten."""
    try:
        return client.rset()[0] in _OK
    except (OSError, smtplib.SMTPException):
        return False


def send(client: smtplib.SMTP, message: EmailMessage, *, sender: str, recipient: str) -> Outcome:
    """Send one message. Step by step, because what a broken connection means depends on where it broke."""
    try:
        address = _ascii(recipient)
    except UnicodeError:
        return Outcome(Fate.REFUSED, "The part before the @ has letters that mail servers do not take.")
    try:
        code, words = client.mail(parseaddr(sender)[1])
        if code in _OK:
            code, words = client.rcpt(address)
        if code not in _OK:
            return _refusal(code, words)
        code, words = client.docmd("DATA")
        if code != 354:
            return _refusal(code, words)
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(Fate.LATER, _words(error))
    try:
        client.send(_lines(message.as_bytes()))
        code, words = client.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(Fate.UNKNOWN, _words(error))
    return Outcome(Fate.SENT, _reply(code, words)) if code in _OK else _refusal(code, words)


def _lines(content: bytes) -> bytes:
    """Return a message as it stands on the wire: dots doubled, and a dot alone at its end."""
    lines = content.splitlines()
    return b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines) + b".\r\n"


def _refusal(code: int, words: bytes) -> Outcome:
    return Outcome(Fate.LATER if code in _TEMPORARY or code == -1 else Fate.REFUSED, _reply(code, words))


def _reply(code: int, words: bytes) -> str:
    return f"{code} {words.decode('utf-8', errors='replace')}"


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return _reply(error.smtp_code, words if isinstance(words, bytes) else words.encode())
    return str(error) or type(error).__name__


def _ascii(recipient: str) -> str:
    """Return an address as every server takes it: the domain in its ASCII form. Raises UnicodeError."""
    local, _, domain = recipient.rpartition("@")
    local.encode("ascii")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def address_of(mail: Mail, *, gateway: str | None) -> str | None:
    """Return where a mail goes: to its recipient, or for an SMS to the gateway, if there is one."""
    if mail.recipient is None or mail.template not in SMS_TEMPLATES:
        return mail.recipient
    return gateway.replace("{number}", mail.recipient.removeprefix("+")) if gateway else None


def message_of(mail: Mail, *, sender: str, to: str | None) -> EmailMessage:
    """Return a mail as a message: plain text, with HTML beside it, in which its QR code is a picture.

    Its Message-ID is the same whenever it is sent, so that a mail server that gets it twice can tell.
    """
    message = EmailMessage(policy=POLICY)
    domain = parseaddr(sender)[1].rpartition("@")[2]
    message["Subject"] = mail.subject
    message["From"] = sender
    message["To"] = to
    message["Date"] = mail.created_at
    message["Message-ID"] = f"<mail-{mail.id}-{mail.created_at:%Y%m%d%H%M%S}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Content-Language"] = locale_of(mail.language)
    message.set_content(mail.text, cte="quoted-printable")
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        if mail.qr and (html := message.get_body(("html",))) is not None:
            html.add_related(
                codes.as_png(mail.qr),
                "image",
                "png",
                cid=f"<{codes.CONTENT_ID}>",
                disposition="inline",
                filename="qr.png",
            )
    return message
