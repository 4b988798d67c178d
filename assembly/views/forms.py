"""What all forms share."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form, SelectMultipleField
from wtforms import SelectField as _SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.widgets import CheckboxInput, ListWidget, Select

from assembly.extensions import db
from assembly.i18n import Catalogues
from assembly.services.errors import ServiceError
from assembly.services.texts import PLAIN
from assembly.views.messages import in_words


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

    class Meta(FlaskForm.Meta):
        """Where its texts come from."""

        def get_translations(self, _form: Any) -> Texts:
            """Return the texts of the page."""
            return Texts()

    def add(self, error: ServiceError) -> None:
        """Show what a service refused, at the field it is about."""
        text = gettext(error.message, **in_words(error.values))
        if error.field in self:
            self[error.field].errors = [*self[error.field].errors, text]
        else:
            self.form_errors = [*self.form_errors, text]


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
    """Return the fields' values without the CSRF token and the button."""
    return {name: value for name, value in form.data.items() if name not in {"csrf_token", "submit"}}
