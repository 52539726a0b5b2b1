"""What an auditor asks of the record: the history of a task, and what auditors themselves have read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from re import fullmatch
from typing import TYPE_CHECKING, Any

import click

from commands.past import AT, KNOWN_AT, asked, rules_then
from commands.render import answer, lines_of, local, table
from commands.session import Session
from commands.times import zone_of

if TYPE_CHECKING:
    from datetime import datetime

    from workflows.audit.history import Entry
    from workflows.desk import Desk


SUBJECT = (
    "事项编号，见 duban board；或版次、迁移，如 leak@2、leak-m1"
    " / The id of a task, as duban board shows it; or an edition or a migration, as in leak@2 and leak-m1."
)


@click.command(help="事项或版次的历史，每件事一句 / Every event of a task, or of an edition, as a sentence.")
@click.argument("task", help=SUBJECT)
@click.option("--family", is_flag=True, help="连同子事项 / With its children.")
@click.option(
    "--hashes", is_flag=True, help="连同每条记录的哈希和前一条的哈希 / With the hash of each event and the one before."
)
@AT
@KNOWN_AT
@click.pass_obj
def history(on: Session, task: str, at: str | None, known_at: str | None, *, family: bool, hashes: bool) -> None:
    from engine.commands import Refusal
    from workflows.audit.history import history as look

    if "@" in task or fullmatch(r".+-m\d+", task):
        _life(on, task, at, known_at)
        return
    with on.desk() as desk:
        found = look(desk, task, on.lang, family=family)
        if isinstance(found, Refusal):
            raise on.refused(found)
        posted, moment = _posted(on, desk, found), asked(desk, at, known_at)
        if moment is not None:
            found = [each for each in found if moment.has(each.recorded)]
            posted = [each for each in posted if moment.covers(each[0], each[0])]
        rules = list(rules_then(on, desk, task, moment)) if moment is not None else []
    told = [*(each.to_json() for each in found), *(json for _, json, _ in posted)]
    answer(on, told, [*_merged(_lines(on, found, hashes=hashes), posted), *rules])


def _life(on: Session, subject: str, at: str | None, known_at: str | None) -> None:
    """The history of an edition or of a migration: what was done then was known then."""
    from engine.commands import Refusal
    from workflows.authoring.standings import life

    with on.desk() as desk:
        found, zone, moment = life(desk, subject, on.lang), zone_of(desk), asked(desk, at, known_at)
    if isinstance(found, Refusal):
        raise on.refused(found)
    if moment is not None:
        found = [each for each in found if moment.covers(each.entry.recorded_at, each.entry.recorded_at)]
    answer(on, [each.to_json() for each in found], lines_of(found, zone))


Posted = tuple["datetime", dict[str, Any], str]
"""An event of a task's post: when, for programs, and as a line."""


def _posted(on: Session, desk: Desk, entries: Iterable[Entry]) -> list[Posted]:
    """What was sent about these tasks, in order of time."""
    from commands.worker import rooms_of
    from engine.events import iso
    from workflows.post.sentences import post_sentence

    post, found = rooms_of(desk)[0], []
    for task, name in {each.recorded.event.task: each.recorded.event.edition for each in entries}.items():
        edition, _ = desk.book(name)
        for each in post.told(task):
            text, at = post_sentence(each, edition, on.lang), each.recorded_at.astimezone(edition.zone)
            told = {"ref": f"post:{task}", "type": each.type, "text": text, "recorded_at": iso(each.recorded_at)}
            line = f"  {at:%Y-%m-%d %H:%M}  post:{task}  {text}"
            found.append((each.recorded_at, {**told, "payload": dict(each.payload)}, line))
    return sorted(found, key=lambda one: one[0])


def _merged(lines: Iterable[tuple[datetime, str]], posted: Sequence[Posted]) -> Iterator[str]:
    """Both by the time at which they were recorded; what hangs on an event stays with it."""
    left = list(posted)
    for at, line in lines:
        while left and left[0][0] < at:
            yield left.pop(0)[2]
        yield line
    yield from (line for _, _, line in left)


def _lines(on: Session, entries: Iterable[Entry], *, hashes: bool) -> Iterator[tuple[datetime, str]]:
    """The edition where it is another one, and a line for each event; with when it was recorded."""
    pinned: dict[str, str] = {}
    for each in entries:
        event, at = each.recorded.event, each.recorded.recorded_at
        if pinned.get(event.task) != event.edition:
            pinned[event.task] = event.edition
            yield at, on.of(f"{event.task}  版次 {event.edition}", f"{event.task}  edition {event.edition}")
        yield at, f"  {_line(on, each)}"
        if hashes:
            yield at, on.of(f"      前一条 {each.recorded.prev}", f"      prev {each.recorded.prev}")
            yield at, on.of(f"      本条   {each.recorded.hash}", f"      hash {each.recorded.hash}")


def _line(on: Session, each: Entry) -> str:
    event = each.recorded.event
    cause = f"  ← {event.cause}" if event.cause else ""
    return f"{each.occurred_at:%Y-%m-%d %H:%M}  {event.ref}{_learned(on, each)}  {each.who}  {each.text}{cause}"


def _learned(on: Session, each: Entry) -> str:
    """When it was recorded, where that is not when it happened, and why; and what dates back in it."""
    dates = on.of("、", ", ").join(each.dated_back)
    back = on.of(f"  [填写了更早的日期：{dates}]", f"  [dates back: {dates}]") if dates else ""
    return _behind(on, each) + back


def _behind(on: Session, each: Entry) -> str:
    shown = f"{each.recorded_at:%Y-%m-%d %H:%M}"
    if each.mark:
        why = each.mark.in_(on.lang)
        return on.of(f"  [{why}，记于 {shown}]", f"  [{why}, recorded {shown}]")
    if shown == f"{each.occurred_at:%Y-%m-%d %H:%M}":
        return ""
    return on.of(f"  [记于 {shown}]", f"  [recorded {shown}]")


READ = (("时间", "When"), ("谁", "Who"), ("页面", "Page"), ("事项", "Task"), ("途径", "By"), ("记录", "Record"))


@click.command(help="审计员和管理员在页面和接口上查阅过什么 / What auditors and administrators have read.")
@click.option("--user", metavar="USER", default="", help="某一人的 / By one person.")
@click.option("--task", metavar="TASK", default="", help="关于某一事项的 / About one task.")
@click.option(
    "--most", type=click.IntRange(1, 100_000), default=200, show_default=True, help="最多几条 / At most so many."
)
@click.option("--before", type=click.IntRange(1), metavar="N", help="第几条记录之前的 / Those before this number.")
@click.pass_obj
def readings(on: Session, user: str, task: str, most: int, before: int | None) -> None:
    from workflows.audit.readings import READINGS
    from workflows.audit.readings import readings as look
    from workflows.channels import door

    with on.desk() as desk:
        found, zone = list(islice(look(desk, who=user, task=task, before=before), most)), zone_of(desk)
    if on.json:
        answer(on, [each.to_json() for each in found])
    elif not found:
        click.echo(on.of("没有记录。", "Nothing is recorded."))
    else:
        rows = [
            (local(e.at, zone), e.who, e.page, e.task, door(e.channel, on.lang), f"{READINGS}#{e.seq}") for e in found
        ]
        table(on, READ, rows)
        if len(found) == most:
            last = found[-1].seq
            click.echo(on.of(f"更早的：duban readings --before {last}", f"Older ones: duban readings --before {last}"))
