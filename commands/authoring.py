"""What authors do at the command line: check a definition, rehearse it, publish it; list editions, print the schema."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.render import answer, local, table
from commands.session import No, Session, wrong
from commands.times import day

if TYPE_CHECKING:
    from engine.edition import Edition
    from engine.model import Body
    from engine.problems import Problem
    from workflows.authoring.story import Story
    from workflows.sources import TaskList

FILE = click.Path(exists=True, path_type=Path)
DEFINITION = "process.yaml 或其所在文件夹 / A definition, or the folder with its process.yaml."


@click.command(help="检查流程定义，列出全部问题及位置 / All problems of definitions, with positions.")
@click.argument(
    "files", nargs=-1, required=True, type=FILE, help="process.yaml 或其所在文件夹 / Files or their folders."
)
@click.option("--scenarios", is_flag=True, help="并运行情景 / Run the scenarios beside it too.")
@click.pass_obj
def check(on: Session, files: tuple[Path, ...], *, scenarios: bool) -> None:
    found = [_checked(on, _text_of(file), scenarios=scenarios) for file in files]
    for each in found:
        for line in () if on.json else each["said"]:
            click.echo(line, err=True)
    answer(on, found, [_verdict(on, each) for each in found])
    if not all(each["good"] for each in found):
        raise click.exceptions.Exit(1)


def _text_of(file: Path) -> Path:
    """The file itself, or the definition in a folder. Raises a usage error where it has none."""
    from workflows.sources import PROCESS

    text = file / PROCESS if file.is_dir() else file
    if not text.is_file():
        raise wrong(f"没有文件 {text}；请检查路径。", f"There is no file {text}; check its path.")
    return text


def definition(on: Session, file: Path) -> Edition:
    """The definition in a file or its folder. Raises a no with its problems where it is none."""
    from engine.problems import errors
    from workflows.sources import load_process

    loaded = load_process(_text_of(file))
    if loaded.edition is None:
        raise _bad(on, errors(loaded.problems))
    return loaded.edition


def _checked(on: Session, file: Path, *, scenarios: bool) -> dict[str, Any]:
    from documents.press import Press
    from engine.problems import errors
    from workflows.checking import problems as checked
    from workflows.sources import load_process

    told: dict[str, Any] = {"file": str(file), "problems": [], "scenarios": 0, "failures": []}
    with closing(Press()) as press:
        problems: Sequence[Problem] = checked(load_process(file), file.read_bytes(), str(file), press)
    failures: list[str] = []
    if scenarios and not errors(problems):
        from workflows.authoring.scenarios import run_file

        result = run_file(file)
        problems, told["scenarios"] = result.problems, result.scenarios
        failures = [failure.text(on.lang) for failure in result.failures]
    told["problems"] = problems_json(on, problems)
    told["failures"] = failures
    told["good"] = not errors(problems) and not failures
    told["said"] = [*(problem.text(on.lang) for problem in problems), *failures]
    return told


def problems_json(on: Session, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems of a definition for programs."""
    return [
        {
            "code": each.code,
            "severity": each.severity,
            "file": each.where.file,
            "line": each.where.line,
            "column": each.where.column,
            "message": each.message.in_(on.lang),
            "cure": each.cure.in_(on.lang) if each.cure else None,
        }
        for each in problems
    ]


def _verdict(on: Session, told: dict[str, Any]) -> str:
    good = on.of("通过", "good") if told["good"] else on.of("未通过", "not good")
    ran = on.of(f"，情景 {told['scenarios']} 个", f", {told['scenarios']} scenarios") if told["scenarios"] else ""
    return f"{told['file']}: {good}{ran}"


@click.command(help="输出定义语言的 JSON Schema / Print the JSON Schema of the definition language.")
def schema() -> None:
    import json

    from engine.schema import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=1))


@click.command(help="发布流程定义 / Publish a definition.")
@click.argument("file", type=FILE, help=DEFINITION)
@click.pass_obj
def publish(on: Session, file: Path) -> None:
    from engine.commands import Refusal
    from workflows.authoring.publishing import publish as keep
    from workflows.sources import calendar_named, templates_beside

    source = _text_of(file)
    with on.desk() as desk:
        beside = templates_beside(source)
        text = source.read_bytes()
        kept = on.tried(desk, "", lambda actor: keep(desk, text, calendar_named, str(source), actor, beside))
    if isinstance(kept, Refusal):
        raise on.refused(kept)
    if isinstance(kept, list):
        raise _bad(on, kept)
    name = f"{kept.record.process}@{kept.record.edition}"
    said = on.of(f"已发布 {name}（{kept.record.digest[:12]}）", f"Published {name} ({kept.record.digest[:12]})")
    told = {"edition": name, "digest": kept.record.digest, "calendar": kept.record.calendar}
    answer(on, {**told, "warnings": problems_json(on, kept.warnings)}, [said])


@click.command(help="列出已发布的版次 / List published editions.")
@click.pass_obj
def editions(on: Session) -> None:
    with on.desk() as desk:
        found = list(desk.store.editions())
    told = [
        {"process": each.process, "edition": each.edition, "digest": each.digest, "published_at": each.published_at}
        for each in found
    ]
    if on.json:
        answer(on, told)
        return
    columns = [("流程", "Process"), ("版次", "Edition"), ("摘要", "Digest"), ("发布时间 (UTC)", "Published (UTC)")]
    table(on, columns, [(e.process, e.edition, e.digest[:12], local(e.published_at, None)) for e in found])


@click.command(help="推演：真实日历、真实清单、虚拟时钟 / Rehearse: a real calendar, a real list, a virtual clock.")
@click.argument("file", type=FILE, help=DEFINITION)
@click.option("--tasks", required=True, type=FILE, help="事项清单，.xlsx 或 .csv / The list of tasks, .xlsx or .csv.")
@click.option("--script", type=FILE, help="剧本：事项上发生什么 / A story.yaml: what happens to them.")
@click.option("--from", "since", metavar="D", help="第一天，如 2022-01-01 / The first day, as in 2022-01-01.")
@click.option("--until", metavar="D", help="最后一天 / The last day.")
@click.option(
    "--golden",
    type=click.Path(path_type=Path),
    help="与此文件比较；没有则写入 / Compared with this file, which is written the first time.",
)
@click.pass_obj
def rehearse(
    on: Session,
    file: Path,
    tasks: Path,
    script: Path | None,
    since: str | None,
    until: str | None,
    golden: Path | None,
) -> None:
    from workflows.authoring.rehearse import rehearse as live
    from workflows.authoring.reporting import report
    from workflows.sources import calendar_named

    first, last = (day(text, option) if text else None for text, option in ((since, "--from"), (until, "--until")))
    edition = definition(on, file)
    listed = _list(on, tasks, edition.process)
    if listed.problems:
        raise on.no(*("\n".join(each.text(lang) for each in listed.problems) for lang in ("zh", "en")))
    story = _story(on, script) if script else None
    calendar = calendar_named(edition.process.calendar)
    try:
        lived = live(edition, calendar, listed.rows, story, since=first, until=last)
    except ValueError as error:
        raise wrong(
            "推演要从一天到更晚的一天；请写明 --from 和 --until，如 --from 2022-01-01 --until 2022-12-31。",
            "A rehearsal runs from one day to a later one; say both, as in --from 2022-01-01 --until 2022-12-31.",
        ) from error
    text = report(lived, on.lang)
    totals = {kind.value: count for kind, count in lived.totals.items()}
    answer(on, {"tasks": lived.tasks, "totals": totals, "stops": len(lived.stops), "report": text}, [text])
    if golden is not None:
        _against(on, text, golden)
    if lived.stops:
        raise click.exceptions.Exit(1)


def _list(on: Session, tasks: Path, body: Body) -> TaskList:
    from workflows.office.lists import listed

    try:
        return listed(tasks, body)
    except (OSError, ValueError) as error:
        raise on.no(f"读不了 {tasks}：{error}", f"{tasks} cannot be read: {error}") from error


def _bad(on: Session, problems: Sequence[Problem]) -> No:
    lines = "\n".join(problem.text(on.lang) for problem in problems)
    return No(lines, {"problems": problems_json(on, problems)} if on.json else None)


def _story(on: Session, script: Path) -> Story:
    from workflows.authoring.story import Telling, parse_story

    telling = parse_story(script.read_bytes(), str(script))
    if not isinstance(telling, Telling):
        raise _bad(on, telling)
    return telling.story


def _against(on: Session, text: str, golden: Path) -> None:
    """Compare with the report that was kept; the first time, keep it."""
    from workflows.authoring.reporting import compare

    if not golden.exists():
        golden.write_text(text, encoding="utf-8")
        return
    differs = compare(text, golden.read_text(encoding="utf-8"), str(golden))
    if differs:
        click.echo(differs, err=True)
        zh = f"与 {golden} 不同；若是有意为之，删去该文件再推演一次。"
        raise on.no(zh, f"It differs from {golden}; if that is meant, delete the file and rehearse again.")
