"""What members agree to, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from assembly.models import ConsentKind

NAMES = {
    ConsentKind.NAME: _l("My name may be published"),
    ConsentKind.PHOTO: _l("Photos of me may be taken and shown"),
    ConsentKind.CONTACT: _l("Other members may reach me"),
    ConsentKind.FOLLOW_UP: _l("You may write to me about what becomes of our recommendations"),
}
MEANING = {
    ConsentKind.NAME: _l("On the page of the assembly and in its report. Without it, your name stays unpublished."),
    ConsentKind.PHOTO: _l("At events, for the page of the assembly and its report. Without it, you are in no picture."),
    ConsentKind.CONTACT: _l("Members who agree to this see each other’s name, e-mail address and phone number."),
    ConsentKind.FOLLOW_UP: _l(
        "We invite you to the public meetings. You can be elected to the follow-up group. We keep your data until "
        "everything is closed. Without it, we delete them a year after the handover."
    ),
}
