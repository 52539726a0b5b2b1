"""What is claimed of a body: the properties that its definition states, and those that every process of supervision has
to have. Each is one of a few shapes; `engine.proofs.verdicts` answers each shape.

    never        a condition that holds in no situation           always is never its contrary
    within       from these states one of those is reached, in time
    reach        from these states one of those can be reached, whatever happened before
    starved      no deadline is set back for ever by another, through time alone
    final        no final state is left by time alone
    fires        what a deadline fires when it passes is possible wherever it may pass
    total        every guard of every transition has an answer wherever it is asked
    consequence  a duty that is missed has a consequence, or is declared advisory
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.cel.tree import walk
from engine.edition import Sheet
from engine.model import Property
from engine.problems import Text

Shape = Literal["never", "within", "reach", "starved", "final", "fires", "total", "consequence"]


@dataclass(frozen=True)
class Claim:
    """One claim on one body. `own` is its place among the properties of the definition, None for one that every
    process has to have. `states` and `goals` are states by name, `holds` texts that hold together where it is broken,
    `fails` those that are false there; `about` is the deadline that it is about, or the trigger.
    """

    shape: Shape
    kind: str
    title: Text
    own: int | None = None
    states: Sequence[str] = ()
    goals: Sequence[str] = ()
    holds: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    term: str | None = None
    about: str | None = None


def claims_of(kind: str, sheet: Sheet) -> Iterator[Claim]:
    """The claims on a body: its own, then those that every process has to have."""
    for number, stated in enumerate(sheet.body.properties):
        yield _own(kind, sheet, number, stated)
    yield from _common(kind, sheet)


def _own(kind: str, sheet: Sheet, number: int, stated: Property) -> Claim:
    title, when = Text(stated.zh or stated.name, stated.name), (stated.when,) if stated.when else ()
    states = tuple(sheet.body.states)
    if isinstance(stated.never, str):
        return Claim("never", kind, title, number, states, holds=(stated.never, *when))
    if stated.never is not None:
        named = stated.never["state"]
        return Claim("never", kind, title, number, (named,) if isinstance(named, str) else named, holds=when)
    if stated.always is not None:
        return Claim("never", kind, title, number, states, holds=when, fails=(stated.always,))
    if stated.reaches:
        return Claim("within", kind, title, number, stated.from_, stated.reaches, when, term=stated.within)
    if stated.can_reach:
        return Claim("reach", kind, title, number, stated.from_ or states, stated.can_reach, when)
    return Claim("total" if stated.guards_total else "starved", kind, title, number, holds=when)


def _common(kind: str, sheet: Sheet) -> Iterator[Claim]:
    body = sheet.body
    finals = tuple(name for name, state in body.states.items() if state.final)
    if finals and kind.split("/", maxsplit=1)[0] != "programme":  # a programme may go on for ever
        title = Text("从每个状态都能到达终结", "an end can be reached from every state")
        yield Claim("reach", kind, title, None, tuple(body.states), finals)
    if finals:
        title = Text("时间本身不会使已终结的事项重启", "time alone leaves no final state")
        yield Claim("final", kind, title, None, finals)
    title = Text("每个条件在用到时都能判断", "every guard has an answer where it is asked")
    yield Claim("total", kind, title)
    for name, rule in body.deadlines.items():
        if rule.owed_by and not rule.advisory:
            title = Text(f"时限“{rule.zh}”逾期有后果", f"to miss `{name}` has a consequence")
            yield Claim("consequence", kind, title, about=name)
        if rule.missed or rule.lapsed:
            title = Text(
                f"时限“{rule.zh}”届满时所触发的操作可行", f"what `{name}` fires is possible wherever it passes"
            )
            yield Claim("fires", kind, title, about=name)
    if any(rule.missed or rule.lapsed for rule in body.deadlines.values()):
        title = Text("没有时限被另一时限不断重置", "no deadline that fires is set back for ever by another")
        yield Claim("starved", kind, title)


def has_consequence(sheet: Sheet, name: str) -> bool:
    """Whether a miss is answered: it fires something, it reminds, or something in the body looks at it."""
    rule = sheet.body.deadlines[name]
    if rule.missed is not None or rule.remind:
        return True
    read = (node for expression in sheet.expressions.values() if expression.calls for node in walk(expression.root))
    return any(
        node.get("function") in ("missed", "misses", "streak") and node["arguments"][0].get("value") == name
        for node in read
    )
