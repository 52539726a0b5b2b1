"""One's own account: language and mail, the password, where one is signed in, keys for programs."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from engine.commands import Refusal
from engine.titles import Titles
from web.access import PERSON, Routes
from web.agents import parts_of
from web.entering import check
from web.pages.frame import remember_language
from web.visit import Here, Visit
from workflows.people import accounts, rights, tokens
from workflows.people.values import ADMIN, AUDITOR, By, Holding

routes = Routes()


@routes.get("/account", need=PERSON, reads=False)
def account(visit: Here, saved: str = "") -> Response:
    """All about the visitor's own account."""
    return _page(visit, saved=bool(saved))


def _page(visit: Visit, status: int = 200, **told: Any) -> Response:
    people, user = visit.house.people, visit.known.user
    shown = {"saved": False, "refused": "", "secret": "", **told}
    return visit.page(
        "account.html",
        status,
        user=user,
        holdings=[_held(visit, each) for each in visit.known.holdings],
        sessions=sorted(people.sessions(user.id), key=lambda each: each.seen_at, reverse=True),
        device=lambda agent: _device(visit, agent),
        this=visit.session.digest if visit.session else "",
        tokens=people.tokens(user.id),
        scopes=[each for each in rights.SCOPES if each != ADMIN or rights.system(visit.known, ADMIN)],
        moment=lambda at: f"{at.astimezone(visit.zone):%Y-%m-%d %H:%M}" if at else visit.words("token_never"),
        **shown,
    )


def _device(visit: Visit, agent: str) -> str:
    """A browser in words; what we do not know, as it calls itself."""
    browser, system = parts_of(agent)
    if browser and system:
        return visit.words("session_on", browser=browser, system=system)
    return browser or system or agent or visit.words("session_unknown")


def _held(visit: Visit, holding: Holding) -> tuple[str, str, str]:
    """A role, of which process, for which unit, in words."""
    if holding.role in (ADMIN, AUDITOR):
        return visit.words(f"role_{holding.role}"), visit.words("role_any"), ""
    found = visit.desk.latest(holding.process) if holding.process else None
    if found is None or isinstance(found, Refusal):
        return holding.role, holding.process or visit.words("role_any"), holding.unit or ""
    edition = found[0]
    role = Titles(edition, visit.lang).role(holding.role)
    return role, edition.process.title.title(visit.lang), holding.unit or ""


@routes.post("/account/settings", need=PERSON)
def settings(visit: Here, language: Annotated[str, Form()] = "zh", mail: Annotated[str, Form()] = "") -> Response:
    """Keep the visitor's language and mail."""
    wanted = replace(visit.known.user, language="en" if language == "en" else "zh", mail=mail.strip()[:254] or None)
    changed = accounts.change_user(visit.house.people, wanted, _by(visit))
    if isinstance(changed, Refusal):
        return _page(visit, 422, refused=visit.say(changed))
    answer = visit.go("/account?saved=1")
    remember_language(visit, answer, wanted.language)
    return answer


def _by(visit: Visit) -> By:
    return By(visit.known.id, "web")


@routes.post("/account/password", need=PERSON)
def password(
    visit: Here,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Change the password of whoever knows it; every session ends, and one signs in anew."""
    people = visit.house.people
    known = check(visit, visit.known.id, old)
    if isinstance(known, Refusal):
        return _page(visit, 422, refused=visit.say(known))
    if new != again:
        return _page(visit, 422, refused=visit.words("password_differs"))
    changed = accounts.set_password(people, known.id, new, _by(visit))
    if isinstance(changed, Refusal):
        return _page(visit, 422, refused=visit.say(changed))
    return visit.go("/sign-in?changed=1")


@routes.post("/account/sessions", need=PERSON)
def end_session(visit: Here, digest: Annotated[str, Form()] = "") -> Response:
    """Sign out one of the visitor's own browsers, or, without saying which, all but this one."""
    people = visit.house.people
    own = {each.digest for each in people.sessions(visit.known.id)}
    this = visit.session.digest if visit.session else ""
    for each in own & {digest} if digest else own - {this}:
        people.end_sessions(digest=each)
    return visit.go("/account?saved=1#sessions")


@routes.post("/account/tokens", need=PERSON)
def issue_token(
    visit: Here,
    name: Annotated[str, Form()] = "",
    days: Annotated[int, Form()] = 90,
    scope: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Issue a token; it is shown in this answer and never again."""
    wanted = set(scope or ())
    if ADMIN in wanted and not rights.system(visit.known, ADMIN):
        wanted.discard(ADMIN)
    secret = tokens.issue(visit.house.people, visit.known.user, name, wanted, days)
    if isinstance(secret, Refusal):
        return _page(visit, 422, refused=visit.say(secret))
    return _page(visit, secret=secret)


@routes.post("/account/tokens/revoke", need=PERSON)
def revoke_token(visit: Here, number: Annotated[int, Form()]) -> Response:
    """Take back one of the visitor's own keys."""
    revoked = tokens.revoke(visit.house.people, visit.known.user, number, _by(visit))
    if isinstance(revoked, Refusal):
        return _page(visit, 422, refused=visit.say(revoked))
    return visit.go("/account?saved=1#tokens")
