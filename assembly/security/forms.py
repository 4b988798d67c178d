"""The forms of Flask-Security with our labels, and only with what we offer."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_security import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    MfRecoveryCodesForm,
    MfRecoveryForm,
    ResetPasswordForm,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
)
from flask_security.utils import validate_redirect_url
from wtforms import EmailField, Field, HiddenField, PasswordField, RadioField, StringField, SubmitField

from assembly.extensions import security
from assembly.services import accounts

EMAIL = _l("E-mail address")
NEW_PASSWORD_HINT = _l("At least 12 characters. Several uncommon words are easy to remember and hard to guess.")


def _like(form: type[Any], field: str, kind: type[Any], label: object, **changes: Any) -> Any:
    """Return a field of Flask-Security's form, with its validators and attributes, under our label."""
    settings = getattr(form, field).kwargs | changes
    return kind(label, **settings)


def _stripped(value: str | None) -> str | None:
    return value.strip() if value else value


def _normal(value: str | None) -> str | None:
    """Write a new password as the current one is compared: else a letter with accent would make it another one."""
    return security.password_util.normalize(value) if value else value


class ReturnForm:
    """A form that leads back to the page that asked for it, but never to another site."""

    def validate_next(self, field: Field) -> None:
        """Forget an address that is not ours; nobody needs to hear of it."""
        if field.data and not validate_redirect_url(field.data):
            field.data = ""


class SignInForm(ReturnForm, LoginForm):
    """Sign-in without “remember me”: a session ends after a working day, and with the browser."""

    email = _like(LoginForm, "email", EmailField, EMAIL, filters=[_stripped], render_kw={"autocomplete": "username"})
    password = _like(LoginForm, "password", PasswordField, _l("Password"))
    remember = None  # type: ignore[assignment]  # how WTForms leaves out an inherited field
    submit = SubmitField(_l("Sign in"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = ""  # else a link to the page for a new one, which stands below the form


class ConfirmPasswordForm(ReturnForm, VerifyForm):
    """The password once more, before something important is changed."""

    password = _like(VerifyForm, "password", PasswordField, _l("Password"))
    submit = SubmitField(_l("Go on"))


class NewPasswordLinkForm(ForgotPasswordForm):
    """Ask for a link to a new password."""

    email = _like(ForgotPasswordForm, "email", EmailField, EMAIL, filters=[_stripped])
    submit = SubmitField(_l("Send the link"))


class NewPasswordForm(ResetPasswordForm):
    """Choose a password, with the link from a mail."""

    password = _like(ResetPasswordForm, "password", PasswordField, _l("New password"), description=NEW_PASSWORD_HINT)
    password_confirm = _like(ResetPasswordForm, "password_confirm", PasswordField, _l("New password again"))
    submit = SubmitField(_l("Set the password"))


class OtherPasswordForm(ChangePasswordForm):
    """Change the password."""

    password = _like(ChangePasswordForm, "password", PasswordField, _l("Current password"))
    new_password = _like(
        ChangePasswordForm,
        "new_password",
        PasswordField,
        _l("New password"),
        filters=[_normal],
        description=NEW_PASSWORD_HINT,
    )
    new_password_confirm = _like(
        ChangePasswordForm, "new_password_confirm", PasswordField, _l("New password again"), filters=[_normal]
    )
    submit = SubmitField(_l("Change the password"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.flags.required = True  # where it is shown, that is, if there is one


def demands_second_factor(user: Any) -> bool:
    """Whether an account cannot do without a second factor here."""
    is_demanded: bool = current_app.extensions["assembly.config"].require_totp
    return is_demanded and accounts.needs_second_factor(user)


class SecondFactorForm(TwoFactorSetupForm):
    """Set up the second factor, or switch it off where it is not demanded."""

    setup = HiddenField()  # type: ignore[assignment]  # the pages only read its data: “authenticator” or “disable”: each has its button
    submit = SubmitField(_l("Set up"))

    def validate(self, **kwargs: Any) -> bool:
        """Refuse to switch off what a role demands."""
        if self.setup.data == "disable" and demands_second_factor(self.user):
            self.form_errors.append(gettext("Your role demands a second factor, so it cannot be switched off."))
            return False
        return bool(super().validate(**kwargs))


class CodeForm(TwoFactorVerifyCodeForm):
    """The code that the app shows."""

    code = _like(
        TwoFactorVerifyCodeForm,
        "code",
        StringField,
        _l("Code"),
        description=_l("The six digits that your app shows now."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    submit = SubmitField(_l("Check the code"))


class RescueForm(TwoFactorRescueForm):
    """Offers nothing by mail; the page that asks for a code names the recovery codes itself."""

    help_setup = RadioField(choices=[])


class RecoveryCodesForm(MfRecoveryCodesForm):
    """Show the recovery codes, or make new ones."""

    show_codes = SubmitField(_l("Show the codes"))
    generate_new_codes = SubmitField(_l("Make new codes"))


class RecoveryCodeForm(MfRecoveryForm):
    """A recovery code in place of the app's."""

    code = _like(
        MfRecoveryForm,
        "code",
        StringField,
        _l("Recovery code"),
        description=_l("For example: 1a2b-3c4d-5e6f. Each code can be used once."),
        render_kw={"autocomplete": "off"},
    )
    submit = SubmitField(_l("Sign in"))


FORMS: dict[str, type[Any]] = {
    "login_form": SignInForm,
    "verify_form": ConfirmPasswordForm,
    "forgot_password_form": NewPasswordLinkForm,
    "reset_password_form": NewPasswordForm,
    "change_password_form": OtherPasswordForm,
    "two_factor_setup_form": SecondFactorForm,
    "two_factor_verify_code_form": CodeForm,
    "two_factor_rescue_form": RescueForm,
    "mf_recovery_codes_form": RecoveryCodesForm,
    "mf_recovery_form": RecoveryCodeForm,
}
