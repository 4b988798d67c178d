"""The panel in words: channels, outcomes, kinds of mails."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from assembly.models import AttemptOutcome, Channel, Status
from assembly.services.panel.telling import Letter

CHANNELS = {
    Channel.PHONE: _l("Phone"),
    Channel.MAIL: _l("E-mail"),
    Channel.SMS: _l("SMS"),
    Channel.LETTER: _l("Letter"),
    Channel.VISIT: _l("Visit"),
}
OUTCOMES = {
    AttemptOutcome.REACHED: _l("Reached"),
    AttemptOutcome.CALL_BACK: _l("To be called back"),
    AttemptOutcome.NO_ANSWER: _l("No answer"),
    AttemptOutcome.LEFT_MESSAGE: _l("Message left"),
    AttemptOutcome.SENT: _l("Written"),
    AttemptOutcome.UNDELIVERABLE: _l("Undeliverable"),
}
LETTERS = {Letter.DRAWN: _l("To those who were drawn"), Letter.NOT_DRAWN: _l("To those who were not drawn")}
LEAVING = {
    Status.DECLINED: (_l("%(name)s does not take the seat"), _l("Record that the person declines")),
    Status.WITHDRAWN: (_l("%(name)s withdraws"), _l("Record that the person withdraws")),
}
"""What is asked once more before somebody gives up their seat, and the button."""
