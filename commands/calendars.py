"""Working calendars at the command line: how a year of one stands, and an administrator's change of a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from commands.render import answer, local
from commands.session import Session, wrong
from commands.times import day, in_years, zone_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from engine.calendars import Calendar
    from workflows.authoring.calendars import Changed
    from workflows.calendars import Override

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
    from workflows.calendars import overrides
    from workflows.sources import calendar_named

    with on.desk() as desk:
        found = calendar_of(desk, name, calendar_named)
        if isinstance(found, Refusal):
            raise on.refused(found)
        shown = desk.clock().year if year is None else year
        in_years(shown, str(shown), "--year")
        changed = [each for each in overrides(desk.store, name) if each.day.startswith(f"{shown:04}-")]
        zone = zone_of(desk)
    lines = [*_page(on, found, shown), *_changes(on, changed, zone)]
    answer(on, _told(found, shown, changed), lines)


def _of_year(found: Calendar, year: int) -> tuple[list[date], list[date]]:
    """The weekdays that are not worked, and the days of rest that are."""
    before, last = date(year - 1, 12, 31), date(year, 12, 31)
    return list(found.closed_weekdays(before, last)), list(found.make_up_days(before, last))


def _told(found: Calendar, year: int, changed: Sequence[Override]) -> dict[str, Any]:
    closed, opened = _of_year(found, year)
    return {
        "calendar": found.name,
        "edition": found.edition,
        "digest": found.digest,
        "known": {"from": found.first_known.isoformat(), "until": found.last_known.isoformat()},
        "year": year,
        "closed": [each.isoformat() for each in closed],
        "working": [each.isoformat() for each in opened],
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


def _changes(on: Session, changed: Sequence[Override], zone: ZoneInfo | None) -> Iterator[str]:
    if changed:
        yield on.of("管理员的调整：", "Changed by administrators:")
        yield from (f"  {_change(on, each, zone)}" for each in changed)


def _change(on: Session, each: Override, zone: ZoneInfo | None) -> str:
    from engine.events import instant

    what = on.of("改为工作日", "made a working day") if each.working else on.of("改为休息日", "made a day of rest")
    return f"{each.day}  {what}  {each.actor}  {local(instant(each.at), zone)}  {each.reason}"


@calendar.command(help="调整某一天：上班还是休息；此后的裁决照此计算 / Set one day, for every decision from now on.")
@click.argument("name", help=NAME)
@click.argument("day_", metavar="DAY", help="日期，如 2026-10-01 / The day, as in 2026-10-01.")
@click.option("--off", "working", flag_value=False, type=bool, default=None, help="这一天休息 / It is not worked.")
@click.option("--on", "working", flag_value=True, type=bool, default=None, help="这一天上班 / It is a working day.")
@click.option("--reason", required=True, metavar="TEXT", help="依据，如文件号 / Why, such as the number of a notice.")
@click.pass_obj
def override(on: Session, name: str, day_: str, reason: str, *, working: bool | None) -> None:
    from engine.commands import Refusal
    from workflows.authoring.calendars import override as change
    from workflows.sources import calendar_named

    if working is None:
        raise wrong("没有写明上班还是休息；请加 --on 或 --off。", "Is it worked or not? Say --on or --off.")
    if not reason.strip():
        raise wrong("--reason 是空的；请写明依据。", "--reason is empty; say why.")
    which = day(day_, "DAY")
    with on.desk() as desk:
        found = on.tried(
            desk,
            "",
            lambda actor: change(desk, name, which, actor, calendar_named, working=working, reason=reason.strip()),
        )
        zone = zone_of(desk)
    if isinstance(found, Refusal):
        raise on.refused(found)
    told = {"calendar": name, "digest": found.calendar.digest, "override": asdict(found.override)}
    answer(on, {**told, "standing": [asdict(each) for each in found.standing]}, _changed(on, name, found, zone))


def _changed(on: Session, name: str, found: Changed, zone: ZoneInfo | None) -> Iterator[str]:
    yield f"{name}  {_change(on, found.override, zone)}"
    if found.standing:
        yield on.of(
            f"以下 {len(found.standing)} 个时限早已算定，仍按原日期：",
            f"{len(found.standing)} deadlines were dated before, and keep their dates:",
        )
        yield from (f"  {each.task}  {each.deadline} {each.key}  {each.last_day}" for each in found.standing)
