"""Users and their passwords: adding, changing, closing, and whether somebody is who they say.

Passwords are kept as Argon2id hashes. Guessing is slowed down by name and by address, each with a wait that doubles; a
browser in which somebody has signed in before has tries of its own, so that nobody keeps them out by guessing. The try
is counted before the password is looked at, so that guesses sent all at once gain nothing. Whether a name is known
shows neither in the answer nor in the work: each try that is let through costs one verification.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from engine.commands import Refusal
from engine.events import Json
from engine.problems import Language
from workflows.people import holdings, noting
from workflows.people.ports import People
from workflows.people.values import By, Changed, User
from workflows.post.values import SCHEMES, channel_of

HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
"""OWASP's parameters for Argon2id, which also hold when many sign in at once: 19 MiB, two passes, one lane
(https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html)."""

LEAST, MOST = 10, 256
"""How many characters a password has. More than the most would be work for nothing."""

_MAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]+@\w[\w.-]*\w")
LONGEST_MAIL = 254
"""RFC 5321, 4.5.3.1.3."""

_COMMON = """
0123456789 1234567890 12345678910 123456789a 1234567891 0987654321 9876543210 1122334455 1357924680 123123123123
123456123456 1029384756 147258369a 5201314520 520131452013 a123456789 a1234567890 aa123456789 abc1234567
abc123456789 abcd123456 abcd1234567 admin12345 admin123456 administrator asdfghjkl123 asdfghjkl; changeme123
iloveyou12 iloveyou123 letmein1234 p@ssw0rd123 p@ssword123 pass@word1 passw0rd123 password01 password12 password123
password1234 password12345 password123456 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedcrfv 1qaz2wsx3edc qq123456789 qwer123456
qwert12345 qwerty1234 qwerty12345 qwerty123456 qwertyuiop qwertyuiop123 1q2w3e4r5t 1q2w3e4r5t6y superman123
trustno1trustno1 welcome123 welcome1234 woaini1314 woaini1314520 woaini520 zaq12wsxcde3 zhang123456 duban12345
duban123456 dubanduban
"""
COMMON = frozenset(_COMMON.split())
"""The commonest passwords that are long enough."""


# -- adding, changing, closing


def add_user(people: People, user: User, by: By, password: str | None = None) -> User | Refusal:
    """Open an account. Without a password its user signs in through a provider of OpenID Connect, or not yet."""
    if not noting.fits(user.id):
        return Refusal("user_name", {"name": user.id[: noting.LONGEST]})
    wrong = weak(user, password) if password is not None else None
    wrong = wrong or unreachable(user)
    if wrong is not None:
        return wrong
    made = replace(user, password=None if password is None else HASHER.hash(password))
    with people.together() as within:
        if within.user(made.id) is not None:
            return Refusal("user_exists", {"user": made.id})
        if made.subject is not None and within.user_of(made.subject) is not None:
            return Refusal("subject_taken", {"subject": made.subject})
        within.put_user(made, noting.note(by, Changed.USER_ADDED, user=made.id, fields=_record(made)))
        if made.password is not None:
            within.put_user(made, noting.note(by, Changed.PASSWORD_SET, user=made.id))
    return made


def new_user(
    name: str, now: datetime, *, shown: str | None = None, language: Language = "zh", mail: str | None = None
) -> User:
    """Somebody to be added."""
    return User(tidy(name), shown or tidy(name), language, now, mail)


def change_user(people: People, user: User, by: By) -> User | Refusal:
    """Change a name, language, address, channel or subject; nothing else."""
    wrong = unreachable(user)
    if wrong is not None:
        return wrong
    with people.together() as within:
        found = within.user(user.id)
        if found is None:
            return Refusal("unknown_user", {"user": user.id})
        other = None if user.subject is None else within.user_of(user.subject)
        if other is not None and other.id != user.id:
            return Refusal("subject_taken", {"subject": user.subject})
        made = replace(user, password=found.password, active=found.active, created_at=found.created_at)
        if made != found:
            within.put_user(made, noting.note(by, Changed.USER_CHANGED, user=made.id, fields=_record(made)))
    return made


def unreachable(user: User) -> Refusal | None:
    """Why an address could never be reached, if there is such a one: a mail address that is none, a channel of no kind
    that we serve.
    """
    if user.mail is not None and (len(user.mail) > LONGEST_MAIL or not _MAIL.fullmatch(user.mail)):
        return Refusal("mail_address", {"mail": user.mail[:LONGEST_MAIL]})
    for address in user.channels:
        if channel_of(address) is None:
            return Refusal("channel_address", {"scheme": address.partition("://")[0][:20], "known": list(SCHEMES)})
    return None


def close_user(people: People, name: str, by: By) -> User | Refusal:
    """Close an account: its roles end, and with them those of its deputies; sessions and tokens too. Its name stays
    taken, for history names it.
    """
    with people.together() as within:
        user = within.user(name)
        if user is None:
            return Refusal("unknown_user", {"user": name})
        if not user.active:
            return Refusal("user_closed", {"user": name})
        now = within.now()
        if holdings.admins(within, now) == {name}:
            return Refusal("last_admin", {"user": name})
        for holding in within.holdings(user=name):
            holdings.end_within(within, holding, now, by)
        for token in within.tokens(name):
            if token.revoked_at is None:
                told = {"user": name, "token": token.name, "digest": token.digest}
                within.put_token(replace(token, revoked_at=now), noting.note(by, Changed.TOKEN_REVOKED, **told))
        within.end_sessions(user=name)
        closed = replace(user, active=False, password=None)
        within.put_user(closed, noting.note(by, Changed.USER_CLOSED, user=name))
    return closed


def set_password(people: People, name: str, password: str, by: By) -> User | Refusal:
    """Give somebody a new password. Whoever is signed in under that name is signed out."""
    found = people.user(name)
    if found is None or not found.active:
        return Refusal("user_closed" if found else "unknown_user", {"user": name})
    wrong = weak(found, password)
    if wrong is not None:
        return wrong
    kept = HASHER.hash(password)
    with people.together() as within:
        user = within.user(name) or found
        within.put_user(replace(user, password=kept), noting.note(by, Changed.PASSWORD_SET, user=name))
        within.end_sessions(user=name)
        within.forget_failures(_by_name(name))
    return replace(user, password=kept)


def _record(user: User) -> dict[str, Json]:
    told = {"name": user.name, "language": user.language, "mail": user.mail, "subject": user.subject}
    return {**told, "channels": len(user.channels)}


# -- which password will do


def weak(user: User, password: str) -> Refusal | None:
    """Why a password will not do, if so."""
    said = password.casefold()
    if len(password) < LEAST:
        return Refusal("password_short", {"least": LEAST})
    if len(password) > MOST:
        return Refusal("password_long", {"most": MOST})
    if said in COMMON or len(set(said)) < 4:
        return Refusal("password_common")
    for own in (user.id, user.name, (user.mail or "").partition("@")[0]):
        if own and len(said.replace(own.casefold(), "")) <= LEAST // 2:
            return Refusal("password_name")
    return None


# -- who is who


@dataclass(frozen=True, slots=True)
class Patience:
    """How often one may fail in a row without waiting, how long the first wait is and the longest, and after how long
    without a failure all is forgotten. Each further failure doubles the wait.
    """

    free: int
    first: timedelta
    longest: timedelta
    forgets: timedelta

    def until(self, failed: int, now: datetime) -> datetime:
        """Until when a subject is shut after so many failures in a row."""
        over = failed - self.free
        return now if over < 0 else now + min(self.first * 2 ** min(over, 32), self.longest)


BY_NAME = Patience(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=24))
BY_ADDRESS = Patience(50, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1))
"""A whole office may share an address: it may fail more often."""
BY_DEVICE = BY_NAME
"""A browser that is known for a name: its failures count against neither the name nor the address."""


def check_password(people: People, name: str, password: str, address: str, device: str | None = None) -> User | Refusal:
    """Who signs in from an address, or why not. The refusals are `sign_in_failed`, the same whatever was wrong, and
    `sign_in_shut` with the whole minutes to wait (1 at least). A `device` is known for this name, as the door has made
    sure; while it has failed too often it is a stranger like others.
    """
    name = tidy(name)
    own = f"device:{device}" if device else None
    if own is None or _count(people, {own: BY_DEVICE}) is not None:
        own, shut = None, _count(people, {_by_name(name): BY_NAME, _by_address(address): BY_ADDRESS})
        if shut is not None:
            return shut
    user = people.user(name)
    kept = user.password if user is not None and user.active else None
    right, better = verified(password[: MOST + 1], kept or _nobodys())
    if user is None or kept is None or not right or len(password) > MOST:
        return Refusal("sign_in_failed")
    _uncount(people, own, name, _by_address(address))
    if better is not None:
        user = _rehashed(people, user, better)
    return user


def verified(password: str, kept: str) -> tuple[bool, str | None]:
    """Whether a password is the one of a hash, and a better hash where the parameters have changed since."""
    return HASHER.verify_and_update(password, kept)


@cache
def _nobodys() -> str:
    """The hash against which the password of an unknown user is held."""
    return HASHER.hash(secrets.token_urlsafe(32))


def _rehashed(people: People, user: User, better: str) -> User:
    with people.together() as within:
        now = within.user(user.id)
        if now is None or now.password != user.password:
            return user
        made = replace(now, password=better)
        within.put_user(made, None)
    return made


def _count(people: People, counted: dict[str, Patience]) -> Refusal | None:
    """Count a try as failed, for now; or say that a subject is shut, which counts nothing."""
    _nobodys()
    with people.together() as within:
        now = within.now()
        known = {subject: _failed(within, subject, patience, now) for subject, patience in counted.items()}
        until = max(end for _, end in known.values())
        if until > now:
            return Refusal("sign_in_shut", {"minutes": -(-(until - now) // timedelta(minutes=1))})
        for subject, (failed, _) in known.items():
            within.put_failures(subject, failed + 1, counted[subject].until(failed + 1, now))
    return None


def _failed(people: People, subject: str, patience: Patience, now: datetime) -> tuple[int, datetime]:
    found = people.failures(subject)
    return found if found is not None and found[1] + patience.forgets > now else (0, now)


def _uncount(people: People, device: str | None, name: str, address: str) -> None:
    """The password was right. A device that is known starts anew, and it alone: else whoever guesses at the name from
    elsewhere would, too. For others the name starts anew, and the address has failed once less (or whoever knows one
    password could guess others without end).
    """
    with people.together() as within:
        if device is not None:
            within.forget_failures(device)
            return
        within.forget_failures(_by_name(name))
        failed, _ = within.failures(address) or (1, within.now())
        within.put_failures(address, failed - 1, within.now())


def _by_name(name: str) -> str:
    return f"user:{name}"


def _by_address(address: str) -> str:
    return f"address:{address}"


def tidy(name: str) -> str:
    """A name as it is kept: one form for one text, no space around it, and no longer than a name may be."""
    return unicodedata.normalize("NFKC", name).strip()[: noting.LONGEST + 1]
