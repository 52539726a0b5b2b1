"""Signing in, as pages and API share it: who tries from which browser, and what a browser carries afterwards.

A browser in which somebody has signed in before is known for them by a signed mark, and has tries of its own: whoever
guesses at a name from elsewhere, or from the same address behind one proxy, shuts the name and the address for
strangers, never for the browsers that its user uses
(https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies). A mark opens nothing: it says
which tries are counted together, and names nobody.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from engine.commands import Refusal
from web.house import House
from web.visit import Visit, cookie_name, sender, session_cookie
from workflows.people import accounts, sessions
from workflows.people.values import User

LASTS = timedelta(days=180)
"""How long a browser stays known after somebody signed in there."""

MOST = 5
"""People for whom one browser is known, those who signed in last."""

_MARK = re.compile(r"([\w-]{22})\.(\d{1,12})\.([0-9a-f]{64})")


def check(visit: Visit, name: str, password: str) -> User | Refusal:
    """Who signs in; see `accounts.check_password`. The same for a password that is asked for again."""
    people = visit.house.people
    device = _known(visit, accounts.tidy(name), people.now())
    return accounts.check_password(people, name, password, sender(visit.request), device)


def enter(visit: Visit, user: User) -> Sequence[str]:
    """A new session; one that the browser had before ends. Returns the cookies for the answer's headers."""
    house, old = visit.house, visit.request.cookies.get(cookie_name(visit.house))
    if old:
        sessions.end(house.people, old)
    token = sessions.begin(house.people, user, visit.request.headers.get("user-agent", "")[:200])
    return session_cookie(house, token), _cookie(visit, user)


# -- browsers that are known


def devices_name(house: House) -> str:
    """The name of the cookie with the marks; over https it is bound to this host."""
    return "__Host-duban-devices" if house.settings.https else "duban-devices"


def _known(visit: Visit, name: str, now: datetime) -> str | None:
    """What the tries of this browser for this name are counted under, where it is known for them."""
    return next((one for mark in _marks(visit) if (one := _opened(visit, mark, name, now)) is not None), None)


def _marks(visit: Visit) -> list[str]:
    return visit.request.cookies.get(devices_name(visit.house), "").split("~")[:MOST]


def _opened(visit: Visit, mark: str, name: str, now: datetime) -> str | None:
    found = _MARK.fullmatch(mark)
    if found is None or int(found[2]) <= now.timestamp():
        return None
    return found[1] if hmac.compare_digest(found[3], _sign(visit, name, found[1], found[2])) else None


def _sign(visit: Visit, name: str, nonce: str, until: str) -> str:
    told = f"device:{nonce}:{until}:{name}"
    return hmac.new(visit.house.secret, told.encode(), sha256).hexdigest()


def _cookie(visit: Visit, user: User) -> str:
    """The marks with one for this user, which lasts anew; those of others stay."""
    now, secure = visit.house.people.now(), "; Secure" if visit.house.settings.https else ""
    nonce, until = _known(visit, user.id, now) or token_urlsafe(16), str(int((now + LASTS).timestamp()))
    others = [each for each in _marks(visit) if _MARK.fullmatch(each) and _opened(visit, each, user.id, now) is None]
    marks = "~".join([f"{nonce}.{until}.{_sign(visit, user.id, nonce, until)}", *others][:MOST])
    age = int(LASTS.total_seconds())
    return f"{devices_name(visit.house)}={marks}; Max-Age={age}; HttpOnly; Path=/; SameSite=lax{secure}"
