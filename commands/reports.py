"""Reports over the record: what a definition declares and nobody has used; and those of `figures.py`."""

from __future__ import annotations

from typing import Any

import click

from commands import figures
from commands.render import answer, local, table
from commands.session import Session


@click.group(help="报告 / Reports.")
def report() -> None:
    """A group: each report is a command of its own."""


@report.command("never-fired", help="定义了而多月没有发生过的 / What is declared and has not happened in months.")
@click.argument("process", help="流程，如 leak / A process of the database, as in leak.")
@click.option("--months", type=click.IntRange(1, 1200), default=12, show_default=True, help="几个月 / How many months.")
@click.pass_obj
def never_fired(on: Session, process: str, months: int) -> None:
    from engine.commands import Refusal
    from workflows.audit.unused import never_fired as look
    from workflows.coverage import said

    with on.desk() as desk:
        found = look(desk, process, months, desk.clock())
    if isinstance(found, Refusal):
        raise on.refused(found)
    edition = found.edition
    told = [_told(each.part, each.last) for each in found.unused]
    if on.json:
        answer(on, {"edition": edition.name, "since": found.since, "tasks": found.tasks, "unused": told})
        return
    since = f"{found.since:%Y-%m-%d}"
    click.echo(
        on.of(
            f"{edition.name}：自 {since} 起，{found.tasks} 项事项中没有发生过的",
            f"{edition.name}: what has not happened since {since} in {found.tasks} tasks",
        )
    )
    rows = [
        (
            each.part.sort.in_(on.lang),
            said(edition, each.part, on.lang),
            local(each.last, edition.zone) if each.last else on.of("从未", "never"),
        )
        for each in found.unused
    ]
    table(on, [("类别", "Sort"), ("名称", "Name"), ("最近一次", "Last")], rows)


def _told(part: Any, last: Any) -> dict[str, Any]:
    return {"body": part.body, "sort": part.sort.value, "name": part.name, "branch": part.branch, "last": last}


figures.add_to(report)
