"""What an auditor asks of the record: the history of a task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from commands.render import answer
from commands.session import Session

if TYPE_CHECKING:
    from workflows.audit.history import Entry


@click.command(help="事项历史，每件事一句 / Every event of a task as a sentence.")
@click.argument("task", help="事项编号，见 duban board / The id of a task, as duban board shows it.")
@click.option("--family", is_flag=True, help="连同子事项 / With its children.")
@click.option(
    "--hashes", is_flag=True, help="连同每条记录的哈希和前一条的哈希 / With the hash of each event and the one before."
)
@click.pass_obj
def history(on: Session, task: str, *, family: bool, hashes: bool) -> None:
    from engine.commands import Refusal
    from workflows.audit.history import history as look

    with on.desk() as desk:
        found = look(desk, task, on.lang, family=family)
        if isinstance(found, Refusal):
            raise on.refused(found)
    answer(on, [each.to_json() for each in found], _lines(on, found, hashes=hashes))


def _lines(on: Session, entries: Iterable[Entry], *, hashes: bool) -> Iterator[str]:
    """The edition where it is another one, and a line for each event."""
    pinned: dict[str, str] = {}
    for each in entries:
        event = each.recorded.event
        if pinned.get(event.task) != event.edition:
            pinned[event.task] = event.edition
            yield on.of(f"{event.task}  版次 {event.edition}", f"{event.task}  edition {event.edition}")
        yield f"  {_line(on, each)}"
        if hashes:
            yield on.of(f"      前一条 {each.recorded.prev}", f"      prev {each.recorded.prev}")
            yield on.of(f"      本条   {each.recorded.hash}", f"      hash {each.recorded.hash}")


def _line(on: Session, each: Entry) -> str:
    event = each.recorded.event
    cause = f"  ← {event.cause}" if event.cause else ""
    return f"{each.occurred_at:%Y-%m-%d %H:%M}  {event.ref}{_learned(on, each)}  {each.who}  {each.text}{cause}"


def _learned(on: Session, each: Entry) -> str:
    """When it was recorded, where that is not when it happened; a late entry says so."""
    shown = f"{each.recorded_at:%Y-%m-%d %H:%M}"
    if each.late:
        return on.of(f"  [补录，记于 {shown}]", f"  [late entry, recorded {shown}]")
    if shown == f"{each.occurred_at:%Y-%m-%d %H:%M}":
        return ""
    return on.of(f"  [记于 {shown}]", f"  [recorded {shown}]")
