"""Units and roles at the command line: the organisation, and who holds what from when to when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.lists import entered, read_list, required
from commands.render import answer, local, table
from commands.session import Session
from commands.times import moment, zone_of

if TYPE_CHECKING:
    from datetime import datetime

    from workflows.desk import Desk
    from workflows.people.ports import People
    from workflows.people.values import Holding, Unit

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
UNIT = "单位标识，见 duban unit list / The unit, as duban unit list shows it."
USER = "用户名，见 duban user list / The user, as duban user list shows them."
AT = click.option("--at", metavar="T", help="何时起，默认即刻 / From when on; by default now.")
PROCESS = click.option(
    "--process", metavar="PROCESS", default="", help="流程，默认全部 / Of which process; by default of any."
)
FOR_UNIT = click.option("--unit", metavar="UNIT", help="单位 / For which unit.")
FROM = click.option("--from", "start", metavar="T", help="何时起，默认即刻 / From when on; by default now.")
TO = click.option("--to", "ends", metavar="T", help="到何时止（不含） / Until when, not included.")


# -- units


@click.group(help="单位：设立、并入、撤销、名单 / Units: found, merge, close, lists.")
def unit() -> None:
    """The commands below do it."""


@unit.command(help="设立单位 / Found a unit.")
@click.argument("name", help="标识，即事项中填写的单位名 / Its id, as tasks carry it.")
@click.option("--title", metavar="TEXT", help="名称，默认同标识 / Its title; by default the id.")
@click.option("--title-en", metavar="TEXT", help="英文名称 / Its English title.")
@click.option("--level", required=True, metavar="LEVEL", help="层级，如 bureau / Its level, such as bureau.")
@click.option("--over", metavar="UNIT", help="上级单位 / The unit over it.")
@click.pass_obj
def add(on: Session, name: str, *, title: str | None, title_en: str | None, level: str, over: str | None) -> None:
    from workflows.people.units import found
    from workflows.people.values import Unit

    with on.office() as (_, people):
        on.administrator(people)
        made = required(on, found(people, Unit(name, title or name, level, over, people.now(), None, title_en), on.by))
    answer(on, _told(made), [on.of(f"已设立单位 {name}", f"Founded the unit {name}")])


@unit.command("list", help="列出单位 / All units.")
@click.option("--all", "closed", is_flag=True, help="连同已撤销、并入的 / With those closed or merged.")
@click.pass_obj
def list_(on: Session, *, closed: bool) -> None:
    with on.office() as (desk, people):
        now, zone = people.now(), zone_of(desk)
        units = [each for each in people.units() if closed or each.open(now)]
    if on.json:
        answer(on, {"units": [_told(each) for each in units]})
        return
    columns = [
        ("单位", "Unit"),
        ("名称", "Title"),
        ("层级", "Level"),
        ("上级", "Over"),
        ("止于", "Until"),
        ("并入", "Into"),
    ]
    table(on, columns, [(u.id, u.title, u.level, u.over, local(u.valid_to, zone), u.successor) for u in units])


def _told(unit: Unit) -> dict[str, Any]:
    told = {"unit": unit.id, "title": unit.title, "title_en": unit.title_en, "level": unit.level, "over": unit.over}
    return {**told, "from": unit.valid_from, "to": unit.valid_to, "successor": unit.successor}


@unit.command(help="改名；事项中的标识不变 / Rename a unit; the id that tasks carry stays.")
@click.argument("name", help=UNIT)
@click.argument("title", help="新名称 / Its new title.")
@click.option("--title-en", metavar="TEXT", help="英文名称 / Its English title.")
@click.pass_obj
def rename(on: Session, name: str, title: str, *, title_en: str | None) -> None:
    from workflows.people.units import rename as change

    with on.office() as (_, people):
        on.administrator(people)
        made = required(on, change(people, name, title, on.by, title_en))
    answer(on, _told(made), [on.of(f"{name} 现名 {title}", f"{name} is now called {title}")])


@unit.command(help="划归另一单位 / Put a unit under another one.")
@click.argument("name", help=UNIT)
@click.option("--over", metavar="UNIT", help="上级单位，不写则无 / The unit over it; none if not said.")
@click.option("--level", metavar="LEVEL", help="新层级 / Its new level.")
@click.pass_obj
def move(on: Session, name: str, *, over: str | None, level: str | None) -> None:
    from workflows.people.units import move as change

    with on.office() as (_, people):
        on.administrator(people)
        made = required(on, change(people, name, over, on.by, level))
    zh, en = f"{name} 现属 {over or '—'}", f"{name} is now under {over or 'none'}"
    answer(on, _told(made), [on.of(zh, en)])


@unit.command(help="并入另一单位，未办结事项由其接办 / Merge a unit into another, which takes over its open work.")
@click.argument("name", help=UNIT)
@click.option("--into", required=True, metavar="UNIT", help="并入的单位 / The unit that succeeds it.")
@AT
@click.option(
    "--with-people", is_flag=True, help="原单位人员的角色一并转入 / Its people keep their roles, for the other."
)
@click.pass_obj
def merge(on: Session, name: str, *, into: str, at: str | None, with_people: bool) -> None:
    from workflows.people.units import merge as change

    with on.office() as (desk, people):
        on.administrator(people)
        made = required(on, change(people, name, into, _at(desk, at, "--at"), on.by, with_people=with_people))
    said = on.of(
        f"{name} 并入 {into}，未办结事项由其接办", f"{name} is merged into {into}, which takes over its open work"
    )
    answer(on, _told(made), [said])


@unit.command(help="撤销单位，无人接办 / Close a unit that nobody succeeds.")
@click.argument("name", help=UNIT)
@AT
@click.pass_obj
def close(on: Session, name: str, *, at: str | None) -> None:
    from workflows.people.units import close_unit

    with on.office() as (desk, people):
        on.administrator(people)
        made = required(on, close_unit(people, name, _at(desk, at, "--at"), on.by))
    answer(on, _told(made), [on.of(f"已撤销单位 {name}", f"The unit {name} is closed")])


@unit.command("import", help="导入单位名单（.xlsx 或 .csv），全部或全不 / Import a list of units, all or none.")
@click.argument(
    "file", metavar="LIST", type=FILE, help="名单：标识、名称、层级、上级单位 / Columns id, title, level, over."
)
@click.pass_obj
def import_(on: Session, file: Path) -> None:
    from workflows.people.lists import UNITS, import_units

    rows = read_list(on, file, UNITS)
    with on.office() as (_, people):
        on.administrator(people)
        done = import_units(people, rows, on.by)
    entered(on, done, file)


# -- roles


@click.group(help="角色：任命、结束、接任、代理 / Roles: grant, end, succeed, deputise.")
def role() -> None:
    """The commands below do it."""


@role.command(help="任命：某人自何时至何时有某角色 / Give somebody a role, from when to when.")
@click.argument("user", help=USER)
@click.argument("name", metavar="ROLE", help="角色，如 office、admin、auditor / The role, such as office or admin.")
@PROCESS
@FOR_UNIT
@FROM
@TO
@click.pass_obj
def grant(
    on: Session, user: str, name: str, *, process: str, unit: str | None, start: str | None, ends: str | None
) -> None:
    from workflows.people.holdings import grant as give
    from workflows.people.rights import roles
    from workflows.people.values import Holding

    with on.office() as (desk, people):
        on.administrator(people)
        begins = _at(desk, start, "--from") or people.now()
        holding = Holding(user, name, process, unit, begins, _at(desk, ends, "--to"))
        _say(on, [required(on, give(people, holding, on.by, roles(desk)))], desk)


@role.command(help="结束任职；代理随之结束 / End what somebody holds; their deputies' end with it.")
@click.argument("number", type=int, help="编号，见 duban role list / Its number, as duban role list shows it.")
@AT
@click.pass_obj
def end(on: Session, number: int, *, at: str | None) -> None:
    from workflows.people.holdings import end as finish

    with on.office() as (desk, people):
        on.administrator(people)
        _say(on, [required(on, finish(people, number, _at(desk, at, "--at"), on.by))], desk)


@role.command(help="接任：一人离任，另一人同时接任 / Somebody leaves a role, somebody else takes it over.")
@click.argument("leaver", help="离任者 / Who leaves.")
@click.argument("follower", help="接任者 / Who takes over.")
@click.argument("name", metavar="ROLE", help="角色 / The role.")
@PROCESS
@FOR_UNIT
@AT
@click.pass_obj
def succeed(
    on: Session, leaver: str, follower: str, name: str, *, process: str, unit: str | None, at: str | None
) -> None:
    from workflows.people.holdings import Post
    from workflows.people.holdings import succeed as hand_over

    with on.office() as (desk, people):
        on.administrator(people)
        post = Post(name, process, unit)
        _say(on, [required(on, hand_over(people, leaver, follower, post, _at(desk, at, "--at"), on.by))], desk)


@role.command(help="代理：某人在一段时间内代行另一人的角色 / Let somebody act for another for some time.")
@click.argument("user", help="代理者 / Who stands in.")
@click.option("--for", "principal", required=True, metavar="USER", help="被代理者 / For whom.")
@click.option("--role", "name", metavar="ROLE", help="角色，默认全部 / In which role; by default in all.")
@FROM
@TO
@click.pass_obj
def deputise(on: Session, user: str, *, principal: str, name: str | None, start: str | None, ends: str | None) -> None:
    from workflows.people.holdings import deputise as name_deputy

    with on.office() as (desk, people):
        on.administrator(people)
        begins, until = _at(desk, start, "--from"), _at(desk, ends, "--to")
        _say(on, list(required(on, name_deputy(people, user, principal, name, begins, until, on.by))), desk)


@role.command("list", help="列出任职 / Who holds what.")
@click.option("--user", metavar="USER", help="只看某人 / Of one user only.")
@click.option("--role", "name", metavar="ROLE", help="只看某角色 / Of one role only.")
@FOR_UNIT
@click.option("--all", "past", is_flag=True, help="连同已结束和未开始的 / With what is over or yet to come.")
@click.pass_obj
def list_roles(on: Session, *, user: str | None, name: str | None, unit: str | None, past: bool) -> None:
    with on.office() as (desk, people):
        found = _held(people, user, name, unit, past=past)
        if on.json:
            answer(on, {"roles": [_role(each) for each in found]})
            return
        zone = zone_of(desk)
    columns = [
        ("编号", "No."),
        ("用户", "User"),
        ("角色", "Role"),
        ("流程", "Process"),
        ("单位", "Unit"),
        ("自", "From"),
        ("至", "To"),
        ("代理", "For"),
    ]
    rows = [
        (h.id, h.user, h.role, h.process, h.unit, local(h.valid_from, zone), local(h.valid_to, zone), h.deputy_for)
        for h in found
    ]
    table(on, columns, rows)


def _held(people: People, user: str | None, name: str | None, unit: str | None, *, past: bool) -> list[Holding]:
    now = people.now()
    found = people.holdings(user=user, role=name)
    return [each for each in found if (past or each.holds(now)) and unit in (None, each.unit)]


def _role(holding: Holding) -> dict[str, Any]:
    told = {"number": holding.id, "user": holding.user, "role": holding.role, "process": holding.process}
    times = {"from": holding.valid_from, "to": holding.valid_to}
    return {**told, "unit": holding.unit, **times, "deputy_for": holding.deputy_for}


def _say(on: Session, held: list[Holding], desk: Desk) -> None:
    """What is held now, one line each."""
    zone = zone_of(desk)
    lines = []
    for each in held:
        begins, until = local(each.valid_from, zone), local(each.valid_to, zone) or "…"
        post = each.role + (f"@{each.unit}" if each.unit else "")
        instead = on.of(f"（代 {each.deputy_for}）", f" (for {each.deputy_for})") if each.deputy_for else ""
        lines.append(f"{each.id}  {each.user}  {post}{instead}  {begins} — {until}")
    answer(on, {"roles": [_role(each) for each in held]}, lines)


def _at(desk: Desk, text: str | None, option: str) -> datetime | None:
    return moment(text, zone_of(desk), option) if text is not None else None
