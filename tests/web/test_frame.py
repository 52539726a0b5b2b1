"""The frame: who is let in, what every answer carries, and what is said when something goes wrong."""

from __future__ import annotations

from tests.web.stage import PASSWORD, Stage


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
