"""Publications: documents on a programme, made from the record as of a day, numbered, and kept as issued.

One that has a cadence is issued once for each period, as of the end of the period's due day, however late the sweep is
(`office.cadences`); another when a transition orders it or somebody asks for it. What a text may say is gathered in
`papers.bulletin`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from engine.chain import canonical
from engine.commands import TIME, Actor, Origin, Refusal
from engine.decide import present
from engine.edition import Edition
from engine.events import Event, EventType, Json, instant, iso
from engine.model import Publication
from engine.problems import Language, Spoken
from engine.recall import told
from engine.task import Family, Task, evolve
from workflows.changes import changes
from workflows.desk import Desk, behind
from workflows.papers.bulletin import Occasion, words
from workflows.papers.issuers import not_theirs
from workflows.papers.issuing import Printed, Proof, keep, proofed
from workflows.papers.marks import Given
from workflows.papers.ports import PressProblem
from workflows.papers.wording import contents_now, made_now
from workflows.ports import PROGRAMME, Work
from workflows.texts import TextProblem

LANGUAGES: tuple[Language, Language] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Issued:
    """One publication as issued: on whose stream, under which number and key, and its words in both languages."""

    stream: str
    publication: str
    key: str
    number: int
    text: Mapping[str, str]
    digest: str
    as_of: datetime
    document: Printed | None = None
    """The official document, where it is one."""

    def to_json(self) -> dict[str, Json]:
        """As its event carries it."""
        document = {"document": self.document.to_json()} if self.document else {}
        return document | {
            "stream": self.stream,
            "publication": self.publication,
            "key": self.key,
            "number": self.number,
            "text": dict(self.text),
            "digest": self.digest,
            "as_of": iso(self.as_of),
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """A publication that is to be issued: `since` is the first day that it speaks of, `cause` the event that ordered
    it.
    """

    stream: str
    publication: str
    key: str | None = None
    as_of: datetime | None = None
    since: date | None = None
    cause: str = ""
    by_time: bool = False
    again: bool = False
    """Whether it may be issued a second time about the same day or period."""
    form: Mapping[str, Json] = field(default_factory=dict)
    """What was filled in by the act that ordered it, less what the law protects."""
    marks: Given = field(default_factory=Given)
    """The marks that whoever issues a document gives it."""


def issue(desk: Desk, asked: Asked, actor: Actor = TIME) -> Issued | Refusal:
    """Issue a publication that the stream's definition declares; as of now, unless said otherwise.

    `asked.key` is the period or day that it is about, by default the day: under one key it is issued once, unless
    `asked.again`. Who asks has a role that may register here; time has it by itself.
    """
    refusal = desk.untrusted()
    if refusal is not None:
        return refusal
    proof = _proof(desk, asked, actor)
    return proof if isinstance(proof, Refusal) else desk.persist(lambda: _issue(desk, asked, actor, proof))


def issue_ordered(desk: Desk, events: Iterable[Event]) -> list[Issued | Refusal]:
    """Issue what these events order, as of the moment of the order. Documents that nothing here could print are left
    in the outbox, where whoever has a press finds them.
    """
    ordered = [event for event in events if event.type is EventType.PUBLICATION_ORDERED]
    answers = [_unprinted(desk, event) or issue(desk, order(desk, event)) for event in ordered]
    return [each for each in answers if not (isinstance(each, Refusal) and each.code == "ordered_once")]


def _unprinted(desk: Desk, event: Event) -> Refusal | None:
    """The refusal of an order that only a press could carry out, where there is none: told without a transaction."""
    if desk.papers is not None and desk.press is not None:
        return None
    name = event.payload["publication"]
    bodies = [sheet.body for sheet in desk.book(event.edition)[0].sheets.values()]
    rules = [body.publications[name] for body in bodies if name in body.publications]
    return Refusal("no_press", {"publication": name}) if all(rule.template is not None for rule in rules) else None


# -- what is to be issued


def order(desk: Desk, event: Event) -> Asked:
    """The order as a request: a programme's publication is issued on the programme, another on the task itself."""
    task, told = desk.store.task(event.task), event.payload
    assert task is not None, "an event has a task"
    edition, _ = desk.book(task.edition)
    own = told["publication"] in edition.sheets[task.kind].body.publications
    stream = task.id if own or task.part_of is None else task.part_of
    personal = edition.sheets[task.kind].personal
    form = {name: value for name, value in told["form"].items() if name not in personal}
    return Asked(stream, told["publication"], told["key"], event.occurred_at, cause=event.ref, form=form)


def issues_in(events: Iterable[Event]) -> Iterator[Event]:
    return (event for event in events if event.type is EventType.PUBLICATION_ISSUED)


# -- issuing


def _issue(desk: Desk, asked: Asked, actor: Actor, proof: Proof | None) -> Issued | Refusal:
    try:
        return _issue_on(desk, asked, actor, proof)
    except PublicationFailed as failed:
        return _failed(asked, failed)


def _failed(asked: Asked, failed: PublicationFailed) -> Refusal:
    return Refusal("publication_text", {"publication": asked.publication, "reason": failed.text.both})


def _proof(desk: Desk, asked: Asked, actor: Actor) -> Proof | Refusal | None:
    """The document printed outside of any transaction; None where there is none to print, or none will be issued: the
    transaction says why.
    """
    task, now = desk.store.task(asked.stream), desk.clock()
    if task is None or desk.papers is None or desk.press is None:
        return None
    if asked.as_of is not None and asked.as_of > present({task.id: task}, now):
        return None
    if not_theirs(desk, task, actor) is not None or _refused(desk, task, asked, now) is not None:
        return None
    if declared(desk.book(task.edition)[0], task.kind)[asked.publication].template is None:
        return None
    if asked.cause and _issued_before(desk, asked) is not None:
        return None
    on = _occasion(desk, task, asked, now, desk.store.last_number(_series(task, asked)) + 1)
    try:
        with _told_as_failure():
            return proofed(on, made_now(on, _contents(on), lambda series: desk.store.last_number(series) + 1))
    except PublicationFailed as failed:
        return _failed(asked, failed)


def _issue_on(desk: Desk, asked: Asked, actor: Actor, proof: Proof | None) -> Issued | Refusal:
    with desk.work_on(asked.stream) as work:
        before = next((dict(family) for family in work.families.values()), None)
        if before is None:
            return Refusal("unknown_task", {"task": asked.stream})
        task = before.get(asked.stream) or desk.store.task(asked.stream)
        assert task is not None, "a root stands for a task"
        refusal = behind(before, work.now) or not_theirs(desk, task, actor) or _refused(desk, task, asked, work.now)
        return refusal or _write(desk, work, before, task, asked, actor, proof)


def _refused(desk: Desk, task: Task, asked: Asked, now: datetime) -> Refusal | None:
    edition, _ = desk.book(task.edition)
    known = declared(edition, task.kind)
    if asked.publication not in known:
        return Refusal("unknown_publication", {"publication": asked.publication, "known": sorted(known)})
    if asked.again or asked.cause:
        return None
    key = asked.key or _day(edition, asked.as_of or now).isoformat()
    for event in issues_in(recorded.event for recorded in desk.store.events(task.id)):
        if (event.payload["publication"], event.payload["key"]) == (asked.publication, key):
            return Refusal("already_issued", dict(event.payload))
    return None


def _day(edition: Edition, as_of: datetime) -> date:
    """The last day that a publication as of this instant speaks of."""
    return (as_of - timedelta(microseconds=1)).astimezone(edition.zone).date()


def declared(edition: Edition, kind: str) -> dict[str, Publication]:
    programme = edition.sheets.get(PROGRAMME)
    return {**(programme.body.publications if programme else {}), **edition.sheets[kind].body.publications}


def _write(
    desk: Desk, work: Work, kin: Family, task: Task, asked: Asked, actor: Actor, proof: Proof | None
) -> Issued | Refusal:
    edition, _ = desk.book(task.edition)
    as_of = asked.as_of or work.now
    if as_of > present({task.id: task}, work.now):
        return Refusal("future", {"occurred_at": iso(as_of), "now": iso(work.now)})
    rule = declared(edition, task.kind)[asked.publication]
    if rule.template is not None and (desk.papers is None or desk.press is None):
        return Refusal("no_press", {"publication": asked.publication})
    refusal = _settled(desk, work, asked) if asked.cause else None
    if refusal is not None:
        return refusal
    on = _occasion(desk, task, asked, work.now, work.number(_series(task, asked)))
    with _told_as_failure():
        issued = _made(work, on, asked, actor, proof)
    event = _event(desk, task, issued, asked, actor, work.now)
    after = evolve(task, event)
    at = instant(task.touched_at)
    work.save(changes(edition, {task.id: task}, {task.id: after}, [event], at, kin=kin))
    return issued


def _series(task: Task, asked: Asked) -> str:
    """What the issues of a publication are counted under."""
    return f"publication:{task.id}:{asked.publication}"


def _occasion(desk: Desk, task: Task, asked: Asked, now: datetime, number: int) -> Occasion:
    edition, calendar = desk.book(task.edition)
    as_of = asked.as_of or now
    day, rule = _day(edition, as_of), declared(edition, task.kind)[asked.publication]
    since, key = asked.since or day.replace(day=1), asked.key or day.isoformat()
    head = desk.papers.head() if rule.template is not None and desk.papers is not None else None
    return Occasion(desk, edition, calendar, task, rule, key, number, as_of, since, asked.form, asked.marks, head)


def _contents(on: Occasion) -> dict[Language, Mapping[str, Any]]:
    return {lang: contents_now(on, lang) for lang in LANGUAGES}


@contextmanager
def _told_as_failure() -> Iterator[None]:
    """What is wrong with a text, a mark or a template, as the failure of a publication."""
    try:
        yield
    except (TextProblem, PressProblem) as problem:
        raise PublicationFailed(*problem.text) from problem


def _made(work: Work, on: Occasion, asked: Asked, actor: Actor, proof: Proof | None) -> Issued:
    """The publication in words, and printed where it is a document. Raises `TextProblem`, `PressProblem`."""
    told = _contents(on)
    printed = None
    if on.rule.template is None:
        text = {lang: words(on, lang, told[lang]) for lang in LANGUAGES}
    else:
        made = made_now(on, told, work.number)
        printed = keep(on, work, made, asked.publication, actor.id, proof)
        text = {lang: made.words[lang].text for lang in LANGUAGES}
    digest = sha256(canonical(text).encode()).hexdigest()
    return Issued(
        on.about.id,
        asked.publication,
        on.key,
        on.number,
        {str(lang): each for lang, each in text.items()},
        digest,
        on.as_of,
        printed,
    )


def _settled(desk: Desk, work: Work, asked: Asked) -> Refusal | None:
    """Mark the order as done, and refuse where somebody has issued it before."""
    ordered_by, _, seq = asked.cause.rpartition("#")
    done = desk.papers is not None and not desk.papers.settle(work, ordered_by, int(seq))
    return _issued_before(desk, asked, done=done)


def _issued_before(desk: Desk, asked: Asked, *, done: bool = False) -> Refusal | None:
    if done or any(
        each.cause == asked.cause for each in issues_in(each.event for each in desk.store.events(asked.stream))
    ):
        return Refusal("ordered_once", {"publication": asked.publication, "order": asked.cause})
    return None


class PublicationFailed(Spoken):
    """The text of a publication cannot be made. Raised through the transaction, so that its number is not spent."""


def _event(desk: Desk, task: Task, issued: Issued, asked: Asked, actor: Actor, now: datetime) -> Event:
    """The event; what a cadence issues is true at the end of its day, however late the sweep was."""
    edition, calendar = desk.book(task.edition)
    at = present({task.id: task}, now)
    command = told(edition, calendar, actor, Origin(desk.channel, None, desk.login), iso(at), do="issue")
    return Event(
        type=EventType.PUBLICATION_ISSUED,
        task=task.id,
        seq=task.seq + 1,
        occurred_at=issued.as_of if asked.by_time else at,
        due_at=issued.as_of if asked.by_time else None,
        actor=actor.id,
        cause=asked.cause,
        edition=task.edition,
        payload={"command": command, **{name: value for name, value in issued.to_json().items() if name != "stream"}},
    )
