"""Who is signed in: opaque tokens of 256 bits, of which the database has the digest alone.

A session ends twelve hours after signing in, or after two hours in which nothing was asked. Its token is made anew when
somebody signs in and when their rights change (`worn`), so that one which leaked before is worth nothing after.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from workflows.people.ports import People, SessionRow
from workflows.people.values import Holding, User

LASTS = timedelta(hours=12)
IDLE = timedelta(hours=2)
SEEN = timedelta(minutes=1)
"""How often it is noted that a session is used."""


def begin(people: People, user: User, agent: str) -> str:
    """Sign somebody in; returns the token, which is kept nowhere."""
    token, now = secrets.token_urlsafe(32), people.now()
    with people.together() as within:
        for old in within.sessions(user.id):
            if not _lasts(old, now):
                within.end_sessions(digest=old.digest)
        within.put_session(SessionRow(digest(token), user.id, now, now, now + LASTS, agent[:200]))
    return token


def find(people: People, token: str) -> tuple[User, SessionRow] | None:
    """Who is signed in under a token, if anybody is."""
    found = people.session(digest(token))
    now = people.now()
    if found is None or not _lasts(found, now):
        return None
    user = people.user(found.user)
    if user is None or not user.active:
        return None
    return user, _seen(people, found, now)


def _lasts(session: SessionRow, now: datetime) -> bool:
    return now < session.ends_at and now < session.seen_at + IDLE


def _seen(people: People, session: SessionRow, now: datetime) -> SessionRow:
    """Who looks at a page waits for nobody who writes, as long as the session does not run out for that."""
    if now - session.seen_at < SEEN:
        return session
    seen = replace(session, seen_at=now)
    with people.spare() if now - session.seen_at < IDLE / 2 else people.together() as within:
        if within is None:
            return session
        if within.session(session.digest) is not None:
            within.put_session(seen)
    return seen


def worn(people: People, session: SessionRow, held: Sequence[Holding] | None = None) -> bool:
    """Whether a right of theirs began or ended since the token was made: then it is to be rotated. `held` is what they
    ever held, where it has been read.
    """
    now = people.now()
    times = [
        each
        for one in (people.holdings(user=session.user) if held is None else held)
        for each in (one.valid_from, one.valid_to)
    ]
    return any(each is not None and session.began_at < each <= now for each in times)


def rotate(people: People, token: str) -> str | None:
    """A new token in place of one; the session ends when it would have. None where there is no such session."""
    new = secrets.token_urlsafe(32)
    with people.together() as within:
        now, old = within.now(), within.session(digest(token))
        if old is None or not _lasts(old, now):
            return None
        within.end_sessions(digest=old.digest)
        within.put_session(replace(old, digest=digest(new), began_at=now, seen_at=now))
    return new


def end(people: People, token: str) -> None:
    """Sign out."""
    people.end_sessions(digest=digest(token))


def digest(token: str) -> str:
    """What is kept of a token: it is random, so that a plain digest cannot be guessed back."""
    return sha256(token.encode()).hexdigest()


def carry(people: People, before: datetime, by: timedelta) -> None:
    """Time was moved on by somebody's hand: whoever was signed in before stays so."""
    with people.together() as within:
        for user in within.users():
            for row in within.sessions(user.id):
                if _lasts(row, before):
                    began, seen, ends = row.began_at + by, row.seen_at + by, row.ends_at + by
                    within.put_session(replace(row, began_at=began, seen_at=seen, ends_at=ends))
