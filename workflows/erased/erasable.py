"""Which lines may be erased at all. A fact about no person may not: an office could hide it so.

What may go is what a definition marks as personal, and what somebody wrote in words of their own: a field of type
text, the reason of an act, the source of an opening entry. Figures, dates, choices, units, states and times stay, and
so does a text by which a rule decided (its value stands among the operands of that decision), that the public is shown,
or that is never to change. Rows of a plan are facts and persons on one line: they may go where the definition protects
a column of theirs and the task has ended.

What the office issued stays as it was issued, what a refusal saw, and why administrators did something to a task. In
the stream of the organisation what tells of the person of a closed account may go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.chain import parsed
from engine.edition import Sheet
from engine.events import Event, Json
from engine.lines import set_apart
from engine.model.fields import Field, FieldType
from workflows.personal import personal_plan, protected
from workflows.redaction.values import PLAN, REASON, Line, Wanted

VALUES = frozenset({"fields", "form", "set"})
"""Parts that hold values of fields by their names."""

SOURCE = "source"
"""In what an opening entry rests on: words that somebody wrote."""


def may_go(sheet: Sheet, part: str, name: str | None, *, ended: bool, do: str = "fire") -> bool:
    """Whether a line of a task's event may be erased, as far as the definition says. `ended`: its task has ended; `do`:
    what its command asked for.
    """
    if part in VALUES and name is not None:
        return name in protected(sheet) or _in_words(sheet, name)
    if part == PLAN:
        return name is not None and ended and personal_plan(sheet)
    return (part == REASON and do == "fire") or (part, name) == ("opening", SOURCE)


def _in_words(sheet: Sheet, name: str) -> bool:
    """Whether whatever goes by this name is a text, and none that was promised to the public or is never to change."""
    found = [fields[name] for fields in (sheet.body.fields, sheet.forms) if name in fields]
    return bool(found) and all(map(_free, found))


def _free(field: Field) -> bool:
    return field.type is FieldType.TEXT and not (field.public or field.immutable)


def field_of(sheet: Sheet, name: str) -> Field | None:
    """The field of a record or of a form."""
    return sheet.body.fields.get(name) or sheet.forms.get(name)


def nameable(sheet: Sheet, *, ended: bool) -> list[str]:
    """What may be named in an order about a task of this kind."""
    names = [*sheet.body.fields, *sheet.forms]
    found = [name for name in dict.fromkeys(names) if may_go(sheet, "form", name, ended=ended)]
    plan = [PLAN] if may_go(sheet, PLAN, "", ended=ended) else []
    return [*found, REASON, SOURCE, *plan]


def lines_of(
    events: Iterable[tuple[int, str]], wanted: Wanted, names: Mapping[int, Sheet], *, ended: bool
) -> list[Line]:
    """The lines that an order is about, of a task whose events are given as number and text of the payload; `names`
    has the body by which each was recorded.
    """
    found = []
    for seq, payload in events:
        if "\n" not in payload or (wanted.events and seq not in wanted.events):
            continue
        for _, part, name in set_apart(payload.split("\n")):
            if _asked(wanted, part, name) and may_go(names[seq], part, name, ended=ended, do=done(parsed(payload))):
                found.append(Line(seq, part, name))
    return found


def done(told: Mapping[str, Json]) -> str:
    """What the command asked for that an event carries, if it carries one."""
    return str((told.get("command") or {}).get("do", ""))


def _asked(wanted: Wanted, part: str, name: str | None) -> bool:
    return (part if part in (PLAN, REASON) else name) in wanted.names


def decided_by(events: Iterable[Event], names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Which of these names a rule has read with a value, and the event: that value stands among its operands."""
    for event in events:
        for told in event.payload.get("guards") or ():
            for operand, value in told["saw"].items():
                record, _, name = str(operand).partition(".")
                if record in ("task", "form") and name in names and value not in (None, "", [], {}):
                    yield name, event.ref


def words_in(value: Json) -> Iterator[str]:
    """The texts in a value, at any depth, that are long enough to be looked for."""
    if isinstance(value, str):
        if len(value) >= 2:
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from words_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from words_in(part)
