"""The form of a registration: how to reach a person, and a value of each feature."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, EmailField, StringField, SubmitField, TelField
from wtforms.validators import Email, Length, Optional

from assembly.models import Contact, Feature, Respondent
from assembly.services.contacts import CONTACT_FIELDS
from assembly.services.registrations import value_field
from assembly.views.forms import LANGUAGE_NAMES, BaseForm, SelectField, choice, number_or_none, stripped
from assembly.views.respondent_texts import FIELDS

_SHORT = Length(max=200)


class RegistrationForm(BaseForm):
    """A registration; the features' fields are added to it."""

    first_name = StringField(FIELDS["first_name"], [_SHORT], filters=[stripped])
    last_name = StringField(FIELDS["last_name"], [_SHORT], filters=[stripped])
    email = EmailField(FIELDS["email"], [Optional(), Email(), _SHORT], filters=[stripped])
    phone = TelField(FIELDS["phone"], [_SHORT], filters=[stripped])
    street = StringField(FIELDS["street"], [_SHORT], filters=[stripped])
    house_number = StringField(FIELDS["house_number"], [_SHORT], filters=[stripped])
    postcode = StringField(FIELDS["postcode"], [_SHORT], filters=[stripped])
    city = StringField(FIELDS["city"], [_SHORT], filters=[stripped])
    birth_date = DateField(FIELDS["birth_date"], [Optional()])
    language = SelectField(FIELDS["language"], choices=LANGUAGE_NAMES, default="de")


def registration_form(
    features: Sequence[Feature], respondent: Respondent | None = None, *, with_code: bool = False
) -> RegistrationForm:
    """Return the form for these features, filled with a registration if there is one."""

    class Form(RegistrationForm):
        pass

    if with_code:
        Form.code = StringField(
            FIELDS["code"],
            [Length(max=100)],
            filters=[stripped],
            description=_l("The code of the letter; left blank, a number is given."),
        )
    for feature in features:
        setattr(Form, value_field(feature), _value_field(feature))
    Form.submit = SubmitField(_l("Save"))
    return Form(data=_data(respondent) if respondent is not None else None)


def _value_field(feature: Feature) -> SelectField:
    blank = gettext("not stated") if feature.is_voluntary else gettext("please choose")
    hint = ""
    if feature.derived_from is not None:
        blank, hint = (
            gettext("follows by itself"),
            gettext("It follows from date of birth or address, if these are given."),
        )
    return SelectField(
        feature.name,
        choices=[choice("", blank), *(choice(str(value.id), value.name) for value in feature.values)],
        coerce=number_or_none,
        description=hint,
    )


def _data(respondent: Respondent) -> dict[str, object]:
    contact = respondent.contact or Contact()
    values = {f"feature_{value.feature_id}": value.value_id for value in respondent.values}
    return {**{name: getattr(contact, name) for name in CONTACT_FIELDS}, **values}
