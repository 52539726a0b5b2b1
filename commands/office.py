"""What the office does at the command line with tasks that are there: fire, amend, sweep, issue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.render import answer
from commands.session import Session, process_of, wrong
from commands.times import end_of, moment, zone_of

if TYPE_CHECKING:
    from engine.edition import Edition
    from engine.task import Task
    from workflows.desk import Desk
    from workflows.office.firing import Act, Outcome


# -- firing

FILLED_IN = (
    "表单项，可多次；名称=@文件 附上文件，名称:=JSON 写表格 / "
    "What is filled in, as often as needed; NAME=@FILE adds a file, NAME:=JSON a table."
)
TASK = "事项编号，见 duban board / The id of a task, as duban board shows it."
FORM = click.option("-f", "form", multiple=True, metavar="NAME=VALUE", help=FILLED_IN)
AT = click.option("--at", metavar="T", help="补录：实际发生时间 / A late entry: when it happened.")
REASON = click.option("--reason", metavar="TEXT", help="补录原因 / A late entry: why it is late.")
KEY = click.option("--key", metavar="KEY", help="幂等键：重复执行无妨 / Makes repeating harmless.")
VERSION = click.option(
    "--version",
    type=int,
    metavar="N",
    help="您看到的版本，已变则不办 / The version that you saw; nothing is done if it has changed.",
)


@click.command(help="办理：触发一个操作 / Fire a trigger of a task.")
@click.argument("task", help=TASK)
@click.argument("trigger", help="操作标识，见 duban show / The trigger, as duban show lists them.")
@FORM
@AT
@REASON
@KEY
@VERSION
@click.pass_obj
def fire(on: Session, /, task: str, trigger: str, form: tuple[str, ...], **about: Any) -> None:
    from workflows.office.firing import fire as act

    with on.desk() as desk:
        asked = _act(on, desk, task, trigger, form, about)
        done = on.tried(desk, process_of(desk, task), lambda actor: act(desk, replace(asked, actor=actor)))
        _done(on, desk, done, asked)


@click.command(help="调整事项内容（由定义声明的 amend 操作） / Put the record of a task right.")
@click.argument("task", help=TASK)
@FORM
@AT
@REASON
@KEY
@VERSION
@click.pass_obj
def amend(on: Session, /, task: str, form: tuple[str, ...], **about: Any) -> None:
    from workflows.office.firing import AMEND
    from workflows.office.firing import amend as act

    with on.desk() as desk:
        asked = _act(on, desk, task, AMEND, form, about)
        done = on.tried(desk, process_of(desk, task), lambda actor: act(desk, replace(asked, actor=actor)))
        _done(on, desk, done, asked)


def _act(on: Session, desk: Desk, task: str, trigger: str, form: Sequence[str], about: Mapping[str, Any]) -> Act:
    from workflows.office.firing import Act

    found = desk.store.task(task)
    zone = desk.book(found.edition)[0].zone if found else None
    occurred_at = moment(about["at"], zone) if about["at"] is not None and found else None
    given = _form(on, desk, form)
    if found:
        _check_files(desk, found, trigger, given)
    return Act(task, trigger, given, on.actor, occurred_at, about["reason"], about["version"], about["key"])


def _form(on: Session, desk: Desk, given: Sequence[str]) -> dict[str, Any]:
    """`name=value`, `name=@file` for evidence, `name:=json`; a name given twice is a list."""
    form: dict[str, Any] = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign:
            raise wrong(
                f"-f “{each}”没有写明填什么；请写成 名称=值。", f"-f {each!r} does not say a value; write NAME=VALUE."
            )
        read = _read(on, desk, name, value)
        name = name.removesuffix(":")
        before = form.get(name)
        form[name] = read if before is None else [*_listed(before), *_listed(read)]
    return form


def _read(on: Session, desk: Desk, name: str, value: str) -> Any:
    from engine.reasons import reason_of

    if name.endswith(":"):
        try:
            return json.loads(value, parse_float=str)
        except ValueError as error:
            why = reason_of(error)
            raise wrong(
                f'-f {name}={value} 不是 JSON（{why.zh}）；请写成 {name}=["值"]，或去掉冒号。',
                f'-f {name}={value} is no JSON ({why.en}); write {name}=["value"], or leave the colon out.',
            ) from error
    if not value.startswith("@"):
        return value
    file = Path(value[1:])
    if not file.is_file():
        raise on.no(f"没有佐证材料 {file}；请检查路径。", f"There is no evidence {file}; check its path.")
    return [{"name": file.name, "digest": desk.store.keep_file(file.name, file.read_bytes())}]


def _check_files(desk: Desk, task: Task, trigger: str, form: Mapping[str, Any]) -> None:
    """What is called a file was given as one: a name alone is no evidence. Raises a usage error."""
    from engine.model.fields import FieldType

    transition = desk.book(task.edition)[0].sheets[task.kind].transitions.get(trigger)
    for name, field in transition.form.items() if transition else ():
        if field.type is FieldType.FILES and not all(_kept(desk, each) for each in _listed(form.get(name) or [])):
            raise wrong(
                f"-f {name}：“{field.zh}”要附上文件，只写名称不够；请写成 {name}=@文件路径，如 {name}=@report.pdf。",
                f"-f {name}: {field.en} needs the files, a name is not enough; "
                f"write {name}=@PATH, as in {name}=@report.pdf.",
            )


def _kept(desk: Desk, given: Any) -> bool:
    digest = given.get("digest") if isinstance(given, Mapping) else None
    return isinstance(digest, str) and desk.store.file(digest) is not None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _done(on: Session, desk: Desk, outcome: Any, asked: Act) -> None:
    """Print what was done: the events as sentences."""
    from engine.commands import Refusal

    task = desk.store.task(asked.task)
    edition = desk.book(task.edition)[0] if task else None
    if isinstance(outcome, Refusal):
        raise on.refused(outcome, edition, task.kind if task else "")
    told = {**outcome.to_json(), "repeated": outcome.repeated, "issued": [_issue_json(each) for each in outcome.issued]}
    answer(on, told, _sentences(on, desk, outcome))


def _sentences(on: Session, desk: Desk, outcome: Outcome) -> list[str]:
    from workflows.sentences import sentence

    lines = []
    for event in outcome.events:
        task = desk.store.task(event.task)
        said = sentence(event, desk.book(event.edition)[0], task.kind if task else "", on.lang)
        lines.append(f"{event.ref}  {said}")
    return [*lines, *(_issue_line(on, each) for each in outcome.issued)]


# -- time and publications


@click.command(help="运行时限：提醒、逾期、印发 / Let time run for everything that is due.")
@click.option(
    "--at", metavar="T", help="运行到何时；推演的时钟随之走到那时 / Until when; a rehearsal's clock moves there."
)
@click.option(
    "--accept-gap", is_flag=True, help="久未运行时：时钟已核对无误 / After a long silence: the clock has been checked."
)
@click.pass_obj
def sweep(on: Session, at: str | None, *, accept_gap: bool) -> None:
    from engine.commands import Refusal
    from workflows.office.sweeping import past
    from workflows.office.sweeping import sweep as run

    with on.desk() as desk:
        until = end_of(at, zone_of(desk)) if at is not None else None
        swept = (past(desk, until) if until else None) or run(desk, until, accept_gap=accept_gap)
        if isinstance(swept, Refusal):
            raise on.refused(swept)
    told = swept.to_json()
    zh = "{families} 项：事件 {events}，逾期 {missed}，提醒 {reminded}，通知 {notices}"
    en = "{families} {family}: {events} events, {missed} missed, {reminded} reminded, {notices} notices"
    counts = on.of(zh, en).format(**told, family="family" if swept.families == 1 else "families")
    lines = [counts, *(_issue_line(on, each) for each in (*swept.issued, *swept.stuck))]
    answer(on, told, lines)
    if swept.stuck:
        raise click.exceptions.Exit(1)


@click.command(help="印发通报 / Issue a publication of a programme or of a task.")
@click.argument("publication", help="通报标识，见定义 / The publication, by its name in the definition.")
@click.option("--programme", metavar="ID", help="专项编号 / The id of a programme.")
@click.option("--task", metavar="ID", help="事项编号 / The id of a task.")
@click.option(
    "--period", "--key", "key", metavar="KEY", help="期次，如 2022-03 / The period that it is about, as in 2022-03."
)
@click.option("--at", metavar="D", help="截至何时，默认现在 / As of when; by default now.")
@click.option("--again", is_flag=True, help="同一期再印发一次 / Once more about the same period.")
@click.option("--secrecy", default="", metavar="TEXT", help="密级和期限，如 秘密★1年 / Its degree of secrecy.")
@click.option("--urgency", default="", metavar="TEXT", help="紧急程度：特急、加急 / How urgent it is.")
@click.option("--copy", "copy_number", default="", metavar="N", help="份号 / The number of the copy.")
@click.pass_obj
def issue(
    on: Session,
    /,
    publication: str,
    programme: str | None,
    task: str | None,
    key: str | None,
    at: str | None,
    *,
    again: bool,
    **marks: str,
) -> None:
    from engine.commands import Refusal
    from workflows.office.programmes import is_programme
    from workflows.office.publications import Asked
    from workflows.office.publications import issue as make
    from workflows.papers.marks import Given

    if (programme is None) == (task is None):
        raise wrong("请写明 --programme 或 --task 之一。", "Say which one: --programme or --task.")
    with on.desk() as desk:
        as_of = end_of(at, zone_of(desk)) if at is not None else None
        if programme is not None and not is_programme(desk, programme):
            raise on.refused(Refusal("unknown_programme", {"programme": programme}))
        stream = programme or task or ""
        asked = Asked(stream, publication, key, as_of, again=again, marks=Given(**marks))
        issued = on.tried(desk, process_of(desk, stream), lambda actor: make(desk, asked, actor))
        if isinstance(issued, Refusal):
            raise on.refused(issued, edition_of(desk, stream))
    answer(on, issued.to_json(), [_issue_line(on, issued), "", issued.text[on.lang]])


def edition_of(desk: Desk, task: str) -> Edition | None:
    """The edition that a task pins, for the names in what is said of it."""
    found = desk.store.task(task)
    return desk.book(found.edition)[0] if found else None


def _issue_json(each: Any) -> dict[str, Any]:
    from engine.commands import Refusal

    return {"code": each.code, **each.facts} if isinstance(each, Refusal) else each.to_json()


def _issue_line(on: Session, each: Any) -> str:
    from engine.commands import Refusal
    from workflows.sayings import say

    if isinstance(each, Refusal):
        return say(each, None, on.lang)
    return on.of(
        f"印发 {each.publication} 第 {each.number} 期（{each.key}）",
        f"Issued {each.publication} no. {each.number} ({each.key})",
    )
