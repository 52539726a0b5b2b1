"""How answers look: tables for people by rich, one JSON document for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from commands.session import No, Session, as_text, tame
from engine.reasons import reason_of

if TYPE_CHECKING:
    from workflows.authoring.standings import Line

STYLES = {
    "red": "red",
    "orange": "dark_orange",
    "yellow": "yellow",
    "blue": "blue",
    "green": "green",
    "unknown": "grey50",
}
"""How the lights look; their names stand in `engine.titles`."""

OUT = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="写入文件，否则输出 / Written to this file instead of printed.",
)
"""Where what a command makes is written, if it is not printed."""


def answer(on: Session, told: object, lines: Iterable[str] = ()) -> None:
    """Print what was done: as JSON, or as lines for people."""
    if on.json:
        click.echo(as_text(told))
        return
    for line in lines:
        click.echo(tame(line))


@contextmanager
def bar(on: Session, zh: str, en: str) -> Iterator[Callable[[int, int], None]]:
    """What tells people at a terminal how much is done, of how much; nobody else reads it."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=on.json or not console.is_terminal) as shown:
        task = shown.add_task(on.of(zh, en), total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def fallen(on: Session, error: Exception, option: str) -> No:
    """What is told where a process fell that was at work."""
    why = reason_of(error)
    return on.no(
        f"未能完成：{why.zh}。多半是内存不足或数据库没有响应；请减少 --processes，再用 {option} 从停下处继续。",
        f"It did not come to its end: {why.en}. Mostly memory ran out, or the database does not answer; name fewer"
        f" --processes, and go on with {option} from where it stopped.",
    )


def table(on: Session, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table for people; columns have a Chinese and an English heading."""
    from rich.console import Console
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold")
    for zh, en in columns:
        made.add_column(on.of(zh, en), overflow="fold")
    for row in rows:
        made.add_row(*(_cell(value) for value in row))
    console = Console(soft_wrap=False)
    if not console.is_terminal:
        console = Console(width=200)
    console.print(made)


def _cell(value: Any) -> Any:
    from rich.text import Text

    return value if isinstance(value, Text) else Text("" if value is None else tame(str(value)))


def light(on: Session, name: str | None) -> Any:
    """A light by its word and in its colour."""
    from rich.text import Text

    from engine.titles import COLOURS

    return Text(COLOURS[name].in_(on.lang), style=STYLES.get(name, "")) if name and name in COLOURS else ""


def lines_of(found: Iterable[Line], zone: ZoneInfo | None) -> Iterator[str]:
    """What was done to an edition, a migration or a calendar, a line each."""
    for each in found:
        yield f"  {local(each.entry.recorded_at, zone)}  {each.ref}  {each.entry.actor}  {each.text}"


def local(moment: datetime | None, zone: ZoneInfo | None) -> str:
    """An instant to the minute, in the zone of the process."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""
