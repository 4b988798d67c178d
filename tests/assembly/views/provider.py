"""A small OpenID Connect provider on 127.0.0.1: discovery, keys, code flow with PKCE, signed tokens."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import time
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "assembly", "a secret of the provider and of the application"


@dataclasses.dataclass
class Provider:
    """What the provider says, so that a test can let it lie; `address` is set once it is served."""

    address: str = ""
    claims: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Claims of the token that differ from the honest ones; None leaves one out."""
    signing_key: RSAKey = dataclasses.field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}, private=True)
    )
    published_key: RSAKey | None = None
    without_token: bool = False
    asked: dict[str, str] = dataclasses.field(default_factory=dict)
    """What the application asked with, of the last sign-in."""

    def app(self) -> Flask:
        """Return the provider as an application."""
        app = Flask("provider")

        @app.get("/.well-known/openid-configuration")
        def configuration() -> Response:
            return jsonify(
                issuer=self.address,
                authorization_endpoint=f"{self.address}/authorize",
                token_endpoint=f"{self.address}/token",
                jwks_uri=f"{self.address}/keys",
                id_token_signing_alg_values_supported=["RS256"],
                response_types_supported=["code"],
                subject_types_supported=["public"],
            )

        @app.get("/keys")
        def keys() -> Response:
            return jsonify(keys=[(self.published_key or self.signing_key).as_dict(private=False)])

        @app.get("/authorize")
        def authorize() -> Any:
            self.asked = dict(request.args)
            if self.asked["client_id"] != CLIENT_ID or self.asked["response_type"] != "code":
                abort(400)
            answer = {"code": "code-of-this-sign-in", "state": self.asked["state"]}
            return redirect(f"{self.asked['redirect_uri']}?{urlencode(answer)}")

        @app.post("/token")
        def token() -> Response:
            challenge = hashlib.sha256(request.form["code_verifier"].encode()).digest()
            is_right = (
                request.authorization is not None
                and (request.authorization.username, request.authorization.password) == (CLIENT_ID, CLIENT_SECRET)
                and request.form["code"] == "code-of-this-sign-in"
                and request.form["redirect_uri"] == self.asked["redirect_uri"]
                and base64.urlsafe_b64encode(challenge).decode().rstrip("=") == self.asked["code_challenge"]
            )
            if not is_right:
                abort(400)
            answer = {"access_token": "unused", "token_type": "Bearer", "expires_in": 60}
            return jsonify(answer if self.without_token else answer | {"id_token": self.id_token()})

        return app

    def id_token(self) -> str:
        """Return the signed token about who signed in."""
        moment = int(time.time())
        honest = {
            "iss": self.address,
            "sub": "42",
            "aud": CLIENT_ID,
            "iat": moment,
            "exp": moment + 60,
            "nonce": self.asked["nonce"],
            "email": "orga@example.org",
            "email_verified": True,
        }
        claims = {name: value for name, value in (honest | self.claims).items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.signing_key)
