"""Signing in by a provider: a small real one on loopback, and what it must not be able to do."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.limits import listening
from tests.web.stage import Stage, raise_stage
from web.house import Oidc, Settings
from workflows.people import accounts
from workflows.people.values import By


@dataclass
class Provider:
    """Knows one person, checks PKCE and the client's secret; `says` changes what its token says."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k"}))
    signs: RSAKey | None = None
    subject: str = "sub-wang"
    says: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    issuer: str = ""

    def configuration(self) -> dict[str, str]:
        at = self.issuer
        paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return {"issuer": at} | {name: at + path for name, path in paths.items()}

    def authorize(self, query: str) -> str:
        """What the browser brings back."""
        self.asked = {name: values[0] for name, values in parse_qs(query).items()}
        return urlencode({"code": "code-1", "state": self.asked["state"]})

    def token(self, form: dict[str, str], authorization: str) -> dict[str, str] | None:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        basic = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if challenge.decode() != self.asked["code_challenge"] or basic != "duban:geheim" or form["code"] != "code-1":
            return None
        now = int(time.time())  # noqa: TID251 - the library that checks it reads the wall clock
        claims = {"iss": self.issuer, "aud": "duban", "sub": self.subject, "nonce": self.asked["nonce"], "iat": now}
        claims |= {"exp": now + 60, **self.says}
        return {"id_token": jwt.encode({"alg": "RS256", "kid": "k"}, claims, self.signs or self.key)}


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that listens."""
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, told: object, status: int = 200) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            keys = {"keys": [made.key.as_dict(private=False)]}
            self._answer(made.configuration() if self.path.startswith("/.well-known/") else keys)

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            told = made.token(form, self.headers.get("authorization", ""))
            self._answer(told or {"error": "invalid_grant"}, 200 if told else 400)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.issuer = f"http://127.0.0.1:{server.server_port}"
    with listening(server):
        yield made


HOME = "https://duban.example.org"


def _settings(provider: Provider, home: str = HOME) -> Settings:
    return Settings(oidc=Oidc(provider.issuer, "duban", "geheim", "统一身份认证"), home=home)


@pytest.fixture
def there(provider: Provider, tmp_path: Path) -> Iterator[Stage]:
    """A house whose settings name the provider, which knows `wang`."""
    stage = raise_stage(tmp_path, _settings(provider))
    user = stage.office.people.user("wang")
    assert user is not None
    accounts.change_user(stage.office.people, replace(user, subject="sub-wang"), By("admin"))
    yield stage
    stage.close()


def _come_back(stage: Stage, provider: Provider, browser: TestClient | None = None) -> Any:
    browser = browser or stage.client()
    sent = browser.get("/sign-in/provider?next=/board")
    query = provider.authorize(urlsplit(sent.headers["location"]).query)
    return browser.get(f"/sign-in/provider/back?{query}")


def test_somebody_known_to_both_signs_in(there: Stage, provider: Provider) -> None:
    """The button leads to the provider, and back to where one wanted to go."""
    browser = there.client()
    assert "统一身份认证" in browser.get("/sign-in").text
    answer = _come_back(there, provider, browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/board")
    assert browser.get("/worklist").status_code == 200


def test_nobody_gets_an_account_by_it(there: Stage, provider: Provider) -> None:
    """Who is unknown here stays outside."""
    provider.subject = "sub-stranger"
    before = len(there.office.people.users())
    assert _come_back(there, provider).status_code == 403
    assert len(there.office.people.users()) == before


@pytest.mark.parametrize(
    "says",
    [{"nonce": "old"}, {"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}],
    ids=lambda says: next(iter(says)),
)
def test_a_token_for_another_purpose_is_refused(there: Stage, provider: Provider, says: dict[str, Any]) -> None:
    """Replayed, for another client, from another issuer, or expired."""
    provider.says = says
    assert _come_back(there, provider).status_code == 502


def test_a_forged_token_and_a_foreign_state_are_refused(there: Stage, provider: Provider) -> None:
    """Signed by another key; or begun in another browser."""
    provider.signs = RSAKey.generate_key(2048, {"kid": "k"})
    assert _come_back(there, provider).status_code == 502
    provider.signs = None
    sent = there.client().get("/sign-in/provider")
    query = provider.authorize(urlsplit(sent.headers["location"]).query)
    assert there.client().get(f"/sign-in/provider/back?{query}").status_code == 502
    odd = there.client()
    odd.get("/sign-in/provider")
    assert odd.get("/sign-in/provider/back?code=x&state=%C3%A9").status_code == 502, "a state of other letters"
    forged = {"cookie": b"duban-journey=e30.\xe9"}
    assert there.client().get("/sign-in/provider/back?code=x&state=x", headers=forged).status_code == 502


def test_the_way_back_is_where_the_pages_stand(there: Stage, provider: Provider) -> None:
    """Whatever a request says of its Host, the provider is told the address that is set."""
    for host in ("evil.example", "testserver", "127.0.0.1:8000"):
        sent = there.client().get("/sign-in/provider", headers={"host": host})
        asked = parse_qs(urlsplit(sent.headers["location"]).query)
        assert asked["redirect_uri"] == [f"{HOME}/sign-in/provider/back"]
    assert _come_back(there, provider).status_code == 303


@pytest.mark.parametrize(
    ("host", "believed"),
    [
        ("127.0.0.1:8000", True),
        ("localhost", True),
        ("[::1]:8000", True),
        ("10.1.0.11", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("127.0.0.1@evil.example", False),
        ("localhost:80.evil.example", False),
    ],
)
def test_without_a_setting_a_name_is_not_believed(
    provider: Provider, tmp_path: Path, host: str, *, believed: bool
) -> None:
    """A bare address and this machine are; an address that anybody may have written leads nobody anywhere."""
    stage = raise_stage(tmp_path, _settings(provider, ""))
    try:
        sent = stage.client().get("/sign-in/provider", headers={"host": host})
        assert sent.status_code == (303 if believed else 502)
        assert "evil" not in sent.headers.get("location", "") + sent.text
        made = stage.client("wang").post("/calendar/feed", headers={"host": host}).text
        told = made[made.index("<code>") + 6 : made.index("</code>")]
        assert told.startswith(f"http://{host}/calendar.ics?token=" if believed else "/calendar.ics?token=")
    finally:
        stage.close()
