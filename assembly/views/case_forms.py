"""The form of a step, made from what the table of the follow-up says that the step has to say."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from markupsafe import Markup
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FieldList,
    FormField,
    IntegerField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput, TextInput

from assembly.extensions import db
from assembly.models import Case, Move, Outcome
from assembly.services import freezing
from assembly.services.daily import today
from assembly.services.errors import ConflictError, RuleError, marked
from assembly.services.follow_up.drafts import optional
from assembly.services.follow_up.facts import LONGEST_LINE, LONGEST_TEXT, MOST_ENTRIES, Fact, Kind, checked
from assembly.services.follow_up.together import mark_of_cases
from assembly.services.follow_up.transitions import TABLE, facts_of
from assembly.services.materials.files import MOST_BYTES
from assembly.views import case_texts
from assembly.views.forms import BaseForm, ChecksField, PartForm, SelectField, choice, stripped

CHOSEN_BEFORE = frozenset({"outcome", "step"})
"""These stand in the address of the form."""
OF_DOCUMENTS = ("title", "source", "licence")
"""What is said of a document that is uploaded as evidence."""
BLANK_ROWS = 5
"""Of a list, below those that are written."""


class StepForm(BaseForm):
    """What a step says; its fields are added for each step. `taken_on` is for steps that have a day of their own."""

    submit = SubmitField(_l("Publish"))

    def day(self) -> dt.date | None:
        """Return the day on which the step happened, if it has one."""
        found: dt.date | None = self["taken_on"].data if "taken_on" in self else None
        return found


class Suggesting(TextInput):
    """A line for which values are suggested, each with words to it."""

    def __init__(self, suggested: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._suggested = suggested

    def __call__(self, field: Field, **attributes: Any) -> Markup:
        """Return the input with its suggestions."""
        options = (Markup('<option value="{}">{}</option>').format(value, words) for value, words in self._suggested)
        line = super().__call__(field, list=f"{field.id}-names", **attributes)
        return Markup('{}<datalist id="{}-names">{}</datalist>').format(line, field.id, Markup("").join(options))


class RowForm(PartForm):
    """A row of a list: blank, or with all that an entry has to say."""

    says: ClassVar[tuple[Fact, ...]] = ()

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Whether the row is right; what is missing is said at its field."""
        right = super().validate(extra_validators)
        if right and any(self.data.values()):
            try:
                checked(self.says, self.data)
            except RuleError as error:
                self[error.field or ""].errors = [gettext(error.message)]
                return False
        return right


class EurosField(IntegerField):
    """An amount in whole euros, however its thousands are set apart."""

    widget = TextInput()

    def __init__(self, **options: Any) -> None:
        super().__init__(render_kw={"inputmode": "numeric"}, **options)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was entered."""
        super().process_formdata([_APART.sub("", str(one)) for one in valuelist])


_APART = re.compile(r"(?<=\d)[.,’'\s](?=\d{3}(?:\D|$))|\s*(?:€|Euro|EUR)\s*$")


@dataclasses.dataclass(frozen=True, slots=True)
class Offered:
    """What a form offers to choose from.

    `texts` are the names of those that can be corrected or redacted; `units` the departments to suggest; `milestones`
    those that can be ticked, number and words; `documents` those that can be evidence, address and title. If
    `takes_document`, one can be uploaded as evidence, for which `licences` are suggested.
    """

    texts: Sequence[str] = ()
    units: Sequence[str] = ()
    milestones: Sequence[tuple[int, str]] = ()
    documents: Sequence[tuple[str, str]] = ()
    takes_document: bool = False
    licences: Sequence[str] = ()


class TakingForm(StepForm):
    """The form of a step that is taken at once. It holds what the cases were when it was opened."""

    mark = StringField(widget=HiddenInput())

    def require_current(self, chosen: Sequence[Case]) -> None:
        """Let others wait, and look whether anything happened in the cases since: no older report undoes a newer one.

        Raises ConflictError if it did; who publishes after that means it.
        """
        freezing.lock_pool(db.session, chosen[0].assembly_id)
        sent, self.mark.data = self.mark.data, mark_of_cases(db.session, chosen)
        if sent not in {None, self.mark.data}:
            raise ConflictError(marked("Something was recorded here while you wrote. Look at it, then publish again."))

    def ask_for_file_again(self) -> None:
        """Say that a file that was chosen is gone: no browser sends it again by itself."""
        if "file" in self and self["file"].data and not self["file"].errors:
            self["file"].errors = [gettext("Choose the file again: nothing was published, so it was not kept.")]


def step_form(
    move: Move,
    outcome: Outcome | None,
    offered: Offered,
    *,
    chosen: Sequence[Case],
    begun: Mapping[str, Any] | None = None,
) -> TakingForm:
    """Return the form of a step in some cases; `begun` is what it says before anybody has typed."""
    fields: dict[str, Any] = {}
    if TABLE[move].is_dated:
        fields["taken_on"] = DateField(_l("On"), [InputRequired()], default=today)
    fields |= _fields(facts_of(move, {"outcome": outcome}), offered)
    form: TakingForm = type("FormOfStep", (TakingForm,), fields)(
        data={**(begun or {}), "mark": mark_of_cases(db.session, chosen)}
    )
    return form


class DraftForm(StepForm):
    """What a draft says, as far as it is written; `base` is the version that it goes on from."""

    base = IntegerField(widget=HiddenInput())
    submit = SubmitField(_l("Save the draft"))


def draft_form(
    move: Move, outcome: Outcome | None, said: Mapping[str, Any], *, base: int, offered: Offered
) -> DraftForm:
    """Return the form of a draft of a step, with what it says already; nothing in it is required."""
    fields = _fields(optional(facts_of(move, {"outcome": outcome})), offered, said)
    form: DraftForm = type("FormOfDraft", (DraftForm,), fields)(data={**said, "base": base})
    return form


def said_in(form: StepForm, move: Move, outcome: Outcome | None) -> dict[str, Any]:
    """Return what a form says, by the names of the facts."""
    said = {fact.name: form[fact.name].data for fact in facts_of(move, {"outcome": outcome}) if fact.name in form}
    return said | ({"outcome": outcome.value} if outcome else {})


def _fields(which: Iterable[Fact], offered: Offered, said: Mapping[str, Any] | None = None) -> dict[str, Field]:
    """Return the fields for facts; milestones are ticked only where there are any."""
    fields = {}
    for fact in which:
        if fact.name in CHOSEN_BEFORE or (fact.kind is Kind.NUMBERS and not offered.milestones):
            continue
        fields[fact.name] = _field(fact, offered, (said or {}).get(fact.name, ()))
        if fact.name == "evidence" and offered.takes_document:
            fields |= _document_fields(offered)
    return fields


def _document_fields(offered: Offered) -> dict[str, Field]:
    """Return the fields for a document as evidence."""
    line: dict[str, Any] = {"validators": [Optional(), Length(max=200)], "filters": [stripped]}
    known = [(licence, licence) for licence in offered.licences]
    return {
        "file": FileField(
            _l("Document as evidence"),
            description=_l(
                "PDF or picture (PNG, JPEG); at most %(most)s MB. It is published with the report, among the "
                "materials, and its address is the evidence. Nobody may be seen in it who has not agreed. "
                "Pictures are published without what the camera wrote into them; PDFs keep the author’s name.",
                most=MOST_BYTES // 2**20,
            ),
            render_kw={"accept": "application/pdf,image/png,image/jpeg"},
        ),
        "title": StringField(_l("What the document shows"), **line),
        "source": StringField(_l("Source of the document"), **line),
        "licence": StringField(
            _l("Licence of the document"),
            description=_l("Needed with a document. Such as: CC BY 4.0, or: used with permission."),
            widget=Suggesting(known) if known else None,
            **line,
        ),
    }


def _field(fact: Fact, offered: Offered, said: Any = ()) -> Field:
    needed: list[Any] = [InputRequired()] if fact.is_required else [Optional()]
    words: dict[str, Any] = {
        "label": case_texts.FACTS[fact.name],
        "description": case_texts.HINTS.get(fact.name, ""),
    }
    if fact.kind is Kind.LIST:
        return _rows(fact, offered, len(said), words)
    if fact.kind in _WRITTEN:
        return _written(fact, offered, needed, words)
    if fact.kind in _PLAIN:
        return _PLAIN[fact.kind](validators=needed, **words)
    return _to_choose(fact, offered, needed, words)


def _written(fact: Fact, offered: Offered, needed: list[Any], words: dict[str, Any]) -> Field:
    written = {"filters": [stripped]} | words
    if fact.kind is Kind.TEXT:
        return TextAreaField(validators=[*needed, Length(max=LONGEST_TEXT)], **written)
    shown = {"type": "url"} if fact.kind is Kind.LINK else {}
    names = [(name, name) for name in offered.units] if fact.name == "unit" else []
    if suggested := names or (offered.documents if fact.kind is Kind.LINK else []):
        written["widget"] = Suggesting(suggested)
    return StringField(validators=[*needed, Length(max=LONGEST_LINE)], render_kw=shown, **written)


def _to_choose(fact: Fact, offered: Offered, needed: list[Any], words: dict[str, Any]) -> Field:
    if fact.kind is Kind.CHOICE:
        return _select(fact, needed, words)
    if fact.kind is Kind.NUMBERS:
        ticks = [choice(str(number), label) for number, label in offered.milestones]
        return ChecksField(validators=needed, choices=ticks, coerce=int, **words)
    kind = ChecksField if fact.kind is Kind.NAMES else SelectField
    choices = [choice(one, case_texts.fact_label(one)) for one in offered.texts]
    return kind(validators=needed, choices=choices, **words)


_WRITTEN = frozenset({Kind.LINE, Kind.TEXT, Kind.LINK})
_PLAIN: dict[Kind, type[Field]] = {
    Kind.DAY: DateField,
    Kind.NUMBER: IntegerField,
    Kind.YES: BooleanField,
    Kind.EUROS: EurosField,
}


def _rows(fact: Fact, offered: Offered, written: int, words: dict[str, Any]) -> Field:
    """Return a list of rows: those that are written, and blank ones."""
    parts = {part.name: _field(dataclasses.replace(part, is_required=False), offered) for part in fact.parts}
    row = type("Row", (RowForm,), parts | {"says": fact.parts})
    return FieldList(FormField(row), min_entries=min(written + BLANK_ROWS, MOST_ENTRIES), **words)


def _select(fact: Fact, needed: list[Any], described: dict[str, Any]) -> Field:
    words = case_texts.CHOICES[fact.name]
    none = [] if fact.is_required else [choice("", _l("None"))]
    options = [*none, *(choice(str(one), words[str(one)]) for one in fact.choices)]
    return SelectField(validators=needed, choices=options, **described)
