"""The JSON Schema of the language, for editors that complete and mark while one types (draft 2020-12).

The models know the long forms; people write short ones too, and the schema accepts both. It is looser than the loader,
which alone knows names and expressions.
"""

from __future__ import annotations

from typing import Any

from engine.model import Process
from engine.model.process import COLOURS
from engine.model.shared import LISTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_STRICT_LISTS = frozenset({"transitions", "signals", "properties", "latest_of", "earliest_of", "scenarios"})
_SHORT = frozenset({"By", "MetBy", "Reminder", "Branch", "Due", "Starts"})
_SENTENCES = """
process: the name of the process, for ever | edition: the edition of this text
title: the title in both languages | source: the document that the process follows
timezone: the time zone of its dates | calendar: its working calendar
parameters: named values that the source leaves open | roles: who may act
programme: what the tasks are part of | scenarios: files of stories to check
exhortations: rules that no machine can keep | fields: the typed fields | milestones: the nodes of a plan
registration: how a task enters | states: the states | transitions: who may do what
deadlines: who owes what by when | measures: named expressions | signals: the light, the first rule that holds
notices: messages with names | publications: documents on the programme | children: small processes of their own
properties: claims to be proved | zh: the Chinese title | en: the English title
rule: the rules that this serves | type: what it holds | required: whether it must be filled in
default: its value where none is given | immutable: never changes after registration
written_by: transitions alone write it, never whoever registers
personal: protected by law | public: may be published
cites: says what the task rests on | choices: its values | columns: the columns of its rows
unit: the unit of a quantity, or whose unit a role means | minimum: the least value
maximum: the greatest value | key: what names an occurrence or a row | value: a value or an expression
values: a table of values by key | note: a remark for readers | backdate: may enter late what happened before
initial: the task begins here | final: the task ends here | over: children or members to measure
count: a condition to count | sum: an expression to add up | where: only those for which it holds
scored_by: the number in the record whose changes are its causes
by: who, or which trigger | colour: the colour shown | when: a condition | text: a template | every: a cadence
audience: who may read it | template: the Word file to fill in | number: how documents are numbered
organ: in whose name documents go out | copies: the roles whose units get a copy
marks: what it bears at its head | secrecy: its degree of secrecy | urgency: how urgent it is
copy_number: the number of the copy | attendance: who was there, a line for each part
wait_for: all, any or a number of children | fire: the trigger to fire
in: in these states | unique: what makes it unique | among: unique among open tasks or ever
then: what follows | name: what it is called
never: what never happens | always: what always holds | from: from these states, or the first period
reaches: one of these states follows | within: a term | can_reach: these states stay reachable
guards_total: every guard has an answer where it is asked
no_starvation: no deadline starves another | on_parent_end: what the end of the parent does
cancelled: the final state of a cancelled child | on_end: what its end does to the parent
owed_by: the role that owes it | open_to: the role whose right it is | starts: what starts it
while: the states in which it recurs | for_each: one for each of these | due: the date as a rule
pause: what stops the clock | restart_by: triggers that start it anew | cancelled_by: triggers that cancel it
extend: who may give more time | met_by: what meets it | remind: terms before it at which to remind
remind_at: the local time of reminders | notice: the message that is sent | missed: what a missed duty fires
lapsed: what a lapsed right fires | excused: what an excused miss fires | catch_up: what happens after an outage
advisory: it only reminds
registered: starts with registration | triggers: starts with these triggers
enter: starts on entering these states | term: an amount of time | after: the anchor it follows
before: the anchor it precedes | date: a date or an expression | latest_of: the latest of several
earliest_of: the earliest of several | roll: where a day off moves to | at: a local time, or the stated date
including: whether the day itself counts | count_start: whether the first day counts
until: until this trigger or period | while_open: while such a child is open | up_to: the cap in all
amount: how much more | to: where it leads, or whom it reaches | at_most: how many times
hours: the hours of a day in which it may be sent | on_days: the days on which it may be sent
digest: whether it waits for the next day's opening | urgent: it is sent at once, whatever the hour
before_due: only before it is due | trigger: its trigger | for: the key that it names | role: a role
not: someone who may not | same_person: why no second person is asked for
not_before: from this day | not_after: through this day
set: fields and their new values | open: the kind of child to open | with: the child's fields
as: the child's field for each item | on: task, parent, or a kind of children | publish: the publication to issue
state: a state | otherwise: where nothing else holds | form: what is asked for | window: when it is possible
refusal: the words of a refusal | milestone: the row of the plan to change | month_end: on the month's last day
day: on this day of the month | working_day: on this working day | weekday: on this day of the week
days: every so many days | weeks: every so many weeks | working_days: every so many working days
of: the period it repeats by | month: which month of the period | following: in the period that follows
"""
DESCRIPTIONS: dict[str, str] = dict(
    entry.strip().split(": ", 1) for line in _SENTENCES.strip().splitlines() for entry in line.split(" | ")
)
"""One sentence for each key of the language, whichever model it belongs to."""


def json_schema() -> dict[str, Any]:
    """The schema as plain JSON data."""
    schema = Process.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs")
    for each in (schema, *definitions.values()):
        if "properties" in each:
            each["properties"] = {key: _property(key, inner) for key, inner in each["properties"].items()}
    definitions["Signal"] = _signal(definitions["Signal"])
    for named in (definitions["Publication"]["properties"]["text"], *_lists(definitions["Field"]["properties"])):
        named["anyOf"].insert(0, {"type": "string"})
    return {"$schema": DIALECT, **schema, "title": "Duban process definition", "$defs": definitions}


def _lists(field: dict[str, Any]) -> list[dict[str, Any]]:
    return [field[key] for key in LISTS]


def _property(key: str, schema: dict[str, Any]) -> dict[str, Any]:
    loose = {name: value for name, value in _loosened(schema).items() if name != "title"}
    if loose.get("type") == "array" and key not in _STRICT_LISTS:
        default = {"default": loose.pop("default")} if "default" in loose else {}
        loose = {"anyOf": [loose["items"], loose], **default}
    return {"title": key.replace("_", " "), "description": DESCRIPTIONS[key], **loose}


def _loosened(schema: Any) -> Any:
    """With the short forms that stand for models, and numbers and truth values where expressions may stand."""
    if isinstance(schema, list):
        return [_loosened(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name in _SHORT:
        text = {"type": "string", "minLength": 1}
        lists = [{"type": "array", "items": text}] if name == "Starts" else []
        return {"anyOf": [text, *lists, schema]}
    if schema.get("type") == "string" and schema.get("maxLength") == 4000:
        return {**schema, "type": ["string", "number", "boolean"]}
    closed = {"additionalProperties": False} if "patternProperties" in schema else {}
    return {key: _loosened(value) for key, value in schema.items()} | closed


def _signal(long: dict[str, Any]) -> dict[str, Any]:
    """`{red: CONDITION}` beside `{colour: red, when: CONDITION}`."""
    guard, rule = long["properties"]["when"], long["properties"]["rule"]
    short = [
        {
            "type": "object",
            "properties": {colour: {**guard, "title": colour}, "rule": rule},
            "required": [colour],
            "additionalProperties": False,
        }
        for colour in COLOURS
    ]
    return {"description": "One rule of the light", "anyOf": [*short, long]}
