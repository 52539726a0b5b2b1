"""Users and their keys at the command line: adding, passwords, closing, lists; tokens for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from commands.lists import entered, read_list, required
from commands.render import answer, local, table
from commands.session import Session, wrong
from commands.times import zone_of

if TYPE_CHECKING:
    from datetime import datetime

    from engine.commands import Refusal
    from workflows.desk import Desk
    from workflows.people.ports import People, TokenRow
    from workflows.people.values import User

T = TypeVar("T")

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NAME = "用户名，见 duban user list / The user, as duban user list shows them."
CHANNEL = "通知渠道，可多个，取代原有的 / Where notices go beside mail; may be repeated, replaces what was there."
STDIN = click.option(
    "--password-stdin", is_flag=True, help="密码从标准输入读一行 / The password is one line of standard input."
)


@click.group(help="用户：添加、密码、停用、名单 / Users: add, passwords, close, lists.")
def user() -> None:
    """The commands below do it."""


@user.command(help="添加用户；首位管理员：--role admin / Add a user; the first administrator: --role admin.")
@click.argument("name", help="用户名，登录时填写 / The name with which they sign in.")
@click.option("--name", "shown", metavar="TEXT", help="姓名 / What they are called.")
@click.option("--mail", metavar="ADDRESS", help="邮箱，通知送达处 / Where notices go.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="语言 / Their language.")
@click.option("--role", metavar="ROLE", help="角色，如 admin、auditor、office / A role, such as admin or office.")
@click.option(
    "--process", metavar="PROCESS", default="", help="角色所属流程，默认全部 / Of which process; by default any."
)
@click.option("--unit", metavar="UNIT", help="角色所属单位 / For which unit.")
@STDIN
@click.option("--no-password", is_flag=True, help="暂不设密码 / Without a password for now.")
@click.pass_obj
def add(on: Session, /, name: str, *, password_stdin: bool, no_password: bool, **about: Any) -> None:
    with on.office() as (desk, people):
        _may_add(on, people, about["role"])
        password = None if no_password else _password(on, stdin=password_stdin)
        with people.together() as within:  # a refusal, raised, leaves nothing of it behind
            added = required(on, _add(desk, within, on, name, about, password))
    told = _told(added)
    answer(on, told, [on.of(f"已添加用户 {added.id}", f"Added the user {added.id}")])


def _may_add(on: Session, people: People, role: str | None) -> None:
    """An administrator may; and whoever makes the first one."""
    from workflows.people.holdings import admins
    from workflows.people.values import ADMIN

    if role != ADMIN or admins(people, people.now()):
        on.administrator(people)


def _add(
    desk: Desk, people: People, on: Session, name: str, about: dict[str, Any], password: str | None
) -> User | Refusal:
    from engine.commands import Refusal
    from workflows.people.accounts import add_user, new_user
    from workflows.people.holdings import grant
    from workflows.people.rights import roles
    from workflows.people.values import Holding

    now = people.now()
    made = new_user(name, now, shown=about["shown"], language=about["language"], mail=about["mail"])
    added = add_user(people, made, on.by, password)
    if isinstance(added, Refusal) or about["role"] is None:
        return added
    holding = Holding(added.id, about["role"], about["process"], about["unit"], now)
    granted = grant(people, holding, on.by, roles(desk))
    return granted if isinstance(granted, Refusal) else added


def _password(on: Session, *, stdin: bool) -> str:
    """A new password: asked twice and not shown, or one line of standard input."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if on.json:
        raise wrong(
            "--json 时不询问密码；请加 --password-stdin。", "With --json nothing is asked; add --password-stdin."
        )
    asked, again = on.of("密码", "Password"), on.of("再输入一次", "Once more")
    given: str = click.prompt(asked, hide_input=True, confirmation_prompt=again, err=True)
    return given


@user.command(help="更改姓名、邮箱、语言、通知渠道 / Change a name, mail, language, channels for notices.")
@click.argument("name", help=NAME)
@click.option("--name", "shown", metavar="TEXT", help="姓名 / What they are called.")
@click.option("--mail", metavar="ADDRESS", help="邮箱，写 - 即删除 / Where notices go; - takes it away.")
@click.option("--language", type=click.Choice(["zh", "en"]), help="语言 / Their language.")
@click.option("--channel", "channels", multiple=True, metavar="URL", help=CHANNEL)
@click.option("--no-channels", is_flag=True, help="删除全部渠道 / Take all channels away.")
@click.pass_obj
def change(
    on: Session, /, name: str, *, shown: str | None, mail: str | None, language: Any, channels: tuple[str, ...],
    no_channels: bool,
) -> None:  # fmt: skip
    from dataclasses import replace

    from workflows.people.accounts import change_user

    with on.office() as (_, people):
        on.administrator(people)
        found = _user(on, people, name)
        made = replace(
            found,
            name=shown or found.name,
            mail=found.mail if mail is None else None if mail == "-" else mail,
            language=language or found.language,
            channels=() if no_channels else channels or found.channels,
        )
        changed = required(on, change_user(people, made, on.by))
    lines = [f"{changed.id}  {changed.name}  {changed.language}  {changed.mail or ''}", *_hidden(changed.channels)]
    answer(on, {**_told(changed), "channels": _hidden(changed.channels)}, lines)


def _hidden(channels: Sequence[str]) -> list[str]:
    """Channels as they may be shown: what follows the scheme may be a key."""
    return [f"{each.partition('://')[0]}://…" for each in channels]


@user.command("list", help="列出用户及其角色 / All users with what they hold.")
@click.option("--all", "closed", is_flag=True, help="连同已停用的 / With those that are closed.")
@click.pass_obj
def list_(on: Session, *, closed: bool) -> None:
    with on.office() as (_, people):
        now = people.now()
        users = [each for each in people.users() if each.active or closed]
        held = {each.id: [one for one in people.holdings(user=each.id) if one.holds(now)] for each in users}
    if on.json:
        told = [{**_told(each), "roles": [_post(one) for one in held[each.id]]} for each in users]
        answer(on, {"users": told})
        return
    columns = [("用户", "User"), ("姓名", "Name"), ("角色", "Roles"), ("邮箱", "Mail"), ("在用", "Open")]
    rows = [(u.id, u.name, _roles(on, held[u.id]), u.mail, on.of("是", "yes") if u.active else "") for u in users]
    table(on, columns, rows)


def _post(holding: Any) -> dict[str, Any]:
    return {name: getattr(holding, name) for name in ("role", "process", "unit", "deputy_for")}


def _roles(on: Session, held: Sequence[Any]) -> str:
    return on.of("、", ", ").join(dict.fromkeys(each.role + (f"@{each.unit}" if each.unit else "") for each in held))


def _told(user: User) -> dict[str, Any]:
    told = {"user": user.id, "name": user.name, "language": user.language, "mail": user.mail, "active": user.active}
    return {**told, "password": user.password is not None}


@user.command(help="设置密码；已登录的须重新登录 / Set a password; who is signed in has to sign in again.")
@click.argument("name", help=NAME)
@STDIN
@click.pass_obj
def passwd(on: Session, name: str, *, password_stdin: bool) -> None:
    from workflows.people.accounts import set_password

    with on.office() as (_, people):
        on.administrator(people)
        required(on, set_password(people, name, _password(on, stdin=password_stdin), on.by))
    answer(on, {"user": name}, [on.of(f"已设置 {name} 的密码", f"The password of {name} is set")])


@user.command(help="停用用户：角色、登录、令牌一并结束 / Close an account: its roles, sessions and tokens end.")
@click.argument("name", help=NAME)
@click.pass_obj
def close(on: Session, name: str) -> None:
    from workflows.people.accounts import close_user

    with on.office() as (_, people):
        on.administrator(people)
        closed = required(on, close_user(people, name, on.by))
    answer(on, _told(closed), [on.of(f"已停用用户 {name}", f"The account of {name} is closed")])


@user.command("import", help="导入用户名单（.xlsx 或 .csv），全部或全不 / Import a list of users, all or none.")
@click.argument(
    "file",
    metavar="LIST",
    type=FILE,
    help="名单：用户名、姓名、邮箱、角色、流程、单位 / Columns id, name, mail, role …",
)
@click.pass_obj
def import_(on: Session, file: Path) -> None:
    from workflows.people.lists import USERS, import_users
    from workflows.people.rights import roles

    rows = read_list(on, file, USERS)
    with on.office() as (desk, people):
        on.administrator(people)
        done = import_users(people, rows, on.by, roles(desk))
    entered(on, done, file)


# -- tokens


@click.group(help="令牌：供程序调用接口 / Tokens, with which programs call.")
def token() -> None:
    """The commands below do it."""


@token.command(help="发放令牌，只显示这一次 / Issue a token; it is shown this once.")
@click.argument("name", help=NAME)
@click.argument("label", help="用途说明 / What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(["read", "act", "admin"]),
    default=("read",),
    show_default=True,
    help="可做什么，可多次 / What it may be used for; as often as needed.",
)
@click.option("--days", type=int, default=90, show_default=True, metavar="N", help="有效天数 / How long it lasts.")
@click.pass_obj
def issue(on: Session, name: str, label: str, *, scopes: tuple[str, ...], days: int) -> None:
    from workflows.people import tokens

    with on.office() as (_, people):
        on.administrator(people)
        secret = required(on, tokens.issue(people, _user(on, people, name), label, scopes, days, on.by))
    told = {"user": name, "label": label, "scopes": list(scopes), "days": days, "token": secret}
    once = on.of("请保存好，不会再次显示：", "Keep it; it is not shown again:")
    answer(on, told, [once, secret])


@token.command("list", help="列出某用户的令牌 / The tokens of a user.")
@click.argument("name", help=NAME)
@click.pass_obj
def list_tokens(on: Session, name: str) -> None:
    with on.office() as (desk, people):
        found = people.tokens(_user(on, people, name).id)
        zone, now = zone_of(desk), people.now()
    if on.json:
        answer(on, {"tokens": [_token(each) for each in found]})
        return
    columns = [
        ("编号", "No."),
        ("用途", "For"),
        ("可做", "Scopes"),
        ("有效至", "Until"),
        ("最近使用", "Used"),
        ("", ""),
    ]
    rows = [
        (t.id, t.name, " ".join(t.scopes), local(t.ends_at, zone), local(t.used_at, zone), _state(on, t, now))
        for t in found
    ]
    table(on, columns, rows)


def _token(row: TokenRow) -> dict[str, Any]:
    times = {name: getattr(row, name) for name in ("created_at", "ends_at", "used_at", "revoked_at")}
    return {"token": row.id, "label": row.name, "scopes": list(row.scopes), **times}


def _state(on: Session, row: TokenRow, now: datetime) -> str:
    if row.revoked_at is not None:
        return on.of("已收回", "revoked")
    return on.of("已过期", "expired") if row.ends_at <= now else ""


@token.command(help="收回令牌 / Take a token back.")
@click.argument("name", help=NAME)
@click.argument("number", type=int, help="编号，见 duban token list / Its number, as duban token list shows it.")
@click.pass_obj
def revoke(on: Session, name: str, number: int) -> None:
    from workflows.people import tokens

    with on.office() as (_, people):
        on.administrator(people)
        row = required(on, tokens.revoke(people, _user(on, people, name), number, on.by))
    answer(on, _token(row), [on.of(f"已收回 {name} 的令牌 {number}", f"Token {number} of {name} is revoked")])


def _user(on: Session, people: People, name: str) -> User:
    from engine.commands import Refusal

    found = people.user(name)
    return required(on, found or Refusal("unknown_user", {"user": name}))
