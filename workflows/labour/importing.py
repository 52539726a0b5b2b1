"""A large list of tasks as a job: looked through, with how far it is; and registered, all or nothing, and once however
often the job begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.commands import Actor, Refusal
from engine.events import Json
from engine.problems import Language
from workflows.cells import Table, tables_apart
from workflows.labour.context import Context, GivenBack, Refused
from workflows.labour.guises import still
from workflows.labour.ports import Labour
from workflows.labour.values import Job
from workflows.office.importing import Wanted, judge, take_in
from workflows.rows import Listed, Row
from workflows.sayings import say


class Gone(Exception):
    """The file that was previewed is not in the database any more."""


def ask_import(
    labour: Labour, wanted: Wanted, file: Mapping[str, str], actors: Sequence[Actor], key: str, lang: Language
) -> Job:
    """Ask for a list to be registered. `file` has the `name` and the `digest` of bytes that the store keeps."""
    return labour.ask("import", _body(wanted, file, actors, key, lang), actors[0].id, name=f"import-{key}")


def ask_look(
    labour: Labour, wanted: Wanted, file: Mapping[str, str], actors: Sequence[Actor], key: str, lang: Language
) -> Job:
    """Ask for a list to be looked through before it is registered."""
    return labour.ask("look", _body(wanted, file, actors, key, lang), actors[0].id, name=f"look-{key}")


def _body(
    wanted: Wanted, file: Mapping[str, str], actors: Sequence[Actor], key: str, lang: Language
) -> dict[str, Json]:
    return {
        "wanted": wanted.to_json(),
        "file": dict(file),
        "actors": [{"id": one.id, "roles": list(one.roles), "units": list(one.units)} for one in actors],
        "key": key,
        "lang": lang,
    }


def look_through(on: Context) -> Mapping[str, Json]:
    """See `workflows.labour.context.Kind`. The result is what would come of registering the list. Begun anew, it looks
    at every row again and tells of those that it had not told of.
    """
    body, desk = on.job.body, on.tools.desk()
    wanted, tables = Wanted(**body["wanted"]), _tables(on)
    told = on.job.done + on.job.failed

    def judged(n: int, row: Row, refusal: Refusal | None) -> None:
        nonlocal told
        if n > told:
            told = n
            on.fate(n, str(row.number), "refused" if refusal else "done")
        if not on.go_on:
            raise GivenBack

    actors = still(on.tools.people, body["actors"], wanted.process)
    try:
        found = judge(desk, wanted, tables, actors, body["lang"], judged=judged)
    except GivenBack:
        if on.cancelled:
            return {}
        raise
    if isinstance(found, Refusal):
        raise Refused(found)
    on.progress()
    return found.to_json()


def _tables(on: Context) -> Sequence[Table]:
    file = on.job.body["file"]
    content = on.tools.desk().store.file(file["digest"])
    if content is None:
        raise Gone(file["digest"])
    tables = tables_apart(file["name"], content)
    on.progress(total=max(1, len(tables[0]) - 1 if tables else 0))
    return tables


def import_list(on: Context) -> Mapping[str, Json]:
    """See `workflows.labour.context.Kind`. The result counts what is registered; where rows are refused, nothing is."""
    body, desk = on.job.body, on.tools.desk()
    wanted, file, tables = Wanted(**body["wanted"]), body["file"], _tables(on)
    actors = still(on.tools.people, body["actors"], wanted.process)
    answer = take_in(desk, wanted, tables, actors, wanted.once(file["digest"], body["key"]))
    if isinstance(answer, Refusal):
        raise Refused(answer)
    if isinstance(answer, Listed):
        edition = desk.latest(wanted.process)
        book = None if isinstance(edition, Refusal) else edition[0]
        for n, each in enumerate(answer.faults, 1):
            on.fate(n, str(each.number), "refused", say(each.refusal, book, body["lang"], wanted.kind))
        return {"registered": 0}
    if not on.job.done:
        for n, task in enumerate(answer, 1):
            on.fate(n, task.id, "done", task.state)
    return {"registered": len(answer)}
