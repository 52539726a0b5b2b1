"""The frame: who is let in, what every answer carries, and what is said when something goes wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import Headers

from tests.web.stage import PASSWORD, Stage, at, raise_stage, underway
from web.house import Settings
from web.render import STATIC
from web.shell import from_elsewhere
from web.visit import sender
from workflows.people.ports import Note


def test_somebody_signs_in_and_out(stage: Stage) -> None:
    """A right password begins a session in a cookie that scripts cannot read; signing out ends it."""
    browser = stage.client()
    assert browser.get("/").headers["location"] == "/sign-in"
    wrong = browser.post("/sign-in", data={"name": "li", "password": "no"})
    assert wrong.status_code == 401
    right = browser.post("/sign-in", data={"name": "li", "password": PASSWORD, "after": "/board"})
    assert (right.status_code, right.headers["location"]) == (303, "/board")
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert browser.get("/board").status_code == 200
    token = browser.cookies["duban-session"]
    browser.post("/sign-out")
    browser.cookies.set("duban-session", token)
    assert browser.get("/board").status_code == 303


def test_another_site_cannot_act(stage: Stage) -> None:
    """What another site's page sends is refused by Fetch metadata, in older browsers by Origin."""
    browser = stage.client("li")
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
    ):
        assert browser.post("/sign-out", headers=headers).status_code == 403
    assert browser.get("/board").status_code == 200
    assert browser.get("/board", headers={"sec-fetch-site": "cross-site"}).status_code == 200
    assert browser.post("/sign-out", headers={"origin": "http://testserver"}).status_code == 303


def test_an_older_browsers_page_is_ours_where_the_pages_stand() -> None:
    """By the setting and not by Host, which a proxy may change and a sender may write; a bare address is itself."""
    home = "https://duban.example.org"

    def elsewhere(origin: str, host: str, home: str = home) -> bool:
        return from_elsewhere("POST", Headers({"origin": origin, "host": host}), home)

    assert not elsewhere(home, "127.0.0.1:8000")
    assert elsewhere("https://evil.example", "evil.example")
    assert not elsewhere("http://10.1.0.11:8000", "10.1.0.11:8000")
    assert elsewhere("http://10.1.0.12:8000", "10.1.0.11:8000")
    assert not elsewhere("http://testserver", "testserver", "")
    for odd in ("null", "http://[", "", "https://duban.example.org.evil.example"):
        assert elsewhere(odd, "duban.example.org")


def test_a_session_is_renewed_when_rights_change_and_never_by_what_may_be_kept(stage: Stage) -> None:
    """A cache that keeps an asset keeps nobody's session with it; the next page brings the new one."""
    browser = stage.client("wang")
    stage.clock.move(at("2022-01-20 10:00"))
    [held] = stage.office.people.holdings(user="wang")
    stage.office.people.put_holding(replace(held, valid_to=stage.office.people.now()), Note("RoleEnded", "root", {}))
    for path in ("/static/app.css", "/health"):
        assert "set-cookie" not in browser.get(path).headers
    assert "duban-session=" in browser.get("/board").headers["set-cookie"]


@pytest.mark.parametrize(
    ("addresses", "counted"),
    [
        (("2001:db8:1:2::1", "2001:db8:1:2:ffff::9%eth0"), 1),
        (("2001:db8:1:2::1", "2001:db8:1:3::1"), 2),
        (("192.0.2.1", "::ffff:192.0.2.1"), 1),
        (("192.0.2.1", "192.0.2.2", "testclient"), 3),
    ],
)
def test_tries_are_counted_by_network_where_one_customer_has_it_all(addresses: tuple[str, ...], counted: int) -> None:
    """Whoever has 2⁶⁴ addresses is no crowd."""
    requests = [Request({"type": "http", "client": (address, 1), "headers": []}) for address in addresses]
    assert len({sender(each) for each in requests}) == counted


def test_a_page_is_not_asked_for_what_no_database_keeps(stage: Stage) -> None:
    for path in ("/board?q=%00", "/ledgers?x%00=1", "/public/projects?process=a%00"):
        assert stage.client("li").get(path).status_code == 404


def test_every_answer_carries_its_headers(stage: Stage) -> None:
    """Nothing inline runs, nobody frames us, nothing is sniffed; on errors too."""
    for path in ("/sign-in", "/nowhere", "/static/app.css"):
        headers = stage.client().get(path).headers
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_errors_are_pages_in_the_visitors_language(stage: Stage) -> None:
    """An unknown address is said in words; our own fault has a number and tells nothing of itself."""
    assert "没有这个页面" in stage.client("li").get("/nowhere").text
    assert "There is no such page" in stage.client("li", "en").get("/nowhere").text
    answer = stage.client("li").get("/api/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404

    def broken() -> None:
        raise RuntimeError("secret detail")

    stage.app.add_api_route("/broken", broken)
    page = stage.client("li").get("/broken")
    assert page.status_code == 500
    assert "错误编号" in page.text
    assert "secret detail" not in page.text


def test_a_body_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """Before it is read to its end."""
    stage = raise_stage(tmp_path, Settings(body_limit=10_000))
    answer = stage.client("wang").post(f"/tasks/{stage.tasks['homes']}/acts/report", data={"f.x": "x" * 20_000})
    stage.close()
    assert answer.status_code == 413


def test_over_https_the_cookie_is_bound_to_the_host(tmp_path: Path) -> None:
    """With the prefix __Host-, and Secure."""
    stage = raise_stage(tmp_path, Settings(https=True))
    answer = stage.client().post("/sign-in", data={"name": "li", "password": PASSWORD})
    stage.close()
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("__Host-duban="))
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_vendored_assets_are_what_the_manifest_says() -> None:
    """Each file of others is listed with its digest, and nothing else is there."""
    folder = STATIC / "vendor"
    listed = dict(line.split(maxsplit=1)[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.name != "SHA256SUMS"}
    assert found == listed


def test_no_answer_is_kept_that_is_not_everybodys(stage: Stage) -> None:
    """Whatever is asked, by pages and by programs: a browser that somebody has left, or a proxy, shows it to nobody."""
    task, kept = underway(stage, "homes"), set[str]()
    client, seen = stage.client("admin"), 0
    for route in stage.app.routes:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            path = re.sub(r"\{(\w+)(:path)?\}", lambda part: task if part[1] == "task" else "1", route.path)
            answer = client.get(path)
            told = answer.headers.get("cache-control", "")
            seen += answer.status_code == 200
            if "no-store" not in told:
                kept.add(path)
    assert seen > 50
    assert kept <= {"/static/1", "/drafts/schema.json", "/drafts/1/scenarios.json"}, "schemas, and what has its digest"
    assert client.get("/api/v1/me").headers["cache-control"] == "no-store"
    sheet = re.findall(r'/static/app\.css[^"]+', client.get("/account").text)[0]
    assert "immutable" in client.get(sheet).headers["cache-control"]
