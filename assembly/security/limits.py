"""How often passwords and codes can be tried. Counters hold no names: their keys are hashes."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

from flask import Flask, Response, abort, current_app, g, request, session
from flask_login import current_user
from flask_security.mail_util import EmailValidateException
from itsdangerous import URLSafeSerializer
from limits import RateLimitItem, parse

from assembly.extensions import limiter, security
from assembly.security.visits import visiting
from assembly.visitors import address, hashed

HERE = parse("10 per 15 minutes")
"""For one account from one address."""
ACCOUNT = parse("30 per 15 minutes")
"""For one account from anywhere."""
CODES = parse("60 per day")
"""For codes of one account: 60 of a million, three valid at a time, is a chance of 1 in 5,000 per day."""
ADDRESS = parse("100 per 15 minutes")
"""From one address, for whatever account: a town hall has one address, so this one is wide."""
SIGN_IN = "sign-in"
KNOWN = "assembly_known"
REMEMBERED_SECONDS = 180 * 24 * 3600
MAILS = parse("5 per hour")
"""Links to a new password, or invitations, for one account."""
MEMBERS_CODES = parse("10 per hour")
"""One-time codes that one member has sent."""


@dataclasses.dataclass(frozen=True, slots=True)
class Trial:
    """Something that can be tried: whose it is, the limits for one account, and whether a trial succeeded."""

    scope: str
    account: Callable[[], str]
    succeeded: Callable[[str], bool]
    limits: tuple[RateLimitItem, ...] = (ACCOUNT,)


def _named() -> str:
    """Return the address in the form, as it will be looked up."""
    written = request.form.get("email", "")
    try:
        return security.mail_util.normalize(written).casefold()
    except EmailValidateException:
        return written.strip().casefold()


def _waiting() -> str:
    """Return the account whose password was right, and whose code is awaited; or that sets up a second factor."""
    return str(session.get("tf_user_id") or _signed_in())


def _signed_in() -> str:
    return str(current_user.get_id() or "")


def _invited() -> str:
    """Return who invites whom: others, who may not invite, cannot use up the invitations."""
    inviting = _signed_in()
    return f"{inviting} {(request.view_args or {}).get('membership_id')}" if inviting else ""


def _password_was_right(named: str) -> bool:
    """Whether this very account is signed in now, or its code awaited: else others could clear its count."""
    user = security.datastore.find_user(fs_uniquifier=_signed_in() or _waiting())
    return user is not None and user.email.casefold() == named


def _code_was_right(waiting: str) -> bool:
    return _signed_in() == waiting


def _always(_account: str) -> bool:
    return True


def _never(_account: str) -> bool:
    return False


def _nobody() -> str:
    return ""


RECEIPT = Trial("receipt", _nobody, _never, ())
"""A code of 80 bits is not guessed in any number of trials: this spares the server."""
TRIALS = {
    "security.login": Trial(SIGN_IN, _named, _password_was_right),
    "security.verify": Trial("password again", _signed_in, _always),
    "security.change_password": Trial("password again", _signed_in, _always),
    "security.two_factor_token_validation": Trial("code", _waiting, _code_was_right, (ACCOUNT, CODES)),
    "security.mf_recovery": Trial("code", _waiting, _code_was_right, (ACCOUNT, CODES)),
    "security.forgot_password": Trial("mail", _named, _never, (MAILS,)),
    "roles.invite": Trial("invitation", _invited, _never, (MAILS,)),
    "roles.invite_for_city_role": Trial("invitation", _invited, _never, (MAILS,)),
    "security.reset_password": Trial("link", _nobody, _never, ()),
    "public.show_receipt": RECEIPT,
    "public.show_uploaded_receipt": RECEIPT,
    "public.receipt_file": RECEIPT,
    "member.enter": Trial("member", _nobody, _always, (ACCOUNT,)),
    "member.ask_for_link": Trial("member's link", _named, _never, (MAILS,)),
    "member.send_code": Trial("one-time code asked for", visiting, _never, (MEMBERS_CODES,)),
    "member.check_code": Trial("one-time code", visiting, _always, (ACCOUNT, CODES)),
}


def init_app(app: Flask) -> None:
    """Count before each trial, so that trials at the same moment count too; forget the count after a success."""
    app.before_request(_count)
    app.after_request(_clear)


def _count() -> None:
    trial = TRIALS.get(request.endpoint or "")
    if trial is None or request.method != "POST" or not current_app.config["RATELIMIT_ENABLED"]:
        return
    account = trial.account()
    counters = _counters(trial, account)
    for limit, key in [*counters, (ADDRESS, hashed(trial.scope, "", address()))]:
        if not limiter.limiter.hit(limit, key):
            g.retry_after = max(1, int(limiter.limiter.get_window_stats(limit, key).reset_time - time.time()))
            abort(429)
    g.trial = trial, account, counters


def _clear(response: Response) -> Response:
    if "trial" in g and response.status_code == 302:
        trial, account, counters = g.trial
        if trial.succeeded(account):
            for limit, key in counters:
                limiter.limiter.clear(limit, key)
            if trial.scope == SIGN_IN:
                _remember_browser(response, account)
    if "retry_after" in g:
        response.headers["Retry-After"] = str(g.retry_after)
    return response


def _counters(trial: Trial, account: str) -> list[tuple[RateLimitItem, str]]:
    if not trial.limits:
        return []
    if trial.scope == SIGN_IN and _is_known_browser(account):
        return [(HERE, hashed(trial.scope, account, KNOWN))]
    everywhere = [(limit, hashed(trial.scope, account, "")) for limit in trial.limits] if account else []
    return [(HERE, hashed(trial.scope, account, address())), *everywhere]


def _browsers() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known browser")


def _is_known_browser(account: str) -> bool:
    is_signed, named = _browsers().loads_unsafe(request.cookies.get(KNOWN, ""))
    return is_signed and named == hashed(KNOWN, account)


def _remember_browser(response: Response, account: str) -> None:
    """Let a browser in which the password was right count for itself: others cannot lock its account out of it.

    After the OWASP's device cookies. It holds a hash that names nobody, and spares nobody the password.
    """
    response.set_cookie(
        KNOWN,
        str(_browsers().dumps(hashed(KNOWN, account))),
        max_age=REMEMBERED_SECONDS,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
