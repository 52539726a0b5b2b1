"""Signing in by a provider of OpenID Connect: authorisation code with PKCE, state and nonce.

Nobody gets an account by it: `sub` must already stand with a user. What a sign-in on its way needs travels in a signed
cookie that lives ten minutes. The provider's address is the operator's setting, and is asked over https (or on this
machine).
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # ships no types
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from web.house import Oidc

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
PATIENCE = 10.0
"""Seconds that a provider has to answer."""

LASTS = 600
"""Seconds that a sign-in on its way lasts."""


class ProviderProblem(Exception):
    """The provider does not answer as it should, or what comes back is not what was asked for."""


@dataclass(frozen=True, slots=True)
class Journey:
    """A sign-in on its way: what must come back, and where to go afterwards."""

    state: str
    nonce: str
    verifier: str
    after: str

    def sealed(self, secret: bytes) -> str:
        """As a cookie carries it."""
        told = urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()
        return f"{told}.{_sign(told, secret)}"


def opened(sealed: str, secret: bytes) -> Journey:
    """The journey of a cookie. Raises `ProviderProblem` where it was not made here."""
    told, _, sign = sealed.rpartition(".")
    if not hmac.compare_digest(sign.encode(), _sign(told, secret).encode()):
        raise ProviderProblem("no sign-in is on its way in this browser")
    return Journey(**json.loads(urlsafe_b64decode(told)))


def _sign(told: str, secret: bytes) -> str:
    return hmac.new(secret, f"oidc:{told}".encode(), sha256).hexdigest()


def begin(after: str) -> Journey:
    """A new sign-in."""
    return Journey(token_urlsafe(24), token_urlsafe(24), token_urlsafe(48), after)


def address(provider: Oidc, journey: Journey, callback: str) -> str:
    """Where the browser is sent. Raises `ProviderProblem`."""
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": callback,
        "scope": "openid",
        "state": journey.state,
        "nonce": journey.nonce,
        "code_challenge": create_s256_code_challenge(journey.verifier),
        "code_challenge_method": "S256",
    }
    where = _discovered(provider)["authorization_endpoint"]
    return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(asked)}"


def subject(provider: Oidc, journey: Journey, told: Mapping[str, str], callback: str) -> str:
    """Who came back, as the provider knows them. Raises `ProviderProblem`."""
    if not told.get("code") or not hmac.compare_digest(told.get("state", "").encode(), journey.state.encode()):
        raise ProviderProblem(told.get("error", "the state is not the one that was sent"))
    known = _discovered(provider)
    form = {
        "grant_type": "authorization_code",
        "code": told["code"],
        "redirect_uri": callback,
        "code_verifier": journey.verifier,
    }
    try:
        answer = httpx.post(
            known["token_endpoint"], data=form, auth=(provider.client_id, provider.client_secret), timeout=PATIENCE
        )
        answer.raise_for_status()
        keys = httpx.get(known["jwks_uri"], timeout=PATIENCE)
        keys.raise_for_status()
        return _checked(provider, journey, str(answer.json().get("id_token", "")), keys.json())
    except (httpx.HTTPError, JoseError, ValueError, KeyError) as error:
        raise ProviderProblem(f"{type(error).__name__}: {error}") from error


def _checked(provider: Oidc, journey: Journey, token: str, keys: Any) -> str:
    """The subject of an ID token that was signed by the provider, for us, for this sign-in, and has not expired."""
    claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
    registry = jwt.JWTClaimsRegistry(
        leeway=60,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        nonce={"essential": True, "value": journey.nonce},
        sub={"essential": True},
        exp={"essential": True},
    )
    registry.validate(claims)
    return str(claims["sub"])


def _discovered(provider: Oidc) -> Mapping[str, str]:
    """What the provider says of itself (OpenID Connect Discovery 1.0)."""
    try:
        answer = httpx.get(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration", timeout=PATIENCE)
        answer.raise_for_status()
        told = answer.json()
        known = {name: str(told[name]) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        issuer = str(told["issuer"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise ProviderProblem(f"{type(error).__name__}: {error}") from error
    if issuer != provider.issuer or not all(map(_safe, known.values())):
        raise ProviderProblem("the provider is not who the settings say")
    return known


def _safe(where: str) -> bool:
    parts = urlsplit(where)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost", "::1")
