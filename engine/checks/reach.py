"""What can be reached: states without a way to them, states without a way out, triggers that nobody fires."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.ways import Ground, Ways
from engine.machine import sources
from engine.problems import Problem, Severity, Text

_ENTER = Text("写一个到这里的 to，或删去这个状态", "let a `to` lead here, or take the state out")


def of_reach(ground: Ground, ways: Ways) -> Iterator[Problem]:
    """States and triggers of one body."""
    yield from _unreached(ground, ways)
    yield from _stuck(ground, ways)
    yield from _triggers(ground, ways)


def _unreached(ground: Ground, ways: Ways) -> Iterator[Problem]:
    ends = ways.finals & ways.reachable
    severity: Severity = "warning" if ends or ways.site.is_programme else "error"
    for name, state in ways.site.body.states.items():
        path = (*ways.site.path, "states", name)
        if name in ways.reachable:
            continue
        if state.final:
            message = Text(f"终结状态 `{name}` 无法到达", f"the final state `{name}` cannot be reached")
            yield ground.named("end-never", path, message, _ENTER, severity)
        else:
            message = Text(
                f"从初始状态无法到达 `{name}`，只有在办登记能进入",
                f"no way leads to `{name}` from the initial state: only the entry of a task under way",
            )
            yield ground.named("state-never", path, message, _ENTER)


def _stuck(ground: Ground, ways: Ways) -> Iterator[Problem]:
    """A state without a way out is said itself; of the others those that go round in a circle for ever."""
    if not ways.finals & ways.reachable:
        return
    severity: Severity = "warning" if ways.is_cancelled or ways.site.is_programme else "error"
    left = {move.source for move in ways.moves if move.target != move.source}
    dead = ways.reachable - left - ways.finals
    for name in ways.site.body.states:
        path = (*ways.site.path, "states", name)
        if name in dead:
            message = Text(f"进了 `{name}` 就出不来", f"no act, deadline or child leads out of `{name}`")
            cure = Text(
                "写一个由此出去的操作，或标明 final: true", "let a transition lead out, or mark it `final: true`"
            )
            yield ground.named("dead-end", path, message, cure, severity)
        elif name in ways.reachable - ways.finals and not ways.closure([name]) & (ways.finals | dead):
            message = Text(f"从 `{name}` 无法到达任何终结状态", f"no final state can be reached from `{name}`")
            cure = Text("给这一圈状态一个出口", "give the states that lead round and round a way out")
            yield ground.named("no-way-to-end", path, message, cure, severity)


def _triggers(ground: Ground, ways: Ways) -> Iterator[Problem]:
    for index, transition in enumerate(ways.site.body.transitions):
        path, name = (*ways.site.path, "transitions", index), transition.trigger
        origins = set(sources(ways.site.body, transition))
        if name not in ways.live:
            message = Text(
                f"`{name}` 只许系统执行，却没有时限、子事项或操作来执行它",
                f"only the system may fire `{name}`, and no deadline, child or act does",
            )
            cure = Text("让时限的 missed 等执行它，或在 by 中加上角色", "let a deadline fire it, or add a role to `by`")
            yield ground.problem("trigger-never", (*path, "trigger"), message, cure, "error")
        elif not origins & ways.reachable:
            message = Text(f"`{name}` 的起始状态都无法到达", f"no state from which `{name}` is possible can be reached")
            cure = Text("请核对 from", "look at its `from`")
            yield ground.problem("trigger-never", (*path, "from"), message, cure, "warning" if origins else "error")
