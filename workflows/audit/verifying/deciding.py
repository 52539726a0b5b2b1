"""A family lived again: each recorded command is decided once more, by the edition and the calendar of its time, from
the state that its own earlier events add up to; what comes out has to be what is recorded, byte for byte.

So a move that the edition does not allow, a guard that did not hold, a date that the calendar does not give and an
effect that is missing are all found in one way. Nothing is read of what is stored beside the events. And time is asked
too: before each decision nothing may have been due of which nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.calendars import Calendar
from engine.chain import canonical, header, parsed, recorded_text
from engine.commands import Command, Decision, Fire, Refusal, Register
from engine.decide import decide
from engine.edition import Edition
from engine.events import Event, Json, instant, iso
from engine.lines import Apart
from engine.problems import Language
from engine.reasons import reason_of
from engine.recall import command_of, decided
from engine.refusals import reason
from engine.task import Task, evolve
from workflows.audit.verifying import guards, timing
from workflows.audit.verifying.books import SLACK, Books
from workflows.audit.verifying.family import MOVED, OFFICE, TIME, Family, Step, Told
from workflows.audit.verifying.findings import Finding
from workflows.audit.verifying.redacted import Lost, same_less
from workflows.authoring.backtest import by_decision

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def live(books: Books, told: Sequence[Told], until: datetime | None) -> Family:
    """Live a family again from all its events. `until`: time is said to have run so far for every task."""
    family = Family(books, {each.ref: each for each in told})
    events, lost = [each.event for each in told], Lost(family)
    decisions = _decisions(family, events)
    for first in decided(events) if decisions else ():
        recorded = [family.told[event.ref] for event in decisions[first.ref]]
        if not _step(family, recorded, lost):
            break
    else:
        if until is not None:
            timing.ran_until(family, until)
    return family


def obeyed(books: Books, told: Sequence[Told]) -> Family:
    """Live a family again without asking whether it was lawful: the same steps, as its events tell them. Raises what
    `evolve` raises.
    """
    family = Family(books, {each.ref: each for each in told})
    events = [each.event for each in told]
    decisions = _decisions(family, events)
    for first in decided(events):
        before, edition = family.steps[-1].after if family.steps else {}, _pinned(family, first)
        recorded = [family.told[event.ref] for event in decisions[first.ref]]
        for each in recorded:
            family.tasks[each.event.task] = evolve(family.tasks.get(each.event.task), each.event)
        person = first.payload["command"]["do"] not in TIME
        family.steps.append(Step(recorded, before, dict(family.tasks), edition, person))
    return family


def _decisions(family: Family, events: Sequence[Event]) -> dict[str, list[Event]]:
    """The events by decision; those whose cause is not there are told and left out."""
    known, strays = list[Event](), list[Event]()
    for event in events:
        (known if event.payload.get("command") or event.cause in family.told else strays).append(event)
    for event in strays:
        family.find("cause_missing", event, cause=event.cause or "-")
    try:
        return by_decision(known)
    except ValueError as error:
        family.findings.append(Finding("history_broken", events[0].task, None, {"error": reason_of(error).both}))
        return {}


def _step(family: Family, recorded: Sequence[Told], lost: Lost) -> bool:
    """Take one decision in: decide it again, compare, and go on from what is recorded. False where nothing can."""
    first = recorded[0].event
    before = family.steps[-1].after if family.steps else {}
    timing.recorded(family, first, recorded)
    edition, after = _pinned(family, first), None
    if first.type not in OFFICE:
        edition, after = _again(family, first, recorded, edition, lost)
    if after is not None:
        family.tasks.update(after)
    elif not _obey(family, recorded):
        return False
    person = first.payload["command"]["do"] not in TIME
    family.steps.append(Step(recorded, before, dict(family.tasks), edition, person))
    return True


def _obey(family: Family, recorded: Sequence[Told]) -> bool:
    for each in recorded:
        try:
            family.tasks[each.event.task] = evolve(family.tasks.get(each.event.task), each.event)
        except Exception as error:  # noqa: BLE001 - whatever a forged event makes of `evolve` is told and not raised
            family.find("history_broken", each.event, error=reason_of(error).both)
            return False
    return True


# -- by what it was decided


def _pinned(family: Family, first: Event) -> Edition | None:
    """The edition that the family pins, which was decided by unless it was just being moved."""
    root = next((task for task in family.tasks.values() if task.parent is None), None)
    if first.type in MOVED:
        return family.books.by_digest(first.payload["command"]["edition"])
    return family.books.edition(root.edition if root is not None else first.edition)


def _book(family: Family, told: Told, edition: Edition | None) -> tuple[Edition, Calendar] | None:
    """Edition and calendar of a decision, as it names them; None, told once, where they are not there as they were."""
    first = told.event
    command = first.payload["command"]
    if edition is None or edition.digest != command["edition"]:
        _once(family, "edition_missing", first, edition=f"{first.edition} ({command['edition'][:12]})")
        return None
    calendar = family.books.calendar(command["calendar"])
    if calendar is None:
        _once(family, "calendar_missing", first, calendar=command["calendar"][:12])
        return None
    allowed = family.books.in_force(edition.name, told.recorded_at)
    if calendar.digest not in allowed:
        expected = ", ".join(each[:12] for each in allowed) or "-"
        _once(family, "calendar_not_in_force", first, calendar=calendar.digest[:12], expected=expected)
    return edition, calendar


def _once(family: Family, code: str, event: Event, **facts: Json) -> None:
    if not any(each.code == code and each.facts == facts for each in family.findings):
        family.find(code, event, **facts)


# -- deciding it again


def _again(
    family: Family, first: Event, recorded: Sequence[Told], edition: Edition | None, lost: Lost
) -> tuple[Edition | None, Mapping[str, Task] | None]:
    """The edition that decided, and the tasks afterwards where all came out as it is recorded."""
    book = _book(family, recorded[0], edition)
    if book is None:
        return edition, None
    edition, calendar = book
    command = command_of(lost.filled(first), family.books.by_digest)
    units = family.books.units(recorded[0].recorded_at)
    seen: Mapping[str, Task] = family.open
    if isinstance(command, Register):
        _check_since(family, first, edition)
    else:
        root = next(iter(family.tasks.values()), None)
        under = family.books.edition(root.edition) if root is not None else None
        timing.ran_before(family, seen, first, command, under or edition, calendar)
    seen, count = _asked(family, seen, command), len(family.findings)
    outcome = decide(edition, calendar, lost.tasks(seen) if lost.lines else seen, command, units, family.ledgers)
    if _compare(family, first, recorded, outcome, edition, lost):
        # what fills the gaps of what was erased goes no further: there the record is obeyed
        return edition, outcome.family if isinstance(outcome, Decision) and not lost.lines else None
    if lost.lines and lost.excuses(recorded, _made(first, outcome)):
        del family.findings[count:]
        family.undecided.append(Finding("redacted_undecided", first.task, first.seq, {"events": lost.by}))
    for each in recorded:  # where all is the same, its guards have just been evaluated on the same operands
        family.findings += guards.check(each.event, _kind(family, each.event), edition)
    return edition, None


def _made(first: Event, outcome: Decision | Refusal) -> Mapping[str, str] | Refusal:
    """The payloads that come out, as they would be recorded."""
    engine = first.payload["command"]["engine"]
    if isinstance(outcome, Refusal):
        return outcome
    return {event.ref: recorded_text(_by(event, engine)) for event in outcome.events}


def _kind(family: Family, event: Event) -> str:
    first = family.told.get(f"{event.task}#1")
    return str(first.event.payload.get("kind", "")) if first is not None else ""


def _check_since(family: Family, first: Event, edition: Edition) -> None:
    since = family.books.since(edition.name)
    if since is not None and instant(first.payload["command"]["at"]) < since - SLACK:
        family.find("edition_early", first, edition=edition.name, since=iso(since))


def _asked(family: Family, tasks: Mapping[str, Task], command: Command) -> Mapping[str, Task]:
    """The family as a decision sees it: what has ended is not in it, unless it is asked for by name."""
    if isinstance(command, Fire) and command.task in family.tasks:
        return {**tasks, command.task: family.tasks[command.task]}
    return tasks


def _compare(
    family: Family, first: Event, recorded: Sequence[Told], outcome: Decision | Refusal, edition: Edition, lost: Lost
) -> bool:
    """Whether what comes out is what is recorded."""
    if isinstance(outcome, Refusal):
        why = {lang: reason(outcome, edition, lang) for lang in LANGUAGES}
        family.find("not_lawful", first, edition=edition.name, why=why)
        return False
    engine = first.payload["command"]["engine"]
    if _all_same(outcome.events, recorded, engine):
        return True
    made, count = {event.ref: event for event in outcome.events}, len(family.findings)
    for each in recorded:
        mine = made.pop(each.event.ref, None)
        if mine is None:
            _otherwise(family, each.event, edition, "type", each.event.type.value, None)
        elif not _same(mine, each, engine, lost.lines.get(each.event.ref, ())):
            _differ(family, mine, each, edition, engine)
    for mine in made.values():
        _otherwise(family, first, edition, mine.ref, None, mine.type.value)
    return len(family.findings) == count


def _all_same(made: Sequence[Event], recorded: Sequence[Told], engine: str) -> bool:
    """Whether all came out as it is recorded, in its order, as nearly always."""
    if len(made) != len(recorded):
        return False
    for mine, told in zip(made, recorded, strict=True):
        if mine.seq != told.event.seq or mine.task != told.event.task or not _same(mine, told, engine, ()):
            return False
    return True


def _same(made: Event, told: Told, engine: str, lines: Sequence[Apart]) -> bool:
    """Byte for byte, less the lines that are gone; which version of the program decided is the record's to say. Of the
    header each part is compared, which is the same in half the time.
    """
    event = told.event
    if (
        made.type is not event.type
        or made.occurred_at != event.occurred_at
        or made.due_at != event.due_at
        or made.actor != event.actor
        or made.cause != event.cause
        or made.edition != event.edition
    ):
        return False
    text = recorded_text(_by(made, engine))
    return text == told.raw.payload or bool(lines and same_less(text, told, lines))


def _by(made: Event, engine: str) -> Mapping[str, Json]:
    command = made.payload.get("command")
    if command is None or command["engine"] == engine:
        return made.payload
    return {**made.payload, "command": {**command, "engine": engine}}


def _differ(family: Family, made: Event, told: Told, edition: Edition, engine: str) -> None:
    """Tell of the first difference; texts that only break their lines otherwise, as an older version did, are the
    same.
    """
    told_by = parsed(header(made, iso(told.recorded_at))) | {"payload": parsed(canonical(_by(made, engine)))}
    recorded = parsed(told.raw.header) | {"payload": parsed(told.raw.payload)}
    found = difference(recorded, told_by)
    if found is not None:
        path, there, here = found
        _otherwise(family, told.event, edition, path.removeprefix("payload."), there, here)


def _otherwise(family: Family, event: Event, edition: Edition, what: str, there: Json, here: Json) -> None:
    facts = {"edition": edition.name, "what": what, "recorded": _short(there), "decided": _short(here)}
    family.find("decided_otherwise", event, **facts)


def _short(value: Json) -> str:
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def difference(one: Json, other: Json, path: str = "") -> tuple[str, Json, Json] | None:
    """The first place at which two JSON values differ, with what stands there."""
    if isinstance(one, dict) and isinstance(other, dict):
        parts = [(f"{path}.{name}", one.get(name), other.get(name)) for name in sorted({*one, *other})]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        parts = [(f"{path}[{n}]", *each) for n, each in enumerate(zip(one, other, strict=True))]
    else:
        return None if canonical(one) == canonical(other) else (path.removeprefix("."), one, other)
    return next((found for part in parts if (found := difference(part[1], part[2], part[0])) is not None), None)
