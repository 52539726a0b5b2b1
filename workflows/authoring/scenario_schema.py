"""The JSON Schema of files of scenarios, for editors that complete and mark while one types (draft 2020-12).

It is looser than the reader, which alone knows names and dates.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from engine.schema import DIALECT
from workflows.authoring.grammar import Scenario

_SENTENCES = """
scenario: its name, unique in the file | zh: the Chinese title | en: the English title
rules: the requirements that it shows | given: the task as it is registered | steps: what happens then
at: a local time, as 2022-04-28 16:00 | as: who does it, a role | kind: programme, where it is about one
fields: the record, or what is expected of it | milestones: the plan, by key | opening: a task already under way
programme: a programme that is registered first | units: the organisation, or whose it was
refused: it is refused with this code | expect: what is expected then | do: the trigger that is fired
on: a member of the family | with: the form | occurred_at: of a late entry, when it happened | reason: why it is late
state: the state | signal: the light | ended: whether it has ended | deadlines: deadlines by name
measures: measures by name | reminded: deadlines that sent a reminder | notices: notices raised in this step
publications: publications ordered in this step | opened: kinds of children opened in this step
events: types of events of this step | absent: what must not be there | due: the last day in time
status: its status | provisional: whether it hangs on days not yet announced | days_late: calendar days late
working_days_late: working days late | minutes_late: minutes late | role: the role | person: who
roles: other roles of that person | level: the level of a unit | over: the unit over it | source: where it comes from
"""
DESCRIPTIONS: dict[str, str] = dict(
    entry.strip().split(": ", 1) for line in _SENTENCES.strip().splitlines() for entry in line.split(" | ")
)
"""One sentence for each key of scenarios."""


def json_schema() -> dict[str, Any]:
    """The schema as plain JSON data: a list of scenarios."""
    schema = TypeAdapter(tuple[Scenario, ...]).json_schema(by_alias=True)
    definitions = schema.pop("$defs")
    for each in definitions.values():
        if "properties" in each:
            each["properties"] = {key: _property(key, inner) for key, inner in each["properties"].items()}
    return {"$schema": DIALECT, **schema, "title": "Duban scenarios", "$defs": definitions}


def _property(key: str, schema: dict[str, Any]) -> dict[str, Any]:
    """With the short forms: a role for whoever acts, one text for a list of them."""
    loose = {name: value for name, value in schema.items() if name != "title"}
    if key == "as":
        loose = {"anyOf": [{"type": "string"}, loose]}
    elif loose.get("type") == "array" and key != "steps":
        loose = {"anyOf": [loose["items"], loose]}
    return {"description": DESCRIPTIONS[key], **loose}
