"""Rehearsals at the command line: a definition over a list and a story, what if it went otherwise, what was covered."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.authoring import DEFINITION, FILE, bad, definition
from commands.files import unread, write_out
from commands.render import answer
from commands.session import Session, wrong
from commands.times import day

if TYPE_CHECKING:
    from datetime import date

    from engine.edition import Edition
    from engine.model import Body
    from engine.problems import Language
    from workflows.authoring.rehearse import Rehearsal
    from workflows.authoring.story import Story
    from workflows.authoring.supposing import Supposed
    from workflows.coverage import Part
    from workflows.listing import TaskList

_SPAN = {"since": "--from", "until": "--until"}
NEW = click.Path(path_type=Path, dir_okay=False)


@click.command(help="推演：真实日历、真实清单、虚拟时钟 / Rehearse: a real calendar, a real list, a virtual clock.")
@click.argument("file", type=FILE, help=DEFINITION)
@click.option("--tasks", required=True, type=FILE, help="事项清单，.xlsx 或 .csv / The list of tasks, .xlsx or .csv.")
@click.option("--script", type=FILE, help="剧本：事项上发生什么 / A story.yaml: what happens to them.")
@click.option("--what-if", type=FILE, help="假如：剧本中哪些事不同 / What of the story would be otherwise, a file.")
@click.option("--from", "since", metavar="D", help="第一天，如 2022-01-01 / The first day, as in 2022-01-01.")
@click.option("--until", metavar="D", help="最后一天 / The last day.")
@click.option(
    "--golden",
    type=click.Path(path_type=Path),
    help="与此文件比较；没有则写入 / Compared with this file, which is written the first time.",
)
@click.option(
    "--picture", type=NEW, help="时间轴图（SVG）写入此文件 / The timeline as a picture, an SVG, to this file."
)
@click.option("--coverage", is_flag=True, help="并列出没有发生过的部分 / And what of the definition never happened.")
@click.pass_obj
def rehearse(on: Session, /, file: Path, tasks: Path, **asked: Any) -> None:
    from workflows.authoring.reporting import report

    span = {name: day(asked[name], option) if asked[name] is not None else None for name, option in _SPAN.items()}
    edition = definition(on, file)
    listed = _list(on, tasks, edition.process)
    if listed.problems:
        raise on.no(*("\n".join(each.text(lang) for each in listed.problems) for lang in ("zh", "en")))
    story = _story(on, asked["script"]) if asked["script"] else None
    lived = _lived(edition, listed, story, span)
    text = report(lived, on.lang)
    told = {"tasks": lived.tasks, "totals": {kind.value: count for kind, count in lived.totals.items()}}
    told |= {"stops": len(lived.stops), "report": text}
    if asked["what_if"]:
        supposed = _supposed(on, edition, asked["what_if"], story)
        lived, plain = _lived(edition, listed, supposed, span), lived
        text, told = _beside(on, plain, lived, supposed, told)
    if asked["coverage"]:
        text, told = _covered(on, lived, text, told)
    if asked["picture"]:
        write_out(on, asked["picture"], _picture(lived, on.lang))
    answer(on, told, [text])
    if asked["golden"]:
        _against(on, text, asked["golden"])
    if lived.stops:
        raise click.exceptions.Exit(1)


def _picture(lived: Rehearsal, lang: Language) -> str:
    from workflows.pictures.timeline import drawn

    return drawn(lived.edition, lived.events, lived.since, lived.until, lang)


def _lived(
    edition: Edition, listed: TaskList, story: Story | Supposed | None, span: dict[str, date | None]
) -> Rehearsal:
    from workflows.authoring.rehearse import LONGEST, TooLong
    from workflows.authoring.rehearse import rehearse as live
    from workflows.sources import calendar_named

    calendar = calendar_named(edition.process.calendar)
    try:
        return live(edition, calendar, listed.rows, story, since=span["since"], until=span["until"])
    except TooLong as error:
        years = LONGEST.days // 366
        raise wrong(
            f"推演至多 {years} 年（{error.text.zh}）；请改近 --until，或在剧本中改近 until。",
            f"A rehearsal lasts {years} years at most ({error.text.en}); give an earlier --until, or an"
            " earlier `until` in the story.",
        ) from error
    except ValueError as error:
        raise wrong(
            "推演要从一天到更晚的一天；请写明 --from 和 --until，如 --from 2022-01-01 --until 2022-12-31。",
            "A rehearsal runs from one day to a later one; say both, as in --from 2022-01-01 --until 2022-12-31.",
        ) from error


def _list(on: Session, tasks: Path, body: Body) -> TaskList:
    from workflows.listing import listed

    try:
        return listed(tasks, body)
    except (OSError, ValueError) as error:
        raise unread(on, tasks, error) from error


def _story(on: Session, script: Path) -> Story:
    from workflows.authoring.story import Telling, parse_story

    telling = parse_story(script.read_bytes(), str(script))
    if not isinstance(telling, Telling):
        raise bad(on, telling)
    return telling.story


def _supposed(on: Session, edition: Edition, file: Path, story: Story | None) -> Supposed:
    from workflows.authoring.supposing import Supposed, WhatIf, parse_what_if
    from workflows.sources import calendar_named

    if story is None:
        raise wrong(
            "--what-if 改动剧本中的操作；请用 --script 给出剧本。",
            "--what-if changes the acts of a story; name the story with --script.",
        )
    found = parse_what_if(file.read_bytes(), str(file), edition.process)
    if not isinstance(found, WhatIf):
        raise bad(on, found)
    return Supposed(found, story, edition, calendar_named(edition.process.calendar))


def _beside(
    on: Session, lived: Rehearsal, other: Rehearsal, supposed: Supposed, told: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """What differs where something is supposed, instead of the report of the story."""
    from workflows.authoring.contrasting import contrasted

    text, changed = contrasted(lived, other, supposed, on.lang)
    return f"{text}\n", {**told, **changed}


def _covered(on: Session, other: Rehearsal, text: str, told: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    from workflows.coverage import Happened, covered, missing

    happened = Happened()
    happened.note_all(other.events)
    gone: list[Part] = missing(other.edition, happened)
    lines = covered(other.edition, gone, on.lang)
    return "\n".join([text, *lines]), {**told, "never": [asdict(each) for each in gone]}


def _against(on: Session, text: str, golden: Path) -> None:
    """Compare with the report that was kept; the first time, keep it."""
    from workflows.authoring.reporting import compare

    if not golden.exists():
        write_out(on, golden, text)
        return
    differs = compare(text, golden.read_text(encoding="utf-8"), str(golden))
    if differs:
        click.echo(differs, err=True)
        zh = f"与 {golden} 不同；若是有意为之，删去该文件再推演一次。"
        raise on.no(zh, f"It differs from {golden}; if that is meant, delete the file and rehearse again.")
