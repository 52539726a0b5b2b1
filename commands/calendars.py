"""Working calendars at the command line: how a year of one stands, and an administrator's change of a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.render import answer, bar, lines_of, local
from commands.session import Session, wrong
from commands.times import day, in_years, zone_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from engine.calendars import Calendar
    from engine.commands import Actor, Refusal
    from workflows.authoring.calendars import Changed
    from workflows.calendars import Change, Notice, Override
    from workflows.desk import Desk
    from workflows.labour.values import Job
    from workflows.office.reprojecting import Moved, Progress, Reprojected

FILE = "日历文件，格式同 definitions/calendars/ / A calendar file, in the form of those under definitions/calendars/."
NAME = "日历名，如 cn / The name of a calendar, such as cn."


@click.group(help="工作日历：查看，调整某一天 / Working calendars: look at one, change a day of it.")
def calendar() -> None:
    """The commands below do it."""


@calendar.command(help="某年的节假日和调休上班日 / The holidays and make-up days of a year.")
@click.argument("name", help=NAME)
@click.option("--year", type=int, metavar="Y", help="年份，默认今年 / The year; by default this one.")
@click.pass_obj
def show(on: Session, name: str, year: int | None) -> None:
    from engine.commands import Refusal
    from workflows.authoring.calendars import calendar_of
    from workflows.calendars import record
    from workflows.sources import calendar_named

    with on.desk() as desk:
        found = calendar_of(desk, name, calendar_named)
        if isinstance(found, Refusal):
            raise on.refused(found)
        shown = desk.clock().year if year is None else year
        in_years(shown, str(shown), "--year")
        known = record(desk.store)
        changed = [each for each in known.overrides(name) if each.day.startswith(f"{shown:04}-")]
        notices = [each for each in known.notices(name) if int(each.first[:4]) <= shown <= int(each.last[:4])]
        zone = zone_of(desk)
    lines = [*_page(on, found, shown), *_changes(on, [*notices, *changed], zone)]
    answer(on, _told(found, shown, notices, changed), lines)


def _of_year(found: Calendar, year: int) -> tuple[list[date], list[date]]:
    """The weekdays that are not worked, and the days of rest that are."""
    before, last = date(year - 1, 12, 31), date(year, 12, 31)
    return list(found.closed_weekdays(before, last)), list(found.make_up_days(before, last))


def _told(found: Calendar, year: int, notices: Sequence[Notice], changed: Sequence[Override]) -> dict[str, Any]:
    closed, opened = _of_year(found, year)
    return {
        "calendar": found.name,
        "edition": found.edition,
        "digest": found.digest,
        "known": {"from": found.first_known.isoformat(), "until": found.last_known.isoformat()},
        "year": year,
        "closed": [each.isoformat() for each in closed],
        "working": [each.isoformat() for each in opened],
        "notices": [asdict(each) for each in notices],
        "overrides": [asdict(each) for each in changed],
    }


def _page(on: Session, found: Calendar, year: int) -> Iterator[str]:
    closed, opened = _of_year(found, year)
    known, digest = f"{found.first_known}—{found.last_known}", found.digest[:12]
    yield on.of(f"日历 {found.name}，{year} 年（摘要 {digest}）", f"Calendar {found.name}, {year} ({digest})")
    yield on.of(f"  已公布：{known}；此外为暂定", f"  official for {known}; other days are provisional")
    yield on.of("工作日中的休息日：", "Weekdays not worked:") + ("" if closed else on.of("无", " none"))
    yield from (f"  {each}  {found.label(each, on.lang) or ''}".rstrip() for each in closed)
    yield on.of("调休上班日：", "Make-up days worked:") + ("" if opened else on.of("无", " none"))
    yield from (f"  {each}  {found.label(each, on.lang) or ''}".rstrip() for each in opened)


def _changes(on: Session, changed: Sequence[Change], zone: ZoneInfo | None) -> Iterator[str]:
    if changed:
        yield on.of("管理员的录入和调整：", "Entered and changed by administrators:")
        yield from (f"  {_change_line(on, each, zone)}" for each in changed)


def _change_line(on: Session, each: Change, zone: ZoneInfo | None) -> str:
    from engine.events import instant
    from workflows.calendars import Notice

    at = local(instant(each.at), zone)
    if isinstance(each, Notice):
        span = f"{each.first}—{each.last}"
        return on.of(f"录入官方通知 {span}", f"official notice for {span}") + f"  {each.actor}  {at}  {each.reason}"
    what = on.of("改为工作日", "made a working day") if each.working else on.of("改为休息日", "made a day of rest")
    return f"{each.day}  {what}  {each.actor}  {at}  {each.reason}"


@calendar.command(help="调整某一天：上班还是休息；此后的裁决照此计算 / Set one day, for every decision from now on.")
@click.argument("name", help=NAME)
@click.argument("day_", metavar="DAY", help="日期，如 2026-10-01 / The day, as in 2026-10-01.")
@click.option("--off", "working", flag_value=False, type=bool, default=None, help="这一天休息 / It is not worked.")
@click.option("--on", "working", flag_value=True, type=bool, default=None, help="这一天上班 / It is a working day.")
@click.option("--reason", required=True, metavar="TEXT", help="依据，如文件号 / Why, such as the number of a notice.")
@click.pass_obj
def override(on: Session, name: str, day_: str, reason: str, *, working: bool | None) -> None:
    from workflows.authoring.calendars import override as change
    from workflows.sources import calendar_named

    if working is None:
        raise wrong("没有写明上班还是休息；请加 --on 或 --off。", "Is it worked or not? Say --on or --off.")
    if not reason.strip():
        raise wrong("--reason 是空的；请写明依据。", "--reason is empty; say why.")
    which, because = day(day_, "DAY"), reason.strip()

    def made(desk: Desk, actor: Actor, progress: Progress) -> Changed | Refusal:
        return change(desk, name, which, actor, calendar_named, working=working, reason=because, progress=progress)

    _change(on, name, made)


@calendar.command(help="录入官方放假通知，未完时限随之重算 / Enter an official notice; open deadlines follow it.")
@click.argument("name", help=NAME)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=FILE)
@click.option("--reason", required=True, metavar="TEXT", help="依据，如文件号 / Why, such as the number of a notice.")
@click.pass_obj
def publish(on: Session, name: str, file: Path, reason: str) -> None:
    from workflows.authoring.calendars import publish_notice
    from workflows.authoring.notices import notice_in
    from workflows.sources import calendar_named

    if not reason.strip():
        raise wrong("--reason 是空的；请写明依据。", "--reason is empty; say why.")
    notice = notice_in(file.read_bytes(), str(file))
    if isinstance(notice, list):
        said = "\n".join(each.text(on.lang) for each in notice)
        raise on.no(said, said)

    def made(desk: Desk, actor: Actor, progress: Progress) -> Changed | Refusal:
        return publish_notice(desk, name, notice, actor, calendar_named, reason=reason.strip(), progress=progress)

    _change(on, name, made)


@calendar.command(help="日历的变动记录 / Every change of a calendar, with who made it and why.")
@click.argument("name", help=NAME)
@click.pass_obj
def history(on: Session, name: str) -> None:
    from workflows.authoring.standings import life_of_calendar

    with on.desk() as desk:
        found, zone = life_of_calendar(desk, name, on.lang), zone_of(desk)
    answer(on, [each.to_json() for each in found], lines_of(found, zone))


@calendar.command(help="接着重算未完时限（上次中断时用） / Work out open deadlines anew, where that was interrupted.")
@click.argument("name", help=NAME)
@click.option("--job", is_flag=True, help="交给后台作业办理 / Let the workers do it, as a job.")
@click.pass_obj
def reproject(on: Session, name: str, *, job: bool) -> None:
    from engine.commands import Refusal
    from workflows.authoring.calendars import reproject_again
    from workflows.sources import calendar_named

    with on.desk() as desk:
        if job:
            _ask(on, desk, name)
            return
        with bar(on, *BAR) as tell:
            progress = _progress(tell)
            found = on.tried(desk, "", lambda actor: reproject_again(desk, name, actor, calendar_named, progress))
    if isinstance(found, Refusal):
        raise on.refused(found)
    answer(on, {"calendar": name, **_dates(found)}, _moved(on, found))


def _ask(on: Session, desk: Desk, name: str) -> None:
    """Leave it to the workers, with the reason of the last change."""
    from commands.worker import rooms_of
    from engine.commands import Refusal
    from workflows.authoring.calendars import last_reason
    from workflows.labour.reprojecting import ask_reproject
    from workflows.sources import calendar_named

    labour = rooms_of(desk)[1]

    def asked(actor: Actor) -> Job | Refusal:
        reason = last_reason(desk, name, actor, calendar_named)
        return reason if isinstance(reason, Refusal) else ask_reproject(labour, name, actor, reason)

    made = on.tried(desk, "", asked)
    if isinstance(made, Refusal):
        raise on.refused(made)
    said = on.of(f"作业 {made.id}；duban jobs show {made.id} 可看进展", f"Job {made.id}; duban jobs show {made.id}")
    answer(on, {"job": made.id, "calendar": name}, [said])


BAR = ("重算时限", "deadlines")


def _progress(tell: Callable[[int, int], None]) -> Progress:
    return lambda done: tell(done.families, done.total)


def _change(on: Session, name: str, made: Callable[[Desk, Actor, Progress], Changed | Refusal]) -> None:
    """Make a change, with a bar while deadlines follow it, and say what came of it."""
    from engine.commands import Refusal

    with on.desk() as desk:
        with bar(on, *BAR) as tell:
            found = on.tried(desk, "", lambda actor: made(desk, actor, _progress(tell)))
        zone = zone_of(desk)
    if isinstance(found, Refusal):
        raise on.refused(found)
    kind = "override" if hasattr(found.change, "day") else "notice"
    told = {"calendar": name, "digest": found.calendar.digest, kind: asdict(found.change)}
    answer(
        on,
        {**told, "over": [asdict(each) for each in found.over], **_dates(found.dates)},
        _changed(on, name, found, zone),
    )


def _dates(found: Reprojected) -> dict[str, Any]:
    stuck = [{"code": each.code, **each.facts} for each in found.stuck]
    return {"families": found.families, "moved": [asdict(each) for each in found.moved], "stuck": stuck}


def _changed(on: Session, name: str, found: Changed, zone: ZoneInfo | None) -> Iterator[str]:
    yield f"{name}  {_change_line(on, found.change, zone)}"
    if found.over:
        yield on.of("以下各日此前已单独调整，仍以调整为准：", "These days were set one by one before, and stay so:")
        yield from (f"  {_change_line(on, each, zone)}" for each in found.over)
    yield from _moved(on, found.dates)


def _moved(on: Session, found: Reprojected) -> Iterator[str]:
    count = len(found.moved)
    if not count:
        yield on.of("未完时限的日期都不变。", "No open deadline has another date.")
    else:
        yield on.of(f"{count} 个未完时限重算：", f"{count} open deadlines worked out anew:")
        yield from (f"  {_moved_line(on, each)}" for each in found.moved)
    for each in found.stuck:
        from workflows.sayings import say

        yield on.of("未能重算：", "not worked out: ") + f"{each.facts['task']}  {say(each, None, on.lang)}"


def _moved_line(on: Session, each: Moved) -> str:
    doubt = on.of("（暂定）", " (provisional)") if each.provisional else ""
    return f"{each.task}  {each.deadline} {each.key}  {each.before} → {each.after}{doubt}"
