"""One call of the program: who acts on which database and in which language, how it answers, and how it refuses."""

from __future__ import annotations

import getpass
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from commands.speech import Lang as Lang  # noqa: PLC0414  # a session speaks one: re-exported on purpose
from commands.speech import wrong as wrong  # noqa: PLC0414

if TYPE_CHECKING:
    from engine.commands import Actor, Refusal
    from engine.edition import Edition
    from storage.offices import Office
    from workflows.clock import VirtualClock
    from workflows.desk import Desk
    from workflows.people.ports import People
    from workflows.people.values import By

T = TypeVar("T")

REHEARSAL = "rehearsal"
"""The purpose of a database whose time is virtual; it can never become live."""


class No(click.ClickException):
    """The answer is no: exit 1, with the reason on stderr and, where a program asked, as JSON on stdout."""

    exit_code = 1

    def __init__(self, message: str, answer: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.answer = answer

    def show(self, file: Any = None) -> None:  # noqa: ARG002 - click's signature
        click.echo(tame(self.message), err=True)
        if self.answer is not None:
            click.echo(as_text(self.answer))


_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def tame(text: str) -> str:
    """Text for a terminal, in which what strangers wrote commands nothing: no colours, titles, clipboards or other
    order of reading.
    """
    return _COMMANDS.sub("\ufffd", text)


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
    named: bool = False
    """Whether `--as` said who it is."""

    @property
    def actor(self) -> Actor:
        """Who acts."""
        from engine.commands import Actor

        return Actor(self.user, self.roles, self.units)

    @property
    def by(self) -> By:
        """Who changes people and rights."""
        from workflows.people.values import By

        return By(self.user, "cli", self.login)

    def guises(self, desk: Desk, process: str) -> list[Actor]:
        """In which guises this session's user acts: the one that `--as` asserts, or, where it names somebody alone
        whom the database knows, those of what they hold now.
        """
        from workflows.people.rights import actors, person_of

        asserted = self.roles or self.units or desk.people is None
        user = None if asserted or desk.people is None else desk.people.user(self.user)
        return [self.actor] if user is None or desk.people is None else actors(person_of(desk.people, user), process)

    def tried(self, desk: Desk, process: str, attempt: Callable[[Actor], T]) -> T:
        """Do something in the first of these guises that may."""
        from workflows.people.rights import in_first

        return in_first(self.guises(desk, process), attempt)

    def of(self, zh: str, en: str) -> str:
        """The words in this session's language."""
        return zh if self.lang == "zh" else en

    def no(self, zh: str, en: str, **answer: Any) -> No:
        """A no with these words."""
        return No(self.of(zh, en), {"refused": answer or {"message": self.of(zh, en)}} if self.json else None)

    def refused(self, refusal: Refusal, edition: Edition | None = None, kind: str = "") -> No:
        """A refusal as the answer."""
        from workflows.sayings import say

        message = say(refusal, edition, self.lang, kind)
        told = {"code": refusal.code, "message": message, "facts": dict(refusal.facts)}
        return No(message, {"refused": told} if self.json else None)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The desk on this session's database, on its own clock."""
        with self.office() as (desk, _):
            yield desk

    @contextmanager
    def office(self) -> Iterator[tuple[Desk, People]]:
        """The same, with the people who work there."""
        from storage import StoreBusy
        from workflows.clock import Watch
        from workflows.desk import Desk

        with self.told_plainly():
            office, clock = _opened(self.db)
            try:
                papers, press = printing(office.store)
                yield (
                    Desk(
                        office.store,
                        clock or Watch(),
                        login=self.login,
                        people=office.people,
                        busy=(StoreBusy,),
                        papers=papers,
                        press=press,
                    ),
                    office.people,
                )
            finally:
                office.close()

    def administrator(self, people: People) -> None:
        """Refuse unless `--as` names somebody whom the database knows as an administrator."""
        from engine.commands import Refusal
        from workflows.people.holdings import admins

        known = admins(people, people.now())
        if not known:
            raise self.refused(Refusal("no_admin"))
        if not self.named:
            raise self.refused(Refusal("unnamed_admin", {"known": sorted(known)}))
        if self.user not in known:
            raise self.refused(Refusal("needs_admin", {"actor": self.user, "known": sorted(known)}))

    @contextmanager
    def told_plainly(self) -> Iterator[None]:
        """Make a no of every problem of the store, and of what was taken out of it."""
        from storage import StoreProblem
        from workflows.desk import NotHeld

        try:
            yield
        except (StoreProblem, NotHeld) as problem:
            zh, en = problem.text
            said = self.of(f"{zh}。", f"{en[:1].upper()}{en[1:]}.")
            told = {"code": type(problem).__name__, "message": said}
            raise No(said, {"refused": told} if self.json else None) from problem


def process_of(desk: Desk, task: str) -> str:
    """The process of a task; of one that is not there, none."""
    found = desk.store.task(task)
    return found.edition.partition("@")[0] if found else ""


def session(db: str, lang: Lang, who: str | None, *, as_json: bool) -> Session:
    """Read `USER[:role,…[@unit,…]]`; without it the system's user acts, in no role."""
    login = getpass.getuser()
    head, _, units = (who or login).partition("@")
    user, _, roles = head.partition(":")
    if not user:
        raise wrong(
            "--as 没有写明是谁；请写成 姓名:角色@单位，如 zhang:office。",
            "--as does not say who; write USER:role@unit, as in zhang:office.",
        )
    return Session(db, lang, user, _parts(roles), _parts(units), login, as_json, named=who is not None)


def printing(store: Any) -> tuple[Any, Any]:
    """What keeps and what prints the documents of a store."""
    from documents.press import Press
    from storage.papers import SqlPapers

    return SqlPapers(store.engine), Press()


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _opened(url: str) -> tuple[Office, VirtualClock | None]:
    """The office and, where it is a rehearsal's, its virtual clock."""
    from storage.offices import open_office
    from workflows.clock import VirtualClock
    from workflows.desk import CLOCK, PURPOSE

    if url == "memory://":
        raise wrong(
            "--db memory://：内存库不保存，只用于推演；请写 sqlite:///duban.db。",
            "--db memory://: a store in memory is not kept, it is for rehearsals only; write sqlite:///duban.db.",
        )
    office = open_office(url)
    if office.store.note(PURPOSE) in (None, "live"):
        return office, None
    clock = VirtualClock(datetime.fromisoformat(office.store.note(CLOCK) or ""))
    office.close()
    return open_office(url, clock=clock), clock
