"""Tokens for programs: `duban_` and 256 random bits, of which the database has the digest alone; scoped and expiring.

A program acts as the user who owns its key, within the key's scopes: to read, to act, and for an administrator's key to
administer. A changed password leaves keys as they are; closing the account ends them.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from engine.commands import Refusal
from workflows.people.noting import note
from workflows.people.ports import People, TokenRow
from workflows.people.rights import SCOPES
from workflows.people.sessions import digest
from workflows.people.values import By, Changed, User

PREFIX = "duban_"
"""By which a leaked key is found in a text."""

LONGEST = 366
"""How many days a key lasts at most."""

USED = timedelta(minutes=1)
"""How often it is noted that a key is used."""


def issue(
    people: People, user: User, name: str, scopes: Collection[str], days: int, by: By | None = None
) -> str | Refusal:
    """Make a key for a user (`by` whom, if not by themselves); returns it, and it is kept nowhere."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        return Refusal("token_scope", {"scope": unknown, "known": list(SCOPES)})
    if not 1 <= days <= LONGEST:
        return Refusal("token_days", {"days": days, "most": LONGEST})
    secret = PREFIX + secrets.token_urlsafe(32)
    with people.together() as within:
        found = within.user(user.id)
        if found is None or not found.active:
            return Refusal("user_closed" if found else "unknown_user", {"user": user.id})
        now = within.now()
        kept = [each for each in SCOPES if each in scopes]
        row = TokenRow(0, digest(secret), user.id, name.strip()[:100], kept, now, now + timedelta(days=days))
        told = {"user": user.id, "token": row.name, "scopes": kept, "days": days, "digest": row.digest}
        within.put_token(row, note(by or By(user.id), Changed.TOKEN_ISSUED, **told))
    return secret


def find(people: People, secret: str) -> tuple[User, TokenRow] | None:
    """Whose key it is, if it is one and still lasts. Its use is noted, once a minute at most and when nobody else
    writes: who asks waits for nobody.
    """
    token = people.token(digest(secret)) if secret.startswith(PREFIX) else None
    now = people.now()
    if token is None or token.revoked_at is not None or now >= token.ends_at:
        return None
    user = people.user(token.user)
    if user is None or not user.active:
        return None
    if token.used_at is None or now - token.used_at >= USED:
        token = _used(people, token)
    return user, token


def _used(people: People, token: TokenRow) -> TokenRow:
    with people.spare() as within:
        if within is None:
            return token
        used = replace(within.token(token.digest) or token, used_at=within.now())
        within.put_token(used, None)
    return used


def revoke(people: People, user: User, number: int, by: By | None = None) -> TokenRow | Refusal:
    """Take a user's key back. Taking it back twice is no change."""
    with people.together() as within:
        token = next((each for each in within.tokens(user.id) if each.id == number), None)
        if token is None:
            return Refusal("unknown_token", {"token": number, "user": user.id})
        if token.revoked_at is None:
            token = replace(token, revoked_at=within.now())
            told = {"user": user.id, "token": token.name, "digest": token.digest}
            within.put_token(token, note(by or By(user.id), Changed.TOKEN_REVOKED, **told))
    return token
