"""A list of tasks enters at the command line: all of it, or none and every fault in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.files import unread
from commands.render import answer
from commands.session import No, Session

if TYPE_CHECKING:
    from engine.edition import Edition
    from workflows.listing import ListProblem
    from workflows.rows import Listed

UNDER_WAY = (
    "在办事项：另有“状态”“due:时限”“依据”三种列 / "
    "Tasks that are under way: with columns state, due:DEADLINE and source."
)

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

PROCESS = "流程标识，或 流程@版次，见 duban editions / The process, or process@edition, as duban editions shows it."


@click.command(help="登记事项清单（.xlsx 或 .csv），全部登记或全不登记 / Register a list of tasks, all or none.")
@click.argument("process", help=PROCESS)
@click.argument("list_", metavar="LIST", type=FILE, help="清单，.xlsx 或 .csv / The list, .xlsx or .csv.")
@click.option("--opening", is_flag=True, help=UNDER_WAY)
@click.option("--programme", metavar="ID", help="所属专项的编号 / The id of the programme that they are part of.")
@click.option("--programmes", is_flag=True, help="清单里是专项，不是事项 / The list is of programmes, not of tasks.")
@click.pass_obj
def register(on: Session, process: str, list_: Path, programme: str | None, *, opening: bool, programmes: bool) -> None:
    from engine.commands import Refusal
    from workflows.office.lists import read
    from workflows.office.registering import register as enter
    from workflows.rows import Listed

    kind = "programme" if programmes else ""
    with on.desk() as desk:
        found = desk.to_pin(process)
        if isinstance(found, Refusal):
            raise on.refused(found)
        edition = found[0]
        if kind not in edition.sheets:
            raise on.refused(Refusal("no_programme", {"edition": edition.name}))
        _check_format(on, list_)
        try:
            listed = read(list_, edition.sheets[kind].body, opening=opening, part_of=programme)
        except (OSError, ValueError) as error:
            raise unread(on, list_, error) from error
        if listed.problems:
            raise _unreadable(on, listed.problems, list_.name)
        name = edition.process.process
        entered = on.tried(desk, name, lambda actor: enter(desk, process, listed.rows, actor, kind=kind))
    if isinstance(entered, Refusal):
        raise on.refused(entered, edition)
    if isinstance(entered, Listed):
        raise _faults(on, entered, edition, list_.name)
    ids = [task.id for task in entered]
    said = on.of(f"已登记 {len(ids)} 项：", f"Registered {len(ids)}: ") + ", ".join(ids)
    answer(on, {"registered": ids}, [said])


LISTS = (".csv", ".xlsx", ".xls", ".ods")


def _check_format(on: Session, list_: Path) -> None:
    """A list is a spreadsheet; anything else is told before it is opened."""
    if list_.suffix.lower() not in LISTS:
        raise on.no(
            f"{list_} 不是清单；清单是 .xlsx 或 .csv 文件，请另存为其中一种。",
            f"{list_} is no list; a list is a file in .xlsx or .csv, save it as one of them.",
        )


def _unreadable(on: Session, problems: Sequence[ListProblem], file: str) -> No:
    """Every cell that cannot be what its column says."""
    lines = [f"{file}: {problem.text(on.lang)}" for problem in problems]
    told = [{"row": each.row, "columns": [each.column], "message": each.message.in_(on.lang)} for each in problems]
    return _nothing(on, lines, told)


def _nothing(on: Session, lines: Sequence[str], told: Sequence[Mapping[str, Any]]) -> No:
    last = on.of("一项也没有登记；请改正后再登记。", "Nothing was registered; correct the list and register again.")
    return No("\n".join([*lines, last]), {"refused": {"code": "list", "faults": told}} if on.json else None)


def _faults(on: Session, listed: Listed, edition: Edition, file: str) -> No:
    """Every fault of a list with its row and column."""
    from engine.titles import Titles
    from workflows.sayings import say

    titles = Titles(edition, on.lang)
    lines, told = [], []
    for fault in listed.faults:
        columns = titles.listed([titles.field(name) for name in fault.columns]) if fault.columns else ""
        message = say(fault.refusal, edition, on.lang)
        where = on.of(f"第 {fault.number} 行", f"row {fault.number}") + (f" [{columns}]" if columns else "")
        lines.append(f"{file}: {where}: {message}")
        told.append({"row": fault.number, "columns": fault.columns, "code": fault.refusal.code, "message": message})
    return _nothing(on, lines, told)
