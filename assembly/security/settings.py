"""Flask-Security's settings and texts."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib

from flask_babel import lazy_gettext as _l

from assembly.config import Config
from assembly.services.invitations import VALID_DAYS

SHORTEST_PASSWORD = 12
CODE_TOLERANCE_SECONDS = 30
"""A code of the half minute before and after is accepted too: clocks differ, and typing takes time."""

MESSAGES = {
    "ANONYMOUS_USER_REQUIRED": (_l("You are signed in already."), "info"),
    "API_ERROR": (_l("This could not be read. Load the page again and repeat the last step."), "error"),
    "DISABLED_ACCOUNT": (_l("This account is closed."), "error"),
    "EMAIL_NOT_PROVIDED": (_l("Enter your e-mail address."), "error"),
    "FORGOT_PASSWORD": (_l("Forgotten your password?"), "info"),
    "GENERIC_AUTHN_FAILED": (_l("E-mail address or password is wrong."), "error"),
    "INVALID_EMAIL_ADDRESS": (_l("This is not an e-mail address."), "error"),
    "INVALID_PASSWORD": (_l("The password is wrong."), "error"),
    "INVALID_RECOVERY_CODE": (_l("This recovery code is wrong or was used before."), "error"),
    "INVALID_REDIRECT": (_l("The address to return to is not on this site."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (_l("This link is not valid, or it was used before. Ask for a new one."), "error"),
    "NO_RECOVERY_CODES_SETUP": (_l("There are no recovery codes yet."), "info"),
    "PASSWORD_CHANGE": (_l("Your password was changed. You were signed out on all other devices."), "success"),
    "PASSWORD_INVALID_LENGTH": (_l("The password needs at least %(length)s characters."), "error"),
    "PASSWORD_IS_THE_SAME": (_l("The new password must differ from the old one."), "error"),
    "PASSWORD_NOT_PROVIDED": (_l("Enter a password."), "error"),
    "PASSWORD_RESET_EXPIRED": (_l("This link was valid for %(within)s. Ask for a new one."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (_l("Your password was set. You can sign in with it now."), "success"),
    "PASSWORD_RESET_REQUEST": (
        _l("If there is an account for %(email)s, a mail with a link to a new password is on its way."),
        "info",
    ),
    "PASSWORD_TOO_SIMPLE": (_l("This password is easy to guess."), "error"),
    "REAUTHENTICATION_REQUIRED": (_l("Please enter your password again before you change this."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (_l("Thank you. You can go on."), "success"),
    "RETYPE_PASSWORD_MISMATCH": (_l("The two passwords differ."), "error"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (_l("The second factor is set up."), "success"),
    "TWO_FACTOR_DISABLED": (_l("The second factor is off."), "success"),
    "TWO_FACTOR_INVALID_TOKEN": (_l("This code is wrong, has expired, or was used before."), "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_l("You are signed in."), "success"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (_l("This is not possible for your account."), "error"),
    "TWO_FACTOR_PERMISSION_DENIED": (_l("Please sign in with your password first."), "error"),
    "TWO_FACTOR_SETUP_EXPIRED": (_l("Please finish within %(within)s. Start again."), "error"),
    "UNAUTHENTICATED": (_l("Please sign in to see this page."), "info"),
    "UNAUTHORIZED": (_l("Your role does not allow this."), "error"),
    "USER_DOES_NOT_EXIST": (_l("E-mail address or password is wrong."), "error"),
}
"""Every text of Flask-Security that our pages can show."""
SUBJECTS = {
    "PASSWORD_NOTICE": _l("Your password was set"),
    "PASSWORD_CHANGE_NOTICE": _l("Your password was changed"),
    "PASSWORD_RESET": _l("A new password for your account"),
}


def security_settings(config: Config) -> dict[str, object]:
    """Return the settings of Flask-Security."""
    texts = {f"SECURITY_MSG_{name}": text for name, text in MESSAGES.items()}
    subjects = {f"SECURITY_EMAIL_SUBJECT_{name}": subject for name, subject in SUBJECTS.items()}
    return _passwords(config) | _second_factor(config) | _addresses() | texts | subjects


def _passwords(config: Config) -> dict[str, object]:
    return {
        "SECURITY_PASSWORD_SALT": config.password_salt,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_LENGTH_MIN": SHORTEST_PASSWORD,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_RESET_PASSWORD_WITHIN": dt.timedelta(days=VALID_DAYS),
        "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_EMAIL_SENDER": config.mail_sender,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": True,
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SECURITY_FRESHNESS": dt.timedelta(minutes=30),
        "SECURITY_FRESHNESS_GRACE_PERIOD": dt.timedelta(minutes=10),
        "SECURITY_STATIC_FOLDER": None,  # its pages are ours, so its styles and scripts are not needed
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
    }


def _second_factor(config: Config) -> dict[str, object]:
    return {
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": CODE_TOLERANCE_SECONDS,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,  # a mailbox is what a second factor protects against
        "SECURITY_TOTP_SECRETS": {"1": config.secret_key},
        "SECURITY_TOTP_ISSUER": "Sortition Assembly",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 10,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [_key(config.secret_key, "recovery codes")],
        "SECURITY_WEBAUTHN": False,  # its pages use inline scripts, which our content security policy forbids
    }


def _addresses() -> dict[str, object]:
    return {
        "SECURITY_URL_PREFIX": "/account",
        "SECURITY_CHANGE_URL": "/password",
        "SECURITY_TWO_FACTOR_SETUP_URL": "/two-factor",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/code",
        "SECURITY_TWO_FACTOR_RESCUE_URL": "/code/help",
        "SECURITY_TWO_FACTOR_SELECT_URL": "/code/kind",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/recovery-codes",
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/recovery-code",
        "SECURITY_POST_LOGIN_VIEW": "/assemblies/",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_POST_CHANGE_VIEW": "/account",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/account",
    }


def _key(secret: str, purpose: str) -> bytes:
    """Return a key in Fernet's form that serves one purpose alone."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"assembly/{purpose}/{secret}".encode()).digest())
