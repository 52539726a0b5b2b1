"""From a notice in the outbox to its deliveries: who is told, by which channel, in which language, and from when.

A parcel leaves the outbox in the transaction in which its deliveries appear, so that none is planned twice and none is
lost. A notice that reaches nobody is recorded as such.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

from engine.edition import Edition
from engine.events import Event
from engine.model.process import Notice
from engine.problems import Language
from engine.task import Task
from engine.titles import Titles
from workflows.changes import facts
from workflows.desk import Desk
from workflows.office.notices import notice_text
from workflows.people.ports import People
from workflows.people.values import User
from workflows.ports import Recorded
from workflows.post.ports import Post
from workflows.post.recipients import addresses, recipients
from workflows.post.values import Planned, Told, Waiting
from workflows.post.windows import opening
from workflows.texts import TextProblem

BATCH = 200
"""Parcels that are read at a time."""

PLANNED = "DeliveryPlanned"
NOBODY = "NobodyToTell"
UNREACHABLE = "RecipientUnreachable"
TEXT_FAILED = "NoticeTextFailed"
"""Types of events in the stream of a task's post, beside those of `sending`."""


def plan_all(desk: Desk, people: People, post: Post, home: str = "") -> int:
    """Plan everything that waits in the outbox; how many notices were planned here. `home` is where the pages stand, to
    which a notice links; without it there is no link.
    """
    planned = 0
    while found := post.parcels(BATCH):
        mine = sum(plan(desk, people, post, parcel, home) for parcel in found)
        planned += mine
        if mine == 0:  # others are at it
            break
    return planned


def plan(desk: Desk, people: People, post: Post, waiting: Waiting, home: str = "") -> bool:
    """Plan one notice; False where another was faster."""
    task = desk.store.task(waiting.parcel.task)
    assert task is not None, "a parcel is of a task"
    recorded = next(each for each in desk.store.events(task.id) if each.event.seq == waiting.parcel.seq)
    at = desk.clock()
    notice = Wording(desk, task, recorded, at, home)
    to = waiting.parcel.body["to"]
    found = recipients(people, task.edition.partition("@")[0], to, at)
    deliveries = [each for user in found for each in notice.to(user)]
    told = [*notice.told(deliveries), *(notice.tell(UNREACHABLE, user.id) for user in found if not addresses(user))]
    if not found:
        told.append(notice.tell(NOBODY, to=list(to)))
    return post.plan(waiting, deliveries, [*told, *notice.problems])


class Wording:
    """One notice on its way: its words in each language, made once."""

    def __init__(self, desk: Desk, task: Task, recorded: Recorded, at: datetime, home: str) -> None:
        self._home = home
        self._edition, calendar = desk.book(recorded.event.edition)
        self._task, self._event, self._hash, self._at = task, recorded.event, recorded.hash, at
        self._opening = opening(_declared(self._edition, task, recorded.event), calendar, self._edition.zone, at)
        family = {task.id: task, **({above.id: above} if (above := desk.store.task(task.parent or "")) else {})}
        self._title = facts(self._edition, family, task)["title"] or task.id
        self._words: dict[Language, tuple[str, str]] = {}
        self.problems: list[Told] = []

    def to(self, user: User) -> list[Planned]:
        """A delivery for each of a user's addresses."""
        subject, text = self._said(user.language)
        return [
            Planned(
                recipient=user.id,
                channel=channel,
                address=address,
                subject=subject,
                text=text,
                message_id=self._identity(user.id, channel, address),
                next_at=self._opening or self._at,
                opening=self._opening,
            )
            for channel, address in addresses(user)
        ]

    def told(self, deliveries: list[Planned]) -> list[Told]:
        """That these will be sent."""
        return [
            self.tell(PLANNED, each.recipient, channel=each.channel, message_id=each.message_id) for each in deliveries
        ]

    def tell(self, kind: str, recipient: str | None = None, **more: object) -> Told:
        """An event about this notice."""
        who = {"about": {"recipient": recipient}} if recipient else {}
        told = {"seq": self._event.seq, "notice": self._event.payload["notice"]}
        return Told(self._task.id, kind, {**told, **who, **more})

    def _identity(self, *parts: str) -> str:
        """Stable for this notice and address, and another's nowhere: the event's own hash is in it."""
        return sha256("\n".join((self._event.ref, self._hash, *parts)).encode()).hexdigest()[:32]

    def _said(self, lang: Language) -> tuple[str, str]:
        if lang not in self._words:
            title = Titles(self._edition, lang, self._task.kind).notice(self._event.payload["notice"])
            subject = f"【督办】{title}：{self._title}" if lang == "zh" else f"[Duban] {title}: {self._title}"
            self._words[lang] = " ".join(subject.split()), f"{self._text(title, lang)}\n\n{self._where()}"
        return self._words[lang]

    def _where(self) -> str:
        """The task, and the page on which to act."""
        name = self._task.id
        return f"{name}\n{self._home.rstrip('/')}/tasks/{quote(name, safe='')}" if self._home else name

    def _text(self, title: str, lang: Language) -> str:
        """A text that cannot be made keeps nobody uninformed: the title is sent, and the problem is recorded."""
        try:
            return notice_text(self._edition, self._task, self._event, lang)
        except TextProblem as problem:
            self.problems.append(self.tell(TEXT_FAILED, language=lang, error=str(problem)))
            return title


def _declared(edition: Edition, task: Task, event: Event) -> Notice | None:
    """The notice as the task's body declares it, or one above; a plain reminder is declared nowhere."""
    name = event.payload["notice"]
    bodies = [edition.sheets[task.kind].body, *(sheet.body for sheet in edition.sheets.values())]
    return next((body.notices[name] for body in bodies if name in body.notices), None)
