"""One call of the program: who acts on which database and in which language, how it answers, and how it refuses."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from commands.speech import Lang as Lang  # noqa: PLC0414  # a session speaks one: re-exported on purpose
from commands.speech import wrong as wrong  # noqa: PLC0414

if TYPE_CHECKING:
    from engine.commands import Actor, Refusal
    from engine.edition import Edition
    from workflows.desk import Desk

REHEARSAL = "rehearsal"
"""The purpose of a database whose time is virtual; it can never become live."""


class No(click.ClickException):
    """The answer is no: exit 1, with the reason on stderr and, where a program asked, as JSON on stdout."""

    exit_code = 1

    def __init__(self, message: str, answer: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.answer = answer

    def show(self, file: Any = None) -> None:  # noqa: ARG002 - click's signature
        click.echo(self.message, err=True)
        if self.answer is not None:
            click.echo(as_text(self.answer))


def as_text(answer: object) -> str:
    """An answer as one JSON document."""
    return json.dumps(answer, ensure_ascii=False, indent=1, default=str)


@dataclass(frozen=True)
class Session:
    """`roles` and `units` are those in which `user` acts; `login` is the system's own name for whoever typed this."""

    db: str
    lang: Lang
    user: str
    roles: tuple[str, ...]
    units: tuple[str, ...]
    login: str
    json: bool

    @property
    def actor(self) -> Actor:
        """Who acts."""
        from engine.commands import Actor

        return Actor(self.user, self.roles, self.units)

    def of(self, zh: str, en: str) -> str:
        """The words in this session's language."""
        return zh if self.lang == "zh" else en

    def no(self, zh: str, en: str, **answer: Any) -> No:
        """A no with these words."""
        return No(self.of(zh, en), {"refused": answer or {"message": self.of(zh, en)}} if self.json else None)

    def refused(self, refusal: Refusal, edition: Edition | None = None, kind: str = "") -> No:
        """A refusal as the answer."""
        from workflows.office.sayings import say

        message = say(refusal, edition, self.lang, kind)
        told = {"code": refusal.code, "message": message, "facts": dict(refusal.facts)}
        return No(message, {"refused": told} if self.json else None)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The desk on this session's database, on its own clock."""
        from storage import StoreBusy
        from workflows.clock import Watch
        from workflows.desk import Desk

        with self.told_plainly():
            store, clock = _opened(self.db)
            try:
                yield Desk(store, clock or Watch(), login=self.login, busy=(StoreBusy,))
            finally:
                store.close()

    @contextmanager
    def told_plainly(self) -> Iterator[None]:
        """Make a no of every problem of the store."""
        from storage import StoreProblem

        try:
            yield
        except StoreProblem as problem:
            detail = f" ({problem.detail})" if problem.detail else ""
            cause, cure = problem.cause.in_(self.lang), problem.cure.in_(self.lang)
            said = self.of(f"{cause}{detail}；{cure}。", f"{cause[:1].upper()}{cause[1:]}{detail}; {cure}.")
            told = {"code": type(problem).__name__, "message": said}
            raise No(said, {"refused": told} if self.json else None) from problem


def session(db: str, lang: Lang, who: str | None, *, as_json: bool) -> Session:
    """Read `USER[:role,…[@unit,…]]`; without it the system's user acts, in no role."""
    login = getpass.getuser()
    head, _, units = (who or login).partition("@")
    user, _, roles = head.partition(":")
    if not user:
        raise wrong(
            "--as 没有写明是谁；请写成 姓名:身份@单位，如 zhang:office。",
            "--as does not say who; write USER:role@unit, as in zhang:office.",
        )
    return Session(db, lang, user, _parts(roles), _parts(units), login, as_json)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _opened(url: str) -> tuple[Any, Any]:
    """The store and, where it is a rehearsal's, its virtual clock."""
    from storage import open_store
    from workflows.clock import VirtualClock
    from workflows.desk import CLOCK, PURPOSE

    if url == "memory://":
        raise wrong(
            "--db memory://：内存库不保存，只用于推演；请写 sqlite:///duban.db。",
            "--db memory://: a store in memory is not kept, it is for rehearsals only; write sqlite:///duban.db.",
        )
    store = open_store(url)
    if store.note(PURPOSE) in (None, "live"):
        return store, None
    clock = VirtualClock(datetime.fromisoformat(store.note(CLOCK) or ""))
    store.close()
    return open_store(url, clock=clock), clock
