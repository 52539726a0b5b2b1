"""Lists of units and users at the command line, and what their commands have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from commands.files import unread
from commands.render import answer
from commands.session import No, Session

if TYPE_CHECKING:
    from pathlib import Path

    from engine.commands import Refusal
    from engine.model import Field
    from workflows.listing import ListRow
    from workflows.people.lists import Imported
    from workflows.rows import Listed

T = TypeVar("T")


def required(on: Session, outcome: T | Refusal) -> T:
    """The outcome, unless it is a refusal: then that is the answer."""
    from engine.commands import Refusal

    if isinstance(outcome, Refusal):
        raise on.refused(outcome)
    return outcome


def read_list(on: Session, file: Path, columns: Mapping[str, Field]) -> Sequence[ListRow]:
    """The rows of a list; every cell that cannot be what its column says is told at once."""
    from workflows.people.lists import read

    try:
        found = read(file, columns)
    except (OSError, ValueError) as error:
        raise unread(on, file, error) from error
    if found.problems:
        lines = [f"{file.name}: {each.text(on.lang)}" for each in found.problems]
        told = [
            {"row": each.row, "column": each.column, "message": each.message.in_(on.lang)} for each in found.problems
        ]
        raise _nothing(on, lines, told)
    return found.rows


def entered(on: Session, done: Imported | Listed, file: Path) -> None:
    """Say who or what has entered, or every fault at its row."""
    from workflows.rows import Listed
    from workflows.sayings import say

    if isinstance(done, Listed):
        said = [(each.number, each.refusal.code, say(each.refusal, None, on.lang)) for each in done.faults]
        lines = [f"{file.name}: {on.of(f'第 {row} 行', f'row {row}')}: {message}" for row, _, message in said]
        raise _nothing(on, lines, [{"row": row, "code": code, "message": message} for row, code, message in said])
    names = list(done.names)
    answer(on, {"imported": names}, [on.of(f"已导入 {len(names)} 个：", f"Imported {len(names)}: ") + ", ".join(names)])


def _nothing(on: Session, lines: Sequence[str], told: Sequence[Mapping[str, object]]) -> No:
    last = on.of("一个也没有导入；请改正后再导入。", "Nothing was imported; correct the list and import it again.")
    return No("\n".join([*lines, last]), {"refused": {"code": "list", "faults": told}} if on.json else None)
