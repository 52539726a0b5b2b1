"""A large list of tasks, registered as a job: all or nothing, and once however often the job begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.commands import Actor, Refusal
from engine.events import Json
from engine.problems import Language
from workflows.cells import tables_apart
from workflows.labour.context import Context, Refused
from workflows.labour.guises import still
from workflows.labour.ports import Labour
from workflows.labour.values import Job
from workflows.office.importing import Wanted, take_in
from workflows.office.registering import Listed
from workflows.office.sayings import say


class Gone(Exception):
    """The file that was previewed is not in the database any more."""


def ask_import(
    labour: Labour, wanted: Wanted, file: Mapping[str, str], actors: Sequence[Actor], key: str, lang: Language
) -> Job:
    """Ask for a list to be registered. `file` has the `name` and the `digest` of bytes that the store keeps."""
    body: dict[str, Json] = {
        "wanted": wanted.to_json(),
        "file": dict(file),
        "actors": [{"id": one.id, "roles": list(one.roles), "units": list(one.units)} for one in actors],
        "key": key,
        "lang": lang,
    }
    return labour.ask("import", body, actors[0].id, name=f"import-{key}")


def import_list(on: Context) -> Mapping[str, Json]:
    """See `workflows.labour.context.Kind`. The result counts what is registered; where rows are refused, nothing is."""
    body, desk = on.job.body, on.tools.desk()
    wanted, file = Wanted(**body["wanted"]), body["file"]
    content = desk.store.file(file["digest"])
    if content is None:
        raise Gone(file["digest"])
    tables = tables_apart(file["name"], content)
    on.progress(total=max(1, len(tables[0]) - 1 if tables else 0))
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
