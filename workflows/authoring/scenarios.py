"""Run the scenarios of a definition: each is told to the engine step by step, and every difference is reported."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from engine.calendars import Calendar
from engine.commands import Actor, Fire, Opening, Origin, Refusal, Register
from engine.document import Document
from engine.document import Path as Place
from engine.edition import Edition
from engine.events import Event, iso
from engine.problems import Language, Position, Problem, Text, errors, in_order
from engine.reading import problems_of, read
from engine.refusals import say
from engine.turn import Over
from workflows.authoring.expectations import Scene, differences
from workflows.authoring.grammar import Doer, Expect, Given, Scenario, Step
from workflows.authoring.virtual import Turns, VirtualFamily
from workflows.coverage import Happened, Part, missing
from workflows.ports import PROGRAMME
from workflows.sources import PROCESS, calendar_named, load_process

TASK = "task"
"""The ids of the task that a scenario is about, and of the programme that it is part of."""

ORIGIN = Origin("rehearsal")
_SCENARIOS = TypeAdapter(tuple[Scenario, ...])


@dataclass(frozen=True)
class Failure:
    """One expectation that did not hold. `step` counts from 1; 0 is the registration."""

    scenario: str
    step: int
    where: Position
    expected: Text
    found: Text

    def text(self, lang: Language) -> str:
        """`file:line:column: scenario, step: expected …, found …`, in one line."""
        expected, found = self.expected.in_(lang), self.found.in_(lang)
        if lang == "zh":
            return f"{self.where}: {self.scenario} 第 {self.step} 步：应为 {expected}，实为 {found}"
        return f"{self.where}: {self.scenario}, step {self.step}: expected {expected}; found {found}"


@dataclass(frozen=True)
class Script:
    """The scenarios of one file, with their positions; or its problems."""

    scenarios: Sequence[Scenario]
    document: Document | None
    problems: Sequence[Problem]


def parse(text: str | bytes, file: str) -> Script:
    """Read a scenario file. Never raises for what it says."""
    document = read(text, file)
    if isinstance(document, list):
        return Script((), None, document)
    try:
        scenarios = _SCENARIOS.validate_python(document.data, by_alias=True, by_name=False)
    except ValidationError as error:
        return Script((), document, problems_of(error, document, tuple[Scenario, ...]))
    return Script(scenarios, document, in_order(_twins(scenarios, document)))


def _twins(scenarios: Sequence[Scenario], document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, one in enumerate(scenarios):
        if one.scenario in seen:
            message = Text(f"情景 `{one.scenario}` 重复", f"the scenario `{one.scenario}` stands twice")
            cure = Text("请另起一个名字", "give it another name")
            yield Problem("duplicate-scenario", document.at((number, "scenario")), message, cure)
        seen.add(one.scenario)


# -- running one


@dataclass
class Run:
    """One scenario on its way through the engine."""

    edition: Edition
    calendar: Calendar
    scenario: Scenario
    place: Place
    document: Document
    families: dict[str, VirtualFamily] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    root: str = TASK
    now: str = ""
    happened: Happened = field(default_factory=Happened)
    turns: Turns | None = None

    def go(self) -> list[Failure]:
        """Register, take the steps, and return what did not hold. An unexpected refusal ends the scenario. Raises
        `OutOfTurns` where it takes more than it may.
        """
        try:
            if self._register(self.scenario.given):
                for number, step in enumerate(self.scenario.steps, 1):
                    if not self._step(number, step):
                        break
        except Exception as error:
            error.add_note(f"in the scenario {self.scenario.scenario} of {self.document.file}")
            raise
        return self.failures

    def _instant(self, text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=self.edition.zone)

    def _register(self, given: Given) -> bool:
        """Register the programme, if there is one, and the task; whether the steps can follow."""
        for kind in (given.kind, *([PROGRAMME] if given.programme else [])):
            if kind not in self.edition.sheets:
                there = Text(f"定义中没有 {kind}", f"the definition has none: {kind}")
                self._fail(0, ("given",), Text("能登记", "something to register"), there)
                return False
        at, plan = self._instant(given.at), given.programme
        self.root, self.now = PROGRAMME if given.kind == PROGRAMME else TASK, iso(at)
        if plan is not None:
            first = Register(
                task=PROGRAMME,
                kind=PROGRAMME,
                fields=plan.fields,
                milestones=plan.milestones,
                actor=self._registrar(PROGRAMME, plan.as_),
                at=self._instant(plan.at) if plan.at else at,
                origin=ORIGIN,
            )
            if not self._settle(0, self._enter(given, first)[1], None, ("given", "programme")):
                return False
        events, refusal = self._enter(given, self._entry(given, at))
        if not self._settle(0, refusal, given.refused, ("given",)):
            return False
        self._check(0, at, events, given.expect, ("given", "expect"))
        return refusal is None

    def _entry(self, given: Given, at: datetime) -> Register:
        opening = given.opening
        return Register(
            task=self.root,
            kind=given.kind,
            fields=given.fields,
            milestones=given.milestones,
            actor=self._registrar(given.kind, given.as_),
            at=at,
            part_of=PROGRAMME if given.programme else None,
            opening=Opening(opening.state, opening.due, opening.source) if opening else None,
            origin=ORIGIN,
        )

    def _enter(self, given: Given, command: Register) -> tuple[Sequence[Event], Refusal | None]:
        units = {name: Over(place.level, place.over) for name, place in given.units.items()}
        self.families[command.task] = VirtualFamily(self.edition, self.calendar, units, turns=self.turns)
        events, refusal = self.families[command.task].do(command)
        self.happened.note_all(events)
        return events, refusal

    def _registrar(self, kind: str, doer: Doer | None) -> Actor:
        if doer is not None:
            return Actor(doer.person or doer.role, (doer.role, *doer.roles), doer.units or ())
        by = self.edition.sheets[kind].body.registration.by
        role = by[0].role if by else "office"
        return Actor(role, (role,))

    def _step(self, number: int, step: Step) -> bool:
        at, place = self._instant(step.at), ("steps", number - 1)
        if iso(at) < self.now:
            self._fail(number, (*place, "at"), Text("不早于上一步", "a time not before the last step"), _same(step.at))
            return False
        self.now = iso(at)
        events = [event for family in self.families.values() for event in family.pass_time(at)]
        refusal = None
        if step.do is not None:
            fired = self._fire(number, step, at)
            if fired is None:
                return False
            events, refusal = [*events, *fired[0]], fired[1]
        self.happened.note_all(events)
        if not self._settle(number, refusal, step.refused, place):
            return False
        self._check(number, at, events, step.expect, (*place, "expect"))
        return True

    def _fire(self, number: int, step: Step, at: datetime) -> tuple[Sequence[Event], Refusal | None] | None:
        member = self._scene(at, ()).member(step.on or self.root)
        if member is None or step.as_ is None or step.do is None:
            place = ("steps", number - 1, "on")
            self._fail(number, place, Text(f"有 {step.on}", f"a {step.on}"), Text("没有", "nothing"))
            return None
        family, task = member
        actor = family.actor(step.as_, task, at)
        earlier = self._instant(step.occurred_at) if step.occurred_at else None
        return family.do(Fire(task.id, step.do, step.with_, actor, at, earlier, step.reason, origin=ORIGIN))

    def _settle(self, number: int, refusal: Refusal | None, wanted: str | None, place: Place) -> bool:
        """Whether the answer is the expected one; where it is not, the scenario does not go on."""
        if (refusal.code if refusal else None) == wanted:
            return True
        expected = Text(f"被拒绝：{wanted}", f"a refusal: {wanted}") if wanted else Text("获准", "it to be done")
        found = Text("获准", "it was done")
        if refusal is not None:
            zh, en = (say(refusal, self.edition, lang) for lang in ("zh", "en"))
            found = Text(f"被拒绝（{refusal.code}）：{zh}", f"refused ({refusal.code}): {en}")
        self._fail(number, (*place, "refused"), expected, found)
        return False

    def _scene(self, at: datetime, events: Sequence[Event]) -> Scene:
        return Scene(self.families, self.root, at, events)

    def _check(self, number: int, at: datetime, events: Sequence[Event], expect: Expect, place: Place) -> None:
        for one in differences(self._scene(at, events), expect):
            self._fail(number, (*place, *one.path), one.expected, one.found)

    def _fail(self, number: int, place: Place, expected: Text, found: Text) -> None:
        where = self.document.at((*self.place, *place))
        self.failures.append(Failure(self.scenario.scenario, number, where, expected, found))


def _same(text: str) -> Text:
    return Text(text, text)


def run(
    edition: Edition,
    calendar: Calendar,
    script: Script,
    happened: Happened | None = None,
    only: int | None = None,
    turns: Turns | None = None,
) -> list[Failure]:
    """Run every scenario of a file, or `only` one by its number; returns every expectation that did not hold, in order.
    What happens in them is told to `happened`. Raises `OutOfTurns` where they take more than `turns`, if any are given.
    """
    failures = list[Failure]()
    for number, scenario in enumerate(script.scenarios):
        if only not in (None, number):
            continue
        assert script.document is not None, "scenarios were read from a document"
        one = Run(edition, calendar, scenario, (number,), script.document, turns=turns)
        failures += one.go()
        if happened is not None:
            happened.join(one.happened)
    return failures


# -- running files


@dataclass(frozen=True)
class Result:
    """What the scenarios of one definition came to."""

    file: Path
    problems: Sequence[Problem]
    scenarios: int = 0
    failures: Sequence[Failure] = ()
    never: Sequence[Part] = ()
    """What the definition declares and no scenario shows."""


def run_file(path: Path) -> Result:
    """Load a definition and run the scenarios that it names. Raises `OSError` and `UnknownCalendar`."""
    file = path / PROCESS if path.is_dir() else path
    loaded = load_process(file)
    if loaded.edition is None:
        return Result(file, loaded.problems)
    edition, calendar = loaded.edition, calendar_named(loaded.edition.process.calendar)
    scripts = scripts_of(file.parent, edition)
    problems = [*loaded.problems, *(problem for script in scripts for problem in script.problems)]
    happened = Happened()
    failures = [failure for script in scripts for failure in run(edition, calendar, script, happened)]
    shown = sum(len(script.scenarios) for script in scripts)
    return Result(file, problems, shown, failures, missing(edition, happened))


def scripts_of(folder: Path, edition: Edition) -> list[Script]:
    """The files of scenarios that a definition in a folder names."""
    return [_script(folder, name) for name in edition.process.scenarios]


def _script(folder: Path, name: str) -> Script:
    file = folder / name
    if not file.resolve().is_relative_to(folder.resolve()):  # a definition from elsewhere must not show other files
        outside = Text("情景文件应放在定义所在的文件夹内", "a file of scenarios stands in the folder of its definition")
        return Script(
            (), None, [Problem("no-file", Position(str(file)), outside, Text("请移入该文件夹", "move it there"))]
        )
    if file.is_file():
        return parse(file.read_bytes(), str(file))
    missing = Text("没有这个情景文件", "there is no such file of scenarios")
    cure = Text("请放好文件，或从 `scenarios` 中删去", "put it there, or take it out of `scenarios`")
    return Script((), None, [Problem("no-file", Position(str(file)), missing, cure)])


def main(arguments: Sequence[str]) -> int:
    """Run the scenarios of these definitions and print what does not hold; 1 where something does not."""
    bad = False
    for result in (run_file(Path(argument)) for argument in arguments):
        lines = [problem.text("en") for problem in result.problems]
        lines += [failure.text("en") for failure in result.failures]
        lines.append(f"{result.file}: {result.scenarios} scenarios, {len(result.failures)} failures")
        sys.stdout.write("\n".join(lines) + "\n")
        bad = bad or bool(errors(result.problems) or result.failures)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
