"""What people look at: the worklist, the board, one task."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from commands.past import AT, KNOWN_AT, asked, both_times, show_then
from commands.render import answer, light, local, table
from commands.session import Session, process_of, tame
from commands.times import through, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from workflows.desk import Desk
    from workflows.office.views import DeadlineView, Owed, Shown, TaskView


@click.command(help="待办清单，最急的在前 / What is owed, the most urgent first.")
@click.option("--unit", metavar="UNIT", help="只看某单位 / What one unit owes.")
@click.option(
    "--role", metavar="ROLE", help="只看某角色，写定义中的标识 / What one role owes, by its name in the definition."
)
@click.pass_obj
def worklist(on: Session, unit: str | None, role: str | None) -> None:
    from workflows.office.views import worklist as look

    with on.desk() as desk:
        found = look(desk, on.lang, unit=unit, role=role)
        zone = zone_of(desk)
    if on.json:
        answer(on, [{**asdict(each.deadline), "deadline": each.title, "role": each.who} for each in found])
        return
    if not found:
        click.echo(on.of("没有待办。", "Nothing is owed."))
        return
    table(on, WORKLIST, [_owed(on, each, zone) for each in found])


WORKLIST = (
    ("期限", "Due"), ("状况", "Status"), ("事项", "Task"), ("名称", "Title"), ("时限", "Deadline"), ("单位", "Unit"),
    ("角色", "Role"),
)  # fmt: skip


def _owed(on: Session, each: Owed, zone: ZoneInfo | None) -> tuple[Any, ...]:
    one = each.deadline
    due, status = _due(one, zone), _status(on, one.status)
    return (due, status, one.task, one.title, f"{each.title} {_keyed(one.key)}".strip(), one.unit, each.who)


def _keyed(key: str) -> str:
    """The period or row of an occurrence; that of a deadline without any says nothing."""
    return "" if key == "1" else key


def _status(on: Session, status: str) -> str:
    from workflows.audit.changed import STATUS

    return STATUS[status].in_(on.lang)


def _due(deadline: Any, zone: ZoneInfo | None) -> str:
    shown = deadline.last_day or local(deadline.due_at, zone) or "—"
    return f"{shown}?" if deadline.provisional else shown


@click.command(help="督办看板：现在、当时、当时所知 / Every task as it is, was, or was known.")
@AT
@KNOWN_AT
@click.option("--since", metavar="D", help="与那一天的差别 / What is otherwise than on that day.")
@click.option("--known-since", metavar="D", help="与那时所知的差别 / What is otherwise than it was known then.")
@click.pass_obj
def board(on: Session, at: str | None, known_at: str | None, since: str | None, known_since: str | None) -> None:
    from workflows.office.views import board as look

    with on.desk() as desk:
        zone = zone_of(desk)
        then, known = both_times(desk, at, known_at)
        found = look(desk, on.lang, then, known)
        if since is not None or known_since is not None:
            earlier = through(since, zone, "--since") if since is not None else then
            believed = through(known_since, zone, "--known-since") if known_since is not None else known
            _otherwise(on, look(desk, on.lang, earlier, believed), found)
            return
        rules = list(_in_force(on, desk, then, known)) if then and not on.json else []
    if on.json:
        answer(on, [{**each.row._asdict(), "state_title": each.state} for each in found])
        return
    if not found:
        click.echo(on.of("还没有事项；用 duban register 登记。", "There are no tasks; duban register enters them."))
        return
    columns = [
        ("事项", "Task"),
        ("灯", "Signal"),
        ("状态", "State"),
        ("名称", "Title"),
        ("单位", "Unit"),
        ("专项", "Programme"),
    ]
    table(
        on,
        columns,
        [(e.row.task, light(on, e.row.signal), e.state, e.row.title, e.row.unit, e.row.part_of) for e in found],
    )
    for line in rules:
        click.echo(line)


def _in_force(on: Session, desk: Desk, at: datetime, known: datetime | None) -> Iterator[str]:
    """The rules that were in force, a line for each process."""
    from workflows.audit.moments import Moment, rules_at

    for process in sorted({each.process for each in desk.store.editions()}):
        yield rules_at(desk, process, Moment(at, known)).in_words(on.lang)


def _otherwise(on: Session, before: Sequence[Shown], after: Sequence[Shown]) -> None:
    """Print what differs between two boards."""
    from workflows.audit.differences import differences, face

    found = differences(before, after)
    if on.json:
        answer(on, [each.to_json() for each in found])
        return
    if not found:
        click.echo(on.of("没有差别。", "Nothing is otherwise."))
        return
    columns = [("事项", "Task"), ("名称", "Title"), ("原来", "Before"), ("后来", "After")]
    rows = []
    for each in found:
        last = each.after or each.before
        assert last is not None, "what differs is on one of the two boards"
        rows.append((each.task, last.row.title, face(each, each.before, on.lang), face(each, each.after, on.lang)))
    table(on, columns, rows)


@click.command(help="事项详情：内容、时限及缘由、可办与不可办 / One task, its deadlines and why, what is possible.")
@click.argument("task", help="事项编号，见 duban board / The id of a task, as duban board shows it.")
@AT
@KNOWN_AT
@click.pass_obj
def show(on: Session, task: str, at: str | None, known_at: str | None) -> None:
    from engine.commands import Refusal
    from workflows.office.views import view

    with on.desk() as desk:
        moment = asked(desk, at, known_at)
        if moment is not None:
            show_then(on, desk, task, moment)
            return
        found = view(desk, task, on.guises(desk, process_of(desk, task)), on.lang)
        if isinstance(found, Refusal):
            raise on.refused(found)
    if on.json:
        answer(on, _page_json(found))
        return
    _page(on, found)


def _page_json(found: TaskView) -> dict[str, Any]:
    task = found.task
    return {
        "task": task.id,
        "edition": task.edition,
        "under": dict(task.under) if task.under else None,
        "version": task.seq,
        "state": task.state,
        "state_title": found.state,
        "signal": task.signal,
        "ended": task.ended,
        "part_of": task.part_of,
        "fields": {name: value for name, _, value in found.facts},
        "milestones": found.plan,
        "deadlines": [
            {
                "title": each.title,
                "who": each.who,
                "why": list(each.why),
                "days_left": each.days_left,
                "working_days_left": each.working_days_left,
            }
            | {
                name: each.occurrence.get(name)
                for name in ("name", "key", "status", "due_at", "last_day", "provisional")
            }
            for each in found.deadlines
        ],
        "possible": [
            {"trigger": each.trigger, "title": each.title, "form": list(each.form), "refusal": each.refusal}
            for each in found.possible
        ],
        "children": [{"task": each.id, "state": each.state, "ended": each.ended} for each in found.children],
    }


def _page(on: Session, found: TaskView) -> None:
    from workflows.sentences import said

    task = found.task
    click.echo(f"{task.id}  {found.state}  {light(on, task.signal)}  {_under(on, found)}  #{task.seq}")
    for name, title, value in found.facts:
        if value not in (None, "", []):
            click.echo(f"  {title}{on.of('：', ': ')}{tame(said(found.choices.get(name, value), on.lang))}")
    for each in found.deadlines:
        click.echo(f"  {_deadline_line(on, each)}")
        for why in each.why:
            click.echo(f"      {why}")
    for child in found.children:
        click.echo(f"  {child.id}  {found.states[child.id]}")
    for possible in (each for each in found.possible if each.here):
        mark = "✓" if possible.refusal is None else "✗"
        why = tame(possible.refusal or " ".join(possible.form))
        click.echo(f"  {mark} {possible.trigger} {possible.title}  {why}")
    elsewhere = [possible.title for possible in found.possible if not possible.here]
    if elsewhere:
        click.echo(on.of("  在其他状态才能办理：", "  Possible in other states: ") + on.of("、", ", ").join(elsewhere))


def _under(on: Session, found: TaskView) -> str:
    """Its edition; where it came under it later, since when, and under which it was before."""
    from engine.events import instant

    edition, since, was = found.under
    if since is None:
        return edition
    day = local(instant(since), found.zone)
    return on.of(f"{edition}（自 {day} 起，原 {was}）", f"{edition} (from {day} on, before: {was})")


def _deadline_line(on: Session, each: DeadlineView) -> str:
    one = each.occurrence
    key = _keyed(one["key"])
    doubt = on.of("（暂定）", " (provisional)") if one.get("provisional") else ""
    name, when = f"{each.title} {key}".strip(), f"{one.get('last_day') or '—'}{doubt}{_left(on, each)}"
    return f"{name}  {_status(on, one['status'])}  {when}  {each.who}"


def _left(on: Session, each: DeadlineView) -> str:
    """How many days are left, or how many it is late."""
    days, working = each.days_left, each.working_days_left
    if days is None or working is None:
        return ""
    if days == 0 and each.occurrence["status"] != "met_late":
        return on.of("（今日到期）", " (due today)")
    if days > 0:
        return on.of(f"（还有 {days} 天，{working} 个工作日）", f" ({days} days left, {working} working)")
    return on.of(f"（逾期 {-days} 天，{-working} 个工作日）", f" ({-days} days late, {-working} working)")
