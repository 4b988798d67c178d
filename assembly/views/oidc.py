"""Sign-in at the city's own provider by OpenID Connect, where one is configured."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security import login_user
from joserfc.errors import JoseError
from requests import RequestException

from assembly.config import Config
from assembly.extensions import db, security
from assembly.services import accounts
from assembly.views.guard import public

blueprint = Blueprint("oidc", __name__, url_prefix="/account/oidc")

LONGEST_WAIT_SECONDS = 10
FAULTS = (AuthlibBaseError, JoseError, RequestException, RuntimeError, ValueError, KeyError)
"""What is raised when the provider cannot be reached, or answers what does not fit our question."""


def init_app(app: Flask) -> None:
    """Get to know the provider; its addresses are asked for at the first sign-in."""
    config: Config = app.extensions["assembly.config"]
    if config.openid_connect is None:
        return
    OAuth(app).register(
        "city",
        client_id=config.openid_connect.client_id,
        client_secret=config.openid_connect.client_secret,
        server_metadata_url=f"{config.openid_connect.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": LONGEST_WAIT_SECONDS,
        },
    )


@blueprint.get("")
@public
def start() -> ResponseReturnValue:
    """Send the visitor to the provider."""
    client, config = _client()
    try:
        answer: ResponseReturnValue = client.authorize_redirect(config.public_url + url_for("oidc.finish"))
    except FAULTS:
        return _refused(gettext("The city's sign-in cannot be reached. Please try again, or use your password."))
    return answer


@blueprint.get("/return")
@public
def finish() -> ResponseReturnValue:
    """Sign in whom the provider names, if the address is verified there and has an account here."""
    client, config = _client()
    try:
        token = client.authorize_access_token(claims_options=_wanted_claims())
        claims = token["userinfo"]
    except FAULTS:
        return _refused(gettext("The sign-in did not succeed. Please start again."))
    if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
        return _refused(gettext("The city's sign-in does not vouch for your e-mail address. Please use your password."))
    subject = f"{config.openid_connect.issuer} {claims['sub']}" if config.openid_connect else ""
    user = accounts.find_signed_in_elsewhere(db.session, subject=subject, email=claims["email"])
    if user is None or not user.active:
        return _refused(gettext("There is no account here for your e-mail address. An organiser can invite you."))
    db.session.commit()
    asks_for_code: ResponseReturnValue | None = security.two_factor_plugins.tf_enter(user, False, "oidc", None)  # noqa: FBT003  # the library's signature
    if asks_for_code:
        return asks_for_code
    login_user(user, authn_via=["oidc"])
    return redirect(url_for("assemblies.index"))


def _client() -> tuple[Any, Config]:
    config: Config = current_app.extensions["assembly.config"]
    if config.openid_connect is None:
        abort(404)
    return current_app.extensions["authlib.integrations.flask_client"].city, config


def _wanted_claims() -> dict[str, Any]:
    """Return who must have issued the token, and for whom: Authlib alone takes any audience if `azp` is ours."""
    settings = current_app.extensions["assembly.config"].openid_connect
    return {
        "iss": {"essential": True, "value": settings.issuer},
        "aud": {"essential": True, "value": settings.client_id},
    }


def _refused(text: str) -> ResponseReturnValue:
    return render_template("error.html", status=HTTPStatus.FORBIDDEN.value, text=text), HTTPStatus.FORBIDDEN
