"""What all forms share."""

from __future__ import annotations

import contextlib
import datetime as dt
import html
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import sqlalchemy as sa
from flask_babel import format_date, format_time, gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, Form, SelectMultipleField, StringField
from wtforms import SelectField as _SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget, Select

from assembly.extensions import db
from assembly.i18n import Catalogues
from assembly.models import Assembly
from assembly.models.base import Base
from assembly.services import freezing
from assembly.services.errors import ConflictError, Elsewhere, ServiceError, marked
from assembly.services.marks import mark_of
from assembly.services.texts import PLAIN
from assembly.views.messages import in_words


def number_or_none(text: str | None) -> int | None:
    """Return the number of what was chosen from a list, None for its first, blank choice; a field's `coerce`."""
    return int(text) if text and text != "None" else None


def choice(value: str, label: Any) -> Any:
    """Return one choice of a select field."""
    return SelectChoice(value, label)


class Options(Select):
    """Writes each option at once: lists can be long, and the library looks for attributes that ours have none of."""

    @classmethod
    def render_option(cls, choice: Any) -> str:  # type: ignore[override]  # newer than the published types
        """Return one option."""
        selected = "selected " if choice.selected else ""
        value, label = html.escape(str(choice.value)), html.escape(str(choice.label))
        return f'<option {selected}value="{value}">{label}</option>'


class SelectField(_SelectField):
    """A list to choose one value from."""

    widget = Options()


class ChecksField(SelectMultipleField):
    """Several choices, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


LANGUAGE_NAMES = [
    choice("de", _l("German")),
    choice("en", _l("English")),
    choice("ar", _l("Arabic")),
    choice("fr", _l("French")),
    choice("pl", _l("Polish")),
    choice("ro", _l("Romanian")),
    choice("ru", _l("Russian")),
    choice("tr", _l("Turkish")),
    choice("uk", _l("Ukrainian")),
]
MEMBERS_LANGUAGES = [*LANGUAGE_NAMES[:1], choice(PLAIN, _l("German in plain words")), *LANGUAGE_NAMES[1:]]
"""In which members are written to."""


class Texts:
    """What WTForms says by itself, from our catalogue, in the language of the page."""

    def gettext(self, text: str) -> str:
        """Return a sentence."""
        return str(Catalogues().get_translations().gettext(text))

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return one of two sentences."""
        return str(Catalogues().get_translations().ngettext(one, many, number))


class PartForm(Form):
    """A part of a form that occurs several times, such as a row."""

    class Meta(Form.Meta):
        """Where its texts come from."""

        def get_translations(self, _form: Any) -> Texts:
            """Return the texts of the page."""
            return Texts()


class BaseForm(FlaskForm):
    """A form whose texts follow the page's language and whose errors may come from a service."""

    form_errors: list[str]
    elsewhere: Elsewhere | None = None
    """The other event that what a service refused is about."""

    class Meta(FlaskForm.Meta):
        """Where its texts come from."""

        def get_translations(self, _form: Any) -> Texts:
            """Return the texts of the page."""
            return Texts()

    def add(self, error: ServiceError) -> None:
        """Show what a service refused, at the field it is about."""
        text, self.elsewhere = gettext(error.message, **in_words(error.values)), error.elsewhere
        if error.field in self:
            self[error.field].errors = [*self[error.field].errors, text]
        else:
            self.form_errors = [*self.form_errors, text]


STALE = marked(
    "Somebody else changed this while you wrote. What you wrote still stands here. "
    "Look in a second window at what it says now; then save again."
)


NOTHING_YET = "0" * 16
"""The mark of a row that is not there yet: if it is by now, somebody else wrote it."""


class EditForm(BaseForm):
    """A form that writes a row anew. It holds what the row was when the form was opened, so that nobody overwrites.

    What counts are the columns that are its fields, those in `also`, and the rows of relationships named there.
    """

    also: ClassVar[tuple[str, ...]] = ()
    mark = StringField(widget=HiddenInput())

    @classmethod
    def of(cls, row: Base | None, **more: Any) -> Self:
        """Return the form of a row, as it was sent or as the row stands; without one if there is none yet."""
        form = cls(obj=row, **more)
        form.mark.data = form.mark.data or form._mark_of(row)
        return form

    def require_unchanged(self, assembly: Assembly | None, row: Base | None) -> None:
        """Let others wait, and look at what the row is by now; without assembly, they wait for the row alone.

        Raises ConflictError if it is not what this form was made from; who saves after that means it.
        """
        if assembly is not None:
            freezing.lock_pool(db.session, assembly.id)
        if row is not None:
            db.session.refresh(row, with_for_update=assembly is None)
        if self.is_overtaken(row):
            self.mark.data = self._mark_of(row)
            for name, value in self.standing(row).items():
                if name in self and self[name].data != value and isinstance(value, (str, int, dt.date, dt.time)):
                    text = gettext("Here stands now: %(value)s", value=_shown(self[name], value))
                    self[name].errors = [*self[name].errors, text]
            raise ConflictError(STALE)

    def is_overtaken(self, row: Base | None) -> bool:
        """Whether a row is not what this form was made from."""
        return self.mark.data != self._mark_of(row)

    def standing(self, row: Base | None) -> dict[str, Any]:
        """Return what a row says by now, by the names of the fields."""
        columns = () if row is None else sa.inspect(row).mapper.column_attrs
        return {column.key: getattr(row, column.key) for column in columns if column.key in self}

    def _mark_of(self, row: Base | None) -> str:
        if row is None:
            return NOTHING_YET
        mapper = sa.inspect(row).mapper
        names = [column.key for column in mapper.column_attrs if column.key in self or column.key in self.also]
        related = [sorted(one.id for one in getattr(row, name)) for name in self.also if name in mapper.relationships]
        return mark_of([*(getattr(row, name) for name in names), *related])


def _shown(field: Field, value: Any) -> str:
    """Return a value as a form shows it: a choice by its name, a day as people write it."""
    choices: Any = field.iter_choices() if isinstance(field, _SelectField) else ()  # newer than the published types
    named = {str(one.value): one.label for one in choices}
    if str(value) in named:
        return str(named[str(value)])
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if isinstance(value, dt.date):
        return str(format_date(value))
    return str(format_time(value, "short") if isinstance(value, dt.time) else value or "–")


@contextlib.contextmanager
def committing(form: BaseForm) -> Iterator[None]:
    """Commit what is done inside; what a service refuses is taken back, and stands in the form's errors afterwards."""
    try:
        yield
    except ServiceError as error:
        db.session.rollback()
        form.add(error)
    else:
        db.session.commit()


def stripped(value: str | None) -> str | None:
    """Remove blanks around a text; a filter for text fields."""
    return value.strip() if value else value


def values_of(form: Form) -> dict[str, Any]:
    """Return the fields' values without what only the form itself needs."""
    return {name: value for name, value in form.data.items() if name not in {"csrf_token", "mark", "submit"}}
