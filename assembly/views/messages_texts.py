"""Messages to members in words: kinds, audiences, what became of them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from assembly.models import Audience, Channel, MailState, MessageKind
from assembly.services import mail
from assembly.services.messages import truth

KINDS = {
    truth.REMINDER: _l("Reminders"),
    mail.REMINDER_SMS: _l("Reminders by SMS"),
    truth.CHANGE: _l("Changes of events"),
    mail.CHANGE_SMS: _l("Changes of events by SMS"),
    truth.MESSAGE: _l("Messages of the organisers"),
    mail.MESSAGE_SMS: _l("Messages of the organisers by SMS"),
    truth.FOLLOW_UP: _l("News for the follow-up group"),
    mail.FOLLOW_UP_SMS: _l("News for the follow-up group by SMS"),
    truth.MEETINGS: _l("Invitations to public meetings"),
    mail.MEETINGS_SMS: _l("Invitations to public meetings by SMS"),
}
"""What is written to members, by template, in the order of the page."""
AUDIENCES = {
    Audience.ALL: _l("All confirmed members"),
    Audience.UNANSWERED: _l("Those who have not said whether they come"),
    Audience.EXCUSED: _l("Those who are excused"),
    Audience.TABLE: _l("Those who sit at one table"),
    Audience.FOLLOW_UP: _l("Those who agreed to the follow-up"),
}
CALLS = {
    MessageKind.REMINDER_DAY: _l("Remind: nothing written would come in time"),
    MessageKind.REMINDER_LETTER: _l("Remind: no letter went out in time"),
    MessageKind.CHANGE: _l("Tell what has changed"),
}
"""What a call is about."""
OWN_WAYS = {
    Channel.MAIL: _l("By e-mail"),
    Channel.SMS: _l("By SMS"),
    Channel.LETTER: _l("By letter"),
}
OWN_STATES = {
    MailState.QUEUED: _l("This message is sent soon."),
    MailState.SENDING: _l("This message is sent soon."),
    MailState.TO_PRINT: _l("This letter is posted soon."),
    MailState.REFUSED: _l("This message did not reach you."),
}
"""What a member reads of a message that has not gone out; of all others, nothing."""
