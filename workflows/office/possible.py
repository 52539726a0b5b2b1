"""What may be done with a task now, by somebody in their guises, and what speaks against the rest, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine import moves
from engine.commands import Actor, Refusal, Refused
from engine.model import Field, Transition
from engine.problems import Language
from engine.task import Task
from engine.turn import Turn
from workflows.desk import Desk
from workflows.sayings import plainly


@dataclass(frozen=True, slots=True)
class Possible:
    """A transition of the task; `refusal` says why it is not possible now, in words, and is None where it is. `here`
    says whether it starts in the task's state.

    `actor` is the guise in which it would be done, `mine` says whether it is theirs to do, now or at another time, and
    `late` whether they may enter it after the fact.
    """

    trigger: str
    title: str
    form: Mapping[str, Field]
    refusal: str | None
    here: bool
    actor: Actor
    mine: bool = True
    late: bool = False


def possible(
    desk: Desk, task: Task, actors: Sequence[Actor], lang: Language, *, family: Mapping[str, Task] | None = None
) -> Iterator[Possible]:
    """The transitions that people may fire, and what speaks against each now.

    A guard that looks at the form cannot be asked before the form is filled in; it is left to the act itself.
    """
    edition, _ = desk.book(task.edition)
    sheet, kin = edition.sheets[task.kind], family if family is not None else kin_of(desk, task)
    for transition in sheet.transitions.values():
        if [by.role for by in transition.by] == ["system"]:
            continue
        actor, refusal = best(desk, task, actors, transition, kin)
        yield Possible(
            transition.trigger,
            transition.title(lang),
            transition.form,
            plainly(refusal, edition, lang, task.kind) if refusal else None,
            task.state in sheet.starts[transition.trigger],
            actor,
            any(_theirs(turn_of(desk, task, each, kin), task, transition) for each in actors),
            may_backdate(desk, task, actor),
        )


def best(
    desk: Desk, task: Task, actors: Sequence[Actor], transition: Transition, kin: Mapping[str, Task]
) -> tuple[Actor, Refusal | None]:
    """The guise that serves, and what speaks against it; of several refusals that which is not about who they are."""
    tried = [(each, against(turn_of(desk, task, each, kin), task, transition)) for each in actors]
    return min(tried, key=lambda one: _WEIGHT.get(one[1].code, 1) if one[1] else 0)


_WEIGHT = {"wrong_unit": 2, "wrong_role": 3}


def turn_of(desk: Desk, task: Task, actor: Actor, kin: Mapping[str, Task]) -> Turn:
    """The facts that guards see when this actor looks at the task now."""
    edition, calendar = desk.book(task.edition)
    now = desk.clock()
    return Turn(edition, calendar, actor, now, now, units=desk.units, family={**kin, task.id: task})


def may_backdate(desk: Desk, task: Task, actor: Actor) -> bool:
    """Whether this actor may enter late what happened before."""
    roles = desk.book(task.edition)[0].process.roles
    return any(role in roles and roles[role].backdate for role in actor.roles)


def kin_of(desk: Desk, task: Task) -> dict[str, Task]:
    """The task with its ancestors and children, as guards look at them."""
    names = [task.parent, *task.children] if task.parent else list(task.children)
    found = {name: kin for name in names if name and (kin := desk.store.task(name)) is not None}
    above = found.get(task.parent or "")
    return {**(_above(desk, above) if above else {}), **found, task.id: task}


def _above(desk: Desk, task: Task) -> dict[str, Task]:
    above = desk.store.task(task.parent) if task.parent else None
    return {**_above(desk, above), above.id: above} if above else {}


def _theirs(turn: Turn, task: Task, transition: Transition) -> bool:
    """Whether the actor is one who does this, whatever the state."""
    try:
        moves.check_actor(turn, task, transition)
    except Refused as refused:
        return refused.refusal.code == "same_person"
    return True


def against(turn: Turn, task: Task, transition: Transition) -> Refusal | None:
    """What speaks against a transition now, as far as can be said before its form is filled in."""
    try:
        moves.check_state(turn, task, transition)
        moves.check_actor(turn, task, transition)
        if not transition.form:
            moves.check_rights(turn, task, transition, {})
            moves.check_window(turn, task, transition, {})
        if transition.when is not None and not reads_form(turn, task, transition.when):
            move = moves.Move(turn, task, transition, {})
            return None if move.test(transition.when, "when") else move.refused(transition.when).refusal
    except Refused as refused:
        return refused.refusal
    return None


def reads_form(turn: Turn, task: Task, guard: str) -> bool:
    """Whether a guard looks at the form."""
    return any(name.startswith("form.") for name in turn.sheet(task).expressions[guard].names)
