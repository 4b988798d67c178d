"""Forms about events and their agendas; whether a day is meant that is a holiday."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import URL, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from assembly.models import Event, EventKind, ItemKind, Mode, Openness
from assembly.services.programme import templates, times
from assembly.views import programme_texts
from assembly.views.forms import BaseForm, ChecksField, EditForm, choice, number_or_none, stripped, values_of


class EventForm(EditForm):
    """An event."""

    also = ("starts_at", "ends_at", "facilitators")

    title = StringField(_l("Title"), [InputRequired(), Length(max=200)], filters=[stripped])
    kind = SelectField(
        _l("Kind"),
        coerce=EventKind,
        choices=[choice(kind.value, text) for kind, text in programme_texts.KINDS.items()],
    )
    day = DateField(_l("Day"), [InputRequired()])
    nevertheless = BooleanField(_l("Plan it nevertheless"))
    day_seen = StringField(widget=HiddenInput())
    starts = TimeField(_l("Begins at"), [InputRequired()])
    ends = TimeField(_l("Ends at"), [InputRequired()])
    mode = SelectField(
        _l("Where people take part"),
        coerce=Mode,
        choices=[choice(mode.value, text) for mode, text in programme_texts.MODES.items()],
    )
    room_id = SelectField(_l("Room"), coerce=number_or_none)
    online_link = StringField(
        _l("Link for taking part online"),
        [Optional(), URL(), Length(max=500)],
        filters=[stripped],
        render_kw={"type": "url"},
        description=_l("Members alone see it."),
    )
    openness = SelectField(
        _l("For whom"),
        coerce=Openness,
        choices=[choice(openness.value, text) for openness, text in programme_texts.OPENNESS.items()],
        default=Openness.MEMBERS.value,
    )
    facilitators = ChecksField(_l("Led by"), coerce=int)
    description = TextAreaField(_l("What it is about"), [Length(max=5000)], filters=[stripped])
    plain_description = TextAreaField(
        _l("The same in plain language"),
        [Length(max=5000)],
        filters=[stripped],
        description=_l("Short sentences, one thought each, no foreign words."),
    )
    to_bring = TextAreaField(_l("What to bring"), [Length(max=2000)], filters=[stripped])
    submit = SubmitField(_l("Save"))

    def values(self) -> dict[str, Any]:
        """Return what the service takes: moments instead of a day and times."""
        found = values_of(self)
        day, starts, ends = found.pop("day"), found.pop("starts"), found.pop("ends")
        found.pop("facilitators")
        for name in ("note", "nevertheless", "day_seen"):
            found.pop(name, None)
        return found | {"starts_at": times.moment(day, starts), "ends_at": times.moment(day, ends)}

    def about(self, state: str, event: Event | None = None) -> None:
        """Show a box to be ticked if the day that was chosen is a holiday in the state, and new to the event.

        What was ticked counts for the day that it was asked about. That somebody else changed the event comes first.
        """
        day, holiday = self.day.data, None
        if day is not None and (event is None or self._is_moved_to(day, event)):
            holiday = templates.holiday_on(day, state)
        if day is None or holiday is None:
            del self.nevertheless
            return
        asked = (
            gettext("This day is in the school holidays (%(name)s). Yes, plan it nevertheless", name=holiday.name)
            if holiday.is_of_schools
            else gettext("This day is a public holiday (%(name)s). Yes, plan it nevertheless", name=holiday.name)
        )
        self.nevertheless.label.text = asked
        if self.day_seen.data != day.isoformat():
            self.nevertheless.data, self.day_seen.data = False, day.isoformat()

    def _is_moved_to(self, day: dt.date, event: Event) -> bool:
        return day != times.day_of(event.starts_at) and not self.is_overtaken(event)

    def validate_nevertheless(self, field: BooleanField) -> None:
        """Ask before anything is planned on a holiday."""
        if not field.data:
            raise ValidationError(gettext("Tick this box, or choose another day."))

    def standing(self, row: Any) -> dict[str, Any]:
        """Return what an event is by now, with its day and times."""
        return super().standing(row) | times_of(row)

    def add(self, error: Any) -> None:
        """Show what is wrong with the end of an event at the field where it stands."""
        error.field = {"ends_at": "ends", "starts_at": "starts"}.get(error.field, error.field)
        super().add(error)


class ChangeForm(EventForm):
    """An event that members can see already."""

    note = TextAreaField(
        _l("What has changed"),
        [Length(max=1000)],
        filters=[stripped],
        description=_l("One sentence for the members, such as: We begin an hour later."),
    )
    submit = SubmitField(_l("Save and show the change"))


class PublishForm(BaseForm):
    """Whether what should be looked at was looked at."""

    looked_at = HiddenField()


class CancelForm(BaseForm):
    """Why an event does not take place."""

    reason = TextAreaField(_l("Why it is cancelled"), [InputRequired(), Length(max=1000)], filters=[stripped])
    submit = SubmitField(_l("Cancel the event"))


class ItemForm(EditForm):
    """An item of an agenda."""

    title = StringField(_l("Title"), [InputRequired(), Length(max=200)], filters=[stripped])
    kind = SelectField(
        _l("Kind"),
        coerce=ItemKind,
        choices=[choice(kind.value, text) for kind, text in programme_texts.ITEM_KINDS.items()],
    )
    minutes = IntegerField(_l("Minutes"), [InputRequired(), NumberRange(1, 1440)])
    in_charge = StringField(_l("In charge"), [Length(max=200)], filters=[stripped])
    room_id = SelectField(
        _l("Room, if it is another one than that of the event"),
        coerce=number_or_none,
    )
    goal = TextAreaField(_l("Goal"), [Length(max=2000)], filters=[stripped])
    materials = TextAreaField(_l("What is needed"), [Length(max=2000)], filters=[stripped])
    is_public = BooleanField(_l("On the public agenda"), default=True)
    submit = SubmitField(_l("Save"))


def times_of(event: Event) -> dict[str, Any]:
    """Return the day and the times of an event, as its form has them."""

    def minute(at: dt.datetime) -> dt.time:
        return times.time_of(at).replace(second=0, microsecond=0)

    return {
        "day": times.day_of(event.starts_at),
        "starts": minute(event.starts_at),
        "ends": minute(event.ends_at),
    }
