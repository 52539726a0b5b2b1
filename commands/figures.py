"""Reports over histories at the command line: where time goes, what departed from its plan, what was met at the last
moment, edited late or put off, what runs in a row, and the scores with their causes; on the screen or as a file.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.files import write_out
from commands.render import answer, local, table
from commands.seal_files import head_beside, last_note
from commands.session import Session, wrong
from commands.times import end_of, moment, zone_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from workflows.audit.analysis.report import Period, Report
    from workflows.desk import Desk
    from workflows.lists.scores import Cause

FIRST = "1900-01-01"
"""Before everything on record."""

HELP = {
    "bottlenecks": "瓶颈：各单位在各状态停留的时间 / Bottlenecks: time in state by unit.",
    "deviations": "偏差：逾期、逾期完成、更正、未执行 / Deviations: missed, met late, taken back, not applied.",
    "near-misses": "临界完成：集中在截止前的填报 / Near-misses: reports bunched at deadlines.",
    "late-edits": "事后改动：补录、节点过后改计划、逾期期间改内容 / Facts edited late.",
    "resets": "时限被推后：延期、改期、重新起算、中止、取消 / Deadlines put off.",
    "streaks": "连续逾期 / The same deadline missed several times running.",
}

PROCESS = "流程，不写为全部 / Of one process; else of all."
_OUT = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="写入 .xlsx 或 .csv 文件 / Written to this .xlsx or .csv file.",
)


def add_to(group: click.Group) -> None:
    """Add a command for each report."""
    for name, said in HELP.items():
        group.add_command(_command(name, said))
    group.add_command(scores)


def _command(name: str, said: str) -> click.Command:
    @click.command(name, help=said)
    @click.argument("process", required=False, help=PROCESS)
    @click.option("--unit", metavar="UNIT", help="只看现在由该单位负责的 / Only the tasks that are this unit's now.")
    @click.option("--from", "since", metavar="D", help="自哪一天 / The first day.")
    @click.option("--to", "until", metavar="D", help="至哪一天，含 / The last day, included.")
    @_OUT
    @click.pass_obj
    def run(
        on: Session, process: str | None, unit: str | None, since: str | None, until: str | None, out: Path | None
    ) -> None:
        from workflows.audit.analysis.catalogue import report

        with on.desk() as desk:
            tasks = _tasks(on, desk, process, unit)
            found = report(desk, name, tasks, _period(desk, since, until), on.lang)
            note, now = last_note(desk), desk.clock().astimezone(zone_of(desk))
        _tell(on, found, out, note, now)

    return run


def _tasks(on: Session, desk: Desk, process: str | None, unit: str | None) -> list[str]:
    """The tasks that are asked for; a process that is not there is refused."""
    from engine.commands import Refusal
    from storage.lists import SqlLists
    from workflows.lists.ports import Wanted
    from workflows.people.values import Scope

    if process is not None and isinstance(found := desk.latest(process), Refusal):
        raise on.refused(found)
    lists = SqlLists(desk.store.engine)  # type: ignore[attr-defined]  # a database's
    return sorted(lists.ids(Wanted(Scope(all=True), process=process, unit=unit, every_kind=True)))


def _period(desk: Desk, since: str | None, until: str | None) -> Period:
    from workflows.audit.analysis.report import Period

    zone = zone_of(desk)
    end: datetime = end_of(until, zone, "--to") if until is not None else desk.clock() + timedelta(microseconds=1)
    return Period(moment(f"{FIRST}T00:00+00:00" if since is None else since, zone, "--from"), end)


def _tell(on: Session, found: Report, out: Path | None, note: str | None, now: datetime) -> None:
    """Print a report, or write it to a file with the head of the record."""
    asked = found.asked
    if out is not None:
        behind = on.of("所依据的记录", "Events behind it")
        head = [*(each.in_(on.lang) for each in asked.columns), behind]
        rows = [(*line.cells, " ".join(map(str, line.behind))) for line in found.lines]
        _write(on, out, asked.title.in_(on.lang), head, rows, note, now)
        return
    if on.json:
        answer(on, found.to_json(on.lang))
        return
    click.echo(asked.title.in_(on.lang))
    click.echo(asked.said.in_(on.lang))
    click.echo(
        on.of(
            f"读取了 {found.tasks} 项事项（含子事项和专项）的 {found.events} 条历史记录。",
            f"Read from {found.events} recorded events of {found.tasks} tasks, children and programmes among them.",
        )
    )
    columns = [*((each.zh, each.en) for each in asked.columns), ("所依据的记录", "Events behind it")]
    table(on, columns, [(*line.cells, _few(on, [str(ref) for ref in line.behind])) for line in found.lines])


FEW = 3
"""How many events are named beside a line on the screen."""


def _few(on: Session, names: Sequence[str]) -> str:
    rest = len(names) - FEW
    return " ".join(names[:FEW]) + (on.of(f" 等 {len(names)} 条", f" and {rest} more") if rest > 0 else "")


def _write(
    on: Session,
    out: Path,
    title: str,
    head: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    note: str | None,
    now: datetime,
) -> None:
    from workflows import sheets
    from workflows.lists.about import about

    if out.suffix not in (".xlsx", ".csv"):
        raise wrong("--out：请写 .xlsx 或 .csv 文件。", "--out: name an .xlsx or a .csv file.")
    plain, told = out.suffix == ".csv", about(title, note, on.user, now, on.lang)
    write_out(on, out, sheets.table(head, rows) if plain else sheets.xlsx(title, head, rows, about=told))
    beside = head_beside(on, out, note) if plain else None
    lines = [on.of(f"已写入 {out}。", f"Written to {out}.")]
    lines += [on.of(f"记录树头在 {beside}", f"The head of the record is in {beside}")] if beside else []
    answer(on, {"file": str(out), "rows": len(rows), **({"head": str(beside)} if beside else {})}, lines)


CAUSES = (
    ("时间", "When"),
    ("单位", "Unit"),
    ("事项", "Task"),
    ("原因", "Cause"),
    ("依据", "Rule"),
    ("分值", "Points"),
    ("记录", "Event"),
)


@click.command(help="绩效考核分变动及其原因 / Every change of an appraisal score, with its cause.")
@click.argument("process", required=False, help=PROCESS)
@_OUT
@click.pass_obj
def scores(on: Session, process: str | None, out: Path | None) -> None:
    from storage.lists import SqlLists
    from workflows.lists.scores import appraisals
    from workflows.lists.scores import scores as look
    from workflows.people.values import Scope

    with on.desk() as desk:
        _tasks(on, desk, process, None)
        lists, whole = SqlLists(desk.store.engine), Scope(all=True)  # type: ignore[attr-defined]  # a database's
        known = [each for each in appraisals(desk) if process in (None, each.edition.process.process)]
        found = [one for each in known for one in look(desk, lists, whole, each, on.lang)]
        zone, note, now = zone_of(desk), last_note(desk), desk.clock()
    causes = sorted((cause for each in found for cause in each.causes), key=lambda each: (each.at, each.task, each.seq))
    rows = [_cause(each, zone) for each in causes]
    if out is not None:
        title, columns = on.of("绩效考核分变动", "Changes of scores"), [on.of(*each) for each in CAUSES]
        _write(on, out, title, columns, rows, note, now.astimezone(zone))
    elif on.json:
        told = [{"task": each.task, "unit": each.unit, "score": each.score, "full": each.full} for each in found]
        changes = [{**dict(zip((en for _, en in CAUSES), row, strict=True))} for row in rows]
        answer(on, {"scores": told, "causes": changes})
    else:
        click.echo(on.of("绩效考核分变动及其原因", "Changes of appraisal scores, with their causes"))
        for one in known:
            named = f"{one.edition.process.process}: {one.measure.title(on.lang)} = {one.measure.value}"
            click.echo(named)
        table(on, CAUSES, rows)


def _cause(each: Cause, zone: Any) -> tuple[Any, ...]:
    rule = " ".join([*each.rules, *([f"{each.edition}:{each.line}"] if each.line else [])])
    points = int(each.points) if each.points == int(each.points) else each.points
    return local(each.at, zone), each.unit, each.task, each.act, rule, points, f"{each.task}#{each.seq}"
