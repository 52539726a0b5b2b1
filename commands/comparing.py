"""What an author asks before publishing: how two editions differ in meaning, and whom the change touches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.render import answer
from commands.session import Session, wrong

if TYPE_CHECKING:
    from engine.edition import Edition
    from workflows.authoring.diff import Diff
    from workflows.desk import Desk

EDITION = "process.yaml、其所在文件夹，或 流程@版次 / A definition, its folder, or PROCESS@EDITION of the database."


@click.command(help="比较两个版次：改了什么、影响谁 / How two editions differ in meaning, and whom it touches.")
@click.argument("before", help=EDITION)
@click.argument("after", help=EDITION)
@click.option("--limit", default=10, show_default=True, help="每项列出多少个事项 / So many tasks for each change.")
@click.option("--offset", default=0, help="从第几个事项列起 / Beginning with this one.")
@click.pass_context
def diff(ctx: click.Context, before: str, after: str, limit: int, offset: int) -> None:
    from workflows.authoring.diff import compare

    on: Session = ctx.obj
    with ExitStack() as stack:
        asked = _asks_database(ctx, before, after)
        desk = stack.enter_context(on.desk()) if asked else None
        one, other = _edition(on, before, desk), _edition(on, after, desk)
        found = compare(one, other)
        told = _told(on, found, one, other, desk)
    answer(on, told, _lines(on, told, slice(offset, offset + limit)))


def _asks_database(ctx: click.Context, *names: str) -> bool:
    """Whether a database is meant: one is named, or an edition in it."""
    source = ctx.parent.get_parameter_source("db") if ctx.parent else None
    named = source in (click.core.ParameterSource.COMMANDLINE, click.core.ParameterSource.ENVIRONMENT)
    return named or any("@" in name and not Path(name).exists() for name in names)


def _edition(on: Session, name: str, desk: Desk | None) -> Edition:
    if desk is not None and "@" in name and not Path(name).exists():
        try:
            return desk.book(name)[0]
        except LookupError:
            known = ", ".join(f"{each.process}@{each.edition}" for each in desk.store.editions())
            raise wrong(f"库中没有 {name}；现有 {known}。", f"There is no {name} here; known: {known}.") from None
    return _from_file(on, Path(name))


def _from_file(on: Session, file: Path) -> Edition:
    from commands.authoring import bad, text_of
    from engine.problems import errors
    from workflows.sources import load_process

    loaded = load_process(text_of(file))
    if loaded.edition is None:
        raise bad(on, errors(loaded.problems))
    return loaded.edition


def _told(on: Session, found: Diff, one: Edition, other: Edition, desk: Desk | None) -> dict[str, Any]:
    from workflows.authoring.diff.touching import fates, open_tasks, touched

    tasks = open_tasks(desk, one) if desk is not None else []
    changes = [
        {
            "what": each.what,
            "body": each.kind,
            "part": each.part,
            "name": each.name,
            "said": each.said.in_(on.lang),
            **({"tasks": touched(each, tasks)} if desk is not None else {}),
        }
        for each in found.changes
    ]
    told: dict[str, Any] = {"before": found.before, "after": found.after, "changes": changes}
    if desk is not None:
        told |= {"open_tasks": len(tasks), "deadlines": [*_fates(on, fates(desk, found, other, tasks))]}
    return told


def _fates(on: Session, fates: Any) -> Iterator[dict[str, Any]]:
    for each in fates:
        yield {
            "task": each.task,
            "deadline": each.deadline,
            "key": each.key,
            "before": each.before,
            "after": each.after,
            "gone": each.gone,
            "why": each.why.in_(on.lang),
        }


def _lines(on: Session, told: dict[str, Any], page: slice) -> Iterator[str]:
    yield f"{told['before']} → {told['after']}"
    if not told["changes"]:
        yield on.of("含义相同。", "No difference in meaning.")
    for each in told["changes"]:
        yield f"- {each['said']}"
        if each.get("tasks"):
            yield "  " + _tasks(on, each["tasks"], page)
    yield from _dates(on, told.get("deadlines", ()), page)


def _tasks(on: Session, ids: Sequence[str], page: slice) -> str:
    listed = ", ".join(ids[page]) + (" …" if len(ids) > page.stop else "")
    return on.of(f"涉及未结事项 {len(ids)} 个：{listed}", f"open tasks that it touches, {len(ids)}: {listed}")


def _dates(on: Session, fates: Sequence[dict[str, Any]], page: slice) -> Iterator[str]:
    if fates:
        yield on.of(
            f"按新版，在办时限有 {len(fates)} 个变化：", f"By the later edition {len(fates)} open deadlines change:"
        )
    none = on.of("无", "none")
    for each in fates[page]:
        name = f"{each['task']} {each['deadline']}" + (f"/{each['key']}" if each["key"] else "")
        yield f"  {name}: {each['before'] or none} → {each['after'] or none} ({each['why']})"
    if len(fates) > page.stop:
        yield "  …"
