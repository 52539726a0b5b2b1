"""How answers look: tables for people by rich, one JSON document for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from commands.session import Session, as_text

COLOURS = {"red": "red", "orange": "dark_orange", "yellow": "yellow", "blue": "blue", "green": "green"}


def answer(on: Session, told: object, lines: Iterable[str] = ()) -> None:
    """Print what was done: as JSON, or as lines for people."""
    if on.json:
        click.echo(as_text(told))
        return
    for line in lines:
        click.echo(line)


def table(on: Session, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table for people; columns have a Chinese and an English heading. A column named 灯 shows colours."""
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

    shown = "" if value is None else str(value)
    return Text(shown, style=COLOURS.get(shown, ""))


def local(moment: datetime | None, zone: ZoneInfo | None) -> str:
    """An instant to the minute, in the zone of the process."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""
