"""The functions of guards in the logic: what the vocabulary says of their results, and no more.

A function of the history or the calendar is an unknown that is the same for equal arguments. Counts are whole and not
negative; what is still owed is among what was missed, what happened since among what happened; who did it last is
nobody exactly where it never happened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.cel.tree import Node
from engine.guards import logic
from engine.guards.domains import COUNTS, SORTS, Sort, of_field
from engine.guards.parts import Leaf, Part, Truth, Value
from engine.guards.trying import DAYS
from engine.guards.words import said
from engine.vocabulary import FUNCTIONS, NAMES_CHILD, NAMES_DEADLINE, NAMES_TRIGGER

if TYPE_CHECKING:
    from engine.guards.translate import Translator

_NAMED = NAMES_DEADLINE | NAMES_TRIGGER | NAMES_CHILD
_RESULTS = {each.name: SORTS[each.result] for each in FUNCTIONS}


def called(into: Translator, node: Node) -> Part:
    """A call of a function."""
    function = node["function"]
    if "kind" not in node:
        return _count(into, node) if function == "count" else into.opaque(node)
    if function in _NAMED:
        return _named(into, node)
    if function in _EXACT:
        return _EXACT[function](into, node)
    if function in _RESULTS:
        return _any(into, node, function, _RESULTS[function], [into.value(each) for each in node["arguments"]])
    return _of_milestones(into, node)


def leaf(into: Translator, node: Node, sort: Sort, value: Any, ok: Any, arguments: list[Value]) -> Part:
    """Something that was read by a call, with what it was called with."""
    label = said(node)
    into.reading.leaves[label] = Leaf(label, sort, value, ok, (node["function"], tuple(arguments)))
    if sort is Sort.BOOLEAN:
        return Truth(logic.every([ok, value]), logic.every([ok, logic.negated(value)]))
    return Value(sort, value, ok)


def _count(into: Translator, node: Node) -> Part:
    """The members of a list; the letters of a text are not counted here."""
    listed = into.value(node["arguments"][0])
    if listed.sort is not Sort.LIST:
        return into.unknown(node, Sort.NUMBER)
    if isinstance(listed.value, tuple):
        ok = logic.every(member.ok for member in listed.value)
        return Value(Sort.NUMBER, logic.number(float(len(listed.value))), ok)
    if not isinstance(listed.value, str):
        return into.unknown(node, Sort.NUMBER)
    count = logic.constant(f"count({listed.value})", "whole")
    into.reading.facts.append(count >= 0)
    return leaf(into, node, Sort.NUMBER, count, listed.ok, [listed])


def _named(into: Translator, node: Node) -> Part:
    """What is asked of a deadline, a trigger or a kind of children by its name."""
    function, names = node["function"], [str(each.get("value", "")) for each in node["arguments"]]
    value = _about(function, names)
    into.reading.facts += _known(into, function, names, value)
    ok = logic.TRUE
    if function == "due":
        ok = logic.truth(f"ok {said(node)}")
    elif function == "last":
        ok = _about("fired", names) > 0
    return leaf(into, node, _RESULTS[function], value, ok, [Value(Sort.TEXT, name) for name in names])


def _about(function: str, names: list[str]) -> Any:
    label = f"{function}({', '.join(map(repr, names))})"
    if function in COUNTS:
        return logic.constant(label, "whole")
    return logic.constant(label, "boolean" if _RESULTS[function] is Sort.BOOLEAN else "code")


def _known(into: Translator, function: str, names: list[str], value: Any) -> list[Any]:
    facts = [value >= 0] if function in COUNTS else []
    first = names[:1]
    match function:
        case "missed" | "streak":
            facts.append(value <= _about("misses", first))
        case "fired_within" | "fired_since":
            facts.append(value <= _about("fired", first))
        case "open_children":
            facts.append(value <= _about("children", first))
        case "ended_children":
            still = _about("open_children", first)
            facts += [value + still <= _about("children", first), still >= 0]
        case "last" | "actor_of":
            facts.append(_about("fired", first) >= 0)
    if function == "actor_of":
        facts.append((value == into.codes.of("")) == (_about("fired", first) == 0))
    return facts


def _any(into: Translator, node: Node, function: str, sort: Sort, values: list[Value]) -> Part:
    """A function of which nothing is known but that equal arguments give equal results."""
    arguments = [into.as_sort(value, Sort.TEXT) if value.quoted else value for value in values]
    if any(each is None or each.sort is Sort.LIST for each in arguments):
        return into.opaque(node)
    known = [each for each in arguments if each is not None]
    name = f"{function}/{'/'.join(each.sort for each in known)}"
    kept = {Sort.BOOLEAN: "boolean", Sort.NUMBER: "number"}.get(sort, "code")
    value = logic.applied(name, [each.value for each in known], kept)
    return leaf(into, node, sort, value, logic.every(each.ok for each in known), values)


def _of_milestones(into: Translator, node: Node) -> Part:
    """A field of the plan at a key, or at the latest key before it; nothing and 0 where there is none."""
    plan, function = into.sheet.body.milestones, node["function"]
    if plan is None or function not in plan.fields:
        return into.opaque(node)
    key, domain = _key(into, into.value(node["arguments"][0])), of_field(plan.fields[function])
    if domain.sort is Sort.LIST:
        return into.opaque(node)
    kept = {Sort.BOOLEAN: "boolean", Sort.NUMBER: "whole" if domain.whole else "number"}.get(domain.sort, "code")
    value = logic.applied(f"{function}/{key.sort}", [key.value], kept)
    if domain.low is not None:
        into.reading.facts.append(value >= min(domain.low, 0))
    if domain.high is not None:
        into.reading.facts.append(value <= max(domain.high, 0))
    if domain.among is not None:
        into.reading.facts.append(logic.some(value == into.codes.of(name) for name in ("", *sorted(domain.among))))
    known = logic.TRUE if domain.sort is not Sort.BOOLEAN else logic.truth(f"ok {said(node)}")
    return leaf(into, node, domain.sort, value, logic.every([key.ok, known]), [key])


def _key(into: Translator, value: Value) -> Value:
    plan = into.sheet.body.milestones
    assert plan is not None, "asked of a plan"
    sort = Sort.MONTH if plan.key.value == "month" else Sort.DATE
    return into.as_sort(value, sort) or into.as_sort(value, Sort.TEXT) or value


def _days(into: Translator, node: Node) -> Part:
    values = _dates(into, node)
    if values is None:
        return into.opaque(node)
    first, second = values
    ok = logic.every([first.ok, second.ok])
    return Value(Sort.NUMBER, logic.real(second.value - first.value), ok)


def _dates(into: Translator, node: Node) -> list[Value] | None:
    values = [into.as_sort(into.value(each), Sort.DATE) for each in node["arguments"]]
    return [each for each in values if each] if all(values) else None


def _add(into: Translator, node: Node) -> Part:
    """So many days later is exact; other terms are the calendar's."""
    day, amount, *unit = [into.value(each) for each in node["arguments"]]
    day = into.as_sort(day, Sort.DATE) or day
    if day.sort is not Sort.DATE or not unit or unit[0].value not in DAYS:
        return _any(into, node, "add", Sort.DATE, [day, amount, *unit])
    return Value(Sort.DATE, day.value + logic.floored(amount.value), logic.every([day.ok, amount.ok]))


def _extreme(into: Translator, node: Node) -> Part:
    """The latest or the earliest of days that are written out."""
    listed = into.value(node["arguments"][0])
    members = listed.value if isinstance(listed.value, tuple) else ()
    days = [into.as_sort(each, Sort.DATE) for each in members]
    if not days or not all(days):
        return into.opaque(node)
    known = [day for day in days if day]
    best = known[0].value
    for day in known[1:]:
        better = day.value > best if node["function"] == "latest" else day.value < best
        best = logic.chosen(better, day.value, best)
    return Value(Sort.DATE, best, logic.every(day.ok for day in known))


def _date_or(into: Translator, node: Node) -> Part:
    name, other = str(node["arguments"][0].get("value", "")), into.value(node["arguments"][1])
    own, other_day = into.variable(name), into.as_sort(other, Sort.DATE)
    if isinstance(own, Truth) or own.sort is not Sort.DATE or other_day is None:
        return into.opaque(node)
    present = into.present(name)
    return Value(Sort.DATE, logic.chosen(present, own.value, other_day.value), other_day.ok)


def _month_of(into: Translator, node: Node) -> Part:
    day = into.as_sort(into.value(node["arguments"][0]), Sort.DATE)
    if day is None:
        return into.opaque(node)
    month = logic.applied("month_of", [day.value], "code")
    into.bind(day.value, month)
    return Value(Sort.MONTH, month, day.ok)


def _month_end(into: Translator, node: Node) -> Part:
    month = into.as_sort(into.value(node["arguments"][0]), Sort.MONTH)
    if month is None:
        return into.opaque(node)
    day = logic.applied("month_end", [month.value], "code")
    into.bind(day, month.value, end=True)
    return Value(Sort.DATE, day, month.ok)


def _has_milestone(into: Translator, node: Node) -> Part:
    if into.sheet.body.milestones is None:
        return into.opaque(node)
    key = _key(into, into.value(node["arguments"][0]))
    value = logic.applied(f"has_milestone/{key.sort}", [key.value], "boolean")
    return leaf(into, node, Sort.BOOLEAN, value, key.ok, [key])


_EXACT: Mapping[str, Callable[[Translator, Node], Part]] = {
    "add": _add,
    "days": _days,
    "latest": _extreme,
    "earliest": _extreme,
    "date_or": _date_or,
    "month_of": _month_of,
    "month_end": _month_end,
    "has_milestone": _has_milestone,
}
