"""The form of a step, made from what the table of the follow-up says that the step has to say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import BooleanField, DateField, Field, IntegerField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput, TextInput

from assembly.models import Move, Outcome
from assembly.services.daily import today
from assembly.services.follow_up.drafts import optional
from assembly.services.follow_up.facts import LONGEST_LINE, LONGEST_TEXT, Fact, Kind
from assembly.services.follow_up.transitions import TABLE, facts_of
from assembly.views import case_texts
from assembly.views.forms import BaseForm, ChecksField, SelectField, choice, stripped

CHOSEN_BEFORE = frozenset({"outcome", "step"})
"""These stand in the address of the form."""


class StepForm(BaseForm):
    """What a step says; its fields are added for each step. `taken_on` is for steps that have a day of their own."""

    submit = SubmitField(_l("Publish"))

    def day(self) -> dt.date | None:
        """Return the day on which the step happened, if it has one."""
        found: dt.date | None = self["taken_on"].data if "taken_on" in self else None
        return found


class Suggesting(TextInput):
    """A line for which the names of departments are suggested."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = names

    def __call__(self, field: Field, **attributes: Any) -> Markup:
        """Return the input with its suggestions."""
        listed = Markup("").join(Markup("<option>{}</option>").format(name) for name in self._names)
        line = super().__call__(field, list=f"{field.id}-names", **attributes)
        return Markup('{}<datalist id="{}-names">{}</datalist>').format(line, field.id, listed)


def step_form(move: Move, outcome: Outcome | None, texts: list[str], units: Sequence[str] = ()) -> StepForm:
    """Return the form of a step.

    `texts` are the names of those that can be corrected or redacted; `units` the departments to suggest.
    """
    fields: dict[str, Any] = {}
    if TABLE[move].is_dated:
        fields["taken_on"] = DateField(_l("On"), [InputRequired()], default=today)
    for fact in facts_of(move, {"outcome": outcome}):
        if fact.name not in CHOSEN_BEFORE:
            fields[fact.name] = _field(fact, texts, units)
    form: StepForm = type("FormOfStep", (StepForm,), fields)()
    return form


class DraftForm(StepForm):
    """What a draft says, as far as it is written; `base` is the version that it goes on from."""

    base = IntegerField(widget=HiddenInput())
    submit = SubmitField(_l("Save the draft"))


def draft_form(
    move: Move, outcome: Outcome | None, said: Mapping[str, Any], *, base: int, units: Sequence[str]
) -> DraftForm:
    """Return the form of a draft of a step, with what it says already; nothing in it is required."""
    which = optional(facts_of(move, {"outcome": outcome}))
    fields = {fact.name: _field(fact, [], units) for fact in which if fact.name not in CHOSEN_BEFORE}
    form: DraftForm = type("FormOfDraft", (DraftForm,), fields)(data={**said, "base": base})
    return form


def said_in(form: StepForm, move: Move, outcome: Outcome | None) -> dict[str, Any]:
    """Return what a form says, by the names of the facts."""
    said = {fact.name: form[fact.name].data for fact in facts_of(move, {"outcome": outcome}) if fact.name in form}
    return said | ({"outcome": outcome.value} if outcome else {})


def _field(fact: Fact, texts: list[str], units: Sequence[str]) -> Field:
    needed: list[Any] = [InputRequired()] if fact.is_required else [Optional()]
    words: dict[str, Any] = {
        "label": case_texts.FACTS[fact.name],
        "description": case_texts.HINTS.get(fact.name, ""),
    }
    written = {"filters": [stripped]} | words
    if fact.kind is Kind.CHOICE:
        return _select(fact, needed, words)
    if fact.kind in {Kind.NAME, Kind.NAMES}:
        kind = ChecksField if fact.kind is Kind.NAMES else SelectField
        return kind(validators=needed, choices=[choice(one, case_texts.FACTS[one]) for one in texts], **words)
    if fact.kind in _PLAIN:
        return _PLAIN[fact.kind](validators=needed, **words)
    if fact.kind is Kind.TEXT:
        return TextAreaField(validators=[*needed, Length(max=LONGEST_TEXT)], **written)
    shown = {"type": "url"} if fact.kind is Kind.LINK else {}
    if fact.name == "unit" and units:
        written["widget"] = Suggesting(units)
    return StringField(validators=[*needed, Length(max=LONGEST_LINE)], render_kw=shown, **written)


_PLAIN: dict[Kind, type[Field]] = {Kind.DAY: DateField, Kind.NUMBER: IntegerField, Kind.YES: BooleanField}


def _select(fact: Fact, needed: list[Any], described: dict[str, Any]) -> Field:
    words = case_texts.CHOICES[fact.name]
    none = [] if fact.is_required else [choice("", _l("None"))]
    options = [*none, *(choice(str(one), words[str(one)]) for one in fact.choices)]
    return SelectField(validators=needed, choices=options, **described)
