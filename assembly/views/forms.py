"""What all forms share."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form

from assembly.services.errors import ServiceError

LANGUAGE_NAMES = [
    ("de", _l("German")),
    ("en", _l("English")),
    ("ar", _l("Arabic")),
    ("fr", _l("French")),
    ("pl", _l("Polish")),
    ("ro", _l("Romanian")),
    ("ru", _l("Russian")),
    ("tr", _l("Turkish")),
    ("uk", _l("Ukrainian")),
]


class BaseForm(FlaskForm):
    """A form whose texts follow the page's language and whose errors may come from a service."""

    form_errors: list[str]

    class Meta(FlaskForm.Meta):
        """Let WTForms' own texts speak through its catalogues, in the language of the page."""

        @property
        def locales(self) -> list[str]:
            """The languages in which WTForms looks for its texts."""
            return [str(get_locale())]

    def add(self, error: ServiceError) -> None:
        """Show what a service refused, at the field it is about."""
        text = gettext(error.message, **error.values)
        if error.field in self:
            self[error.field].errors = [*self[error.field].errors, text]
        else:
            self.form_errors = [*self.form_errors, text]


def stripped(value: str | None) -> str | None:
    """Remove blanks around a text; a filter for text fields."""
    return value.strip() if value else value


def values_of(form: Form) -> dict[str, Any]:
    """Return the fields' values without the CSRF token and the button."""
    return {name: value for name, value in form.data.items() if name not in {"csrf_token", "submit"}}
