"""Forms about allowances: rates, a claim with its receipts, giving a claim back, a bank account."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from flask import current_app
from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, IntegerField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import TextInput

from assembly.models import Presence
from assembly.models.allowances import Rates
from assembly.services.allowances import claims, receipts
from assembly.services.allowances.rates import LONGEST_HALF_DAY
from assembly.services.materials.files import UploadedFile
from assembly.views.allowance_texts import PRESENCES
from assembly.views.forms import BaseForm, SelectField, choice, stripped, values_of

MOST_CENTS = 100_000
MOST_KILOMETRES = 2000
MOST_MINUTES = 48 * claims.HOUR
_DECIMAL = re.compile(r"(\d{1,6})(?:[.,](\d{1,2}))?")
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)")


class HundredthsField(Field):
    """A number with up to two decimals, with a comma or a point, kept as hundredths; empty is nothing."""

    widget = TextInput()
    example = 1250

    def __init__(self, label: Any, *, most: int, **options: Any) -> None:
        super().__init__(label, render_kw={"inputmode": "decimal"}, **options)
        self.most = most

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if not self.data else self.shown(self.data)

    def shown(self, number: int) -> str:
        """Return a number as it is entered."""
        return str(format_decimal(number / 100, "0.00"))

    def read(self, text: str) -> int | None:
        """Return the number that a text means, if it means one."""
        found = _DECIMAL.fullmatch(text)
        return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was entered."""
        text = (valuelist[0] if valuelist else "").strip().removesuffix("€").strip()
        self.data = self.read(text) if text else 0
        if self.data is None:
            raise ValueError(gettext("Enter a number such as %(example)s.", example=self.shown(self.example)))
        if self.data > self.most:
            raise ValueError(gettext("At most %(most)s can be entered here.", most=self.shown(self.most)))


class HoursField(HundredthsField):
    """Hours with decimals, or as 2:30, kept as minutes."""

    example = 150

    def shown(self, number: int) -> str:
        """Return minutes as hours."""
        return str(format_decimal(number / claims.HOUR, "0.##"))

    def read(self, text: str) -> int | None:
        """Return the minutes that a text means, if it means any."""
        if found := _CLOCK.fullmatch(text):
            return int(found[1]) * claims.HOUR + int(found[2])
        hundredths = super().read(text)
        return None if hundredths is None else round(hundredths * claims.HOUR / 100)


def _euros(label: Any, description: Any = "") -> HundredthsField:
    return HundredthsField(label, most=MOST_CENTS, description=description)


class RatesForm(BaseForm):
    """What is paid."""

    whole_day = _euros(_l("For a whole day, in euros"))
    half_day = _euros(_l("For half a day, in euros"))
    per_km = _euros(_l("For each kilometre, in euros"), _l("There and back. Tickets are paid by receipt."))
    childcare_hour = _euros(_l("For childcare, per hour, in euros"))
    care_hour = _euros(_l("For care of relatives, per hour, in euros"))
    cost_centre = StringField(
        _l("Cost centre"),
        [Length(max=40)],
        filters=[stripped],
        description=_l("It stands on the payment lists, for the cash office."),
    )
    submit = SubmitField(_l("Save"))


class ClaimForm(BaseForm):
    """What is claimed for an event."""

    presence = SelectField(
        _l("How long at the event"),
        coerce=Presence,
        choices=[choice(presence.value, text) for presence, text in PRESENCES.items()],
    )
    kilometres = IntegerField(
        _l("Kilometres by car or bicycle"),
        [Optional(), NumberRange(0, MOST_KILOMETRES)],
        description=_l("The way there and the way back together."),
        render_kw={"inputmode": "numeric"},
    )
    ticket_cents = _euros(
        _l("Tickets for bus and train, in euros"), _l("All tickets together. They need a receipt, see below.")
    )
    childcare_minutes = HoursField(
        _l("Hours of childcare"),
        most=MOST_MINUTES,
        description=_l("How long somebody looked after your children."),
    )
    care_minutes = HoursField(
        _l("Hours of care of relatives"),
        most=MOST_MINUTES,
        description=_l("How long somebody cared in your place."),
    )
    file = FileField(
        _l("Add a receipt"),
        description=_l("A photo (JPEG, PNG) or a PDF, at most %(most)s MB.", most=receipts.MOST_BYTES // 2**20),
        render_kw={"accept": "image/jpeg,image/png,application/pdf"},
    )
    has_paper_receipts = BooleanField(_l("Receipts come on paper"))
    save = SubmitField(_l("Save"))
    hand_in = SubmitField(_l("Hand in"))

    def offer(self, rates: Rates, *, presence: Presence, kilometres: int, took_place: bool) -> None:
        """Leave out what is not paid here, unless it was claimed while it was; days are paid of what took place."""
        if not ((took_place and (rates.whole_day or rates.half_day)) or presence is not Presence.NONE):
            del self.presence
        elif rates.half_day:
            self.presence.description = gettext(
                "An event of at most %(hours)s hours counts as half a day, a longer one as a whole day. "
                "Change it if you were there for less or more of it.",
                hours=LONGEST_HALF_DAY // dt.timedelta(hours=1),
            )
        if not (rates.per_km or kilometres):
            del self.kilometres
        if not rates.childcare_hour:
            del self.childcare_minutes
        if not rates.care_hour:
            del self.care_minutes

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        values = values_of(self)
        found = {name: values[name] for name in claims.QUANTITIES if name in values}
        return found | ({"kilometres": found["kilometres"] or 0} if "kilometres" in found else {})

    def receipt(self) -> UploadedFile | None:
        """Return the file, looked at. Raises RuleError, StorageError."""
        if not self.file.data:
            return None
        return receipts.looked_at(self.file.data.read(), clamd=current_app.extensions["assembly.config"].clamd)


class RejectForm(BaseForm):
    """Why a claim is given back."""

    reason = TextAreaField(
        _l("Why the claim is given back"),
        [InputRequired(), Length(max=1000)],
        filters=[stripped],
        description=_l("The member reads it. Say what is to be corrected."),
    )
    submit = SubmitField(_l("Give back"))


class AccountForm(BaseForm):
    """Where the money goes."""

    holder = StringField(
        _l("Account holder"), [InputRequired(), Length(max=70)], filters=[stripped], render_kw={"autocomplete": "name"}
    )
    iban = StringField(
        "IBAN",
        [InputRequired(), Length(max=50)],
        filters=[stripped],
        description=_l("It stands on the bank card, and begins with DE in Germany."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    submit = SubmitField(_l("Save"))
