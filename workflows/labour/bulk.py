"""One action on many tasks: each is fired under a key of its own, so that a job that begins anew does nothing twice,
and what became of each is reported; none is skipped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from engine.commands import Actor, Refusal
from engine.events import Json
from engine.problems import Language
from workflows.desk import Desk
from workflows.labour.context import Context, GivenBack
from workflows.labour.guises import still
from workflows.labour.ports import Labour
from workflows.labour.values import Job
from workflows.office.firing import Act, fire
from workflows.office.sweeping import DAMAGED
from workflows.sayings import plainly

MOST = 10_000
"""Tasks of one job."""

AGAIN = 50
"""After how many tasks it is looked again at what whoever asked still holds."""


def ask_bulk(
    labour: Labour,
    tasks: Sequence[str],
    trigger: str,
    form: Mapping[str, Json],
    actors: Sequence[Actor],
    *,
    lang: Language = "zh",
    name: str | None = None,
    files: Collection[str] = (),
) -> Job | Refusal:
    """Ask for a bulk action. `actors` are the guises of one person (`people.rights.actors`): each task is fired in the
    first that is not refused, as far as it is still held then. Reasons are told in `lang`. `files` are the digests of
    those that the person has shown to be theirs. Refuses more than `MOST` tasks, or none.
    """
    if not 0 < len(tasks) <= MOST:
        return Refusal("too_many_tasks", {"count": len(tasks), "most": MOST})
    body: dict[str, Json] = {
        "tasks": list(dict.fromkeys(tasks)),
        "trigger": trigger,
        "form": dict(form),
        "actors": [{"id": one.id, "roles": list(one.roles), "units": list(one.units)} for one in actors],
        "lang": lang,
        "files": sorted(files),
    }
    return labour.ask("bulk", body, actors[0].id, name=name)


def bulk(on: Context) -> Mapping[str, Json]:
    """See `workflows.labour.context.Kind`. Goes on after the last fate that was written; what was done after that is
    asked again under its key and answers as it did.
    """
    tasks: list[str] = on.job.body["tasks"]
    desk = replace(on.tools.desk(), vouched=set(on.job.body["files"]))
    actors, process = list[Actor](), _process(desk, tasks)
    on.progress(total=len(tasks))
    for n in range(on.job.done + on.job.failed + 1, len(tasks) + 1):
        if not on.go_on:
            break
        if not actors or n % AGAIN == 0:
            actors = still(on.tools.people, on.job.body["actors"], process)
        _one(on, desk, n, tasks[n - 1], actors)
    on.progress()
    if on.stopping() and not on.cancelled:
        raise GivenBack
    return {}


def _process(desk: Desk, tasks: Sequence[str]) -> str:
    """The process of these tasks, of which all are: that of the first that is there."""
    found = next((task for name in tasks if (task := desk.store.task(name)) is not None), None)
    return found.edition.partition("@")[0] if found else ""


def _one(on: Context, desk: Desk, n: int, task: str, actors: Sequence[Actor]) -> None:
    """Fire one task in the first guise that may."""
    refusal: Refusal | None = None
    for number, actor in enumerate(actors):
        key = f"{on.job.id}/{n}" if number == 0 else f"{on.job.id}/{n}/{number}"
        answer = _fired(desk, Act(task, on.job.body["trigger"], on.job.body["form"], actor, key=key))
        if isinstance(answer, Exception):
            on.fate(n, task, "failed", f"{type(answer).__name__}: {answer}")
            return
        if not isinstance(answer, Refusal):
            on.fate(n, task, "done", answer)
            return
        refusal = refusal or answer
    assert refusal is not None, "somebody acts"
    on.fate(n, task, "refused", _said(desk, task, refusal, on.job.body["lang"]))


def _fired(desk: Desk, act: Act) -> str | Refusal | Exception:
    """The state after it, a refusal, or the damage that stands in its way: one task's damage is not the others'."""
    try:
        outcome = fire(desk, act)
    except DAMAGED as error:
        return error
    return outcome if isinstance(outcome, Refusal) else outcome.state


def _said(desk: Desk, task: str, refusal: Refusal, lang: Language) -> str:
    found = desk.store.task(task)
    edition = desk.book(found.edition)[0] if found else None
    return plainly(refusal, edition, lang, found.kind if found else "")
