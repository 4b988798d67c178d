"""Forms about needs: one need with its details, several at once, what is said about one at an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    IntegerField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from assembly.models import NeedKind, NeedState, Provider, SupportNeed
from assembly.services.needs.kinds import LEAD_TIMES, LONGEST
from assembly.services.needs.people import MOST_CHILDREN, Wish
from assembly.views import needs_texts
from assembly.views.forms import BaseForm, ChecksField, EditForm, choice, number_or_none, stripped, values_of

KIND_CHOICES = [choice(kind.value, text) for kind, text in needs_texts.KINDS.items()]


def kind_of(text: str) -> NeedKind | None:
    """Return the kind that was chosen from a list, or None: nothing is chosen for anybody."""
    return NeedKind(text) if text else None


class KindsField(ChecksField):
    """Several kinds."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, coerce=NeedKind, choices=KIND_CHOICES, **options)


class KindForm(BaseForm):
    """What is needed, and in which language."""

    kind = SelectField(
        _l("What is needed"),
        [InputRequired()],
        coerce=kind_of,
        choices=[choice("", _l("Please choose")), *KIND_CHOICES],
    )
    language = StringField(
        _l("Which language"),
        [Length(max=200)],
        filters=[stripped],
        description=_l("For interpreting, such as German Sign Language or Turkish."),
    )


class WishForm(KindForm):
    """One need."""

    children = IntegerField(_l("How many children"), [Optional(), NumberRange(1, MOST_CHILDREN)])
    ages = StringField(_l("How old they are"), [Length(max=200)], filters=[stripped])
    text = TextAreaField(_l("Details"), [Length(max=2000)], filters=[stripped])
    for_all_events = BooleanField(
        _l("For all events"),
        default=True,
        description=_l("Without this, only for events that are chosen one by one."),
    )
    submit = SubmitField(_l("Save"))

    def wish(self) -> Wish:
        """Return what the service takes."""
        values = values_of(self)
        return Wish(**values | {name: values[name] or "" for name in ("language", "ages", "text")})


def wish_data(need: SupportNeed) -> dict[str, Any]:
    """Return what a form about a need starts with."""
    return {"kind": need.kind.value} | {
        field: getattr(need, field) for field in ("language", "children", "ages", "text", "for_all_events")
    }


class AnswerForm(BaseForm):
    """How a need stands for one event."""

    state = SelectField(
        _l("How it stands"),
        coerce=NeedState,
        choices=[choice(state.value, text) for state, text in needs_texts.STATES.items()],
    )
    answer = TextAreaField(
        _l("What is arranged and with whom, or why it is not possible"),
        [Length(max=2000)],
        filters=[stripped],
        description=_l("The member reads it."),
    )
    submit = SubmitField(_l("Save"))


class BookingForm(KindForm, EditForm):
    """A booking."""

    people = IntegerField(_l("For how many people"), [InputRequired(), NumberRange(1, 1000)], default=1)
    provider_id = SelectField(_l("Provider"), coerce=number_or_none, validate_choice=False)  # the service says why not
    is_sure = BooleanField(
        _l("It is another booking, not the same one again"),
        description=_l("For example two interpreters who take turns."),
    )
    submit = SubmitField(_l("Save"))

    @property
    def unasked(self) -> list[str]:
        """What is not shown: whether another booking is meant, as long as that is not asked."""
        return [] if self.is_sure.errors or self.is_sure.data else ["is_sure"]

    def offer(self, providers: Sequence[Provider]) -> None:
        """Offer those who provide it."""
        self.provider_id.choices = [
            choice("", gettext("Nobody yet")),
            *(choice(str(one.id), one.name) for one in providers),
        ]
        self.provider_id.description = (
            gettext("Those on the list who provide this.")
            if providers
            else gettext("Nobody on the list provides this yet. Add somebody to the list first, or choose later.")
        )


class ProviderForm(EditForm):
    """A provider."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=200)], filters=[stripped])
    contact = TextAreaField(
        _l("Contact"), [Length(max=1000)], filters=[stripped], description=_l("Phone, mail, whom to ask for.")
    )
    kinds = KindsField(_l("What they provide"))
    is_one_person = BooleanField(
        _l("It is one person"),
        default=True,
        description=_l("One person cannot be at two events at once; a company with several people can."),
    )
    submit = SubmitField(_l("Save"))


class LeadTimesForm(BaseForm):
    """Days before an event, for each kind; its fields are added below."""

    submit = SubmitField(_l("Save"))

    def days(self) -> dict[NeedKind, int]:
        """Return the days of each kind."""
        return {kind: int(self[kind.value].data) for kind in NeedKind}


for _kind in LEAD_TIMES:
    setattr(
        LeadTimesForm, _kind.value, IntegerField(needs_texts.KINDS[_kind], [InputRequired(), NumberRange(0, LONGEST)])
    )
