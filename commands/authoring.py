"""What authors do at the command line: check a definition, prove it, print the schema of the language."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.files import write_out, written
from commands.render import answer
from commands.session import No, Session, tame, wrong

if TYPE_CHECKING:
    from engine.edition import Edition
    from engine.problems import Problem
    from workflows.authoring.proving import Proof
    from workflows.coverage import Part

FILE = click.Path(exists=True, path_type=Path)
DEFINITION = "process.yaml 或其所在文件夹 / A definition, or the folder with its process.yaml."


@click.command(help="检查流程定义，列出全部问题及位置 / All problems of definitions, with positions.")
@click.argument(
    "files", nargs=-1, required=True, type=FILE, help="process.yaml 或其所在文件夹 / Files or their folders."
)
@click.option("--scenarios", is_flag=True, help="并运行情景 / Run the scenarios beside it too.")
@click.option("--coverage", is_flag=True, help="并列出情景没有演示到的部分 / And what no scenario shows.")
@click.option(
    "--people", is_flag=True, help="并对照 --db 的任命：哪些角色没有人担任 / And which roles nobody holds, by --db."
)
@click.pass_obj
def check(on: Session, files: tuple[Path, ...], *, scenarios: bool, coverage: bool, people: bool) -> None:
    found = [_checked(on, text_of(file), scenarios=scenarios or coverage, coverage=coverage) for file in files]
    if people:
        _ask_people(on, files, found)
    for each in found:
        for line in () if on.json else each["said"]:
            click.echo(tame(line), err=True)
    answer(on, found, [line for each in found for line in (_verdict(on, each), *each.get("coverage", ()))])
    if not all(each["good"] for each in found):
        raise click.exceptions.Exit(1)


def _ask_people(on: Session, files: Sequence[Path], found: Sequence[dict[str, Any]]) -> None:
    """Add to what was found the roles that nobody holds in the database."""
    from workflows.authoring.unheld import unheld
    from workflows.sources import load_process

    with on.desk() as desk:
        for file, told in zip(files, found, strict=True):
            loaded = load_process(text_of(file))
            if loaded.edition is not None and loaded.document is not None:
                problems = list(unheld(desk, loaded.edition, loaded.document))
                told["problems"] += problems_json(on, problems)
                told["said"] += [problem.text(on.lang) for problem in problems]


def text_of(file: Path) -> Path:
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

    loaded = load_process(text_of(file))
    if loaded.edition is None:
        raise bad(on, errors(loaded.problems))
    return loaded.edition


def _checked(on: Session, file: Path, *, scenarios: bool, coverage: bool) -> dict[str, Any]:
    from documents.press import Press
    from engine.problems import errors
    from workflows.authoring.checking import problems as checked
    from workflows.sources import load_process

    told: dict[str, Any] = {"file": str(file), "problems": [], "scenarios": 0, "failures": []}
    with closing(Press()) as press:
        problems: Sequence[Problem] = checked(load_process(file), file, press)
    failures: list[str] = []
    if scenarios and not errors(problems):
        from workflows.authoring.scenarios import run_file

        result = run_file(file)
        problems, told["scenarios"] = result.problems, result.scenarios
        failures = [failure.text(on.lang) for failure in result.failures]
        told |= _shown(on, file, result.never) if coverage else {}
    told["problems"] = problems_json(on, problems)
    told["failures"] = failures
    told["good"] = not errors(problems) and not failures
    told["said"] = [*(problem.text(on.lang) for problem in problems), *failures]
    return told


def _shown(on: Session, file: Path, never: Sequence[Part]) -> dict[str, Any]:
    """What the scenarios of a definition show of it, in lines and for programs."""
    from workflows.coverage import covered

    return {"never": [asdict(each) for each in never], "coverage": covered(definition(on, file), never, on.lang)}


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


@click.command(
    help="证明：逐条性质得证、被反例推翻或未知 / Prove the properties of a definition, or tell how they break."
)
@click.argument("file", type=FILE, help=DEFINITION)
@click.option("--property", "name", metavar="NAME", help="只看这一条，按名称 / Only the property of this name.")
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    help="把每个反例存为此目录下的情景文件 / Save each story as a file of scenarios in this folder.",
)
@click.pass_obj
def prove(on: Session, file: Path, name: str | None, save: Path | None) -> None:
    from workflows.authoring.proving import ASSUMED, givens
    from workflows.authoring.proving import prove as proofs_of
    from workflows.sources import calendar_named

    source, edition = text_of(file), definition(on, file)
    calendar = calendar_named(edition.process.calendar)
    told: list[dict[str, Any]] = []
    for proof in proofs_of(edition, calendar, givens(source.parent, edition), name):
        told.append(_proof_json(on, proof))
        if save is not None and (kept := proof.scenario()) is not None:
            with written(on, save):
                save.mkdir(parents=True, exist_ok=True)
            write_out(on, save / kept[0], kept[1])
            told[-1]["saved"] = str(save / kept[0])
        for line in () if on.json else _proof_lines(on, told[-1]):
            click.echo(line)
    if not told:
        raise wrong(f"没有名为“{name}”的性质。", f"There is no property `{name}`.")
    assumed = [each.in_(on.lang) for each in ASSUMED]
    counts = {answer: sum(each["answer"] == answer for each in told) for answer in _ANSWERS}
    said = ", ".join(f"{on.of(*_ANSWERS[answer])} {count}" for answer, count in counts.items())
    answer(
        on,
        {"claims": told, "assumed": assumed, **counts},
        [said, on.of("前提：", "Assumed:"), *(f"  · {each}" for each in assumed)],
    )
    if counts["proved"] != len(told):
        raise click.exceptions.Exit(1)


_ANSWERS = {"proved": ("得证", "proved"), "refuted": ("被推翻", "refuted"), "unknown": ("未知", "unknown")}


def _proof_json(on: Session, proof: Proof) -> dict[str, Any]:
    return {
        "body": proof.claim.kind,
        "claim": proof.claim.title.in_(on.lang),
        "stated": proof.claim.own is not None,
        "answer": proof.answer,
        "reason": proof.reason.in_(on.lang) if proof.reason else None,
        "story": proof.story(on.lang),
        "zones": proof.zones,
    }


def _proof_lines(on: Session, told: dict[str, Any]) -> list[str]:
    where = f"{told['body']}: " if told["body"] else ""
    lines = [f"{on.of(*_ANSWERS[told['answer']])}  {where}{told['claim']}"]
    lines += [f"    {told['reason']}"] if told["reason"] else []
    lines += [f"    {line}" for line in told["story"]]
    return lines + ([f"    {on.of('已存为', 'saved as')} {told['saved']}"] if "saved" in told else [])


@click.command(help="输出定义语言的 JSON Schema / Print the JSON Schema of the definition language.")
def schema() -> None:
    import json

    from engine.schema import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=1))


def bad(on: Session, problems: Sequence[Problem]) -> No:
    """The no to a text with problems: all of them, with positions."""
    lines = "\n".join(problem.text(on.lang) for problem in problems)
    return No(lines, {"problems": problems_json(on, problems)} if on.json else None)
