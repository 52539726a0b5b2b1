"""An edition: a definition with everything compiled that can be compiled once, shared by all tasks that pin it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from engine.cel.compiled import Program
from engine.cel.tree import walk
from engine.expressions import Expression, Kind
from engine.machine import Machine, sources
from engine.model import Body, Deadline, Due, Field, Process, Transition
from engine.model.deadlines import MetBy
from engine.model.fields import FieldType, Parameter, kind_of
from engine.once import once
from engine.terms import Term
from engine.values import as_number
from engine.vocabulary import RECKON

ENGINE = "1"
"""The version of the rules in this room, kept in every command: it changes when the same inputs would give other
events."""


class Heed(NamedTuple):
    """What a deadline looks at: other acts pass it by.

    `triggers` name it. `states`: it minds in which state the task is. `asked`: any act may start it while none runs,
    with `once` only where none ever ran. `running`: any act may move or stop what runs. `each`: any act may start
    another one beside what runs.
    """

    triggers: frozenset[str]
    states: bool
    asked: bool
    once: bool
    running: bool
    each: bool


@dataclass(frozen=True)
class Sheet:
    """One body, compiled. A body has one language, so that one text means one thing wherever it stands in it.

    `expressions` holds every guard and value by its text, `terms` every literal term and `dates` every literal date.
    """

    kind: str
    parent: str | None
    body: Body
    expressions: Mapping[str, Expression]
    terms: Mapping[str, Term]
    dates: frozenset[str]
    machine: Machine
    clock: str
    """How finely its lights depend on time alone: `none`, `month` or `day`."""

    @once
    def transitions(self) -> Mapping[str, Transition]:
        """The transitions by trigger."""
        return {transition.trigger: transition for transition in self.body.transitions}

    @once
    def conditional(self) -> Mapping[str, Deadline]:
        """The deadlines that recur where a condition holds."""
        return {name: rule for name, rule in self.body.deadlines.items() if rule.every and rule.when is not None}

    @once
    def answers(self) -> dict[str, Callable[[Any], Any]]:
        """How `engine.facts` answers each variable in this body, kept from the first time on."""
        return {}

    @once
    def programs(self) -> dict[str, Program]:
        """Its expressions as `engine.facts` evaluates them, by their text, kept from the first time on."""
        return {}

    @once
    def correctable(self) -> bool:
        """Whether some transition takes the last act back."""
        return any(transition.corrects for transition in self.body.transitions)

    @once
    def forms(self) -> Mapping[str, Field]:
        """The form fields of all transitions: one name has one type in a body."""
        return {name: field for transition in self.body.transitions for name, field in transition.form.items()}

    @once
    def named(self) -> Mapping[str, Field]:
        """Every field that somebody may read about, by name: of the record first, of a milestone, of a form."""
        milestones = self.body.milestones.fields if self.body.milestones else {}
        return {**self.forms, **milestones, **self.body.fields}

    @once
    def starts(self) -> Mapping[str, Sequence[str]]:
        """The states from which each transition is possible, by trigger."""
        return {transition.trigger: sources(self.body, transition) for transition in self.body.transitions}

    @once
    def met_by(self) -> Mapping[str, Sequence[tuple[str, MetBy]]]:
        """The deadlines that each trigger may meet, in the order of the definition, with the way in which it does."""
        found: dict[str, list[tuple[str, MetBy]]] = {}
        for name, rule in self.body.deadlines.items():
            for way in rule.met_by:
                found.setdefault(way.trigger, []).append((name, way))
        return found

    @once
    def moving(self) -> frozenset[str]:
        """Deadlines whose date hangs on more than their start, and may move while they run."""
        return frozenset(name for name, rule in self.body.deadlines.items() if rule.due and not self._fixed(rule.due))

    @once
    def hangs(self) -> Mapping[str, Sequence[str]]:
        """Those of them whose date, with its reminders, hangs on the occurrence, the plan, the calendar and fields of
        the record alone: on which fields.
        """
        found = {name: self._fields_read(self.body.deadlines[name]) for name in self.moving}
        return {name: fields for name, fields in found.items() if fields is not None}

    def _fields_read(self, rule: Deadline) -> Sequence[str] | None:
        """The fields that a date reads, None where it reads more than can be told apart by them."""
        planned = self.body.milestones.fields if self.body.milestones else {}
        known = {*RECKON, *planned, "has_milestone"}
        read = [self.expressions[text] for text in texts(rule.due) if text in self.expressions] if rule.due else []
        names = {name for each in read for name in each.names if not _given(name)}
        fields = sorted(name.removeprefix("task.") for name in names)
        plain = all(f"task.{name}" in names and name in self.body.fields for name in fields)
        fixed = plain and all(known.issuperset(each.calls) for each in read)
        return fields if fixed and all(rung.term in self.terms for rung in rule.remind) else None

    @once
    def from_start(self) -> frozenset[str]:
        """Deadlines whose date counts from their start."""
        dated = [(name, texts(rule.due)) for name, rule in self.body.deadlines.items() if rule.due]
        return frozenset(name for name, said in dated if any(self._reads(text, "start") for text in said))

    @once
    def asked_when_due(self) -> frozenset[str]:
        """Deadlines whose date some expression reads."""
        asking = (each.root for each in self.expressions.values() if "due" in each.calls)
        calls = (node for root in asking for node in walk(root) if node.get("function") == "due")
        return frozenset(str(node["arguments"][0].get("value")) for node in calls)

    @once
    def lit_by_kin(self) -> bool:
        """Whether its light reads its parent or its children, so that it may change when they do."""
        waiting, seen = [rule.when for rule in self.body.signals], set[str]()
        while waiting:
            text = waiting.pop()
            for name in self.expressions[text].names if text in self.expressions else ():
                measure = self.body.measures.get(name.removeprefix("measure.")) if name.startswith("measure.") else None
                if name.startswith("parent.") or (measure and measure.over in self.body.children):
                    return True
                if measure and measure.value and name not in seen:
                    seen.add(name)
                    waiting.append(measure.value)
        return False

    def _reads(self, text: str, name: str) -> bool:
        return text in self.expressions and name in self.expressions[text].names

    @once
    def heeds(self) -> Mapping[str, Heed]:
        """What each deadline looks at."""
        return {name: self._heed(name, rule) for name, rule in self.body.deadlines.items()}

    def _heed(self, name: str, rule: Deadline) -> Heed:
        starts, pauses = rule.starts, rule.pause
        named = [*(way.trigger for way in rule.met_by), *rule.cancelled_by, *rule.restart_by]
        named += [*(starts.triggers if starts else ()), *(rule.extend.by if rule.extend else ())]
        named += [trigger for pause in pauses for trigger in (*pause.by, *pause.until)]
        again = rule.every is not None or name not in self.from_start
        each = rule.for_each is not None and starts is None
        return Heed(
            triggers=frozenset(named),
            states=bool(rule.while_ or (starts and starts.enter) or any(pause.in_ for pause in pauses)),
            asked=each or ((starts is None or starts.registered) and again),
            once=rule.every is None and not each,
            running=bool(pauses) or name in self.moving,
            each=each,
        )

    def _fixed(self, due: Due) -> bool:
        for text in texts(due):
            expression = self.expressions.get(text)
            if expression and (expression.calls or not all(_given(name) for name in expression.names)):
                return False
        return True

    @once
    def personal(self) -> frozenset[str]:
        """Names of record and form fields that the law protects."""
        forms = [transition.form for transition in self.body.transitions]
        return frozenset(
            name for fields in (self.body.fields, *forms) for name, field in fields.items() if field.personal
        )


def texts(due: Due) -> Iterator[str]:
    """Every expression in the rule of a date."""
    yield from (text for text in (due.term, due.after, due.before, due.date) if text is not None)
    for part in (*(due.latest_of or ()), *(due.earliest_of or ())):
        yield from texts(part)


def _given(name: str) -> bool:
    return name in ("start", "key", "milestone") or name.startswith(("form.", "param."))


@dataclass(frozen=True)
class Edition:
    """A process definition, checked and compiled. `digest` is the SHA-256 of its text, in hexadecimal."""

    process: Process
    text: str
    digest: str
    sheets: Mapping[str, Sheet]

    @once
    def name(self) -> str:
        """`process@edition`."""
        return self.process.name

    @once
    def parameters(self) -> Mapping[str, Any]:
        """The values of parameters as guards see them; tables by key."""
        return {name: _seen(parameter) for name, parameter in self.process.parameters.items()}

    @once
    def lit_by_kin(self) -> bool:
        """Whether any light reads a parent or children."""
        return any(sheet.lit_by_kin for sheet in self.sheets.values())

    @once
    def zone(self) -> ZoneInfo:
        """The time zone in which its dates are local."""
        return ZoneInfo(self.process.timezone)


def _seen(parameter: Parameter) -> Any:
    if parameter.values is None:
        return _value_seen(parameter.type, parameter.value)
    return {key: _value_seen(parameter.type, value) for key, value in parameter.values.items()}


def _value_seen(kind: FieldType, value: Any) -> Any:
    if kind_of(kind) is Kind.NUMBER:
        return as_number(value)
    return value if kind_of(kind) in (Kind.BOOLEAN, Kind.TEXTS) else str(value)
