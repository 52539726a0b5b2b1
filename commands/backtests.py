"""Backtests at the command line: a draft over the recorded history, and a curve over the values of a parameter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.authoring import DEFINITION, FILE, bad, text_of
from commands.render import answer, bar, fallen, table
from commands.session import Session, wrong
from commands.times import day

if TYPE_CHECKING:
    from engine.edition import Edition
    from workflows.authoring.backtesting import Period, Told
    from workflows.authoring.trial_results import Result
    from workflows.authoring.trials import Trial
    from workflows.desk import Desk

_SPAN = {"since": "--from", "until": "--until"}
MOST = 40
"""So many tasks are told one by one, unless all are asked for."""


@click.command(help="回测：以草案重走历史 / Backtest: recorded history under a draft.")
@click.argument("file", type=FILE, help=DEFINITION)
@click.option("--from", "since", metavar="D", help="第一天 / The first day.")
@click.option("--until", metavar="D", help="最后一天 / The last day.")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="参数取值 / Another value of a parameter.")
@click.option(
    "--sweep",
    metavar="NAME=A,B,C",
    help="逐一取值，成曲线，如 term=5 working days,10 working days / Each value in turn: a curve.",
)
@click.option("--processes", type=click.IntRange(1, 64), help="几个进程，默认每核一个 / By default one a core.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, dir_okay=False),
    help="结果存此文件，中断后可续；--sweep 每值一个 / Goes on from this file; with --sweep one for each value.",
)
@click.option(
    "--picture", type=click.Path(path_type=Path, dir_okay=False), help="曲线图（SVG） / The curve of a sweep, an SVG."
)
@click.option("--all", "every", is_flag=True, help="逐项列出全部事项 / Tell every task one by one.")
@click.pass_obj
def backtest(on: Session, /, file: Path, **asked: Any) -> None:
    from workflows.kept import Otherwise
    from workflows.spread import Fallen

    if asked["picture"] and not asked["sweep"]:
        raise wrong(
            "--picture 画的是 --sweep 的曲线；请同时给出。", "--picture draws the curve of a --sweep; give both."
        )
    trials = _trials(on, text_of(file), asked)
    try:
        found = [(value, trial, _run(on, trial, asked, _kept(asked["keep"], value))) for value, trial in trials]
    except Otherwise as error:
        raise on.no(
            f"{error} 存的是另一份草案、时段或参数的结果；请换一个文件，或删去它。",
            f"{error} holds the results of another draft, period or parameter; name another file, or delete it.",
        ) from error
    except Fallen as error:
        raise fallen(on, error, "--keep") from error
    if asked["sweep"]:
        _tell_curve(on, asked["sweep"].partition("=")[0], found, asked["picture"])
    else:
        _tell(on, found[0][1].edition(), found[0][2], every=asked["every"])


def _kept(file: Path | None, value: str) -> Path | None:
    """Where results are kept: those of each value of a sweep beside the file that is named, as `kept-5-days.jsonl`."""
    if file is None or not value:
        return file
    named = re.sub(r"[^\w.]+", "-", value)
    return file.with_stem(f"{file.stem}-{named}")


def _trials(on: Session, file: Path, asked: Mapping[str, Any]) -> list[tuple[str, Trial]]:
    """One trial, or one for each value of a sweep. Raises a no where the draft does not load."""
    from engine.loading import load
    from workflows.authoring.trials import Trial

    text = file.read_text(encoding="utf-8")
    given = dict(_pair(each) for each in asked["given"])
    name, values = _pair(asked["sweep"]) if asked["sweep"] else ("", "")
    trials = []
    for value in values.split(",") if name else [""]:
        wanted = {**given, **({name: value.strip()} if name else {})}
        loaded = load(text, str(file), wanted)
        if loaded.edition is None:
            raise bad(on, loaded.problems)
        trials.append((value.strip(), Trial(text, _period(on, asked, loaded.edition), wanted)))
    return trials


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise wrong(
            f"“{text}”应为 参数名=值，如 rectification_term=10 working days。",
            f"{text!r} reads NAME=VALUE, as in rectification_term=10 working days.",
        )
    return name.strip(), value.strip()


def _period(on: Session, asked: Mapping[str, Any], draft: Edition) -> Period:
    """From the first day until the last; by default all there is, until time was last let run."""
    from workflows.authoring.trials import lived_until, period_of

    with on.desk() as desk:
        now = lived_until(desk)
    first, last = (day(asked[name], option) if asked[name] is not None else None for name, option in _SPAN.items())
    try:
        return period_of(draft, now, first, last)
    except ValueError as error:
        raise wrong("--from 应早于 --until，也早于现在。", "--from lies before --until, and before now.") from error


@contextmanager
def opened(db: str) -> Iterator[Desk]:
    """A desk on a database, in whichever process."""
    from commands.session import session

    with session(db, "en", None, as_json=False).desk() as desk:
        yield desk


def _run(on: Session, trial: Trial, asked: Mapping[str, Any], kept: Path | None) -> Result:
    from workflows.authoring.trials import families, run

    process = trial.edition().process.process
    with on.desk() as desk:
        every = families(desk, process)
    if not every:
        raise on.no(
            f"库中没有 {process} 的事项，无从回测；请核对 --db 与草案中的 process。",
            f"There is no task of {process} to backtest; check --db and the `process` of the draft.",
        )
    with bar(on, "回测", "Backtest") as told:
        return run(
            partial(opened, on.db),
            trial,
            every,
            processes=asked["processes"],
            kept=kept,
            progress=lambda result: told(result.families, len(every)),
        )


# -- one draft


def _tell(on: Session, draft: Edition, result: Result, *, every: bool) -> None:
    from workflows.authoring.contrast import told

    answer(on, _json(result), list(_lines(on, draft, result, every=every, sums=told(draft, result.sums, on.lang))))


def _lines(on: Session, draft: Edition, result: Result, *, every: bool, sums: Sequence[str]) -> Iterator[str]:
    same = result.families - len(result.differing)
    yield on.of(
        f"以 {draft.name} 重走 {result.families} 个事项、{result.events} 条记录：{same} 项毫无差别",
        f"{result.families} tasks and {result.events} events under {draft.name}: {same} tasks come out the same",
    )
    if result.erased:
        yield on.of(
            f"其中 {result.erased} 条有内容已依法删除：以合乎字段的值代替重走，结果不受真值影响与否无从得知",
            f"{result.erased} of them lost something that was erased: a fitting value took its place, and what the true"
            " one would have led to nobody can say",
        )
    if sums:
        yield from ("", on.of("合计", "In sum"), *sums)
    if result.lost:
        yield from (
            "",
            on.of("草案不许可的已记录操作", "Recorded acts that the draft refuses"),
            *_refused(draft, result, on),
        )
    shown = result.differing if every else result.differing[:MOST]
    for told in shown:
        yield from ("", *_one(on, draft, told))
    if len(shown) < len(result.differing):
        more = len(result.differing) - len(shown)
        yield from ("", on.of(f"另有 {more} 项，加 --all 列出", f"{more} more tasks; --all tells them"))


def _refused(draft: Edition, result: Result, on: Session) -> Iterator[str]:
    from engine.titles import Titles

    titles = Titles(draft, on.lang)
    for (trigger, code), count in result.lost.most_common():
        yield f"{titles.trigger(trigger)} ({code}): {count}"


def _one(on: Session, draft: Edition, told: Told) -> Iterator[str]:
    from engine.commands import Refusal
    from engine.refusals import reason
    from engine.titles import Titles
    from workflows.authoring.contrast import line

    yield told.root
    if told.foreign:
        yield on.of(
            f"  时段开始时处于草案没有的状态 {told.foreign}，未纳入",
            f"  stood in {told.foreign} when the period began, which the draft does not have: left out",
        )
        return
    titles = Titles(draft, on.lang)
    for lost in told.lost:
        why = reason(Refusal(lost.code, lost.facts), draft, on.lang)
        yield f"  {_at(draft, lost.at)}  {lost.task}  {titles.trigger(lost.trigger)} ✗ {why}"
    sure = [each for each in told.changes if each.first == told.diverges_at]
    yield from (f"  {line(draft, each, on.lang)}" for each in sure)
    after = [each for each in told.changes if each.first != told.diverges_at]
    if told.diverges_at is not None:
        since = _at(draft, told.diverges_at)
        yield on.of(
            f"  自 {since} 起与历史分叉：此后人们会怎样做，无从得知",
            f"  diverges from history at {since}: what people would have done after it, nobody knows",
        )
    if after:
        yield on.of("  若仍照旧行事：", "  had they done the same:")
        yield from (f"    {line(draft, each, on.lang)}" for each in after)


def _at(draft: Edition, at: datetime) -> str:
    return f"{at.astimezone(draft.zone):%Y-%m-%d %H:%M}"


def _json(result: Result) -> dict[str, Any]:
    return {
        "tasks": result.families,
        "events": result.events,
        "erased": result.erased,
        "sums": [
            {"body": body, "sort": sort.value, "name": name, **{fate.value: n for fate, n in fates.items()}}
            for (body, sort, name), fates in result.sums.items()
        ],
        "differing": [_json_of(told) for told in result.differing],
    }


def _json_of(told: Told) -> dict[str, Any]:
    return {
        "task": told.root,
        "diverges_at": told.diverges_at,
        "left_out": told.foreign,
        "refused": [
            {"at": each.at, "task": each.task, "trigger": each.trigger, "code": each.code} for each in told.lost
        ],
        "changes": [
            {
                "task": each.occasion.task,
                "sort": each.occasion.sort.value,
                "name": each.occasion.name,
                "key": each.occasion.key,
                "fate": each.fate.value,
                "before": each.before,
                "after": each.after,
                "sure": each.first == told.diverges_at,
            }
            for each in told.changes
        ],
    }


# -- a curve


def _tell_curve(on: Session, parameter: str, found: Sequence[tuple[str, Trial, Result]], picture: Path | None) -> None:
    """For each value of the parameter, how many of each occasion there would be more or less than was recorded."""
    from workflows.authoring.curve import HEADING, IN_BRACKETS, curve

    values = [value for value, _, _ in found]
    lines = curve(found[0][1].edition(), [result for _, _, result in found], on.lang)
    said = HEADING.in_(on.lang).format(parameter=parameter)
    if picture is not None:
        from workflows.pictures.curves import drawn

        picture.write_text(drawn(said, values, {each.name: each.net for each in lines}), encoding="utf-8")
    if on.json:
        answer(on, {"parameter": parameter, "values": {value: _json(result)["sums"] for value, _, result in found}})
        return
    click.echo(said + IN_BRACKETS.in_(on.lang))
    table(on, [("", ""), *((value, value) for value in values)], [(each.name, *each.cells) for each in lines])
