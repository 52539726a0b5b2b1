"""What a demonstration tells while it is lived through, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.render import STYLES
from commands.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from workflows.demo.year import Month, Year


@contextmanager
def shown_progress(on: Session) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each year, on stderr, so that the output stays clean."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), disable=on.json) as bar:
        bars: dict[str, Any] = {}

        def told(name: str, done: int, of: int) -> None:
            if name not in bars:
                bars[name] = bar.add_task(name, total=of)
            bar.update(bars[name], completed=done)

        yield told


def kept_in(into: Path, year: Year) -> dict[str, Any]:
    """Write every publication into the folder; returns the year in figures."""
    files = []
    for event in year.publications():
        told = event.payload
        file = into / "publications" / f"{event.task}-{told['publication']}-{told['key']}.txt"
        words = told["text"]
        file.write_text(f"{words['zh']}\n\n{'-' * 40}\n\n{words['en']}\n", encoding="utf-8")
        files.append(file.name)
    months = [{"end": month.end.isoformat(), **_counted(month)} for month in year.months]
    return {"edition": year.edition.name, "events": year.events, "months": months, "publications": files}


def _counted(month: Month) -> dict[str, dict[str, int]]:
    states, lights = month.counts()
    return {"states": dict(states), "signals": dict(lights)}


def show(on: Session, console: Console, year: Year) -> None:
    """A year, month by month."""
    title = year.edition.process.title.title(on.lang)
    console.rule(f"[bold]{title}  {year.edition.name}")
    console.print(year.story.zh if on.lang == "zh" else year.story.en)
    for month in year.months:
        _show_month(on, console, year, month)


def _show_month(on: Session, console: Console, year: Year, month: Month) -> None:
    """How things stood at the end of a month."""
    from engine.titles import COLOURS

    states, lights = month.counts()
    titles = year.edition.process.states
    board = " · ".join(f"{titles[name].title(on.lang)} {states[name]}" for name in titles if states[name])
    shown = " ".join(
        f"[{STYLES[light]}]● {COLOURS[light].in_(on.lang)} {lights[light]}[/]" for light in STYLES if lights[light]
    )
    from rich.markup import escape

    console.print(f"\n[bold]{month.end:%Y-%m}[/]  {board or '—'}   {shown}")
    for day, tasks, said in year.lines(month, on.lang):
        console.print(f"  {day:%m-%d} {_whose(on, year, tasks)}  {escape(said)}")
    if month.reminders():
        console.print(on.of(f"  提醒 {month.reminders()} 次", f"  {month.reminders()} reminders"), style="dim")


def _whose(on: Session, year: Year, tasks: tuple[str, ...]) -> str:
    """Of whom something is said: a task by its number and title, or how many tasks."""
    from rich.markup import escape

    short = [task.removeprefix(f"{year.edition.process.process}-") for task in tasks]
    if len(tasks) > 1:
        return f"[cyan]{short[0]}…{short[-1]}[/] " + on.of(f"共 {len(tasks)} 项", f"{len(tasks)} tasks")
    title = year.titles[tasks[0]]
    return f"[cyan]{short[0]}[/]" + (f" {escape(title)}" if title != tasks[0] else "")


def farewell(on: Session, into: Path, url: str, years: list[Year]) -> None:
    """What was left behind, and what to do with it."""
    from workflows.demo.year import busiest

    events = sum(year.events for year in years)
    papers = sum(1 for year in years for _ in year.publications())
    task = busiest(years)
    click.echo()
    click.echo(
        on.of(
            f"全部 {events} 个事件在 {into / 'duban.db'}，{papers} 份通报在 {into / 'publications'}。接着可以试：",
            f"All {events} events are in {into / 'duban.db'}, "
            f"{papers} publications in {into / 'publications'}. Now try:",
        )
    )
    for command in (f"history {task}", "board --at 2022-07-01", f"show {task}", "verify", "seal head"):
        click.echo(f"  duban --db {url} {command}")
