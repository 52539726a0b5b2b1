"""Scenarios beside a draft: the one file of them that is written with it, tried while it is written, and told one by
one; and what a rehearsal came to, as scenarios to keep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Any

from engine.calendars import Calendar
from engine.edition import Edition
from engine.events import Event, EventType
from engine.machine import sources
from engine.problems import Position, Problem, Text
from workflows.authoring.grammar import Scenario
from workflows.authoring.refuting.guesses import forms, records
from workflows.authoring.rehearse import Rehearsal
from workflows.authoring.scenarios import Failure, Script, parse, run
from workflows.authoring.virtual import OutOfTurns, Turns
from workflows.coverage import Happened, Part, missing
from workflows.listing import ListRow
from workflows.sources import Finds

FILE = "scenarios.yaml"
"""What the file is called where the definition names none."""

LONGEST = timedelta(days=366 * 12)
"""How long one scenario may last where it is tried beside a draft; the command line knows no bound."""

MOST = 200
"""So many scenarios are tried beside a draft."""

TURNS = 20_000
"""So much may happen in all of them together where somebody waits for a page: some five seconds. The scenarios of the
larger founding definition take a third of it.
"""


OUT_OF_TURNS = "scenario-turns"
"""The code of the problem that says by which scenario they were taken."""


@dataclass(frozen=True)
class Outcome:
    """One scenario: its name and title, where it begins, and what does not hold."""

    name: str
    title: Text
    where: Position
    failures: Sequence[Failure]


@dataclass(frozen=True)
class Trial:
    """What a file of scenarios comes to: what is wrong with its text, or each scenario's outcome and what no scenario
    shows.
    """

    problems: Sequence[Problem]
    outcomes: Sequence[Outcome] = ()
    never: Sequence[Part] = ()

    @property
    def cut(self) -> bool:
        """Whether they were not run to the end, since so much happens in them."""
        return any(each.code == OUT_OF_TURNS for each in self.problems)

    @property
    def failed(self) -> int:
        """How many scenarios do not hold."""
        return sum(bool(each.failures) for each in self.outcomes)


def file_of(edition: Edition) -> str:
    """The name of the file that is written with a draft: the first that the definition names."""
    return next(iter(edition.process.scenarios), FILE)


def with_draft(text: str, edition: Edition, others: Finds) -> Finds:
    """The files of an edition whose first is this text; the others are those of the edition before."""
    return lambda name: (text.encode() or None) if name == file_of(edition) else others(name)


def try_text(edition: Edition, calendar: Calendar, text: str) -> Trial:
    """Run the scenarios of a text, one after the other."""
    script = parse(text, file_of(edition)) if text.strip() else Script((), None, ())
    problems = [*script.problems, *_too_much(script), *_unnamed(edition, script)]
    if any(each.severity == "error" for each in problems):
        return Trial(problems)
    happened, turns, outcomes = Happened(), Turns(TURNS), list[Outcome]()
    for number in range(len(script.scenarios)):
        try:
            outcomes.append(_tried(edition, calendar, script, number, happened, turns))
        except OutOfTurns:
            return Trial([*problems, _out_of_turns(script, number)], outcomes)
    return Trial(problems, outcomes, missing(edition, happened))


def _tried(
    edition: Edition, calendar: Calendar, script: Script, number: int, happened: Happened, turns: Turns
) -> Outcome:
    one, document = script.scenarios[number], script.document
    assert document is not None, "scenarios were read from a document"
    failures = run(edition, calendar, script, happened, number, turns)
    return Outcome(one.scenario, Text(one.zh, one.en), document.at((number,)), failures)


def _out_of_turns(script: Script, number: int) -> Problem:
    name, document, after = script.scenarios[number].scenario, script.document, len(script.scenarios) - number - 1
    assert document is not None, "scenarios were read from a document"
    message = Text(
        f"到 `{name}` 为止情节太多，这里不再往下试跑（其后还有 {after} 个情景）",
        f"too much happens by `{name}`, which is not followed any further here, nor are the {after} after it",
    )
    cure = Text(
        "请用 duban check --scenarios，或查看周期很短的时限、缩短前后的时间",
        "use duban check --scenarios, or look for deadlines that recur very often and shorten the time that it spans",
    )
    return Problem(OUT_OF_TURNS, document.at((number,)), message, cure)


def _too_much(script: Script) -> Iterator[Problem]:
    for number, one in enumerate(script.scenarios):
        assert script.document is not None, "scenarios were read from a document"
        where = script.document.at((number,))
        if number == MOST:
            message = Text(f"这里至多试跑 {MOST} 个情景", f"at most {MOST} scenarios are tried here")
            cure = Text("请用 duban check --scenarios，或分成几个文件", "use duban check --scenarios, or several files")
            yield Problem("scenarios-many", where, message, cure)
        if _lasts(one) > LONGEST:
            message = Text(f"`{one.scenario}` 前后超过十二年", f"`{one.scenario}` lasts more than twelve years")
            yield Problem("scenario-long", where, message, Text("请核对各步的日期", "check the dates of its steps"))


def _lasts(one: Scenario) -> timedelta:
    moments = [datetime.fromisoformat(at) for at in (one.given.at, *(each.at for each in one.steps))]
    return max(moments) - min(moments)


def _unnamed(edition: Edition, script: Script) -> Iterator[Problem]:
    """What is not named would not be published with the definition."""
    if script.scenarios and not edition.process.scenarios:
        message = Text("定义没有写明这些情景", "the definition does not name these scenarios")
        cure = Text(f"在定义中加上 scenarios: [{FILE}]", f"add `scenarios: [{FILE}]` to the definition")
        yield Problem("scenarios-unnamed", Position(FILE, 1, 1), message, cure, severity="warning")


# -- a rehearsal as scenarios


def as_scenarios(lived: Rehearsal, rows: Sequence[ListRow]) -> str:
    """The tasks of a rehearsal as scenarios: how each was registered, and what time brought on which day. Of those to
    which the same happened on the same days only the first is told.
    """
    told, seen = [], set()
    for number, (root, events) in enumerate(_by_task(lived.events), 1):
        steps = list(_steps(lived.edition, events))
        course = json.dumps(steps, ensure_ascii=False)
        if number <= len(rows) and course not in seen:
            seen.add(course)
            told.append(_scenario(lived.edition, root, rows[number - 1], events, steps))
    return "\n".join(told)


def _by_task(events: Sequence[Event]) -> Iterator[tuple[str, list[Event]]]:
    """The events of each family by its root, in the order in which the roots were registered."""
    roots: dict[str, list[Event]] = {}
    for event in events:
        roots.setdefault(event.task.partition(".")[0], []).append(event)
    yield from roots.items()


def _scenario(edition: Edition, root: str, row: ListRow, events: Sequence[Event], steps: Sequence[Any]) -> str:
    at = events[0].occurred_at.astimezone(edition.zone)
    given: dict[str, Any] = {"at": f"{at:%Y-%m-%d %H:%M}", "fields": dict(row.fields)}
    given |= {"milestones": {key: dict(one) for key, one in row.milestones.items()}} if row.milestones else {}
    lines = [f"- scenario: rehearsed-{root}", f"  zh: {_flow(f'推演 {root}')}", f"  en: {_flow(f'Rehearsed {root}')}"]
    lines += [f"  given: {_flow(given)}", f"  steps:{'' if steps else ' []'}"]
    return "\n".join([*lines, *(f"    - {_flow(step)}" for step in steps)]) + "\n"


def _steps(edition: Edition, events: Sequence[Event]) -> Iterator[Mapping[str, Any]]:
    """What time brought, a step for each moment at which something came of it."""
    root = events[0].task
    own = [event for event in events if event.task == root]
    for moment, those in groupby(own[1:], key=lambda event: event.occurred_at):
        expect = _expected(list(those))
        if expect and moment > own[0].occurred_at:
            yield {"at": f"{moment.astimezone(edition.zone):%Y-%m-%d %H:%M}", "expect": expect}


def _expected(events: Sequence[Event]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event in events:
        match event.type:
            case EventType.TRIGGER_FIRED:
                found["state"] = event.payload["to"]
            case EventType.SIGNAL_CHANGED:
                found["signal"] = event.payload["to"]
            case EventType.NOTICE_RAISED if event.payload["notice"] not in found.get("notices", []):
                found.setdefault("notices", []).append(event.payload["notice"])
            case EventType.DEADLINE_MISSED | EventType.DEADLINE_LAPSED:
                name, key = event.payload["occurrence"]["name"], event.payload["occurrence"]["key"]
                status = "missed" if event.type is EventType.DEADLINE_MISSED else "lapsed"
                found.setdefault("deadlines", {})[f"{name}/{key}"] = {"status": status}
    return found


def _flow(value: Any) -> str:
    """A value as people write it in one line of YAML: without quotes where it reads the same without them."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(str(key))}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value not in _SAID_OTHERWISE:
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


_PLAIN = re.compile(r"[^\W\d_][\w./-]*|\d{4}-\d\d(-\d\d( \d\d:\d\d)?)?")
_SAID_OTHERWISE = frozenset({"true", "false", "null", "yes", "no", "on", "off"})
"""Words that are no text without quotes, or look as if they were none."""


# -- one to begin with

TRIES = 8
"""So many records, and so many forms of each act, are tried for the first scenario."""


def first_scenario(edition: Edition, calendar: Calendar, now: datetime) -> str:
    """A scenario to begin with: the plainest record that can be registered and the plainest first act that is possible
    then; where none is found, what would be tried.
    """
    told = [_first(edition, now, record, None) for record in _records(edition, now)]
    record = next((n for n, text in enumerate(told) if _holds(edition, calendar, text)), 0)
    given = next(islice(_records(edition, now), record, None), {})
    acts = [_first(edition, now, given, step) for step in _first_acts(edition, now)]
    found = next((text for text in acts if _holds(edition, calendar, text)), None)
    return found or next(iter(told[record : record + 1]), "")


def _holds(edition: Edition, calendar: Calendar, text: str) -> bool:
    try:
        return not run(edition, calendar, parse(text, file_of(edition)), turns=Turns(TURNS // 20))
    except OutOfTurns:
        return False


def _records(edition: Edition, now: datetime) -> Iterator[dict[str, Any]]:
    yield from islice(records(edition, edition.sheets[""], now.astimezone(edition.zone)), TRIES)


def _first(edition: Edition, now: datetime, record: Mapping[str, Any], step: Mapping[str, Any] | None) -> str:
    local, initial = now.astimezone(edition.zone), edition.process.initial
    given = {"at": f"{local:%Y-%m-%d} 09:00", "fields": record, "expect": {"state": initial}}
    lines = ["- scenario: first", "  zh: 第一个情景", "  en: A first scenario", f"  given: {_flow(given)}"]
    return "\n".join([*lines, *(["  steps:", f"    - {_flow(step)}"] if step else ["  steps: []"])]) + "\n"


def _first_acts(edition: Edition, now: datetime) -> Iterator[dict[str, Any]]:
    """What a person may do on the day after, with the plainest forms."""
    sheet, local = edition.sheets[""], now.astimezone(edition.zone)
    at = f"{local + timedelta(days=1):%Y-%m-%d} 09:00"
    for each in sheet.body.transitions:
        people = [by.role for by in each.by if by.role not in ("system", "anyone")]
        if people and sheet.body.initial in sources(sheet.body, each):
            for form in islice(forms(edition, sheet, each, local), TRIES):
                yield {"at": at, "do": each.trigger, "as": people[0], **({"with": form} if form else {})}
