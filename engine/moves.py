"""Whether a transition is possible for a task now, and which way it goes: by whom, from where, when, and the guards.

Nothing here changes anything. What each guard saw is kept, whether it held or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import dues
from engine.bindings import Binding
from engine.commands import Actor, Refused
from engine.events import Json
from engine.expressions import Evaluation
from engine.facts import Situation
from engine.model import Branch, By, Field, Transition
from engine.plans import Unset, compute, due_of
from engine.problems import ValueProblem, suggest
from engine.task import OPEN, Task
from engine.turn import Turn
from engine.values import first_value, parse_value


@dataclass(slots=True)
class Move:
    """A transition that a task is asked to make, with the form, and what its guards saw on the way."""

    turn: Turn
    task: Task
    transition: Transition
    form: Mapping[str, Json]
    tried: list[Json] = field(default_factory=list)

    @property
    def at(self) -> Situation:
        """The facts that its guards see."""
        return Situation(self.turn, self.task, self.form)

    def test(self, guard: str, where: str) -> bool:
        """Whether a guard holds. Keeps what it saw; raises `Refused` on an error, which is never false."""
        result = self.at.evaluate(guard)
        self.tried.append(witness(guard, where, result))
        if result.error is not None:
            raise Refused(
                "guard_error", guard=guard, error=result.error, operands=dict(result.operands), task=self.task.id
            )
        return result.holds

    def branch(self) -> Branch:
        """The branch that the machine takes. Raises `Refused` where none holds."""
        transition = self.transition
        if transition.when is not None and not self.test(transition.when, "when"):
            raise self.refused(transition.when)

        def holds(branch: Branch) -> bool:
            return branch.when is None or self.test(branch.when, f"to[{self.number(branch)}]")

        taken = self.turn.sheet(self.task).machine.move(transition.trigger, self.task.state, holds)
        if taken is None:
            raise self.refused(" / ".join(str(branch.when) for branch in transition.to))
        return taken

    def number(self, branch: Branch) -> int:
        """Which of the branches it is; two that read alike are two."""
        return next(number for number, other in enumerate(self.transition.to) if other is branch)

    def refused(self, guard: str) -> Refused:
        """The refusal of a guard, with what it saw, in the definition's own words where it has them."""
        said = next((each for each in self.transition.refusals if self._fits(each.when)), None)
        operands = {name: value for one in self.tried for name, value in one["saw"].items()}
        words = {"zh": said.zh, "en": said.en} if said else None
        return Refused("guard", trigger=self.transition.trigger, guard=guard, operands=operands, said=words)

    def _fits(self, guard: str | None) -> bool:
        """Whether the words of a refusal fit; those whose condition cannot be decided do not."""
        return guard is None or self.at.evaluate(guard).holds


def witness(guard: str, where: str, result: Evaluation) -> Json:
    """What one guard saw and answered, as events keep it; numbers as text, for events hold no floats."""
    return {
        "at": where,
        "guard": guard,
        "held": result.value if result.error is None else None,
        "error": result.error,
        "saw": saw(result),
    }


def saw(result: Evaluation) -> dict[str, Json]:
    """The operands of a guard, as events keep them."""
    return {name: plain(value) for name, value in result.operands.items()}


def plain(value: Any) -> Json:
    """A value that a guard saw, for an event: doubles become text, without a trailing `.0`."""
    if value.__class__ is str or value is None:
        return value
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def find(turn: Turn, task: Task, trigger: str) -> Transition:
    """The transition of that name in the task's body. Raises `Refused`."""
    transitions = turn.sheet(task).transitions
    if trigger not in transitions:
        near = suggest(trigger, list(transitions))
        raise Refused("unknown_trigger", trigger=trigger, known=sorted(transitions), near=near)
    return transitions[trigger]


def check_state(turn: Turn, task: Task, transition: Transition) -> None:
    """Raises `Refused` where the transition does not start in the task's state; names what is possible there."""
    sheet = turn.sheet(task)
    body, starts = sheet.body, sheet.starts
    if task.state in starts[transition.trigger]:
        return
    possible = [
        other.trigger for other in body.transitions if task.state in starts[other.trigger] and not _by_time(other)
    ]
    states = {
        name: {"zh": body.states[name].zh, "en": body.states[name].en}
        for name in sorted({task.state, *starts[transition.trigger]})
    }
    raise Refused(
        "wrong_state",
        trigger=transition.trigger,
        state=task.state,
        sources=list(starts[transition.trigger]),
        possible=possible,
        titles=states,
    )


def _by_time(transition: Transition) -> bool:
    """Whether only time, a child or a parent fires it."""
    return all(by.role == "system" for by in transition.by) and bool(transition.by)


def check_actor(turn: Turn, task: Task, transition: Transition) -> None:
    """Raises `Refused` where the actor may not fire the transition."""
    actor = turn.actor
    problems = [_unfit(turn, task, by, actor) for by in transition.by]
    if transition.by and all(problems):
        raise min((problem for problem in problems if problem), key=lambda each: each.refusal.code == "wrong_role")


def _unfit(turn: Turn, task: Task, by: By, actor: Actor) -> Refused | None:
    if by.role == "anyone":
        return None
    if by.role not in actor.roles:
        return Refused("wrong_role", role=by.role, roles=list(actor.roles))
    if by.role == "system":
        return None
    units = bound_units(turn, task, by.role)
    if units is not None and not set(units) & set(actor.units):
        return Refused("wrong_unit", role=by.role, units=units, held=list(actor.units))
    if by.not_ is not None:
        other = Situation(turn, task).evaluate(by.not_)
        if other.value == actor.id:
            return Refused("same_person", role=by.role, person=actor.id)
    return None


def bound_units(turn: Turn, task: Task, role: str) -> list[str] | None:
    """The units to which a role is bound for this task; None where it is not bound."""
    bound = turn.edition.process.roles[role].unit if role in turn.edition.process.roles else None
    binding = Binding.parse(bound) if bound is not None else None
    if binding is None:
        return None
    units = _units_in(turn, task, binding)
    for level in binding.climbs:
        units = [over for unit in units if (over := turn.above(unit, level))]
    return units


def _units_in(turn: Turn, task: Task, binding: Binding) -> list[str]:
    """The unit (or units) in a field of the task, or of the nearest ancestor that has such a field."""
    name, holder = binding.field, task if binding.begin == "task" else turn.parent(task)
    while holder is not None and name not in turn.sheet(holder).body.fields:
        holder = turn.parent(holder)
    value = holder.fields.get(name) if holder else None
    return [] if value is None else value if isinstance(value, list) else [value]


def check_rights(turn: Turn, task: Task, transition: Transition, form: Mapping[str, Json]) -> None:
    """Raises `Refused` where the transition would use a right that has lapsed."""
    for name, way in turn.sheet(task).met_by.get(transition.trigger, ()):
        found, at = turn.ledger(task).of(name), Situation(turn, task, form)
        if not found or found[-1]["status"] != "lapsed" or any(one["status"] in OPEN for one in found):
            continue  # only a right lapses
        if way.when is not None and not compute(at, way.when):
            continue
        last_day = str(found[-1]["last_day"])
        stated = str(compute(at, way.at)) if way.at else None
        if stated is None and turn.occurred_text < str(found[-1]["due_at"]):
            continue
        if stated is None or stated > last_day:
            raise Refused("right_lapsed", deadline=name, last_day=last_day, stated=stated)


def check_window(turn: Turn, task: Task, transition: Transition, form: Mapping[str, Json]) -> None:
    """Raises `Refused` outside the transition's window."""
    window = transition.window
    if window is None:
        return
    at = Situation(turn, task, form)
    for side in ("not_before", "after", "not_after"):
        rule = getattr(window, side)
        if rule is None:
            continue
        try:
            due = due_of(at, rule)
        except Unset:
            raise Refused("window_unknown", trigger=transition.trigger) from None
        if due.due_at is None or due.last_day is None:
            raise Refused("window_unknown", trigger=transition.trigger)
        opens = dues.start_of(due.last_day, turn.edition.zone)
        bad = {
            "not_before": turn.occurred_at < opens,
            "after": turn.occurred_at < due.due_at,
            "not_after": turn.occurred_at >= due.due_at,
        }
        if bad[side]:
            raise Refused(f"window_{side}", trigger=transition.trigger, day=due.last_day.isoformat())


def read_form(turn: Turn, fields: Mapping[str, Field], given: Mapping[str, Any], code: str = "form") -> dict[str, Json]:
    """The values of a form (or of a record) as events keep them. Raises `Refused` with every problem at once."""
    problems: list[Json] = []
    for name in given:
        if name not in fields:
            near = suggest(name, list(fields))
            problems.append({"field": name, "zh": "没有这一项", "en": "there is no such field", "near": near})
    values: dict[str, Json] = {}
    for name, kept in fields.items():
        raw = given.get(name)
        try:
            value = None if raw is None else parse_value(kept, raw, turn.edition.zone)
            value = first_value(kept, turn.edition.zone) if value is None else value
        except ValueProblem as problem:
            problems.append({"field": name, "zh": problem.text.zh, "en": problem.text.en, "near": None})
            continue
        if kept.required and (value is None or (value == [] and kept.type in _LISTS)):
            problems.append({"field": name, "zh": f"“{kept.zh}”必填", "en": f"{kept.en} is required", "near": None})
        elif value is not None:
            values[name] = value
    if problems:
        raise Refused(code, problems=problems)
    return values


_LISTS = ("units", "files", "rows")
