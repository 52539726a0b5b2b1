"""One's own account: settings, the password, sessions, keys for programs."""

from __future__ import annotations

import re

from tests.web.stage import PASSWORD, Stage
from web.agents import parts_of
from workflows.people import sessions


def test_a_language_is_kept(stage: Stage) -> None:
    """A user's own language is used where the browser has chosen none; the switch wins in its browser."""
    browser = stage.client("wang")
    assert browser.post("/account/settings", data={"language": "en", "mail": "w@example.org"}).status_code == 303
    user = stage.office.people.user("wang")
    assert user is not None
    assert (user.language, user.mail) == ("en", "w@example.org")
    fresh = stage.client("wang")
    fresh.cookies.delete("duban-lang")
    assert "Worklist" in fresh.get("/worklist").text
    switched = fresh.post("/language", data={"to": "zh", "back": "//evil.example/"})
    assert switched.headers["location"] == "/"
    assert "待办" in fresh.get("/worklist").text


def test_a_password_is_changed_by_who_knows_it(stage: Stage) -> None:
    """A wrong old one, two that differ and a weak one are refused; the right one signs everybody out."""
    browser = stage.client("li")
    new = "another 9 long one"
    for told in (
        {"old": "wrong", "new": new, "again": new},
        {"old": PASSWORD, "new": new, "again": "x"},
        {"old": PASSWORD, "new": "1234567890", "again": "1234567890"},
    ):
        assert browser.post("/account/password", data=told).status_code == 422
    assert browser.post("/account/password", data={"old": PASSWORD, "new": new, "again": new}).status_code == 303
    assert browser.get("/worklist").status_code == 303
    assert stage.client().post("/sign-in", data={"name": "li", "password": new}).status_code == 303


def test_sessions_are_seen_and_ended(stage: Stage) -> None:
    """One's other browsers are signed out; nobody ends another's session."""
    here, there, foreign = stage.client("wang"), stage.client("wang"), stage.client("qian")
    assert here.get("/account").text.count('name="digest"') == 1
    theirs = stage.office.people.sessions("qian")[0].digest
    here.post("/account/sessions", data={"digest": theirs})
    assert foreign.get("/worklist").status_code == 200
    here.post("/account/sessions")
    assert there.get("/worklist").status_code == 303
    assert here.get("/worklist").status_code == 200


def test_a_key_is_shown_once(stage: Stage) -> None:
    """It is issued within one's rights, listed without its secret, and revoked."""
    browser = stage.client("wang")
    told = {"name": "report", "days": "30", "scope": ["read", "admin"]}
    answer = browser.post("/account/tokens", data=told)
    secret = re.search(r"duban_[\w-]+", answer.text)
    assert secret is not None
    token = stage.office.people.tokens("wang")[0]
    assert list(token.scopes) == ["read"]
    assert secret[0] not in browser.get("/account").text
    assert browser.post("/account/tokens/revoke", data={"number": token.id}).status_code == 303
    assert stage.office.people.tokens("wang")[0].revoked_at is not None
    assert stage.client("qian").post("/account/tokens/revoke", data={"number": token.id}).status_code == 422


AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36": (
        "Chrome",
        "Windows",
    ),
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0": (
        "Edge",
        "Windows",
    ),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605": (
        "Safari",
        "macOS",
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0": ("Firefox", "Linux"),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50": (
        "WeChat",
        "iPhone",
    ),
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36": ("Chrome", "Android"),
    "curl/8.5.0": ("curl", ""),
    "something else": ("", ""),
}


def test_a_browser_is_named_as_people_know_it(stage: Stage) -> None:
    """The rarer name before the one that all use; what it says of itself stands behind, alone where we know none."""
    assert {agent: parts_of(agent) for agent in AGENTS} == AGENTS
    user = stage.office.people.user("wang")
    assert user is not None
    for agent in AGENTS:
        sessions.begin(stage.office.people, user, agent)
    for lang, said in (("zh", "Windows 上的 Chrome"), ("en", "Chrome on Windows")):
        page = stage.client("wang", lang).get("/account").text
        for agent in AGENTS:
            assert f'title="{agent}"' in page
        assert said in page
        assert ">something else<" in page
