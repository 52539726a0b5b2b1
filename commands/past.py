"""One task as it was: both times of a question to the past, for `show` and `history` as `board` has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from commands.render import answer, light
from commands.session import Session
from commands.times import through, zone_of

if TYPE_CHECKING:
    from datetime import datetime

    from engine.task import Task
    from workflows.audit.changed import Worded
    from workflows.audit.moments import Moment, Rules
    from workflows.desk import Desk

AT = click.option("--at", metavar="D", help="当时实际，如 2022-03-31 / As it was, as in 2022-03-31.")
KNOWN_AT = click.option("--known-at", metavar="D", help="当时所知 / As it was known then.")


def asked(desk: Desk, at: str | None, known_at: str | None) -> Moment | None:
    """The moment that is asked for; None where it is the present as known now. A day alone is its last moment."""
    from workflows.audit.moments import Moment

    then, known = both_times(desk, at, known_at)
    return None if then is None and known is None else Moment(then or desk.clock(), known)


def both_times(desk: Desk, at: str | None, known_at: str | None) -> tuple[datetime | None, datetime | None]:
    """What `--at` and `--known-at` say, each None where it is not given."""
    zone = zone_of(desk)
    then = through(at, zone) if at is not None else None
    return then, through(known_at, zone, "--known-at") if known_at is not None else None


def show_then(on: Session, desk: Desk, task: str, moment: Moment) -> None:
    """Print a task as it was: its record, its deadlines, and the rules over it. Nothing personal is told."""
    from engine.commands import Refusal
    from workflows.audit.changed import Worded
    from workflows.audit.moments import rules_over, task_at

    recorded = desk.store.events(task)
    if not recorded:
        raise on.refused(Refusal("unknown_task", {"task": task}))
    then = task_at(desk, recorded, moment)
    if then is None:
        answer(
            on,
            _nothing(task, moment),
            [on.of(f"{task} 当时还没有（或尚不知道）。", f"{task} was not there, or not known.")],
        )
        return
    worded, rules = Worded(then, desk.book(then.edition)[0], on.lang), rules_over(desk, then, moment)
    answer(on, {**_nothing(task, moment), **_told(then, worded, rules)}, _lines(on, then, worded, rules))


def _nothing(task: str, moment: Moment) -> dict[str, Any]:
    from engine.events import iso

    return {"task": task, "at": iso(moment.at), "known_at": moment.known_at and iso(moment.known_at), "state": None}


def _told(task: Task, worded: Worded, rules: Rules) -> dict[str, Any]:
    from workflows.personal import record

    sheet = worded.edition.sheets[task.kind]
    kept = ("name", "key", "status", "due_at", "last_day", "provisional")
    return {
        "edition": task.edition,
        "version": task.seq,
        "state": task.state,
        "state_title": worded.titles.state(task.state),
        "signal": task.signal,
        "ended": task.ended,
        "fields": {name: value for name, value in record(task.fields, sheet).items() if name not in sheet.personal},
        "deadlines": [{name: each.get(name) for name in kept} for each in task.deadlines.values()],
        "rules": rules.to_json(),
    }


def _lines(on: Session, task: Task, worded: Worded, rules: Rules) -> Iterator[str]:
    yield f"{task.id}  {worded.titles.state(task.state)}  {light(on, task.signal)}  {task.edition}"
    for _, (title, text) in (*worded.facts(), *worded.deadlines()):
        yield f"  {title}{on.of('：', ': ')}{text}"
    yield rules.in_words(on.lang)


def rules_then(on: Session, desk: Desk, task: str, moment: Moment) -> Iterator[str]:
    """The rules over a task as it was, in a line; none where it was not there, or not known."""
    from workflows.audit.moments import rules_over, task_at

    then = task_at(desk, desk.store.events(task), moment)
    if then is not None:
        yield rules_over(desk, then, moment).in_words(on.lang)
