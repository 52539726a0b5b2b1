"""A definition as a picture: the states, the ways between them, and how many open tasks stand in each."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.authoring import definition
from commands.files import write_out
from commands.render import OUT, answer
from commands.session import Session, wrong

if TYPE_CHECKING:
    from engine.edition import Edition
    from workflows.desk import Desk

WHAT = (
    "process.yaml 或其文件夹；或库中流程，如 leak、leak@1 / A definition or its folder; or a process of the database."
)


@click.command(help="状态图（SVG、PNML、BPMN） / The states of a definition as SVG, PNML or BPMN.")
@click.argument("what", help=WHAT)
@click.option("--body", default="", metavar="NAME", help="子流程，如 interview / A child, as in interview; programme.")
@click.option("--role", metavar="ROLE", help="只画某角色的操作 / Only what one role may do.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("svg", "pnml", "bpmn")),
    default="svg",
    show_default=True,
    help="图、Petri 网或 BPMN / A picture, a Petri net or BPMN.",
)
@OUT
@click.pass_obj
def diagram(on: Session, what: str, body: str, role: str | None, form: str, out: Path | None) -> None:
    if form != "svg" and role is not None:
        raise wrong(f"--role 不能与 --format {form} 同用。", f"--role does not go with --format {form}.")
    edition, tasks = _asked(on, what, body)
    _known(on, edition, body, role)
    text = _drawn(on, edition, body, role, form, tasks)
    if out is not None:
        write_out(on, out, text)
    told = {"edition": edition.name, "body": body, "open": tasks, "file": str(out) if out else None}
    if on.json:
        answer(on, told if out else {**told, form: text})
        return
    click.echo(on.of(f"已写入 {out}", f"Written to {out}") if out else text)


def _drawn(on: Session, edition: Edition, body: str, role: str | None, form: str, tasks: dict[str, int] | None) -> str:
    from workflows.exporting.nets import bpmn, pnml
    from workflows.pictures.drawing import drawn
    from workflows.pictures.states import picture

    match form:
        case "pnml":
            return pnml(edition, body, on.lang)
        case "bpmn":
            return bpmn(edition, body, on.lang)
        case _:
            return drawn(picture(edition, body, on.lang, role, tasks), on.lang)


def _asked(on: Session, what: str, body: str) -> tuple[Edition, dict[str, int] | None]:
    """The definition of a file; or one of the database, with its open tasks counted by state."""
    if Path(what).exists():
        return definition(on, Path(what)), None
    with on.desk() as desk:
        edition = _published(on, desk, what)
        open_ = (task for task in desk.store.tasks(process=edition.process.process) if not task.ended)
        return edition, dict(
            Counter(task.state for task in open_ if task.kind == body and task.edition == edition.name)
        )


def _published(on: Session, desk: Desk, what: str) -> Edition:
    from engine.commands import Refusal

    if "@" not in what:
        found = desk.latest(what)
        if isinstance(found, Refusal):
            raise on.refused(found)
        return found[0]
    try:
        return desk.book(what)[0]
    except LookupError as error:
        known = "、".join(f"{each.process}@{each.edition}" for each in desk.store.editions()) or "—"
        raise on.no(
            f"没有文件，也没有已发布的版次 {what}；已发布的有：{known}。",
            f"There is no file and no published edition {what}; published are: {known}.",
        ) from error


def _known(on: Session, edition: Edition, body: str, role: str | None) -> None:
    """Raises a no for a body or a role that the definition does not have."""
    from engine.events import SYSTEM
    from engine.problems import meant

    asked = [(body, list(edition.sheets), "子流程", "body")]
    asked += [(role, [*edition.process.roles, SYSTEM, "anyone"], "角色", "role")] if role is not None else []
    for name, known, zh, en in asked:
        if name in known:
            continue
        cure = meant(name, filter(None, known))
        said = (f" — {cure.zh}", f" — {cure.en}") if cure else ("", "")
        raise on.no(f"{edition.name} 没有{zh} `{name}`{said[0]}", f"{edition.name} has no {en} `{name}`{said[1]}")
